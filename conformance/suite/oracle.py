"""The one place where the suite learns what the rules say: the monitor, listened to while the run goes on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.judge import Judgement, Monitor, Result
from conformance.spec import Binds, Obligation, Spec
from conformance.trace import Event, Exchange


@dataclass
class Oracle:
    """A listener for the recorder. Asks nothing of its own."""

    monitor: Monitor
    breaches: list[Judgement] = field(default_factory=list)
    """Judgements FAIL of rows that bind the server and must be kept, oldest first."""
    _rows: frozenset[str] = frozenset()
    _open: list[Judgement] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._rows = _binding(self.monitor.spec)

    def hear(self, event: Event) -> None:
        """Feeds the monitor and keeps what it finds broken."""
        for judgement in self.monitor.feed(event):
            if judgement.verdict.result is Result.FAIL and judgement.requirement in self._rows:
                self.breaches.append(judgement)
                self._open.append(judgement)

    def exchange(self, number: int) -> Exchange | None:
        """The exchange of the event of that number, as the monitor has read it."""
        return self.monitor.history.exchange(number)

    def take(self, play: str = "") -> list[Judgement]:
        """The breaches since it was last asked; with ``play`` those that its calls brought about, whenever that was."""
        new = [breach for breach in self._open if not play or breach.play == play]
        self._open = [breach for breach in self._open if play and breach.play != play]
        return new

    def known(self) -> frozenset[str]:
        """Rows broken so far in this run."""
        return frozenset(breach.requirement for breach in self.breaches)


def _binding(spec: Spec) -> frozenset[str]:
    return frozenset(
        row.id for row in spec.requirements if row.binds is not Binds.PMS and row.obligation is Obligation.MUST
    )


def rows(breaches: Iterable[Judgement]) -> tuple[str, ...]:
    """The rows of these judgements, each once, in order."""
    return tuple(dict.fromkeys(breach.requirement for breach in breaches))
