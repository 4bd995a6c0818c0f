"""The PMS under certification, as whoever tells it what to do sees it: tasks go in, replies come out.

A driver, a person at a terminal or a reference PMS stand behind the same few methods. Nothing here judges: a reply is
what the PMS says of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol


class Step(StrEnum):
    """What a PMS can be told to do; the words of the driver protocol."""

    LIST_STATIONS = "list_stations"
    CREATE_PATIENT = "create_patient"
    MAP_PATIENT = "map_patient"
    UPDATE_PATIENT = "update_patient"
    SELECT_PATIENT = "select_patient"
    CREATE_CASE = "create_case"
    SELECT_CASE = "select_case"
    FIND_CASES = "find_cases"
    FETCH_IMAGES = "fetch_images"
    AWAIT_OPERATION = "await_operation"
    CANCEL_OPERATION = "cancel_operation"
    ADD_PATIENT = "add_patient"
    EDIT_PATIENT = "edit_patient"
    DELETE_PATIENT = "delete_patient"
    CONFIGURE = "configure"
    RESTART = "restart"
    RESET = "reset"
    SEND_BY_COMMAND_LINE = "send_by_command_line"
    SEND_BY_VDDS = "send_by_vdds"
    IMAGE_INFO_BY_VDDS = "image_info_by_vdds"
    IMAGES_BY_VDDS = "images_by_vdds"


class Answer(StrEnum):
    """How a task ended, in the words of the PMS."""

    DONE = "done"
    """Accomplished."""
    REFUSED = "refused"
    """A final status said no, or the PMS would not do it, and the user was told."""
    FAILED = "failed"
    """A technical problem: no answer, none that could be trusted or read, or no patience left; the user was told."""
    UNSUPPORTED = "unsupported"
    """This PMS cannot do that."""
    STARTED = "started"
    """Under way; only to a task that does not wait."""


UNSAID = "unsaid"
"""Answer to a task that is over by what was seen on the wire, while nobody said how the PMS told it: judges nothing."""
AT_SERVER, AT_STATION = "server", "station"
LOCAL = frozenset({Step.ADD_PATIENT, Step.EDIT_PATIENT, Step.DELETE_PATIENT})
"""Changes of the PMS's own records; no call is expected."""


class DriverError(RuntimeError):
    """The PMS cannot be told anything more: the set-up's fault. What was recorded until then stays."""


class BrokenOff(Exception):
    """A task that nobody finishes. ``answer`` is what the record says instead of one."""

    answer = "broken-off"


class Interrupted(BrokenOff):
    """The run is to stop here and to go on another day."""

    answer = "interrupted"


class LeftOut(BrokenOff):
    """The rest of the scenario is left out."""

    answer = "left-out"


@dataclass(frozen=True)
class Task:
    """One step told to the PMS."""

    does: str
    """A Step."""
    patient: Mapping[str, str] = field(default_factory=dict)
    """The whole record as the PMS has it, by field role, and ``key``, its own number; what the record lacks is absent.

    With nothing but ``key`` it means the record as it was told before.
    """
    at: str = ""
    """AT_SERVER, AT_STATION, or '' where the step leaves no choice."""
    station: str = ""
    """Host name."""
    merge: bool = False
    wait: bool = True
    """False: answered as soon as the operation is under way."""
    criteria: Mapping[str, str] = field(default_factory=dict)
    """Of a search, by parameter role: ISO dates, ``true`` and ``false``."""
    case: str = ""
    operation: str = ""
    account: int = 0
    """Of the server's accounts the number, from 1, that the PMS is to use from now on; 0 for no change."""


@dataclass(frozen=True)
class Reply:
    """What the PMS says of a task."""

    answer: str
    """An Answer, or UNSAID."""
    status_code: int | None = None
    """The status that the user was told of; None for none."""
    message: str = ""
    """What the user was shown."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What it understood; its shape was looked at, its content is foreign."""
    untold: bool = False
    """True when nobody could say what it understood: then ``data`` holds nothing of that, and that proves nothing."""


@dataclass(frozen=True)
class Server:
    """How the PMS is to reach the 3DD."""

    url: str
    """The base address of the methods, without a slash at its end."""
    user: str
    password: str = field(repr=False)
    ca_file: str = ""
    """PEM file of the authority to trust."""
    thumbprint: str = ""
    """SHA-1 of the authority, hex digits."""


@dataclass(frozen=True)
class About:
    """Who the PMS is, and which steps it supports."""

    name: str
    vendor: str
    version: str
    steps: frozenset[str]

    @property
    def title(self) -> str:
        """Whose, what and which, as far as it was said; '' for nothing."""
        return " ".join(part for part in (self.vendor, self.name, self.version) if part)


class PmsActor(Protocol):
    """Plays the PMS. Every method raises DriverError when it cannot be told anything more."""

    def begin(self, server: Server, folder: Path, *, resumed: bool) -> About:
        """Starts it. It keeps all it has to remember in ``folder``; ``resumed`` says that something is there."""
        ...

    def take(self, task: Task) -> Reply: ...

    def configure(self, server: Server) -> Reply:
        """The clinic changed its set-up."""
        ...

    def restart(self) -> About:
        """The program ends and is started again on the same folder."""
        ...

    def end(self) -> None:
        """The run is over. Never raises."""
        ...
