"""Which scenario comes next, and what a PMS does not have to show.

The list of duties not yet witnessed is asked for before each scenario; the one that aims at most of them goes first.
So a run that is broken off early has seen what matters most.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from conformance.certify.pms import About
from conformance.spec import Spec
from conformance.spec.scenarios import Deed, Scenario

METHODS: Mapping[Deed, str] = {
    Deed.LIST_STATIONS: "list_stations",
    Deed.CREATE_PATIENT: "create_patient",
    Deed.MAP_PATIENT: "create_patient",
    Deed.UPDATE_PATIENT: "update_patient",
    Deed.SELECT_PATIENT: "select_patient",
    Deed.CREATE_CASE: "create_case",
    Deed.SELECT_CASE: "select_case",
    Deed.FIND_CASES: "find_cases",
    Deed.FETCH_IMAGES: "fetch_image",
    Deed.CANCEL_OPERATION: "remove_operation",
}
"""Role of the method that a deed of the PMS calls."""


def in_turn(scenarios: Sequence[Scenario], unwitnessed: Callable[[], Collection[str]]) -> Iterator[Scenario]:
    """Every scenario once; always the one next that aims at most rows of ``unwitnessed``, those of a tie in order."""
    left = list(scenarios)
    while left:
        wanted = frozenset(unwitnessed())
        best = max(left, key=lambda scenario: len(wanted.intersection(scenario.aims)))
        left.remove(best)
        yield best


def in_rounds(scenarios: Sequence[Scenario]) -> list[list[Scenario]]:
    """The same in rounds: ordinary use, then what goes wrong, then wrong certificates; a round is not empty.

    A person who plays the PMS meets trouble only when the ordinary has been seen to work.
    """
    rounds: dict[int, list[Scenario]] = {}
    for scenario in scenarios:
        deeds = {step.does for step in scenario.steps}
        rounds.setdefault(2 if Deed.PRESENT in deeds else 1 if Deed.DISTURB in deeds else 0, []).append(scenario)
    return [rounds[number] for number in sorted(rounds)]


def not_applicable(spec: Spec, about: About, scenarios: Sequence[Scenario]) -> Mapping[str, str]:
    """Rows that nobody can see kept, since the PMS declares that it does not do what they are about."""
    missing = [deed for deed in METHODS if deed.value not in about.steps]
    called = {METHODS[deed] for deed in METHODS if deed not in missing}
    uncalled = {f"/{spec.method[METHODS[deed]].name}": deed for deed in missing if METHODS[deed] not in called}
    told = {
        row.id: f"the PMS declares no {uncalled[row.heading]}" for row in spec.requirements if row.heading in uncalled
    }
    playable = [scenario for scenario in scenarios if all(deed.value in about.steps for deed in scenario.deeds)]
    reachable = {row for scenario in playable for row in scenario.aims}
    aimed = {row for scenario in scenarios for row in scenario.aims}
    for row in sorted(aimed - reachable):
        told.setdefault(row, f"every scenario for it needs what the PMS does not declare: {_names(missing)}")
    return told


def _names(deeds: Sequence[Deed]) -> str:
    return ", ".join(deed.value for deed in deeds)
