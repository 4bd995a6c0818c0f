"""What a PMS owes to searches, cases and images: possible ranges, known ids, a station, and every image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import takewhile
from uuid import UUID

from conformance.rules.as_ordered import as_ordered
from conformance.rules.case_knowledge import SKIPPED_HTTP, Side, asked, criteria, ordinary, patient_of, ranges
from conformance.rules.case_sketches import case, declared, fetched, image, minted, search
from conformance.rules.catalogue import rule
from conformance.rules.images import attachments, garbled, pair
from conformance.rules.impossible_wishes import SENT, WRONG, is_impossible
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import RunsOn, Spec
from conformance.trace import (
    Exchange,
    History,
    Sighting,
    State,
    brings_image,
    call,
    fresh,
    guid,
    listing,
    order,
    per_exchange,
    poll,
)
from conformance.wire import EMPTY_GUID, Malformed, parse_boolean, parse_guid

UNKNOWN = call("update_patient", integration_id="A", last_name="Fox", operation=1) + poll(1, "integration_id_unknown")
LISTED = search(case(1, images=[image(7)]))
TWO_LISTED = search(case(1, images=[image(7), image(8)]))


# -- searches -------------------------------------------------------------------------------------------------


@rule(
    "FND-041",
    judges="find_cases",
    accepts=[
        search(created_from="2020-01-01", created_to="2020-01-02"),
        search(delivered_from="2020-01-01", delivered_to="2020-01-01"),
        search(created_from="2020-01-01T10:00:00", created_to="2020-01-01"),
    ],
    rejects=[
        search(created_from="2020-01-02", created_to="2020-01-01").refused(400),
        search(
            created_from="2019-01-01", created_to="2020-01-01", delivered_from="2020-01-02", delivered_to="2020-01-01"
        ),
    ],
    ignores=[
        search(),
        search(created_from="2020-01-02"),
        search(created_from="2020-01-02", delivered_to="2020-01-01"),
        WRONG + SENT,
    ],
)
def a_pms_asks_for_possible_ranges(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Neither range of a search ends before it begins, unless the user wanted it so: FND-044 and FND-046 go on."""
    found = ranges(criteria(exchange)) if exchange.method is not None else {}
    wish = history.orders.of(exchange)
    if not found or (wish is not None and is_impossible(wish)):
        return None
    kept = all(each is not Side.OUTSIDE for each in found.values())
    return judged(kept, "ranges that end after they begin", asked(exchange, spec), exchange)


@rule(
    "FND-042",
    judges="find_cases",
    accepts=[declared(1) + search(), search(case(1)) + search()],
    rejects=[UNKNOWN + search(), fresh("A") + search()],
    ignores=[search(), search(patient=None)],
)
def a_pms_searches_for_mapped_patients(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged once the trace has shown whether the id is mapped."""
    proof = history.proofs.integration_id(patient_of(exchange), exchange)
    if proof.state is State.UNPROVEN:
        return None
    observed = f"one that no patient is mapped under{as_ordered(history, exchange)}"
    return judged(
        proof.state is State.PRESENT, "the integration id of a mapped patient", observed, *proof.evidence, exchange
    )


@rule(
    "FND-043",
    judges="find_cases",
    accepts=[search(is_created="True", is_scanned="False"), search(is_created="True")],
    rejects=[search(is_created="False"), search(is_created="False", is_scanned="false", is_modelled="False")],
    ignores=[search(), search(is_created="yes")],
)
def a_pms_says_which_statuses_it_wants(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """False alone is read in three ways: all cases, all but those, or none."""
    if exchange.method is None:
        return None
    given = [p.role for p in exchange.method.parameters if p.kind.value == "boolean" and exchange.given(p.role)]
    if not given or any(isinstance(parse_boolean(exchange.values[role]), Malformed) for role in given):
        return None  # how it is written is the business of TRN-016
    wanted = any(exchange.flag(role) for role in given)
    return judged(wanted, "a status that is true, or none", asked(exchange, spec), exchange)


# -- cases ----------------------------------------------------------------------------------------------------


def names_a_station(exchange: Exchange) -> Verdict | None:
    """The verdict on a call that only a station can carry out: its station is not the empty one.

    A call without any station is the business of the mandatory parameter.
    """
    method = exchange.method
    if method is None or method.runs_on is not RunsOn.STATION or not exchange.given("station"):
        return None
    station = exchange.guid("station")
    if station is None:
        return None
    return judged(station != EMPTY_GUID, "a station", "the empty GUID, which stands for the server", exchange)


@rule(
    "CASE-013",
    judges="create_case",
    accepts=[call("create_case", integration_id="A", station=7)],
    rejects=[call("create_case", integration_id="A", station=0)],
    ignores=[call("create_case", integration_id="A"), call("create_case", integration_id="A", station="?")],
)
def a_pms_starts_cases_at_a_station(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The server cannot start a case."""
    return names_a_station(exchange)


@rule(
    "SCS-012",
    judges="select_case",
    accepts=[call("select_case", case=1, station=7)],
    rejects=[call("select_case", case=1, station=0)],
    ignores=[call("select_case", case=1), call("select_case", case=1, station="?")],
)
def a_pms_selects_cases_at_a_station(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The server cannot select a case."""
    return names_a_station(exchange)


@rule(
    "SCS-013",
    judges="select_case",
    accepts=[search(case(1)) + call("select_case", case=1, station=7), declared(1) + call("select_case", case=1)],
    rejects=[
        minted("case", 9) + call("select_case", case=9, station=7),
        call("select_case", case=9, station=7, operation=1)
        + poll(1, "case_unknown")
        + call("select_case", case=9, station=7, operation=2),
        order("select_case", case=str(guid(1))) + call("select_case", case=9, station=7),
    ],
    ignores=[call("select_case", case=1, station=7), call("select_case", station=7)],
)
def a_pms_selects_cases_that_exist(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged once the trace has shown the case, or that there is none."""
    number = exchange.guid("case")
    if number is None or number == EMPTY_GUID:
        return None
    seen = [s.exchange.number for s in history.cases.sightings(number) if s.exchange.before(exchange)]
    seen += [note.number for note in history.cases.declared("case", number) if note.number < exchange.number]
    if seen:
        return holds(seen[0], exchange)
    evidence = history.minted("case", number, exchange) or _told_unknown(history, number, exchange, spec)
    evidence = evidence or _told_to_select(history, number, exchange)
    if not evidence:
        return None
    return breaks("a case that a search has listed", "one that does not exist", evidence, exchange)


def _told_to_select(history: History, number: UUID, exchange: Exchange) -> int:
    """Number of the order to select another case; 0 without one."""
    order_ = history.orders.of(exchange)
    chosen = parse_guid(order_.data.get("case", "")) if order_ is not None else None
    return order_.begin.number if order_ is not None and isinstance(chosen, UUID) and chosen != number else 0


def _told_unknown(history: History, number: UUID, exchange: Exchange, spec: Spec) -> int:
    """Number of the call for this case that was known to have failed for want of it; 0 without one."""
    code = spec.code("case_unknown")
    for other in reversed(history.of("select_case")):
        operation = history.started_by(other)
        if other is not exchange and operation is not None and other.guid("case") == number:
            return other.number if code in operation.codes(exchange) else 0
    return 0


# -- images ---------------------------------------------------------------------------------------------------


@rule(
    "IMG-013",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7)],
    rejects=[
        LISTED + fetched(2, 7).refused(404),
        LISTED + search(case(2)) + fetched(2, 7),
        LISTED + fetched(7, 1).refused(404),
    ],
    ignores=[fetched(1, 7), LISTED + fetched(1, 8), LISTED + fetched(None, 7)],
)
def a_pms_asks_for_an_image_in_its_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """An image whose case is known is asked for under the id of that case."""
    ids = pair(exchange)
    found = attachments(history, ids[1], exchange) if ids is not None else []
    swapped = attachments(history, ids[0], exchange) if ids is not None else []
    if ids is not None and any(each.case == ids[1] for each in swapped):
        return breaks(
            f"case {ids[1]} and image {ids[0]}", "the two in each other's place", swapped[-1].number, exchange
        )
    if ids is None or not found:
        return None
    kept = any(each.case == ids[0] for each in found)
    return judged(kept, f"case {found[-1].case} for image {ids[1]}", f"case {ids[0]}", found[-1].number, exchange)


@rule(
    "IMG-014",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7)],
    rejects=[
        LISTED + fetched(1, 8),
        search(case(1)) + fetched(1, 7),
        order("fetch_images", person="17") + LISTED + fetched(2, 9),
    ],
    ignores=[fetched(1, 7), fetched(1, 7) + LISTED, LISTED + fetched(2, 9), LISTED + fetched(1, None)],
)
def a_pms_asks_for_images_that_are_listed(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged for cases that the trace has listed: others may have been listed before it began.

    A PMS that is told what to do has listed what it fetches since.
    """
    ids = pair(exchange)
    seen = _newest(history, ids[0], exchange) if ids is not None else None
    order_ = history.orders.of(exchange)
    lists = [e for e in order_.of("find_cases") if e.succeeded] if order_ is not None else []
    if ids is not None and seen is None and lists:
        return breaks("an image of a case that a search lists", f"image {ids[1]}", lists[-1], exchange)
    if ids is None or seen is None:
        return None
    kept = any(entry.guid("image") == ids[1] for entry in seen.record.records("images"))
    expected = f"an image that exchange {seen.exchange.number} lists for the case"
    return judged(kept, expected, f"image {ids[1]}", seen.exchange, exchange)


def _newest(history: History, number: UUID, before: Exchange) -> Sighting | None:
    return next((s for s in reversed(history.cases.sightings(number)) if s.exchange.before(before)), None)


# -- the workflow ---------------------------------------------------------------------------------------------


@per_exchange
def _wanted(exchange: Exchange) -> tuple[tuple[UUID, UUID], ...]:
    """Every case with every image that an answered search lists."""
    found = []
    for number, record in (listing(exchange) or {}).items():
        for entry in record.records("images"):
            image_id = entry.guid("image")
            if image_id is not None:
                found.append((number, image_id))
    return tuple(found)


def _for_all_cases(search_call: Exchange) -> bool:
    return not set(search_call.values) - {"integration_id"}


def _source(history: History, exchange: Exchange, *, whole: bool) -> Exchange | None:
    """The newest search of the same sender that listed the image before it was asked for."""
    ids = pair(exchange)
    for other in reversed(history.cases.listings_of_image(*ids) if ids is not None else ()):
        mine = other.who == exchange.who and other.before(exchange) and ordinary(other)
        if mine and (_for_all_cases(other) or not whole):
            return other
    return None


def _fetches(history: History, who: str, ids: tuple[UUID, UUID]) -> Iterator[Exchange]:
    """Answered calls of this sender for one image, newest first."""
    return (f for f in reversed(history.cases.fetches_of_image(*ids)) if f.answered and f.who == who)


def _asked_since(history: History, source: Exchange, who: str, ids: tuple[UUID, UUID]) -> bool:
    """True when this sender asked for the image after that search, and got something that can be read."""
    since = takewhile(lambda fetch: fetch.number > source.number, _fetches(history, who, ids))
    return any(source.before(fetch) and not garbled(fetch) for fetch in since)


@rule(
    "FLOW-201",
    judges="fetch_image",
    accepts=[
        TWO_LISTED + fetched(1, 7) + fetched(1, 8),
        LISTED + fetched(1, 7).refused(503) + fetched(1, 7),
        LISTED + fetched(1, 7) + LISTED + fetched(1, 7).refused(404),
    ],
    rejects=[TWO_LISTED + fetched(1, 8).refused(404) + fetched(1, 7), LISTED + fetched(1, 7, b"")],
    ignores=[TWO_LISTED + fetched(1, 7), fetched(1, 7), LISTED + fetched(1, 7).lost()],
)
def a_search_leads_to_every_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Once every image that a search listed was asked for, each of them has come, then or before.

    That one comes again whenever it is asked for is another clause.
    """
    source = _source(history, exchange, whole=False) if exchange.answered else None
    if source is None or exchange.http_status in SKIPPED_HTTP:
        return None
    wanted = _wanted(source)
    if not all(_asked_since(history, source, exchange.who, ids) for ids in wanted):
        return None
    failed = next((ids for ids in wanted if not _ever_came(history, ids)), None)
    observed = f"all but image {failed[1]} of case {failed[0]}" if failed is not None else ""
    return judged(failed is None, f"every image that exchange {source.number} lists", observed, source, exchange)


def _ever_came(history: History, ids: tuple[UUID, UUID]) -> bool:
    return any(brings_image(fetch) for fetch in history.cases.fetches_of_image(*ids))


@rule(
    "FLOW-202",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7), LISTED + search(case(1, images=[image(7)]), is_created="True") + fetched(1, 7)],
    rejects=[search(case(1, images=[image(7)]), is_created="True") + fetched(1, 7)],
    ignores=[fetched(1, 7), LISTED + fetched(1, 8)],
)
def a_pms_searches_all_cases_for_images(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Some search without any criterion had listed the image by then."""
    source, whole = _source(history, exchange, whole=False), _source(history, exchange, whole=True)
    if source is None or not _wanted_by_the_user(history, exchange):
        return None
    if whole is not None:
        return holds(whole, exchange)
    return breaks("a search for all cases of the patient", asked(source, spec), source, exchange)


@rule(
    "FLOW-203",
    judges="fetch_image",
    accepts=[TWO_LISTED + fetched(1, 7) + fetched(1, 8), TWO_LISTED + fetched(1, 8).refused(404) + fetched(1, 7)],
    rejects=[TWO_LISTED + fetched(1, 7)],
    ignores=[TWO_LISTED, search(case(1)), TWO_LISTED + fetched(2, 7)],
)
def a_pms_fetches_every_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A PMS that fetches one image of a patient's cases fetches them all, now or earlier."""
    source = _source(history, exchange, whole=True)
    return holds(source, exchange) if source is not None and not _left(history, source) else None


@a_pms_fetches_every_image.at_end
def no_image_is_left(history: History, spec: Spec) -> Iterable[Verdict]:
    newest = {(s.who, patient_of(s)): s for s in history.of("find_cases") if ordinary(s) and _for_all_cases(s)}
    for source in newest.values():
        wanted, left = _wanted(source), _left(history, source)
        asked_for = any(
            _wanted_by_the_user(history, fetch) for ids in wanted for fetch in _fetches(history, source.who, ids)
        )
        if left and len(left) < len(wanted) and asked_for:
            expected = f"every image that exchange {source.number} lists to be fetched"
            yield breaks(expected, f"{len(left)} of them never, such as {left[0][1]}", source)


def _wanted_by_the_user(history: History, fetch: Exchange) -> bool:
    """True for an image of a recording without orders, and for one that an order for images brought."""
    order_ = history.orders.of(fetch)
    return not history.orders.all or (order_ is not None and order_.does == "fetch_images")


def _left(history: History, source: Exchange) -> list[tuple[UUID, UUID]]:
    """The images of a search that its sender has never asked for."""
    return [ids for ids in _wanted(source) if not any(_fetches(history, source.who, ids))]
