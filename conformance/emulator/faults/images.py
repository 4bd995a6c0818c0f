"""Faults of fetching images: those that do not come, those that come changed, and those that should not come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from conformance.emulator.faults.case_data import JPEG, PICTURE, UNDECLARED, HoldsMore
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.faults.transport import KnowsItsSpec, refused
from conformance.emulator.protocol import Request, Response
from conformance.model import Answer, Call, Case, Image, Outcome, State, answered
from conformance.model.call import EMPTY_GUID

FETCH, BYTES = "fetch_image", "image_bytes"
Bring = Callable[[Call, State], Image | None]


def listed(call: Call, state: State) -> Image | None:
    """The image that a right server brings."""
    case = state.cases.get(call.guid("case"))
    return _with_id(case, call) if case is not None else None


def _with_id(case: Case, call: Call) -> Image | None:
    return next((image for image in case.images if image.id == call.guid("image")), None)


def anywhere(call: Call, state: State) -> Image | None:
    return next((found for case in state.cases.values() if (found := _with_id(case, call)) is not None), None)


def first_of(case: Case | None) -> Image | None:
    return case.images[0] if case is not None and case.images else None


def of_another_case(call: Call, state: State) -> Image | None:
    """The image, whichever existing case is named."""
    return anywhere(call, state) if call.guid("case") in state.cases else None


def of_no_case(call: Call, state: State) -> Image | None:
    """The image, when a case is named that does not exist."""
    case = call.guid("case")
    return anywhere(call, state) if case != EMPTY_GUID and case not in state.cases else None


def instead_of_the_unknown(call: Call, state: State) -> Image | None:
    """Some image of the case, when one is named that does not exist."""
    unknown = call.guid("image") != EMPTY_GUID and anywhere(call, state) is None
    return first_of(state.cases.get(call.guid("case"))) if unknown else None


def for_want_of_an_image(call: Call, state: State) -> Image | None:
    return first_of(state.cases.get(call.guid("case"))) if call.guid("image") == EMPTY_GUID else None


def for_want_of_a_case(call: Call, state: State) -> Image | None:
    return anywhere(call, state) if call.guid("case") == EMPTY_GUID else None


class Brings(Fault):
    """Brings an image where a right server brings none."""

    def __init__(self, name: str, does: str, breaks: tuple[str, ...], bring: Bring) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._bring = bring

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        if call.role != FETCH or listed(call, state) is not None:
            return outcomes
        image = self._bring(call, state)
        return (answered(BYTES, image.content),) if image is not None else outcomes


NOT_THERE = (
    Brings(
        "brings-images-of-other-cases",
        "Brings an image under the id of any case.",
        ("IMG-008",),
        of_another_case,
    ),
    Brings(
        "brings-images-of-no-case",
        "Brings an image though no case has the id that is given.",
        ("IMG-009",),
        of_no_case,
    ),
    Brings(
        "brings-some-image",
        "Brings the first image of the case when no image has the id that is given.",
        ("IMG-009",),
        instead_of_the_unknown,
    ),
    Brings(
        "brings-the-first-image",
        "Brings the first image of a case when none is named.",
        ("IMG-010",),
        for_want_of_an_image,
    ),
    Brings(
        "needs-no-case",
        "Brings an image when no case is named.",
        ("IMG-010",),
        for_want_of_a_case,
    ),
)


class BringsOtherBytes(Fault):
    """Brings other bytes than those of the image."""

    def __init__(
        self, name: str, does: str, breaks: tuple[str, ...], change: Callable[[bytes, Call, State], bytes]
    ) -> None:
        self.name, self.does, self.breaks = name, does, breaks
        self._change = change

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if answer.document != BYTES or not isinstance(answer.content, bytes) or not answer.content:
            return answer
        return replace(answer, content=self._change(answer.content, call, state))


def only_first_images(content: bytes, call: Call, state: State) -> bytes:
    image = first_of(state.cases.get(call.guid("case")))
    return image.content if image is not None else content


CHANGED = (
    BringsOtherBytes(
        "cuts-images-short",
        "Leaves out the last byte of an image.",
        ("IMG-005",),
        lambda content, call, state: content[:-1],
    ),
    BringsOtherBytes(
        "fills-images-up",
        "Fills images up to a multiple of three bytes.",
        ("IMG-005",),
        lambda content, call, state: content + bytes(-len(content) % 3),
    ),
    BringsOtherBytes(
        "brings-texts",
        "Brings a text in place of every image.",
        ("IMG-003", "IMG-005"),
        lambda content, call, state: b"This image was moved to the archive, " + str(call.guid("image")).encode(),
    ),
    BringsOtherBytes(
        "knows-one-image-of-a-case",
        "Brings the first image of a case, whichever is asked for.",
        ("IMG-005", "IMG-006"),
        only_first_images,
    ),
)


class LacksLaterImages(Fault):
    name = "lacks-later-images"
    does = "Answers HTTP 404 to a call for another than the first image of a case."
    breaks = ("FLOW-201", "IMG-001")

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        image = listed(call, state) if call.role == FETCH else None
        later = image is not None and image != first_of(state.cases[call.guid("case")])
        return refused(HTTPStatus.NOT_FOUND) if later else outcomes


class BringsAnImageOnce(Fault):
    name = "brings-an-image-once"
    does = "Answers HTTP 404 when an image is fetched once more."
    breaks = ("IMG-001",)

    def __init__(self) -> None:
        self._brought: set[Image] = set()

    def outcomes(self, call: Call, outcomes: tuple[Outcome, ...], state: State) -> tuple[Outcome, ...]:
        image = listed(call, state) if call.role == FETCH else None
        if image is None:
            return outcomes
        again = image in self._brought
        self._brought.add(image)
        return refused(HTTPStatus.NOT_FOUND) if again else outcomes


_BYTES = (("Content-Type", "application/octet-stream"),)


class BringsBytesBare(KnowsItsSpec):
    name = "brings-bytes-bare"
    does = "Answers with the bytes of the image as they are, under no content type of an image."
    breaks = ("IMG-002",)

    def __init__(self) -> None:
        self._content = b""

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        self._content = answer.content if answer.document == BYTES and isinstance(answer.content, bytes) else b""
        return answer

    def response(self, request: Request, response: Response) -> Response:
        content, self._content = self._content, b""
        return replace(response, body=content, headers=_BYTES) if content else response


class BringsTextsForUndeclared(HoldsMore):
    name = "brings-a-thumbnail-of-text"
    does = "Holds an attached image that is a text."
    breaks = ("IMG-003",)
    _more = replace(UNDECLARED, images=(replace(PICTURE, content=b"a picture of a tooth"),))


class DevelopsPictures(HoldsMore):
    name = "develops-pictures"
    does = "Brings one image with a byte more each time."
    breaks = ("IMG-004",)
    _more = replace(UNDECLARED, images=(PICTURE,))

    def __init__(self) -> None:
        self._fetched = 0

    def answer(self, call: Call, answer: Answer, state: State) -> Answer:
        if call.role != FETCH or answer.content != JPEG:
            return answer
        self._fetched += 1
        return replace(answer, content=JPEG + bytes(self._fetched))


class MisnamesPictures(HoldsMore):
    name = "misnames-pictures"
    does = "Lists an image under the name of another kind of file."
    breaks = ("IMG-007",)
    _more = replace(UNDECLARED, images=(replace(PICTURE, name="undeclared.png"),))
