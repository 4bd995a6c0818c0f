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
from conformance.trace.exchange import Exchange, per_exchange, read
from conformance.trace.handovers import Handed, Handover, Item
from conformance.trace.history import History, Newer, Operation
from conformance.trace.http_words import CREDENTIAL_NAMES
from conformance.trace.invocations import Argument, Invocation, Started
from conformance.trace.orders import Order, Orders
from conformance.trace.proof import Proofs
from conformance.trace.proven import Alike, Holding, Names, Proof, State
from conformance.trace.recorder import Recorder, Traffic
from conformance.trace.redaction import Redactor
from conformance.trace.sketch import (
    Sketch,
    Witness,
    at_once,
    call,
    done,
    each,
    fresh,
    guid,
    handed,
    invoke,
    note,
    order,
    poll,
    realise,
    shown,
    typed,
)
from conformance.trace.tokens import TOKEN, hidden

__all__ = [
    "CREDENTIAL_NAMES",
    "TOKEN",
    "Alike",
    "Argument",
    "Asked",
    "Attachment",
    "Authorization",
    "Button",
    "CaseBook",
    "Done",
    "Effect",
    "Event",
    "Exchange",
    "Handed",
    "Handover",
    "History",
    "Holding",
    "Invocation",
    "Item",
    "Names",
    "Newer",
    "Note",
    "NoteKind",
    "Oddity",
    "Operation",
    "Order",
    "Orders",
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
    "Started",
    "State",
    "Traffic",
    "Witness",
    "at_once",
    "call",
    "done",
    "doubtful",
    "each",
    "endings",
    "folded",
    "fresh",
    "from_json",
    "guid",
    "handed",
    "hidden",
    "invoke",
    "lengthy",
    "listing",
    "note",
    "order",
    "per_exchange",
    "poll",
    "read",
    "realise",
    "shown",
    "to_json",
    "typed",
]
