"""The ledger with its evidence, laid out for the templates: plain values, no decisions left to make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape

from conformance.judge import GENERATORS, OWN_SERVER, Finding, Ledger, Row, Standing, StatusSeen
from conformance.report.again import about_pms, address, replay, run_again
from conformance.report.certainty import Share, beyond_guide, certainty
from conformance.report.commands import quoted, sequence
from conformance.report.coverage import Coverage, ParameterSeen, coverage
from conformance.report.coverage_beside import used
from conformance.report.evidence import Evidence, evidence_of, ids_in
from conformance.report.left_behind import LeftBehind, left_behind
from conformance.report.retold import retold, transfer_file
from conformance.report.scenes import Scene, Scenes
from conformance.report.script import script
from conformance.report.server import Server, server_of
from conformance.report.shown_alone import MOST_CHECKED, judged_by
from conformance.report.stand_ins import key_shown
from conformance.report.timeline import Timeline, station_names, timeline
from conformance.report.words import (
    AGAIN_WORDS,
    GRAVITY_WORDS,
    HARM_WORDS,
    WHOSE_WORDS,
    by_gravity,
    gravity_of,
    standing_of,
)
from conformance.spec import Binds, Spec, Status
from conformance.spec.prospects import in_words, scenarios_about
from conformance.trace import Event, Handover, History, Invocation, Note, NoteKind, Recorded
from conformance.trace.fitting import BY_COMMAND_LINE

EVERYTHING = "*"
"""What a run selects that was not told to select."""
MOST_EVIDENCE = 8
MOST_IN_FULL = 300
"""Findings with an article of their own; what comes after them is a row each."""
MOST_LEFT = 200
"""Things left on a server that a page lists; the journal has all of them."""
PAGE_FOR_EVIDENCE = 900_000
"""Characters of evidence on a page; the gravest findings come first, what goes beyond stays in the journal."""


@dataclass(frozen=True)
class ReadingView:
    """A reading that a finding may turn on, and what was taken."""

    id: str
    question: str
    taken: str


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
    gravity: str
    """How grave it is, in words; '' for a finding about a reading."""
    axis: str
    mark: str
    """What the requirement rests on where the guide does not say it: observed or guessed; ''."""
    readings: tuple[ReadingView, ...]
    evidence: tuple[Evidence, ...]
    unshown: int
    """Events of the evidence that are in the journal only."""
    commands: tuple[str, ...]
    script: str
    """The calls as a Python script; '' where there are none."""
    shortest: tuple[str, ...]
    """The shortest generated sequence that breaks it, as commands; empty where none was looked for."""
    scene: Scene | None
    """What a PMS was told around it; None where no PMS was told anything."""
    play: str = ""
    """The stimulus or scenario that shows it again; ''."""
    calls: tuple[Recorded, ...] = ()
    """The shortest sequence as recorded, else the calls among the evidence."""
    files: Mapping[str, str] = field(default_factory=dict)
    """Over an interface beside REST: what was used, as files to judge, by their names."""
    capsule: str = ""
    """Name of its capsule; '' for a finding about a reading."""
    replay: str = ""
    """The command that plays or judges its capsule; ''."""

    @property
    def sends(self) -> bool:
        """True where calls of the finding stand among the commands."""
        return any(command.startswith("curl ") for command in (*self.commands, *self.shortest))

    @property
    def size(self) -> int:
        """Characters that what can be left out takes on the page."""
        texts = [*self.commands, self.script, *self.shortest]
        texts += [text for each in self.evidence for text in (each.asked, each.body)]
        return sum(len(escape(text)) for text in texts) + 300 * len(self.evidence)

    @property
    def short(self) -> FindingView:
        """The same without what fills a page."""
        left = self.unshown + len(self.evidence)
        return replace(self, evidence=(), unshown=left, commands=self.commands[:1], script="", shortest=(), scene=None)


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
    binds: str
    """Whom the profile is about: ``server`` or ``pms``; '' for no profile."""
    about: Mapping[str, str]
    """What is known of the run, by name; nothing that is empty."""
    left_behind: LeftBehind
    """What the run left on a server that is not ours."""
    findings: tuple[FindingView, ...]
    """As much of the gravest of them as a page can hold."""
    further: tuple[FindingView, ...]
    """Those that are told in a line each."""
    whole: tuple[FindingView, ...]
    """All of them, with everything."""
    headings: tuple[HeadingView, ...]
    statuses: tuple[StatusView, ...]
    unseen: tuple[Row, ...]
    """Rows of the profile that were not observed or could not be decided."""
    untestable: tuple[Row, ...]
    switched_off: tuple[Row, ...]
    coverage: Coverage
    used: tuple[ParameterSeen, ...]
    """Arguments of the command line and keys of transfer files; empty where neither was used."""
    calls: tuple[tuple[int, str], ...]
    """How much of what was recorded, in words."""
    to_do: tuple[str, ...]
    """What a PMS could be used for next, so that what was not seen is seen; empty for other runs."""
    timeline: Timeline
    certainty: tuple[Share, ...]
    """For a PMS that met our own emulator, and for transfer files; empty else."""
    generators: str
    """What drew calls at random, with its seed; '' when nothing did."""


@dataclass(frozen=True)
class _Recording:
    """What is needed of the events."""

    evidence: Mapping[int, Event]
    """By number; those that a finding rests on, and what was called or ordered before them."""
    sent: Mapping[int, int]
    """Number of a command line -> that of the order to send it."""
    shortest: Mapping[str, tuple[Recorded, ...]]
    """Row -> the calls of the shortest sequence that breaks it."""
    generators: Mapping[str, str]
    """Name of a shortest sequence -> the play that finds it again."""
    users: tuple[tuple[str, str], ...]
    """Tokens of those who are let in, with their passwords."""
    server: Server
    scenes: Scenes


def view_of(ledger: Ledger, spec: Spec, events: Iterable[Event]) -> View:
    """Everything a report shows. ``events`` are those of the run, or none where they are not at hand."""
    kept = list(events)
    history = History(spec)
    for event in kept:
        history.append(event)
    stations = station_names(history)
    recording = _recording(ledger, kept, Scenes(history, stations))
    own = ledger.about.get("server") == OWN_SERVER
    rows = [row for row in ledger.rows if row.in_profile]
    about = {"server": recording.server.told()} | {name: value for name, value in ledger.about.items() if value}
    if about.get("repeat") and about.get("only", EVERYTHING) != EVERYTHING:
        about["repeat"] += f" --only {quoted(about['only'])}"
    findings = by_gravity(ledger.findings, ledger)
    items = [_finding(finding, ledger, spec, recording) for finding in findings]
    for place, item in enumerate(items[:MOST_CHECKED]):
        items[place] = replace(item, commands=(*judged_by(item.files, item.title, ledger, spec), *item.commands))
    items = [_in_capsule(item, name, ledger, spec) for item, name in zip(items, capsule_names(findings), strict=True)]
    on_page = _within_page(items)
    told = own and bool(history.orders.all)
    return View(
        ledger=ledger,
        spec=spec,
        binds=_binds(ledger, spec),
        about={name: value for name, value in sorted(about.items()) if value},
        left_behind=LeftBehind() if own else left_behind(kept, spec, history),
        findings=on_page[:MOST_IN_FULL],
        further=on_page[MOST_IN_FULL:],
        whole=tuple(items),
        headings=_headings(ledger.rows, spec),
        statuses=tuple(StatusView(seen, spec.status_by_code.get(seen.code)) for seen in ledger.statuses),
        unseen=_standing(rows, Standing.NOT_OBSERVED, Standing.INCONCLUSIVE),
        untestable=_standing(rows, Standing.UNTESTABLE),
        switched_off=_standing(rows, Standing.NOT_APPLICABLE, Standing.WAIVED),
        coverage=coverage(history, spec),
        used=used(history.invocations, history.handovers, spec),
        calls=_counted(ledger.exchanges, history),
        to_do=_to_do(rows, spec) if own and _binds(ledger, spec) == Binds.PMS else (),
        timeline=timeline(history, spec, {n for finding in ledger.findings for n in finding.evidence}, stations),
        certainty=certainty(ledger.rows, spec) if told or history.handovers else (),
        generators=_generators(ledger),
    )


def _binds(ledger: Ledger, spec: Spec) -> str:
    return spec.profile[ledger.profile].binds.value if ledger.profile in spec.profile else ""


def _to_do(rows: Sequence[Row], spec: Spec) -> tuple[str, ...]:
    left = [row for row in rows if row.mandatory and row.binds != Binds.SERVER]
    left = [row for row in left if row.standing in (Standing.NOT_OBSERVED, Standing.INCONCLUSIVE)]
    unseen = [row.id for row in left]
    return tuple(in_words(scenarios_about(spec, unseen), unseen)) if unseen else ()


def _counted(exchanges: int, history: History) -> tuple[tuple[int, str], ...]:
    beside = ((len(history.invocations), "command line"), (len(history.handovers), "transfer file"))
    told = tuple((count, word if count == 1 else f"{word}s") for count, word in beside if count)
    return ((exchanges, "calls"), *told) if exchanges or not told else told


def _in_capsule(item: FindingView, name: str, ledger: Ledger, spec: Spec) -> FindingView:
    """With the name of its capsule, and the command that goes by that before all others."""
    if not name:
        return item
    of_pms = ledger.profile in spec.profile and spec.profile[ledger.profile].binds is Binds.PMS
    played = replay(name, ledger.about, play=item.play, of_pms=of_pms)
    return replace(item, capsule=name, replay=played, commands=(played, *item.commands))


def capsule_names(findings: Iterable[Finding]) -> tuple[str, ...]:
    """File names of capsules, one per finding: row and a number within it; '' for a finding about a reading."""
    seen: Counter[str] = Counter()
    names = []
    for finding in findings:
        seen[finding.requirement] += 1
        names.append(f"{finding.requirement}-{seen[finding.requirement]}.json" if finding.requirement else "")
    return tuple(names)


def _generators(ledger: Ledger) -> str:
    names = ledger.about.get(GENERATORS, "").split()
    return f"{' and '.join(names)}, seed {ledger.about.get('seed', 'unknown')}" if names else ""


def _within_page(items: Sequence[FindingView]) -> tuple[FindingView, ...]:
    left, kept = PAGE_FOR_EVIDENCE, []
    for item in items:
        left -= item.size
        kept.append(item if left >= 0 else item.short)
    return tuple(kept)


def _recording(ledger: Ledger, events: Sequence[Event], scenes: Scenes) -> _Recording:
    wanted = {number for finding in ledger.findings for number in finding.evidence}
    notes = [event for event in events if isinstance(event, Note)]
    confirmed = [note.data for note in notes if note.kind is NoteKind.CONFIRMED]
    users = [(note.data["user"], note.data["password"]) for note in notes if note.kind is NoteKind.CREDENTIALS]
    shortest = {data["shortest"]: data for data in confirmed if data.get("shortest")}
    calls: dict[str, list[Recorded]] = {}
    for event in events:
        if isinstance(event, Recorded) and event.play in shortest:
            calls.setdefault(shortest[event.play]["row"], []).append(event)
    wanted |= {event.about for event in events if isinstance(event, Handover) and event.number in wanted}
    sent = _sent(events)
    wanted |= {sent[number] for number in wanted if number in sent}
    return _Recording(
        sent=sent,
        evidence={event.number: event for event in events if event.number in wanted},
        shortest={row: tuple(made) for row, made in calls.items()},
        generators={name: data["play"] for name, data in shortest.items()},
        users=tuple(dict.fromkeys(users)),
        server=server_of(events),
        scenes=scenes,
    )


def _sent(events: Sequence[Event]) -> dict[int, int]:
    found, order = {}, 0
    for event in events:
        if isinstance(event, Note) and event.kind is NoteKind.ORDER:
            order = event.number if event.data.get("does") == BY_COMMAND_LINE else 0
        elif isinstance(event, Invocation) and order:
            found[event.number] = order
    return found


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
    text, heading, row = _about(finding, ledger)
    shown = finding.evidence[-MOST_EVIDENCE:]
    found = [recording.evidence[number] for number in shown if number in recording.evidence]
    judged = finding.evidence[-1] if finding.evidence else 0
    calls = sorted((event for event in found if isinstance(event, Recorded)), key=lambda event: event.started_s)
    if about_pms(row, ledger, spec):
        calls = []  # whoever sends them again plays the PMS, and shows nothing of it
    plays = [recording.generators.get(play, play) for play in finding.plays]
    named = ids_in(f"{finding.expected} {finding.observed}")
    scene = recording.scenes.of(finding.plays, finding.evidence, named)
    shortest = recording.shortest.get(finding.requirement, ())
    told = retold(_with_calls(found, recording), spec)
    where = address(ledger, spec, recording.server)
    play = scene.play if scene is not None else next((play for play in plays if play), "")
    again = run_again(ledger, spec, recording.server, play, begun=bool(calls))
    return FindingView(
        finding=finding,
        title=finding.requirement or finding.reading,
        text=text,
        heading=heading,
        standing=standing_of(finding),
        whose=WHOSE_WORDS[finding.whose],
        reproducible=AGAIN_WORDS[finding.reproducible] if row else "",
        harm=HARM_WORDS.get(row.harm, "") if row else "",
        gravity=GRAVITY_WORDS[gravity_of(row)] if row else "",
        axis=row.axis if row else "",
        mark=beyond_guide(row.id, spec) if row else "",
        readings=tuple(_reading(reading, ledger) for reading in row.readings) if row else (),
        evidence=tuple(_shown(event, spec, named, judged=event.number == judged) for event in found),
        unshown=len(finding.evidence) - len(found),
        commands=(*again, *sequence(calls, spec, where, recording.users)),
        script=script(calls, spec, where, recording.users) or told.script,
        shortest=sequence(shortest, spec, where, recording.users),
        scene=scene,
        play=play,
        calls=shortest or tuple(event for event in found if isinstance(event, Recorded)),
        files=told.files,
    )


def _shown(event: Event, spec: Spec, named: Sequence[str], *, judged: bool) -> Evidence:
    shown = evidence_of(event, judged=judged, named=named)
    if not isinstance(event, Handover) or not event.kind or spec.vdds is None:
        return shown
    return replace(shown, asked=transfer_file(event, spec.vdds, key_shown).rstrip())


def _with_calls(found: Sequence[Event], recording: _Recording) -> list[Event]:
    """The events, before each answer the call that it answers, and before each command line the order for it."""
    about = {event.about for event in found if isinstance(event, Handover)}
    about |= {recording.sent.get(event.number, 0) for event in found}
    numbers = sorted({event.number for event in found} | (about & recording.evidence.keys()))
    return [recording.evidence[number] for number in numbers]


def _about(finding: Finding, ledger: Ledger) -> tuple[str, str, Row | None]:
    """Text and heading of what it is about, and its row; None for a reading."""
    if finding.requirement:
        row = ledger.row(finding.requirement)
        return row.text, row.heading, row
    reading = next(reading for reading in ledger.readings if reading.id == finding.reading)
    return reading.question, reading.heading, None


def _reading(reading: str, ledger: Ledger) -> ReadingView:
    known = next((each for each in ledger.readings if each.id == reading), None)
    if known is None:
        return ReadingView(reading, "", "")
    return ReadingView(reading, known.question, ", ".join(seen.take for seen in known.seen) or "not seen")
