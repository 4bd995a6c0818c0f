"""What records say beside what searches say: modelled cases, the same case twice, and fields that are left out."""

from __future__ import annotations

from uuid import UUID

from conformance.rules.case_data import name_of, records
from conformance.rules.case_knowledge import STATES, criteria, known_cases, ordinary, own_cases, undisturbed
from conformance.rules.case_sketches import case, declared, image, indication, scan, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Presence, Spec
from conformance.trace import Exchange, History, hidden
from conformance.wire import Moment, Record, Value

FIRST = case(1)


# -- modelled -------------------------------------------------------------------------------------------------

DONE = case(3, modelled=True)
ONE_BY_ONE = search(FIRST, is_created="True") + search(is_scanned="True") + search(DONE, is_modelled="True")


@rule(
    "INF-035",
    judges="find_cases",
    accepts=[
        declared(3, state="modelled") + search(DONE),
        declared(1, state="scanned") + search(FIRST),
        search(DONE, case(4, modelled=True), is_modelled="True"),
        search(FIRST, case(2), is_created="True"),
        ONE_BY_ONE + search(FIRST, DONE),
    ],
    rejects=[
        declared(3, state="modelled") + search(case(3)),
        declared(1, state="created") + search(case(1, modelled=True)),
        declared(1, state="scanned") + search(case(1, modelled=True)),
        search(FIRST, case(2), is_modelled="True"),
        search(case(1, modelled=True), DONE, is_created="True"),
        ONE_BY_ONE + search(FIRST, case(3)),
    ],
    ignores=[
        search(DONE),
        declared(3, state="modelled") + search(case(3, modelled=None)),
        search(FIRST, DONE, is_modelled="True"),
        search(FIRST, is_modelled="True"),
    ],
)
def the_mark_of_modelled_cases_is_true(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The mark is set on modelled cases only: on those declared so, or found so by a search for that status alone.

    Where an answer is of two minds about the status it was asked for, it is the search that is wrong, not the mark; and
    one case alone does not tell which.
    """
    found = own_cases(history, exchange) or {}
    marked = {number: r.get("modelled") for number, r in found.items() if isinstance(r.get("modelled"), bool)}
    known = known_cases(history, exchange) if marked else {}
    wish = criteria(exchange) if marked else None
    alone = next(iter(wish.wanted)) if wish is not None and wish.sure and len(wish.wanted) == 1 else ""
    unknown = {n: mark for n, mark in marked.items() if not (n in known and known[n].state)}
    told = {n: (known[n].state, known[n].numbers) for n in marked if n in known and known[n].state}
    if alone and len(unknown) > 1 and len(set(unknown.values())) == 1:
        told.update(dict.fromkeys(unknown, (STATES[alone], (exchange.number,))))
    for number, (state, evidence) in told.items():
        if marked[number] is not (state == "modelled"):
            expected = (
                f"{name_of(spec, 'modelled')} {str(state == 'modelled').lower()} in case {number}, which is {state}"
            )
            return breaks(expected, str(marked[number]).lower(), *evidence, exchange)
    return holds(exchange) if told else None


# -- the same each time ---------------------------------------------------------------------------------------

RICH = case(1, images=[image(7)], indications=[indication(3, 3)], scans=[scan(8, 1, 16)])


@rule(
    "INF-040",
    judges="find_cases",
    accepts=[
        search(FIRST) * 2,
        search(RICH) + search(RICH, is_created="True"),
        search(case(1, images=[image(7), image(8)])) + search(case(1, images=[image(8), image(7)])),
        search(FIRST) + search(case(1, patient_name="Eva Fox")),
    ],
    rejects=[
        search(RICH) + search(case(1, indications=[indication(3, 3)], scans=[scan(8, 1, 16)]), is_created="True"),
        search(RICH) + search(case(1, images=None, indications=[indication(3, 3)], scans=[scan(8, 1, 16)])),
        search(FIRST) + search(case(1, lab="Another Lab")),
        search(FIRST) + search(case(1, created="2020-01-11T10:00:00Z")),
        search(RICH) + search(case(1, images=[image(7)], indications=[indication(3, 4)], scans=[scan(8, 1, 16)])),
        search(FIRST) + search(case(1, created=None), is_created="True"),
    ],
    ignores=[search(FIRST), search(FIRST) + search(case(2))],
)
def a_case_is_the_same_in_every_search(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Whatever the search asked for, the record of a case says the same. Names are left out: patients are renamed."""
    compared: Exchange | None = None
    for record in records(exchange):
        number = record.guid("case")
        before = _seen_before(history, number, exchange) if number is not None else None
        if before is None:
            continue
        compared, then = before
        odd = [role for role in spec.record["case"].by_role if role not in _RENAMED and _differ(then, record, role)]
        if odd:
            expected = f"{name_of(spec, odd[0])} of case {number} as at exchange {compared.number}"
            return breaks(expected, f"another {name_of(spec, odd[0])}", compared, exchange)
    return holds(compared, exchange) if compared is not None else None


_RENAMED = frozenset({"patient_name", "integration_id"})


def _seen_before(history: History, number: UUID, exchange: Exchange) -> tuple[Exchange, Record] | None:
    for seen in reversed(history.cases.sightings(number)):
        if seen.exchange.before(exchange) and ordinary(seen.exchange):
            return (seen.exchange, seen.record) if undisturbed(history, seen.exchange, exchange) else None
    return None


def _differ(then: Record, now: Record, role: str) -> bool:
    before, after = then.get(role), now.get(role)
    if before == after or _same_entries(before, after):
        return False
    first, second = _plain(before), _plain(after)
    return first != second and not (hidden(str(first)) or hidden(str(second)))


def _same_entries(before: Value | None, after: Value | None) -> bool:
    """True for lists of the same records in the same order: many are, and it is quickly seen."""
    if not isinstance(before, tuple) or not isinstance(after, tuple) or len(before) != len(after):
        return False
    return all(then.values == now.values for then, now in zip(before, after, strict=True))


def _plain(value: Value | None) -> object:
    """A value without what may change from answer to answer: the order of a list, how a date or nothing is written."""
    if value in ("", ()):
        return None
    if isinstance(value, tuple):
        return sorted(str({role: _plain(entry.get(role)) for role in sorted(entry.values)}) for entry in value)
    return value.ticks if isinstance(value, Moment) else value


# -- readings -------------------------------------------------------------------------------------------------


@observes(
    "MINIMAL-DATE",
    judges="find_cases",
    shows=[
        (search(FIRST), "year-1"),
        (search(case(1, sent="1753-01-01T00:00:00Z")), "year-1753"),
        (search(case(1, sent="2020-01-12T08:00:00Z")), ""),
    ],
)
def which_date_stands_for_never(history: History, exchange: Exchange, spec: Spec) -> str | None:
    for record in records(exchange):
        sent = record.moment("sent")
        if sent is not None and sent.is_minimal:
            return "year-1753" if sent.text.startswith("175") else "year-1"
    return None


@observes(
    "LEFT-OUT-FIELDS",
    judges="find_cases",
    shows=[
        (search(case(1, images=[image(7)])), "none"),
        (search(RICH), ""),
        (search(case(1, created=None, modelled=None, images=[image(7)])), "not-in-sample"),
        (search(case(1, images=[{"image": 7, "name": "a.png"}])), "not-listed"),
        (search(case(1, images=[image(7)], indications=None, scans=None)), "empty"),
        (search(FIRST), ""),
        (search(), ""),
    ],
)
def which_fields_are_left_out(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen at a case with an image, whose record shows every kind of field."""
    pictured = next((record for record in records(exchange) if record.records("images")), None)
    if pictured is None:
        return None
    shown = [f.role for f in spec.record["image"].fields if f.presence is Presence.SHOWN]
    if any(entry.get(role) is None for entry in pictured.records("images") for role in shown):
        return "not-listed"
    if pictured.get("created") is None or pictured.get("modelled") is None:
        return "not-in-sample"
    lists = [record.get(role) for record in records(exchange) for role in ("indications", "images", "scans")]
    if None in lists:
        return "empty"
    return "none" if () in lists else None
