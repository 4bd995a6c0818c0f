"""What a PMS did to an emulator during a test: its calls in clear, the events, and what the rules find in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.judge import OWN_SERVER, Monitor, Standing
from conformance.spec import Binds, Spec
from conformance.trace import Event, NoteKind, Traffic
from conformance.wire import parse_query

_BINDS_PMS = frozenset({Binds.PMS, Binds.BOTH})


@dataclass(frozen=True)
class PmsCall:
    """One call as it came. In memory only: it holds what the test says of its patients."""

    method: str
    """The last part of the path, as it was sent."""
    parameters: Mapping[str, str]
    """Decoded; names as they were sent, the first value of a name that came twice."""
    http_status: int
    """0 when no answer went out."""
    verb: str = "GET"


@dataclass(frozen=True)
class PmsFinding:
    """One thing that the PMS did and should not have done, or did not do."""

    requirement: str
    text: str
    """What the requirement says."""
    expected: str
    observed: str
    advice: bool
    """True where the guide only recommends it."""
    calls: tuple[int, ...] = field(default=())
    """Numbers of the events in the journal that it rests on."""

    def __repr__(self) -> str:
        """A sentence, so that a failed assertion says what is wrong."""
        about = f"{self.requirement}{' (advice)' if self.advice else ''}: {self.text}"
        return f"<{about} Expected {self.expected}; observed {self.observed}>"


class Tape:
    """Listens to an emulator; events come from a recorder, calls as they are."""

    def __init__(self, spec: Spec) -> None:
        self._spec = spec
        self.events: list[Event] = []
        self.calls: list[PmsCall] = []

    def clear(self) -> None:
        """Forgets everything."""
        self.events.clear()
        self.calls.clear()

    def exchange(self, traffic: Traffic) -> None:
        """Keeps a call."""
        path, _, query = traffic.target.partition("?")
        parameters: dict[str, str] = {}
        for pair in parse_query(query):
            parameters.setdefault(pair.name, pair.value)
        self.calls.append(PmsCall(path.rpartition("/")[2], parameters, traffic.http_status, traffic.verb))

    def note(self, kind: NoteKind, at_s: float, **data: str) -> None:
        """Nothing: the recorder has it."""

    def findings(self, events: Sequence[Event], *, advice: bool) -> Sequence[PmsFinding]:
        """What the PMS-bound requirements find in these events, the gravest first."""
        monitor = Monitor(self._spec, about={"server": OWN_SERVER}, watching={})
        for event in events:
            monitor.feed(event)
        found = []
        for finding in monitor.finish().findings:
            row = self._spec.requirement.get(finding.requirement)
            if row is None or row.binds not in _BINDS_PMS:
                continue
            advised = finding.standing is Standing.ADVISORY
            if finding.standing is Standing.FAIL or (advised and advice):
                evidence = finding.evidence
                found.append(PmsFinding(row.id, row.text, finding.expected, finding.observed, advised, evidence))
        return found
