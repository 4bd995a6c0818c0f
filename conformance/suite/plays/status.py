"""Statuses: how long they are kept, which operation they are about, and each of them brought about."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from conformance.spec import Spec
from conformance.suite.play import Desk, Dialog, Pause, Play, Send, Steps, play
from conformance.suite.plays.pool import (
    WRITES,
    ask,
    attended,
    disconnected,
    look,
    misdirected,
    new_patient,
    no_station,
    refused,
    remove,
    unused,
)

Start = Callable[[Desk, str | None], Send]
WINDOW = ("STAT-014", "STAT-015")
COUNTING = WRITES | {"alone"}
SMALL: dict[str, Start] = {"processed": new_patient, "refused": refused, "misdirected": misdirected}


def plays(spec: Spec) -> Iterable[Play]:
    """The number of statuses kept, with operations of every outcome; and one play per way to end at a station."""
    for name, start in SMALL.items():
        yield Play(f"status.last-ones-kept.{name}", (*WINDOW, "STAT-010"), COUNTING, _last_ones(start), "")
        yield Play(f"status.one-more.{name}", WINDOW, COUNTING, _one_more(start), "")
        yield Play(f"status.asked-all-along.{name}", (*WINDOW, "POOL-006"), COUNTING, _asked_all_along(start), "")
    needs = frozenset({"writes", "operator"})
    for button, row in PAGE_BUTTONS.items():
        yield Play(f"status.page.{button.replace('_', '-')}", (row, "STAT-018"), needs, _at_page(button), "")


# -- how long -------------------------------------------------------------------------------------------------


def _last_ones(start: Start) -> Callable[[Desk], Steps]:
    """As many operations as are kept and two more, then a look at each, the oldest first."""

    def steps(desk: Desk) -> Steps:
        ids = [desk.operation_id() for _ in range(desk.spec.kept_operations + 2)]
        for operation in ids:
            yield from desk.one(start(desk, operation))
        for operation in ids:
            yield from ask(desk, operation)

    return steps


def _one_more(start: Start) -> Callable[[Desk], Steps]:
    """One operation, and a look at it when it is the last that is kept and when it is the first that is not."""

    def steps(desk: Desk) -> Steps:
        first = desk.operation_id()
        yield from desk.one(start(desk, first))
        for _ in range(desk.spec.kept_operations - 1):
            yield from desk.one(start(desk, desk.operation_id()))
        yield from ask(desk, first)
        yield from desk.one(start(desk, desk.operation_id()))
        yield from ask(desk, first)
        yield from desk.one(start(desk, desk.operation_id()))
        yield from ask(desk, first)

    return steps


def _asked_all_along(start: Start) -> Callable[[Desk], Steps]:
    """One operation that is asked for after each newer one: being asked keeps nothing young."""

    def steps(desk: Desk) -> Steps:
        first = desk.operation_id()
        yield from desk.one(start(desk, first))
        yield from desk.settle(first)
        for _ in range(desk.spec.kept_operations + 1):
            yield from desk.one(start(desk, desk.operation_id()))
            yield from ask(desk, first)

    return steps


@play("status.window.asked-for-another", aims=("STAT-014",), needs=("writes", "alone"))
def asking_for_one_costs_the_other_nothing(desk: Desk) -> Steps:
    """Of two operations the older one is asked for; the other keeps its place until it is the last that is kept.

    So many come before them that no older one, still open at a station, can take a place by changing late.
    """
    for _ in range(2 * desk.spec.kept_operations):
        yield from desk.one(refused(desk, desk.operation_id()))
    first, second = desk.operation_id(), desk.operation_id()
    for operation in (first, second):
        yield from desk.one(refused(desk, operation))
    yield from ask(desk, first)
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, second)


@play("status.window.stations", aims=(*WINDOW, "POOL-002"), needs=("writes", "alone"))
def the_window_spans_all_places(desk: Desk) -> Steps:
    """Operations for the server and for two stations that are not there share one row of places.

    The server's come first: they are over at once, while those for absent stations may change as long as they wait.
    """
    places = [None, no_station(desk), disconnected(desk)]
    started: list[tuple[str, str | None]] = []
    for index in range(desk.spec.kept_operations + 2):
        operation, station = desk.operation_id(), places[index % len(places)]
        yield from desk.one(new_patient(desk, operation, **({"station": station} if station else {})))
        started.append((operation, station))
    for operation, _ in started:
        yield from ask(desk, operation)
    for operation, station in started:
        if station:
            yield from remove(desk, operation)


@play("status.window.repeated-id", aims=(*WINDOW, "STAT-016"), needs=("writes", "alone"))
def a_repeated_id_in_the_window(desk: Desk) -> Steps:
    """An id is used again when its first use is almost forgotten: the second use is young."""
    again = desk.operation_id()
    yield from desk.one(new_patient(desk, again))
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from desk.one(refused(desk, again))
    yield from ask(desk, again)
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(misdirected(desk, desk.operation_id()))
    yield from ask(desk, again)
    yield from desk.one(misdirected(desk, desk.operation_id()))
    yield from ask(desk, again)


@play("status.window.one-id-many-times", aims=("STAT-014", "STAT-016"), needs=("writes", "alone"))
def one_id_many_times(desk: Desk) -> Steps:
    """Shows whether operations with one id take one place or many."""
    first, again = desk.operation_id(), desk.operation_id()
    yield from desk.one(refused(desk, first))
    for _ in range(desk.spec.kept_operations + 1):
        yield from desk.one(refused(desk, again))
    yield from ask(desk, first)
    yield from ask(desk, again)


@play("status.window.without-id", aims=("STAT-012", "STAT-014"), needs=("writes", "alone"))
def operations_without_id_in_the_window(desk: Desk) -> Steps:
    """Operations without an id between others: they take places too."""
    first = desk.operation_id()
    yield from desk.one(refused(desk, first))
    for _ in range(desk.spec.kept_operations // 2):
        yield from desk.one(refused(desk, None))
    yield from ask(desk, first)
    yield from ask(desk, desk.spec.empty_guid)
    for _ in range(desk.spec.kept_operations):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, first)
    yield from ask(desk, desk.spec.empty_guid)


@play("status.window.look-ups", aims=("STAT-014",), needs=("writes", "alone"))
def look_ups_in_the_window(desk: Desk) -> Steps:
    """Shows whether look-ups take places: many of them after one operation, and one where one place is left."""
    operation = desk.operation_id()
    yield from desk.one(refused(desk, operation))
    for _ in range(desk.spec.kept_operations + 1):
        yield from desk.one(desk.send("list_stations"))
    yield from ask(desk, operation)
    operation = desk.operation_id()
    yield from desk.one(refused(desk, operation))
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from desk.one(desk.send("list_stations"))
    yield from ask(desk, operation)


@play("status.window.queries", aims=("POOL-006", "STAT-014"), needs=("writes", "alone"))
def queries_in_the_window(desk: Desk) -> Steps:
    """Many status queries and removals, about this operation and about none, push nothing out."""
    operation, other = desk.operation_id(), unused(desk, "operation")
    yield from desk.one(refused(desk, operation))
    for _ in range(desk.spec.kept_operations + 1):
        yield from ask(desk, other)
        yield from ask(desk, operation)
    for _ in range(desk.spec.kept_operations + 1):
        yield from remove(desk, other)
    yield from ask(desk, operation)


@play("status.window.full-and-asked", aims=("POOL-006", "STAT-014"), needs=("writes", "alone"))
def queries_when_every_place_is_taken(desk: Desk) -> Steps:
    """As many operations as are kept; the youngest is asked about again and again, then all, from the oldest on."""
    operations = [desk.operation_id() for _ in range(desk.spec.kept_operations)]
    for operation in operations:
        yield from desk.one(refused(desk, operation))
    for operation in operations:
        yield from desk.settle(operation)
    for _ in range(3 * desk.spec.kept_operations):
        yield from ask(desk, operations[-1])
    for operation in operations:
        yield from ask(desk, operation)


@play("status.window.removed", aims=(*WINDOW, "REM-002"), needs=("writes", "alone"))
def a_removed_operation_in_the_window(desk: Desk) -> Steps:
    """A removed operation keeps its place as long as any other."""
    operation = desk.operation_id()
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from remove(desk, operation)
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, operation)
    yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, operation)


@play("status.window.finished-late", aims=("STAT-018",), needs=("writes", "operator", "alone"))
def an_operation_that_ends_late(desk: Desk) -> Steps:
    """Shows whether a late result makes an operation young again."""
    operation = yield from attended(desk, desk.station())
    yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, operation)
    yield from desk.settle(operation)
    for _ in range(desk.spec.kept_operations - 1):
        yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, operation)


# -- which operation ------------------------------------------------------------------------------------------


@play("status.never-used", aims=("STAT-038", "STAT-001", "STAT-005"))
def an_id_never_used(desk: Desk) -> Steps:
    """Ids that no operation was given, again and again."""
    first, second = unused(desk, "operation"), unused(desk, "operation")
    for operation in (first, second, first):
        yield from ask(desk, operation)


@play("status.never-used-among-others", aims=("STAT-038", "STAT-014"), needs=("writes",))
def an_id_never_used_among_others(desk: Desk) -> Steps:
    """An id that no operation was given, while others are known."""
    known, other = desk.operation_id(), unused(desk, "operation")
    yield from desk.one(new_patient(desk, known))
    yield from ask(desk, other)
    yield from desk.settle(known)
    yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, other)
    yield from ask(desk, known)


@play("status.same-id", aims=("STAT-016",), needs=("writes",))
def the_same_id(desk: Desk) -> Steps:
    """One id for a good operation, a bad one, another bad one, and a good one again."""
    operation = desk.operation_id()
    for start in (new_patient, refused, misdirected, new_patient):
        yield from desk.one(start(desk, operation))
        yield from desk.settle(operation)
        yield from ask(desk, operation)


@play("status.same-id-unasked", aims=("STAT-016",), needs=("writes",))
def the_same_id_unasked(desk: Desk) -> Steps:
    """One id for a bad operation and a good one, without a look between."""
    for pair in ((refused, new_patient), (new_patient, misdirected)):
        operation = desk.operation_id()
        for start in pair:
            yield from desk.one(start(desk, operation))
        yield from desk.settle(operation)


@play("status.same-id-elsewhere", aims=("STAT-016", "POOL-002"), needs=("writes",))
def the_same_id_elsewhere(desk: Desk) -> Steps:
    """An id that the server was done with is used for a station that is not there, and the other way round."""
    operation = desk.operation_id()
    yield from desk.one(new_patient(desk, operation))
    yield from desk.settle(operation)
    yield from desk.one(new_patient(desk, operation, station=no_station(desk)))
    yield from look(desk, operation, 3)
    yield from desk.one(refused(desk, operation))
    yield from look(desk, operation, 2)
    yield from remove(desk, operation)


@play(
    "status.same-id-at-two-stations",
    aims=("STAT-016", "STAT-018"),
    needs=("writes", "operator", "several-stations", "alone"),
)
def the_same_id_at_two_stations(desk: Desk) -> Steps:
    """The first of two operations with one id ends last, since its station has another before it: the second counts."""
    before = yield from attended(desk, desk.station(0))
    operation = desk.operation_id()
    for index, button in enumerate(("save", "cancel")):
        desk.decide(operation, desk.station(index), Dialog.NEW_PATIENT, button)
        yield new_patient(desk, operation, station=desk.station(index))
    yield from desk.settle(operation)
    yield from desk.settle(before)
    yield from look(desk, operation, 6)


@play("status.without-id", aims=("STAT-012", "STAT-016", "STAT-005"), needs=("writes",))
def without_an_id(desk: Desk) -> Steps:
    """Operations without an id, with the empty one, and queries that name it or leave it out."""
    yield from desk.one(new_patient(desk, None))
    yield from ask(desk, desk.spec.empty_guid)
    yield from desk.one(refused(desk, None))
    yield from desk.one(desk.send("get_status"))
    yield from desk.one(misdirected(desk, desk.spec.empty_guid))
    yield from ask(desk, desk.spec.empty_guid)
    yield from desk.one(refused(desk, desk.operation_id()))
    yield from ask(desk, desk.spec.empty_guid)


@play("status.other-spelling", aims=("STAT-010",), needs=("writes",))
def an_id_in_capitals(desk: Desk) -> Steps:
    """Shows whether an id is found in another spelling."""
    operation = desk.operation_id()
    yield from desk.one(refused(desk, operation.upper()))
    yield from ask(desk, operation)
    yield from ask(desk, operation.upper())


@play("status.refusals", aims=("STAT-030", "STAT-031", "STAT-032", "STAT-033", "STAT-036"), needs=("writes",))
def refusals(desk: Desk) -> Steps:
    """What a call can lack, and an integration id that is taken; at stations too, where nobody need be."""
    patient, station = desk.patient(), no_station(desk)
    yield from desk.done("create_patient", **patient)
    yield from desk.done("create_patient", **{**desk.patient(), "integration_id": patient["integration_id"]})
    for role in ("last_name", "integration_id"):
        yield from desk.done("create_patient", **{**desk.patient(), role: None})
    for role in ("create_case", "select_case", "select_patient"):
        operation = desk.operation_id()
        yield from desk.one(desk.send(role, operation=operation, station=station))
        yield from look(desk, operation, 2)
        yield from remove(desk, operation)


# -- every way to end at a station ----------------------------------------------------------------------------

PAGE_BUTTONS = {
    "navigation_failed": "STAT-023",
    "no_answer": "STAT-027",
    "exception": "STAT-028",
    "internal_error": "STAT-037",
    "cancel": "STAT-022",
}


def _at_page(button: str) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        station, operation, patient = desk.station(), desk.operation_id(), desk.patient()
        desk.decide(operation, station, Dialog.PAGE, button)
        yield from desk.one(desk.send("create_patient", operation=operation, station=station, **patient))
        yield Pause()
        yield from desk.settle(operation)
        yield from look(desk, operation, 2)
        yield from desk.done("update_patient", **{**patient, "patient_id": None})

    return steps


@play("status.cancelled", aims=("STAT-022", "STAT-018"), needs=("writes", "operator"))
def cancelled(desk: Desk) -> Steps:
    """The operator closes the dialog for a new patient; the patient is not there afterwards."""
    station, operation, patient = desk.station(), desk.operation_id(), desk.patient()
    desk.decide(operation, station, Dialog.NEW_PATIENT, "cancel")
    yield from desk.one(desk.send("create_patient", operation=operation, station=station, **patient))
    yield from desk.settle(operation)
    yield from desk.done("update_patient", **{**patient, "patient_id": None})
    yield from look(desk, operation, 2)


@play("status.update-cancelled", aims=("STAT-022", "STAT-025"), needs=("writes", "operator"))
def update_cancelled(desk: Desk) -> Steps:
    """The operator closes the dialog for changed data, then applies the same change."""
    station, patient = desk.station(), desk.patient()
    yield from desk.done("create_patient", **patient)
    changed = {**patient, "last_name": desk.text("Changed")}
    for button in ("cancel", "apply"):
        operation = desk.operation_id()
        desk.decide(operation, station, Dialog.SYNC, button)
        yield from desk.done("update_patient", operation=operation, station=station, **changed)
