"""An exchange folder of VDDS media that two other programs use, looked at from outside.

Each call and each answer becomes an event. Nothing is written, and copies of images are not opened: whoever gets them
moves them away at once. Files are told by what they hold; one that never held anything of the interface is left alone.

Looks come one after the other, so not all is seen. A version counts when it was the same at two looks; one that was
seen once counts when what followed shows that it was whole. Of anything else nobody is blamed: it is counted, and
the run says so.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from conformance.spec import Spec, VddsCall, VddsFacts
from conformance.trace import Handed, Handover, Recorder
from conformance.trace.handed_files import paths_in
from conformance.trace.handovers import ANSWER, UNSEEN, call_of
from conformance.trace.seen_files import glance_at, read_limited
from conformance.wire.vdds_ini import MOST_BYTES, Ini, parse_ini

MOST_FILES = 20_000
SETTLE_S = 0.5
"""How long a file has to stay as it is until it is taken for finished, or has to be away until it is gone."""
COARSE_S = 2.0
"""How coarse the times of a file may be: what is open is read again after that, whatever its time says."""
AFTER_LOGIN_S = 30.0
"""Beyond the time that a user has to log in, how long an answer may take until it is missing."""


@dataclass
class Count:
    """What was seen, and what was not."""

    calls: int = 0
    answers: int = 0
    unanswered: int = 0
    """Calls whose answer did not come in time."""
    lost: int = 0
    """Calls or answers that came and went between two looks."""
    others: int = 0
    """Files that hold nothing of the interface."""

    def told(self) -> str:
        """In words, for the terminal."""
        parts = [f"{_counted(self.calls, 'call')}, {_counted(self.answers, 'answer')}"]
        if self.unanswered:
            parts.append(f"{_counted(self.unanswered, 'call')} without an answer in time")
        if self.lost:
            parts.append(f"{_counted(self.lost, 'call or answer', 'calls or answers')} not seen whole and not judged")
        if self.others:
            parts.append(f"{_counted(self.others, 'other file')} left alone")
        return "; ".join(parts)


def _counted(number: int, one: str, many: str = "") -> str:
    return f"{number or 'no'} {one if number in (0, 1) else many or f'{one}s'}"


@dataclass
class _File:
    """One name in the folder."""

    sign: tuple[int, int] = (-1, -1)
    read_s: float = 0.0
    content: bytes = b""
    draft: bytes = b""
    """A call that is not on record yet: it may still be written."""
    draft_s: float = 0.0
    old: bool = False
    """True for a draft that lay there before the first look."""
    twice: bool = False
    """True when draft, or the answer, was the same at two looks."""
    call: Handover | None = None
    called: bytes = b""
    call_s: float = 0.0
    ready: bytes = b""
    """An answer that is not on record yet: it may still change."""
    ready_s: float = 0.0
    copies: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone_s: float = -1.0
    held: bool = False
    """True when another program let nobody read it."""
    over: bool = False
    """True once the exchange was on record."""
    other: bool = True

    @property
    def open(self) -> bool:
        """True while an exchange goes on."""
        return bool(self.draft or self.call or self.ready)


@dataclass
class ExchangeFolder:
    """``look`` again and again, ``finish`` at last."""

    spec: Spec
    recorder: Recorder
    folder: Path
    now_s: Callable[[], float]
    settle_s: float = SETTLE_S
    limit_s: float = 0.0
    """0 for the time in which a user may log in, and a little more."""
    count: Count = field(default_factory=Count)
    _files: dict[str, _File] = field(default_factory=dict)
    _begun: bool = False

    def __post_init__(self) -> None:
        if self.spec.vdds is None:
            raise ValueError(f"{self.spec.name} knows no VDDS media; watch by a spec that has vdds-media.yaml.")
        self._facts: VddsFacts = self.spec.vdds
        self.limit_s = self.limit_s or self._facts.login_limit_s + AFTER_LOGIN_S

    def look(self) -> None:
        """Looks at every file once. What lies there at the first look is known, and is no news. Raises OSError."""
        now_s = self.now_s()
        there = dict(self._entries())
        for name, entry in there.items():
            self._look_at(self._files.setdefault(name, _File()), entry, now_s)
        for name in [name for name in self._files if name not in there]:
            if self._is_gone(self._files[name], now_s):
                del self._files[name]
        self._begun = True

    def finish(self) -> None:
        """Has on record what is still open."""
        for file in self._files.values():
            if file.draft and file.twice and not file.old:
                self._called(file)
            self._closed(file)
        self.count.others = sum(file.other and not file.old for file in self._files.values())

    def _entries(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        with os.scandir(self.folder) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_FILES:
                    raise OSError(f"{self.folder} holds more than {MOST_FILES} files; watch the exchange folder itself")
                if entry.is_file(follow_symlinks=False):
                    yield os.path.normcase(entry.name), entry

    # -- one file -----------------------------------------------------------------------------------------------------

    def _look_at(self, file: _File, entry: os.DirEntry[str], now_s: float) -> None:
        file.gone_s = -1.0
        path = Path(entry.path)
        try:
            # what a folder says of a file that is open may be old under Windows, and is quick for many files
            found = os.stat(path) if file.open else entry.stat(follow_symlinks=False)
            sign = (found.st_mtime_ns, found.st_size)
            if sign == file.sign and not (file.open and now_s - file.read_s >= COARSE_S):
                self._unchanged(file, now_s)
                return
            content = read_limited(path, MOST_BYTES)
        except OSError:  # gone in the meantime, or held by another program: the next look tells
            file.held = path.exists()
            return
        file.sign, file.read_s, file.held = sign, now_s, False
        if not self._begun:
            self._known(file, content)
        elif content != file.content:
            self._changed(file, content, now_s)
        else:
            self._unchanged(file, now_s)
        file.content = content

    def _known(self, file: _File, content: bytes) -> None:
        """An old call may be answered yet; nothing else of what lies there at first is news."""
        file.old, file.over = True, True
        if self._role(content) == "call":
            file.draft, file.twice, file.other = content, True, False

    def _unchanged(self, file: _File, now_s: float) -> None:
        if file.old:
            return
        if file.draft and file.twice and now_s - file.draft_s >= self.settle_s:
            self._called(file)
        elif file.ready and now_s - file.ready_s >= self.settle_s:
            self._answered(file, ("stayed",))
        file.twice = True

    def _changed(self, file: _File, content: bytes, now_s: float) -> None:
        role = self._role(content)
        if file.ready and role == "answer" and not file.twice:
            file.ready = b""  # it was not finished when it was read
        elif file.ready:
            self._answered(file, ("changed-when-ready",) if role == "answer" else ())
        file.other = file.other and not role
        if role == "call":
            self._drafted(file, content, now_s)
        elif role == "answer":
            self._came_ready(file, content, now_s)

    def _drafted(self, file: _File, content: bytes, now_s: float) -> None:
        """A file that waits: a new call, a call that is still written, or an answer that has begun."""
        if file.call is not None and _same_call(file.called, content, self._facts):
            return
        if file.draft and _begins_answer(file.draft, content, self._facts):
            self._called(file)
            return
        if file.call is not None:
            self._closed(file)
        file.draft, file.draft_s, file.twice, file.old, file.over = content, now_s, False, False, False

    def _came_ready(self, file: _File, content: bytes, now_s: float) -> None:
        if file.draft and (file.twice or _whole(file.draft, content, self._facts)):
            self._called(file)
        if file.call is not None:
            file.ready, file.ready_s, file.twice = content, now_s, False
            file.copies = {path: _still(glance_at(path)) for path in paths_in(content, self.spec)}
        elif not file.over:
            self.count.lost += 1
            file.draft, file.over = b"", True

    def _is_gone(self, file: _File, now_s: float) -> bool:
        """True once it was away for long enough; what was open is then on record."""
        if file.gone_s < 0:
            file.gone_s = now_s
        if now_s - file.gone_s < self.settle_s:
            return False
        if file.draft and not file.old:
            if file.twice:
                self._called(file)
            else:
                self.count.lost += 1
        self._closed(file)
        self.count.others += file.other and not file.old
        return True

    # -- on record ----------------------------------------------------------------------------------------------------

    def _called(self, file: _File) -> None:
        """Has the draft on record as a call, behind the answers that came before it."""
        for other in self._files.values():
            if other.ready and other.ready_s <= file.draft_s:
                self._answered(other, ())
        file.call = self.recorder.handover(Handed(file.draft), self.now_s())
        file.called, file.call_s = file.draft, file.draft_s or self.now_s()
        file.draft, file.old, file.over = b"", False, False
        self.count.calls += 1

    def _answered(self, file: _File, facts: tuple[str, ...]) -> None:
        assert file.call is not None
        about, before = file.call.number, file.called
        self.recorder.handover(
            Handed(file.ready, "", ANSWER, about, before, files=file.copies, facts=facts), self.now_s()
        )
        file.call, file.ready, file.over = None, b"", True
        self.count.answers += 1

    def _closed(self, file: _File) -> None:
        """Has on record what became of an open call: its answer, that none came in time, or that nobody saw one."""
        if file.ready:
            self._answered(file, ())
        if file.call is None:
            return
        in_vain = self.now_s() - file.call_s >= self.limit_s
        why = self._in_vain(file) if in_vain else UNSEEN
        handed = Handed(b"", "", ANSWER, file.call.number, file.called, why)
        self.recorder.handover(handed, self.now_s())
        self.count.unanswered += in_vain
        self.count.lost += not in_vain
        file.call, file.over = None, True

    def _in_vain(self, file: _File) -> str:
        ini = parse_ini(file.content)
        if file.held:
            return "locked"
        return "never-ready" if isinstance(ini, Ini) else f"unreadable: {ini.reason}"

    def _role(self, content: bytes) -> str:
        """``call``, ``answer``, or '' for what is nothing of the interface."""
        ini = parse_ini(content)
        if not isinstance(ini, Ini):
            return ""
        ready = self._facts.handshake.ready
        call = call_of(ini, self._facts)
        if call is not None:
            return "answer" if ini.get(call.section, ready) == self._facts.handshake.finished else "call"
        foreign = any(ini.has(name) for name in self._facts.wrong_sections)
        return "call" if foreign or any(ini.get(name, ready) is not None for name in ini.sections) else ""


def _still(facts: tuple[str, ...]) -> tuple[str, ...]:
    """A copy that is away may have been taken already."""
    return (UNSEEN,) if "missing" in facts else facts


def _own(content: bytes, facts: VddsFacts) -> tuple[VddsCall | None, dict[str, str], int]:
    """The call, its keys but for the handshake, and how many sections the file has."""
    ini = parse_ini(content)
    call = call_of(ini, facts) if isinstance(ini, Ini) else None
    if not isinstance(ini, Ini) or call is None:
        return None, {}, 0
    shake = facts.handshake
    shaken = {name.casefold() for name in (*shake.names, *shake.other_texts)}
    pairs = {name.casefold(): value for name, value in ini.pairs(call.section) if name.casefold() not in shaken}
    return call, pairs, len(ini.sections)


def _same_call(called: bytes, content: bytes, facts: VddsFacts) -> bool:
    return _own(called, facts)[:2] == _own(content, facts)[:2]


def _begins_answer(called: bytes, content: bytes, facts: VddsFacts) -> bool:
    return _same_call(called, content, facts) and _own(content, facts)[2] > _own(called, facts)[2]


def _whole(draft: bytes, answer: bytes, facts: VddsFacts) -> bool:
    """True when nothing of the call that the answer shows was missing in what was seen of it."""
    call, keys, _ = _own(draft, facts)
    ini = parse_ini(draft)
    if call is None or not isinstance(ini, Ini) or ini.get(call.section, facts.handshake.ready) is None:
        return False
    return set(_own(answer, facts)[1]) <= set(keys)
