"""Plays: small sequences of calls that bring about one situation. They ask, they wait, they never judge.

A play is a generator. It yields what shall be sent and gets the exchange back; the stage that runs
it may let other plays act in between. Whether what came back is right is for the rules to say.

    @play("patients.same-integration-id-twice", aims=("PAT-006",), needs=("writes",))
    def same_integration_id_twice(desk: Desk) -> Steps:
        patient = desk.patient()
        yield from desk.done("create_patient", **patient)
        yield from desk.done("create_patient", **{**patient, "last_name": "Other"})
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from uuid import UUID

from conformance.spec import Dialog as Dialog
from conformance.spec import Spec
from conformance.trace import Exchange, NoteKind, Probe

Steps = Generator["Ask", "list[Exchange]", None]
"""What a play is: yields stimuli, receives the exchanges that came of each."""


@dataclass(frozen=True)
class Identity:
    """Credentials as sent. ``header`` overrides user and password; None there sends no header at all."""

    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Send:
    """One call to be made. ``parameters`` by role, written as given; a role mapped to None is left out."""

    role: str
    parameters: Mapping[str, str]
    names: Callable[[str], str] = str
    """How each parameter name is written (str.upper, str.lower ...)."""
    order: Callable[[Sequence[tuple[str, str]]], Sequence[tuple[str, str]]] = tuple
    """How the parameters are ordered."""
    extra: tuple[tuple[str, str], ...] = ()
    """Name and value of parameters that the method does not have, or has once more."""
    query: str | None = None
    """The very query string instead of ``parameters``."""
    path: str | None = None
    """The very path instead of the method's."""
    verb: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: str | None = ""
    """The very Authorization header; None sends none; '' sends that of ``identity``."""
    identity: Identity | None = None
    """None is the first user of the target."""
    connection: str = ""
    """A name of its own gives a connection of its own; '' is the run's ordinary one."""
    probe: Probe | None = None


@dataclass(frozen=True)
class AtOnce:
    """Calls made at the same moment, each on a connection of its own."""

    sends: tuple[Send, ...]


@dataclass(frozen=True)
class Pause:
    """Nothing to send before the next look; the stage lets others act, or lets time pass."""


Ask = Send | AtOnce | Pause


class NotPossible(Exception):
    """The target lacks what the play needs; the reason is printed with the rows it aims at."""


class Operator(Protocol):
    """The person at the stations, or what stands for one."""

    def available(self) -> bool: ...

    def decide(self, station: UUID, operation: UUID, dialog: str, button: str) -> None:
        """Arranges what will be pressed when ``operation`` comes up at ``station``; see ``Dialog``."""
        ...


class Desk(Protocol):
    """What a play has at hand. One per play; its random numbers depend on the seed and the play's name only."""

    spec: Spec
    random: Random
    users: Sequence[Identity]
    operator: Operator

    def send(self, role: str, /, **parameters: str | None) -> Send:
        """A plain call; change it with dataclasses.replace."""
        ...

    def text(self, prefix: str = "") -> str:
        """A short text used nowhere else (with the run's prefix)."""
        ...

    def fresh(self, role: str, value: str = "") -> str:
        """An integration_id or patient_id that nobody has used, noted as such; ``value`` to choose its spelling."""
        ...

    def digits(self) -> str:
        """A number used nowhere else, with the run's mark, for ids that are numbers."""
        ...

    def operation_id(self) -> str:
        """A new GUID, from the seed."""
        ...

    def patient(self, **changes: str) -> dict[str, str]:
        """Parameters of a new patient by role: fresh integration_id, names, birth_date, patient_id."""
        ...

    def station(self, index: int = 0) -> str:
        """GUID of a connected station that the operator serves. Raises NotPossible when there are fewer."""
        ...

    def fixtures(self, what: str, **facts: str) -> Sequence[Mapping[str, str]]:
        """What was declared to exist (``patient``, ``unmapped_patient``, ``case``, ``image``) with these facts."""
        ...

    def one(self, send: Send) -> Generator[Ask, list[Exchange], Exchange]:
        """Sends and returns the exchange."""
        ...

    def done(self, role: str, /, **parameters: str | None) -> Generator[Ask, list[Exchange], Exchange]:
        """Starts an operation and polls until it is final or time is up; returns the last status exchange.

        It has a fresh operation id unless one is given.
        """
        ...

    def settle(self, operation: str) -> Generator[Ask, list[Exchange], Exchange]:
        """Polls until the operation is final or the time for it is up; returns the last status exchange."""
        ...

    def decide(self, operation: str, station: str, dialog: str, button: str) -> None:
        """Tells the operator what to press for ``operation`` and notes it. Raises NotPossible when there is nobody."""
        ...

    def note(self, kind: NoteKind, **data: str) -> None: ...


@dataclass(frozen=True)
class Play:
    name: str
    aims: tuple[str, ...]
    """Requirements whose trigger it is meant to bring about."""
    needs: frozenset[str]
    """writes, operator, fixtures, tls, users, concurrency, several-stations, restart, alone (nobody else meanwhile)."""
    steps: Callable[[Desk], Steps]
    doc: str


_PLAYS: dict[str, Play] = {}


def play(
    name: str, *, aims: Sequence[str], needs: Sequence[str] = ()
) -> Callable[[Callable[[Desk], Steps]], Callable[[Desk], Steps]]:
    """Registers the decorated generator function. Raises ValueError when the name is taken."""

    def register(function: Callable[[Desk], Steps]) -> Callable[[Desk], Steps]:
        add(Play(name, tuple(aims), frozenset(needs), function, (function.__doc__ or "").strip()))
        return function

    return register


def add(new: Play) -> None:
    """Registers a play made from a table. Raises ValueError when the name is taken."""
    if new.name in _PLAYS:
        raise ValueError(f"play {new.name} exists twice; give one of them another name.")
    _PLAYS[new.name] = new


def registered() -> Mapping[str, Play]:
    """Plays registered so far, by name."""
    return dict(_PLAYS)
