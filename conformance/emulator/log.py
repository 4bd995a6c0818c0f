"""What was said since the last reset, for whoever asks the control port; redacted like any journal.

Traffic is kept as it came, in memory, until somebody asks; only then does a recorder make events of it. So an emulator
that nobody asks pays nothing, and what is told names no patient and holds no password.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import RLock

from conformance.emulator.declared import declared
from conformance.emulator.server import Emulator
from conformance.emulator.telling import NEW_DATA
from conformance.trace import Handed, NoteKind, Recorder, Redactor, Started, Traffic
from conformance.trace.events import Event, Recorded

MOST_EVENTS = 5000
MOST_BYTES = 16 * 1024 * 1024
LARGE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class _Said:
    """A note that no recorder has seen yet."""

    kind: NoteKind
    at_s: float
    data: Mapping[str, str]


@dataclass(frozen=True)
class _Used:
    """A use of the command line that no recorder has seen yet."""

    started: Started
    at_s: float


@dataclass(frozen=True)
class _Gave:
    """A transfer file that no recorder has seen yet."""

    handed: Handed
    at_s: float


class Log:
    """A listener of one emulator. It begins anew whenever the data do: what was before explains nothing after."""

    def __init__(self, emulator: Emulator, key: bytes) -> None:
        """``key`` is that of the tokens that stand for names."""
        self._emulator = emulator
        self._key = key
        self._lock = RLock()
        self._begin()

    def _begin(self) -> None:
        """Tells first what the server holds and who may call."""
        with self._lock:
            self._waiting: deque[Traffic | _Said | _Used | _Gave] = deque()
            self._bytes = 0
            self._dropped = 0
            self._events: deque[Event] = deque()
            self._event_bytes = 0
            self._last_call = 0
            spec = self._emulator.spec
            self._recorder = Recorder(spec, Redactor(spec, self._key), [self._keep])
            now_s = self._emulator.clock.now_s()
            for user in self._emulator.users:
                self._recorder.note(NoteKind.CREDENTIALS, now_s, user=user.user, password=user.password, complete="yes")
            for fact in declared(self._emulator.state):
                self._recorder.note(NoteKind.FIXTURE, now_s, **fact)

    def exchange(self, traffic: Traffic) -> None:
        """Keeps it, at the cost of the oldest that nobody has asked for.

        A large body is made an event at once, so that it does not cost all the others.
        """
        with self._lock:
            self._waiting.append(traffic)
            self._bytes += len(traffic.body)
            while len(self._waiting) > MOST_EVENTS or self._bytes > MOST_BYTES + len(traffic.body):
                gone = self._waiting.popleft()
                self._dropped += 1
                self._bytes -= len(gone.body) if isinstance(gone, Traffic) else 0
            if len(traffic.body) > LARGE_BYTES:
                self.events()

    def note(self, kind: NoteKind, at_s: float, **data: str) -> None:
        """Keeps it; one that says that the data are new begins a new log."""
        with self._lock:
            if kind is NoteKind.RUN and data.get("data") == NEW_DATA:
                self._begin()
            else:
                self._waiting.append(_Said(kind, at_s, data))

    def invocation(self, started: Started, at_s: float) -> None:
        """Keeps it."""
        with self._lock:
            self._waiting.append(_Used(started, at_s))

    def handover(self, handed: Handed, at_s: float) -> None:
        """Keeps it."""
        with self._lock:
            self._waiting.append(_Gave(handed, at_s))

    def events(self, after: int = 0) -> tuple[Event, ...]:
        """The events that are kept, with a number above ``after``, oldest first."""
        with self._lock:
            while self._waiting:
                said = self._waiting.popleft()
                if isinstance(said, Traffic):
                    self._recorder.exchange(said)
                elif isinstance(said, _Used):
                    self._recorder.invocation(said.started, said.at_s)
                elif isinstance(said, _Gave):
                    self._hand_over(said)
                else:
                    self._recorder.note(said.kind, said.at_s, **said.data)
            self._bytes = 0
            return tuple(event for event in self._events if event.number > after)

    def _hand_over(self, said: _Gave) -> None:
        """An answer is to the call before it: the emulator answers one at a time."""
        about = self._last_call if said.handed.before else 0
        event = self._recorder.handover(replace(said.handed, about=about), said.at_s)
        self._last_call = event.number if event.is_call else self._last_call

    def _keep(self, event: Event) -> None:
        """Keeps an event, at the cost of the oldest."""
        self._events.append(event)
        self._event_bytes += _size(event)
        while len(self._events) > MOST_EVENTS or self._event_bytes > MOST_BYTES:
            self._event_bytes -= _size(self._events.popleft())
            self._dropped += 1

    @property
    def dropped(self) -> int:
        """How many were forgotten."""
        return self._dropped


def _size(event: Event) -> int:
    return len(event.reply.body) if isinstance(event, Recorded) and event.reply is not None else 0
