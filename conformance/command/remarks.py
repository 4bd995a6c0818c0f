"""What a certification would say of each call that the emulator's console shows.

The console keeps the newest traffic; nothing is judged before somebody looks. Then it goes through a recorder of its
own into a monitor, whose judgements on requirements that bind the PMS become remarks. What was seen is kept in clear,
since the developer shall recognise the values, and in memory only; passwords are not.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from conformance.emulator.console import Heard, Remark, Ring, Said
from conformance.emulator.embedded import Embedded
from conformance.spec import Binds, Spec
from conformance.trace import Event, NoteKind, Recorder, Redactor

if TYPE_CHECKING:
    from conformance.judge import Judgement

MOST_EVENTS = 2000  # of one monitor; then a new one begins with the newest
KEPT = 200
KEPT_REMARKS = 1000


def overhear(running: Embedded) -> None:
    """Has the console of a running emulator show remarks."""
    running.console.overhear(lambda ring: Remarker(running.spec, ring))


class Remarker:
    """Judges what a ring keeps, when asked. To be called from one thread."""

    def __init__(self, spec: Spec, ring: Ring) -> None:
        """``spec`` is that of the guide, whatever fault the emulator runs with."""
        self._spec = spec
        self._ring = ring
        self._recorder: Recorder | None = None
        self._recent: deque[Heard] = deque(maxlen=KEPT)
        self._first = self._last = self._events = 0
        self._found: dict[int, tuple[Remark, ...]] = {}
        self._judgements: list[Judgement] = []
        """On the event that went through the recorder last."""

    def __call__(self, number: int) -> Sequence[Remark]:
        """The remarks on the exchange of that number in the ring; none once it was forgotten."""
        if self._first != self._ring.first:
            self._begin_story()
        if number > self._last:
            for heard in self._ring.after(self._last):
                self._hear(heard)
        return self._found.get(number, ())

    def _begin_story(self) -> None:
        """All that was known has gone with the data."""
        self._first, self._last = self._ring.first, self._ring.first - 1
        self._recorder = None
        self._recent.clear()
        self._found.clear()

    def _hear(self, heard: Heard) -> None:
        missed = heard.number > self._last + 1
        if missed:
            self._recent.clear()
        if missed or self._recorder is None or self._events > MOST_EVENTS:
            self._begin(whole=heard.number == self._first)
        self._recent.append(heard)
        self._found[heard.number] = self._judged(heard)
        self._last = heard.number
        while len(self._found) > KEPT_REMARKS:
            del self._found[next(iter(self._found))]

    def _begin(self, *, whole: bool) -> None:
        """A new monitor that knows what was known at first, and the newest of what was seen.

        Not ``whole``: calls are missing in between, so that what they did must not be held against anybody.
        """
        from conformance.judge import Monitor
        from conformance.rules import catalogue

        binds = self._spec.requirement
        rules = {
            row: rule for row, rule in catalogue().items() if row in binds and binds[row].binds is not Binds.SERVER
        }
        monitor = Monitor(self._spec, rules, watching={})

        def hear(event: Event) -> None:
            self._judgements = monitor.feed(event)

        self._recorder = Recorder(self._spec, Redactor(self._spec, secrets.token_bytes(32), raw=True), [hear])
        self._events = 0
        for said in self._ring.opening:
            self._recorder.note(said.kind, said.at_s, **said.data)
        if not whole:
            self._recorder.note(NoteKind.FOREIGN, 0.0, why="older calls are not kept")
        for heard in self._recent:
            self._judged(heard)

    def _judged(self, heard: Heard) -> tuple[Remark, ...]:
        assert self._recorder is not None
        self._events += 1
        self._judgements = []
        if isinstance(heard.what, Said):
            self._recorder.note(heard.what.kind, heard.what.at_s, **heard.what.data)
        else:
            self._recorder.exchange(heard.what)
        return tuple(self._remark(judgement) for judgement in self._judgements if self._binds_pms(judgement))

    def _binds_pms(self, judgement: Judgement) -> bool:
        return self._spec.requirement[judgement.requirement].binds is not Binds.SERVER

    @staticmethod
    def _remark(judgement: Judgement) -> Remark:
        verdict = judgement.verdict
        return Remark(judgement.requirement, verdict.result.value, verdict.expected, verdict.observed)
