"""Short traces, written by hand: the witnesses of the rules and the examples of the tests.

A sketch is a row of calls and notes that come after one another; ``+`` joins two, ``*`` repeats one,
``at_once`` lets several calls overlap. Ids are small numbers or texts: operation=1 stands for one GUID,
everywhere the same. Everything goes through wire, redaction and recorder, as real traffic does.

    call("create_patient", integration_id="A", last_name="Fox", operation=1) + poll(1, "processed")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from conformance.spec import Kind, Spec
from conformance.trace.events import Event, NoteKind, Probe
from conformance.trace.handing import Hand, as_handed
from conformance.trace.handovers import ANSWER
from conformance.trace.invocations import Started
from conformance.trace.recorder import Recorder, Traffic
from conformance.trace.redaction import Redactor
from conformance.wire import encode, encode_basic, encode_query

USER, PASSWORD = "Sketch", "secret"


def guid(number: int | str | UUID) -> UUID:
    """The GUID that a small number stands for; 0 is the empty one."""
    if isinstance(number, UUID):
        return number
    return UUID(int=number) if isinstance(number, int) else UUID(number)


@dataclass(frozen=True)
class Call:
    """One exchange to be. ``parameters`` by role; None leaves one out, '' sends it empty."""

    role: str
    parameters: Mapping[str, object]
    http_status: int = 200
    content: object = None
    """What the answer holds: records by field role, or a primitive; None for no body."""
    body: bytes | None = None
    """The very bytes of the answer, instead of ``content``."""
    content_type: str = "application/xml; charset=utf-8"
    lost: str = ""
    probe: Probe | None = None
    authorization: str | None = field(default_factory=lambda: encode_basic(USER, PASSWORD))
    verb: str = "GET"
    target: str = ""
    """The very request target, instead of ``parameters``."""
    reply_headers: Mapping[str, str] = field(default_factory=dict)
    request_headers: Mapping[str, str] = field(default_factory=dict)
    connection: str = "1"
    disturbed: str = ""


@dataclass(frozen=True)
class NoteLine:
    kind: NoteKind
    data: Mapping[str, str]


@dataclass(frozen=True)
class AtOnce:
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Use:
    """One use of the command line."""

    started: Started


Line = Call | NoteLine | AtOnce | Use | Hand


@dataclass(frozen=True)
class Sketch:
    lines: tuple[Line, ...]

    def __add__(self, other: Sketch) -> Sketch:
        return Sketch(self.lines + other.lines)

    def __mul__(self, times: int) -> Sketch:
        return Sketch(self.lines * times)

    def but(self, **changes: object) -> Sketch:
        """The same with fields of its last call changed (http_status, body, lost, probe, authorization, verb ...)."""
        last = self.lines[-1]
        if not isinstance(last, Call):
            raise TypeError(f"but() changes a call; the last line is {type(last).__name__}. Apply it to a call.")
        return Sketch((*self.lines[:-1], replace(last, **changes)))  # type: ignore[arg-type]

    def answered(self, content: object) -> Sketch:
        """The same with another content of the last answer."""
        return self.but(content=content)

    def refused(self, http_status: int) -> Sketch:
        """The same with an HTTP error and no document as the last answer."""
        return self.but(http_status=http_status, content=None, body=b"")

    def lost(self, why: str = "timeout") -> Sketch:
        """The same without an answer to the last call."""
        return self.but(lost=why)

    def probe(self, kind: str, pair: str, arm: str) -> Sketch:
        """The same with the last call being one arm of a probe."""
        return self.but(probe=Probe(kind, pair, arm))


Witness = Sketch | Callable[[Spec], Sketch]
"""A sketch, or one that depends on a fact of the spec."""

EMPTY = Sketch(())


def call(role: str, *, answer: object = None, **parameters: object) -> Sketch:
    """One call, answered with HTTP 200 and ``answer`` (none by default), before the next begins."""
    return Sketch((Call(role, parameters, content=answer),))


def poll(operation: int | str | UUID, status: str, description: str | None = None) -> Sketch:
    """A status query about ``operation``, answered with the status of that name."""
    return Sketch((Call("get_status", {"operation": operation}, content=StatusOf(operation, status, description)),))


def invoke(*arguments: str) -> Sketch:
    """The command line is used with these arguments, as the program gets them.

    Roles stand for the names of arguments (``-last_name=Fox``), in capitals for names in capitals.
    """
    return Sketch((Use(Started(arguments=arguments)),))


def typed(line: str) -> Sketch:
    """The command line is used; ``line`` is all that Windows is given. PROGRAM stands for the program's name."""
    return Sketch((Use(Started(line=line)),))


def handed(*files: Hand) -> Sketch:
    """Transfer files of VDDS media, calls and answers, one after the other; an answer is to the call before it."""
    return Sketch(files)


def note(kind: NoteKind, **data: str) -> Sketch:
    return Sketch((NoteLine(kind, data),))


def order(does: str, name: str = "1", **data: str) -> Sketch:
    """The PMS is told to do something; ``person`` and record fields (``first_name`` ...) as data."""
    return note(NoteKind.ORDER, order=name, phase="begin", does=does, **data)


def shown(what: str, name: str = "1", **fields: object) -> Sketch:
    """The PMS tells what it understood of one station, case, image ..., by field role."""
    texts = {role: str(guid(value)) if isinstance(value, int) else str(value) for role, value in fields.items()}
    return note(NoteKind.SHOWN, order=name, what=what, fields=" ".join(fields), **texts)


def done(
    answer: str = "done", name: str = "1", *, status_code: str = "", told: str = "yes", operation: str = ""
) -> Sketch:
    """The PMS answers an order, and perhaps names the operation that its answer is about."""
    named = {"operation": operation} if operation else {}
    return note(NoteKind.ORDER, order=name, phase="end", answer=answer, status_code=status_code, told=told, **named)


def fresh(*values: str, role: str = "integration_id") -> Sketch:
    """Notes that these ids were minted by the producer."""
    return Sketch(tuple(NoteLine(NoteKind.FRESH, {"role": role, "value": value}) for value in values))


def at_once(*sketches: Sketch) -> Sketch:
    """The calls of all ``sketches``, each overlapping every other."""
    calls = tuple(line for sketch in sketches for line in sketch.lines if isinstance(line, Call))
    return Sketch((AtOnce(calls),))


@dataclass(frozen=True)
class StatusOf:
    """Content of a status answer, its code and text taken from the spec by the status name."""

    operation: int | str | UUID
    status: str
    description: str | None = None


def realise(sketch: Witness, spec: Spec, *, raw: bool = False) -> list[Event]:
    """The events of ``sketch``: a second per line, half of it between question and answer."""
    if not isinstance(sketch, Sketch):
        sketch = sketch(spec)
    events: list[Event] = []
    recorder = Recorder(spec, Redactor(spec, b"sketch", raw=raw), [events.append])
    recorder.note(NoteKind.CREDENTIALS, 0.0, user=USER, password=PASSWORD)
    calls: list[tuple[Hand | None, int]] = [(None, 0)]
    for second, line in enumerate(sketch.lines, start=1):
        if isinstance(line, NoteLine):
            recorder.note(line.kind, float(second), **line.data)
        elif isinstance(line, Use):
            recorder.invocation(_spelt(line.started, spec), float(second), who="sketch")
        elif isinstance(line, Hand):
            if line.direction != ANSWER:
                number = recorder.handover(as_handed(line, spec, None, 0), float(second), line.who).number
                calls.append((line, number))
            else:
                called, number = calls[line.answers]
                recorder.handover(as_handed(line, spec, called, number), second + line.wait_s, line.who)
        elif isinstance(line, AtOnce):
            for index, each in enumerate(line.calls):
                recorder.exchange(_traffic(each, spec, second + index / 1000, second + 0.5 + index / 1000))
        else:
            recorder.exchange(_traffic(line, spec, float(second), second + 0.5))
    return events


def _spelt(started: Started, spec: Spec) -> Started:
    """The same with the names of the spec in place of roles."""
    facts = spec.command_line
    if facts is None:
        return started
    names = {role: argument.name for role, argument in facts.by_role.items()}
    names |= {role.upper(): name.upper() for role, name in names.items()} | {"PROGRAM": facts.executable}
    spoken = re.compile("|".join(rf"(?<![^\W_]){re.escape(role)}(?![^\W_])" for role in names))

    def spell(text: str) -> str:
        usual = re.sub(rf"-({'|'.join(facts.by_role)})=", rf"{facts.switch}\1{facts.separator}", text)
        return spoken.sub(lambda found: names[found[0]], usual)

    line = None if started.line is None else spell(started.line)
    return Started(line, started.executable, tuple(map(spell, started.arguments)))


def _traffic(call: Call, spec: Spec, started_s: float, finished_s: float) -> Traffic:
    headers = tuple({"accept": "application/xml", "host": "localhost", **call.request_headers}.items())
    if call.authorization is not None:
        headers += (("authorization", call.authorization),)
    body = b"" if call.lost else call.body if call.body is not None else _body(call, spec)
    replied = {"content-type": call.content_type} if body else {}
    return Traffic(
        verb=call.verb,
        target=call.target or _target(call, spec),
        headers=headers,
        started_s=started_s,
        finished_s=finished_s,
        http_status=0 if call.lost else call.http_status,
        reply_headers=() if call.lost else tuple({**replied, **call.reply_headers}.items()),
        body=body,
        lost=call.lost,
        who="sketch",
        connection=call.connection,
        probe=call.probe,
        disturbed=call.disturbed,
    )


def _target(call: Call, spec: Spec) -> str:
    method = spec.method[call.role]
    pairs = []
    for role, value in call.parameters.items():
        if value is None:
            continue
        parameter = method.by_role[role]
        text = str(guid(value)) if parameter.kind is Kind.GUID and isinstance(value, int) else _text(value)
        pairs.append((parameter.name, text))
    query = encode_query(pairs)
    return f"{spec.service.base_path}/{method.name}" + (f"?{query}" if query else "")


def _body(call: Call, spec: Spec) -> bytes:
    if call.content is None:
        return b""
    content = call.content
    if isinstance(content, StatusOf):
        status = spec.status[content.status]
        text = status.text if content.description is None else content.description
        content = {"operation": guid(content.operation), "code": status.code, "description": text}
    return encode(spec.method[call.role].answer, content, spec)


def _text(value: object) -> str:
    return str(value)  # Booleans as the guide writes them: True, False


def each(values: Sequence[object], make: Callable[[object], Sketch]) -> Sketch:
    """The sketches that ``make`` makes of ``values``, one after the other."""
    return sum((make(value) for value in values), EMPTY)
