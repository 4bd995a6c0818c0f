"""A stage on a server, recorded and judged: the emulator as a whole, or one that answers as a test tells it."""

import contextlib
from dataclasses import replace
from types import SimpleNamespace

import pytest

from conformance.drive import Driver, EmulatorOperator, NoOperator, guard_at, place, trusting
from conformance.emulator.embedded import Embedded, brisk_policy
from conformance.emulator.faults import select
from conformance.emulator.listener import Listener
from conformance.emulator.protocol import Response
from conformance.judge import Monitor, Terms
from conformance.spec import load
from conformance.suite.budget import Budget, Search
from conformance.suite.oracle import Oracle
from conformance.suite.play import Identity, Play
from conformance.suite.run import Run
from conformance.suite.stage import Stage
from conformance.suite.target import Target
from conformance.trace import Note, NoteKind, Recorder, Redactor

TINY = Budget("tiny", Search(examples=1, steps=5, tries=10), fuzz_calls=0)
SAM = Identity("Sam", "secret")


class Ticking:
    """A clock that moves by a millisecond each time somebody looks, and when somebody sleeps."""

    def __init__(self):
        self.now_s = 0.0
        self.slept = []

    def __call__(self):
        self.now_s += 0.001
        return self.now_s

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now_s += seconds


@pytest.fixture(scope="session")
def spec():
    return load()


@pytest.fixture
def staged(spec):
    """``staged(target, context)`` -> stage, oracle, and what was recorded, in clear."""
    with contextlib.ExitStack() as stack:

        def make(target, context=None):
            oracle = Oracle(Monitor(spec, terms=Terms(profile=spec.profile["server"])))
            events, clock = [], Ticking()
            recorder = Recorder(spec, Redactor(spec, b"key", raw=True), [events.append, oracle.hear])
            guard = guard_at(place(target.url), spec, target.tier, prefix=target.prefix, shared=target.shared)
            driver = Driver(target.url, recorder, context, clock=clock, guard=guard)
            stack.callback(driver.close)
            return SimpleNamespace(
                stage=Stage(target, driver, spec, oracle.exchange, sleep=clock.sleep),
                oracle=oracle,
                events=events,
                slept=clock.slept,
            )

        yield make


@pytest.fixture
def embedded(spec, staged):
    """``embedded(fault names..., changes of the target)`` -> a prepared stage on an emulator."""
    with contextlib.ExitStack() as stack:

        def start(*faults, **changes):
            running = stack.enter_context(Embedded(spec, brisk_policy(1), faults=select(*faults)))
            known = Target(
                url=running.url,
                users=tuple(Identity(user.user, user.password) for user in running.users),
                context=None,
                operator=EmulatorOperator(running.control_url, running.token),
                prefix="q",
                seed=1,
                thumbprint=running.thumbprint,
                fixtures=tuple(running.fixtures()),
                embedded=True,
            )
            context = trusting(running.authority_pem.read_text(encoding="ascii"))
            made = staged(replace(known, context=context, **changes), context)
            made.stage.prepare()
            made.oracle.take()
            made.running = running
            return made

        yield start


@pytest.fixture
def answering(staged):
    """``answering(answer, changes of the target)`` -> a stage on a server without TLS that gives this answer."""
    with contextlib.ExitStack() as stack:

        def start(answer=None, **changes):
            requests = []

            def handler(request):
                requests.append(request)
                return answer(request) if callable(answer) else answer or Response(200)

            listener = stack.enter_context(Listener(handler))
            url = f"http://{listener.address}/base"
            known = Target(url=url, users=(SAM,), context=None, operator=NoOperator(), prefix="q", seed=1)
            made = staged(
                replace(known, embedded=True, **changes) if "embedded" not in changes else replace(known, **changes)
            )
            made.requests, made.listener = requests, listener
            return made

        yield start


@pytest.fixture(scope="session")
def play():
    """``play(steps, ...)`` -> a play of that generator function."""

    def make(steps, name="a.play", aims=(), needs=()):
        return Play(name, tuple(aims), frozenset(needs), steps, "")

    return make


@pytest.fixture(scope="session")
def notes():
    """``notes(events, kind)`` -> the data of all notes of that kind."""

    def of(events, kind):
        return [dict(event.data) for event in events if isinstance(event, Note) and event.kind is NoteKind(kind)]

    return of


@pytest.fixture(scope="session")
def calls():
    """``calls(events)`` -> the recorded exchanges."""

    def of(events):
        return [event for event in events if not isinstance(event, Note)]

    return of


@pytest.fixture
def run_on(spec):
    """``run_on(staged, ...)`` -> a run on that stage."""

    def make(staged, budget=TINY, **settings):
        return Run(spec, staged.stage, staged.oracle, budget, **settings)

    return make
