"""One transfer file of VDDS media as it is recorded: the call of a PVS, or the answer of a BVS.

A file becomes values by role, each a token; numbers and formats that can name nobody stay in clear. What tokens hide is
told by facts: dates that are none, values outside a list, keys of the call that the answer lost. Of files that an
answer names, the facts that the sight of them gave are kept, and never a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import PureWindowsPath
from typing import Protocol
from unicodedata import normalize

from conformance.spec import VddsCall, VddsFacts, VddsKey, VddsKeys
from conformance.trace.facts import DAYS_OFF, SAME_DAY, WithFacts
from conformance.trace.images import KINDS
from conformance.trace.registers import entry_facts, listed, others_kept
from conformance.wire import Malformed, date_format, written_form
from conformance.wire.file_paths import path_flaws
from conformance.wire.vdds_ini import ANSI, Ini, as_meant, on_console, parse_ini

CALL, ANSWER, REGISTER = "call", "answer", "register"
MOST_ITEMS = 1_000
"""Objects, ids or paths kept of one file; the rest is counted."""
UNUSABLE = "unusable"
"""Fact of a start without a transfer file that can be used, and the flaw of such a call; see ``WHY_UNUSABLE``."""
WHY_UNUSABLE = {
    "no-argument": "no argument",
    "missing": "a path at which nothing lies",
    "folder": "the path of a folder",
    "address": "an address instead of a path",
    "link": "the path of a link",
    "no-file": "the path of something that is no ordinary file",
    "too-long": "a file too long to be one call",
}
"""What the program was given, by the word for it in the fact."""
UNSEEN = "unseen"
"""Fact of an item whose file nobody looked at, and flaw of an answer of which nobody knows what became."""
_CLEAR_NUMBER = re.compile(r"-?\d{1,9}")
_NUMBERING = re.compile(r"[1-9][0-9]{0,5}")
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
_OPEN_ROLES = frozenset({"count", "wished_format", "format", "color", "type_number", "take_only"})
_NAMES = ("last_name", "first_name")
_WHO = frozenset({"person", "birth_date", *_NAMES})
_FORMAT_ROLES = frozenset({"wished_format", "format"})
READY, LEVEL, TEXT = "ready", "error_level", "error_text"
SHAKEN = (READY, LEVEL, TEXT)
"""Roles of the handshake."""


@dataclass(frozen=True)
class Item(WithFacts):
    """One object of a list, one id that is asked for, or one path that is given."""

    index: int
    """Its number in the name of its key or section."""
    values: Mapping[str, str]
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Handover(WithFacts):
    """A transfer file at one moment."""

    number: int
    at_s: float
    who: str
    direction: str
    """``call``, ``answer``, or ``register`` for the file that lists who is installed."""
    kind: str
    """Role of the call; '' when the file tells none."""
    about: int
    """Of an answer: the number of its call; 0 when unknown."""
    file: str
    """Token of its name."""
    values: Mapping[str, str]
    """Keys of the call's section by role, those of the handshake included; only those that are there."""
    asked: tuple[Item, ...]
    """Ids in a call for copies, in the file as it is now."""
    items: tuple[Item, ...]
    """Objects or paths of an answer."""
    facts: tuple[str, ...] = ()
    flaw: str = ""
    """Why the file could not be read, or why there is no answer (never-ready, gone, locked ...)."""
    encoding: str = ""
    play: str = ""
    disturbed: str = ""
    """What was done to the answer on purpose; '' for nothing."""

    @property
    def is_call(self) -> bool:
        return self.direction == CALL


@dataclass(frozen=True)
class Handed:
    """A transfer file as it was seen, in clear; in memory only."""

    content: bytes = b""
    path: str = ""
    direction: str = CALL
    about: int = 0
    before: bytes = b""
    """Of an answer: the call that it answers."""
    lost: str = ""
    """Why there is no answer, or ''."""
    section: str = ""
    """Of a register: the BVS in question; ``before`` is then the register as it was. Of a call: its PVS."""
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What was seen of the files that an answer names, by path: ``exists``, ``size:12``, ``sha256:...``."""
    facts: tuple[str, ...] = ()
    """How the program was started and how it ended."""
    disturbed: str = ""
    register: bytes = b""
    """Of a call: the register that the PVS went by; b"" where nobody knows it."""
    register_before: bytes = b""
    """The same when the PVS was told of it; b"" where nobody knows that."""


class Hide(Protocol):
    """Makes tokens of values; see ``Redactor``."""

    def token(self, value: str) -> str: ...

    def days_off(self, day: str) -> str: ...


def handover(
    handed: Handed, facts: VddsFacts | None, hide: Hide, *, number: int, at_s: float, who: str, play: str
) -> Handover:
    """The event for ``handed``. A spec without the interface knows no keys; the file is then unreadable."""
    ini = parse_ini(handed.content) if handed.content or not handed.lost else Malformed(handed.lost, "")
    readable = isinstance(ini, Ini) and facts is not None
    registering = handed.direction == REGISTER
    before = parse_ini(handed.before) if handed.before and handed.direction == ANSWER else None
    former = before if isinstance(before, Ini) else None
    call = _call(ini, former, facts) if isinstance(ini, Ini) and facts is not None and not registering else None
    content = _Content()
    if isinstance(ini, Ini) and facts is not None and registering:
        content = _Content((*entry_facts(ini, handed.section, facts, handed.files, handed.before),))
    elif isinstance(ini, Ini) and facts is not None:
        content = _content(handed, ini, former, call, facts, hide)
    flaw = handed.lost or (ini.reason if isinstance(ini, Malformed) else "" if readable else "no known interface")
    return Handover(
        number,
        round(at_s, 6),
        who,
        handed.direction,
        call.role if call is not None else "",
        handed.about,
        hide.token(PureWindowsPath(handed.path).name) if handed.path else "",
        content.values,
        content.asked,
        content.items,
        tuple(dict.fromkeys((*handed.facts, *_path_facts(handed.path), *content.told))),
        flaw,
        ini.encoding if isinstance(ini, Ini) else "",
        play,
        handed.disturbed,
    )


@dataclass(frozen=True)
class _Content:
    """What a file holds, without naming anybody."""

    told: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[Item, ...] = ()
    items: tuple[Item, ...] = ()


def _content(
    handed: Handed, ini: Ini, former: Ini | None, call: VddsCall | None, facts: VddsFacts, hide: Hide
) -> _Content:
    """That of a transfer file; ``former`` is the call that an answer was made from."""
    told = [*_whole_facts(ini, facts, call)]
    if call is None:
        return _Content(tuple(told))
    meant = as_meant(handed.content, ini)
    values = _values(meant, call.section, call.keys, hide) | _shaken(ini, call, facts, hide)
    told += _value_facts(meant.pairs(call.section), call.keys)
    told += _console_facts(meant, call, hide)
    told += _composed_facts(meant, call, hide)
    told += _further_facts(meant, call, hide)
    told += _days_off(meant, call, hide)
    told += _named_facts(meant, call, handed.register, facts)
    told += _register_facts(handed, facts)
    told += _kept_facts(former, ini, call, facts) if former is not None else ()
    items, counted = _items(ini, call, facts, handed.files, hide) if handed.direction == ANSWER else ((), ())
    return _Content((*told, *counted), values, _asked(ini, call, facts, hide), items)


def call_of(ini: Ini, facts: VddsFacts) -> VddsCall | None:
    """The call by whose section the file is known; None where it has none of them."""
    return next((call for call in facts.calls if ini.has(call.section)), None)


def _call(ini: Ini, former: Ini | None, facts: VddsFacts) -> VddsCall | None:
    """The call of a file; of an answer that of the call before it, if the answer has its section still."""
    asked = call_of(former, facts) if former is not None else None
    return asked if asked is not None and ini.has(asked.section) else call_of(ini, facts)


def _path_facts(path: str) -> Iterator[str]:
    if path and " " in path:
        yield "path-with-blanks"
    if path and "relative" in path_flaws(path):
        yield "relative-path"


def _whole_facts(ini: Ini, facts: VddsFacts, call: VddsCall | None) -> Iterator[str]:
    for flaw in ini.flaws:
        yield f"writing:{flaw}"
    if call is not None and call.section not in ini.sections:
        yield "writing:lower-case-section"
    if sum(ini.has(each.section) for each in facts.calls) > 1:
        yield "several-calls"
    if any(ini.has(name) for name in facts.wrong_sections):
        yield "wrong-section"
    if call is None:
        return
    shake = facts.handshake
    known = {key.casefold() for key in (*shake.names, *shake.other_texts)} | set(call.keys.by_folded_name)
    for key, _ in ini.pairs(call.section):
        if key.casefold() in known or (_number(key, facts.exports.prefix) and _is_export(call)):
            continue
        yield "wrong-key" if key.upper() in facts.wrong_keys else "unknown-key"


def _values(ini: Ini, section: str, keys: VddsKeys, hide: Hide) -> dict[str, str]:
    found = {}
    for name, value in ini.pairs(section):
        key = keys.by_folded_name.get(name.casefold())
        if key is not None:
            found[key.role] = _hidden(key, value, hide)
    return found


def _hidden(key: VddsKey, value: str, hide: Hide) -> str:
    if key.role in _OPEN_ROLES and (_CLEAR_NUMBER.fullmatch(value) or value in key.values):
        return value
    return hide.token(iso_of(value) or value) if key.form == "date" else hide.token(value)


def _shaken(ini: Ini, call: VddsCall, facts: VddsFacts, hide: Hide) -> dict[str, str]:
    shake = facts.handshake
    found = {}
    texts = ((TEXT, name) for name in (*shake.other_texts, shake.text))
    for role, name in ((READY, shake.ready), (LEVEL, shake.level), *texts):
        value = ini.get(call.section, name)
        if value is not None and (value or role not in found):
            found[role] = value if _CLEAR_NUMBER.fullmatch(value) else hide.token(value)
    return found


def _value_facts(pairs: tuple[tuple[str, str], ...], keys: VddsKeys) -> Iterator[str]:
    for name, value in pairs:
        key = keys.by_folded_name.get(name.casefold())
        if key is None:
            continue
        if not value.isascii():
            yield f"beyond-ascii:{key.role}"
        if key.longest and len(value) > key.longest:
            yield f"too-long:{key.role}"
        if not value:
            yield f"empty:{key.role}"
        elif key.form == "date" and not iso_of(value):
            yield f"no-date:{key.role}"
            yield f"form:{key.role}:{date_format(value).value}"
            yield from (f"written:{key.role}:{form}" for form in filter(None, [written_form(value)]))
        elif key.form == "time" and not _TIME.fullmatch(value):
            yield f"no-time:{key.role}"
        elif key.form == "number" and not _CLEAR_NUMBER.fullmatch(value):
            yield f"no-number:{key.role}"
        elif key.values and value not in key.values:
            yield f"not-listed:{key.role}"
        if key.role in ("birth_date", "date") and _stands_for_none(value):
            yield "date-for-none"


def _console_facts(ini: Ini, call: VddsCall, hide: Hide) -> Iterator[str]:
    """What the names would be, had they been written by the code page of a console."""
    for role in _NAMES:
        key = call.keys.by_role.get(role)
        value = ini.get(call.section, key.name) or "" if key is not None else ""
        if ini.encoding == ANSI and not value.isascii():
            yield f"on-console:{role}:{hide.token(on_console(value))}"


def _composed_facts(ini: Ini, call: VddsCall, hide: Hide) -> Iterator[str]:
    """What the names are with letters and accents in one, where they were taken apart."""
    for role in _NAMES:
        key = call.keys.by_role.get(role)
        value = ini.get(call.section, key.name) or "" if key is not None else ""
        composed = normalize("NFC", value)
        if composed != value:
            yield f"composed:{role}:{hide.token(composed)}"


def _further_facts(ini: Ini, call: VddsCall, hide: Hide) -> Iterator[str]:
    """What else the file says of who the patient is: readers differ in which of two lines with one key they take."""
    for name, value in ini.further(call.section):
        key = call.keys.by_folded_name.get(name.casefold())
        if key is not None and key.role in _WHO:
            yield f"further:{key.role}:{_hidden(key, value, hide)}"


def _days_off(ini: Ini, call: VddsCall, hide: Hide) -> Iterator[str]:
    """How far the date of birth is from that of the record for which the call is made."""
    key = call.keys.by_role.get("birth_date")
    off = hide.days_off(iso_of(ini.get(call.section, key.name) or "")) if key is not None else ""
    if off not in ("", SAME_DAY):
        yield f"{DAYS_OFF}:{off}"


def _named_facts(ini: Ini, call: VddsCall, register: bytes, facts: VddsFacts) -> Iterator[str]:
    """Which of the two sides is called otherwise than in the register."""
    known = parse_ini(register) if register else None
    if not isinstance(known, Ini):
        return
    for role, index in (("pvs", facts.register.pvs_index), ("bvs", facts.register.bvs_index)):
        key = call.keys.by_role.get(role)
        name = ini.get(call.section, key.name) if key is not None else None
        if name and name.casefold() not in {each.casefold() for each in listed(known, index, facts)}:
            yield f"unregistered:{role}"


def _register_facts(handed: Handed, facts: VddsFacts) -> Iterator[str]:
    """Whether the PVS has left to others what is theirs."""
    if handed.direction == CALL and handed.register and handed.register_before:
        kept = others_kept(handed.register_before, handed.register, handed.section, facts)
        yield "others-kept" if kept else "others-lost"


def _stands_for_none(value: str) -> bool:
    """The least dates of programs, databases and spreadsheets, and zeros: nobody's date of birth today."""
    day = iso_of(value)
    return value == "0" * 8 or day[:4] in ("0001", "1753") or day in ("1899-12-30", "1900-01-01")


def _asked(ini: Ini, call: VddsCall, facts: VddsFacts, hide: Hide) -> tuple[Item, ...]:
    if not _is_export(call):
        return ()
    return tuple(
        Item(number, {"object": hide.token(value)}, ("empty",) if not value else ())
        for name, value in ini.pairs(call.section)[:MOST_ITEMS]
        if (number := _number(name, facts.exports.prefix))
    )


def _items(
    ini: Ini, call: VddsCall, facts: VddsFacts, files: Mapping[str, tuple[str, ...]], hide: Hide
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The objects or paths of an answer, and facts about the list as a whole."""
    if _is_export(call):
        return _paths(ini, facts, files, hide), (() if ini.has(facts.exports.section) else ("no-list",))
    if call.role != "image_information":
        return (), ()
    if not ini.has(facts.objects.section):
        return (), ("no-list",)
    count = ini.get(facts.objects.section, facts.objects.count) or ""
    numbered = [name for name in ini.sections if _number(name, facts.objects.prefix)]
    kept = tuple(_object(ini, name, facts, hide) for name in numbered[:MOST_ITEMS])
    said = (f"count:{count}",) if _CLEAR_NUMBER.fullmatch(count) else ("no-count",)
    return kept, (*said, f"listed:{len(numbered)}")


def _object(ini: Ini, section: str, facts: VddsFacts, hide: Hide) -> Item:
    keys = facts.objects.keys
    told = tuple(_value_facts(ini.pairs(section), keys))
    return Item(_number(section, facts.objects.prefix), _values(ini, section, keys, hide), told)


def _paths(ini: Ini, facts: VddsFacts, files: Mapping[str, tuple[str, ...]], hide: Hide) -> tuple[Item, ...]:
    found = []
    for name, path in ini.pairs(facts.exports.section)[:MOST_ITEMS]:
        if not path:
            continue  # a key without a value: to a reader no path is given
        seen = files.get(path, (UNSEEN,))
        flaws = tuple(f"path:{flaw}" for flaw in path_flaws(path))
        suffix = PureWindowsPath(path).suffix.lstrip(".").upper()
        extension = (f"extension:{suffix}",) if suffix in _formats(facts) else ()
        values = {"path": hide.token(path.casefold())}  # by which two paths are one file to Windows
        found.append(Item(_number(name, facts.exports.prefix), values, (*seen, *flaws, *extension)))
    return tuple(found)


def _formats(facts: VddsFacts) -> frozenset[str]:
    """Endings of names that name nobody: the formats of the interface, and those known by their first bytes."""
    keys = (*facts.objects.keys.all, *(key for call in facts.calls for key in call.keys.all))
    listed = {value for key in keys if key.role in _FORMAT_ROLES for value in key.values}
    return frozenset({*listed, *(kind.upper() for kind in KINDS)})


def _kept_facts(former: Ini, ini: Ini, call: VddsCall, facts: VddsFacts) -> Iterator[str]:
    """What became of the call's own keys in the file that answers it."""
    yield "compared"
    if former.encoding != ini.encoding or former.marked != ini.marked:
        yield "other-encoding"
    shaken = {name.casefold() for name in (*facts.handshake.names, *facts.handshake.other_texts)}
    for name, value in former.pairs(call.section):
        if name.casefold() in shaken:
            continue
        now = ini.get(call.section, name)
        if now is None:
            yield "lost-key"
        elif now != value:
            yield "changed-key"


def _is_export(call: VddsCall) -> bool:
    return call.role == "image_export"


def _number(name: str, prefix: str) -> int:
    """The number behind the prefix; 0 for any other name, and for one with zeros before it: nobody looks for that."""
    folded = name.casefold()
    rest = folded.removeprefix(prefix.casefold())
    return int(rest) if rest != folded and _NUMBERING.fullmatch(rest) else 0


def iso_of(value: str) -> str:
    """An eight-figure date in the ISO form; '' for anything else."""
    if not re.fullmatch(r"[0-9]{8}", value):
        return ""
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:])).isoformat()
    except ValueError:
        return ""
