"""The register of VDDS media as it is recorded: what it says of one BVS, told by facts alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from conformance.spec import VddsFacts
from conformance.wire.file_paths import path_flaws
from conformance.wire.vdds_ini import Ini, parse_ini

BORNE = frozenset({"quoted", "network", "system"})
"""What the path of a program may be, and the path of a copy may not."""


def listed(ini: Ini, index: str, facts: VddsFacts) -> tuple[str, ...]:
    """The sections that an index names, gaps in its numbers passed over."""
    prefix = facts.register.index_key.casefold()
    return tuple(
        value
        for key, value in ini.pairs(index)
        if key.casefold().startswith(prefix) and key[len(prefix) :].isdecimal() and value
    )


def entry_facts(
    ini: Ini, section: str, facts: VddsFacts, files: Mapping[str, tuple[str, ...]], before: bytes
) -> Iterator[str]:
    """What the register says of the BVS called ``section``."""
    register = facts.register
    names = {name.casefold() for name in listed(ini, register.bvs_index, facts)}
    if section.casefold() in names:
        yield "indexed"
    if any(not ini.has(name) for name in (*names, *listed(ini, register.pvs_index, facts))):
        yield "dangling"
    if ini.has(section):
        yield "entered"
        if _repeats(ini, section):
            yield "repeated"
        yield from _programs(ini, section, facts, files)
        yield from _agreement(ini, section, facts)
    if before:
        yield "compared"
    if before and _others(before, section, facts) != _others(ini.encode(), section, facts):
        yield "others-changed"


def _repeats(ini: Ini, section: str) -> bool:
    """True when the section, or a key in it, stands there twice."""
    seen: list[str] = []
    inside = False
    for line in ini.lines:
        if line.section is not None:
            inside = line.section.casefold() == section.casefold()
            seen += ["[]"] * inside
        elif inside and line.pair is not None:
            seen.append(line.pair[0].casefold())
    return len(set(seen)) < len(seen)


def others_kept(before: bytes, now: bytes, section: str, facts: VddsFacts) -> bool:
    """True where all that a register said of others than the PVS called ``section`` stands in it still.

    Byte for byte; what was added does not count, nor what became of the PVS's own entry.
    """
    was, ini = parse_ini(before), parse_ini(now)
    if not isinstance(was, Ini) or not isinstance(ini, Ini):
        return False
    own = section.casefold()
    lost = (each for each in _lines(was) - _lines(ini) if own not in (each[0].casefold(), each[2].casefold()))
    return (was.encoding, was.marked) == (ini.encoding, ini.marked) and not any(lost)


def _lines(ini: Ini) -> frozenset[tuple[str, str, str]]:
    """Section, line and value, for all lines with a key."""
    found, section = set(), ""
    for line in ini.lines:
        section = line.section if line.section is not None else section
        if line.pair is not None:
            found.add((section, line.text, line.pair[1]))
    return frozenset(found)


def _programs(ini: Ini, section: str, facts: VddsFacts, files: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for call in facts.calls:
        path = ini.get(section, call.key) or ""
        if not path:
            continue
        yield f"offers:{call.role}"
        yield from (f"{seen}:{call.role}" for seen in files.get(path, ("unseen",)))
        if " " in path or "quoted" in path_flaws(path):
            yield "awkward-path"
        if not BORNE.issuperset(path_flaws(path)):
            yield "no-full-path"


def _agreement(ini: Ini, section: str, facts: VddsFacts) -> Iterator[str]:
    register = facts.register
    if ini.get(section, register.version) not in register.versions:
        yield "other-version"
    stages = set(ini.get(section, register.stages) or "")
    for call in facts.calls:
        offered = bool(ini.get(section, call.key))
        if offered != (call.stage in stages):
            yield "other-stages"
        if offered and ini.get(section, f"{call.key}{register.os_suffix}") not in register.os_values:
            yield "other-system"


def _others(content: bytes, section: str, facts: VddsFacts) -> bytes:
    """The register without what belongs to one BVS, so that two states of it can be compared byte for byte."""
    ini = parse_ini(content)
    if not isinstance(ini, Ini):
        return content
    rest = ini.without_section(section)
    for key, value in ini.pairs(facts.register.bvs_index):
        if value.casefold() == section.casefold():
            rest = rest.without_key(facts.register.bvs_index, key)
    kept = tuple(line for line in rest.lines if line.text.strip() and line.section != facts.register.bvs_index)
    return Ini(kept, rest.encoding, rest.marked).encode()
