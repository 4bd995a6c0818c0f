"""Fetching attached images: every listed one comes, always the same bytes, and none comes for a wrong pair of ids.

The bytes of an image never get into a trace; what the rules compare are their digest and their kind.
"""

from __future__ import annotations

import re
from hashlib import sha256
from uuid import UUID

from conformance.rules.at_odds import UNLESS, said
from conformance.rules.case_knowledge import SKIPPED_HTTP, ordinary, undisturbed
from conformance.rules.case_lists import wants_xml
from conformance.rules.case_sketches import OTHER_PHOTO, PHOTO, case, fetched, image, part, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import (
    Attachment,
    Exchange,
    History,
    Sketch,
    Witness,
    brings_image,
    guid,
    image_digest,
    per_exchange,
)
from conformance.wire import EMPTY_GUID, Document, Malformed

LISTED = search(case(1, images=[image(7)]))
TWO_LISTED = search(case(1, images=[image(7), image(8, "other.png")]))
TWO_CASES = search(case(1, images=[image(7)]), case(2, images=[image(8, "other.png")]))
DECLARED = part("image", 1, image=str(guid(7)), name="photo.jpeg")
AS_A_FILE = fetched(1, 7).but(body=PHOTO, content_type="image/jpeg")
_BARE = {"bare": "Base64 text", "json": "a JSON text"}
_FILES = re.compile("image/|application/octet-stream")


@per_exchange
def pair(exchange: Exchange) -> tuple[UUID, UUID] | None:
    """Case and image of a call; None where one is left out, empty or malformed."""
    case_id, image_id = exchange.guid("case"), exchange.guid("image")
    if case_id is None or image_id is None or EMPTY_GUID in (case_id, image_id):
        return None
    return case_id, image_id


def garbled(exchange: Exchange) -> bool:
    """True for a success whose document cannot be read: that is a breach of its own."""
    document = exchange.document
    if not exchange.succeeded or document is None:
        return False
    return not isinstance(document, Document) or isinstance(document.value, Malformed)


def attachments(history: History, image_id: UUID, exchange: Exchange) -> list[Attachment]:
    """Where the image was seen to belong before this call."""
    return [a for a in history.cases.attachments(image_id) if a.number < exchange.number]


def attached(history: History, exchange: Exchange) -> Attachment | None:
    """What says that the image belongs to the case, where both are given and nothing newer says otherwise."""
    ids = pair(exchange)
    if ids is None or exchange.repeated:
        return None
    case_id, image_id = ids
    found = [a for a in attachments(history, image_id, exchange) if a.case == case_id]
    if not found or listed_without(history, case_id, image_id, exchange):
        return None
    return found[-1]


def listed_without(history: History, case_id: UUID, image_id: UUID, exchange: Exchange) -> bool:
    """True when the newest answer that listed the case did not list the image there."""
    for seen in reversed(history.cases.sightings(case_id)):
        if seen.exchange.before(exchange):
            return all(entry.guid("image") != image_id for entry in seen.record.records("images"))
    return False


# -- images that are there ------------------------------------------------------------------------------------


@rule(
    "IMG-001",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7), DECLARED + fetched(1, 7), TWO_LISTED + fetched(1, 8, OTHER_PHOTO)],
    rejects=[
        LISTED + fetched(1, 7).refused(404),
        LISTED + fetched(1, 7).refused(500),
        LISTED + fetched(1, 7, b""),
        LISTED + fetched(1, 7).but(body=b""),
        DECLARED + fetched(1, 7).refused(400),
    ],
    ignores=[
        fetched(1, 7),
        LISTED + fetched(1, 8).refused(404),
        LISTED + fetched(2, 7).refused(404),
        LISTED + fetched(1, 7).refused(401),
        LISTED + fetched(1, 7).but(body=b"<html>no</html>"),
    ],
)
def every_listed_image_can_be_fetched(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A case and an image that is listed in it bring bytes."""
    known = attached(history, exchange) if ordinary(exchange) else None
    if known is None or exchange.http_status in SKIPPED_HTTP:
        return None
    if garbled(exchange):
        return None
    observed = "no bytes" if exchange.succeeded else f"HTTP {exchange.http_status}"
    expected = f"the image, which event {known.number} lists in that case"
    return judged(brings_image(exchange), expected, observed, known.number, exchange)


def _answered(form: str, content_type: str = "application/xml") -> Witness:
    """A fetch answered with this text, in which ROOT stands for the spec's name."""

    def witness(spec: Spec) -> Sketch:
        root = spec.document[spec.method["fetch_image"].answer].root
        return fetched(1, 7).but(body=form.replace("ROOT", root).encode("utf-8"), content_type=content_type)

    return witness


@rule(
    "IMG-002",
    judges="fetch_image",
    accepts=[
        fetched(1, 7),
        _answered("<ROOT>/9j/\r\n4AAQ</ROOT>", "text/xml"),
        _answered('<ROOT xmlns="http://schemas.microsoft.com/2003/10/Serialization/">/9j/4AAQ</ROOT>'),
    ],
    rejects=[
        fetched(1, 7).but(body=PHOTO, content_type="application/octet-stream"),
        fetched(1, 7).but(body=b"a text", content_type="image/jpeg"),
        _answered("<ROOT>/9j/4AA</ROOT>"),
        _answered("<ROOT>not base64!</ROOT>"),
        _answered("<image>/9j/4AAQ</image>"),
        _answered("/9j/4AAQ"),
        _answered("<html>sorry</html>", "text/html"),
    ],
    ignores=[
        fetched(1, 7).refused(404),
        fetched(1, 7).but(body=b""),
        AS_A_FILE,
        AS_A_FILE.but(request_headers={"accept": "image/*"}),
    ],
)
def an_image_comes_as_base64_in_xml(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The answer is the documented XML document of one Base64 value.

    Not triggered by an image that comes as a file, which is a reading, nor for a caller who asks for something else
    than XML.
    """
    document = exchange.document
    if not exchange.succeeded or not ordinary(exchange) or not wants_xml(exchange) or document is None:
        return None
    if _came_as_a_file(exchange):
        return None
    root = spec.document[spec.method["fetch_image"].answer].root
    expected = f"an XML element {root} that holds the bytes of the image as Base64"
    bare = _bare(exchange, document)
    if bare:
        return breaks(expected, f"{bare}, with no XML around", exchange)
    if not isinstance(document, Document):
        return breaks(expected, document.reason, exchange)
    bad = not isinstance(document.value, bytes) and document.value is not None
    return judged(not bad, expected, f"{root} with a text that is no Base64", exchange)


def _bare(exchange: Exchange, document: Document | Malformed) -> str:
    """What an answer without XML is, in words; '' for other answers. Of some nothing is kept but that they are such."""
    reply = exchange.event.reply
    known = document.form.syntax if isinstance(document, Document) else "xml"
    syntax = reply.facts.get("syntax", known) if reply is not None else known
    if reply is None or syntax not in _BARE:
        return ""
    content_type = reply.headers.get("content-type", "no content type")
    words = "bytes as they are" if _FILES.match(content_type) else _BARE[syntax]
    return f"{words} ({content_type})"


@observes(
    "IMAGE-BODY",
    judges="fetch_image",
    shows=[
        (fetched(1, 7), "xml-document"),
        (AS_A_FILE, "image-file"),
        (AS_A_FILE.but(request_headers={"accept": "image/*"}), ""),
        (fetched(1, 7).but(body=b"a text", content_type="image/jpeg"), ""),
    ],
)
def what_an_image_comes_in(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen where XML was asked for."""
    if not brings_image(exchange) or not ordinary(exchange) or not wants_xml(exchange):
        return None
    if _came_as_a_file(exchange):
        return "image-file"
    return (
        "xml-document" if isinstance(exchange.document, Document) and exchange.document.form.syntax == "xml" else None
    )


def _came_as_a_file(exchange: Exchange) -> bool:
    """True for the bytes of an image under the content type of one."""
    document, reply = exchange.document, exchange.event.reply
    if reply is None or not isinstance(document, Document) or document.form.syntax == "xml":
        return False
    return reply.headers.get("content-type", "").startswith("image/") and _kind(exchange) != "unknown"


@rule(
    "IMG-003",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7), fetched(1, 7, OTHER_PHOTO)],
    rejects=[LISTED + fetched(1, 7, b"Zm9v"), fetched(1, 7, b"a text")],
    ignores=[LISTED + fetched(1, 7, b""), LISTED + fetched(1, 7).refused(404)],
)
def the_bytes_are_an_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The bytes begin as those of a common image file do."""
    if not brings_image(exchange) or not ordinary(exchange):
        return None
    kind = _kind(exchange)
    return judged(kind != "unknown", "the bytes of an image file", "bytes of no known image format", exchange)


def _kind(exchange: Exchange) -> str:
    return exchange.event.reply.facts.get("image_type", "unknown") if exchange.event.reply is not None else "unknown"


@rule(
    "IMG-004",
    judges="fetch_image",
    accepts=[fetched(1, 7) * 2, fetched(1, 7) + fetched(1, 8, OTHER_PHOTO) + fetched(1, 7)],
    rejects=[fetched(1, 7) + fetched(1, 7, OTHER_PHOTO), fetched(1, 7) + fetched(1, 7, PHOTO[:5])],
    ignores=[
        fetched(1, 7),
        fetched(1, 7) + fetched(2, 7, OTHER_PHOTO),
        fetched(1, 7) + fetched(1, 7).refused(404),
        fetched(1, 7) + fetched(1, 7, b""),
    ],
)
def an_image_is_the_same_each_time(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The same two ids bring the same bytes."""
    ids = pair(exchange)
    if ids is None or not image_digest(exchange) or not ordinary(exchange):
        return None
    for other in reversed(history.cases.fetches_of_image(*ids)):
        if other is not exchange and image_digest(other) and undisturbed(history, other, exchange):
            same = image_digest(other) == image_digest(exchange)
            observed = f"other bytes of image {ids[1]}: sent {said(_file(exchange))}, before {said(_file(other))}"
            return judged(same, f"the bytes of exchange {other.number}", observed, other, exchange)
    return None


@rule(
    "IMG-005",
    judges="fetch_image",
    accepts=[
        lambda spec: _known(PHOTO) + fetched(1, 7),
        part("image", 1, image=str(guid(7)), size=str(len(PHOTO)), type="jpeg") + fetched(1, 7),
    ],
    rejects=[
        lambda spec: _known(PHOTO) + fetched(1, 7, OTHER_PHOTO),
        lambda spec: _known(PHOTO) + fetched(1, 7, PHOTO + b"\r\n"),
        part("image", 1, image=str(guid(7)), size="5") + fetched(1, 7),
        part("image", 1, image=str(guid(7)), type="png") + fetched(1, 7),
    ],
    ignores=[LISTED + fetched(1, 7), DECLARED + fetched(1, 7), lambda spec: _known(PHOTO) + fetched(2, 7, OTHER_PHOTO)],
)
def the_bytes_are_those_of_the_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on images of declared content: digest, size and kind are those of the file."""
    ids, reply = pair(exchange), exchange.event.reply
    if ids is None or not image_digest(exchange) or not ordinary(exchange) or reply is None:
        return None
    for note in history.cases.declared("image", ids[0]):
        if note.data.get("image", "").lower() != str(ids[1]) or note.number > exchange.number:
            continue
        told = {name: note.data[name].lower() for name in ("sha256", "size", "type") if note.data.get(name)}
        told = {name: text.removeprefix("image/") for name, text in told.items()}
        odd = [name for name, value in told.items() if reply.facts.get(f"image_{name}", "") != value]
        if odd:
            expected = f"the file that was declared for image {ids[1]}, its {odd[0]} {told[odd[0]]}"
            return breaks(expected, f"{reply.facts.get(f'image_{odd[0]}', '')}, {UNLESS}", note, exchange)
        return holds(note, exchange) if told else None
    return None


def _file(exchange: Exchange) -> str:
    """What is known of the bytes that came: how many, and the beginning of their digest."""
    facts = exchange.event.reply.facts if exchange.event.reply is not None else {}
    return f"{facts.get('image_size', '?')} bytes, SHA-256 {image_digest(exchange)[:12]}..."


def _known(content: bytes) -> Sketch:
    """The declaration of image 7 of case 1, with its digest."""
    return part("image", 1, image=str(guid(7)), sha256=sha256(content).hexdigest())


@rule(
    "IMG-006",
    judges="fetch_image",
    accepts=[TWO_LISTED + fetched(1, 7) + fetched(1, 8, OTHER_PHOTO)],
    rejects=[lambda spec: _both_known() + fetched(1, 7) + fetched(1, 8), lambda spec: _both_known() + fetched(1, 8)],
    ignores=[TWO_LISTED + fetched(1, 7), TWO_LISTED + fetched(1, 7) + fetched(1, 8)],
)
def the_image_id_picks_the_image(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Two images of one case bring different bytes. The same bytes are wrong only where other ones were declared."""
    ids, known = pair(exchange), attached(history, exchange)
    if ids is None or known is None or not image_digest(exchange) or not ordinary(exchange):
        return None
    mine = _declared_digest(history, *ids)
    for note in history.cases.declared("image", ids[0]):
        other = note.data.get("image", "").lower()
        taken = note.data.get("sha256", "").lower() == image_digest(exchange) != mine
        if mine and other != str(ids[1]) and taken:
            return breaks(f"the bytes of image {ids[1]}", f"those of image {other}", note, exchange)
    others = {came: fetch for (image, came), fetch in history.cases.brought(ids[0]).items() if image != ids[1]}
    if not others:
        return None
    alike = others.get(image_digest(exchange))
    if alike is not None and not mine:
        return undecided("two images of one case with the same bytes: perhaps it was attached twice", alike, exchange)
    return None if alike is not None else holds(next(reversed(others.values())), exchange)


def _declared_digest(history: History, case_id: UUID, image_id: UUID) -> str:
    for note in history.cases.declared("image", case_id):
        if note.data.get("image", "").lower() == str(image_id):
            return note.data.get("sha256", "").lower()
    return ""


def _both_known() -> Sketch:
    other = part("image", 1, image=str(guid(8)), sha256=sha256(OTHER_PHOTO).hexdigest())
    return TWO_LISTED + _known(PHOTO) + other


_ENDINGS = {"jpg": "jpeg", "jpe": "jpeg", "jfif": "jpeg", "tif": "tiff", "dib": "bmp"}
_KINDS = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "webp"})


@rule(
    "IMG-007",
    judges="fetch_image",
    accepts=[LISTED + fetched(1, 7), TWO_LISTED + fetched(1, 8, OTHER_PHOTO)],
    rejects=[LISTED + fetched(1, 7, OTHER_PHOTO), TWO_LISTED + fetched(1, 8)],
    ignores=[
        fetched(1, 7),
        search(case(1, images=[image(7, "photo")])) + fetched(1, 7),
        search(case(1, images=[image(7, "photo.raw")])) + fetched(1, 7),
    ],
)
def the_file_name_tells_the_kind(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The ending of the listed file name is one of the kind of file that comes."""
    known = attached(history, exchange) if brings_image(exchange) and ordinary(exchange) else None
    if known is None:
        return None
    ending = known.name.rpartition(".")[2].lower() if "." in known.name else ""
    wanted, kind = _ENDINGS.get(ending, ending), _kind(exchange)
    if wanted not in _KINDS or kind == "unknown":
        return None
    return judged(
        kind == wanted, f"a file of the kind of {known.name}", f"one of the kind {kind}", known.number, exchange
    )
