"""What is recorded: exchanges and notes, as frozen values that read and write as JSON.

Nothing here is in clear that could name a patient or open a door: ``redaction`` has been over every
value before an event exists. Rules see these events, live and from disk alike, so that a journal judged
again gives the verdicts of the run that wrote it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from functools import lru_cache
from typing import Any

from conformance.trace.handovers import Handover, Item
from conformance.trace.invocations import Argument, Invocation


@dataclass(frozen=True, slots=True)
class Authorization:
    """The Authorization header as facts; user and password are keyed tokens."""

    scheme: str = ""
    """As sent; '' when there was no header."""
    flaw: str = ""
    """Why it is no Basic credentials, or ''."""
    user: str = ""
    password: str = ""
    charset: str = ""
    """How the credentials were turned into bytes: ascii, utf-8 or latin-1; '' when there are none."""

    @property
    def present(self) -> bool:
        return bool(self.scheme or self.flaw)


@dataclass(frozen=True, slots=True)
class Request:
    verb: str
    target: str
    """Path and query as they went over the wire, sensitive values replaced by tokens."""
    headers: Mapping[str, str]
    """Lower-case names; only those that tell no secret."""
    authorization: Authorization
    flaws: Mapping[str, str] = field(default_factory=dict)
    """What redaction hid: parameter role -> facts about the text, such as ``dotted-date`` or ``bad-escape``."""


@dataclass(frozen=True, slots=True)
class Reply:
    http_status: int
    headers: Mapping[str, str]
    body: str
    """Redacted text; a body that could not be read is kept as its skeleton."""
    size_bytes: int
    flaw: str = ""
    """Why the body could not be read, told before redaction; '' when it could."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What redaction hid: encoding, image_type, image_sha256, image_size ..."""


class Oddity(StrEnum):
    """Kinds of probes in which only the way of asking differs from that of the twin, or only the moment."""

    BROWSER = "browser"
    NAME_CASE = "name-case"
    ORDER = "order"
    ENCODING = "encoding"
    UNKNOWN_PARAMETER = "unknown-parameter"
    AT_ONCE = "at-once"


_ODDITIES = frozenset(Oddity)
TWIN = "twin"
"""The arm of the ordinary call of a probe, made by itself."""
AFTERWARDS = "afterwards"
"""The arm of one that is made by itself once more: what changes without company is nobody's disturbance."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A tag that binds two stimuli into one comparison; the rule compares the two exchanges."""

    kind: str
    pair: str
    arm: str
    """``twin`` for the ordinary one, else what is odd about this one."""

    @property
    def oddly_asked(self) -> bool:
        """True when the call is written in a way that its twin is not, so that this may explain what came of it."""
        return self.kind in _ODDITIES and self.arm != TWIN


@dataclass(frozen=True, slots=True)
class Recorded:
    """One HTTP request with its answer, or with the reason why no answer came."""

    number: int
    started_s: float
    finished_s: float
    who: str
    """Who sent it: suite, schemathesis, pms, a proxy's client ..."""
    connection: str
    request: Request
    reply: Reply | None
    lost: str = ""
    """Why there is no reply: refused, reset, timeout, tls ..., or ''. A lost call may have worked, for ever."""
    play: str = ""
    """The stimulus it belongs to."""
    probe: Probe | None = None
    disturbed: str = ""
    """What was done to the answer on purpose, so that it is not the word of the server under it; '' for nothing."""


class NoteKind(StrEnum):
    """Facts outside HTTP that rules may need."""

    CREDENTIALS = "credentials"  # user, password (tokens): known to be valid from here on
    FRESH = "fresh"  # role, value (token): minted by the producer, used by nobody before
    FIXTURE = "fixture"  # what + facts: prepared before the run and declared to be there
    DECISION = "decision"  # operation, station, dialog, button: what the operator was told and did
    STATION = "station"  # station, connected (yes, no): it left, or came back, in the middle of the run
    PLAY = "play"  # play, phase (begin, end): the stimulus now running
    TLS = "tls"  # offered, agreed, error: one handshake
    CHAIN = "chain"  # thumbprints (last first ...), expected: the certificates presented
    PLAIN = "plain"  # what the port did when spoken to without TLS
    FOREIGN = "foreign"  # another party was seen to use the server
    CONFIRMED = "confirmed"  # row, play, again (yes, no): a finding provoked once more
    RUN = "run"  # anything about the run itself: seed, budget, prefix
    ORDER = "order"  # order, phase (begin, end) + what the PMS was told to do, and what it answered
    SHOWN = "shown"  # order, what, fields (of a case also lists) + what the PMS says it understood, by field role
    PROVOKED = "provoked"  # situation, rows: what the emulator was set to, and for which rows
    IDENTITY = "identity"  # name, flaw, grave (yes, no): the certificate that a PMS is shown from here on
    HANDSHAKE = "handshake"  # name, flaw, grave: a PMS was shown that certificate
    SKIPPED = "skipped"  # play, reason: a stimulus that did not take place
    DISTURBED = "disturbed"
    """what, method, number, harm: the answer to the exchange of that number was tampered with on purpose.

    Stands right before that exchange. ``harm`` is ``allowed`` when a conforming server might have
    answered so, and ``hostile`` when none would. Server-bound rules blame nobody for an exchange whose ``disturbed``
    is not empty; what a PMS makes of it is its own doing all the same."""


@dataclass(frozen=True, slots=True)
class Note:
    number: int
    at_s: float
    kind: NoteKind
    data: Mapping[str, str]


Event = Recorded | Note | Invocation | Handover


def to_json(event: Event) -> dict[str, Any]:
    """A JSON object with ``event`` naming its type. What is nested in it may be the event's own: do not change it."""
    if isinstance(event, Recorded):  # most of a journal; asdict, which copies all of it, takes four times as long
        row = {"event": _NAMES[Recorded], **_flat(event), "request": _flat(event.request)}
        row["request"]["authorization"] = _flat(event.request.authorization)
        row["reply"] = _flat(event.reply) if event.reply else None
        row["probe"] = _flat(event.probe) if event.probe else None
        return row
    if isinstance(event, Note):
        return {"event": _NAMES[Note], **_flat(event)}
    return {"event": _NAMES[type(event)], **asdict(event)}


_NAMES: Mapping[type, str] = {Recorded: "exchange", Note: "note", Invocation: "invocation", Handover: "handover"}


_FIELDS: Mapping[type, tuple[str, ...]] = {
    kind: tuple(each.name for each in fields(kind)) for kind in (Recorded, Request, Authorization, Reply, Probe, Note)
}


def _flat(value: Recorded | Request | Authorization | Reply | Probe | Note) -> dict[str, Any]:
    return {name: getattr(value, name) for name in _FIELDS[type(value)]}


def from_json(row: Mapping[str, Any]) -> Event:
    """The event that ``to_json`` wrote. Raises KeyError, TypeError or ValueError on any other shape."""
    values = {name: value for name, value in row.items() if name != "event"}
    if row["event"] == "note":
        return Note(**{**values, "kind": NoteKind(values["kind"])})
    if row["event"] == "invocation":
        arguments = tuple(Argument(**{**each, "facts": tuple(each["facts"])}) for each in values["arguments"])
        return Invocation(**{**values, "arguments": arguments, "facts": tuple(values["facts"])})
    if row["event"] == "handover":
        lists = {name: tuple(_item(each) for each in values[name]) for name in ("asked", "items")}
        return Handover(**{**values, **lists, "facts": tuple(values["facts"])})
    if row["event"] != "exchange":
        raise ValueError(f"event {row['event']!r}; expected {', '.join(_NAMES.values())}")
    request = dict(values["request"])
    request["authorization"] = _authorization(**request["authorization"])
    request["flaws"] = _flaws(*request.get("flaws", {}).items())
    values["request"] = Request(**request)
    values["reply"] = Reply(**values["reply"]) if values["reply"] is not None else None
    values["probe"] = Probe(**values["probe"]) if values["probe"] is not None else None
    return Recorded(**values)


# A recording says the same of thousands of calls; in memory that is one object.
_authorization = lru_cache(maxsize=1024)(Authorization)


@lru_cache(maxsize=1024)
def _flaws(*facts: tuple[str, str]) -> Mapping[str, str]:
    return dict(facts)


def _item(row: Mapping[str, Any]) -> Item:
    return Item(**{**row, "facts": tuple(row["facts"])})
