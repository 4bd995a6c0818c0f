"""The driver protocol, version 1: values to lines and back; specs/*/driver.schema.json says the same for others.

What comes from a driver is read tolerantly (unknown keys are passed over) and never trusted: a line that cannot be
taken as an answer becomes a ProtocolError that says what stood there, what was expected, and how to mend it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from conformance.certify.pms import AT_STATION, About, Answer, Reply, Server, Step, Task
from conformance.drive.program import shown

PROTOCOL = 1
HELLO, GOODBYE, READY = "hello", "goodbye", "ready"
LONGEST_MESSAGE = 4_000
LONGEST_NAME = 120
TO_STDERR = (
    "Its standard output is for answers, one JSON object per line; let it write everything else to standard error."
)

Message = Mapping[str, Any]

_PATIENT, _AT, _STATION, _MERGE, _WAIT, _CRITERIA, _CASE, _OPERATION = (
    *("patient", "at", "station", "merge", "wait", "criteria", "case", "operation"),
)
KEYS: Mapping[Step, tuple[str, ...]] = {
    Step.LIST_STATIONS: (),
    Step.CREATE_PATIENT: (_PATIENT, _AT, _STATION, _MERGE, _WAIT),
    Step.MAP_PATIENT: (_PATIENT, _AT, _STATION, _MERGE, _WAIT),
    Step.UPDATE_PATIENT: (_PATIENT, _AT, _STATION, _WAIT),
    Step.SELECT_PATIENT: (_PATIENT, _STATION, _WAIT),
    Step.CREATE_CASE: (_PATIENT, _STATION, _WAIT),
    Step.SELECT_CASE: (_CASE, _STATION, _WAIT),
    Step.FIND_CASES: (_PATIENT, _CRITERIA),
    Step.FETCH_IMAGES: (_PATIENT,),
    Step.AWAIT_OPERATION: (_OPERATION,),
    Step.CANCEL_OPERATION: (_OPERATION,),
    Step.ADD_PATIENT: (_PATIENT,),
    Step.EDIT_PATIENT: (_PATIENT,),
    Step.DELETE_PATIENT: (_PATIENT,),
    Step.CONFIGURE: (),
    Step.RESTART: (),
    Step.RESET: (),
    Step.SEND_BY_COMMAND_LINE: (_PATIENT,),
    Step.SEND_BY_VDDS: (_PATIENT,),
    Step.IMAGE_INFO_BY_VDDS: (_PATIENT,),
    Step.IMAGES_BY_VDDS: (_PATIENT,),
}
"""What each step is told with."""

LISTS: Mapping[Step, str] = {
    Step.LIST_STATIONS: "stations",
    Step.FIND_CASES: "cases",
    Step.FETCH_IMAGES: "images",
    Step.IMAGES_BY_VDDS: "images",
}
"""What the data of a step that is done hold: a list of objects under this key.

Who fetches images by VDDS media may leave it out: then nobody knows which were kept.
"""


class ProtocolError(Exception):
    """What the driver wrote is no answer to what it was told; the text says how to mend it."""


# -- to the driver --------------------------------------------------------------------------------------------------


def hello(
    number: int,
    server: Server,
    folder: str,
    *,
    harness: str,
    poll_s: float,
    give_up_s: float,
    resumed: bool,
    command_line: str = "",
    vdds: Mapping[str, str] | None = None,
) -> Message:
    """The first message to a driver; ``command_line`` is the path of the program that it may start.

    ``vdds`` says how the BVS is found: ``register``, ``bvs`` and ``pvs``.
    """
    return {
        "id": number,
        "step": HELLO,
        "protocol": PROTOCOL,
        "harness": harness,
        "server": _server(server),
        "folder": folder,
        "pace": {"poll_s": poll_s, "give_up_s": give_up_s},
        "resumed": resumed,
        **({"command_line": command_line} if command_line else {}),
        **({"vdds": dict(vdds)} if vdds else {}),
    }


def ordered(number: int, task: Task) -> Message:
    """The message that tells a task. ValueError for a step that there is not."""
    step = Step(task.does)
    at = AT_STATION if step is Step.MAP_PATIENT else task.at
    values: dict[str, object] = {
        _PATIENT: dict(task.patient),
        _AT: at,
        _STATION: task.station,
        _MERGE: step is Step.MAP_PATIENT or task.merge,
        _WAIT: task.wait,
        _CRITERIA: {role: _criterion(text) for role, text in task.criteria.items()},
        _CASE: task.case,
        _OPERATION: task.operation,
    }
    return {"id": number, "step": step.value, **{key: values[key] for key in KEYS[step] if values[key] != ""}}


def configured(number: int, server: Server) -> Message:
    """The message that tells of a changed set-up."""
    return {"id": number, "step": Step.CONFIGURE.value, "server": _server(server)}


def bare(number: int, step: str) -> Message:
    """A message that says nothing but its step."""
    return {"id": number, "step": step}


def line(message: Message) -> str:
    """As it goes over the pipe: ASCII, without line breaks, so that no code page and no splitter can hurt it."""
    return json.dumps(message, ensure_ascii=True)


def _server(server: Server) -> Message:
    said = {
        "url": server.url,
        "user": server.user,
        "password": server.password,
        "ca_file": server.ca_file,
        "thumbprint": server.thumbprint,
    }
    return {name: text for name, text in said.items() if text or name == "password"}


def _criterion(text: str) -> object:
    return {"true": True, "false": False}.get(text, text)


# -- from the driver ------------------------------------------------------------------------------------------------


def message_of(foreign: bytes) -> Message:
    """The object that a line holds. Raises ProtocolError."""
    try:
        text = foreign.decode("utf-8")
    except UnicodeDecodeError:
        seen = shown(foreign.decode("utf-8", "replace"))
        raise ProtocolError(
            f"wrote {seen}, which is no UTF-8. Set the encoding of its standard output to UTF-8, without a BOM."
        ) from None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        raise ProtocolError(f"wrote {shown(text)}, which is no JSON. {TO_STDERR}") from None
    if not isinstance(message, dict):
        raise ProtocolError(f"wrote {shown(message)}; expected a JSON object. {TO_STDERR}")
    return message


def log_of(message: Message) -> str | None:
    """The text of a message that is a remark and no answer; None for an answer."""
    if "answer" in message or "log" not in message:
        return None
    return str(message["log"])[:LONGEST_MESSAGE]


def check_id(message: Message, number: int, given: Callable[[int], bool]) -> None:
    """Raises ProtocolError unless it answers that message. ``given`` knows the numbers that were used before."""
    echoed = message.get("id")
    if isinstance(echoed, bool) or not isinstance(echoed, int):
        raise ProtocolError(f"answered with id {shown(echoed)}; expected {number}. Copy the id of what it was told.")
    if echoed != number:
        why = "was answered before" if given(echoed) else "was never told"
        raise ProtocolError(
            f"answered id {echoed}, which {why}; expected {number}. Answer each message once, with its own id."
        )


def about_of(message: Message) -> About:
    """Who answers a hello. Raises ProtocolError."""
    if message.get("answer") != READY:
        raise ProtocolError(f'answered hello with {_answered(message)}; expected "{READY}". See the template.')
    spoken = message.get("protocol")
    if spoken != PROTOCOL or isinstance(spoken, bool):
        raise ProtocolError(f"speaks protocol {shown(spoken)}; expected {PROTOCOL}. Use a driver that speaks it.")
    steps = message.get("steps")
    if not isinstance(steps, list) or not all(isinstance(step, str) for step in steps):
        raise ProtocolError(f'supports the steps {shown(steps)}; expected a list such as ["list_stations"].')
    unknown = sorted(set(steps) - {HELLO, GOODBYE, *Step})
    if unknown:
        raise ProtocolError(f"supports the step {shown(unknown[0])}; there are {', '.join(Step)}. Leave it out.")
    name, vendor, version = (_name(message, key) for key in ("name", "vendor", "version"))
    return About(name, vendor, version, frozenset(steps) - {HELLO, GOODBYE})


def reply_of(message: Message, step: Step, *, wait: bool = True) -> Reply:
    """What a driver says of a step. Raises ProtocolError."""
    answer = message.get("answer")
    if not isinstance(answer, str) or answer not in set(Answer):
        expected = " or ".join(f'"{each}"' for each in Answer)
        raise ProtocolError(f"answered {step} with {_answered(message)}; expected {expected}. Choose one of them.")
    status_code, text = _shown(message, step)
    data = _object(message, "data", step)
    if answer == Answer.STARTED:
        _check_started(data, step, wait)
    untold = answer == Answer.DONE and step is Step.IMAGES_BY_VDDS and LISTS[step] not in data
    if answer == Answer.DONE and step in LISTS and not untold:
        _check_list(data, step, LISTS[step])
    for key in ("integration_id", "operation"):
        if not isinstance(data.get(key) or "", str):
            raise ProtocolError(f"says {key} {shown(data[key])} after {step}; expected a text. Write it in quotes.")
    return Reply(answer, status_code, text, data, untold)


def _shown(message: Message, step: Step) -> tuple[int | None, str]:
    told = _object(message, "shown", step)
    code, text = told.get("status_code"), told.get("message")
    if code is not None and (isinstance(code, bool) or not isinstance(code, int)):
        raise ProtocolError(f"shows status_code {shown(code)} after {step}; expected a whole number, or null for none.")
    if text is not None and not isinstance(text, str):
        raise ProtocolError(f"shows the message {shown(text)} after {step}; expected a text. Write it in quotes.")
    return code, (text or "")[:LONGEST_MESSAGE]


def _object(message: Message, key: str, step: Step) -> Mapping[str, Any]:
    value = message.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ProtocolError(f"answered {step} with {key} {shown(value)}; expected an object, or nothing.")
    return value


def _check_started(data: Mapping[str, Any], step: Step, wait: bool) -> None:
    if wait:
        raise ProtocolError(
            f'answered {step} with "{Answer.STARTED}", though it was told to wait; answer once the status is final.'
        )
    if not data.get("operation"):
        raise ProtocolError(f'answered {step} with "{Answer.STARTED}" without data.operation; give the id it sent.')


def _check_list(data: Mapping[str, Any], step: Step, key: str) -> None:
    items = data.get(key)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ProtocolError(
            f"answered {step} with data.{key} {shown(items)}; expected a list of objects, empty for none."
        )
    for item in items:
        for inner, value in item.items():
            if isinstance(value, list) and not all(isinstance(each, dict) for each in value):
                raise ProtocolError(f"gave {inner} {shown(value)} in data.{key}; expected a list of objects.")


def _name(message: Message, key: str) -> str:
    value = message.get(key)
    if not isinstance(value, str) or not value.strip():
        raise ProtocolError(f'is ready with {key} {shown(value)}; expected a text. Give its {key} in "{READY}".')
    return value.strip()[:LONGEST_NAME]


def _answered(message: Message) -> str:
    if "answer" in message:
        return shown(message["answer"])
    if "step" in message:
        return f'the line that it was told ("step": {shown(message["step"])})'
    return f"no answer, but {shown(', '.join(message))}" if message else "no answer"
