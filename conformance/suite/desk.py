"""What a play has at hand: fresh ids from its own random numbers, stations, fixtures, the operator, and waiting.

All randomness of a play comes from the seed, the run's prefix, the play's name and which attempt it is. So a play sends
the same calls whatever ran before it, and other ids when it is provoked once more.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from uuid import UUID

from conformance.drive import made_up, number
from conformance.spec import Spec, Status
from conformance.suite.play import Ask, Identity, NotPossible, Operator, Pause, Send
from conformance.suite.target import Fixture, Target, matching
from conformance.trace import Exchange, NoteKind

Waiting = Generator[Ask, list[Exchange], Exchange]
Clock = Callable[[], float]
TakeNote = Callable[[NoteKind, Mapping[str, str]], None]

ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
FIRST_NAMES = ("Ada", "Bruno", "Carla", "David", "Elsa", "Felix", "Greta", "Hugo", "Ines", "Jonas")
FIRST_BIRTHDAY = date(1971, 1, 1)
BIRTHDAYS = 15_000
UNREADABLE_LOOKS = 3
MOST_OVERDUE = 8
SHORTEST_LIMIT_S = 1.0
LEAST_LOOKS = 22
"""At an operation that does not move, however short the limits: fewer looks prove nothing to those who judge."""


class StageDesk:
    """The desk of one play; implements ``Desk``."""

    def __init__(
        self,
        play: str,
        target: Target,
        spec: Spec,
        stations: Sequence[str],
        *,
        take_note: TakeNote,
        clock: Clock,
        attempt: int = 0,
        endurance: Endurance | None = None,
        spelled: Mapping[str, str] | None = None,
    ) -> None:
        """``spelled`` has ids as the server writes them, by the same in small letters; it grows with what is seen."""
        self.spec = spec
        self._endurance = endurance or Endurance()
        self.random = Random(f"{target.seed}/{target.prefix}/{play}/{attempt}")
        self.users: Sequence[Identity] = target.users
        self.operator: Operator = target.operator
        self.lost_statuses = 0
        """Operations of this play whose status was there while it waited, and then was not."""
        self._play = play
        self._target = target
        self._stations = stations
        self._take_note = take_note
        self._clock = clock
        self._spelled = {} if spelled is None else spelled

    # -- making things up -------------------------------------------------------------------------------------

    def text(self, prefix: str = "") -> str:
        """``prefix``, the run's prefix and eight characters used nowhere else."""
        return f"{prefix}{self._target.prefix}{''.join(self.random.choices(ALPHABET, k=8))}"

    def fresh(self, role: str, value: str = "") -> str:
        """An id that nobody has used, noted as such.

        Raises NotPossible for a spelling of one's own that an earlier run may have left on a server in use.
        """
        if value and not self._target.embedded and not self._is_of_this_run(value):
            raise NotPossible(f'whether "{value}" was used before on this server cannot be known')
        value = value or self.text()
        self.note(NoteKind.FRESH, role=role, value=value)
        return value

    def _is_of_this_run(self, value: str) -> bool:
        return self._target.prefix in value.casefold() or number(self._target.prefix) in value

    def digits(self) -> str:
        """The run's number and three digits used nowhere else: with one more it still fits into 64 bits."""
        return f"{number(self._target.prefix)}{self.random.randrange(10**3):03}"

    def operation_id(self) -> str:
        """A new GUID, from the seed, with the run's mark."""
        return made_up(self._target.prefix, self.random.getrandbits(128))

    def patient(self, **changes: str) -> dict[str, str]:
        """Parameters of a new patient by role; what ``changes`` names is taken from there and not noted as fresh."""
        made: dict[str, str] = {}
        for role in self.spec.method["create_patient"].by_role:
            if role in changes:
                continue
            if role in ("integration_id", "patient_id"):
                made[role] = self.fresh(role)
            elif role == "first_name":
                made[role] = self.random.choice(FIRST_NAMES)
            elif role == "last_name":
                made[role] = self.text("Fox")
            elif role == "birth_date":
                made[role] = (FIRST_BIRTHDAY + timedelta(days=self.random.randrange(BIRTHDAYS))).isoformat()
        return {**made, **changes}

    # -- what is there ----------------------------------------------------------------------------------------

    def station(self, index: int = 0) -> str:
        """GUID of a connected station. Raises NotPossible when there are fewer."""
        if index >= len(self._stations):
            raise NotPossible(f"needs {index + 1} connected stations; {len(self._stations)} are known")
        return self._stations[index]

    def fixtures(self, what: str, **facts: str) -> Sequence[Fixture]:
        """Things declared to exist before the run, with these facts."""
        return matching(self._target.fixtures, what, facts)

    # -- sending and waiting ----------------------------------------------------------------------------------

    def send(self, role: str, /, **parameters: str | None) -> Send:
        """A plain call, parameters in the order of the guide; those set to None are left out."""
        declared = {name: place for place, name in enumerate(self.spec.method[role].by_role)}
        given = sorted(parameters.items(), key=lambda each: declared.get(each[0], len(declared)))
        return Send(role, {name: self._spelled.get(text, text) for name, text in given if text is not None})

    def one(self, send: Send) -> Waiting:
        """Sends and returns the exchange."""
        return (yield send)[0]

    def done(self, role: str, /, **parameters: str | None) -> Waiting:
        """Starts an operation and polls until it is final or time is up; returns the last status exchange.

        A fresh operation id is used unless one is given; None gives none, and the empty GUID is asked about.
        """
        operation = parameters.setdefault("operation", self.operation_id())
        yield self.send(role, **parameters)
        return (yield from self.settle(operation or self.spec.empty_guid))

    def settle(self, operation: str) -> Waiting:
        """Polls until the operation is final or the time for it is up; returns the last status exchange."""
        look = self.send("get_status", operation=operation)
        limits = _Limits(self._target, self._clock, self._endurance)
        exchange = (yield look)[0]
        seen: set[int | None] = set()
        while limits.allow_another(exchange, self.spec):
            seen.add(exchange.status_code)
            yield Pause()
            exchange = (yield look)[0]
        if seen and exchange.status_code == self.spec.status["operation_unknown"].code:
            self.lost_statuses += 1
        return exchange

    # -- the operator and the record --------------------------------------------------------------------------

    def decide(self, operation: str, station: str, dialog: str, button: str) -> None:
        """Tells the operator what to press for ``operation`` and notes it. Raises NotPossible when there is nobody."""
        if not self.operator.available():
            raise NotPossible("nobody is at the stations")
        self.operator.decide(UUID(station), UUID(operation), dialog, button)
        place = {"operation": str(UUID(operation)), "station": str(UUID(station))}
        self.note(NoteKind.DECISION, **place, dialog=dialog, button=button)

    def note(self, kind: NoteKind, **data: str) -> None:
        """A fact for the rules."""
        self._take_note(kind, data)


@dataclass
class Endurance:
    """What the plays of a run have left of their patience: a server that leaves all lying would take hours."""

    overdue: int = 0
    """Operations that were waited for as long as is allowed."""

    @property
    def spent(self) -> bool:
        """True once the limit was reached several times."""
        return self.overdue >= MOST_OVERDUE

    def allowed_s(self, limit_s: float) -> float:
        """The limit, or a tenth of it once it was reached several times."""
        return max(limit_s / 10, SHORTEST_LIMIT_S) if self.spent else limit_s


class _Limits:
    """Decides whether one more look at an operation makes sense."""

    def __init__(self, target: Target, clock: Clock, endurance: Endurance) -> None:
        self._endurance = endurance
        self._patience = target.patience
        self._stepped = target.embedded
        self._clock = clock
        self._began_s = clock()
        self._looks = 0
        self._unreadable = 0

    def allow_another(self, seen: Exchange, spec: Spec) -> bool:
        """False once the status is final or unknown to the spec, cannot be read, or the time is up."""
        self._looks += 1
        if seen.status_code is None:
            self._unreadable += 1
            return self._unreadable < UNREADABLE_LOOKS
        self._unreadable = 0
        status = spec.status_by_code.get(seen.status_code)
        if status is None or status.final:
            return False
        return self._looks < self._patience.looks if self._stepped else self._in_time(status)

    def _in_time(self, status: Status) -> bool:
        picked_up = "start" not in status.follows
        allowed_s = self._patience.processing_s if picked_up else self._patience.pick_up_s
        in_time = self._clock() - self._began_s < self._endurance.allowed_s(allowed_s)
        in_time = in_time or (self._looks < LEAST_LOOKS and not self._endurance.spent)
        self._endurance.overdue += not in_time
        return in_time
