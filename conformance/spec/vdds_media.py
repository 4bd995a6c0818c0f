"""vdds-media.yaml -> the VDDS media interface as frozen values, or None for a guide that has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from conformance.spec.objects import Mark
from conformance.spec.rows import Row, as_row, listed_rows, unique
from conformance.spec.source import Source

VDDS_FILE = "vdds-media.yaml"
CALLS: Mapping[str, frozenset[str]] = {
    "patient_import": frozenset({"pvs", "bvs", "person", "patient_id", "last_name", "first_name", "birth_date", "sex"}),
    "image_information": frozenset({"pvs", "bvs", "person"}),
    "image_export": frozenset({"pvs", "count"}),
}
"""Role of a call -> roles of keys that code asks for; a file must have these and may have more."""
OBJECT = frozenset({"object", "date", "time", "type_number", "type", "format", "color", "comment"})


class Need(StrEnum):
    """How much a key is needed in the field; whether the interface's own text says so is not known."""

    REQUIRED = "required"
    EXPECTED = "expected"
    OPTIONAL = "optional"


class Form(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DATE = "date"  # yyyymmdd
    TIME = "time"  # hh:mm
    NUMBER = "number"


@dataclass(frozen=True)
class VddsKey:
    name: str
    role: str
    need: Need
    form: Form
    values: tuple[str, ...]
    """The list of values where one is known; () for any."""
    longest: int
    """Characters that a real program was seen to take; 0 where that is not known."""
    mark: Mark


@dataclass(frozen=True)
class VddsKeys:
    """The keys of one section."""

    all: tuple[VddsKey, ...]

    @cached_property
    def by_role(self) -> Mapping[str, VddsKey]:
        return {key.role: key for key in self.all}

    @cached_property
    def by_folded_name(self) -> Mapping[str, VddsKey]:
        return {key.name.casefold(): key for key in self.all}

    def name(self, role: str) -> str:
        """The name of the key with that role."""
        return self.by_role[role].name


@dataclass(frozen=True)
class VddsCall:
    """One of the three workflows: a program of the BVS that the PVS starts."""

    role: str
    key: str
    """Under which the register names the program."""
    stage: str
    section: str
    """The section by which its transfer file is known."""
    keys: VddsKeys
    mark: Mark


@dataclass(frozen=True)
class VddsRegister:
    """The file in which all programs of a computer are listed."""

    file: str
    pvs_index: str
    bvs_index: str
    index_key: str
    name: str
    version: str
    stages: str
    os_suffix: str
    event_suffix: str
    os: str
    os_values: tuple[str, ...]
    versions: tuple[str, ...]
    info: str


@dataclass(frozen=True)
class VddsHandshake:
    """Keys in the section of the call by which the two sides agree."""

    ready: str
    waiting: str
    finished: str
    level: str
    no_error: str
    error: str
    text: str
    other_texts: tuple[str, ...]
    """Other names that the text was seen under."""

    @property
    def names(self) -> tuple[str, str, str]:
        return self.ready, self.level, self.text


@dataclass(frozen=True)
class VddsObjects:
    """The list of objects in an answer."""

    section: str
    count: str
    prefix: str
    keys: VddsKeys
    photo: Mapping[str, str]
    """What the emulator writes of an image: type-number, type, color."""


@dataclass(frozen=True)
class VddsExports:
    """Numbered ids in the call, and the section of the paths in the answer."""

    prefix: str
    section: str


@dataclass(frozen=True)
class VddsFacts:
    """What is known of the interface."""

    version: str
    register: VddsRegister
    entry_section: str
    """Under which the emulator enters itself."""
    entry_name: str
    handshake: VddsHandshake
    calls: tuple[VddsCall, ...]
    objects: VddsObjects
    exports: VddsExports
    wrong_sections: tuple[str, ...]
    wrong_keys: tuple[str, ...]
    login_limit_s: int

    @cached_property
    def call(self) -> Mapping[str, VddsCall]:
        """Calls by role."""
        return {call.role: call for call in self.calls}


_TOP = (
    *("version", "register", "entry", "handshake", "calls", "objects", "exports"),
    *("wrong-sections", "wrong-keys", "login-limit-s"),
)
_KEY = ("name", "role", "need", "form", "values", "longest", "mark", "source")
_CALL = ("role", "key", "stage", "section", "keys", "mark", "source")


def vdds_media(source: Source) -> VddsFacts | None:
    """The interface, or None when the folder has no file about it. Raises SpecError."""
    if not source.names(VDDS_FILE):
        return None
    top = as_row(source.label(VDDS_FILE), "", source.value(VDDS_FILE))
    top.only(_TOP)
    entry = top.row("entry")
    return VddsFacts(
        version=top.text("version"),
        register=_register(top.row("register")),
        entry_section=entry.text("section"),
        entry_name=entry.text("name"),
        handshake=_handshake(top.row("handshake")),
        calls=_calls(top),
        objects=_objects(top.row("objects")),
        exports=VddsExports(top.row("exports").text("id-prefix"), top.row("exports").text("section")),
        wrong_sections=top.texts("wrong-sections", ()),
        wrong_keys=top.texts("wrong-keys", ()),
        login_limit_s=top.number("login-limit-s"),
    )


def _register(row: Row) -> VddsRegister:
    return VddsRegister(
        file=row.text("file"),
        pvs_index=row.text("pvs-index"),
        bvs_index=row.text("bvs-index"),
        index_key=row.text("index-key"),
        name=row.text("name"),
        version=row.text("version"),
        stages=row.text("stages"),
        os_suffix=row.text("os-suffix"),
        event_suffix=row.text("event-suffix"),
        os=row.text("os"),
        os_values=row.texts("os-values"),
        versions=row.texts("versions"),
        info=row.text("info"),
    )


def _handshake(row: Row) -> VddsHandshake:
    return VddsHandshake(
        ready=row.text("ready"),
        waiting=row.text("waiting"),
        finished=row.text("finished"),
        level=row.text("error-level"),
        no_error=row.text("no-error"),
        error=row.text("error"),
        text=row.text("error-text"),
        other_texts=row.texts("other-error-texts", ()),
    )


def _calls(top: Row) -> tuple[VddsCall, ...]:
    found = []
    sections: dict[str, Row] = {}
    for row in listed_rows(top.file, top.items("calls"), "role"):
        row.only(_CALL)
        role = row.word("role", tuple(CALLS))
        unique(row, "section", row.text("section").casefold(), sections)
        keys = _keys(row, CALLS[role])
        found.append(
            VddsCall(role, row.text("key"), row.text("stage"), row.text("section"), keys, row.choice("mark", Mark))
        )
    missing = sorted(set(CALLS) - {call.role for call in found})
    if missing:
        raise top.wrong(f"has no call with the role {', '.join(missing)}", "add it")
    return tuple(found)


def _objects(row: Row) -> VddsObjects:
    photo = row.row("photo")
    names = ("type-number", "type", "color")
    photo.only(names)
    values = {name: photo.text(name) for name in names}
    return VddsObjects(row.text("section"), row.text("count"), row.text("item-prefix"), _keys(row, OBJECT), values)


def _keys(row: Row, wanted: frozenset[str]) -> VddsKeys:
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    found = []
    for each in listed_rows(row.file, row.items("keys"), "name"):
        each.only(_KEY)
        unique(each, "name", each.text("name").casefold(), names)
        unique(each, "role", each.text("role"), roles)
        found.append(
            VddsKey(
                name=each.text("name"),
                role=each.text("role"),
                need=each.choice("need", Need),
                form=each.choice("form", Form) if each.has("form") else Form.TEXT,
                values=each.texts("values", ()),
                longest=each.optional_number("longest") or 0,
                mark=each.choice("mark", Mark),
            )
        )
    missing = sorted(wanted - set(roles))
    if missing:
        raise row.wrong(f"has no key with the role {', '.join(missing)}", "add it")
    return VddsKeys(tuple(found))
