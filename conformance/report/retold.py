"""What was used of the command line or of VDDS media, as files to judge and as a script that does it once more.

Findings over REST have their calls as commands of curl. Here the same is told by what a user of these interfaces knows:
the line that is typed, and the transfer file that is handed over. Patients are stand-ins; see ``stand_ins``.
"""

from __future__ import annotations

import pprint
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from conformance.report.commands import quoted as for_shell
from conformance.report.stand_ins import (
    TOGETHER,
    argument_for,
    day_for,
    day_in,
    form_for,
    key_for,
    path_for,
    value_for,
    written_for,
)
from conformance.spec import CommandLineFacts, Spec, VddsFacts, VddsKey
from conformance.trace import Argument, Event, Handover, Invocation, Note, NoteKind, hidden
from conformance.trace.facts import DAYS_OFF
from conformance.trace.fitting import BY_COMMAND_LINE
from conformance.trace.handovers import ANSWER, CALL, LEVEL, READY, TEXT
from conformance.trace.invocations import COMPOSED, HOLDS_ARGUMENTS, THROUGH_SHELL, UNSEEN
from conformance.wire.argv import quote, quoted, split_arguments

LINES, FOLDER = "lines.txt", "exchange"
_KEY = "key"
TOLD = ("form", "written")
"""Facts of a date by role: its format, and how it was written."""

_USES = '''"""Starts the program of the command line as it was started; THREEDD_COMMAND_LINE names another program."""

import os
import pathlib
import sys
import subprocess

PROGRAM = os.environ.get("THREEDD_COMMAND_LINE", {program!r})
if not pathlib.Path(PROGRAM).is_file():
    sys.exit(f"There is no {{PROGRAM}}; set THREEDD_COMMAND_LINE to the program that is to be started.")
USES = {uses}

for line, arguments in USES:
    command = f'"{{PROGRAM}}" {{line}}' if os.name == "nt" else [PROGRAM, *arguments]
    print(line, "ended with", subprocess.run(command).returncode, sep="\\n", end="\\n\\n")
'''
_CALLS = '''"""Hands over what was handed over; THREEDD_VDDS_PROGRAM is the program that the register names."""

import os
import pathlib
import subprocess
import sys
import tempfile
import time

PROGRAM = os.environ.get("THREEDD_VDDS_PROGRAM") or sys.exit("Set THREEDD_VDDS_PROGRAM to that program.")
CALLS = {calls}

for number, call in enumerate(CALLS, start=1):
    path = pathlib.Path(tempfile.mkdtemp(), f"call{{number}}.ini")
    path.write_bytes(call.replace("\\n", "\\r\\n").encode("cp1252", "replace"))
    program, ends = subprocess.Popen([PROGRAM, str(path)]), time.monotonic() + 60
    while {ready!r} not in path.read_text("cp1252") and time.monotonic() < ends:
        time.sleep(0.2)
    print(call, "was answered:", path.read_text("cp1252"), sep="\\n", end="\\n\\n")
'''


@dataclass(frozen=True)
class Retold:
    """How to see something of an interface beside REST again."""

    files: Mapping[str, str] = field(default_factory=dict)
    """By their names, to be judged; empty where the finding is about nothing of the kind."""
    script: str = ""
    """Starts the program once more, in Python; '' where nothing was started."""


def retold(events: Sequence[Event], spec: Spec) -> Retold:
    """The uses of the command line among the events, or else their transfer files."""
    uses = [event for event in events if isinstance(event, Invocation)]
    if uses and spec.command_line is not None:
        orders = [event for event in events if isinstance(event, Note) and event.kind is NoteKind.ORDER]
        text = "".join(f"{line}\n" for line in _lines(uses, orders, spec.command_line))
        return Retold({LINES: text}, _uses(uses, spec.command_line))
    handed = [event for event in events if isinstance(event, Handover) and event.direction in (CALL, ANSWER)]
    if handed and spec.vdds is not None:
        return Retold(dict(_files(handed, spec.vdds)), _calls(handed, spec.vdds))
    return Retold()


def judging(files: Mapping[str, str]) -> str:
    """The command of a POSIX shell that writes the files and judges them."""
    if set(files) == {LINES}:
        return f"{_printed(files[LINES])} > {LINES} && threedd judge {LINES}"
    written = [f"{_printed(text, chr(13))} > {name}" for name, text in files.items()]
    return " && ".join([f"mkdir -p {FOLDER}", *written, f"threedd judge {FOLDER}"])


def _printed(text: str, ends: str = "") -> str:
    """The text as a shell prints it."""
    form = "%s\\r\\n" if ends else "%s\\n"
    return f"printf {for_shell(form)} " + " ".join(for_shell(line) for line in text.split("\n")[:-1])


# -- the command line ----------------------------------------------------------------------------------------------


def line_of(used: Invocation, facts: CommandLineFacts) -> str:
    """What a user would type."""
    if used.has(UNSEEN):
        return f"{_SHELL} {quote_program(facts.default_path)} %ARGUMENTS%"
    return f"{_SHELL} {_own_line(used, facts)}" if used.has(THROUGH_SHELL) else _own_line(used, facts)


_SHELL = 'start ""'


def _own_line(used: Invocation, facts: CommandLineFacts) -> str:
    program = facts.default_path if used.has("default-place") or not used.executable else used.executable
    if not used.line:
        return quote(program, [argument_for(each, facts) for each in used.arguments])
    pieces = split_arguments(used.line)
    line = used.line
    if len(pieces) == len(used.arguments):
        line = " ".join(_part(piece.raw, each, facts) for piece, each in zip(pieces, used.arguments, strict=True))
    if used.has("split-program") or used.has("bare-program"):
        return f"{facts.default_path if used.has('split-program') else program} {line}"
    return f"{quote_program(program)} {line}"


def _part(raw: str, argument: Argument, facts: CommandLineFacts) -> str:
    """One argument as it stood in the line, with what was lost to tokens put back."""
    if f"{argument.switch}{argument.name}" not in raw:
        return quoted(argument_for(argument, facts))
    if argument.value and " " not in argument.value and argument.value in raw:
        return raw.replace(argument.value, value_for(argument, facts))
    return raw


def quote_program(program: str) -> str:
    """A path in quotation marks."""
    return f'"{program}"'


def _lines(uses: Sequence[Invocation], orders: Sequence[Note], facts: CommandLineFacts) -> Iterator[str]:
    for used in uses:
        told = [note for note in orders if note.number < used.number and note.data.get("does") == BY_COMMAND_LINE]
        if told:
            yield _record(told[-1].data, facts, used)
        yield line_of(used, facts)


def _record(told: Mapping[str, str], facts: CommandLineFacts, used: Invocation) -> str:
    """What the PMS was told to send, as a file of lines has it."""
    known = {_KEY: told.get("person", ""), **{role: told.get(role, "") for role in facts.by_role}}
    for role in told.get(HOLDS_ARGUMENTS, "").split():
        within = next(each.name for each in facts.arguments if each.role != role)
        known[role] = f'{known[role].partition(" ")[0]}" {facts.switch}{within}{facts.separator}'
    for each in used.arguments:
        listed = facts.by_folded_name.get(each.name.casefold())
        if each.has(COMPOSED) and listed is not None and known[listed.role]:
            known[listed.role] += TOGETHER
    if hidden(known.get("birth_date", "")):
        known["birth_date"] = _born(known["birth_date"], used).isoformat()
    return "# record: " + " ".join(quoted(f"{role}={text}") for role, text in known.items() if text)


def _born(token: str, used: Invocation) -> date:
    """The date of birth of the record, as far from the one that was sent as it was."""
    for each in used.arguments:
        for off in each.fact(DAYS_OFF):
            return day_in(each.meant or each.value, form_for(each), written_for(each)) - timedelta(days=int(off))
    return day_for(token)


def _uses(uses: Sequence[Invocation], facts: CommandLineFacts) -> str:
    rows = []
    for used in uses:
        arguments = [argument_for(each, facts) for each in used.arguments]
        rows.append((used.line or " ".join(map(quoted, arguments)), arguments))
    return _USES.format(program=facts.default_path, uses=pprint.pformat(rows, width=110))


# -- VDDS media ----------------------------------------------------------------------------------------------------


Values = Callable[[VddsKey, str, frozenset[str]], str]
"""Writes the value of a key, of which flaws are known."""


def transfer_file(handed: Handover, facts: VddsFacts, values: Values = key_for) -> str:
    """The file with a key in each line; '' where it was none that could be read.

    ``values`` makes up what can be used and judged again; ``key_shown`` tells what was recorded.
    """
    return "".join(f"{line}\n" for line in _sections(handed, facts, values)) if handed.kind else ""


def _sections(handed: Handover, facts: VddsFacts, values: Values) -> Iterator[str]:
    call, shake = facts.call[handed.kind], facts.handshake
    names = {READY: shake.ready, LEVEL: shake.level, TEXT: shake.text}
    yield f"[{call.section}]"
    for role, value in handed.values.items():
        key = call.keys.by_role.get(role)
        yield f"{key.name}={values(key, value, _flaws(handed.facts, role))}" if key else f"{names[role]}={value}"
    for item in handed.asked:
        yield f"{facts.exports.prefix}{item.index}={item.values.get('object', '')}"
    if handed.direction == ANSWER and handed.kind == "image_export" and not handed.has("no-list"):
        yield f"[{facts.exports.section}]"
        for item in handed.items:
            path = path_for(item) if values is key_for else item.values.get("path", "")
            yield f"{facts.exports.prefix}{item.index}={path}"
    if handed.direction == ANSWER and handed.kind == "image_information" and not handed.has("no-list"):
        yield f"[{facts.objects.section}]"
        yield from (f"{facts.objects.count}={count}" for count in handed.fact("count"))
        for item in handed.items:
            yield f"[{facts.objects.prefix}{item.index}]"
            for role, value in item.values.items():
                key = facts.objects.keys.by_role[role]
                yield f"{key.name}={values(key, value, _flaws(item.facts, role))}"


def _flaws(facts: Sequence[str], role: str) -> frozenset[str]:
    """What the facts say of that key; of a date also whether it is one that stands for none."""
    of_role = {name for name, _, about in (fact.partition(":") for fact in facts) if about == role}
    begins = tuple(f"{name}:{role}:" for name in TOLD)
    of_role |= {fact.replace(f":{role}:", ":", 1) for fact in facts if fact.startswith(begins)}
    return frozenset(of_role | ({"date-for-none"} & set(facts) if role in ("birth_date", "date") else set()))


def _files(handed: Sequence[Handover], facts: VddsFacts) -> Iterator[tuple[str, str]]:
    for each in handed:
        number = each.number if each.is_call else each.about or each.number
        kind = "missing" if each.flaw == "gone" else "ini"
        if each.kind or kind == "missing":
            yield f"{FOLDER}/{number}.{each.direction}.{kind}", transfer_file(each, facts)


def _calls(handed: Sequence[Handover], facts: VddsFacts) -> str:
    calls = [text for each in handed if each.is_call and (text := transfer_file(each, facts))]
    ready = f"{facts.handshake.ready}={facts.handshake.finished}"
    return _CALLS.format(calls=pprint.pformat(calls, width=110), ready=ready) if calls else ""
