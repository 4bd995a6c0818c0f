"""Words that must never reach a disk: planted into traffic and looked for in whatever a run leaves, however spelt.

Every canary contains one mark - of letters, of figures or of a year - and it is the mark that is looked for: so a
thousand of them cost one search, and what is left of half a value is found as well.
"""

import base64
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from unittest.mock import patch
from urllib.parse import quote

from conformance.judge import Ledger, Monitor
from conformance.report import write_all
from conformance.spec import Kind, Parameter, Spec, VddsKey
from conformance.suite.target import Target
from conformance.trace import Event, Handed, NoteKind, Recorder, Redactor, Started, Traffic
from conformance.trace.handovers import ANSWER, REGISTER
from conformance.trace.journal import Journal
from conformance.wire import encode_basic, encode_query
from tests.honesty import inside

MARK = "wqxjkvzyb"
FIGURES = "7391846025"
YEAR = "1877"
MARKS = (MARK, FIGURES, f"{YEAR}-0", f"{YEAR}-1")
BIRTH_DATES = re.compile(
    rb"(?<![0-9a-z])%b[01][0-9][0-3][0-9](?![0-9a-z])|[0-9]{1,2}(?P<between>[./-])[0-9]{1,2}(?P=between)%b"
    % (YEAR.encode(), YEAR.encode())
)
"""Dates of that year as command lines, VDDS media and people write them."""
LETTERS = "abcdefghijkmnopqrstuvwxyz23456789"
KEY = b"canaries"
Said = tuple[str, tuple[object, ...], dict[str, object]]
"""What a recorder was told: name of its method, and what it was given."""
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"


# -- looking for them -----------------------------------------------------------------------------------------------


def spellings(value: str) -> set[bytes]:
    """How whoever says a value back may write it; letters in lower case, but for Base64."""
    plain = value.lower().encode()
    wide = value.lower().encode("utf-16-le")
    doubled = quote(quote(value, safe=""), safe="").lower().encode()
    escapes = "".join(f"%{byte:02x}" for byte in plain).encode()
    entities = ["".join(f"&#{ord(sign)};" for sign in value), "".join(f"&#x{ord(sign):x};" for sign in value)]
    units = "".join(f"\\u{ord(sign):04x}" for sign in value.lower()).encode()
    return {
        *(
            plain,
            wide,
            plain.hex().encode(),
            wide.hex().encode(),
            doubled,
            escapes,
            escapes.replace(b"%", b"%25"),
            units,
        ),
        *(entity.lower().encode() for entity in entities),
        b"\\u0000".join(bytes([byte]) for byte in plain),
    }


def wrapped(value: str) -> set[bytes]:
    """What of a value stands in Base64 for certain, at each of its alignments and in each case."""
    found = set()
    for said in (value, value.upper(), value.lower(), value.capitalize()):
        for data in (said.encode(), said.encode("utf-16-le")):
            for shift in range(3):
                cut = (shift * 8 + 5) // 6
                found.add(base64.b64encode(b"\0" * shift + data)[cut : (shift + len(data)) * 8 // 6])
    return found


def leaks(folder: Path, values: Iterable[str] = MARKS) -> list[str]:
    """Where one of the values stands in a file, or in the name of one, of ``folder``: file and what is around it.

    Archives are opened, and archives in archives.
    """
    values = list(values)
    folded = {form for value in values for form in spellings(value)}
    exact = {form for value in values for form in wrapped(value)}
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        for name, content in contents(str(path.relative_to(folder)), path.name, data):
            low = content.lower()
            places = [(low, place) for form in folded for place in _places(low, form)]
            places += [(content, place) for form in exact for place in _places(content, form)]
            places += [(low, hit.start()) for hit in BIRTH_DATES.finditer(low)]
            found += [f"{name}: {text[max(place - 120, 0) : place + 60]!r}" for text, place in places]
    return found


def contents(place: str, name: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Where it stands, and its name and bytes; likewise of every member of an archive."""
    yield place, name.encode() + b"\n" + data
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield from contents(f"{place}!{member.filename}", member.filename, archive.read(member))


def _places(text: bytes, form: bytes) -> Iterator[int]:
    place = text.find(form)
    while place >= 0:
        yield place
        place = text.find(form, place + 1)


# -- planting them --------------------------------------------------------------------------------------------------


@dataclass
class Cage:
    """Makes canaries, each another, of the kinds that patients' data have."""

    random: Random
    made: int = 0

    def word(self) -> str:
        self.made += 1
        spelt = self.random.choice((MARK, MARK.upper(), MARK.capitalize()))
        return f"{''.join(self.random.choices(LETTERS, k=4))}{spelt}{''.join(self.random.choices(LETTERS, k=4))}"

    def figures(self) -> str:
        """A number as it is written on a card."""
        self.made += 1
        return f"{FIGURES}{self.random.randrange(10**4):04}"

    def birth_date(self) -> str:
        self.made += 1
        return (date(int(YEAR), 1, 1) + timedelta(days=self.random.randrange(365))).isoformat()

    def value(self) -> str:
        word = self.word()
        forms = (word, f"{word} {self.word()}", f"{word}-O'Neil & <{self.word()}>", f"Dr. {word}", f"ß{word}é")
        return self.random.choice((*forms, self.figures(), self.birth_date()))

    def image(self) -> bytes:
        return b"\x89PNG\r\n\x1a\n" + self.word().encode() * 3


DATED = frozenset({"day-first", "month-first", "compact"})
SAID_BACK = {
    "plain": lambda value: f"Patient {value} is there.",
    "upper": lambda value: f"PATIENT {value.upper()}!",
    "lower": lambda value: f"patient={value.lower()};",
    "url": lambda value: f"?name={quote(value, safe='')}",
    "url-twice": lambda value: f"?name={quote(quote(value, safe=''), safe='')}",
    "base64": lambda value: f"ticket {base64.b64encode(value.encode()).decode()} closed",
    "base64-1": lambda value: f"ticket {base64.b64encode(b'x' + value.encode()).decode()}",
    "base64-2": lambda value: f"ticket {base64.b64encode(b'xy' + value.encode()).decode()}",
    "base64-wide": lambda value: base64.b64encode(value.encode("utf-16-le")).decode(),
    "hex": lambda value: f"0x{value.encode().hex()}",
    "hex-wide": lambda value: value.encode("utf-16-le").hex(),
    "xml": lambda value: f"see {''.join(f'&#{ord(sign)};' for sign in value)}",
    "json": lambda value: "see " + "".join(f"\\u{ord(sign):04x}" for sign in value),
    "day-first": lambda value: f"born {'.'.join(reversed(value.split('-')))}",
    "month-first": lambda value: f"born {'/'.join((*value.split('-')[1:], value[:4]))}",
    "compact": lambda value: f"born {value.replace('-', '')}",
}


def names_of(spec: Spec) -> dict[str, str]:
    """Wire names of the status document: its root, its code and its description."""
    record = spec.record["status"]
    return {"root": spec.document["status"].root, **{role: record.by_role[role].name for role in record.by_role}}


def answers(spec: Spec, value: str, cage: Cage) -> list[tuple[int, str, bytes]]:
    """What a hostile server says back of a value: HTTP status, content type, body."""
    name, word = names_of(spec), value.split()[0]
    tag = re.sub(r"\W", "", word) or "x"
    texts = [form(value) for form in SAID_BACK.values()]
    code, told, root = name["code"], name["description"], name["root"]
    image = base64.b64encode(cage.image()).decode()
    bodies = [f"<{root}><{code}>4</{code}><{told}>{_xml(text)}</{told}></{root}>" for text in texts]
    bodies += [
        f"<{root}><!-- {tag} --><{code}>{tag}</{code}><{told}>x</{told}><?{tag} {tag}?></{root}>",
        f'<{root} {tag}="{tag}" xmlns:{tag}="urn:{tag}"><{tag}:{tag}/><{code}>4</{code}></{root}>',
        f'<{root} xmlns="urn:{tag}"><{code} xmlns:i="{INSTANCE}" i:type="{tag}"/></{root}>',
        f"<{root}><{tag}></{root}>",
        f"<{root}>&{tag};</{root}>",
        f"<!DOCTYPE x [<!ENTITY a '{tag}'>]><{root}>&a;</{root}>",
        f'<?xml version="1.0" encoding="{tag}"?><{root}/>',
        f"<html><head><title>{tag}</title></head><body><h1 class='{tag}'>No {_xml(value)}</h1></body></html>",
        f"<{root}><{code}>4</{code}><{told}><b>{tag}</b>{tag}</{told}>{tag}<Image>{image}</Image></{root}>",
    ]
    found = [(200, "application/xml", body.encode()) for body in bodies]
    for text in (value, *texts):
        members = {code: 4, told: text, "detail": [text, {tag: text}]}
        found.append((200, "application/json", json.dumps(members).encode()))
        found.append((500, f"text/html; of={tag}", text.encode()))
    found.append((200, "text/xml", f'<?xml version="1.0"?><{root}>{_xml(value)}</{root}>'.encode("utf-16")))
    found.append((200, "image/png", cage.image()))
    return found


def _xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def hostile(spec: Spec, cage: Cage, at_least: int) -> list[Traffic]:
    """Calls with canaries wherever a caller can put them, answered by a server that says them back everywhere."""
    found: list[Traffic] = []
    while cage.made < at_least:
        value, secret = cage.value(), cage.word()
        method = cage.random.choice([m for m in spec.methods if any(p.sensitive for p in m.parameters)])
        pairs = [(p.name, _given(p, value, cage)) for p in method.parameters]
        query = encode_query(pairs)
        path = f"{spec.service.base_path}/{method.name}"
        targets = [
            f"{path}?{query}",
            f"{path}?{query}&{quote(cage.word())}&{cage.word()}={cage.word()}",
            f"https://{cage.word()}:{secret}@localhost{path}?{query}",
            f"{path}/{quote(cage.word())}/{cage.word()}",
            f"/{cage.word()}?{cage.word()}",
            f"{path};{cage.word()}=1?{query}",
        ]
        authorizations = [
            encode_basic(cage.word(), secret),
            f"Basic {secret}",
            f"Bearer {secret}",
            secret,
            f"Basic {base64.b64encode(secret.encode()).decode()}",
        ]
        said = [(name, form(value)) for name, form in SAID_BACK.items()]
        for index, (status, kind, body) in enumerate(answers(spec, value, cage)):
            text = said[index % len(said)][1]
            found.append(
                Traffic(
                    verb=cage.word() if index == 3 else "GET",
                    target=targets[index % len(targets)],
                    headers=(
                        ("Authorization", authorizations[index % len(authorizations)]),
                        ("User-Agent", f"PMS of {value}"),
                        ("Accept", "application/xml"),
                        ("Cookie", f"session={cage.word()}"),
                        ("X-Patient", cage.word()),
                    ),
                    started_s=len(found) + 0.1,
                    finished_s=len(found) + 0.9,
                    http_status=status,
                    reply_headers=(
                        ("Content-Type", kind),
                        ("Server", f"IIS {text}"),
                        ("WWW-Authenticate", f'Basic realm="{text}"'),
                        ("Location", f"/{cage.word()}/{quote(value)}?{quote(text)}"),
                        ("X-Echo", text),
                        ("Set-Cookie", f"who={cage.word()}"),
                    ),
                    body=body,
                    who="pms",
                )
            )
    return found


def _given(parameter: Parameter, value: str, cage: Cage) -> str:
    if parameter.kind is Kind.DATE and parameter.sensitive:
        return cage.birth_date()
    return value if parameter.sensitive or parameter.kind is Kind.TEXT else cage.word()


def hostile_lines(spec: Spec, cage: Cage, at_least: int) -> list[Said]:
    """Starts of the command line's program, right and wrong, with canaries wherever somebody can put them."""
    facts, found, end = spec.command_line, list[Said](), cage.made + at_least
    assert facts is not None
    while cage.made < end:
        given = {a.role: cage.birth_date() if a.kind is Kind.DATE else cage.value() for a in facts.arguments}
        given["birth_date"] = cage.random.choice((given["birth_date"], given["birth_date"].replace("-", "")))
        written = [f"{facts.spelt(role)}{facts.separator}{value}" for role, value in given.items()]
        marked = [f'{facts.spelt(role)}{facts.separator}"{value}"' for role, value in given.items()]
        folder = f"C:\\Users\\{cage.word()}"
        for started in (
            Started(line=f'"{folder}\\{facts.executable}" {" ".join(marked)}'),
            Started(line=f"{folder} {cage.word()}\\{facts.executable} {' '.join(written)}"),
            Started(line=f'{facts.executable} {"".join(marked)} "{cage.value()}'),
            Started(line=f"{cage.word()}.exe --{cage.word()}={cage.value()} /{cage.word()}:{cage.value()}"),
            Started(arguments=tuple(written), executable=f"{folder}\\{facts.executable}"),
            Started(arguments=(*map(str.upper, marked), cage.value(), f"-{cage.word()}"), executable=cage.word()),
            Started(arguments=(f"{written[0]} {written[1]}", " ".join(written), f"\u2013{written[0][1:]}")),
        ):
            found.append(("invocation", (started, float(len(found))), {}))
    return found


def hostile_files(spec: Spec, cage: Cage, at_least: int) -> list[Said]:
    """Transfer files of VDDS media and registers, with canaries in values, keys, sections, comments and paths."""
    facts, found, end = spec.vdds, list[Said](), cage.made + at_least
    assert facts is not None
    shake, number = facts.handshake, 0
    while cage.made < end:
        for call in facts.calls:
            written = cage.random.choice(("cp1252", "utf-8-sig", "utf-16"))
            lines = [f"; {cage.value()}", f"[{call.section}]"]
            lines += [f"{key.name}={_in_file(key, cage)}" for key in call.keys.all]
            lines += [f"{facts.exports.prefix}{place}={cage.word()}" for place in (1, 2)]
            lines += [f"{cage.word()}={cage.value()}", f"{shake.ready}={cage.random.choice(('0', cage.word()))}"]
            asked = "\r\n".join((*lines, f"[{cage.word()}]", f"{cage.word()}={cage.value()}", ""))
            lines += [f"{shake.level}={cage.figures()}", f"{shake.text}=No {cage.value()}"]
            lines += [f"[{facts.objects.section}]", f"{facts.objects.count}={cage.figures()}"]
            lines += [f"[{facts.objects.prefix}1]"]
            lines += [f"{key.name}={_in_file(key, cage)}" for key in facts.objects.keys.all]
            path = f"C:\\{cage.word()}\\{cage.word()}.{cage.word()[:4]}{MARK.upper()[:8]}"
            lines += [f"[{facts.exports.section}]", f"{facts.exports.prefix}1={path}"]
            before, after = (text.encode(written, "replace") for text in (asked, "\r\n".join((*lines, ""))))
            number += 2
            place = f"C:\\{cage.word()}\\{cage.word()}.tmp"
            seen = {path: ("exists", "size:12", "sha256:" + "0" * 64)}
            answer = Handed(after, place, ANSWER, about=number - 1, before=before, files=seen)
            found += [("handover", (each, float(number)), {}) for each in (Handed(before, place), answer)]
        name, program = cage.word(), f"C:\\{cage.word()}\\{cage.word()}.exe"
        index = facts.register
        entry = "".join(f"{call.key}={program}\r\n" for call in facts.calls)
        text = f"[{index.bvs_index}]\r\n{index.index_key}1={name}\r\n[{name}]\r\n{index.name}={cage.value()}\r\n{entry}"
        register = Handed(text.encode("cp1252", "replace"), f"C:\\{cage.word()}\\x.ini", REGISTER, section=name)
        found.append(("handover", (replace(register, lost=cage.random.choice(("", "gone"))), float(number)), {}))
        number += 1
    return found


def _in_file(key: VddsKey, cage: Cage) -> str:
    if key.form == "date":
        return cage.random.choice((cage.birth_date().replace("-", ""), cage.birth_date(), cage.word()))
    return cage.random.choice((cage.value(), cage.word(), cage.figures(), MARK.upper()))


@dataclass
class Heard:
    """What went into a recorder in the course of a run, in clear."""

    said: list[Said] = field(default_factory=list)

    def events(self, spec: Spec, *, raw: bool = False) -> list[Event]:
        """The events that it makes."""
        found: list[Event] = []
        recorder = Recorder(spec, Redactor(spec, KEY, raw=raw), [found.append])
        for name, given, named in self.said:
            getattr(recorder, name)(*given, **named)
        return found

    def but(self, said: Sequence[Traffic | Said]) -> "Heard":
        """The same with more at its end."""
        more = [("exchange", (each,), {}) if isinstance(each, Traffic) else each for each in said]
        return Heard([*self.said, *more])


class Listening(Recorder):
    """A recorder that tells what goes into it. The mark stays out of the names that the suite gives its own things."""

    def __init__(self, heard: Heard, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]
        self._heard = heard

    def exchange(self, traffic):
        probe = traffic.probe and replace(traffic.probe, pair=traffic.probe.pair.replace(MARK, ""))
        names = {"connection": traffic.connection.replace(MARK, ""), "play": traffic.play or self.play}
        kept = replace(traffic, **names, probe=probe)
        with self._lock:
            self._heard.said.append(("exchange", (kept,), {}))
            return super().exchange(kept)

    def note(self, kind, at_s, **data):
        if kind is NoteKind.RUN and "prefix" in data:
            data = {**data, "prefix": data["prefix"].replace(MARK, "q")}
        with self._lock:
            if kind is not NoteKind.DISTURBED:  # its exchange makes it
                self._heard.said.append(("note", (kind, at_s), data))
            return super().note(kind, at_s, **data)

    def invocation(self, started, at_s, who="pms", play=""):
        with self._lock:
            self._heard.said.append(("invocation", (started, at_s, who, play or self.play), {}))
            return super().invocation(started, at_s, who, play)

    def handover(self, handed, at_s, who="pms", play=""):
        with self._lock:
            self._heard.said.append(("handover", (handed, at_s, who, play or self.play), {}))
            return super().handover(handed, at_s, who, play)


@contextmanager
def listening(heard: Heard):
    """Runs in this process are heard in clear, and every datum that they make up contains the mark."""
    target = lambda **given: Target(**{**given, "prefix": MARK})  # noqa: E731
    with patch.object(inside, "Recorder", partial(Listening, heard)), patch.object(inside, "Target", target):
        yield heard


def notes(cage: Cage) -> list[Said]:
    """What a driver says it was told and understood, and what a command line was given."""
    person = {"person": cage.value(), "first_name": cage.value(), "last_name": cage.value(), "patient_id": cage.value()}
    shown = {"patient_name": f"{person['first_name']} {person['last_name']}", "comment": f"of {person['last_name']}"}
    line = f'DentalDesktopCmd.exe -lastName="{cage.value()}" -x={cage.word()} {cage.word()} /{cage.word()}'
    return [
        ("note", (NoteKind.ORDER, 0.0), {"order": "1", "phase": "begin", "does": "create_patient", **person}),
        ("note", (NoteKind.SHOWN, 0.1), {"order": "1", "what": "case", "fields": " ".join(shown), **shown}),
        ("note", (NoteKind.FIXTURE, 0.2), {"what": "patient", "integration_id": cage.word()}),
        ("note", (NoteKind.CREDENTIALS, 0.3), {"user": cage.word(), "password": cage.word()}),
        ("invocation", (Started(line=line), 0.4), {}),
        (
            "invocation",
            (Started(arguments=(f"-lastName={cage.value()}", cage.word()), executable=cage.word()), 0.5),
            {},
        ),
    ]


# -- what a run leaves ----------------------------------------------------------------------------------------------


def judged(events: Sequence[Event], spec: Spec) -> Ledger:
    monitor = Monitor(spec, about={"subject": "canaries", "server": "url"})
    for event in events:
        monitor.feed(event)
    return monitor.finish()


def leave(events: Sequence[Event], ledger: Ledger, spec: Spec, folder: Path) -> None:
    """Journal, ledger, report, summary and archive in ``folder``."""
    journal = Journal(folder / "journal.jsonl", {})
    for event in events:
        journal.append(event)
    journal.close()
    write_all(ledger, spec, folder, events)


def verdicts(ledger: Ledger) -> dict[str, object]:
    """What is the same of a raw recording: all but texts, in which values stand."""
    return {row.id: (row.standing, row.counts) for row in ledger.rows}
