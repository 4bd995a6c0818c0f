"""The sentences that witnesses about cases are made of: cases listed, declared, searched for."""

from __future__ import annotations

from conformance.trace import NoteKind, Sketch, call, guid, note

NEVER = "0001-01-01T00:00:00"
PHOTO = b"\xff\xd8\xff\xe0 a photo"
OTHER_PHOTO = b"\x89PNG\r\n\x1a\n another"

Content = dict[str, object]


def case(number: int, patient: str = "A", **more: object) -> Content:
    """Case ``number`` as an answer lists it: made on the tenth of that month of 2020, delivered a year later."""
    return {
        "case": guid(number),
        "integration_id": patient,
        "patient_name": "Ada Fox",
        "lab": "A Lab",
        "created": f"2020-{number:02}-10T10:00:00Z",
        "sent": NEVER,
        "delivery": f"2021-{number:02}-10T11:00:00Z",
        "modelled": False,
        "indications": [],
        "images": [],
        "scans": [],
        **more,
    }


def search(*cases: Content, patient: str | None = "A", **parameters: object) -> Sketch:
    """A search that finds these cases."""
    return call("find_cases", integration_id=patient, answer=list(cases), **parameters)


def declared(number: int, patient: str = "A", **facts: str) -> Sketch:
    """The declaration of case ``number``."""
    dates = {"created": f"2020-{number:02}-10T10:00:00Z", "delivery": f"2021-{number:02}-10T11:00:00Z"}
    return note(
        NoteKind.FIXTURE, what="case", integration_id=patient, case=str(guid(number)), **{**dates, "sent": "", **facts}
    )


def patient(integration_id: str, **facts: str) -> Sketch:
    """The declaration of a patient."""
    return note(NoteKind.FIXTURE, what="patient", integration_id=integration_id, **facts)


def image(number: int, name: str = "photo.jpeg") -> Content:
    return {"image": guid(number), "name": name, "timestamp": "2020-01-11T09:00:00Z"}


def indication(first: int, last: int, name: str = "Crown", shade: str = "A1") -> Content:
    return {"from": first, "to": last, "name": name, "shade": shade}


def scan(number: int, first: int, last: int, **more: object) -> Content:
    return {
        "scan": guid(number),
        "from": first,
        "to": last,
        "sectioned": False,
        "prepared": False,
        "timestamp": "2020-01-11T09:00:00Z",
        **more,
    }


def fetched(case_number: int | None, image_number: int | None, content: bytes | None = PHOTO) -> Sketch:
    """A call for an image and what it brings."""
    return call("fetch_image", case=case_number, image=image_number, answer=content)


def part(what: str, case_number: int, **facts: str) -> Sketch:
    """The declaration of an image, scan or indication of a case."""
    return note(NoteKind.FIXTURE, what=what, case=str(guid(case_number)), **facts)


def minted(role: str, number: int) -> Sketch:
    """The note that nothing has this GUID."""
    return note(NoteKind.FRESH, role=role, value=str(guid(number)))


FOREIGN = note(NoteKind.FOREIGN)
PHOTOS = search(case(1, images=[image(7), image(8, "other.png")]))
