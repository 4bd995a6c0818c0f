"""What a PMS has set going is waited for, and no longer than was agreed."""

import threading

import pytest

from conformance.certify.arrivals import OFTEN, SHORTER, Arrivals
from conformance.certify.pms import Reply, Task
from conformance.certify.sightings import Sightings
from conformance.spec import load
from conformance.trace import done, invoke, order, realise

SPEC = load()
TASK, DONE = Task("send_by_command_line", {"key": "17", "last_name": "Fox"}), Reply("done")
FOX = order("send_by_command_line", person="17", last_name="Fox")
TOLD, USED, _ = [*realise(FOX + invoke("-last_name=Fox") + done(), SPEC)][1:]
LONG_S = 60.0
RECORD = {"person": "17", "last_name": "Roe"}


class Patient(threading.Condition):
    """Knows for how long it was asked to wait, and waits for nothing."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def wait(self, timeout=None):
        self.waits.append(timeout)
        return False


@pytest.fixture
def heard():
    """``heard(limit)`` -> arrivals, and what tells them of an event."""

    def made(limit_s):
        seen = Sightings(SPEC)
        arrivals = Arrivals(seen, limit_s)

        def hear(event):
            seen.hear(event)
            arrivals.hear(event)

        hear(TOLD)
        return arrivals, hear

    return made


def test_a_use_that_comes_after_the_answer_is_waited_for(heard):
    arrivals, hear = heard(LONG_S)
    late = threading.Thread(target=hear, args=[USED])
    late.start()
    arrivals.after(TASK, DONE)
    late.join()

    assert arrivals._seen.came()


def test_the_end_of_patience_ends_the_waiting(heard):
    arrivals, _ = heard(0.0)
    arrivals.after(TASK, DONE)

    assert not arrivals._seen.came()


@pytest.mark.parametrize("reply", [Reply("refused"), Reply("failed"), Reply("unsupported")])
def test_nobody_waits_for_what_was_not_done(heard, reply):
    arrivals, _ = heard(LONG_S)
    arrivals._heard = Patient()

    arrivals.after(TASK, reply)

    assert arrivals._heard.waits == []


def test_who_never_uses_it_is_soon_waited_for_no_more(heard):
    arrivals, _ = heard(0.0)
    for _ in range(OFTEN):
        arrivals.after(TASK, DONE)
    arrivals._limit_s, arrivals._heard = LONG_S, Patient()

    arrivals.after(TASK, DONE)

    assert set(arrivals._heard.waits) == {0.0}


def test_the_end_of_the_run_waits_for_nothing_that_has_come(heard):
    arrivals, hear = heard(LONG_S)
    hear(USED)
    arrivals._heard = Patient()

    arrivals.at_end()

    assert arrivals._heard.waits == []


def test_where_the_record_of_an_order_before_came_the_wait_is_short(heard):
    arrivals, hear = heard(LONG_S)
    renamed = order("send_by_command_line", "2", person="17", last_name="Roe")
    for event in [*realise(FOX + invoke("-last_name=Fox") + done() + renamed + invoke("-last_name=Fox"), SPEC)][2:]:
        hear(event)
    arrivals._heard = Patient()

    arrivals.after(TASK, DONE)

    assert [wait for wait in arrivals._heard.waits if wait > LONG_S / SHORTER] == []
    assert not arrivals._seen.came()


def test_who_is_never_late_is_waited_for_shortly_once_that_was_in_vain(heard):
    arrivals, hear = heard(0.0)
    for _ in range(OFTEN):
        arrivals.after(TASK, DONE)
    hear(USED)
    arrivals.after(TASK, DONE)
    for event in [*realise(FOX + invoke("-last_name=Fox") + done() + order(TASK.does, "2", **RECORD), SPEC)][3:]:
        hear(event)
    arrivals._limit_s, arrivals._heard = LONG_S, Patient()

    arrivals.after(TASK, DONE)

    assert max(arrivals._heard.waits) == pytest.approx(LONG_S / SHORTER, abs=0.1)
