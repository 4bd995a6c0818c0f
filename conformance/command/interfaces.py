"""What a run over an interface beside REST goes by: the interface, its door, and what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from conformance import __version__
from conformance.certify.driver import DriverTerms
from conformance.certify.pms import Step
from conformance.command.kept import Kept, Options
from conformance.emulator.embedded import Embedded
from conformance.judge import Ledger, Waiver
from conformance.spec import Profile, Spec
from conformance.spec.scenarios import Scenario

HARNESS = f"threedd-conformance {__version__}"


@dataclass(frozen=True)
class Door:
    """Where a PMS goes, while the run goes on."""

    invites: str
    """What a person is told to have the PMS do."""
    told: Mapping[str, str]
    """What a watched program finds in its environment."""
    terms: DriverTerms
    """What a driver is told."""


@dataclass(frozen=True)
class Interface:
    """One interface beside REST."""

    name: str
    """In words, for the report."""
    profile: str
    missing: Callable[[Spec], str]
    """The file that a spec without this interface lacks; '' where it has it."""
    scenarios: Callable[[Spec], tuple[Scenario, ...]]
    """All that a PMS can be taken through over it."""
    abilities: Mapping[Step, str]
    """What a PMS may be able to do over it, in words for a person."""
    opened: Callable[[Path, Embedded], AbstractContextManager[Door]]
    """Opens the door in that folder, for as long as the emulator is reached through it; what lies there is kept."""
    carries: Callable[[str], bool] = lambda text: True
    """True for a name that everybody who speaks it can write."""


@dataclass(frozen=True)
class Wish:
    """Whose use of an interface is judged, by what, and where the report goes."""

    spec: Spec
    profile: Profile
    scenarios: Sequence[Scenario]
    options: Options
    """How the run was started; also that of a run that goes on."""
    out: Path
    now: datetime
    again: str
    """The command that repeats it."""
    driver: Sequence[str] = ()
    """Its command; empty to watch, or to ask a person."""
    run: Sequence[str] = ()
    """While watching: a command whose end ends the run; empty for none."""
    after_s: float | None = None
    person: tuple[TextIO, TextIO] | None = None
    """Where a person types and reads what to do in the PMS; None where none is asked."""
    supports: frozenset[str] | None = None
    """What that person's PMS can do; None asks."""
    kept: Kept | None = None
    """The run to go on with; None for a new one."""
    waivers: tuple[Waiver, ...] = ()
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""
