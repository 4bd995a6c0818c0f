"""What is tested: where it is, who may call it, what is known to be there, and how far a run may go."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.drive import Start, Tier
from conformance.suite.play import Identity, Operator

Fixture = Mapping[str, str]
"""One thing that was prepared before the run: ``what`` and facts, all of them text."""

YES = frozenset({"yes", "true"})


@dataclass(frozen=True)
class Patience:
    """How long a run waits for people and machines.

    A server that moves one step with each call needs no waiting, only a number of looks.
    """

    pick_up_s: float = 30.0
    """For a station to take an operation out of the pool."""
    processing_s: float = 120.0
    """For a station, and whoever sits there, to finish it."""
    looks: int = 200
    """At one operation, where the server moves with each call."""
    between_calls_s: float = 0.0
    """At least this long from one call to the next: the rate limit of a server in use."""
    most_calls: int = 0
    """So many calls may be made in all; 0 for no limit."""


def _nothing(calls: int) -> None:
    """A server in use serves simultaneous calls as they come."""


def unasked(start: Start) -> None:
    """An operator who was told when it was decided needs no word when it begins."""


class Attended(StrEnum):
    """How the operator learns of a dialog."""

    BEFOREHAND = "beforehand"  # when it is decided; a dialog that nobody was told of is dealt with by itself
    EACH_TIME = "each-time"  # when the operation begins; a dialog that nobody was told of stays open
    IN_PERSON = "in-person"  # likewise, and the operator has to walk


@dataclass(frozen=True)
class Target:
    url: str
    users: tuple[Identity, ...]
    context: ssl.SSLContext | None
    """How its certificate is checked; None for plain HTTP."""
    operator: Operator
    prefix: str
    """Stands in every id and last name that the run makes; lower case, a new one each run on a server in use."""
    seed: int
    thumbprint: str = ""
    """SHA-1 of the authority that its chain must end with."""
    fixtures: tuple[Fixture, ...] = ()
    patience: Patience = field(default_factory=Patience)
    granted: Tier | None = None
    """How far the run may go; None is read-only on a server in use, and everything on an emulator of its own."""
    shared: bool = False
    """True when others are known to use the server during the run."""
    embedded: bool = False
    """True for an emulator that this run started and nobody else can reach: everything is allowed there."""
    gather: Callable[[int], None] = _nothing
    """Called before so many calls are made at once: an emulator can then serve them in the same order each time."""
    starting: Callable[[Start], None] = unasked
    """Called before an operation at a station is called; may take as long as a person takes. Raises OperatorError."""
    attended: Attended = Attended.BEFOREHAND

    @property
    def tier(self) -> Tier:
        """How far the run may go."""
        return self.granted or (Tier.FULL if self.embedded else Tier.READ_ONLY)

    @property
    def may_write(self) -> bool:
        return self.tier.allows(Tier.OWN_DATA)

    @property
    def encrypted(self) -> bool:
        return self.url.lower().startswith("https:")


def matching(fixtures: Iterable[Fixture], what: str, facts: Mapping[str, str]) -> Sequence[Fixture]:
    """Fixtures of that kind which have each of these facts."""
    wanted = {"what": what, **facts}
    return [fixture for fixture in fixtures if wanted.items() <= fixture.items()]


WRITES_LACKING = "writing to the server is not allowed (--allow-writes)"
_LACKING = {
    "writes": WRITES_LACKING,
    "operator": "nobody is at the stations (--operator, or --control of an emulator)",
    "fixtures": "nothing is declared to have been prepared on the server (threedd init writes a file to declare it in)",
    "tls": "the target is not reached over HTTPS",
    "users": "no second user is known (a second [[user]], or THREEDD_USER2)",
    "restart": "the target cannot be restarted from here",
    "prepared": "what was prepared on the server may not be changed (--tier full)",
    "several-stations": "fewer than two stations are known to be connected",
}


def lacking(needs: Iterable[str], target: Target, stations: int) -> str:
    """Why a stimulus with these needs cannot take place, or ''. A need that is not known here is taken as met."""
    unmet = unmet_at(target, stations)
    return "; ".join(_LACKING[need] for need in sorted(needs) if need in unmet)


def unmet_at(target: Target, stations: int) -> list[str]:
    """The needs that cannot be met there."""
    met = {
        "writes": target.may_write,
        "operator": target.operator.available(),
        "fixtures": bool(target.fixtures),
        "tls": target.encrypted,
        "users": len(target.users) > 1,
        "restart": False,
        "prepared": target.tier is Tier.FULL,
        "several-stations": stations > 1,
    }
    return [need for need in met if not met[need]]
