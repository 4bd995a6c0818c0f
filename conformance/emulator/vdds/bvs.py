"""Answers to transfer files, from the same patients and images as every other interface.

Bytes go in and bytes come out: whoever was started with the path writes them. The only files besides are copies of
images, each under a name of the emulator's own in the folder that is given; nothing of the call becomes part of a path.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Protocol, runtime_checkable

from conformance.emulator.server import Emulator
from conformance.emulator.vdds.faults import FAULTS, Deed, checked
from conformance.model import Case, Image, Patient
from conformance.model.changes import AddPatient, SetPatient
from conformance.spec import VddsCall, VddsFacts
from conformance.trace import Handed
from conformance.trace.handovers import ANSWER, UNUSABLE, WHY_UNUSABLE, call_of, iso_of
from conformance.trace.images import image_type
from conformance.wire import Malformed, Zone, format_moment, parse_xml_date
from conformance.wire.vdds_ini import UTF_8, Ini, parse_ini

NUMBER, UNKNOWN, SHOWN = "VDDS-PATIENT-NUMBER", "VDDS-UNKNOWN-PATIENT", "VDDS-SHOWN-NUMBER"
OBJECT = "VDDS-OBJECT-ID"
"""The readings that decide."""
_NOBODY_CAME = "nobody logged in to the 3DD in time"
_SUFFIX = {"jpeg": "jpg", "png": "png", "tiff": "tif", "bmp": "bmp", "gif": "gif"}


@runtime_checkable
class HandListener(Protocol):
    """A listener that is told of transfer files as well; a Recorder is one."""

    def handover(self, handed: Handed, at_s: float) -> object: ...


@dataclass(frozen=True)
class Start:
    """How the program was started."""

    path: str = ""
    """Of the transfer file."""
    arguments: int = 1
    program: str = ""
    """Role of the call that this program is registered for; '' where one serves all."""
    register: bytes = b""
    """That the PVS goes by; b"" where nobody knows it."""


@dataclass(frozen=True)
class Answered:
    """What becomes of one transfer file."""

    content: bytes
    copies: tuple[tuple[str, bytes], ...] = ()
    """Paths in the folder for copies, with what is to be written there."""
    deed: Deed = Deed.ANSWER
    early: bytes = b""
    """For EARLY: what stands in the file first."""
    slip: int = 0
    """For LATER: by which number to ask again."""


@dataclass
class Bvs:
    """The 3DD that is started by its register entry."""

    emulator: Emulator
    fault: str = ""
    is_open: bool = True
    """False: it is started by the first call, and its user has to log in."""
    login_s: float = 0.0
    """How long that takes by the emulator's clock."""
    _waiting: dict[int, int] = field(default_factory=dict, init=False)
    """Slips of calls that are answered later, and by which number the call is on record."""
    _slips: int = field(default=0, init=False)

    def answer(self, content: bytes, folder: str, start: Start = Start(), slip: int = 0) -> Answered:
        """The answer to a file of these bytes; ``folder`` is where copies of images go.

        ``slip`` is that of an earlier answer to the same file, which was to ask again. Call and answer are on record
        before it returns. ValueError for a fault that does not exist, or a spec without the interface.
        """
        facts = self.emulator.spec.vdds
        if facts is None:
            raise ValueError(f"{self.emulator.spec.name} has no VDDS media; use an emulator of a spec that has.")
        with self.emulator.lock:
            number = self._waiting.pop(slip, None)
            dropped = number is None and bool(self._waiting) and self._name() == "one-at-a-time"
            if number is None:
                program = (f"program:{start.program}",) if start.program in facts.call else ()
                began = (f"arguments:{start.arguments}", *program)
                number = self._tell(self._called(content, start, began))
                if self._deed() is Deed.LATER and not dropped:
                    return self._put_off(number)
            silent = Answered(content, (), Deed.SILENCE)
            answered = silent if dropped else self._answered(content, folder, facts)
            self._tell(self._told(answered, content, start.path, number))
            self.emulator.keep()
            return answered

    def _called(self, content: bytes, start: Start, began: tuple[str, ...]) -> Handed:
        pvs, before = self.emulator.vdds_pvs, self.emulator.vdds_register
        told = start.register
        return Handed(content, start.path, facts=began, section=pvs, register=told, register_before=before)

    def in_vain(self, why: str, start: Start) -> None:
        """The program was started without a file that can be used: that is on record. ValueError for an unknown why."""
        if why not in WHY_UNUSABLE:
            raise ValueError(f"unusable is {why!r}; expected one of {', '.join(WHY_UNUSABLE)}.")
        with self.emulator.lock:
            facts = (f"arguments:{start.arguments}", f"{UNUSABLE}:{why}")
            self._tell(Handed(lost=UNUSABLE, facts=facts))

    def _name(self) -> str:
        """The fault that is in force: one's own, or the one that a scenario brings about."""
        return checked(self.fault or self.emulator.vdds_fault)

    def _deed(self) -> Deed:
        name = self._name()
        return FAULTS[name].deed if name else Deed.ANSWER

    def _put_off(self, number: int) -> Answered:
        self._slips += 1
        self._waiting[self._slips] = number
        return Answered(b"", (), Deed.LATER, slip=self._slips)

    def _tell(self, handed: Handed) -> int:
        """Has it on record; its number there, 0 where nobody numbers."""
        number = 0
        for listener in self.emulator.listeners:
            if isinstance(listener, HandListener):
                number = getattr(listener.handover(handed, self.emulator.clock.now_s()), "number", number)
        return number

    def _told(self, answered: Answered, before: bytes, path: str, about: int) -> Handed:
        lost = {Deed.SILENCE: "never-ready", Deed.LOCK: "never-ready", Deed.DELETE: "gone"}.get(answered.deed, "")
        files = {each: _facts(content) for each, content in answered.copies}
        facts = ("changed-when-ready",) if answered.deed in (Deed.EARLY, Deed.COPIES_LATE) else ()
        content = b"" if lost else answered.content
        return Handed(content, path, ANSWER, about, before, lost, "", files, facts, self._name())

    def _answered(self, content: bytes, folder: str, facts: VddsFacts) -> Answered:
        name = self._name()
        ini = parse_ini(content)
        call = call_of(ini, facts) if isinstance(ini, Ini) else None
        if not isinstance(ini, Ini) or call is None:
            return Answered(content, (), Deed.SILENCE)
        why = self._let_in() or self._turned_down(name)
        answered = self._refused(ini, call, why, facts) if why else self._done(ini, call, folder, facts)
        return self._spoilt(answered, ini, call, name, facts)

    def _let_in(self) -> str:
        """Why the user did not get in, or ''. What has been started stays open, logged in or not."""
        facts = self.emulator.spec.vdds
        if self.is_open or facts is None:
            return ""
        self.emulator.advance(min(self.login_s, float(facts.login_limit_s)))
        if self.login_s > facts.login_limit_s:
            return _NOBODY_CAME
        self.is_open = True
        return ""

    def _turned_down(self, name: str) -> str:
        return {
            "refused": "the 3DD refused the call",
            "several-instances": "several instances of the 3DD are open; close all but one",
            "login-time-out": _NOBODY_CAME,
        }.get(name, "")

    # -- what is right ------------------------------------------------------------------------------------------------

    def _refused(self, ini: Ini, call: VddsCall, why: str, facts: VddsFacts) -> Answered:
        ini = self._with_empty_list(ini, call, facts)
        return Answered(finished(ini, call, facts, facts.handshake.error, why).encode())

    def _with_empty_list(self, ini: Ini, call: VddsCall, facts: VddsFacts) -> Ini:
        """A caller may look for the list whatever the error says."""
        if call.role == "image_information":
            return ini.written(facts.objects.section, facts.objects.count, "0")
        return ini.with_section(facts.exports.section) if call.role == "image_export" else ini

    def _done(self, ini: Ini, call: VddsCall, folder: str, facts: VddsFacts) -> Answered:
        if call.role == "patient_import":
            why = self._take_over(ini, call) if self._name() != "nobody-taken" else "patients are not taken over"
            return Answered(_ended(ini, call, facts, why).encode())
        if call.role == "image_information":
            return self._described(ini, call, facts)
        return self._handed_out(ini, call, folder, facts)

    def _take_over(self, ini: Ini, call: VddsCall) -> str:
        """Creates or updates the patient; why not, or ''."""
        values = {key.role: ini.get(call.section, key.name) or "" for key in call.keys.all}
        for role in ("person", "last_name"):
            if not values[role]:
                return f"{call.keys.name(role)} is missing or empty"
        known = self._patient(values["person"])
        patient = known or Patient(0, "")
        by_integration = self.emulator.readings[NUMBER] == "integration"
        changes: dict[str, object] = {
            "last_name": values["last_name"],
            "first_name": values["first_name"] or patient.first_name,
            "birth_date": _born(values["birth_date"]) or patient.birth_date,
            "integration_id" if by_integration else "patient_id": values["person"],
        }
        if by_integration and values["patient_id"] and self.emulator.readings[SHOWN] == "patient":
            changes["patient_id"] = values["patient_id"]
        patient = replace(patient, **changes)  # type: ignore[arg-type]
        holders = self.emulator.state.holders_of(patient.patient_id) if patient.patient_id else ()
        if any(each.key != patient.key for each in holders):
            return "another patient has that number"
        self.emulator.change(SetPatient(patient) if known is not None else AddPatient(patient))
        return ""

    def _patient(self, person: str) -> Patient | None:
        state = self.emulator.state
        if self.emulator.readings[NUMBER] == "integration":
            return state.patient(person) if person else None
        return next(iter(state.holders_of(person)), None) if person else None

    def _described(self, ini: Ini, call: VddsCall, facts: VddsFacts) -> Answered:
        patient = self._patient(ini.get(call.section, call.keys.name("person")) or "")
        everybody = self._name() == "everybodys-images"
        if patient is None and not everybody:
            why = "" if self.emulator.readings[UNKNOWN] == "empty" else "the 3DD does not know this patient"
            return Answered(_ended(self._with_empty_list(ini, call, facts), call, facts, why).encode())
        state = self.emulator.state
        cases = state.cases_of(patient) if patient is not None and not everybody else list(state.cases.values())
        images = [(case, image) for case in cases for image in case.images]
        objects = facts.objects
        ini = ini.written(objects.section, objects.count, str(len(images)))
        for number, (case, image) in enumerate(images, start=1):
            for role, value in _object(case, image, self._id(image), facts).items():
                ini = ini.written(f"{objects.prefix}{number}", objects.keys.name(role), value)
        return Answered(finished(ini, call, facts, facts.handshake.no_error, "").encode())

    def _handed_out(self, ini: Ini, call: VddsCall, folder: str, facts: VddsFacts) -> Answered:
        images = {self._id(image): image for case in self.emulator.state.cases.values() for image in case.images}
        reply = ini.with_section(facts.exports.section)
        copies = []
        missing = 0
        prefix = facts.exports.prefix
        asked = [
            (key[len(prefix) :], wanted)
            for key, wanted in ini.pairs(call.section)
            if key.casefold().startswith(prefix.casefold()) and key[len(prefix) :].isdecimal()
        ]
        if self._name() == "copies-shifted":
            images = _shifted(images, [wanted.casefold() for _, wanted in asked])
        for place, (number, wanted) in enumerate(asked, start=1):
            image = images.get(wanted.casefold())
            if image is None or (self._name().startswith("partial") and place == (len(asked) + 1) // 2):
                missing += 1
                continue
            suffix = _SUFFIX.get(image_type(image.content), "bin")
            path = str(Path(folder) / f"{number}-{image.id}.{suffix}")
            copies.append((path, image.content))
            reply = reply.written(facts.exports.section, f"{prefix}{number}", path)
        why = f"{missing} of the images are not there" if missing else ""
        if missing and self._name() == "all-or-none":
            reply, copies = ini.with_section(facts.exports.section), []
        return Answered(_ended(reply, call, facts, why).encode(), tuple(copies))

    def _id(self, image: Image) -> str:
        """By which copies of the image are asked for."""
        between = {"slashes": "/", "underscores": "_"}.get(self.emulator.readings[OBJECT], "-")
        return str(image.id).replace("-", between)

    # -- what is wrong ------------------------------------------------------------------------------------------------

    def _spoilt(self, answered: Answered, before: Ini, call: VddsCall, name: str, facts: VddsFacts) -> Answered:
        if not name:
            return answered
        deed = FAULTS[name].deed if FAULTS[name].deed is not Deed.LATER else Deed.ANSWER
        ini = parse_ini(answered.content)
        assert isinstance(ini, Ini)
        if deed is Deed.EARLY:
            early = before.written(call.section, facts.handshake.ready, facts.handshake.finished)
            return replace(answered, deed=deed, early=early.encode())
        copies = answered.copies
        if name == "copy-empty":
            copies = tuple((path, b"") for path, _ in copies)
        return replace(answered, content=_wrong(ini, call, name, facts).encode(), deed=deed, copies=copies)


def _wrong(ini: Ini, call: VddsCall, name: str, facts: VddsFacts) -> Ini:
    shake, objects, exports = facts.handshake, facts.objects, facts.exports
    numbered = [section for section in ini.sections if section[len(objects.prefix) :].isdecimal()]
    if name == "wrong-encoding":
        return replace(ini, encoding=UTF_8, marked=True)
    if name == "keys-lost":
        kept = {key: ini.get(call.section, key) or "" for key in shake.names}
        for key, _ in ini.pairs(call.section):
            ini = ini if key in kept else ini.without_key(call.section, key)
    elif name == "name-changed":
        first = next(key for key, _ in ini.pairs(call.section) if key not in shake.names)
        ini = ini.written(call.section, first, f"{ini.get(call.section, first)}_")
    elif name == "level-in-words":
        ini = ini.written(call.section, shake.level, "none")
    elif name == "untold-error":
        ini = ini.written(call.section, shake.level, shake.error).without_key(call.section, shake.text)
    elif name == "section-twice":
        again = Ini().written(call.section, shake.ready, shake.finished)
        ini = replace(ini, lines=(*ini.lines, *again.lines))
    elif name == "no-list":
        ini = ini.without_section(objects.section)
    elif name == "miscounted" and ini.has(objects.section):
        ini = ini.written(objects.section, objects.count, str(len(numbered) + 1))
    elif name in _OBJECT_FAULTS:
        role, value = _OBJECT_FAULTS[name]
        for section in numbered:
            key = objects.keys.name(role)
            ini = ini.written(section, key, value) if value else ini.without_key(section, key)
    elif name == "path-outside":
        for key, path in ini.pairs(exports.section):
            ini = ini.written(exports.section, key, str(Path(path).parent / ".." / ".." / Path(path).name))
    elif name == "partial-untold" and call.role == "image_export":
        ini = ini.written(call.section, shake.level, shake.no_error)
    return ini


def _shifted(images: Mapping[str, Image], asked: Sequence[str]) -> dict[str, Image]:
    """The images that are asked for, each under the id before its own."""
    known = [wanted for wanted in asked if wanted in images]
    return {wanted: images[other] for wanted, other in zip(known, known[1:] + known[:1], strict=True)}


_OBJECT_FAULTS: Mapping[str, tuple[str, str]] = {
    "same-id": ("object", "1"),
    "undated": ("date", ""),
    "untimed": ("time", ""),
}


def finished(ini: Ini, call: VddsCall, facts: VddsFacts, level: str, why: str) -> Ini:
    """The same with the handshake of an answer."""
    shake = facts.handshake
    ini = ini.written(call.section, shake.ready, shake.finished).written(call.section, shake.level, level)
    return ini.written(call.section, shake.text, why) if why or ini.get(call.section, shake.text) else ini


def _ended(ini: Ini, call: VddsCall, facts: VddsFacts, why: str) -> Ini:
    return finished(ini, call, facts, facts.handshake.error if why else facts.handshake.no_error, why)


def _object(case: Case, image: Image, named: str, facts: VddsFacts) -> Mapping[str, str]:
    taken = format_moment(image.timestamp, Zone.NONE)
    photo = facts.objects.photo
    return {
        "object": named,
        "date": taken[:10].replace("-", ""),
        "time": taken[11:16],
        "type_number": photo["type-number"],
        "type": photo["type"],
        "format": {"jpeg": "JPG", "png": "PNG", "tiff": "TIF"}.get(image_type(image.content), "JPG"),
        "color": photo["color"],
        "comment": " ".join(image.name.split()),
    }


def _born(text: str) -> int | None:
    """Ticks, or None for what is no date."""
    iso = iso_of(text)
    if not iso or date.fromisoformat(iso).year < 2:
        return None
    moment = parse_xml_date(iso)
    return None if isinstance(moment, Malformed) else moment.ticks


def _facts(content: bytes) -> tuple[str, ...]:
    kind = image_type(content)
    return "exists", f"size:{len(content)}", f"sha256:{sha256(content).hexdigest()}", f"type:{kind}"
