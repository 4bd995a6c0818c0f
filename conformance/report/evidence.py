"""The events that a finding rests on, laid out to be read: what was asked beside what was answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from conformance.report.stand_ins import form_of, written_for
from conformance.trace import Argument, Event, Handover, Invocation, Note

KEPT_BODY = 4000
_GUID = re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_TAGS = re.compile(r">\s*<")


@dataclass(frozen=True)
class Evidence:
    """One event that a finding rests on."""

    number: int
    title: str
    """Method and path, or the kind of a note."""
    asked: str
    """The call as a person reads it: path, then a parameter in each line."""
    answer: str
    """HTTP status, or why there was none."""
    body: str
    who: str
    judged: bool
    """True for the event that was judged; the others are what the verdict rests on."""


def ids_in(text: str) -> tuple[str, ...]:
    """GUIDs that a finding names, in lower case: of long lists it is they that shall be seen."""
    return tuple(dict.fromkeys(found.lower() for found in _GUID.findall(text)))


def evidence_of(event: Event, *, judged: bool, kept: int = KEPT_BODY, named: Sequence[str] = ()) -> Evidence:
    """``event`` with at most ``kept`` characters of its answer, those around ``named`` ids first."""
    if isinstance(event, Note):
        told = "\n".join(f"{name}: {value}" for name, value in event.data.items() if value)
        return Evidence(event.number, f"note: {event.kind.value}", "", "", told, "", judged)
    if isinstance(event, Invocation):
        return _used(event, judged)
    if isinstance(event, Handover):
        return _handed(event, judged)
    reply = event.reply
    path = event.request.target.partition("?")[0]
    return Evidence(
        number=event.number,
        title=f"{event.request.verb} {path.rpartition('/')[2] or path}",
        asked=_asked(event.request.verb, event.request.target),
        answer=f"HTTP {reply.http_status}" if reply else f"no answer: {event.lost}",
        body=_body(reply.body, reply.flaw, kept, named) if reply else "",
        who=event.who,
        judged=judged,
    )


def _asked(verb: str, target: str) -> str:
    path, _, query = target.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    return "\n".join((f"{verb} {path}", *(f"  {name} = {value}" for name, value in pairs)))


def _used(event: Invocation, judged: bool) -> Evidence:
    """A use of the command line: the arguments as the program gets them, each in a line."""
    arguments = (f"{each.switch}{each.name}{each.separator}{_with_form(each)}" for each in event.arguments)
    told = "\n".join((*arguments, *(f"... and {more} more" for more in event.fact("more"))))
    return Evidence(event.number, event.executable or "command line", event.line, "", told, event.who, judged)


def _with_form(argument: Argument) -> str:
    """The value, with how it was written where that is known of a date that a token stands for."""
    return form_of(argument.value, written_for(argument))


def _handed(event: Handover, judged: bool) -> Evidence:
    """A transfer file as it was at one moment: a key in each line."""
    told = "\n".join(f"{role} = {value}" for role, value in event.values.items())
    title = f"transfer file, {event.kind.replace('_', ' ') or 'of no known call'}: {event.direction}"
    return Evidence(event.number, title, told, event.flaw, "", event.who, judged)


def _body(body: str, flaw: str, kept: int, named: Sequence[str]) -> str:
    text = laid_out(body)
    if len(text) > kept:
        text = _cut(text, kept, named)
    return f"({flaw})\n{text}".rstrip() if flaw else text


def _cut(text: str, kept: int, named: Sequence[str]) -> str:
    """The beginning, and behind it the part that names what a finding is about where the beginning does not."""
    folded = text.lower()
    places = [place for place in map(folded.find, named) if place >= 0]
    if not places or min(places) < kept:
        return f"{text[:kept]}\n... ({len(text) - kept} more characters)"
    around = kept // 4
    begin = max(text.rfind("\n", 0, places[0] - around), kept - 2 * around)
    end = places[0] + around
    left, rest = begin - (kept - 2 * around), max(len(text) - end, 0)
    after = f"\n... ({rest} more characters)" if rest else ""
    return f"{text[: kept - 2 * around]}\n... ({left} more characters)\n{text[begin:end].strip()}{after}"


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
