"""The waist of the house: recorded events, the indexed history, and what the wire has proven."""

from conformance.trace.case_book import Attachment, CaseBook, Sighting, folded, listing
from conformance.trace.effects import Asked, Button, Done, Effect, doubtful, endings, lengthy
from conformance.trace.events import (
    Authorization,
    Event,
    Note,
    NoteKind,
    Oddity,
    Probe,
    Recorded,
    Reply,
    Request,
    from_json,
    to_json,
)
from conformance.trace.exchange import Exchange, read
from conformance.trace.history import History, Newer, Operation
from conformance.trace.proof import Proofs
from conformance.trace.proven import Holding, Names, Proof, State
from conformance.trace.recorder import Recorder, Traffic
from conformance.trace.redaction import Redactor
from conformance.trace.sketch import Sketch, Witness, at_once, call, each, fresh, guid, note, poll, realise

__all__ = [
    "Asked",
    "Attachment",
    "Authorization",
    "Button",
    "CaseBook",
    "Done",
    "Effect",
    "Event",
    "Exchange",
    "History",
    "Holding",
    "Names",
    "Newer",
    "Note",
    "NoteKind",
    "Oddity",
    "Operation",
    "Probe",
    "Proof",
    "Proofs",
    "Recorded",
    "Recorder",
    "Redactor",
    "Reply",
    "Request",
    "Sighting",
    "Sketch",
    "State",
    "Traffic",
    "Witness",
    "at_once",
    "call",
    "doubtful",
    "each",
    "endings",
    "folded",
    "fresh",
    "from_json",
    "guid",
    "lengthy",
    "listing",
    "note",
    "poll",
    "read",
    "realise",
    "to_json",
]
