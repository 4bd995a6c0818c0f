"""Searching by dates: what each bound leaves out and keeps, and which ranges are impossible."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from conformance.rules.case_knowledge import (
    BOUNDS,
    Criteria,
    KnownCase,
    Side,
    amount,
    as_listed,
    asked,
    criteria,
    documented,
    for_nobody,
    known_cases,
    ordinary,
    own_cases,
    parameter,
    patient_of,
    ranges,
    side,
    surely_wanted,
)
from conformance.rules.case_sketches import case, declared, search
from conformance.rules.catalogue import rule
from conformance.rules.marks import given
from conformance.rules.premises import long_values
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, State, fresh
from conformance.wire import Record

FIRST, SECOND, THIRD = case(1), case(2), case(3)
TWO = search(FIRST, SECOND)
UNDATED = case(1, created=None)
NEVER_DELIVERED = case(1, delivery="0001-01-01T00:00:00")


# -- bounds ---------------------------------------------------------------------------------------------------


def bounded(history: History, exchange: Exchange, spec: Spec, role: str) -> Verdict | None:
    """The verdict on one bound: no case clearly beyond it is found; where it is all that is asked, no other is missing.

    PASS only where a known case lies beyond it and was left out.
    """
    found, wish = own_cases(history, exchange), criteria(exchange)
    if found is None or not wish.sure or role not in wish.bounds:
        return None
    known, bound = known_cases(history, exchange), wish.bounds[role]
    for number, record in found.items():
        one = known.get(number) or as_listed(number, record, exchange)
        if side(one, role, bound) is Side.OUTSIDE:
            expected = f"only cases with a {_field(spec, role)} {_words(role)} {bound.text}"
            return breaks(expected, f"case {number} of {_date(one, record, role)}", *one.numbers, exchange)
    if wish.count == 1:
        lost = missing(known, wish, found)
        if lost is not None:
            return breaks(
                f"every case that {parameter(spec, role)} keeps", f"not case {lost.id}", *lost.numbers, exchange
            )
    left_out = [one for one in known.values() if side(one, role, bound) is Side.OUTSIDE]
    return holds(*left_out[0].numbers, exchange) if left_out else None


def missing(known: Mapping[UUID, KnownCase], wish: Criteria, found: Mapping[UUID, Record]) -> KnownCase | None:
    """A case that another search has found, that this one clearly wants, and that it did not find."""
    absent = (one for one in known.values() if one.seen and one.id not in found)
    return next((one for one in absent if surely_wanted(one, wish)), None)


def _field(spec: Spec, role: str) -> str:
    return spec.record["case"].by_role[BOUNDS[role]].name


def _words(role: str) -> str:
    return "from" if role.endswith("_from") else "up to"


def _date(one: KnownCase, record: Record, role: str) -> str:
    date = one.moment(BOUNDS[role]) or record.moment(BOUNDS[role])
    return date.text if date is not None else "this age"


@rule(
    "FND-020",
    judges="find_cases",
    when=given("created_from"),
    accepts=[
        TWO + search(SECOND, created_from="2020-01-25"),
        declared(1) + declared(2) + search(SECOND, created_from="2020-01-25T00:00:00Z"),
        TWO + search(created_from="2020-02-25"),
        search(UNDATED) + search(created_from="2200-01-01"),
        TWO + search(FIRST, SECOND, created_from="2019-12-01") + search(SECOND, created_from="2020-01-12T13:00:00Z"),
    ],
    rejects=[
        search(FIRST, SECOND, created_from="2020-01-25"),
        declared(1) + search(UNDATED, created_from="2020-01-25"),
        TWO + search(created_from="2020-01-25"),
        search(UNDATED) + search(UNDATED, created_from="2200-01-01"),
        search(FIRST, created_from="2020-01-11T13:00:00Z"),
        search(FIRST, created_from="2020-01-25", created_to="2020-02-25", is_created="True"),
        TWO + search(FIRST, created_from="2019-12-01"),
    ],
    ignores=[
        TWO + search(FIRST, SECOND, created_from="2020-01-11"),
        TWO + search(SECOND, created_from="2020-01-11"),
        TWO + search(FIRST, SECOND, created_from="2020-01-11T09:00:00Z"),
        TWO + search(FIRST, SECOND, created_to="2020-01-25"),
        TWO + search(FIRST, SECOND, created_from="25.01.2020"),
        TWO + search(created_from="2020-01-25").refused(400),
    ],
)
def cases_made_too_early_are_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Only cases made at or after the bound are found."""
    return bounded(history, exchange, spec, "created_from")


@rule(
    "FND-021",
    judges="find_cases",
    when=given("created_to"),
    accepts=[
        TWO + search(FIRST, created_to="2020-01-25"),
        TWO + search(created_to="2020-01-01"),
        search(UNDATED) + search(created_to="1980-01-01"),
    ],
    rejects=[
        search(FIRST, SECOND, created_to="2020-01-25"),
        TWO + search(SECOND, created_to="2020-01-25"),
        TWO + search(created_to="2020-03-25"),
        search(UNDATED) + search(created_to="2200-01-01"),
        search(FIRST, created_to="2020-01-09T07:00:00Z"),
    ],
    ignores=[
        TWO + search(FIRST, created_to="2020-02-10"),
        TWO + search(FIRST, SECOND, created_to="2020-02-10"),
        TWO + search(FIRST, SECOND, created_to="2020-02-09T11:00:00Z"),
        TWO + search(FIRST, SECOND, delivered_to="2021-01-25"),
    ],
)
def cases_made_too_late_are_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Only cases made at or before the bound are found."""
    return bounded(history, exchange, spec, "created_to")


@rule(
    "FND-022",
    judges="find_cases",
    when=given("delivered_from"),
    accepts=[
        TWO + search(SECOND, delivered_from="2021-01-25"),
        TWO + search(delivered_from="2022-01-01T00:00:00"),
    ],
    rejects=[
        search(FIRST, SECOND, delivered_from="2021-01-25"),
        TWO + search(delivered_from="2021-01-25"),
        TWO
        + search(FIRST, SECOND, delivered_from="2020-01-01", delivered_to="2021-01-25")
        + search(FIRST, delivered_from="2021-01-25"),
    ],
    ignores=[
        search(NEVER_DELIVERED) + search(NEVER_DELIVERED, delivered_from="2021-01-25"),
        search(NEVER_DELIVERED) + search(delivered_from="2021-01-25"),
        TWO + search(FIRST, SECOND, delivered_from="2021-01-11"),
    ],
)
def cases_delivered_too_early_are_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Only cases with a delivery at or after the bound are found; a case without a delivery shows nothing."""
    return bounded(history, exchange, spec, "delivered_from")


@rule(
    "FND-023",
    judges="find_cases",
    when=given("delivered_to"),
    accepts=[
        TWO + search(FIRST, delivered_to="2021-01-25"),
        TWO + search(delivered_to="2020-06-05"),
    ],
    rejects=[
        search(FIRST, SECOND, delivered_to="2021-01-25"),
        TWO + search(SECOND, delivered_to="2021-01-25"),
        TWO + search(delivered_to="2022-01-01"),
    ],
    ignores=[
        search(NEVER_DELIVERED) + search(delivered_to="2021-01-25"),
        TWO + search(FIRST, SECOND, delivered_to="2021-02-09"),
    ],
)
def cases_delivered_too_late_are_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Only cases with a delivery at or before the bound are found; a case without a delivery shows nothing."""
    return bounded(history, exchange, spec, "delivered_to")


@rule(
    "FND-024",
    judges="find_cases",
    accepts=[
        search(FIRST, SECOND, THIRD) + search(SECOND, created_from="2020-01-25", created_to="2020-02-25"),
        TWO + search(SECOND, created_from="2020-01-25", delivered_from="2021-01-25"),
        declared(1, state="created") + search(FIRST, is_created="True", created_from="2019-06-01"),
    ],
    rejects=[
        search(FIRST, SECOND, THIRD) + search(created_from="2020-01-25", created_to="2020-02-25"),
        TWO + search(created_from="2020-01-25", delivered_from="2021-01-25"),
        declared(1, state="created") + search(FIRST) + search(is_created="True", created_from="2019-06-01"),
    ],
    ignores=[
        declared(1, state="created") + search(is_created="True", created_from="2019-06-01"),
        TWO + search(created_from="2020-01-25"),
        declared(1) + search(is_created="True", created_from="2019-06-01"),
        search(SECOND, created_from="2020-01-25", created_to="2020-02-25"),
    ],
)
def criteria_are_met_together(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case that meets every one of several criteria is found; that none is found which misses one is said of each."""
    found, wish = own_cases(history, exchange), criteria(exchange)
    if found is None or wish.count < 2:
        return None
    known = known_cases(history, exchange)
    lost = missing(known, wish, found)
    if lost is not None:
        expected = f"case {lost.id} among those with {asked(exchange, spec)}"
        return breaks(expected, f"{amount(found)}, and not that one", *lost.numbers, exchange)
    kept = [one for one in known.values() if one.id in found and surely_wanted(one, wish)]
    return holds(*kept[0].numbers, exchange) if kept else None


# -- impossible ranges ----------------------------------------------------------------------------------------


def impossible(history: History, exchange: Exchange, spec: Spec, role: str) -> Verdict | None:
    """The verdict on a range that ends before it begins. Another answer is wrong only for a patient who is there."""
    if not documented(exchange, spec) or not ordinary(exchange):
        return None
    wish = criteria(exchange)
    if not wish.sure or ranges(wish).get(role) is not Side.OUTSIDE:
        return None
    proof = history.proofs.integration_id(patient_of(exchange), exchange)
    if exchange.http_status != 400 and proof.state is not State.PRESENT:
        return None
    expected = f"HTTP 400, since {asked(exchange, spec)} is an impossible range"
    return judged(exchange.http_status == 400, expected, f"HTTP {exchange.http_status}", *proof.evidence, exchange)


@rule(
    "FND-030",
    judges="find_cases",
    when=given("created_from"),
    accepts=[
        search(created_from="2020-01-02", created_to="2020-01-01").refused(400),
        declared(1) + search(created_from="2021-01-01T00:00:00Z", created_to="2020-01-01").refused(400),
    ],
    rejects=[
        declared(1) + search(created_from="2020-01-02", created_to="2020-01-01"),
        declared(1) + search(created_from="2020-01-01T00:00:01", created_to="2020-01-01T00:00:00"),
        declared(1) + search(created_from="2020-02-02", created_to="2020-01-01").refused(404),
        declared(1)
        + search(created_from="2020-02-02", created_to="2020-01-01", delivered_to="2020-01-01").refused(500),
    ],
    ignores=[
        declared(1) + search(FIRST, created_from="2020-01-01", created_to="2020-01-01"),
        declared(1) + search(created_from="2020-01-01T00:00:01", created_to="2020-01-01"),
        declared(1) + search(created_from="2020-01-01T01:00:00Z", created_to="2020-01-01T00:00:00"),
        fresh("A") + search(created_from="2020-01-02", created_to="2020-01-01"),
        declared(1) + search(created_from="02.01.2020", created_to="2020-01-01"),
        declared(1) + search(delivered_from="2020-01-02", delivered_to="2020-01-01"),
        declared(1) + search(created_from="2020-01-02", created_to="2020-01-01").refused(401),
    ],
)
def an_impossible_range_of_creation_is_refused(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A creation range that ends before it begins is answered with HTTP 400."""
    return impossible(history, exchange, spec, "created_from")


@rule(
    "FND-031",
    judges="find_cases",
    when=given("delivered_from"),
    accepts=[search(delivered_from="2020-01-02", delivered_to="2020-01-01").refused(400)],
    rejects=[
        declared(1) + search(delivered_from="2020-01-02", delivered_to="2020-01-01"),
        declared(1) + search(delivered_from="2021-01-01", delivered_to="2020-01-01", is_created="True").refused(500),
    ],
    ignores=[declared(1) + search(created_from="2020-01-02", created_to="2020-01-01")],
)
def an_impossible_range_of_delivery_is_refused(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A delivery range that ends before it begins is answered with HTTP 400."""
    return impossible(history, exchange, spec, "delivered_from")


@rule(
    "FND-032",
    judges="find_cases",
    accepts=[
        search(FIRST, created_from="2020-01-01", created_to="2020-02-01"),
        search(created_from="2020-01-01", created_to="2020-01-01"),
        search(delivered_from="2020-01-01T10:00:00", delivered_to="2020-01-01T10:00:00"),
        search(created_from="2020-01-01", created_to="2020-02-01").refused(404),
        search(
            created_from="2021-01-01", created_to="2021-02-01", delivered_from="2020-01-01", delivered_to="2020-01-02"
        ),
    ],
    rejects=[
        declared(1) + search(created_from="2020-01-01", created_to="2020-02-01").refused(400),
        declared(1) + search(created_from="2020-01-01", created_to="2020-01-01").refused(400),
        declared(1) + search(delivered_from="2020-01-01", delivered_to="2020-01-01T00:00:01").refused(400),
        declared(1)
        + search(
            created_from="2021-01-01", created_to="2021-02-01", delivered_from="2020-01-01", delivered_to="2020-01-02"
        ).refused(400),
    ],
    ignores=[
        search(created_from="2020-01-02", created_to="2020-01-01").refused(400),
        search(created_from="2020-01-01").refused(400),
        search(created_from="2020-01-01", created_to="2020-02-01").refused(400),
        search(patient=None, created_from="2020-01-01", created_to="2020-02-01").refused(400),
    ],
)
def a_possible_range_is_not_refused(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A range is impossible only when it ends before it begins; one that ends where it begins holds a moment."""
    wish = _plain_dates(exchange, spec)
    found = ranges(wish) if wish is not None else {}
    if not found or any(each is not Side.INSIDE for each in found.values()) or for_nobody(history, exchange):
        return None
    return judged(exchange.http_status != 400, f"{asked(exchange, spec)} to be taken", "HTTP 400", exchange)


@rule(
    "FND-033",
    judges="find_cases",
    accepts=[
        search(created_from="2200-01-01"),
        search(created_to="1980-01-01"),
        search(created_from="2020-02-01", delivered_to="2020-01-01"),
    ],
    rejects=[
        declared(1) + search(created_from="2200-01-01").refused(400),
        declared(1) + search(delivered_to="2020-01-01").refused(400),
        declared(1) + search(created_from="2020-02-01", delivered_to="2020-01-01").refused(400),
    ],
    ignores=[
        search().refused(400),
        search(created_from="2200-01-01").refused(400),
        search(created_from="2020-02-01", created_to="2020-01-01", delivered_to="2020-01-01").refused(400),
    ],
)
def a_range_with_one_end_is_possible(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A bound without its counterpart bounds one side only, whatever the other range says."""
    wish = _plain_dates(exchange, spec)
    if wish is None or not wish.bounds or ranges(wish) or for_nobody(history, exchange):
        return None
    return judged(exchange.http_status != 400, f"{asked(exchange, spec)} to be taken", "HTTP 400", exchange)


def _plain_dates(exchange: Exchange, spec: Spec) -> Criteria | None:
    """The criteria of a search in which nothing but its dates can be amiss."""
    if long_values(exchange):
        return None  # some servers turn down a call with a text that is too long
    if not documented(exchange, spec) or not ordinary(exchange) or not exchange.given("integration_id"):
        return None
    wish = criteria(exchange)
    return wish if wish.sure else None
