"""What every run that tells a PMS what to do has on record before its first scenario."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from conformance.certify.pms import About
from conformance.command.past import Past
from conformance.judge import DECLINED, DECLINED_STEPS, LACKS, STEPS
from conformance.spec.scenarios import Scenario
from conformance.trace import NoteKind, Recorder

SET_UP = "set-up"


def note_beginning(recorder: Recorder, at_s: float, about: About, past: Past) -> None:
    """What the PMS can be told to do. The emulator, and whoever plays the operator, are there for all of it."""
    resumed = {"resumed": str(past.sessions)} if past.sessions else {}
    recorder.note(NoteKind.RUN, at_s, **{STEPS: " ".join(sorted(about.steps)), LACKS: "", **resumed})


def note_left_out(recorder: Recorder, at_s: float, left_out: Iterable[tuple[Scenario, str]], whose: str) -> None:
    """Each scenario that this run does not play, and why."""
    for scenario, why in left_out:
        told = {"play": scenario.name, "reason": why, "aims": " ".join(scenario.aims), "whose": whose}
        recorder.note(NoteKind.SKIPPED, at_s, **told)


def note_out_of_reach(recorder: Recorder, at_s: float, rows: Mapping[str, str]) -> None:
    """Rows that nothing can show, since the PMS turned out not to support the step that each is told with."""
    if rows:
        told = {DECLINED: " ".join(sorted(rows)), DECLINED_STEPS: ", ".join(sorted(set(rows.values())))}
        recorder.note(NoteKind.RUN, at_s, **told)


def not_selected(known: Iterable[Scenario], chosen: Sequence[Scenario], only: str) -> list[tuple[Scenario, str]]:
    """Those of ``known`` that --only left out."""
    names = {scenario.name for scenario in chosen}
    return [(each, f"not selected by --only {only}") for each in known if each.name not in names]
