"""The ledger with its evidence, laid out for the templates: plain values, no decisions left to make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from conformance.judge import OWN_SERVER, Finding, Ledger, Row, Standing, StatusSeen
from conformance.report.commands import reproduction, sequence
from conformance.report.left_behind import LeftBehind, left_behind
from conformance.report.server import Server, server_of
from conformance.report.words import AGAIN_WORDS, HARM_WORDS, WHOSE_WORDS, standing_of
from conformance.spec import Spec, Status
from conformance.trace import Event, Invocation, Note, NoteKind, Recorded

_KEPT_BODY = 4000
_TAGS = re.compile(r">\s*<")


@dataclass(frozen=True)
class Evidence:
    """One event that a finding rests on."""

    number: int
    title: str
    """Method and path, or the kind of a note."""
    target: str
    answer: str
    """HTTP status, or why there was none."""
    body: str
    who: str
    judged: bool
    """True for the event that was judged; the others are what the verdict rests on."""


@dataclass(frozen=True)
class FindingView:
    finding: Finding
    title: str
    """Id of the requirement or the reading."""
    text: str
    heading: str
    standing: str
    whose: str
    reproducible: str
    harm: str
    evidence: tuple[Evidence, ...]
    commands: tuple[str, ...]
    shortest: tuple[str, ...]
    """The shortest generated sequence that breaks it, as commands; empty where none was looked for."""


@dataclass(frozen=True)
class HeadingView:
    heading: str
    rows: tuple[Row, ...]
    kept: int
    broken: int


@dataclass(frozen=True)
class StatusView:
    seen: StatusSeen
    status: Status | None


@dataclass(frozen=True)
class View:
    ledger: Ledger
    spec: Spec
    about: Mapping[str, str]
    """What is known of the run, by name; nothing that is empty."""
    left_behind: LeftBehind
    """What the run left on a server that is not ours."""
    findings: tuple[FindingView, ...]
    headings: tuple[HeadingView, ...]
    statuses: tuple[StatusView, ...]
    unseen: tuple[Row, ...]
    """Rows of the profile that were not observed or could not be decided."""
    untestable: tuple[Row, ...]
    switched_off: tuple[Row, ...]


@dataclass(frozen=True)
class _Recording:
    """What is needed of the events."""

    evidence: Mapping[int, Event]
    shortest: Mapping[str, tuple[Recorded, ...]]
    """Row -> the calls of the shortest sequence that breaks it."""
    generators: Mapping[str, str]
    """Name of a shortest sequence -> the play that finds it again."""
    users: tuple[tuple[str, str], ...]
    """Tokens of those who are let in, with their passwords."""
    server: Server


def view_of(ledger: Ledger, spec: Spec, events: Iterable[Event]) -> View:
    """Everything a report shows. ``events`` are those of the run, or none where they are not at hand."""
    kept = list(events)
    recording = _recording(ledger, kept)
    own = ledger.about.get("server") == OWN_SERVER
    rows = [row for row in ledger.rows if row.in_profile]
    about = {"server": recording.server.told()} | {name: value for name, value in ledger.about.items() if value}
    return View(
        ledger=ledger,
        spec=spec,
        about={name: value for name, value in sorted(about.items()) if value},
        left_behind=LeftBehind() if own else left_behind(kept, spec),
        findings=tuple(_finding(finding, ledger, spec, recording) for finding in ledger.findings),
        headings=_headings(ledger.rows, spec),
        statuses=tuple(StatusView(seen, spec.status_by_code.get(seen.code)) for seen in ledger.statuses),
        unseen=_standing(rows, Standing.NOT_OBSERVED, Standing.INCONCLUSIVE),
        untestable=_standing(rows, Standing.UNTESTABLE),
        switched_off=_standing(rows, Standing.NOT_APPLICABLE, Standing.WAIVED),
    )


def _recording(ledger: Ledger, events: Sequence[Event]) -> _Recording:
    wanted = {number for finding in ledger.findings for number in finding.evidence}
    notes = [event for event in events if isinstance(event, Note)]
    confirmed = [note.data for note in notes if note.kind is NoteKind.CONFIRMED]
    users = [(note.data["user"], note.data["password"]) for note in notes if note.kind is NoteKind.CREDENTIALS]
    shortest = {data["shortest"]: data for data in confirmed if data.get("shortest")}
    calls: dict[str, list[Recorded]] = {}
    for event in events:
        if isinstance(event, Recorded) and event.play in shortest:
            calls.setdefault(shortest[event.play]["row"], []).append(event)
    return _Recording(
        evidence={event.number: event for event in events if event.number in wanted},
        shortest={row: tuple(made) for row, made in calls.items()},
        generators={name: data["play"] for name, data in shortest.items()},
        users=tuple(dict.fromkeys(users)),
        server=server_of(events),
    )


def _standing(rows: Iterable[Row], *standings: Standing) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.standing in standings)


def _headings(rows: Sequence[Row], spec: Spec) -> tuple[HeadingView, ...]:
    known = {row.heading: None for row in rows}
    order = [heading for heading in spec.headings if heading in known]
    order += [heading for heading in known if heading not in order]
    return tuple(_heading(heading, tuple(row for row in rows if row.heading == heading)) for heading in order)


def _heading(heading: str, rows: tuple[Row, ...]) -> HeadingView:
    kept = sum(row.standing is Standing.PASS for row in rows)
    return HeadingView(heading, rows, kept, sum(row.standing is Standing.FAIL for row in rows))


def _finding(finding: Finding, ledger: Ledger, spec: Spec, recording: _Recording) -> FindingView:
    if finding.requirement:
        row = ledger.row(finding.requirement)
        text, heading, harm = row.text, row.heading, HARM_WORDS.get(row.harm, "")
    else:
        reading = next(reading for reading in ledger.readings if reading.id == finding.reading)
        text, heading, harm = reading.question, reading.heading, ""
    found = [recording.evidence[number] for number in finding.evidence if number in recording.evidence]
    judged = finding.evidence[-1] if finding.evidence else 0
    calls = sorted((event for event in found if isinstance(event, Recorded)), key=lambda event: event.started_s)
    plays = [recording.generators.get(play, play) for play in finding.plays]
    server = _server(ledger, spec, recording.server)
    return FindingView(
        finding=finding,
        title=finding.requirement or finding.reading,
        text=text,
        heading=heading,
        standing=standing_of(finding),
        whose=WHOSE_WORDS[finding.whose],
        reproducible=AGAIN_WORDS[finding.reproducible] if finding.requirement else "",
        harm=harm,
        evidence=tuple(_evidence(event, spec, event.number == judged) for event in found),
        commands=reproduction(calls, plays, spec, server, recording.users) if calls else (),
        shortest=sequence(recording.shortest.get(finding.requirement, ()), spec, recording.users),
    )


def _server(ledger: Ledger, spec: Spec, seen: Server) -> str:
    """The address to certify again; '' for our own."""
    if ledger.about.get("server") == OWN_SERVER:
        return ""
    host = seen.hosts[0] if seen.hosts else f"HOST:{spec.service.port}"
    return f"{spec.service.scheme}://{host}"


def _evidence(event: Event, spec: Spec, judged: bool) -> Evidence:
    if isinstance(event, Note):
        told = "\n".join(f"{name}: {value}" for name, value in event.data.items())
        return Evidence(event.number, f"note: {event.kind.value}", "", "", told, "", judged)
    if isinstance(event, Invocation):
        return _used(event, judged)
    reply = event.reply
    path = event.request.target.partition("?")[0]
    return Evidence(
        number=event.number,
        title=f"{event.request.verb} {path.rpartition('/')[2] or path}",
        target=event.request.target,
        answer=f"HTTP {reply.http_status}" if reply else f"no answer: {event.lost}",
        body=_body(reply.body, reply.flaw) if reply else "",
        who=event.who,
        judged=judged,
    )


def _used(event: Invocation, judged: bool) -> Evidence:
    """A use of the command line: the arguments as the program gets them, each in a line."""
    arguments = (f"{each.switch}{each.name}{each.separator}{each.value}" for each in event.arguments)
    told = "\n".join((*arguments, *(f"... and {more} more" for more in event.fact("more"))))
    return Evidence(event.number, event.executable or "command line", event.line, "", told, event.who, judged)


def _body(body: str, flaw: str) -> str:
    text = laid_out(body)
    if len(text) > _KEPT_BODY:
        text = f"{text[:_KEPT_BODY]}\n... ({len(text) - _KEPT_BODY} more characters)"
    return f"({flaw})\n{text}".rstrip() if flaw else text


def laid_out(xml: str) -> str:
    """The text with a line per element, indented by depth; unchanged when it is no markup."""
    if not xml.lstrip().startswith("<"):
        return xml
    lines: list[str] = []
    depth = 0
    for line in _TAGS.sub(">\n<", xml.strip()).split("\n"):
        if line.startswith("</"):
            depth = max(depth - 1, 0)
        lines.append("  " * depth + line)
        opens = line.startswith("<") and not line.startswith(("</", "<?", "<!"))
        if opens and not line.endswith("/>") and "</" not in line:
            depth += 1
    return "\n".join(lines)
