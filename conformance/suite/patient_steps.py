"""Steps that plays about patients are made of: bring a call into a situation, send it, look at what it left."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import IntEnum
from itertools import combinations

from conformance.spec import Condition, Method, Outcome
from conformance.suite.play import Ask, Desk, NotPossible
from conformance.trace import Exchange

CREATE, UPDATE, SELECT = "create_patient", "update_patient", "select_patient"

Values = dict[str, str]
Waiting = Generator[Ask, list[Exchange], Exchange]
Making = Generator[Ask, list[Exchange], Values]


def created(desk: Desk, **changes: str) -> Making:
    """A patient made on the server; its data by role."""
    patient = desk.patient(**changes)
    yield from desk.done(CREATE, **patient)
    return patient


def asks_for(desk: Desk, patient_id: str) -> Waiting:
    """Somebody new is created with this patient id: it shows whether anybody has it."""
    return (yield from desk.done(CREATE, **desk.patient(patient_id=patient_id)))


def shows_refusal(desk: Desk, role: str = CREATE) -> Generator[Ask, list[Exchange], None]:
    """The server is seen to refuse a patient id that somebody has; what follows may rest on that."""
    holder = yield from created(desk)
    if role == CREATE:
        yield from asks_for(desk, holder["patient_id"])
    else:
        other = yield from created(desk)
        yield from desk.done(UPDATE, **{**other, "patient_id": holder["patient_id"]})


def at_station(
    desk: Desk,
    role: str,
    presses: Sequence[tuple[str, str]],
    values: Mapping[str, str],
    order: Callable[[Sequence[tuple[str, str]]], Sequence[tuple[str, str]]] = tuple,
) -> Waiting:
    """The operation at a station, whose operator was told beforehand what to press in which dialog."""
    operation, station = desk.operation_id(), values.get("station") or desk.station()
    for dialog, button in presses:
        desk.decide(operation, station.lower(), dialog, button)
    yield replace(desk.send(role, **{**values, "station": station, "operation": operation}), order=order)
    return (yield from desk.settle(operation))


def another_station(desk: Desk) -> str:
    """A station that most plays pass by, if there is more than one: what goes wrong at one may go well at another."""
    try:
        return desk.station(1)
    except NotPossible:
        return desk.station()


def backwards(pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The parameters of a call from the last to the first."""
    return tuple(reversed(pairs))


def without(values: Mapping[str, str], *roles: str) -> Values:
    """The values but for these parameters, which are left out."""
    return {role: value for role, value in values.items() if role not in roles}


def namesakes(desk: Desk) -> Sequence[Mapping[str, str]]:
    """Unmapped patients with a patient id whose last name nobody else declared has. Raises NotPossible without any."""
    everybody = [*desk.fixtures("unmapped_patient"), *desk.fixtures("patient")]
    names = [each.get("last_name", "").casefold() for each in everybody]
    found = [
        each
        for each in desk.fixtures("unmapped_patient")
        if each.get("patient_id") and each.get("first_name") and names.count(each["last_name"].casefold()) == 1
    ]
    if not found:
        raise NotPossible("no unmapped patient with a name and a patient id of its own is declared")
    return found


class Share(IntEnum):
    """Unmapped patients are used up by mapping them, so each kind of play has a share of its own."""

    KEEPERS = 0
    APPLIERS = 1
    OTHERS = 2  # never mapped, whatever the order of plays
    OWNERS = 3


def one_of_share(desk: Desk, share: Share) -> Mapping[str, str]:
    """A namesake out of that share. Raises NotPossible when there are too few of them."""
    mine = [each for index, each in enumerate(namesakes(desk)) if index % len(Share) == share]
    if not mine:
        raise NotPossible(f"fewer than {share + 1} unmapped patients with names of their own are declared")
    return desk.random.choice(mine)


def named_like(desk: Desk, namesake: Mapping[str, str]) -> Values:
    """Parameters of a new patient with the names of ``namesake``."""
    return desk.patient(first_name=namesake["first_name"], last_name=namesake["last_name"])


# -- broken conditions ----------------------------------------------------------------------------------------


def subsets(method: Method) -> Iterator[tuple[Outcome, ...]]:
    """Every set of two or more conditions of the method that one call can break."""
    for size in range(2, len(method.outcomes) + 1):
        for chosen in combinations(method.outcomes, size):
            if len({outcome.parameter for outcome in chosen}) == size:
                yield chosen


def phrase(outcomes: Sequence[Outcome]) -> str:
    """``last-name-missing`` or ``last-name-missing-and-patient-id-taken``, for names of plays."""
    words = [f"{o.parameter} {o.condition.value}".replace("_", "-").replace(" ", "-") for o in outcomes]
    return "-and-".join(words)


def sound(desk: Desk, role: str) -> Making:
    """Parameters of a call that breaks no condition; an update gives other names and another patient id."""
    if role == CREATE:
        return desk.patient()
    patient = yield from created(desk)
    if role == UPDATE:
        return desk.patient(integration_id=patient["integration_id"])
    return {"integration_id": patient["integration_id"]}


def breaking(desk: Desk, values: Values, outcomes: Sequence[Outcome], *, empty: bool) -> Making:
    """``values`` changed so that these conditions are broken; what is missing is absent, or ``empty``."""
    broken = dict(values)
    for outcome in outcomes:
        match outcome.condition:
            case Condition.MISSING:
                broken[outcome.parameter] = ""
                broken = broken if empty else without(broken, outcome.parameter)
            case Condition.UNKNOWN:
                broken[outcome.parameter] = desk.fresh(outcome.parameter)
            case Condition.TAKEN:
                broken[outcome.parameter] = (yield from created(desk))[outcome.parameter]
            case Condition.NO_STATION:
                broken = without(broken, outcome.parameter)
                if empty:
                    broken[outcome.parameter] = desk.spec.empty_guid
    return broken
