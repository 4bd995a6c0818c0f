"""The newest exchanges for a reader: what was asked, what was answered, what a certification would say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from conformance.emulator.console.ring import Heard, Remark, Remarks, Ring, Said
from conformance.emulator.server import Emulator
from conformance.spec import Method, Obligation
from conformance.trace import Traffic
from conformance.wire import Credentials, Document, decode_any, parse_authorization, parse_query

SHOWN = 60
LONGEST_BODY = 4000
LONGEST_VALUE = 300
ADVICE = "advice"
WEIGHTY = ("fail", "error", ADVICE, "inconclusive")


@dataclass(frozen=True)
class Row:
    """One exchange."""

    number: int
    ticks: int
    verb: str
    method: str
    known: bool
    """True when the guide has such a method."""
    parameters: Sequence[tuple[str, str]]
    caller: str
    disturbed: str
    """What befell the call on purpose, or ''."""
    http_status: int
    lost: str
    answer: str
    """In a few words."""
    body: str
    remarks: Sequence[Remark]
    """Those that say more than that all is well."""
    kept: Sequence[Remark]

    @property
    def worst(self) -> str:
        """One of WEIGHTY, ``pass``, or '' where nothing was said."""
        found = {remark.result for remark in self.remarks}
        return next((result for result in WEIGHTY if result in found), "pass" if self.kept else "")


@dataclass(frozen=True)
class Press:
    """What a person, or what stood for one, did at a station."""

    number: int
    ticks: int
    station: str
    dialog: str
    button: str


class Reel:
    """Rows of what was overheard, each made once."""

    def __init__(self, emulator: Emulator, ring: Ring, remarks: Remarks) -> None:
        self._emulator = emulator
        self._ring = ring
        self._remarks = remarks
        self._made: dict[int, Row | Press] = {}

    def rows(self) -> list[Row | Press]:
        """The newest exchanges and decisions, the newest first."""
        made: dict[int, Row | Press] = {}
        for heard in self._ring.newest():
            row = self._made.get(heard.number) or self._row(heard)
            if row is not None:
                made[heard.number] = row
            if len(made) == SHOWN:
                break
        self._made = made
        return list(made.values())

    def _row(self, heard: Heard) -> Row | Press | None:
        if isinstance(heard.what, Traffic):
            return _row(self._emulator, heard, heard.what, self._remarks)
        return _press(self._emulator, heard, heard.what) if "button" in heard.what.data else None


def _press(emulator: Emulator, heard: Heard, said: Said) -> Press:
    named = {str(station.id): station.hostname for station in emulator.state.stations.values()}
    station = said.data.get("station", "")
    return Press(heard.number, heard.ticks, named.get(station, station), said.data["dialog"], said.data["button"])


def _row(emulator: Emulator, heard: Heard, traffic: Traffic, remarks: Remarks) -> Row:
    path, _, query = traffic.target.partition("?")
    name = path.rstrip("/").rpartition("/")[2]
    method = emulator.spec.method_by_folded_name.get(name.casefold())
    judged = [_weighed(remark, emulator) for remark in remarks(heard.number)]
    return Row(
        number=heard.number,
        ticks=heard.ticks,
        verb=traffic.verb,
        method=name or path,
        known=method is not None,
        parameters=[(pair.name, _short(pair.value)) for pair in parse_query(query)],
        caller=_caller(emulator, traffic),
        disturbed=traffic.disturbance.get("what", "") or traffic.disturbed,
        http_status=traffic.http_status,
        lost=traffic.lost,
        answer=_answer(emulator, traffic, method),
        body=traffic.body[:LONGEST_BODY].decode("utf-8", "replace"),
        remarks=[remark for remark in judged if remark.result in WEIGHTY],
        kept=[remark for remark in judged if remark.result not in WEIGHTY],
    )


def _weighed(remark: Remark, emulator: Emulator) -> Remark:
    """The remark; what breaks a recommendation only is called advice."""
    row = emulator.spec.requirement.get(remark.requirement)
    advises = row is not None and row.obligation is Obligation.SHOULD
    return replace(remark, result=ADVICE) if advises and remark.result == "fail" else remark


def _caller(emulator: Emulator, traffic: Traffic) -> str:
    """Who called. A name that nobody has is not shown: passwords are typed into the wrong field."""
    header = next((value for name, value in traffic.headers if name.lower() == "authorization"), None)
    if header is None:
        return "nobody (no credentials)"
    sent = parse_authorization(header)
    known = isinstance(sent, Credentials) and any(user.user == sent.user for user in emulator.users)
    return sent.user if known and isinstance(sent, Credentials) else "somebody unknown"


def _answer(emulator: Emulator, traffic: Traffic, method: Method | None) -> str:
    if not traffic.body:
        return "" if traffic.lost else "no content"
    if method is None or not method.answer:
        return f"{len(traffic.body)} bytes"
    kind = next((value for name, value in traffic.reply_headers if name.lower() == "content-type"), "")
    document = decode_any(traffic.body, emulator.spec, kind)
    return ", ".join(_told(document, traffic)) if isinstance(document, Document) else f"{len(traffic.body)} bytes"


def _told(document: Document, traffic: Traffic) -> Iterator[str]:
    """The status of an operation, the number of records, or the size of anything else."""
    if document.role == "status" and document.records:
        record = document.records[0]
        yield f"{record.number('code')} {record.text('description')}"
    elif document.records:
        yield f"{len(document.records)} {document.role.replace('_', ' ')}"
    elif len(traffic.body) <= LONGEST_VALUE and document.value is not None:
        yield str(document.value)
    else:
        yield f"{len(traffic.body)} bytes"


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}... ({len(text)} characters)"
