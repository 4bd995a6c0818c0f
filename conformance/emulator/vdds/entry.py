"""The emulator in the register of VDDS media: entered and taken out again, with every other byte left as it is."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from conformance.spec import VddsFacts
from conformance.trace.registers import listed
from conformance.trace.seen_files import read_limited
from conformance.wire import Malformed
from conformance.wire.vdds_ini import MOST_BYTES, Ini, parse_ini


def entered(ini: Ini, facts: VddsFacts, program: str | Mapping[str, str]) -> Ini:
    """The register with the emulator; entered once, however often it is asked.

    ``program`` serves all calls, or there is one for each, by role.
    """
    register, section = facts.register, facts.entry_section
    if section.casefold() not in {name.casefold() for name in listed(ini, register.bvs_index, facts)}:
        ini = ini.written(register.bvs_index, f"{register.index_key}{_free(ini, facts)}", section)
    ini = ini.written(section, register.name, facts.entry_name)
    for call in facts.calls:
        ini = ini.written(section, call.key, program if isinstance(program, str) else program[call.role])
        ini = ini.written(section, f"{call.key}{register.os_suffix}", register.os)
        ini = ini.written(section, f"{call.key}{register.event_suffix}", "")
    ini = ini.written(section, register.version, facts.version)
    return ini.written(section, register.stages, "".join(call.stage for call in facts.calls))


def taken_out(ini: Ini, facts: VddsFacts) -> Ini:
    """The register without the emulator. Numbers of others stay: a reader takes gaps, and others may go by them."""
    register, section = facts.register, facts.entry_section
    for key, value in ini.pairs(register.bvs_index):
        if value.casefold() == section.casefold():
            ini = ini.without_key(register.bvs_index, key)
    return ini.without_section(section)


def _free(ini: Ini, facts: VddsFacts) -> int:
    """One more than the highest number in use."""
    prefix = facts.register.index_key
    numbers = (
        key[len(prefix) :]
        for key, _ in ini.pairs(facts.register.bvs_index)
        if key.casefold().startswith(prefix.casefold())
    )
    return 1 + max((int(number) for number in numbers if number.isdecimal() and len(number) < 6), default=0)


def read_register(path: Path) -> Ini:
    """The register; an empty one where there is no file. Raises ValueError for what is none, or OSError."""
    if not path.exists():
        return Ini()
    ini = parse_ini(read_limited(path.resolve(), MOST_BYTES))
    if isinstance(ini, Malformed):
        raise ValueError(f"{path} is no register of VDDS media ({ini.reason}); name another file, or put back a copy.")
    return ini


def is_ours(ini: Ini, facts: VddsFacts) -> bool:
    """True for a register in which the emulator stands; False where it does not, or another has its section."""
    return ini.get(facts.entry_section, facts.register.name) == facts.entry_name


def put_back(ini: Ini, before: Ini, facts: VddsFacts) -> Ini:
    """The register as it was ``before`` the emulator was entered, with what others have changed in it since.

    Byte for byte where nobody has changed anything; an entry whose place the emulator took stands in it again.
    """
    section = facts.entry_section
    programs = {call.role: ini.get(section, call.key) or "" for call in facts.calls}
    if entered(before, facts, programs).encode() == ini.encode():
        return before
    rest = taken_out(ini, facts)
    for key, value in before.pairs(facts.register.bvs_index):
        if value.casefold() == section.casefold():
            rest = rest.written(facts.register.bvs_index, key, value)
    for key, value in before.pairs(section):
        rest = rest.written(section, key, value)
    return rest


def write_register(path: Path, ini: Ini) -> None:
    """Puts the register in place as a whole: a reader sees the old one or the new one.

    It is as readable as the old one was, and a link stays one. Raises OSError, or ValueError for a file that is
    read-only, be it to us or to everybody.
    """
    path = path.resolve()
    former = path.stat() if path.exists() else None
    if former is not None and not (former.st_mode & stat.S_IWUSR and os.access(path, os.W_OK)):
        raise ValueError(f"{path} is read-only; take that away, or start this as somebody who may change the file.")
    made = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
    try:
        with open(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666), "wb") as file:
            file.write(ini.encode())
        if former is not None:
            _like(made, former)
        os.replace(made, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(made)
        raise


def _like(path: Path, former: os.stat_result) -> None:
    """Gives the file the owner and the mode of another."""
    own = path.stat()
    if sys.platform != "win32" and (own.st_uid, own.st_gid) != (former.st_uid, former.st_gid):
        with suppress(PermissionError):
            os.chown(path, former.st_uid, former.st_gid)
    os.chmod(path, stat.S_IMODE(former.st_mode))


_BINARY: int = getattr(os, "O_BINARY", 0)
