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

DAY = 24 * 3600 * TICKS_PER_SECOND
LARGE_PIXELS = 1024  # of each side; noise does not compress: three megabytes

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

    def case(self, state: CaseState, *images: Image, age_days: int = 3, **changes: object) -> Case:
        created = self._now - age_days * DAY
        facts: dict[str, object] = {
            "delivery": created + 14 * DAY,
            "sent": None if state is CaseState.CREATED else created + DAY,
            "lab": self._nobody if state is CaseState.CREATED else "Lab No. 1 & Søn",
            "indications": (Indication(11, 13, "Bridge", "A3"), Indication(24, 24, "Crown", "")),
            "scans": self._scans(created) if state is not CaseState.CREATED else (),
            **changes,
        }
        return Case(self.guid(), self._patient.key, state, created, images=images, **facts)  # type: ignore[arg-type]

    def _scans(self, made: int) -> tuple[Scan, ...]:
        """Both jaws, and nothing of the one like the other."""
        return (
            Scan(self.guid(), 17, 32, self._types[0], sectioned=True, prepared=False, timestamp=made),
            Scan(self.guid(), 1, 16, self._types[-1], sectioned=False, prepared=True, timestamp=made + DAY // 2),
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
    return tuple(
        make.case(state, make.image(f"{state.value}.png"), age_days=5 * number)
        for number, state in enumerate(CaseState, start=1)
    )


def _many_cases(make: _Maker) -> tuple[Case, ...]:
    return tuple(
        make.case(CaseState.SCANNED, make.image(f"view {number}.png"), age_days=number) for number in range(1, 26)
    )


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
}
HOSTILE = frozenset({"paths-for-names"})
"""Sets that no conforming server has: what is said about them is not held against it."""
