"""Transfer files of VDDS media written by hand: what the witnesses of their rules are made of.

Keys are named by role, as everywhere in sketches; ``hand`` is a call, ``hand_back`` its answer, which holds the call
that went before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from conformance.spec import Spec, VddsFacts
from conformance.trace.handovers import ANSWER, CALL, SHAKEN, Handed
from conformance.wire.vdds_ini import Ini


@dataclass(frozen=True)
class Hand:
    """One transfer file to be, at one moment."""

    kind: str
    values: Mapping[str, str | None]
    """By role; None leaves one out."""
    direction: str = CALL
    ids: Sequence[str] = ()
    objects: Sequence[Mapping[str, str]] = ()
    paths: Mapping[int, str] = field(default_factory=dict)
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    listed: bool = True
    """False leaves the list of an answer out."""
    count: str | None = None
    """What the list says of its length, instead of the truth."""
    content: bytes | None = None
    """The very bytes, instead of all above."""
    lost: str = ""
    facts: tuple[str, ...] = ()
    path: str = "C:\\VDDS\\PVS1A2B.tmp"
    encoding: str = ""
    """In which it is written, with its mark; '' for Windows-1252."""
    writing: tuple[str, str] = ("", "")
    """A text of the file and what stands in its place."""
    wait_s: float = 0.0
    """How long after the usual second it comes."""
    who: str = "sketch"
    disturbed: str = ""
    section: str = ""
    before: bytes = b""
    answers: int = -1
    """Which call of the sketch an answer is to, counted from 1; the last one otherwise."""
    register: tuple[str, str] = ("", "")
    """Names of PVS and BVS in the register that the caller goes by; empty where nobody knows it."""
    changed: tuple[str, str] = ("", "")
    """A text of that register, and what stood in its place when the PVS was told of it; empty where nobody knows."""


def as_handed(hand: Hand, spec: Spec, call: Hand | None, about: int) -> Handed:
    """The file that ``hand`` stands for. ValueError for a spec that knows no VDDS media."""
    register = _registered(hand.register, spec)
    now, then = (each.encode() for each in hand.changed)
    before = content_of(call, spec) if call is not None and hand.direction == ANSWER else hand.before
    return Handed(
        b"" if hand.lost else content_of(hand, spec),
        hand.path,
        hand.direction,
        about if hand.direction == ANSWER else 0,
        before,
        hand.lost,
        hand.section or hand.register[0],
        hand.files,
        hand.facts,
        hand.disturbed,
        register,
        register.replace(now, then) if now else b"",
    )


def _registered(names: tuple[str, str], spec: Spec) -> bytes:
    if spec.vdds is None or not all(names):
        return b""
    index = spec.vdds.register
    ini = Ini().written(index.pvs_index, f"{index.index_key}1", names[0])
    return ini.written(index.bvs_index, f"{index.index_key}1", names[1]).encode()


def content_of(hand: Hand, spec: Spec) -> bytes:
    """The bytes of the file."""
    if hand.content is not None:
        return hand.content
    if spec.vdds is None:
        raise ValueError(f"{spec.name} has no VDDS media; take another spec for this sketch.")
    ini = _head(hand, spec.vdds)
    if hand.direction == ANSWER and hand.listed:
        ini = _list(ini, hand, spec.vdds)
    content = (replace(ini, encoding=hand.encoding, marked=True) if hand.encoding else ini).encode()
    old, new = hand.writing
    return content.replace(old.encode("cp1252"), new.encode("cp1252")) if old else content


def _head(hand: Hand, facts: VddsFacts) -> Ini:
    call = facts.call[hand.kind]
    shake = facts.handshake
    names = {**{key.role: key.name for key in call.keys.all}, **dict(zip(SHAKEN, shake.names, strict=True))}
    ready = shake.waiting if hand.direction == CALL else shake.finished
    values: dict[str, str | None] = {"ready": ready, "error_level": shake.no_error, **hand.values}
    ini = Ini().with_section(call.section)
    for role, value in values.items():
        if value is not None:
            ini = ini.written(call.section, names.get(role, role), value)
    for number, each in enumerate(hand.ids, start=1):
        ini = ini.written(call.section, f"{facts.exports.prefix}{number}", each)
    return ini


def _list(ini: Ini, hand: Hand, facts: VddsFacts) -> Ini:
    if hand.kind == "image_information":
        objects = facts.objects
        count = str(len(hand.objects)) if hand.count is None else hand.count
        ini = ini.written(objects.section, objects.count, count)
        for number, each in enumerate(hand.objects, start=1):
            for role, value in each.items():
                ini = ini.written(f"{objects.prefix}{number}", objects.keys.name(role), value)
    if hand.kind == "image_export":
        ini = ini.with_section(facts.exports.section)
        for number, path in hand.paths.items():
            ini = ini.written(facts.exports.section, f"{facts.exports.prefix}{number}", path)
    return ini


def patient(**changes: str | None) -> Hand:
    """A right call that hands a patient over, with other values by role."""
    values: dict[str, str | None] = {
        "pvs": "A_PVS",
        "bvs": "A_BVS",
        "person": "000417",
        "last_name": "Fox",
        "first_name": "Ann",
        "birth_date": "19840229",
        "sex": "W",
    }
    return Hand("patient_import", values | changes)


def information(**changes: str | None) -> Hand:
    """A right call that asks for the descriptions of a patient's images."""
    return Hand("image_information", {"pvs": "A_PVS", "bvs": "A_BVS", "person": "000417", **changes})


def copies(*ids: str, **changes: str | None) -> Hand:
    """A right call that asks for copies of images."""
    return Hand("image_export", {"pvs": "A_PVS", "count": str(len(ids)), **changes}, ids=ids)


def back(call: Hand, **changes: object) -> Hand:
    """The answer to ``call``; fields of Hand as changes."""
    return replace(call, direction=ANSWER, **changes)  # type: ignore[arg-type]
