"""Cases for a patient, by the name of a set: each set is something that a PMS may stumble over.

Ids and pictures follow from the patient's key and the set's name, so that the same scenario has the same cases.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from random import Random
from uuid import UUID

from conformance.model import Case, CaseState, Image, Indication, Patient, Scan
from conformance.model.records import UNSENT_LAB
from conformance.spec import Spec
from conformance.wire import TICKS_PER_SECOND

HOUR = 3600 * TICKS_PER_SECOND
DAY = 24 * HOUR
TIMES_OF_DAY = (DAY - HOUR // 3, HOUR // 3, 11 * HOUR)
"""Twenty minutes before midnight, as many after it, and in between: whoever is a day off is seen at one of them."""
LARGE_PIXELS = 1024  # of each side; noise does not compress: three megabytes

LAB = "Lab No. 1 & Søn"
TEETH = (
    (Indication(11, 13, "Bridge", "A3"), Indication(24, 24, "Crown", "")),
    (Indication(3, 3, "Crown", "Wax A1"),),
    (Indication(19, 21, "Bridge", "Zirconia B2"), Indication(30, 30, "Inlay", "C1")),
    (Indication(8, 8, "Veneer", "Lithium disilicate A3.5"),),
    (Indication(5, 5, "Crown", "A2"), Indication(5, 5, "Abutment", ""), Indication(28, 29, "Crown", "D4")),
)
"""What is to be made, by turns: no two cases that follow each other have the same."""
JAWS = "ONE-JAW-SCANS"

Make = Callable[["_Maker"], tuple[Case, ...]]


def case_set(name: str, patient: Patient, now: int, spec: Spec) -> tuple[Case, ...]:
    """The cases of that set for ``patient``; ``now`` in ticks. Raises ValueError for a name that does not exist."""
    if name not in SETS:
        raise ValueError(f'case set "{name}" is not known; expected one of {", ".join(SETS)}.')
    return SETS[name](_Maker(patient, now - now % TICKS_PER_SECOND, Random(f"{name} {patient.key}"), spec))


class _Maker:
    def __init__(self, patient: Patient, now: int, random: Random, spec: Spec) -> None:
        self._patient = patient
        self._now = now
        self._random = random
        self._nobody = spec.reading[UNSENT_LAB].default if UNSENT_LAB in spec.reading else "-"
        self._types = spec.record["scan"].by_role["type"].values
        self._jaw = spec.reading[JAWS].default if JAWS in spec.reading else self._types[0]
        self._made = self._scanned = 0

    def case(
        self, state: CaseState, *images: Image, age_days: int = 3, created: int | None = None, **changes: object
    ) -> Case:
        """The next case: its neighbours have other teeth, scans and times of day.

        One that was never sent is for nobody, unless ``lab`` says who is to get it.
        """
        if created is None:
            created = self._now - self._now % DAY - (age_days + 1) * DAY + TIMES_OF_DAY[self._made % len(TIMES_OF_DAY)]
        facts: dict[str, object] = {
            "delivery": created + 14 * DAY,
            "sent": None if state is CaseState.CREATED else created + DAY,
            "indications": TEETH[self._made % len(TEETH)],
            **changes,
        }
        facts.setdefault("lab", self._nobody if facts["sent"] is None else LAB)
        facts.setdefault("scans", self._scans(created) if state is not CaseState.CREATED else ())
        self._made += 1
        return Case(self.guid(), self._patient.key, state, created, images=images, **facts)  # type: ignore[arg-type]

    def _scans(self, made: int) -> tuple[Scan, ...]:
        """Both jaws, and nothing of the one like the other. The types take turns, two with each case."""
        first, second = (self._types[-place % len(self._types)] for place in (2 * self._scanned, 2 * self._scanned + 1))
        self._scanned += 1
        return (
            Scan(self.guid(), 17, 32, first, sectioned=True, prepared=False, timestamp=made),
            Scan(self.guid(), 1, 16, second, sectioned=False, prepared=True, timestamp=made + DAY // 2),
        )

    def jaws(self) -> tuple[Scan, ...]:
        """Both jaws, scanned at once two days ago."""
        made = self._now - 2 * DAY
        return (
            Scan(self.guid(), 17, 32, self._jaw, sectioned=False, prepared=False, timestamp=made),
            Scan(self.guid(), 1, 16, self._jaw, sectioned=False, prepared=True, timestamp=made),
        )

    def image(self, name: str, pixels: int = 8, age_days: int = 2) -> Image:
        return Image(self.guid(), name, self._now - age_days * DAY, png(pixels, self._random))

    def guid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def png(pixels: int, random: Random) -> bytes:
    """A square picture of noise: another one each time, and valid."""
    rows = b"".join(b"\0" + random.randbytes(3 * pixels) for _ in range(pixels))
    head = struct.pack(">IIBBBBB", pixels, pixels, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


def _one_image(make: _Maker) -> tuple[Case, ...]:
    return (make.case(CaseState.SCANNED, make.image("front.png")),)


def _without_images(make: _Maker) -> tuple[Case, ...]:
    return (make.case(CaseState.SCANNED),)


def _every_state(make: _Maker) -> tuple[Case, ...]:
    """One of each state, one that is yet to be sent, one that never will be, and one that was made with the last."""
    cases = [
        make.case(state, make.image(f"{state.value}.png"), age_days=5 * number)
        for number, state in enumerate(CaseState, start=1)
    ]
    yet_to_be_sent = make.case(CaseState.CREATED, age_days=20, lab=LAB)
    at_home = make.case(CaseState.SCANNED, make.image("at home.png"), age_days=25, sent=None)
    return (*cases, yet_to_be_sent, at_home, make.case(CaseState.MODELLED, created=at_home.created))


def _many_cases(make: _Maker) -> tuple[Case, ...]:
    """Twenty-five; the last two were made in the same instant."""
    cases = [make.case(CaseState.SCANNED, make.image(f"view {number}.png"), age_days=number) for number in range(1, 25)]
    return (*cases, make.case(CaseState.SCANNED, make.image("view 25.png"), created=cases[-1].created))


def _many_images(make: _Maker) -> tuple[Case, ...]:
    return (make.case(CaseState.MODELLED, *(make.image(f"{number:02}.png") for number in range(1, 31))),)


def _same_names(make: _Maker) -> tuple[Case, ...]:
    """Two images of one case, and one of another, have the same name and differ in their bytes."""
    same = [make.image("image.png") for _ in range(3)]
    return (make.case(CaseState.SCANNED, *same[:2]), make.case(CaseState.SCANNED, same[2], age_days=9))


def _large_image(make: _Maker) -> tuple[Case, ...]:
    return (make.case(CaseState.SCANNED, make.image("panorama.png", LARGE_PIXELS)),)


def _odd_names(make: _Maker) -> tuple[Case, ...]:
    """Names that mean something to file systems and to XML."""
    names = ("a<b>&c.png", "CON.png", "Größe 1?.png", "%2e%2e.png", "'; drop.png", "front")
    return (make.case(CaseState.SCANNED, *(make.image(name) for name in names)),)


def _paths_for_names(make: _Maker) -> tuple[Case, ...]:
    """No conforming server sends these."""
    names = ("..\\..\\evil.png", "../../evil.png", "/tmp/evil.png", "C:\\evil.png", "")
    return (make.case(CaseState.SCANNED, *(make.image(name) for name in names)),)


def _minimal_dates(make: _Maker) -> tuple[Case, ...]:
    """Never sent, no delivery agreed: the document says so by minimal dates."""
    return (make.case(CaseState.CREATED, make.image("first.png"), sent=None, delivery=None),)


def _bare(make: _Maker) -> tuple[Case, ...]:
    """Lists that are empty, in a case that has just begun."""
    return (make.case(CaseState.CREATED, indications=(), scans=(), sent=None),)


def _without_laboratory(make: _Maker) -> tuple[Case, ...]:
    """Nobody has said yet who is to make it: to be told by answers that leave out what is empty, and by no others."""
    return (make.case(CaseState.CREATED, make.image("first.png"), lab=""), make.case(CaseState.SCANNED))


def _as_in_the_sample(make: _Maker) -> tuple[Case, ...]:
    """What the guide's sample shows: a case that was sent, one tooth with its material, one image, and both jaws."""
    image = make.image(f"{make.guid()}.jpeg", age_days=1)
    return (make.case(CaseState.MODELLED, image, indications=TEETH[1], scans=make.jaws()),)


SETS: Mapping[str, Make] = {
    "one-image": _one_image,
    "without-images": _without_images,
    "every-state": _every_state,
    "many-cases": _many_cases,
    "many-images": _many_images,
    "same-names": _same_names,
    "large-image": _large_image,
    "odd-names": _odd_names,
    "paths-for-names": _paths_for_names,
    "minimal-dates": _minimal_dates,
    "bare": _bare,
    "without-laboratory": _without_laboratory,
    "as-in-the-sample": _as_in_the_sample,
}
HOSTILE = frozenset({"paths-for-names"})
"""Sets that no conforming server has: what is said about them is not held against it."""
