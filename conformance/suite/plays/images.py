"""Images of cases: every one that is listed, again, in another order, and pairs of ids that do not belong together."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from conformance.suite.case_steps import FETCH, cases_of, owners, pictured
from conformance.suite.play import Ask, Desk, NotPossible, Steps, play
from conformance.suite.plays.pool import unused
from conformance.suite.together import alone_and_together
from conformance.trace import Exchange

MOST = 8
Pairs = Generator[Ask, list[Exchange], Sequence[tuple[str, str]]]
THERE = ("IMG-001", "IMG-002", "IMG-003", "IMG-004", "IMG-005", "IMG-006", "IMG-007", "FLOW-201")


def fetch(desk: Desk, case: str | None, image: str | None) -> Steps:
    yield from desk.one(desk.send(FETCH, case=case, image=image))


def _listed(desk: Desk) -> Pairs:
    """Cases and images of the declared patients. Raises NotPossible when no search lists an image."""
    found: list[tuple[str, str]] = []
    for patient in owners(desk)[:4]:
        found.extend(pictured((yield from cases_of(desk, patient))))
    if not found:
        raise NotPossible("no case of a declared patient has an attached image")
    return found


@play("images.every-image", aims=THERE, needs=("fixtures",))
def every_image_of_every_patient(desk: Desk) -> Steps:
    """The third workflow example: search for all cases of a patient, fetch each image; then again from the last."""
    yield from _listed(desk)
    for patient in owners(desk)[:4]:
        pairs = pictured((yield from cases_of(desk, patient)))[:MOST]
        for case, image in (*pairs, *reversed(pairs)):
            yield from fetch(desk, case, image)


@play("images.after-others", aims=("IMG-004", "IMG-006"), needs=("fixtures",))
def one_image_after_each_other_one(desk: Desk) -> Steps:
    """Every two images in turn: what was fetched last must not stick."""
    pairs = (yield from _listed(desk))[:4]
    for first in pairs:
        for second in pairs:
            if first != second:
                yield from fetch(desk, *first)
                yield from fetch(desk, *second)


@play("images.at-once", aims=(*THERE, "TRN-020"), needs=("fixtures", "concurrency"))
def several_images_at_once(desk: Desk) -> Steps:
    """Different images, each by itself, and then all at the same moment in both orders."""
    pairs = (yield from _listed(desk))[:4]
    if len(pairs) < 2:
        raise NotPossible("needs two images of declared patients; one is known")
    yield from alone_and_together(desk, [desk.send(FETCH, case=case, image=image) for case, image in pairs])


@play("images.of-another-case", aims=("IMG-008",), needs=("fixtures",))
def images_under_the_id_of_another_case(desk: Desk) -> Steps:
    """Each image under every other case that lists images, and under one without any; then under its own."""
    pairs = (yield from _listed(desk))[:MOST]
    bare: list[str] = []
    for patient in owners(desk)[:2]:
        found = yield from cases_of(desk, patient)
        bare += [str(record.guid("case")) for record in found if not record.records("images")][:1]
    cases = [*dict.fromkeys(case for case, _ in pairs), *bare]
    if len(cases) < 2:
        raise NotPossible("only one case is known")
    for case, image in pairs:
        for other in cases[:4]:
            if other != case:
                yield from fetch(desk, other, image)
        yield from fetch(desk, case, image)


@play("images.made-up-ids", aims=("IMG-009",))
def ids_that_nothing_has(desk: Desk) -> Steps:
    """A case and an image that nobody made."""
    yield from fetch(desk, unused(desk, "case"), unused(desk, "image"))
    yield from fetch(desk, unused(desk, "case"), unused(desk, "image"))


@play("images.one-made-up-id", aims=("IMG-009",), needs=("fixtures",))
def one_id_that_nothing_has(desk: Desk) -> Steps:
    """A made-up image of a known case, a known image of a made-up case, the ids exchanged; all after a good call."""
    for case, image in (yield from _listed(desk))[:3]:
        yield from fetch(desk, case, image)
        yield from fetch(desk, case, unused(desk, "image"))
        yield from fetch(desk, unused(desk, "case"), image)
        yield from fetch(desk, image, case)
        yield from fetch(desk, case, case)
        yield from fetch(desk, image, image)


@play("images.missing-ids", aims=("IMG-010",))
def no_ids(desk: Desk) -> Steps:
    """Nothing given, and nothing but zeros."""
    nil = desk.spec.empty_guid
    for case, image in ((None, None), (nil, nil), (nil, None), (None, nil), ("", "")):
        yield from fetch(desk, case, image)


@play("images.one-missing-id", aims=("IMG-010",), needs=("fixtures",))
def one_id_left_out(desk: Desk) -> Steps:
    """A known image without its case, a known case without an image, each absent, empty and zero."""
    case, image = (yield from _listed(desk))[0]
    yield from fetch(desk, case, image)
    for nothing in (None, "", desk.spec.empty_guid):
        yield from fetch(desk, case, nothing)
        yield from fetch(desk, nothing, image)
