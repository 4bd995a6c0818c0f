"""A file of command lines -> events: what a process monitor showed, or what somebody typed.

One line of the file is one use of the command line; ``#`` begins a comment. A comment that begins with ``record:``
tells what the PMS knew of the patient whose line follows, as ``key=value`` with quotation marks where there are blanks:

    # record: key=17 last_name="van der Berg" birth_date=1970-02-28
    "C:\\...\\DentalDesktopCmd.exe" -integrationid=17 -lastname="van der Berg" -birthday=19700228

``key`` is the PMS's own number of the patient, the other keys are those of the driver protocol; dates are written as
year-month-day, each key once. Quotation marks and backslashes count as on a command line of Windows: within quotation
marks ``\\"`` is a quotation mark, and a backslash at the end is doubled ("Wood \\\\"). What a process monitor
writes before a line (``Command line:``) is left out.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from pathlib import Path

from conformance.spec import Kind, Spec
from conformance.trace.events import Event, NoteKind
from conformance.trace.fitting import BY_COMMAND_LINE
from conformance.trace.invocations import Started
from conformance.trace.recorder import Recorder
from conformance.trace.redaction import Redactor
from conformance.wire import day_written
from conformance.wire.argv import split_arguments

SUFFIX = ".txt"
MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 4_000_000
"""Characters, a hundred times what Windows passes on. Too long a line is a finding, but a huge one takes minutes."""
MOST_USES = 100_000
"""Of the command line in one file."""
_RECORD = re.compile(r"#\s*record:\s*(.*)", re.IGNORECASE)
_LABEL = re.compile(r"\s*command\s?line:\s*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1f]")
_BINARY = 0.05  # of what is read, more than that is no text


_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class LinesError(ValueError):
    """A file holds no command lines. Never the subject's fault."""


def is_lines(path: Path) -> bool:
    return path.suffix.lower() == SUFFIX


def read_lines(path: Path, spec: Spec, redactor: Redactor) -> list[Event]:
    """The events of the file, a second apart. Raises LinesError, or OSError."""
    if spec.command_line is None:
        raise LinesError(f"{spec.name} has no command-line.yaml; judge {path.name} by a spec that has one.")
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise LinesError(f"{path.name} has {size} bytes; expected {MOST_BYTES} at most. Split it.")
    events: list[Event] = []
    recorder = Recorder(spec, redactor, [events.append])
    record: Mapping[str, str] = {}
    used = 0
    for number, line in enumerate(_text(path.name, path.read_bytes()).split("\n"), start=1):
        line = line.removesuffix("\r")
        if len(line) > LONGEST_LINE:
            found = f"{path.name} line {number} has {len(line)} characters; expected {LONGEST_LINE} at most"
            raise LinesError(f"{found}. Cut it: Windows passes no such line on.")
        told = _RECORD.match(line.strip())
        if told:
            record = _record(path.name, number, told[1], spec)
        elif line.strip() and not line.lstrip().startswith("#"):
            used += 1
            if used > MOST_USES:
                raise LinesError(f"{path.name} has more than {MOST_USES} command lines; judge it in parts.")
            _use(recorder, used, _LABEL.sub("", line, count=1).strip(" \t"), record)
            record = {}
    if not used:
        raise LinesError(f"{path.name} holds no command line; write one per line, without # before it.")
    return events


def send_order(recorder: Recorder, name: str, at_s: float, record: Mapping[str, str]) -> None:
    """The note that a PMS was told to send this record; ``key`` is its own number of the patient."""
    fields = {role: text for role, text in record.items() if role != "key" and text}
    person = record.get("key", "")
    recorder.note(NoteKind.ORDER, at_s, order=name, phase="begin", does=BY_COMMAND_LINE, person=person, **fields)


def _use(recorder: Recorder, number: int, line: str, record: Mapping[str, str]) -> None:
    at_s = float(number)
    if record:
        send_order(recorder, str(number), at_s, record)
    recorder.invocation(Started(line=line), at_s)
    if record:
        recorder.note(NoteKind.ORDER, at_s, order=str(number), phase="end", answer="done", status_code="", told="")


def _record(name: str, number: int, text: str, spec: Spec) -> dict[str, str]:
    assert spec.command_line is not None
    known = ["key", *spec.command_line.by_role]
    found: dict[str, str] = {}
    dates = [each.role for each in spec.command_line.arguments if each.kind is Kind.DATE]
    for piece in split_arguments(text):
        key, equals, value = piece.text.partition("=")
        if key in found:
            raise LinesError(f"{name} line {number} tells {key} twice in a record; expected each key once. Remove one.")
        if equals and value and key in dates and day_written(value) != value:
            expected = "expected year-month-day (1970-02-28)"
            raise LinesError(f"{name} line {number} has {value[:40]!r} as {key} in a record; {expected}.")
        if not equals or key not in known:
            expected = f"expected key=value with one of {', '.join(known)}, quoted where there are blanks"
            raise LinesError(f"{name} line {number} has {key[:40]!r} in a record; {expected}.")
        found[key] = value
    return found


def _text(name: str, content: bytes) -> str:
    """The text, by the mark at its beginning; UTF-8 or else Windows-1252 without one."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:  # half a character is passed on by Windows, and is a finding
                return content[len(mark) :].decode(encoding, "surrogatepass")
            except UnicodeDecodeError as wrong:
                raise LinesError(f"{name} is no {encoding} at byte {wrong.start}; save it as UTF-8.") from wrong
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", "replace")
    if len(_CONTROL.findall(text[:10_000])) > _BINARY * len(text[:10_000]):
        raise LinesError(f"{name} is no text; write one command line per line, as UTF-8.")
    return text
