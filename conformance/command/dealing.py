"""What each shard plays, and what the end of a shard says: it is a part, and only the whole has a verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from conformance.command.shards import SHARD, Shard, dealt
from conformance.judge import EXIT_CODES, Ledger, RunVerdict, Standing
from conformance.report import print_ledger
from conformance.spec import Spec

if TYPE_CHECKING:
    from conformance.spec.scenarios import Scenario

PART = "PART"
VIOLATED, UNDECIDED = EXIT_CODES[RunVerdict.FAIL], EXIT_CODES[RunVerdict.ERROR]
A_GENERATOR = 25.0
"""Generated traffic costs as much as so many plays; more where the budget is larger, yet it cannot be divided."""
STEPS_PER_S, STEPS_UNTIL_SILENT, STEPS_AFTER_TROUBLE = 40.0, 70.0, 8.0
"""What waiting costs: a second for an answer that does not come, a station given up, and a PMS that tries again."""
STEPS_PER_S_POLLED = 4.0
"""A second for which a station or its operator takes its time: the clock goes on with each poll."""
SILENT = "station_silent"
_MOST_ROWS = 8


def plays_dealt(spec: Spec, shards: int) -> Mapping[str, int]:
    """Every play, scenario, probe and generator of a server's run -> number of its shard."""
    from conformance.suite import scenario
    from conformance.suite.budget import FUZZ, MACHINE
    from conformance.suite.plays import collect
    from conformance.suite.quick import QUICK
    from conformance.suite.run import PROBES

    plays = [play.name for play in (*collect(spec), *scenario.plays(spec))]
    in_quick = {name: 1.0 for name in plays if name in QUICK}
    others = {name: 1.0 for name in plays if name not in QUICK} | {PROBES: 1.0, FUZZ: A_GENERATOR, MACHINE: A_GENERATOR}
    # Those of a quick run are dealt by themselves, so that its shards are alike too; with the others, the other way.
    reverse = {name: shards + 1 - shard for name, shard in dealt(others, shards).items()}
    return {**dealt(in_quick, shards), **reverse}


def played_elsewhere(spec: Spec, shard: Shard) -> Mapping[str, str]:
    """Name of what another shard plays -> why this one does not."""
    numbers = plays_dealt(spec, shard.of)
    return {name: _why(number, shard) for name, number in numbers.items() if number != shard.number}


def scenarios_dealt(
    scenarios: Sequence[Scenario], shard: Shard
) -> tuple[tuple[Scenario, ...], tuple[tuple[Scenario, str], ...]]:
    """The scenarios of a PMS's run that this shard plays, and why it does not play the others."""
    numbers = dealt({scenario.name: _cost(scenario) for scenario in scenarios}, shard.of)
    own = tuple(scenario for scenario in scenarios if numbers[scenario.name] == shard.number)
    others = (scenario for scenario in scenarios if numbers[scenario.name] != shard.number)
    return own, tuple((scenario, _why(numbers[scenario.name], shard)) for scenario in others)


def _cost(scenario: Scenario) -> float:
    """About how long it takes: as many steps as it has, and what is waited for by the clock of the world."""
    from conformance.spec.scenarios import Deed

    trouble = [step for step in scenario.steps if step.does is Deed.DISTURB]
    hanging_s = sum(float(step.how.get("seconds", "0")) for step in trouble)
    polled_s = sum(float(step.how["seconds"]) for step in scenario.steps if step.does in (Deed.TARRY, Deed.PONDER))
    silent = sum(step.reaches == SILENT for step in scenario.steps)
    steps = 1 + len(scenario.persons) + len(scenario.steps)
    waits = STEPS_PER_S * hanging_s + STEPS_PER_S_POLLED * polled_s + STEPS_UNTIL_SILENT * silent
    return steps + STEPS_AFTER_TROUBLE * len(trouble) + waits


def _why(number: int, shard: Shard) -> str:
    return f"it belongs to shard {Shard(number, shard.of)}"


# -- the end --------------------------------------------------------------------------------------------------


def is_part(ledger: Ledger) -> bool:
    """True for the ledger of a shard."""
    return SHARD in ledger.about


def exit_code_of(ledger: Ledger) -> int:
    """That of the ledger; a shard's is 0 unless something was broken in it, or broke down, or it was broken off."""
    if not is_part(ledger):
        return ledger.exit_code
    if ledger.verdict in (RunVerdict.VOID, RunVerdict.ERROR) or _cut_short(ledger):
        return UNDECIDED
    return VIOLATED if _broken(ledger) else 0


def word_of(ledger: Ledger) -> str:
    """The verdict in one word."""
    return PART if is_part(ledger) and not exit_code_of(ledger) else ledger.verdict.value


def print_end(ledger: Ledger, console: Console) -> None:
    """The ledger; of a shard without the verdict that it cannot have."""
    if not is_part(ledger):
        print_ledger(ledger, console)
        return
    print_ledger(ledger, console, tuple(_told(ledger)))


def _cut_short(ledger: Ledger) -> bool:
    return any(reason.startswith("the recording was cut short") for reason in ledger.reasons)


def _broken(ledger: Ledger) -> bool:
    """A waiver that is not needed in this shard may be in another; "threedd merge" knows."""
    reasons = [reason for reason in ledger.reasons if not reason.startswith("the waiver of ")]
    return ledger.verdict is RunVerdict.FAIL and bool(reasons)


def _told(ledger: Ledger) -> Iterator[str]:
    shard = ledger.about[SHARD]
    mandatory = [row for row in ledger.rows if row.mandatory]
    open_rows = [row for row in mandatory if row.standing in (Standing.NOT_OBSERVED, Standing.INCONCLUSIVE)]
    others = [row for row in open_rows if f" {_BELONGS} " in f" {row.reason} "]
    found = "Something was broken" if exit_code_of(ledger) == VIOLATED else "Nothing was broken"
    yield f"{word_of(ledger)}  Shard {shard} of a run. {found} in it, and it has no verdict of its own."
    yield f"  {len(mandatory) - len(open_rows)} of {len(mandatory)} mandatory rows were decided in it"
    if others:
        yield f"  {len(others)} belong to other shards"
    if rest := [row.id for row in open_rows if row not in others]:
        more = f" and {len(rest) - _MOST_ROWS} more" if len(rest) > _MOST_ROWS else ""
        yield f"  {len(rest)} have not been seen yet: {', '.join(rest[:_MOST_ROWS])}{more}"
    yield '  "threedd merge", given the folders of all shards, gives the verdict'


_BELONGS = "belongs to shard"
