"""Calls at the same moment: each gets its own answer and does its own work, whoever makes them and in whatever order.

Theory. The guide tells what each call brings, and makes no exception for calls that meet: a clinic has several
stations, and a PMS several people. A server may serve them one after the other, or turn some away for the moment (HTTP
503, 429). What it must not do is mix them up or forget one. So a probe makes each call by itself first and then all of
them at once, and the two are compared. Besides, an operation whose call met others and that was never known is a matter
of this clause, and not of those that count how long statuses are kept.
"""

from __future__ import annotations

from conformance.rules.catalogue import EVERY, rule
from conformance.rules.effect import Pairing, compared_with, same_effect
from conformance.rules.evidence import lost_among_others, told
from conformance.rules.marks import probing, says
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.rules.window import possibly_newer
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Oddity, Sketch, at_once, call, each, fresh, poll
from conformance.trace.events import AFTERWARDS

GONE = "operation_unknown"
FOR_THE_MOMENT = frozenset({429, 503})
"""HTTP statuses by which a server turns a call away that it may take a little later."""

LIST = call("list_stations", answer=[])
CASES = call("find_cases", integration_id="A", answer=[])


def _new(number: int) -> Sketch:
    return call("create_patient", integration_id=f"P{number}", last_name="Fox", operation=number)


def _probe(sketch: Sketch, pair: str, arm: str = "at-once") -> Sketch:
    return sketch.probe(Oddity.AT_ONCE, pair, arm)


def _looks(*together: Sketch, afterwards: Sketch = CASES) -> Sketch:
    """Searches by themselves, at once with a list of stations, and by themselves again."""
    others = [_probe(sketch, "1", f"at-once-{n}") for n, sketch in enumerate(together, start=1)]
    return _probe(CASES, "1", "twin") + at_once(*others, LIST) + _probe(afterwards, "1", AFTERWARDS)


NEW = _probe(_new(2), "3")
ALONE = fresh("P1", "P2", "P3") + _probe(_new(1), "3", "twin") + poll(1, "processed")
TOGETHER = ALONE + at_once(NEW, LIST)
MET = fresh("P1", "P2", "P3") + _new(1) + poll(1, "processed") + at_once(_new(2), LIST)
FOUND = CASES.answered([{"case": 7}])


@rule(
    "TRN-020",
    judges=EVERY,
    when=(probing(Oddity.AT_ONCE), says(GONE)),
    probes=Oddity.AT_ONCE,
    accepts=[
        TOGETHER + poll(2, "processed"),
        ALONE + NEW + poll(2, "processed"),
        _looks(CASES, CASES),
        _looks(CASES, CASES.refused(503)),
    ],
    rejects=[
        TOGETHER + poll(2, GONE),
        TOGETHER + poll(2, "last_name_missing"),
        ALONE + at_once(NEW.refused(500), LIST),
        MET + poll(2, GONE),
        _looks(CASES, FOUND),
        _looks(CASES.refused(500)),
        _looks(CASES.but(body=b"<ArrayOfClientInfo />")),
    ],
    ignores=[
        ALONE + at_once(NEW.refused(503), LIST),
        ALONE + at_once(NEW.lost("reset"), LIST) + poll(2, GONE),
        ALONE + NEW + poll(2, "awaiting"),
        MET + poll(2, "processed"),
        fresh("P1", "P2") + at_once(_new(1), LIST) + poll(1, GONE),
        _looks(FOUND, afterwards=FOUND),
        _looks(CASES.lost(), CASES.refused(429)),
        _probe(CASES, "1", "twin") + at_once(_probe(FOUND, "1"), LIST),
        lambda spec: MET + each(range(100, 100 + spec.kept_operations), _numbered) + poll(2, GONE),
    ],
)
def calls_at_the_same_moment_do_not_disturb_one_another(
    history: History, exchange: Exchange, spec: Spec
) -> Verdict | None:
    """A call brings at the same moment as others what it brings alone.

    A look-up must bring the same alone before and afterwards. A call that was turned away for the moment, or lost,
    proves nothing.
    """
    probe = exchange.probe
    if probe is not None and probe.arm == AFTERWARDS:
        return _of_look_ups(history, exchange, spec)
    pair = same_effect(history, exchange, Oddity.AT_ONCE, spec)
    if pair is None:
        return _lost(history, exchange, spec)
    if pair.odd.http_status in FOR_THE_MOMENT or pair.odd.method is None or not pair.odd.method.starts_operation:
        return None
    return _compared(pair)


def _of_look_ups(history: History, afterwards: Exchange, spec: Spec) -> Verdict | None:
    """The verdict on all that was asked at once between two calls that were made alone; the first that differs."""
    alone = same_effect(history, afterwards, Oddity.AT_ONCE, spec)
    if alone is None or not alone.equal:
        return None
    others = [arm for arm in history.pair(afterwards).values() if arm.odd and arm is not afterwards]
    pairs = [compared_with(history, alone.twin, other, spec) for other in others]
    told = [pair for pair in pairs if pair is not None and pair.odd.http_status not in FOR_THE_MOMENT]
    return next((_compared(pair) for pair in told if not pair.equal), holds(afterwards) if told else None)


def _compared(pair: Pairing) -> Verdict:
    expected = f"what the same call brings when it comes alone: {pair.twin_effect}"
    observed = f"{pair.odd_effect}, of a call made at the same moment as others"
    return judged(pair.equal, expected, observed, pair.twin, pair.odd)


def _numbered(number: object) -> Sketch:
    return _new(int(str(number)))


def _lost(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The verdict on an operation that is unknown since its call met others; None where that is not certain."""
    said = told(history, query, spec) if query.role == "get_status" else None
    if said is None or possibly_newer(history, said) >= spec.kept_operations:
        return None
    if not lost_among_others(history, said.operation, query):
        return None
    if history.notes(NoteKind.FOREIGN):
        return undecided("another party uses the server and may have pushed the status out", said.operation, query)
    call = said.operation.call
    expected = f"a status of the operation of exchange {call.number}, whose call came at the same moment as others"
    return breaks(expected, said.observed, said.operation, query)
