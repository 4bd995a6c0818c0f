"""What a PMS says it understood of cases, beside what the server told it.

A wrong call is seen on the wire; a silent misreading only here. Names are compared by their tokens, dates (in
``case_dates_shown``) as instants that may be shown in any zone, images (in ``pictures_shown``) by the digest of their
bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from uuid import UUID

from conformance.rules.at_odds import at_odds
from conformance.rules.case_sketches import case, declared, search
from conformance.rules.catalogue import rule
from conformance.rules.shown import Row, Shown, differs, given, guid_of, looked_up, oddities, repeated, seen_of
from conformance.rules.verdict import Result, Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import History, Note, NoteKind, Sketch, done, note, order, shown
from conformance.wire import Record

TEXTS = ("patient_name", "integration_id", "lab", "modelled")


def understood(answer: Sketch, *rows: Sketch, says: str = "done") -> Sketch:
    """An order to find cases, what the server answered, and what the PMS shows of it."""
    return order("find_cases", person="17") + answer + sum(rows, Sketch(())) + done(says)


def case_shown(number: int = 1, **changes: object) -> Sketch:
    """Case ``number`` shown as ``case_sketches.case`` lists it."""
    fields = {name: value for name, value in case(number).items() if not isinstance(value, list)}
    told = {**fields, "sent": "", "modelled": "false", **changes}
    return part_shown("case", {name: value for name, value in told.items() if value is not None})


def part_shown(what: str, fields: Mapping[str, object]) -> Sketch:
    """Field by field as texts; flags as a driver writes them."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in fields.items()}
    return note(NoteKind.SHOWN, order="1", what=what, fields=" ".join(texts), **texts)


LAST_SEARCHES = 8
"""How far back it is looked for what a PMS could read."""

ONE = search(case(1))
TWO = search(case(1), case(2))
IN_PARTS = search(case(1), is_created="True") + search(case(2), is_scanned="True")
UNMARKED = search(case(1, modelled=None))


# -- cases ----------------------------------------------------------------------------------------------------


def cases_found(history: History, note: Note) -> Shown | None:
    """The search that ``note`` ends; None where nobody could say what the PMS shows of it."""
    return looked_up(history, note, "find_cases", "find_cases")


def matched(found: Shown) -> Iterator[tuple[Record, Row]]:
    """Each record with what was shown of that case."""
    told = {record.guid("case"): record for record in found.records}
    for row in found.order.items("case"):
        record = told.get(guid_of(row, "case"))
        if record is not None:
            yield record, row


def _all_shown(found: Shown, note: Note) -> Verdict:
    """Each case of the answer once, and no other."""
    told, seen = {record.guid("case") for record in found.records}, _seen(found)
    if not found.done:
        return breaks("the cases shown", found.order.answer, found.source, note)
    kept = told == set(seen) and not repeated(seen)
    return judged(kept, f"the {len(told)} cases that were found", seen_of(told, seen), found.source, note)


def _seen(found: Shown) -> Sequence[UUID | None]:
    return [guid_of(row, "case") for row in found.order.items("case")]


def _dressed(number: int, *changed: str) -> Sketch:
    """Cases 1 to ``number``; the record of the last one lacks the elements ``changed``."""
    last = {role: value for role, value in case(number).items() if role not in changed}
    return search(*(case(each) for each in range(1, number)), last)


@rule(
    "INF-050",
    judges=NoteKind.ORDER,
    accepts=[
        understood(TWO, case_shown(1), case_shown(2)),
        understood(
            search(case(1), is_created="True") + search(case(2), is_scanned="True"), case_shown(1), case_shown(2)
        ),
        understood(search()),
        understood(_dressed(2, "modelled"), case_shown(1), case_shown(2)),
    ],
    rejects=[
        understood(TWO, case_shown(1)),
        understood(ONE, case_shown(1), case_shown(2)),
        understood(ONE, case_shown(1), case_shown(1)),
        understood(ONE, says="failed"),
        understood(search(), case_shown(1)),
        understood(_dressed(3, "modelled"), case_shown(1), case_shown(3)),
        understood(_dressed(3, "modelled"), case_shown(1)),
        understood(_dressed(2, "modelled"), case_shown(1), case_shown(2), case_shown(2)),
        understood(search(*({**case(each), "modelled": None} for each in (1, 2))), case_shown(1)),
    ],
    ignores=[
        understood(ONE.refused(500), says="failed"),
        ONE,
        understood(ONE.but(body=b"<x"), says="failed"),
        understood(_dressed(2, "modelled"), case_shown(1)),
    ],
)
def every_case_is_shown(history: History, note: Note, spec: Spec) -> Verdict | None:
    """All cases of the answer, each once, and no others. What is lost for its dress is INF-042's."""
    found = cases_found(history, note)
    if found is None:
        return None
    verdict = _all_shown(found, note)
    return None if verdict.result is Result.FAIL and _lost_for_its_dress(history, found, spec) else verdict


def _any_odd(found: Shown, spec: Spec) -> bool:
    return any(oddities(record, spec) for record in found.records)


def _lost_for_its_dress(history: History, found: Shown, spec: Spec) -> bool:
    """True when what is missing has something odd in common that nothing has which is shown, now or shortly before.

    An answer that was not taken at all is one where any oddity may be the reason.
    """
    if not found.done:
        return _any_odd(found, spec)
    seen = _seen(found)
    if set(seen) - {record.guid("case") for record in found.records} - {None} or repeated(seen):
        return False
    missing = [oddities(record, spec) for record in found.records if record.guid("case") not in seen]
    if not missing:
        return False
    return bool(reduce(frozenset.intersection, missing) - _coped_with(history, found, spec))


def _coped_with(history: History, found: Shown, spec: Spec) -> frozenset[str]:
    """What was odd about records that the PMS shows, or showed in one of the last searches before."""
    ended = [order.end for order in history.orders.all if order.does == "find_cases" and order.end is not None]
    before = [end for end in ended if end.number < found.end.number][-LAST_SEARCHES:]
    others = [looked_up(history, end, "find_cases", "find_cases") for end in before]
    shown_records = [record for each in (found, *others) if each is not None for record, _ in matched(each)]
    return frozenset().union(*(oddities(record, spec) for record in shown_records))


def _another_order(spec: Spec) -> Sketch:
    """One case, its elements the other way round."""
    record = spec.record["case"]
    made_of = {"case": "00000000-0000-0000-0000-000000000001", "integration_id": "A"}
    fields = "".join(
        f"<{record.by_role[role].name}>{text}</{record.by_role[role].name}>" for role, text in reversed(made_of.items())
    )
    root = spec.document["cases"].root
    return search().but(body=f"<{root}><{record.name}>{fields}</{record.name}></{root}>".encode())


@rule(
    "INF-042",
    judges=NoteKind.ORDER,
    accepts=[lambda spec: understood(_another_order(spec), case_shown(1))],
    rejects=[
        lambda spec: understood(_another_order(spec)),
        lambda spec: understood(_another_order(spec), says="failed"),
        understood(_dressed(2, "modelled"), case_shown(1)),
        understood(_dressed(2, "created", "modelled"), says="failed"),
    ],
    ignores=[
        lambda spec: _another_order(spec),
        understood(search()),
        understood(_dressed(3, "modelled"), case_shown(1), case_shown(3)),
        understood(_dressed(2, "modelled"), case_shown(1), case_shown(2), case_shown(2)),
    ],
)
def a_case_is_understood_in_any_dress(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Judged where some record of the answer has unknown elements, lacks one, or has them in another order.

    Of what is missing or too much for another reason every_case_is_shown speaks.
    """
    found = cases_found(history, note)
    if found is None or not _any_odd(found, spec):
        return None
    verdict = _all_shown(found, note)
    return verdict if verdict.result is not Result.FAIL or _lost_for_its_dress(history, found, spec) else None


def fields_agree(found: Shown | None, note: Note, roles: Iterable[str]) -> Verdict | None:
    """Whether the fields of those roles are shown as they came, as far as they are shown."""
    rows = list(matched(found)) if found is not None else []
    compared = [(record, row, role) for record, row in rows for role in roles if given(row, role) is not None]
    if found is None or not compared:
        return None
    wrong = next((each for each in compared if differs(*each)), None)
    if wrong is None:
        return holds(found.source, note)
    record, row, role = wrong
    observed = at_odds("case", record.guid("case"), role, given(row, role) or "", record.get(role))
    return breaks("each case as the answer tells of it", observed, found.source, note)


@rule(
    "INF-051",
    judges=NoteKind.ORDER,
    accepts=[
        understood(ONE, case_shown()),
        understood(ONE, case_shown(lab=None)),
        understood(UNMARKED, case_shown()),
        declared(1, state="scanned") + understood(UNMARKED, case_shown()),
        declared(1, state="modelled") + understood(UNMARKED, case_shown(modelled="")),
    ],
    rejects=[
        understood(ONE, case_shown(integration_id="B")),
        understood(ONE, case_shown(patient_name="Ada Roe")),
        understood(ONE, case_shown(modelled="true")),
        understood(ONE, case_shown(lab="Other")),
        understood(TWO, case_shown(1), case_shown(2, lab="")),
        declared(1, state="modelled") + understood(UNMARKED, case_shown()),
        understood(UNMARKED, case_shown(modelled="true")),
    ],
    ignores=[understood(ONE), understood(ONE, case_shown(2)), understood(ONE, shown("case", case=1))],
)
def a_case_is_shown_as_it_came(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Patient, laboratory and whether it is modelled, as far as the PMS tells of them.

    Where the answer does not tell whether it is modelled, a no passes for nothing told, but of a modelled case.
    """
    found = cases_found(history, note)
    for record, row in matched(found) if found is not None else ():
        known = _declared_modelled(history, record) if given(row, "modelled") == "false" else None
        if found is not None and known is not None and record.get("modelled") is None:
            return breaks(
                "nothing, as the answer tells nothing", "not modelled, which is wrong", known, found.source, note
            )
    return fields_agree(found, note, TEXTS)


def _declared_modelled(history: History, record: Record) -> Note | None:
    number = record.guid("case")
    notes = history.cases.declared("case", number) if number is not None else ()
    return next((note for note in notes if note.data.get("state") == "modelled"), None)
