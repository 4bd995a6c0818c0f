"""Calls that were announced to come together are served in an order of their own."""

import asyncio
from itertools import permutations

import pytest

from conformance.emulator.crowd import MOST_CALLS, Crowd
from conformance.emulator.protocol import Request, Response


def request(target):
    return Request("GET", target, (), b"", 1, "", 0.0)


class Server:
    def __init__(self):
        self.served = []
        self.beside = []
        self.crowd = Crowd(self.answer)

    def answer(self, asked):
        self.served.append(asked.target)
        self.beside.append(asked.beside)
        return Response(200, (), asked.target.encode())

    def calls(self, *targets):
        async def together():
            self.crowd.expect(len(targets))
            return await asyncio.gather(*(self.crowd.handle(request(target)) for target in targets))

        return [answer.body.decode() for answer in asyncio.run(together())]


@pytest.fixture
def server():
    return Server()


@pytest.mark.parametrize("arrival", list(permutations(("/a", "/b", "/c"))))
def test_whatever_order_they_arrive_in(server, arrival):
    assert server.calls(*arrival) == list(arrival)
    assert server.served == ["/a", "/b", "/c"]


def test_each_is_told_how_many_others_came(server):
    server.calls("/a", "/b", "/c")
    assert server.beside == [2, 2, 2]


def test_calls_that_nobody_announced_do_not_wait(server):
    assert server.crowd.handle(request("/alone")).body == b"/alone"


def test_afterwards_nobody_waits_any_more(server):
    server.calls("/b", "/a")
    assert server.crowd.handle(request("/alone")).body == b"/alone"


def test_a_new_announcement_lets_those_go_who_wait_for_others(server):
    async def announced_twice():
        server.crowd.expect(2)
        waiting = server.crowd.handle(request("/early"))
        server.crowd.expect(2)
        return await waiting

    assert asyncio.run(announced_twice()).body == b"/early"


def test_a_failure_is_that_of_one_call(server):
    def answer(asked):
        if asked.target == "/bad":
            raise ZeroDivisionError("ours")
        return Response(200)

    server.crowd = Crowd(answer)

    async def together():
        server.crowd.expect(2)
        calls = [server.crowd.handle(request(target)) for target in ("/bad", "/good")]
        return await asyncio.gather(*calls, return_exceptions=True)

    bad, good = asyncio.run(together())
    assert isinstance(bad, ZeroDivisionError)
    assert good == Response(200)


@pytest.mark.parametrize("calls", [-1, 0, 1, MOST_CALLS + 1])
def test_a_number_that_makes_no_crowd_is_refused(server, calls):
    with pytest.raises(ValueError, match=f"calls is {calls}; expected from 2 to {MOST_CALLS}"):
        server.crowd.expect(calls)
