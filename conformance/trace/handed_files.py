"""Transfer files of VDDS media that somebody kept -> events: a folder of them, or one alone.

``NAME.call.ini`` is a call, ``NAME.answer.ini`` its answer, ``NAME.answer.missing`` tells that the file was gone. Of
any other file its READY tells what it is; the register goes by its own name. Copies of images that were kept along
lie in the folder ``files``, each under the last part of its path; without that folder nobody looked at them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from conformance.spec import Spec
from conformance.trace.events import Event
from conformance.trace.handovers import ANSWER, CALL, REGISTER, Handed, call_of
from conformance.trace.recorder import Recorder
from conformance.trace.redaction import Redactor
from conformance.trace.registers import listed
from conformance.trace.seen_files import facts_of, read_limited
from conformance.wire.file_paths import path_flaws
from conformance.wire.vdds_ini import MOST_BYTES, Ini, parse_ini

ENDINGS = frozenset({".ini", ".tmp", ".missing"})
COPIES = "files"
MOST_FILES = 10_000
_CALL, _ANSWER, _MISSING = ".call", ".answer", ".missing"


class HandedError(ValueError):
    """There is nothing to judge. Never the subject's fault."""


def are_handed(path: Path) -> bool:
    """True for a folder, and for a file that is named like a transfer file."""
    return path.is_dir() or path.suffix.casefold() in ENDINGS


def read_handed(path: Path, spec: Spec, redactor: Redactor) -> list[Event]:
    """The events, a second apart, calls before their answers. Raises HandedError."""
    if spec.vdds is None:
        raise HandedError(f"{spec.name} knows no VDDS media; judge {path.name} by another spec.")
    events: list[Event] = []
    recorder = Recorder(spec, redactor, [events.append])
    calls: dict[str, tuple[int, bytes]] = {}
    for second, kept in enumerate(_kept(path), start=1):
        number, before = calls.get(kept.stem, (0, b""))
        handed = _handed(kept, spec, number, before)
        event = recorder.handover(handed, float(second))
        if event.is_call:
            calls[kept.stem] = event.number, handed.content
    return events


@dataclass(frozen=True)
class _Kept:
    path: Path
    stem: str
    role: str
    """``.call``, ``.answer``, ``.missing`` or '' for a file that tells itself."""


def _kept(path: Path) -> list[_Kept]:
    found = [path] if path.is_file() else sorted(path.iterdir()) if path.is_dir() else []
    files = [each for each in found if each.suffix.casefold() in ENDINGS]
    if not files:
        raise HandedError(f"{path} holds no transfer file; expected files that end in {', '.join(sorted(ENDINGS))}.")
    if len(files) > MOST_FILES:
        raise HandedError(f"{path} holds {len(files)} files; judge at most {MOST_FILES} at a time.")
    return sorted((_part(each) for each in files), key=lambda kept: (kept.stem, kept.role != _CALL, kept.path.name))


def _part(path: Path) -> _Kept:
    inner = Path(path.stem)
    role = inner.suffix.casefold()
    if path.suffix.casefold() == _MISSING:
        return _Kept(path, inner.stem, _MISSING)
    return _Kept(path, inner.stem, role) if role in (_CALL, _ANSWER) else _Kept(path, path.stem, "")


def _handed(kept: _Kept, spec: Spec, number: int, before: bytes) -> Handed:
    if kept.role == _MISSING:
        return Handed(direction=ANSWER, about=number, before=before, lost="gone")
    try:
        content = read_limited(kept.path, MOST_BYTES)
    except OSError as error:
        raise HandedError(f"{kept.path} cannot be read ({error}); give ordinary files.") from error
    direction = _direction(kept, content, spec)
    if direction == CALL:
        return Handed(content, direction=CALL)
    if direction == REGISTER:
        return Handed(content, direction=REGISTER, section=_last_bvs(content, spec))
    files = dict(_looked_at(content, kept.path.parent / COPIES, spec))
    return Handed(content, direction=ANSWER, about=number, before=before, files=files)


def _direction(kept: _Kept, content: bytes, spec: Spec) -> str:
    facts = spec.vdds
    if kept.role or facts is None:
        return CALL if kept.role == _CALL else ANSWER
    if kept.path.name.casefold() == facts.register.file.casefold():
        return REGISTER
    ini = parse_ini(content)
    call = call_of(ini, facts) if isinstance(ini, Ini) else None
    if not isinstance(ini, Ini) or call is None:
        return CALL
    return ANSWER if ini.get(call.section, facts.handshake.ready) == facts.handshake.finished else CALL


def _last_bvs(content: bytes, spec: Spec) -> str:
    """The section of the BVS that was entered last; '' where there is none."""
    ini = parse_ini(content)
    if spec.vdds is None or not isinstance(ini, Ini):
        return ""
    return next(reversed(listed(ini, spec.vdds.register.bvs_index, spec.vdds)), "")


def _looked_at(content: bytes, folder: Path, spec: Spec) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What the copies tell that were kept along; a path that is no plain one is looked for nowhere."""
    if not folder.is_dir():
        return
    kept = {each.name.casefold(): each for each in folder.iterdir()}  # Windows tells no letters apart in names
    for path in paths_in(content, spec):
        name = PureWindowsPath(path).name
        if not path_flaws(path):
            exact = folder / name
            yield path, facts_of(exact if exact.exists() else kept.get(name.casefold(), exact))


def paths_in(content: bytes, spec: Spec) -> tuple[str, ...]:
    """The paths that an answer names."""
    ini = parse_ini(content)
    if spec.vdds is None or not isinstance(ini, Ini):
        return ()
    return tuple(value for _, value in ini.pairs(spec.vdds.exports.section) if value)
