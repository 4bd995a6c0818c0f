"""One call written in two ways: names, order, escapes, letters, Accept headers, and parameters too many."""

from __future__ import annotations

from urllib.parse import unquote

from conformance.rules.catalogue import EVERY, observes, rule
from conformance.rules.effect import comparison, same_effect
from conformance.rules.marks import probing
from conformance.rules.verdict import Verdict, judged
from conformance.rules.window import newer
from conformance.spec import Spec
from conformance.trace import Exchange, History, Oddity, Sketch, call, fresh, poll

LIST = call("list_stations", answer=[])
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)
DONE = fresh("A") + NEW + poll(1, "processed")
CASES = call("find_cases", integration_id="A", answer=[])


@rule(
    "TRN-002",
    judges=EVERY,
    when=probing("browser"),
    probes=Oddity.BROWSER,
    accepts=[CASES.probe("browser", "1", "twin") + CASES.probe("browser", "1", "browser")],
    rejects=[
        CASES.probe("browser", "1", "twin") + CASES.refused(406).probe("browser", "1", "browser"),
        CASES.probe("browser", "1", "twin") + CASES.but(body=b"<html/>").probe("browser", "1", "browser"),
    ],
    ignores=[CASES.refused(500).probe("browser", "1", "twin") + CASES.refused(406).probe("browser", "1", "browser")],
)
def a_browser_gets_the_same(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe sends the Accept header of a browser, its twin asks for XML."""
    return comparison(history, exchange, "browser", spec, "the same content as a call that asks for XML")


@rule(
    "TRN-005",
    judges=EVERY,
    when=probing("name-case"),
    probes=Oddity.NAME_CASE,
    accepts=[CASES.probe("name-case", "1", "twin") + CASES.probe("name-case", "1", "upper")],
    rejects=[
        CASES.probe("name-case", "1", "twin") + CASES.refused(400).probe("name-case", "1", "upper"),
        DONE
        + fresh("A", "B")
        + call("create_patient", integration_id="A", last_name="F", operation=1).probe("name-case", "1", "twin")
        + call("create_patient", integration_id="B", last_name="F", operation=2).probe("name-case", "1", "upper")
        + poll(1, "processed")
        + poll(2, "last_name_missing"),
    ],
    ignores=[
        CASES.refused(500).probe("name-case", "1", "twin") + CASES.refused(400).probe("name-case", "1", "upper"),
        lambda spec: (
            fresh("A", "B")
            + NEW.probe("name-case", "1", "twin")
            + poll(1, "processed")
            + call("create_patient", integration_id="B", last_name="F", operation=2).probe("name-case", "1", "upper")
            + poll(2, "awaiting")
            + newer(spec.kept_operations)
            + poll(2, "operation_unknown")
        ),
    ],
)
def parameter_names_have_no_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe writes the names in another case than its twin."""
    return comparison(history, exchange, "name-case", spec, "the same effect with parameter names in another case")


@rule(
    "TRN-006",
    judges=EVERY,
    when=probing("order"),
    probes=Oddity.ORDER,
    accepts=[CASES.probe("order", "1", "twin") + CASES.probe("order", "1", "reversed")],
    rejects=[
        CASES.probe("order", "1", "twin") + CASES.refused(400).probe("order", "1", "reversed"),
        fresh("A", "B")
        + NEW.probe("order", "1", "twin")
        + poll(1, "processed")
        + call("create_patient", integration_id="B", last_name="F", operation=2).probe("order", "1", "reversed")
        + poll(2, "operation_unknown"),
    ],
)
def parameters_come_in_any_order(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe sends the parameters in another order than its twin."""
    return comparison(history, exchange, "order", spec, "the same effect with the parameters in another order")


def _case_pair(status: str) -> Sketch:
    return (
        fresh("abc", "ABC")
        + call("create_patient", integration_id="abc", last_name="Fox", operation=1).probe("value-case", "1", "twin")
        + poll(1, "processed")
        + call("create_patient", integration_id="ABC", last_name="Fox", operation=2).probe("value-case", "1", "other")
        + poll(2, status)
    )


@rule(
    "TRN-007",
    judges="get_status",
    when=probing("value-case"),
    accepts=[_case_pair("processed")],
    rejects=[_case_pair("integration_id_taken"), _case_pair("patient_id_taken")],
    ignores=[_case_pair("awaiting"), _case_pair("operation_unknown")],
)
def values_that_differ_in_case_are_different(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The twin takes an id; the probe takes the same letters in another case, for another patient."""
    operation = history.polled(query)
    if operation is None or operation.call.probe is None or operation.call.probe.kind != "value-case":
        return None
    twin = history.pair(operation.call).get("twin")
    status = spec.status_by_code.get(query.status_code if query.status_code is not None else 0)
    if twin is None or operation.call is twin or status is None or not status.final:
        return None
    first = history.started_by(twin)
    if status.name == "operation_unknown" or first is None or spec.code("processed") not in first.codes(operation.call):
        return None
    wanted = f"status {spec.code('processed')}: the same letters in another case are another id"
    return judged(status.name == "processed", wanted, f"status {status.code}", twin, operation, query)


@rule(
    "TRN-018",
    judges=EVERY,
    when=probing("encoding"),
    probes=Oddity.ENCODING,
    accepts=[CASES.probe("encoding", "1", "twin") + CASES.probe("encoding", "1", "all-escaped")],
    rejects=[CASES.probe("encoding", "1", "twin") + CASES.refused(400).probe("encoding", "1", "all-escaped")],
)
def percent_encoding_does_not_matter(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe escapes characters that its twin sends as they are."""
    return comparison(history, exchange, "encoding", spec, "the same effect however the values are escaped")


@rule(
    "TRN-019",
    judges=EVERY,
    when=probing("unknown-parameter"),
    probes=Oddity.UNKNOWN_PARAMETER,
    accepts=[CASES.probe("unknown-parameter", "1", "twin") + CASES.probe("unknown-parameter", "1", "extra")],
    rejects=[
        CASES.probe("unknown-parameter", "1", "twin") + CASES.but(body=b"<x/>").probe("unknown-parameter", "1", "extra")
    ],
    ignores=[
        CASES.probe("unknown-parameter", "1", "twin") + CASES.refused(400).probe("unknown-parameter", "1", "extra")
    ],
)
def unknown_parameters_do_no_harm(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe adds a parameter that the method does not have. To be refused for that is a reading."""
    pair = same_effect(history, exchange, "unknown-parameter", spec)
    if pair is not None and pair.odd.http_status in (400, 404):
        return None
    return comparison(history, exchange, "unknown-parameter", spec, "the same effect as without the extra parameter")


@observes(
    "UNKNOWN-PARAMETER",
    judges=EVERY,
    shows=[
        (CASES.probe("unknown-parameter", "1", "twin") + CASES.probe("unknown-parameter", "1", "extra"), "ignored"),
        (
            CASES.probe("unknown-parameter", "1", "twin") + CASES.refused(400).probe("unknown-parameter", "1", "extra"),
            "refused",
        ),
    ],
)
def what_unknown_parameters_do(history: History, exchange: Exchange, spec: Spec) -> str | None:
    same = same_effect(history, exchange, "unknown-parameter", spec)
    return None if same is None else ("ignored" if same.equal else "refused")


@observes(
    "CONTENT-NEGOTIATION",
    judges="list_stations",
    shows=[
        (LIST.but(request_headers={"accept": "application/json"}), "xml-always"),
        (LIST.but(request_headers={"accept": "application/json"}, body=b"[]"), "negotiated"),
    ],
)
def what_a_caller_without_xml_gets(history: History, exchange: Exchange, spec: Spec) -> str | None:
    """Seen only where the Accept header puts JSON first."""
    accept = exchange.event.request.headers.get("accept", "")
    reply = exchange.event.reply
    if reply is None or not exchange.succeeded or not accept.startswith("application/json"):
        return None
    return "negotiated" if reply.facts.get("syntax") == "json" or unquote(reply.body)[:1] in "[{" else "xml-always"
