"""What a run left on the server: the interface cannot delete, so its owner shall know what to look for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from conformance.spec import Spec
from conformance.trace import Event, History, Note, NoteKind, Operation

CREATE = "create_patient"
DONE = "processed"


@dataclass(frozen=True)
class OpenOperation:
    """An operation that was not seen to end."""

    id: str
    method: str
    station: str
    """Empty when it is the server that works."""
    status: str
    """The last one seen, in the spec's name; '' when none was."""


@dataclass(frozen=True)
class LeftBehind:
    """Names of patients are as recorded: tokens, unless the recording is in clear."""

    prefix: str = ""
    """Stands in the integration ids and last names that the run made up."""
    patients: tuple[str, ...] = ()
    """Integration ids of those that were made."""
    possibly: tuple[str, ...] = ()
    """Integration ids of those that may have been made: nobody saw how it ended."""
    operations: tuple[OpenOperation, ...] = field(default=())

    def told(self) -> str:
        """One line for a person; '' when nothing was left."""
        parts = []
        if self.patients or self.possibly:
            perhaps = f" and perhaps {len(self.possibly)} more" if self.possibly else ""
            holding = f', "{self.prefix}" in their integration id or last name' if self.prefix else ""
            parts.append(f"{_counted(len(self.patients), 'patient')}{perhaps}{holding}")
        if self.operations:
            parts.append(f"{_counted(len(self.operations), 'operation')} not seen to end")
        return "; ".join(parts)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def left_behind(events: Iterable[Event], spec: Spec, history: History | None = None) -> LeftBehind:
    """What the calls of these events left on the server they went to; ``history`` has them already, if it is given."""
    kept = list(events)
    if history is None:
        history = History(spec)
        for event in kept:
            history.append(event)
    prefix = ""
    for event in kept:
        if isinstance(event, Note) and event.kind is NoteKind.RUN:
            prefix = event.data.get("prefix", prefix)
    sent = [operation for operation in history.operations if _may_have_begun(operation)]
    made = {_patient(each): None for each in sent if each.role == CREATE and _status(each, spec) == DONE}
    unclear = {_patient(each): None for each in sent if each.role == CREATE and not _is_over(each, spec)}
    return LeftBehind(
        prefix,
        tuple(filter(None, made)),
        tuple(each for each in unclear if each and each not in made),
        tuple(_open(sent, spec)),
    )


def _may_have_begun(operation: Operation) -> bool:
    call = operation.call
    return not call.answered or call.succeeded


def _status(operation: Operation, spec: Spec) -> str:
    codes = [code for code in operation.codes() if code in spec.status_by_code]
    return spec.status_by_code[codes[-1]].name if codes else ""


def _is_over(operation: Operation, spec: Spec) -> bool:
    return any(spec.status_by_code[code].final for code in operation.codes() if code in spec.status_by_code)


def _patient(operation: Operation) -> str:
    return operation.call.values.get("integration_id", "")


def _open(operations: Iterable[Operation], spec: Spec) -> Iterator[OpenOperation]:
    """Those at a station that nobody saw end, nor removed; the server is done with its own at once."""
    for each in operations:
        removed = any(removal.succeeded for removal in each.removals)
        if each.on_station and not removed and not _is_over(each, spec):
            yield OpenOperation(str(each.id), spec.method[each.role].name, str(each.station), _status(each, spec))
