"""What a BVS is asked in a certification, one call after the other. Nothing here judges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from conformance.drive.handover import Pvs, objects_in, requests
from conformance.spec import VddsFacts

NOBODY, NOBODY_ELSE = "ZZ-NOBODY-0", "ZZ-NOBODY-1"
NO_OBJECT = "no-such-object"
MOST_OBJECTS = 20
ENCODINGS = ("windows-1252", "utf-16-le")


@dataclass(frozen=True)
class Visit:
    """What may be asked of a BVS."""

    facts: VddsFacts
    pvs: str
    """Section names of both sides."""
    bvs: str
    person: str = ""
    """Number of a patient who has images; '' for none."""
    made_up: str = ""
    """Number under which a made-up patient may be handed over; '' where nothing may be written."""


def carry_out(visit: Visit, pvs: Pvs) -> int:
    """How many calls were made. Raises OSError when the program cannot be started."""
    calls = 0
    for encoding in ENCODINGS:
        ask = requests(visit.facts, visit.pvs, visit.bvs, encoding)
        least = replace(ask, least=True)
        contents = [ask.information(NOBODY), ask.copies([NO_OBJECT]), least.information(NOBODY)]
        if visit.made_up:
            person = _made_up(visit.made_up)
            contents = [ask.patient(person), ask.information(visit.made_up), *contents, least.patient(person)]
        for content in contents:
            pvs.call(content)
        calls += len(contents)
    ask = requests(visit.facts, visit.pvs, visit.bvs)
    meanwhile = [ask.information(visit.person or NOBODY), ask.information(NOBODY_ELSE)]
    calls += len(pvs.call_at_once(meanwhile))
    if not visit.person:
        return calls
    found = objects_in(pvs.call(ask.information(visit.person)).content, visit.facts)[:MOST_OBJECTS]
    for wanted in _wanted(found):
        pvs.call(ask.copies(wanted))
        calls += 1
    return calls + 1


def _wanted(found: Sequence[str]) -> list[Sequence[str]]:
    """All at once, the first and the last alone, and one that is not there beside and among those that are."""
    if not found:
        return []
    first, last = found[:1], found[-1:]
    wanted = [found, first, [*first, NO_OBJECT]]
    return [*wanted, last, [*first, NO_OBJECT, *last]] if len(found) > 1 else wanted


def _made_up(number: str) -> dict[str, str]:
    return {
        "person": number,
        "last_name": "Prüfling",
        "first_name": "Änne",
        "birth_date": "19710509",
        "sex": "W",
    }
