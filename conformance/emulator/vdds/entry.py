"""The emulator in the register of VDDS media: entered and taken out again, with every other byte left as it is."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from conformance.spec import VddsFacts
from conformance.trace.registers import listed
from conformance.trace.seen_files import read_limited
from conformance.wire import Malformed
from conformance.wire.vdds_ini import MOST_BYTES, Ini, parse_ini


def entered(ini: Ini, facts: VddsFacts, program: str) -> Ini:
    """The register with the emulator, whose program serves all calls; entered once, however often it is asked."""
    register, section = facts.register, facts.entry_section
    if section.casefold() not in {name.casefold() for name in listed(ini, register.bvs_index, facts)}:
        ini = ini.written(register.bvs_index, f"{register.index_key}{_free(ini, facts)}", section)
    ini = ini.written(section, register.name, facts.entry_name)
    for call in facts.calls:
        ini = ini.written(section, call.key, program)
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
    ini = parse_ini(read_limited(path, MOST_BYTES))
    if isinstance(ini, Malformed):
        raise ValueError(f"{path} is no register of VDDS media ({ini.reason}); name another file, or put back a copy.")
    return ini


def write_register(path: Path, ini: Ini) -> None:
    """Puts the register in place as a whole: a reader sees the old one or the new one. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(ini.encode())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
