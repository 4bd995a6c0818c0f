"""What is known of the server under a run, from its traffic alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from conformance.trace import Event, Note, NoteKind, Recorded

MOST_NAMES = 3


@dataclass(frozen=True)
class Server:
    """As it was called and as it presented itself; each empty where the recording holds nothing of it."""

    hosts: tuple[str, ...]
    """Host and port as written in the calls, the one called most often first."""
    software: tuple[str, ...]
    """What its answers say it is."""
    thumbprint: str
    """SHA-1 of the last certificate of the chain that it presented."""

    def told(self) -> str:
        """One line for a person; '' where nothing is known."""
        facts = [", ".join(self.hosts[:MOST_NAMES])]
        facts += [f"calls itself {name}" for name in self.software[:MOST_NAMES]]
        facts += [f"last certificate presented {self.thumbprint}"] if self.thumbprint else []
        return "; ".join(filter(None, facts))


def server_of(events: Iterable[Event]) -> Server:
    """The server that the calls of this recording went to."""
    hosts: Counter[str] = Counter()
    software: Counter[str] = Counter()
    thumbprint = ""
    for event in events:
        if isinstance(event, Recorded):
            hosts.update(_header(event.request.headers, "host"))
            software.update(_header(event.reply.headers, "server") if event.reply else ())
        elif isinstance(event, Note) and event.kind is NoteKind.CHAIN:
            thumbprint = event.data.get("presented", "").rpartition(" ")[2]
    return Server(_ranked(hosts), _ranked(software), thumbprint)


def _header(headers: Mapping[str, str], name: str) -> tuple[str, ...]:
    return (headers[name],) if headers.get(name) else ()


def _ranked(names: Counter[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in names.most_common())
