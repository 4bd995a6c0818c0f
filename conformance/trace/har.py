"""HAR 1.2, the archive that browsers and proxies exchange: out of events, and back.

What we write is redacted as the events are; beside the standard fields each entry carries ``_threedd`` with what HAR
has no word for, so that our own archives read back as the very events. A foreign archive holds raw traffic: it goes
through the recorder like any other, and what it cannot tell, such as notes, is simply not known.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

from conformance.spec import Spec
from conformance.trace.events import Authorization, Event, Probe, Recorded, Reply, Request, from_json, to_json
from conformance.trace.recorder import Recorder, Traffic
from conformance.trace.redaction import Redactor
from conformance.wire import parse_query

_CREATOR = "threedd"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""When a run began of which nobody knows that."""
_DECLARED = re.compile(r'\A\ufeff?<\?xml[^>]*encoding=["\']([A-Za-z0-9._-]+)["\']')
_PHRASES = {int(status): status.phrase for status in HTTPStatus}


class HarError(Exception):
    """A file is no HAR that can be judged. Never the subject's fault."""


# -- out ------------------------------------------------------------------------------------------------------


def write_har(events: Iterable[Event], path: Path, spec: Spec, version: str, started: datetime = EPOCH) -> None:
    """Writes the events as an archive, each on a line; ``started`` is the time of day when their clock stood at zero.

    An archive that is indented takes longer to write: only without, the encoder is the one written in C.
    """
    archive = to_har(events, spec, version, started)["log"]
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"log": {\n')
        for name in ("version", "creator"):
            file.write(f"{json.dumps(name)}: {json.dumps(archive[name])},\n")
        _write_lines(file, "entries", archive["entries"], "],\n")
        _write_lines(file, "_notes", archive["_notes"], "]\n}}\n")


def _write_lines(file: TextIO, name: str, values: Iterable[Mapping[str, Any]], end: str) -> None:
    file.write(f"{json.dumps(name)}: [")
    for place, value in enumerate(values):
        file.write(f"{',' if place else ''}\n{json.dumps(value)}")
    file.write(end)


def to_har(events: Iterable[Event], spec: Spec, version: str, started: datetime = EPOCH) -> dict[str, Any]:
    """The archive as a JSON object."""
    entries, notes = [], []
    for event in events:
        if isinstance(event, Recorded):
            entries.append(_entry(event, spec, started))
        else:
            notes.append(to_json(event))
    creator = {"name": _CREATOR, "version": version}
    return {"log": {"version": "1.2", "creator": creator, "entries": entries, "_notes": notes}}


def _entry(event: Recorded, spec: Spec, started: datetime) -> dict[str, Any]:
    took_ms = round((event.finished_s - event.started_s) * 1000, 3)
    return {
        "startedDateTime": (started + timedelta(seconds=event.started_s)).isoformat(timespec="milliseconds"),
        "time": took_ms,
        "connection": event.connection,
        "_connectionId": event.connection,  # what browsers show; they take the other one for a port
        "_resourceType": "xhr",
        "request": _request(event.request, spec),
        "response": _response(event.reply, event.lost),
        "cache": {},
        "timings": {"send": 0, "wait": took_ms, "receive": 0},
        "_threedd": _beyond_har(event),
    }


def _request(request: Request, spec: Spec) -> dict[str, Any]:
    host = request.headers.get("host", "") or f"localhost:{spec.service.port}"
    query = request.target.partition("?")[2]
    return {
        "method": request.verb,
        "url": f"{spec.service.scheme}://{host}{request.target}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(request.headers),
        "queryString": [{"name": pair.name, "value": pair.value} for pair in parse_query(query)],
        "headersSize": -1,
        "bodySize": -1,
    }


def _response(reply: Reply | None, lost: str) -> dict[str, Any]:
    headers = reply.headers if reply else {}
    status = reply.http_status if reply else 0
    content = {"size": reply.size_bytes if reply else 0, "mimeType": headers.get("content-type", "")}
    if reply and reply.body:
        content["text"] = reply.body
    error = {} if reply else {"_error": lost}  # where browsers tell it
    return {
        "status": status,
        "statusText": _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(headers),
        "content": content,
        "redirectURL": headers.get("location", ""),
        "headersSize": -1,
        "bodySize": reply.size_bytes if reply else -1,
        "_transferSize": reply.size_bytes if reply else 0,
        **error,
    }


def _headers(headers: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers.items()]


def _beyond_har(event: Recorded) -> dict[str, Any]:
    return {
        "number": event.number,
        "started_s": event.started_s,
        "finished_s": event.finished_s,
        "who": event.who,
        "play": event.play,
        "lost": event.lost,
        "disturbed": event.disturbed,
        "probe": asdict(event.probe) if event.probe else None,
        "target": event.request.target,
        "authorization": asdict(event.request.authorization),
        "flaws": dict(event.request.flaws),
        "reply_flaw": event.reply.flaw if event.reply else "",
        "reply_facts": dict(event.reply.facts) if event.reply else {},
    }


# -- back -----------------------------------------------------------------------------------------------------


def read_har(path: Path, spec: Spec, redactor: Redactor) -> list[Event]:
    """The events of an archive, ours or a foreign one, in the order in which the exchanges ended.

    Of a foreign one those entries count that call the service; their sender is taken for a PMS. Raises HarError.
    """
    log = _log(path)
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise HarError(f"{path.name} has no log.entries; expected a HAR 1.2 archive. Export it again.")
    try:
        if (log.get("creator") or {}).get("name") == _CREATOR:
            return _own_events(entries, log.get("_notes", []))
        return _foreign_events(path.name, entries, spec, redactor)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        why = f"{type(error).__name__}: {error}"
        raise HarError(f"{path.name} has an entry that HAR 1.2 does not allow ({why}). Export it again.") from error


def _log(path: Path) -> Mapping[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"))
        log = body["log"]
        if not isinstance(log, dict):
            raise TypeError(type(log).__name__)
    except (ValueError, KeyError, TypeError) as error:
        raise HarError(f"{path.name} is no HAR archive ({error!r}). Give a .har file or a journal.jsonl.") from error
    return log


def _own_events(entries: Iterable[Mapping[str, Any]], notes: Iterable[Mapping[str, Any]]) -> list[Event]:
    events: list[Event] = [from_json(note) for note in notes]
    events.extend(_own_event(entry) for entry in entries)
    return sorted(events, key=lambda event: event.number)


def _own_event(entry: Mapping[str, Any]) -> Recorded:
    beyond, request, response = entry["_threedd"], entry["request"], entry["response"]
    reply = None
    if response["status"]:
        content = response["content"]
        reply = Reply(
            response["status"],
            _named(response["headers"]),
            content.get("text", ""),
            content["size"],
            beyond["reply_flaw"],
            beyond["reply_facts"],
        )
    return Recorded(
        number=beyond["number"],
        started_s=beyond["started_s"],
        finished_s=beyond["finished_s"],
        who=beyond["who"],
        connection=entry["connection"],
        request=Request(
            request["method"],
            beyond["target"],
            _named(request["headers"]),
            Authorization(**beyond["authorization"]),
            beyond["flaws"],
        ),
        reply=reply,
        lost=beyond["lost"],
        play=beyond["play"],
        probe=Probe(**beyond["probe"]) if beyond["probe"] else None,
        disturbed=beyond.get("disturbed", ""),
    )


def _named(headers: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {header["name"]: header["value"] for header in headers}


def _foreign_events(name: str, entries: list[Mapping[str, Any]], spec: Spec, redactor: Redactor) -> list[Event]:
    ours = [entry for entry in entries if _calls_the_service(entry["request"]["url"], spec)]
    if not ours:
        raise HarError(
            f"{name} holds {len(entries)} entries and none of them calls {spec.service.base_path};"
            " record while the PMS talks to the server."
        )
    first = min(_moment(entry) for entry in ours)
    traffic = sorted((_traffic(entry, first) for entry in ours), key=lambda call: call.finished_s)
    _check_authorization(name, traffic)
    events: list[Event] = []
    recorder = Recorder(spec, redactor, [events.append])
    for call in traffic:
        recorder.exchange(call)
    return events


def _check_authorization(name: str, traffic: Iterable[Traffic]) -> None:
    """Browsers leave the header out unless asked; taken as it stands, that would accuse both sides."""
    calls = list(traffic)
    told = any(header.lower() == "authorization" for call in calls for header, _ in call.headers)
    if not told and any(200 <= call.http_status < 300 for call in calls):
        raise HarError(
            f"{name} holds no Authorization header, though calls were let in: whoever exported it left them out."
            ' Export it once more "with sensitive data"; passwords and patients are replaced while it is read.'
        )


def _calls_the_service(url: str, spec: Spec) -> bool:
    path = urlsplit(url).path.rstrip("/").casefold()
    return spec.service.base_path.casefold() in path or path.rpartition("/")[2] in spec.method_by_folded_name


def _moment(entry: Mapping[str, Any]) -> datetime:
    moment = datetime.fromisoformat(entry["startedDateTime"])
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _traffic(entry: Mapping[str, Any], first: datetime) -> Traffic:
    request, response = entry["request"], entry["response"]
    started_s = (_moment(entry) - first).total_seconds()
    parts = urlsplit(request["url"])
    status = int(response.get("status") or 0)
    return Traffic(
        verb=request["method"],
        target=parts.path + (f"?{parts.query}" if parts.query else ""),
        headers=_pairs(request["headers"]),
        started_s=started_s,
        finished_s=started_s + max(float(entry.get("time") or 0), 0.0) / 1000,
        http_status=max(status, 0),
        reply_headers=_pairs(response.get("headers", [])),
        body=_body(response.get("content") or {}) if status > 0 else b"",
        lost="" if status > 0 else str(response.get("_error") or "no answer in the archive"),
        who="pms",
        connection=str(entry.get("_connectionId") or entry.get("connection", "")),
    )


def _pairs(headers: Iterable[Mapping[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((header["name"], header["value"]) for header in headers)


def _body(content: Mapping[str, Any]) -> bytes:
    """The bytes of a body. HAR holds decoded text, so that it must be encoded again as its declaration says."""
    text = content.get("text") or ""
    if content.get("encoding") == "base64":
        return base64.b64decode(text)
    declared = _DECLARED.match(text)
    try:
        return str(text).encode(declared[1] if declared else "utf-8")
    except (LookupError, UnicodeEncodeError):
        return str(text).encode("utf-8", "surrogatepass")
