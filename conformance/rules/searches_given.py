"""What a user wants to find, held against what the searches ask for, and whether any did."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain

from conformance.rules.catalogue import rule
from conformance.rules.impossible_wishes import is_impossible
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.rules.written import YEAR_FIRST, date_written
from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, Note, NoteKind, Order, Sketch, call, done, order
from conformance.wire import Malformed, parse_boolean

FOUND = call("find_cases", integration_id="A", answer=[])
FOUND_CREATED = call("find_cases", integration_id="A", is_created="True", answer=[])


def _searched(criteria: str, **sent: str) -> Sketch:
    return (
        order("find_cases", person="17", criteria=criteria)
        + call("find_cases", integration_id="A", answer=[], **sent)
        + done()
    )


def _misspelt(spec: Spec) -> Sketch:
    """A search for which the guide's example was copied."""
    method = spec.method["find_cases"]
    wrong, right = next((name, each) for each in method.parameters for name in each.misspelt)
    wanted = order("find_cases", person="17", criteria=f"{right.role}=2020-06-05")
    target = f"{spec.service.base_path}/{method.name}?{wrong}=2020-06-05"
    return wanted + call("find_cases", integration_id="A", answer=[]).but(target=target) + done()


@rule(
    "FND-045",
    judges="find_cases",
    accepts=[
        _searched("created_from=2020-01-31 is_created=true", created_from="2020-01-31", is_created="True"),
        _searched("created_from=2020-01-31", created_from="2020-01-31T00:00:00"),
        _searched("is_created=true is_scanned=false", is_created="True"),
        _searched(""),
    ],
    rejects=[
        _searched("created_from=2020-01-31", created_from="2020-02-01"),
        _searched("created_from=2020-01-31", created_to="2020-01-31"),
        _searched("is_created=true"),
        _searched("", is_created="True"),
        lambda spec: _misspelt(spec),
    ],
    ignores=[
        call("find_cases", integration_id="A", is_created="True"),
        _searched("created_from=x", created_from="31.1.20"),
        _searched("is_created=true", is_created="yes"),
    ],
)
def a_search_asks_for_what_the_user_wants(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same dates and flags; false may be left out, for that is what it means.

    Dates that are not written year first, and flags that are neither true nor false, have rows of their own.
    """
    order_ = history.orders.of(exchange)
    if order_ is None or order_.does != "find_cases" or exchange.method is None:
        return None
    dates = [p.role for p in exchange.method.parameters if p.kind is Kind.DATE and exchange.given(p.role)]
    flags = [p.role for p in exchange.method.parameters if p.kind is Kind.BOOLEAN and exchange.given(p.role)]
    if any(date_written(exchange, role) not in YEAR_FIRST for role in dates):
        return None
    if any(isinstance(parse_boolean(exchange.values[role]), Malformed) for role in flags):
        return None
    wanted, sent = _wanted(order_), _sent(exchange)
    observed = " ".join(f"{role}={value}" for role, value in sent.items()) or "none"
    observed += "".join(
        f"; {name} is the guide's own misspelling, which servers ignore: write {parameter.name}"
        for name in exchange.unknown
        if (parameter := exchange.method.misspelt(name)) is not None
    )
    expected = " ".join(f"{role}={value}" for role, value in wanted.items()) or "no criteria"
    return judged(sent == wanted, expected, observed, order_.begin, exchange)


def _wanted(own: Order) -> Mapping[str, str]:
    """What the user wants, by role; false is left out."""
    pairs = (pair.partition("=") for pair in own.data.get("criteria", "").split())
    return {role: value for role, _, value in pairs if value != "false"}


def _sent(search: Exchange) -> Mapping[str, str]:
    """The same of what a search asks for."""
    parameters = search.method.parameters if search.method is not None else ()
    return {p.role: _criterion(search.values[p.role], p.kind) for p in parameters if _counts(search, p.role)}


def _counts(exchange: Exchange, role: str) -> bool:
    """True for a criterion that says something: a date, or a flag that is not false."""
    known = role != "integration_id" and exchange.given(role)
    return known and parse_boolean(exchange.values[role]) is not False


def _criterion(value: str, kind: Kind) -> str:
    return value[:10] if kind is Kind.DATE else value.strip().lower()


def _searched_for(criteria: str, *rows: Sketch, name: str = "1") -> Sketch:
    return order("find_cases", name, person="17", criteria=criteria) + sum(rows, Sketch(())) + done(name=name)


@rule(
    "FLOW-051",
    judges=NoteKind.ORDER,
    accepts=[
        _searched_for("", FOUND),
        _searched_for("is_created=true", FOUND_CREATED),
        _searched_for("", FOUND) + _searched_for("is_created=true", name="2"),
        _searched_for("is_created=true", FOUND_CREATED) + _searched_for("is_created=true", name="2"),
    ],
    rejects=[
        _searched_for("is_created=true"),
        _searched_for("is_created=true", FOUND_CREATED) + _searched_for("is_scanned=true", name="2"),
    ],
    ignores=[
        order("find_cases", person="17") + done("refused"),
        order("select_patient", person="17") + done(),
    ],
)
def cases_are_searched_for(history: History, note: Note, spec: Spec) -> Verdict | None:
    """In this order, or before it with the same criteria; who has asked for all cases may choose among them."""
    order_ = history.orders.told_by(note)
    if order_ is None or order_.end is not note or order_.does != "find_cases" or order_.answer != "done":
        return None
    if note.data.get("untold") or is_impossible(order_):
        return None
    wanted = _wanted(order_)
    before = (e for o in history.orders.all if o.person == order_.person for e in o.of("find_cases"))
    fitting = (e for e in before if _sent(e) in ({}, wanted))
    source = next(chain(order_.of("find_cases"), fitting), None)
    if source is not None:
        return holds(source, note)
    return breaks("a search with these criteria, or for all cases", "none for this patient", order_.begin, note)
