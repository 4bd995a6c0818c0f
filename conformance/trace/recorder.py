"""From raw traffic to events: the one door through which anything gets into a trace."""

from __future__ import annotations

import codecs
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from lxml import etree

from conformance.spec import Kind, Spec
from conformance.trace.events import Event, Note, NoteKind, Probe, Recorded, Reply, Request
from conformance.trace.handovers import Handed, Handover, handover
from conformance.trace.images import image_facts
from conformance.trace.invocations import Invocation, Started, invocation, particulars
from conformance.trace.redaction import Redactor
from conformance.wire import Malformed, decode_any, parse_guid, parse_tree, parse_xml_date


@dataclass(frozen=True)
class Traffic:
    """One HTTP request with its answer as it went over the wire; in memory only, never stored."""

    verb: str
    target: str
    headers: tuple[tuple[str, str], ...]
    started_s: float
    finished_s: float
    http_status: int = 0
    """0 when no answer came; then ``lost`` says why."""
    reply_headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    lost: str = ""
    who: str = "suite"
    connection: str = ""
    play: str = ""
    probe: Probe | None = None
    disturbed: str = ""
    disturbance: Mapping[str, str] = field(default_factory=dict)
    """what, method, harm: facts of the note about what befell the answer; {} when nothing did."""
    flaw: str = ""
    """Why the request could not be read to its end, one word, or ''; what was not read is not here."""


CLEAR_ROLES = frozenset({"operation", "station", "case", "image"})
"""Roles of GUIDs that producers mint and that name no patient: they stay in clear, as they do in calls."""

# Notes whose values name a patient or open a door: these keys become tokens.
_TOKENS: Mapping[NoteKind, frozenset[str]] = {
    NoteKind.FRESH: frozenset({"value"}),
    NoteKind.FIXTURE: frozenset({"integration_id", "patient_id", "first_name", "last_name", "birth_date"}),
    NoteKind.DECISION: frozenset({"integration_id"}),
    NoteKind.ORDER: frozenset(
        {
            *("person", "integration_id", "patient_id", "first_name", "last_name", "birth_date"),
            *("ansi_first_name", "ansi_last_name"),
        }
    ),
    NoteKind.SHOWN: frozenset({"object"}),
}
# Texts of the PMS's own that may name somebody: tokens too, but their words are not looked for elsewhere.
_COVERED: Mapping[NoteKind, frozenset[str]] = {NoteKind.ORDER: frozenset({"words"})}
_SHAPES = {"sha256": re.compile("[0-9a-fA-F]{64}"), "size_bytes": re.compile(r"\d{1,15}")}
_SECRETS: Mapping[NoteKind, frozenset[str]] = {NoteKind.CREDENTIALS: frozenset({"password"})}


@dataclass
class Recorder:
    """Redacts, numbers and hands every event to the listeners (journal, monitor), in one order for all of them."""

    spec: Spec
    redactor: Redactor
    listeners: list[Callable[[Event], object]] = field(default_factory=list)
    play: str = ""
    """The stimulus now running, for traffic that names none: whoever serves does not know what it is for."""
    _next: int = 1
    _era: str = ""
    """Ends the names of connections, so that those of a run that was interrupted are not taken for those after it."""
    _large_bytes: int = 0
    """Of all large bodies kept so far."""
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def go_on(self, after: int) -> None:
        """Numbers events from the one after ``after`` on: the last of a run that was interrupted."""
        self._next, self._era = after + 1, f"/{after}"

    def exchange(self, traffic: Traffic) -> Recorded:
        """The event for ``traffic``, after every listener has had it; before it the note of what disturbed it."""
        request, reply = self._request(traffic), self._reply(traffic)
        with self._lock:
            if traffic.disturbance:
                self.note(NoteKind.DISTURBED, traffic.started_s, number=str(self._next + 1), **traffic.disturbance)
            event = Recorded(
                number=self._next,
                started_s=round(traffic.started_s, 6),
                finished_s=round(traffic.finished_s, 6),
                who=traffic.who,
                connection=f"{traffic.connection}{self._era}" if traffic.connection else "",
                request=request,
                reply=reply,
                lost=traffic.lost,
                play=traffic.play or self.play,
                probe=traffic.probe,
                disturbed=traffic.disturbed,
            )
            self._publish(event)
        return event

    def note(self, kind: NoteKind, at_s: float, **data: str) -> Note:
        """The note, after every listener has had it. Values that name a patient are replaced by tokens."""
        clear = kind is NoteKind.FRESH and data.get("role") in CLEAR_ROLES
        if kind is NoteKind.ORDER and self.spec.command_line is not None:
            data = {**data, **particulars(data, self.spec.command_line)}
        if kind is NoteKind.ORDER:
            self.redactor.born = data.get("birth_date", "") if data.get("phase") == "begin" else ""
        hidden = data if clear else {name: self._hidden(kind, name, value) for name, value in data.items()}
        with self._lock:
            event = Note(self._next, round(at_s, 6), kind, hidden)
            self._publish(event)
        return event

    def invocation(self, started: Started, at_s: float, who: str = "pms", play: str = "") -> Invocation:
        """The event for one start of the command line's program, after every listener has had it."""
        with self._lock:
            event = invocation(
                started, self.spec, self.redactor, number=self._next, at_s=at_s, who=who, play=play or self.play
            )
            self._publish(event)
        return event

    def handover(self, handed: Handed, at_s: float, who: str = "pms", play: str = "") -> Handover:
        """The event for one transfer file of VDDS media, after every listener has had it."""
        with self._lock:
            event = handover(
                handed, self.spec.vdds, self.redactor, number=self._next, at_s=at_s, who=who, play=play or self.play
            )
            self._publish(event)
        return event

    @cached_property
    def _told_fields(self) -> frozenset[str]:
        """Roles of the fields of answers that name somebody."""
        return frozenset(field.role for record in self.spec.records for field in record.fields if field.sensitive)

    def _open(self, name: str, value: str) -> bool:
        """True for what was shown that can name nobody.

        Ids, digests and dates hold a patient's digits by chance; and whoever misspells the name of a flag in a call has
        made a secret of its value.
        """
        shape = _SHAPES.get(name)
        if shape is not None:
            return shape.fullmatch(value) is not None
        kinds = {field.kind for record in self.spec.records for field in record.fields if field.role == name}
        if kinds == {Kind.BOOLEAN}:
            return value in ("true", "false")
        if kinds == {Kind.GUID}:
            return not isinstance(parse_guid(value), Malformed)
        return kinds == {Kind.DATE} and not isinstance(parse_xml_date(value), Malformed)

    def _publish(self, event: Event) -> None:
        self._next += 1
        for listener in self.listeners:
            listener(event)

    def _hidden(self, kind: NoteKind, name: str, value: str) -> str:
        if name in _SECRETS.get(kind, ()):
            return self.redactor.secret(value)
        if kind is NoteKind.CREDENTIALS and name == "user":
            return self.redactor.account(value)
        if name in _TOKENS.get(kind, ()):
            return self.redactor.token(value)
        if kind is NoteKind.SHOWN:
            if name in self._told_fields:
                return self.redactor.token(value)
            return value if self._open(name, value) else self.redactor.scrub(value)
        if name in _COVERED.get(kind, ()):
            return self.redactor.cover(value)
        return value

    def _request(self, traffic: Traffic) -> Request:
        header = next((value for name, value in traffic.headers if name.lower() == "authorization"), None)
        authorization = self.redactor.authorization(header)
        target, flaws = self.redactor.target(traffic.target)
        if traffic.flaw:
            flaws[MESSAGE] = f"{MALFORMED}:{traffic.flaw}"
        flaws |= self.redactor.credentials_beside(traffic.headers)
        return Request(
            verb=self.redactor.verb(traffic.verb),
            target=target,
            headers=self.redactor.headers(traffic.headers),
            authorization=authorization,
            flaws=flaws,
        )

    def _reply(self, traffic: Traffic) -> Reply | None:
        if traffic.http_status == 0:
            return None
        headers = self.redactor.headers(traffic.reply_headers)
        body, flaw, facts = self._body(traffic.body, headers.get("content-type", ""))
        if len(body) > _LARGE_BYTES:
            self._large_bytes += len(body)
            if self._large_bytes > _MOST_LARGE_BYTES:
                body, flaw = "", f"not kept: the large answers of this run have more than {_MOST_LARGE_BYTES} bytes"
        return Reply(traffic.http_status, headers, body, len(traffic.body), flaw, facts)

    def _body(self, body: bytes, content_type: str) -> tuple[str, str, dict[str, str]]:
        """Redacted text of a body, why it could not be read (or ''), and the facts that redaction hid."""
        if not body:
            return "", "", {}
        if content_type.startswith("image/"):
            facts: dict[str, str] = {}
            return image_facts(body, facts).decode("ascii"), "", facts
        tree = parse_tree(body, content_type)
        if isinstance(tree, Malformed):
            return self._foreign(body, content_type, tree)
        opening = tree.opening
        facts = {"encoding": _known_encoding(opening.encoding)} if opening.encoding.lower() != "utf-8" else {}
        if opening.bom:
            facts["bom"] = "yes"
        if opening.flaws:
            facts["encoding_flaws"] = " ".join(opening.flaws)
        facts.update(self.redactor.document(tree.root))
        text = etree.tostring(tree.root, encoding="unicode", with_tail=False)
        if not self.redactor.names_nobody(_NAMESPACE.findall(text)):
            return "", "not kept: the name of a namespace says what was to be hidden", facts
        return (f"{_DECLARATION}{text}" if opening.declaration else text), "", facts

    def _foreign(self, body: bytes, content_type: str, why: Malformed) -> tuple[str, str, dict[str, str]]:
        """A body that is no XML: kept only as far as it names nobody."""
        document = decode_any(body, self.spec, content_type)
        text = body[:_KEPT_BYTES].decode("utf-8", "replace")
        if isinstance(document, Malformed):
            reason = self.redactor.reason(why.reason)
            return (self.redactor.scrub(text) if self.redactor.raw else ""), reason, {}
        kind = self.spec.document[document.role].kind
        if kind is Kind.BOOLEAN:
            return (text if _BARE_BOOLEAN.fullmatch(text) else "?"), "", {}
        if document.role == "status":
            return self.redactor.json_text(text), "", {}
        return "", f"{document.form.syntax} instead of XML", {"syntax": document.form.syntax}


MESSAGE, MALFORMED = "message", "malformed-http"
"""Where the flaws of a request tell of the message as a whole, which is no parameter, and what they say."""
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_NAMESPACE = re.compile(r'xmlns:?([^\s="<>]*)="([^"<>]*)"')
_BARE_BOOLEAN = re.compile(r'[\s"\ufeff]*(?:true|false|1|0|null)[\s"]*', re.IGNORECASE)


def _known_encoding(name: str) -> str:
    try:
        codecs.lookup(name)
    except LookupError:
        return "unknown"
    return name


_LARGE_BYTES, _MOST_LARGE_BYTES = 256 * 1024, 256 * 1024 * 1024
"""A run is in memory as a whole. Hundreds of long lists fit; a server that sends nothing else does not."""
_KEPT_BYTES = 4096
