"""What a search answers: every case, the same each time, as the documented list."""

from __future__ import annotations

from conformance.rules.at_odds import UNLESS
from conformance.rules.case_knowledge import (
    amount,
    criteria,
    documented,
    earlier,
    known_cases,
    ordinary,
    patient_of,
    readable,
)
from conformance.rules.case_repeats import repeat
from conformance.rules.case_sketches import FOREIGN, case, declared, patient, search
from conformance.rules.catalogue import observes, rule
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import DocumentType, Spec
from conformance.trace import Exchange, History, Sketch, State, Witness, call, fresh, listing, poll
from conformance.wire import Document

FIRST, SECOND = case(1), case(2)
OF_B = case(5, "B")
BOTH_OF_A = declared(1) + declared(2)
OF_NOBODY = (
    fresh("A")
    + search(FIRST)
    + call("create_patient", integration_id="A", last_name="Fox", operation=1)
    + poll(1, "processed")
)
"""A case was found while nobody had the id: that is the defect, and says nothing of whoever gets the id later."""


# -- all cases ------------------------------------------------------------------------------------------------


@rule(
    "FND-002",
    judges="find_cases",
    accepts=[
        BOTH_OF_A + search(FIRST, SECOND),
        search(FIRST) + search(SECOND, FIRST),
        search(FIRST, is_created="True") + search(FIRST),
        patient("A", cases="1") + search(FIRST),
    ],
    rejects=[
        BOTH_OF_A + search(FIRST),
        search(FIRST, SECOND) + search(SECOND),
        search(FIRST, is_created="True") + search(),
        search(FIRST) + search().but(body=b""),
        patient("A", cases="2") + search(FIRST),
    ],
    ignores=[
        search(FIRST),
        BOTH_OF_A + search(FIRST, is_created="True"),
        search(FIRST) + FOREIGN + search(),
        OF_NOBODY + search(),
    ],
)
def a_search_without_criteria_finds_every_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every case that was declared, or that another search has found, is among those found."""
    found = listing(exchange)
    wish = criteria(exchange)
    if found is None or not ordinary(exchange) or not readable(exchange):
        return None
    if wish.count or wish.denied or not wish.sure:
        return None
    known = known_cases(history, exchange)
    for number, one in known.items():
        if number not in found:
            expected = f"every case of the patient, {number} among them"
            return breaks(expected, f"{amount(found)}, and not that one", *one.numbers, exchange)
    note = history.cases.declared_patient(patient_of(exchange))
    told = note.data.get("cases", "") if note is not None else ""
    if note is not None and told.isdigit() and len(found) < int(told):
        expected = f"the {told} cases that the patient was declared to have"
        return breaks(expected, f"{amount(found)}, {UNLESS}", note, exchange)
    return holds(exchange) if known or told.isdigit() else None


@rule(
    "FND-003",
    judges="find_cases",
    accepts=[
        search(FIRST) * 2,
        search(FIRST, SECOND) + search(SECOND, FIRST),
        search(FIRST, is_created="True") + search(FIRST, SECOND) + search(FIRST, is_created="True"),
        search() * 2,
    ],
    rejects=[
        search(FIRST, SECOND) + search(FIRST),
        search(FIRST) + search(FIRST, SECOND),
        search(FIRST) + search().refused(404),
        search(FIRST, is_created="True") + search(SECOND, is_created="True"),
    ],
    ignores=[
        search(FIRST) + FOREIGN + search(SECOND),
        search(FIRST) + search(SECOND, is_scanned="True"),
        search(FIRST) + search(OF_B, patient="B"),
        search(FIRST) + search().refused(503),
        search(FIRST) + search().refused(406),
        OF_NOBODY + search(),
    ],
)
def the_same_search_finds_the_same(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Searching changes nothing: asked once more, the same cases are found.

    Not triggered when an operation came between that a clause of its own speaks of.
    """
    if _refused_now(exchange, spec):
        before = next((o for o in earlier(history, exchange) if o.values == exchange.values), None)
        if before is None:
            return None
        expected = f"a list as at exchange {before.number}, which asked for the same"
        return breaks(expected, f"HTTP {exchange.http_status}", before, exchange)
    again = repeat(history, exchange)
    if again is None or again.selections or again.refused or again.excused:
        return None
    return again.verdict(exchange)


def _refused_now(exchange: Exchange, spec: Spec) -> bool:
    return documented(exchange, spec) and ordinary(exchange) and exchange.http_status >= 400


# -- what the answer is ---------------------------------------------------------------------------------------


def written(form: str) -> Witness:
    """A search answered with this text, in which ROOT and RECORD stand for the spec's names."""

    def witness(spec: Spec) -> Sketch:
        document = _document(spec)
        record = spec.record[document.item].name
        return search().but(body=form.replace("ROOT", document.root).replace("RECORD", record).encode("utf-8"))

    return witness


def _document(spec: Spec) -> DocumentType:
    return spec.document[spec.method["find_cases"].answer]


@rule(
    "FND-008",
    judges="find_cases",
    accepts=[
        search(FIRST),
        search(),
        search().but(body=b""),
        search(FIRST).but(content_type="text/xml"),
        written('<?xml version="1.0" encoding="utf-8"?>\n<ROOT />'),
    ],
    rejects=[
        written("<RECORD />"),
        written("<ROOT><Another /></ROOT>"),
        written("<ROOT><RECORD>"),
        written("no cases"),
        written('<ROOT xmlns="http://schemas.datacontract.org/2004/07/Cases" />'),
        search().but(body=b'{"cases": []}', content_type="application/json"),
    ],
    ignores=[
        search().refused(400),
        search().but(body=b"[]", content_type="application/json", request_headers={"accept": "application/json"}),
    ],
)
def cases_come_as_a_list_of_records(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The answer is the documented XML document, in no namespace, as the sample shows it; or nothing, for no cases.

    Not triggered for a caller who asks for something else than XML.
    """
    if not exchange.succeeded or not ordinary(exchange) or not wants_xml(exchange):
        return None
    document = exchange.document
    root = _document(spec).root
    if document is None:
        return holds(exchange)
    if not isinstance(document, Document):
        return breaks(f"an XML document {root}", document.reason, exchange)
    if document.form.root_namespace:
        return breaks(f"{root} in no namespace", f"the namespace {document.form.root_namespace}", exchange)
    strangers = ", ".join(dict.fromkeys(document.unknown))
    return judged(not strangers, f"nothing but records of cases in {root}", f"elements {strangers}", exchange)


def wants_xml(exchange: Exchange) -> bool:
    """True when the caller asks for XML before anything else."""
    return "xml" in exchange.event.request.headers.get("accept", "").partition(",")[0]


@observes(
    "EMPTY-CASE-LIST",
    judges="find_cases",
    shows=[
        (patient("A") + search(), "empty-root"),
        (patient("A") + search().but(body=b""), "no-body"),
        (patient("A") + search(FIRST), ""),
        (search().but(body=b""), ""),
    ],
)
def what_no_cases_look_like(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen for patients who are there; what is answered about others is a reading of its own."""
    known = history.proofs.integration_id(exchange.values.get("integration_id", ""), exchange).state is State.PRESENT
    if listing(exchange) != {} or not known:
        return None
    if exchange.document is None:
        return "no-body"
    return "empty-root" if isinstance(exchange.document, Document) and not exchange.document.records else None
