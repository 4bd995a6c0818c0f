"""What the journal of an interrupted run says about where it stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from conformance.certify.pms import Answer, Interrupted
from conformance.certify.session import turned_out
from conformance.spec import Spec
from conformance.trace import Event, Note, NoteKind, Recorded
from conformance.trace.journal import JournalError, is_cut_short, read_journal

PERSONS_PER_SESSION = 10_000
"""More values than one process gives out; so nobody is made twice in one run."""


@dataclass(frozen=True)
class Past:
    """A run until it was interrupted; all of it is nothing for a new one."""

    header: Mapping[str, object] = field(default_factory=dict)
    events: Sequence[Event] = ()
    through: frozenset[str] = frozenset()
    """Scenarios that have ended."""
    declared: frozenset[str] = frozenset()
    """What the PMS said it can do."""
    unsupported: frozenset[tuple[str, str]] = frozenset()
    """What the PMS turned out not to do, each with where; '' for anywhere."""
    orders: int = 0
    sessions: int = 0
    """How often the run was begun or gone on with."""
    open_order: str = ""
    """Given and not answered; ''."""
    open_play: str = ""

    @property
    def last(self) -> int:
        """Number of the last event; 0 without any."""
        return self.events[-1].number if self.events else 0

    @property
    def last_s(self) -> float:
        """When the last event ended."""
        return max((e.finished_s if isinstance(e, Recorded) else e.at_s for e in self.events), default=0.0)

    @property
    def made(self) -> int:
        """Values of persons that are not to be given out again."""
        return self.sessions * PERSONS_PER_SESSION


NOTHING = Past()


def past_of(path: Path, spec: Spec) -> Past:
    """Raises JournalError for a journal that is complete, damaged, or of another spec."""
    if not is_cut_short(path):
        raise JournalError(f"{path} has its footer: that run is complete. Begin another one.")
    header, read = read_journal(path, partial=True)
    if header.get("spec_digest") != spec.digest:
        raise JournalError(f"{path} was begun with another state of {header.get('spec')}; begin another run.")
    events = list(read)
    notes = [event for event in events if isinstance(event, Note)]
    orders = [note.data for note in notes if note.kind is NoteKind.ORDER]
    plays = [note.data for note in notes if note.kind is NoteKind.PLAY]
    begun = [data for data in orders if data.get("phase") == "begin"]
    does = {data.get("order"): (data.get("does", ""), data.get("at", "")) for data in begun}
    return Past(
        header,
        events,
        through=frozenset(
            data.get("play", "")
            for data in plays
            if data.get("phase") == "end" and data.get("ending") != Interrupted.answer
        ),
        declared=frozenset(next((note.data["steps"] for note in notes if "steps" in note.data), "").split()),
        unsupported=frozenset(
            turned_out(*does.get(d.get("order"), ("", ""))) for d in orders if d.get("answer") == Answer.UNSUPPORTED
        ),
        orders=max((int(name) for name in does if name and name.isdigit()), default=0),
        sessions=sum(note.kind is NoteKind.RUN and "steps" in note.data for note in notes),
        open_order=_open(orders, "order"),
        open_play=_open(plays, "play"),
    )


def _open(rows: Sequence[Mapping[str, str]], key: str) -> str:
    """Name of the last one, if it has begun and not ended."""
    return rows[-1].get(key, "") if rows and rows[-1].get("phase") == "begin" else ""
