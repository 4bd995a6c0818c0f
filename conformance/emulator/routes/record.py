"""What was said on the protocol port since the last reset: as a journal, or in a line each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from conformance.emulator.log import Log
from conformance.emulator.protocol import Response
from conformance.emulator.routes.asked import Answer, Asked, Routes
from conformance.emulator.server import Emulator
from conformance.spec import Method, Spec
from conformance.trace import NoteKind
from conformance.trace.events import Event, Note, Recorded, to_json
from conformance.trace.journal import FORMAT, VERSION
from conformance.wire import Document, decode, parse_query

LINES = (("Content-Type", "application/x-ndjson; charset=utf-8"), ("Cache-Control", "no-store"))
MOST_ROWS = 500


class Record:
    """The routes of what happened."""

    def __init__(self, emulator: Emulator, log: Log) -> None:
        self._emulator = emulator
        self._log = log

    def routes(self) -> Routes:
        return {("GET", "/journal"): self._journal, ("GET", "/traffic"): self._traffic}

    def _journal(self, asked: Asked) -> Response:
        """A journal without its last line, since the recording goes on."""
        spec = self._emulator.spec
        header: Answer = {
            "format": FORMAT,
            "version": VERSION,
            "spec": spec.name,
            "spec_digest": spec.digest,
            "subject": "who called the emulator",
            "server": "emulator",
            "forgotten": self._log.dropped,
        }
        rows = (header, *map(to_json, self._log.events(_after(asked))))
        lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows)
        return Response(200, LINES, "".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    def _traffic(self, asked: Asked) -> Answer:
        rows = list(_rows(self._log.events(), self._emulator.spec, _after(asked)))
        return {"traffic": rows[:MOST_ROWS], "more": len(rows) > MOST_ROWS}


def _after(asked: Asked) -> int:
    number = asked.query.get("after", "0")
    if not number.isdecimal():
        raise ValueError(f"after is {number!r}; expected the number of an event, or 0 for all.")
    return int(number)


def _rows(events: tuple[Event, ...], spec: Spec, after: int) -> Iterator[Answer]:
    harms: dict[str, str] = {}
    for event in events:
        if isinstance(event, Note):
            if event.kind is NoteKind.DISTURBED:
                harms[event.data.get("number", "")] = event.data.get("what", "")
        elif isinstance(event, Recorded) and event.number > after:
            yield _row(event, spec, harms.get(str(event.number), ""))


def _row(event: Recorded, spec: Spec, disturbed: str) -> Answer:
    path, _, query = event.request.target.partition("?")
    method = spec.method_by_folded_name.get(path.rpartition("/")[2].casefold())
    return {
        "number": event.number,
        "time_s": event.started_s,
        "who": event.who,
        "connection": event.connection,
        "verb": event.request.verb,
        "method": method.name if method else "",
        "path": path,
        "parameters": {pair.name: pair.value for pair in parse_query(query)},
        "http_status": event.reply.http_status if event.reply else None,
        "status_code": _status_code(event, method, spec),
        "lost": event.lost,
        "disturbed": disturbed,
    }


def _status_code(event: Recorded, method: Method | None, spec: Spec) -> int | None:
    """The code of the answer, where it tells a status."""
    if event.reply is None or method is None or method.answer != "status":
        return None
    document = decode(event.reply.body.encode(), method.answer, spec, event.reply.headers.get("content-type", ""))
    return document.records[0].number("code") if isinstance(document, Document) and document.records else None
