"""Images that are not there: no call with a wrong pair of ids brings one, whatever else it brings."""

from __future__ import annotations

from conformance.rules.case_knowledge import SKIPPED_HTTP, ordinary
from conformance.rules.case_sketches import OTHER_PHOTO, PHOTO, case, fetched, image, minted, part, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.images import attachments, listed_without, pair
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, brings_image, call, guid
from conformance.wire import EMPTY_GUID

LISTED = search(case(1, images=[image(7)]))
TWO_CASES = search(case(1, images=[image(7)]), case(2, images=[image(8, "other.png")]))
DECLARED = part("image", 1, image=str(guid(7)), name="photo.jpeg")


def _gives_none(exchange: Exchange, expected: str, *evidence: int) -> Verdict | None:
    if exchange.http_status in SKIPPED_HTTP or not ordinary(exchange):
        return None
    return judged(not brings_image(exchange), expected, "the bytes of one", *evidence, exchange)


@rule(
    "IMG-008",
    judges="fetch_image",
    accepts=[
        TWO_CASES + fetched(2, 7).refused(404),
        TWO_CASES + fetched(1, 8, b""),
        TWO_CASES + fetched(1, 8).refused(500),
        TWO_CASES + fetched(2, 7).but(body=b"<html/>"),
    ],
    rejects=[
        TWO_CASES + fetched(2, 7),
        TWO_CASES + fetched(1, 8, OTHER_PHOTO),
        DECLARED + search(case(2)) + fetched(2, 7),
        TWO_CASES + fetched(2, 7, OTHER_PHOTO),
    ],
    ignores=[TWO_CASES + fetched(1, 7), LISTED + fetched(2, 7), fetched(2, 7), TWO_CASES + fetched(2, 7).refused(401)],
)
def an_image_of_another_case_does_not_come(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """An image known to belong to one case is not brought under the id of another that does not list it."""
    ids = pair(exchange)
    if ids is None or not history.cases.sightings(ids[0]) or not listed_without(history, *ids, exchange):
        return None
    owners = [a for a in attachments(history, ids[1], exchange) if a.case != ids[0]]
    if not owners or any(a.case == ids[0] for a in attachments(history, ids[1], exchange)):
        return None
    expected = f"no image, since event {owners[-1].number} lists it in case {owners[-1].case}"
    return _gives_none(exchange, expected, owners[-1].number)


@rule(
    "IMG-009",
    judges="fetch_image",
    accepts=[
        LISTED + minted("image", 9) + fetched(1, 9).refused(404),
        LISTED + minted("case", 3) + fetched(3, 7).refused(400),
        minted("case", 3) + minted("image", 9) + fetched(3, 9, b""),
    ],
    rejects=[
        LISTED + minted("image", 9) + fetched(1, 9),
        LISTED + minted("case", 3) + fetched(3, 7),
        minted("case", 3) + minted("image", 9) + fetched(3, 9),
    ],
    ignores=[LISTED + fetched(1, 9), LISTED + minted("image", 9) + fetched(1, 7)],
)
def ids_that_are_nobodys_bring_no_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """An id that was made up, of a case or of an image, brings nothing."""
    ids = pair(exchange)
    if ids is None:
        return None
    made_up = [
        number
        for role, one in zip(("case", "image"), ids, strict=True)
        if (number := history.minted(role, one, exchange))
    ]
    return _gives_none(exchange, "no image, since one of the ids was made up", *made_up) if made_up else None


@rule(
    "IMG-010",
    judges="fetch_image",
    accepts=[
        fetched(1, None).refused(404),
        fetched(None, 7).refused(400),
        fetched(None, None, b""),
        fetched(0, 7).refused(500),
        fetched(1, 0).refused(404),
    ],
    rejects=[
        LISTED + fetched(1, None),
        LISTED + fetched(None, 7),
        fetched(None, None),
        fetched(1, 0),
        call("fetch_image", case=1, image="", answer=PHOTO),
    ],
    ignores=[fetched(1, 7), fetched(1, None).refused(401), call("fetch_image", case=1, image="zzz", answer=PHOTO)],
)
def no_image_comes_without_both_ids(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A call that leaves out the case or the image, or gives the empty id, brings nothing."""
    ids = (exchange.guid("case"), exchange.guid("image"))
    if None in ids or EMPTY_GUID not in ids:
        return None
    return _gives_none(exchange, "no image, since none, or no case, was named")


@observes(
    "UNKNOWN-IMAGE",
    judges="fetch_image",
    shows=[
        (minted("image", 9) + fetched(1, 9).refused(404), "not-found"),
        (minted("image", 9) + fetched(1, 9).refused(400), "bad-request"),
        (minted("image", 9) + fetched(1, 9).refused(500), "server-error"),
        (minted("image", 9) + fetched(1, 9, b""), "empty"),
        (minted("case", 3) + fetched(3, 9).refused(404), "not-found"),
        (fetched(1, 9).refused(404), ""),
        (minted("image", 9) + fetched(1, 9), ""),
    ],
)
def what_an_unknown_image_brings(history: History, exchange: Exchange, spec: Spec) -> str | None:
    ids = pair(exchange)
    if ids is None or not (history.minted("case", ids[0], exchange) or history.minted("image", ids[1], exchange)):
        return None
    if exchange.succeeded:
        return None if brings_image(exchange) else "empty"
    return {404: "not-found", 400: "bad-request", 500: "server-error"}.get(exchange.http_status)
