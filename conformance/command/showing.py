"""Which faults of our own emulator show a broken row, so that a finding can be seen again without a network."""

from __future__ import annotations

import itertools
import shlex

from conformance.judge import Ledger

OPTION = "--emulator-fault"


def showing(row: str, ledger: Ledger) -> tuple[str, ...]:
    """The faults of the run if it had any; else the one that breaks the row and as little else as possible; or none."""
    own = _of_run(ledger.about.get("repeat", ""))
    if own:
        return own
    from conformance.emulator.faults import faults  # imports every fault

    breaking = [fault for fault in faults().values() if row in fault.breaks]
    best = min(breaking, key=lambda fault: (len(fault.breaks), fault.name), default=None)
    return (best.name,) if best is not None else ()


def _of_run(command: str) -> tuple[str, ...]:
    try:
        words = shlex.split(command)
    except ValueError:  # a command with a lone quotation mark
        return ()
    return tuple(name for word, name in itertools.pairwise(words) if word == OPTION)
