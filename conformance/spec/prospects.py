"""What a PMS could be used for next, so that what was not seen yet is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from conformance.spec.objects import Spec
from conformance.spec.scenarios import Scenario, command_line_scenarios, pms_scenarios, vdds_scenarios


def still_to_show(scenarios: Sequence[Scenario], unwitnessed: Collection[str]) -> list[tuple[Scenario, list[str]]]:
    """The fewest scenarios that show the rows not yet witnessed, as far as any does, each with those it shows."""
    left = set(unwitnessed)
    chosen: list[tuple[Scenario, list[str]]] = []
    while True:
        best = max(scenarios, key=lambda scenario: len(left.intersection(scenario.aims)), default=None)
        shown = left.intersection(best.aims) if best else set()
        if best is None or not shown:
            return chosen
        chosen.append((best, sorted(shown)))
        left -= shown


def in_words(scenarios: Sequence[Scenario], unwitnessed: Sequence[str]) -> Iterator[str]:
    """A line for each of these scenarios, and one for the rows that none of them shows."""
    left = list(unwitnessed)
    for scenario, rows in still_to_show(scenarios, unwitnessed):
        yield f"to do next: {scenario.title} ({scenario.name}; shows {', '.join(rows)})"
        left = [row for row in left if row not in rows]
    if left:
        yield f"not seen, and no scenario of this run shows it: {', '.join(left)}"


def scenarios_about(spec: Spec, rows: Collection[str]) -> tuple[Scenario, ...]:
    """All scenarios of one interface: of the one whose scenarios show most of these rows."""
    known = (pms_scenarios(spec), command_line_scenarios(spec), vdds_scenarios(spec))
    return max(known, key=lambda scenarios: len({row for each in scenarios for row in each.aims}.intersection(rows)))
