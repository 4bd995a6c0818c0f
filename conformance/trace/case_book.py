"""What the wire has shown of cases and images: who listed what, what was declared, what was asked for.

Theory. The service never says which cases exist; it answers searches. So all that can be known of a case is where it
was *sighted* (a search listed it) and what was *declared* of it before the run.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

from conformance.trace.events import Note, NoteKind
from conformance.trace.exchange import Exchange, per_exchange
from conformance.wire import EMPTY_GUID, Document, Record, parse_guid

if TYPE_CHECKING:
    from conformance.trace.operations import Operation

_EXACT_PART = re.compile(r"(~[a-z2-7]{12})\.[a-z2-7]{6}")


@dataclass(frozen=True, slots=True)
class Sighting:
    """A case as one search showed it."""

    exchange: Exchange
    case: UUID

    @property
    def record(self) -> Record:
        return (listing(self.exchange) or {})[self.case]


@dataclass(frozen=True, slots=True)
class Attachment:
    """An image as one search showed it, or as it was declared."""

    case: UUID
    name: str
    number: int
    """Of the event that says so."""


@per_exchange
def listing(exchange: Exchange) -> Mapping[UUID, Record] | None:
    """The cases that an answered search lists, by id; none for an answer without a body; None for any other answer.

    Of two records with one id the first counts; a record without a readable id is left out.
    """
    if exchange.role != "find_cases" or not exchange.succeeded:
        return None
    document = exchange.document
    if document is None:
        return {}
    if not isinstance(document, Document) or document.role != "cases":
        return None
    found: dict[UUID, Record] = {}
    for record in document.records:
        case = record.guid("case")
        if case is not None:
            found.setdefault(case, record)
    return found


def brings_image(exchange: Exchange) -> bool:
    """True when the answer holds bytes."""
    document = exchange.document
    if not exchange.succeeded or not isinstance(document, Document):
        return False
    return isinstance(document.value, bytes) and len(document.value) > 0


def image_digest(exchange: Exchange) -> str:
    """SHA-256 of the image that came, or ''."""
    reply = exchange.event.reply
    return reply.facts.get("image_sha256", "") if reply is not None and brings_image(exchange) else ""


@lru_cache(maxsize=4096)
def folded(value: str) -> str:
    """The value, or its token, without what tells upper from lower case."""
    return _EXACT_PART.sub(r"\1", value).casefold()


class CaseBook:
    """Fed by History; asked by rules. All look-ups are indexed; lists are oldest first."""

    def __init__(self) -> None:
        self._searches: dict[str, list[Exchange]] = defaultdict(list)
        self._sightings: dict[UUID, list[Sighting]] = defaultdict(list)
        self._attachments: dict[UUID, list[Attachment]] = defaultdict(list)
        self._brought: dict[UUID, dict[tuple[UUID, str], Exchange]] = defaultdict(dict)
        self._fetches_of_image: dict[tuple[UUID, UUID], list[Exchange]] = defaultdict(list)
        self._listings_of_image: dict[tuple[UUID, UUID], list[Exchange]] = defaultdict(list)
        self._operations: dict[str, list[Operation]] = defaultdict(list)
        self._declared: dict[tuple[str, UUID], list[Note]] = defaultdict(list)
        self._declared_of: dict[str, list[Note]] = defaultdict(list)
        self._patients: dict[str, Note] = {}
        self._spellings: dict[str, tuple[str, ...]] = {}

    # -- feeding ----------------------------------------------------------------------------------------------

    def note(self, note: Note) -> None:
        if note.kind is NoteKind.FIXTURE:
            self._declare(note, note.data.get("what", ""))

    def _declare(self, note: Note, what: str) -> None:
        data = note.data
        case, patient = parse_guid(data.get("case", "")), data.get("integration_id", "")
        if patient:
            self._spell(patient)
        if what == "patient" and patient:
            self._patients[patient] = note
        if not isinstance(case, UUID):
            return
        self._declared[what, case].append(note)
        if what == "case" and patient:
            self._declared_of[patient].append(note)
        image = parse_guid(data.get("image", ""))
        if what == "image" and isinstance(image, UUID):
            self._attach(image, Attachment(case, data.get("name", ""), note.number))

    def _spell(self, patient: str) -> None:
        known = self._spellings.get(folded(patient), ())
        if patient not in known:
            self._spellings[folded(patient)] = (*known, patient)

    def started(self, operation: Operation) -> None:
        patient = operation.call.values.get("integration_id", "")
        if patient:
            self._operations[patient].append(operation)
            self._spell(patient)

    def exchange(self, exchange: Exchange) -> None:
        if exchange.role == "fetch_image":
            case, image = exchange.guid("case"), exchange.guid("image")
            if case is not None and image is not None and EMPTY_GUID not in (case, image):
                self._fetches_of_image[case, image].append(exchange)
                came = image_digest(exchange)
                if came:
                    self._brought[case][image, came] = exchange
        found = listing(exchange)
        if found is None:
            return
        patient = exchange.values.get("integration_id", "")
        self._searches[patient].append(exchange)
        if found:
            self._spell(patient)
        for case, record in found.items():
            self._sightings[case].append(Sighting(exchange, case))
            for entry in record.records("images"):
                image = entry.guid("image")
                if image is not None:
                    self._listings_of_image[case, image].append(exchange)
                    self._attach(image, Attachment(case, entry.text("name"), exchange.number))

    def _attach(self, image: UUID, new: Attachment) -> None:
        """Kept once for each case and name, so that a long run does not grow it."""
        known = self._attachments[image]
        if not any((old.case, old.name) == (new.case, new.name) for old in known):
            known.append(new)

    # -- asking -----------------------------------------------------------------------------------------------

    def searches(self, integration_id: str) -> Sequence[Exchange]:
        """Searches for this patient that were answered with a list."""
        return self._searches.get(integration_id, ())

    def sightings(self, case: UUID) -> Sequence[Sighting]:
        """Where the case was listed."""
        return self._sightings.get(case, ())

    def listings_of_image(self, case: UUID, image: UUID) -> Sequence[Exchange]:
        """Searches that listed this image of this case."""
        return self._listings_of_image.get((case, image), ())

    def attachments(self, image: UUID) -> Sequence[Attachment]:
        """To which cases the image was seen, or declared, to belong."""
        return self._attachments.get(image, ())

    def brought(self, case: UUID) -> Mapping[tuple[UUID, str], Exchange]:
        """What came for the images of this case: image and digest, with the latest answer that brought it."""
        return self._brought.get(case, {})

    def fetches_of_image(self, case: UUID, image: UUID) -> Sequence[Exchange]:
        """Calls for this image of this case, whatever came of them; none where either id is the empty one."""
        return self._fetches_of_image.get((case, image), ())

    def operations(self, integration_id: str) -> Sequence[Operation]:
        """Operations of any kind that name this patient."""
        return self._operations.get(integration_id, ())

    def declared(self, what: str, case: UUID) -> Sequence[Note]:
        """What was declared of this case: ``case`` itself, or its ``image``, ``scan`` or ``indication``."""
        return self._declared.get((what, case), ())

    def declared_cases(self, integration_id: str) -> Sequence[Note]:
        """The cases that this patient was declared to have."""
        return self._declared_of.get(integration_id, ())

    def declared_patient(self, integration_id: str) -> Note | None:
        return self._patients.get(integration_id)

    def in_use(self, integration_id: str) -> bool:
        """True when the id was declared, used in an operation, or had cases listed."""
        return integration_id in self._spellings.get(folded(integration_id), ())

    def other_spellings(self, integration_id: str) -> Sequence[str]:
        """Ids in use that differ from this one in upper and lower case only."""
        return [known for known in self._spellings.get(folded(integration_id), ()) if known != integration_id]
