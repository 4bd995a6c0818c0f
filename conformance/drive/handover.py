"""A PVS that calls a BVS by VDDS media: it writes a transfer file, has the program started, and waits for the answer.

It writes and removes nothing but its own transfer files in its own folder: what an answer names is looked at where it
lies, and only if it is an ordinary file behind a plain path.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from conformance.spec import Spec, VddsFacts
from conformance.trace import Handed, Handover, Recorder
from conformance.trace.handed_files import paths_in
from conformance.trace.handovers import ANSWER, call_of
from conformance.trace.seen_files import look_at, read_limited
from conformance.wire.vdds_ini import MOST_BYTES, Ini, parse_ini


class Started(Protocol):
    """A program that was started."""

    def end(self) -> None:
        """Ends it if it still runs."""


ENDINGS = (".ini", ".tmp", ".vdd")
"""Of transfer files, in turn: callers have used any, and a callee that insists on one of them leaves others waiting."""
Start = Callable[[str, Path], Started]
"""Starts the program for a call (by role) with a transfer file. Raises OSError, of a program NotStarted."""


@dataclass(frozen=True)
class Patience:
    limit_s: float = 30.0
    look_s: float = 0.2
    settle_s: float = 0.5
    """How long after READY the file is looked at once more."""


@dataclass(frozen=True)
class Came:
    """What came of a call."""

    answer: Handover
    content: bytes
    """In clear, in memory only: the file as it was last seen."""


@dataclass(frozen=True)
class _Begun:
    """A call whose program was started."""

    content: bytes
    path: Path
    called: Handover
    started: Started


@dataclass
class Pvs:
    """Calls one BVS; every transfer file goes on record, with its answer."""

    spec: Spec
    recorder: Recorder
    folder: Path
    """For transfer files; of its own."""
    start: Start
    now_s: Callable[[], float]
    wait: Callable[[float], object]
    patience: Patience = Patience()
    who: str = "suite"
    _calls: int = 0

    def call(self, content: bytes) -> Came:
        """The answer to a transfer file of these bytes, or why there is none. Raises OSError when nothing starts."""
        return self._come(self._begun(content))

    def call_at_once(self, contents: Sequence[bytes]) -> list[Came]:
        """The same for several files: every program is started before the first answer is awaited."""
        begun: list[_Begun] = []
        try:
            for content in contents:
                begun.append(self._begun(content))
            return [self._come(each) for each in begun]
        finally:
            for each in begun:
                each.started.end()

    def _begun(self, content: bytes) -> _Begun:
        path = self._written(content)
        called = self.recorder.handover(Handed(content, str(path)), self.now_s(), self.who)
        return _Begun(content, path, called, self.start(self._role(content), path))

    def _come(self, begun: _Begun) -> Came:
        path, content = begun.path, begun.content
        try:
            last, why = self._awaited(path, content)
            paths = paths_in(last, self.spec)
            files = {each: look_at(each) for each in paths}
            facts = () if why else self._second_look(path, last, files)
        finally:
            begun.started.end()
        handed = Handed(b"" if why else last, str(path), ANSWER, begun.called.number, content, why, "", files, facts)
        with suppress(OSError):
            path.unlink()
        return Came(self.recorder.handover(handed, self.now_s(), self.who), last)

    def _written(self, content: bytes) -> Path:
        self._calls += 1
        path = self.folder / f"PVS{self._calls:05}{ENDINGS[self._calls % len(ENDINGS)]}"
        path.write_bytes(content)
        return path

    def _role(self, content: bytes) -> str:
        ini = parse_ini(content)
        facts = self.spec.vdds
        call = call_of(ini, facts) if facts is not None and isinstance(ini, Ini) else None
        return call.role if call is not None else ""

    def _awaited(self, path: Path, before: bytes) -> tuple[bytes, str]:
        """The finished file, or why there is none: a file that is away or held for a moment is looked at again."""
        ends_s = self.now_s() + self.patience.limit_s
        why = "never-ready"
        last = before
        while self.now_s() < ends_s:
            self.wait(self.patience.look_s)
            try:
                last = read_limited(path, MOST_BYTES)
            except FileNotFoundError:
                why = "gone"
                continue
            except OSError:
                why = "locked"
                continue
            why = "never-ready"
            if self._ready(last):
                return last, ""
        spoilt = parse_ini(last)
        return last, why if isinstance(spoilt, Ini) or why != "never-ready" else f"unreadable: {spoilt.reason}"

    def _ready(self, content: bytes) -> bool:
        ini, facts = parse_ini(content), self.spec.vdds
        if facts is None or not isinstance(ini, Ini):
            return False
        call = call_of(ini, facts)
        return call is not None and ini.get(call.section, facts.handshake.ready) == facts.handshake.finished

    def _second_look(self, path: Path, last: bytes, files: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
        """Whether the file, and the copies that it names, stayed as they were when it said that it was ready."""
        self.wait(self.patience.settle_s)
        try:
            same = read_limited(path, MOST_BYTES) == last and all(look_at(each) == files[each] for each in files)
        except OSError:
            return ()
        return ("stayed",) if same else ("changed-when-ready",)


@dataclass
class _Process:
    process: subprocess.Popen[bytes]

    def end(self) -> None:
        try:
            self.process.wait(LEAVE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


LEAVE_S = 2.0
"""For a program to end once the file is ready; the main application that it woke is not ours to end."""


class NotStarted(OSError):
    """A program could not be started."""


def by_programs(commands: Mapping[str, Sequence[str]]) -> Start:
    """Starts the command of the call with the path behind it; the key '' stands for any other call."""

    def start(role: str, path: Path) -> Started:
        command = commands.get(role) or commands.get("") or next(iter(commands.values()))
        null = subprocess.DEVNULL
        try:
            return _Process(subprocess.Popen([*command, str(path)], stdin=null, stdout=null, stderr=null))
        except OSError as wrong:
            raise NotStarted(wrong.errno, wrong.strerror, command[0]) from wrong

    return start


def requests(facts: VddsFacts, pvs: str, bvs: str, encoding: str = "windows-1252") -> Requests:
    """A maker of transfer files from that PVS to that BVS."""
    return Requests(facts, pvs, bvs, Ini(encoding=encoding, marked=encoding != "windows-1252"))


@dataclass(frozen=True)
class Requests:
    """Makes the content of calls."""

    facts: VddsFacts
    pvs: str
    bvs: str
    empty: Ini
    least: bool = False
    """True leaves out what callers in the field were seen to leave out: the level, and the BVS of a patient."""

    def patient(self, values: Mapping[str, str]) -> bytes:
        """Hands a patient over; values by role."""
        sides = {"pvs": self.pvs} if self.least else {"pvs": self.pvs, "bvs": self.bvs}
        return self._made("patient_import", {**sides, **values}.items()).encode()

    def information(self, person: str) -> bytes:
        """Asks for the descriptions of the patient's images."""
        return self._made("image_information", {"pvs": self.pvs, "bvs": self.bvs, "person": person}.items()).encode()

    def copies(self, objects: Sequence[str]) -> bytes:
        """Asks for copies of these objects."""
        ini = self._made("image_export", {"pvs": self.pvs, "count": str(len(objects))}.items())
        section = self.facts.call["image_export"].section
        for number, each in enumerate(objects, start=1):
            ini = ini.written(section, f"{self.facts.exports.prefix}{number}", each)
        return ini.encode()

    def _made(self, role: str, values: _Pairs) -> Ini:
        call, shake = self.facts.call[role], self.facts.handshake
        ini = self.empty.with_section(call.section)
        for name, value in values:
            ini = ini.written(call.section, call.keys.name(name), value)
        ini = ini.written(call.section, shake.ready, shake.waiting)
        return ini if self.least else ini.written(call.section, shake.level, shake.no_error)


class _Pairs(Protocol):
    def __iter__(self) -> Iterator[tuple[str, str]]: ...


def objects_in(content: bytes, facts: VddsFacts) -> tuple[str, ...]:
    """The ids of the objects that an answer describes."""
    ini = parse_ini(content)
    if not isinstance(ini, Ini):
        return ()
    prefix, key = facts.objects.prefix.casefold(), facts.objects.keys.name("object")
    named = (section for section in ini.sections if section.casefold().removeprefix(prefix).isdecimal())
    return tuple(value for section in named if (value := ini.get(section, key)))
