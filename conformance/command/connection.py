"""Where a running emulator is found by the fake program of the command line: a small file in a known place.

The file holds the token of the control port and is readable by its owner alone. It is written by whoever serves and
removed at the end. Of several emulators the one that was started last is found, and each leaves a file of its own
beside, so that one which goes on is found when that has ended. The environment goes before the file: THREEDD_CONTROL
and THREEDD_TOKEN name an emulator, THREEDD_CONNECTION another file. So does a file beside the program.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

CONTROL, TOKEN, FILE = "THREEDD_CONTROL", "THREEDD_TOKEN", "THREEDD_CONNECTION"


class NotConnected(Exception):
    """No emulator can be found."""


@dataclass(frozen=True)
class Connection:
    control: str
    """Address of the control port."""
    token: str = field(repr=False)
    source: str = field(default="", compare=False)
    """What named it: a file, or a variable."""


def usual_file(environment: Mapping[str, str]) -> Path:
    """The known place: below the user's own folder, unless the environment names another."""
    named = environment.get(FILE)
    return Path(named) if named else Path.home() / ".threedd" / "emulator.json"


def beside(program: Path) -> Path:
    """The file that a program looks for in its own folder."""
    name = program.stem if program.suffix.lower() in (".exe", ".cmd") else program.name
    return program.with_name(f"{name}.connection.json")


def own_file(usual: Path, process: int) -> Path:
    """That of one emulator alone, beside the one that all share."""
    return usual.with_name(f"{usual.stem}-{process}{usual.suffix}")


def connections(environment: Mapping[str, str], program: Path | None = None) -> Iterator[Connection]:
    """The emulator to talk to, and those to try when it has ended, the youngest first. Raises NotConnected for none."""
    if environment.get(CONTROL):
        yield Connection(environment[CONTROL], environment.get(TOKEN, ""), CONTROL)
        return
    if program is not None and program.name and not environment.get(FILE) and beside(program).is_file():
        yield _read(beside(program))
        return
    usual = usual_file(environment)
    others = sorted(usual.parent.glob(own_file(usual, 0).name.replace("-0", "-*")), key=_age)
    if usual.is_file() or not others:
        yield _read(usual)
    for path in others:
        with suppress(NotConnected):
            yield _read(path)


def connection(environment: Mapping[str, str], program: Path | None = None) -> Connection:
    """The first of these. Raises NotConnected."""
    return next(connections(environment, program))


def _age(path: Path) -> float:
    try:
        return -path.stat().st_mtime
    except OSError:  # its emulator has ended meanwhile
        return 0.0


def _read(path: Path) -> Connection:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Connection(str(found["control"]), str(found["token"]), str(path))
    except FileNotFoundError:
        raise NotConnected(f'no emulator is running ({path} is missing); start one with "threedd emulator".') from None
    except (OSError, ValueError, KeyError, TypeError) as wrong:
        problem = f"{path} cannot be used ({type(wrong).__name__}); start the emulator again."
        raise NotConnected(problem) from wrong


@contextmanager
def left(path: Path, made: Connection) -> Iterator[None]:
    """Inside, the file says how to reach that emulator. Raises OSError.

    At the end it goes, unless another emulator has written its own meanwhile.
    """
    content = json.dumps({"control": made.control, "token": made.token})
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n") as file:
        file.write(content)
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text(encoding="utf-8") == content:
                path.unlink()
