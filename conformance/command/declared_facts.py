"""What QA may declare to have prepared on a server, kind by kind, and whether the declarations fit together.

Facts are called as the spec calls them (roles), so that rules find them; the bounds of a tooth or the types of a scan
come from the spec as well.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.command import target_values as values
from conformance.command.target_values import Check, Unfit
from conformance.model import CaseState
from conformance.spec import Spec
from conformance.suite.target import Fixture
from conformance.trace.images import image_type

IMAGE_TYPES = ("jpeg", "png", "gif", "bmp", "tiff", "webp")


@dataclass(frozen=True)
class FixtureKind:
    """One kind of thing, written as ``[[name]]``."""

    name: str
    facts: Mapping[str, Check]
    required: tuple[str, ...]
    names: tuple[str, ...]
    """Facts that tell one of them from another; no two may have the same."""
    part_of: str = ""
    """The kind that it belongs to."""
    by: str = ""
    """The fact that says to which."""


def fixture_kinds(spec: Spec) -> Mapping[str, FixtureKind]:
    """Every kind by name, in the order in which a file is best written."""
    person = {"first_name": values.any_text, "last_name": values.text, "birth_date": values.day}
    visible = {**person, "patient_id": values.any_text}
    of_case = {"integration_id": values.text, "case": values.guid}
    kinds = (
        FixtureKind("station", _STATION, ("station",), ("station",)),
        FixtureKind(
            "patient",
            {"integration_id": values.text, **visible, "cases": values.number()},
            ("integration_id",),
            ("integration_id",),
        ),
        FixtureKind("unmapped_patient", visible, ("last_name",), ()),
        FixtureKind("case", {**of_case, **_CASE}, ("integration_id", "case"), ("case",), "patient", "integration_id"),
        FixtureKind("indication", {**of_case, **_indication(spec)}, ("case",), (), "case", "case"),
        FixtureKind("scan", {**of_case, **_scan(spec)}, ("case", "scan"), ("scan",), "case", "case"),
        FixtureKind("image", {**of_case, **_IMAGE}, ("case", "image"), ("image", "case"), "case", "case"),
    )
    return {kind.name: kind for kind in kinds}


_STATION: Mapping[str, Check] = {
    "station": values.guid,
    "hostname": values.text,
    "connected": values.flag,
    "busy": values.flag,
    "operator_name": values.any_text,
    "operator_id": values.any_text,
    "modules": values.words,
}
_CASE: Mapping[str, Check] = {
    "state": values.one_of(*(state.value for state in CaseState)),
    "created": values.moment,
    "delivery": values.moment,
    "sent": values.moment,
    "lab": values.any_text,
    "images": values.number(),
    "scans": values.number(),
    "indications": values.number(),
}
_IMAGE: Mapping[str, Check] = {
    "image": values.guid,
    "name": values.any_text,
    "timestamp": values.moment,
    "sha256": values.digest,
    "size": values.number(1),
    "type": values.one_of(*IMAGE_TYPES),
    "file": values.text,
}


def _tooth(spec: Spec, record: str, role: str) -> Check:
    field = spec.record[record].by_role[role]
    return values.number(field.minimum, field.maximum)


def _indication(spec: Spec) -> Mapping[str, Check]:
    teeth = {role: _tooth(spec, "indication", role) for role in ("from", "to")}
    return {**teeth, "name": values.text, "shade": values.any_text}


def _scan(spec: Spec) -> Mapping[str, Check]:
    types = spec.record["scan"].by_role["type"].values
    return {
        "scan": values.guid,
        **{role: values.number(0, spec.record["scan"].by_role[role].maximum) for role in ("from", "to")},
        "type": values.one_of(*types) if types else values.text,
        "sectioned": values.flag,
        "prepared": values.flag,
        "timestamp": values.moment,
    }


@dataclass(frozen=True)
class Entry:
    """One declared thing and where it stands."""

    kind: FixtureKind
    where: str
    facts: Fixture


def content_of(folder: Path, facts: Fixture) -> Fixture:
    """An image whose ``file`` is named, with digest, size and type of that file. Raises Unfit."""
    if "file" not in facts:
        return facts
    try:
        content = (folder / facts["file"]).read_bytes()
    except OSError as wrong:
        raise Unfit(f"a file that can be read ({wrong.strerror or wrong})") from None
    found = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": str(len(content)),
        "type": image_type(content),
    }
    if found["type"] not in IMAGE_TYPES:
        raise Unfit(f"an image ({', '.join(IMAGE_TYPES)})")
    declared = {name: text for name, text in facts.items() if name != "file"}
    for name, text in found.items():
        if declared.get(name, text) != text:
            raise Unfit(f"the file whose {name} is {declared[name]}; it is {text}")
    return {**declared, **found}


def fitting(entries: Sequence[Entry]) -> Iterator[Fixture]:
    """The facts of all entries, completed from those they belong to.

    Raises ValueError for two entries of the same thing, and for one that belongs to nothing declared.
    """
    known: dict[tuple[str, str], Fixture] = {}
    for entry in entries:
        key = tuple(entry.facts.get(name, "") for name in entry.kind.names)
        if key and (entry.kind.name, " ".join(key)) in known:
            raise ValueError(f"{entry.where} declares {entry.kind.name} {key[0]} once more; remove one of the two.")
        if key:
            known[entry.kind.name, " ".join(key)] = entry.facts
    for entry in entries:
        yield _completed(entry, known)


def _completed(entry: Entry, known: Mapping[tuple[str, str], Fixture]) -> Fixture:
    kind, facts = entry.kind, entry.facts
    if kind.part_of:
        whole = known.get((kind.part_of, facts[kind.by]))
        if whole is None:
            names = [name for what, name in known if what == kind.part_of]
            raise ValueError(
                f'{entry.where}: {kind.by} "{facts[kind.by]}" is none of the declared ones'
                f"{values.meant(facts[kind.by], names)}. Declare a [[{kind.part_of}]] with it, or correct it."
            )
        owner = whole["integration_id"]
        if facts.get("integration_id", owner) != owner:
            raise ValueError(
                f'{entry.where}: integration_id is "{facts["integration_id"]}", but its case is of "{owner}";'
                " correct one of them, or leave it out here."
            )
        facts = {**facts, "integration_id": owner}
    return {"what": kind.name, **facts}
