"""Calling the API: addresses, names, order, values, dates, and a service that stays up."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote

from conformance.rules.catalogue import EVERY, observes, rule
from conformance.rules.effect import comparison, same_effect
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, Sketch, call, fresh, poll
from conformance.wire import DateFormat, Malformed, date_format, parse_boolean, parse_guid

LIST = call("list_stations", answer=[])
STATUS = poll(1, "operation_unknown")
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)
DONE = fresh("A") + NEW + poll(1, "processed")
CASES = call("find_cases", integration_id="A", answer=[])

_INVARIANT = frozenset({DateFormat.ISO, DateFormat.ISO_TIME, DateFormat.EMPTY})
_HARMLESS = frozenset({"beyond-ascii", "markup"})
_PLAIN_LENGTH = 60
_YEAR_FIRST = frozenset({DateFormat.ISO, DateFormat.ISO_TIME})
_READABLE = _INVARIANT | {DateFormat.INVARIANT, DateFormat.DOTTED, DateFormat.AMBIGUOUS}


@rule(
    "TRN-001",
    judges=EVERY,
    accepts=[LIST, call("create_patient", integration_id="A").refused(400)],
    rejects=[LIST.refused(404), LIST.refused(405), STATUS.refused(501), NEW.refused(404)],
    ignores=[LIST.refused(401), LIST.but(verb="POST").refused(405), LIST.but(target="/elsewhere").refused(404)],
)
def every_method_answers_at_its_address(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A method that is not there is 404, 405 or 501 to a call that names it rightly.

    404 is a defensible answer where a patient, case or image was asked for that is not there: not triggered then, but
    a method that never gives anything else is missed at the end.
    """
    if not _documented(exchange, spec) or exchange.http_status in (0, 401, 403, 503):
        return None
    absent = exchange.http_status in (404, 405, 501)
    if absent and exchange.http_status == 404 and (_may_miss(exchange) or not _readable(exchange)):
        return None
    name = exchange.method.name if exchange.method else ""
    return judged(not absent, f"an answer of {name}", f"HTTP {exchange.http_status} for {name}", exchange)


@every_method_answers_at_its_address.at_end
def no_method_is_missing_altogether(history: History, spec: Spec) -> Iterable[Verdict]:
    for method in spec.methods:
        calls = [e for e in history.of(method.role) if _documented(e, spec) and history.let_in(e) and e.answered]
        found = [e for e in calls if e.http_status != 404]
        if calls and not found and _proven_there(calls, history):
            yield breaks(f"an answer of {method.name}", f"HTTP 404 for every call of {method.name}", *calls[:3])


def _proven_there(calls: list[Exchange], history: History) -> bool:
    """True when one of the calls asked about a patient that is proven to exist."""
    return any(
        history.proofs.integration_id(e.values.get("integration_id", ""), e).state.value == "present" for e in calls
    )


def _may_miss(exchange: Exchange) -> bool:
    """Methods that look up a thing by its id and bring it in the answer may say 404 when it is not there."""
    return exchange.role in ("find_cases", "fetch_image", "get_status", "remove_operation")


def _readable(exchange: Exchange) -> bool:
    """False where a value cannot be read as its type, an empty one included: some hosts then find no such method."""
    typed = (Kind.GUID, Kind.BOOLEAN, Kind.DATE)
    method = exchange.method
    return method is not None and all(
        method.by_role[role].kind not in typed or _plain(exchange, role) or _dates(exchange, role) in _YEAR_FIRST
        for role in exchange.values
    )


def _documented(exchange: Exchange, spec: Spec) -> bool:
    """True when verb, path and credentials are such that the method must be found."""
    method = exchange.method
    if method is None or exchange.event.request.verb != "GET":
        return False
    return exchange.path == f"{spec.service.base_path}/{method.name}" and not exchange.event.request.authorization.flaw


@rule(
    "TRN-002",
    judges=EVERY,
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
    "TRN-003",
    judges=EVERY,
    accepts=[LIST, LIST.but(target="/DentalDesktop/Webservice/GetAvailableClientList")],
    rejects=[LIST.but(target="/DentalDesktop/WebService/GetCasesInformation"), LIST.but(target="/")],
)
def a_pms_calls_documented_methods(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Letter case of the path is left to the server: the vendor itself spells it in two ways."""
    name = exchange.path.rpartition("/")[2]
    base = spec.service.base_path.casefold()
    kept = exchange.method is not None and exchange.path.casefold() == f"{base}/{name.casefold()}"
    return judged(kept, f"a method under {spec.service.base_path}/", f"a call of {exchange.path}", exchange)


@rule(
    "TRN-004",
    judges=EVERY,
    accepts=[NEW, CASES],
    rejects=[NEW.refused(400), CASES.refused(400)],
    ignores=[
        call("create_patient", integration_id="A").refused(400),
        call("find_cases", integration_id="A", created_from="2019-13-77").refused(400),
        call("find_cases", integration_id="A", created_from="2020-01-01", created_to="2019-01-01").refused(400),
        call("create_patient", integration_id="A", last_name="F", station="zzz").refused(400),
    ],
)
def optional_parameters_can_be_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on calls whose mandatory parameters are there and whose values are beyond doubt."""
    method = exchange.method
    probe = exchange.event.probe
    if probe is not None and probe.arm != "twin":
        return None  # its oddity may be the reason
    if method is None or not _documented(exchange, spec) or not _beyond_doubt(exchange) or not exchange.answered:
        return None
    omitted = [p.name for p in method.parameters if not p.mandatory and p.role not in exchange.values]
    if not omitted or not history.let_in(exchange):
        return None
    expected = f"a call without {', '.join(omitted)} to be taken"
    return judged(exchange.http_status != 400, expected, f"HTTP {exchange.http_status}", exchange)


def _beyond_doubt(exchange: Exchange) -> bool:
    """True when every mandatory parameter is there and every value is in its plainest form."""
    method = exchange.method
    if method is None or exchange.unknown or exchange.repeated or any(f for p in exchange.pairs for f in p.flaws):
        return False
    if any(not exchange.given(p.role) for p in method.parameters if p.mandatory):
        return False
    if method.runs_on.value == "station" and exchange.guid("station") in (None, exchange.guid("nothing")):
        return False
    return all(_plain(exchange, role) for role in exchange.values)


def _plain(exchange: Exchange, role: str) -> bool:
    kind = exchange.method.by_role[role].kind if exchange.method else Kind.TEXT
    value = exchange.values[role]
    if kind is Kind.GUID:
        return not isinstance(parse_guid(value), Malformed) and len(value) == 36
    if kind is Kind.BOOLEAN:
        return value in ("True", "False")
    if kind is Kind.DATE:
        return False  # TRN-008 is about those
    return all(fact in _HARMLESS or _short(fact) for fact in exchange.event.request.flaws.get(role, "").split())


def _short(fact: str) -> bool:
    return fact.startswith("length:") and int(fact.removeprefix("length:")) <= _PLAIN_LENGTH


def _dates(exchange: Exchange, role: str) -> DateFormat:
    """How a date was written: from the value where it is in clear, else from the facts kept beside its token."""
    for fact in exchange.event.request.flaws.get(role, "").split():
        if fact.startswith("date:"):
            return DateFormat(fact.removeprefix("date:"))
    return date_format(exchange.values.get(role, ""))


@rule(
    "TRN-005",
    judges=EVERY,
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
    ignores=[CASES.refused(500).probe("name-case", "1", "twin") + CASES.refused(400).probe("name-case", "1", "upper")],
)
def parameter_names_have_no_case(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe writes the names in another case than its twin."""
    return comparison(history, exchange, "name-case", spec, "the same effect with parameter names in another case")


@rule(
    "TRN-006",
    judges=EVERY,
    accepts=[CASES.probe("order", "1", "twin") + CASES.probe("order", "1", "reversed")],
    rejects=[CASES.probe("order", "1", "twin") + CASES.refused(400).probe("order", "1", "reversed")],
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
    accepts=[_case_pair("processed")],
    rejects=[_case_pair("integration_id_taken"), _case_pair("patient_id_taken")],
    ignores=[_case_pair("awaiting"), _case_pair("operation_unknown")],
)
def values_that_differ_in_case_are_different(history: History, query: Exchange, spec: Spec) -> Verdict | None:
    """The twin takes an id; the probe takes the same letters in another case, for another patient."""
    operation = history.polled(query)
    if operation is None or operation.call.event.probe is None or operation.call.event.probe.kind != "value-case":
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
    "TRN-008",
    judges=EVERY,
    accepts=[call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28")],
    rejects=[
        call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28").refused(400),
        call("find_cases", integration_id="A", created_from="2019-01-01").refused(400),
    ],
    ignores=[
        call("find_cases", integration_id="A", created_from="2019-01-02", created_to="2019-01-01").refused(400),
        call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970").refused(400),
        call("create_patient", integration_id="A", birth_date="1970-02-28").refused(400),
    ],
)
def dates_with_the_year_first_are_taken(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on calls with exactly one date, so that no range can be at fault, and all else beyond doubt."""
    method = exchange.method
    if method is None or not _documented(exchange, spec) or not exchange.answered or not history.let_in(exchange):
        return None
    dates = [p.role for p in method.parameters if p.kind is Kind.DATE and exchange.given(p.role)]
    if len(dates) != 1 or _dates(exchange, dates[0]) not in _YEAR_FIRST:
        return None
    others = [p for p in method.parameters if p.mandatory and not exchange.given(p.role)]
    texts = [p.role for p in method.parameters if p.kind is Kind.TEXT and p.role in exchange.values]
    if others or exchange.unknown or exchange.repeated or _malformed(exchange):
        return None
    if not _readable(exchange) or not all(_plain(exchange, role) for role in texts):
        return None
    return judged(exchange.http_status != 400, "the date to be taken", f"HTTP {exchange.http_status}", exchange)


def _malformed(exchange: Exchange) -> list[str]:
    """Roles of GUID and Boolean parameters whose text is none."""
    method = exchange.method
    return [
        role
        for role, value in exchange.values.items()
        if method is not None
        and value
        and (
            (method.by_role[role].kind is Kind.GUID and isinstance(parse_guid(value), Malformed))
            or (method.by_role[role].kind is Kind.BOOLEAN and isinstance(parse_boolean(value), Malformed))
        )
    ]


@rule(
    "TRN-009",
    judges=EVERY,
    accepts=[
        call("create_patient", integration_id="A", birth_date="1970-02-28"),
        call("create_patient", integration_id="A", birth_date="28.02.1970"),
        call("find_cases", integration_id="A", created_from="2019-01-01T00:00:00"),
    ],
    rejects=[
        call("create_patient", integration_id="A", birth_date="19700228"),
        call("find_cases", integration_id="A", created_from="yesterday"),
    ],
    ignores=[NEW, call("create_patient", integration_id="A", birth_date="")],
)
def a_pms_sends_dates_that_can_be_read(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The dotted form passes here, since two examples of the guide use it; see TRN-010."""
    return _date_form(exchange, _READABLE, "a date in invariant form, such as 2019-11-14")


@rule(
    "TRN-010",
    judges=EVERY,
    accepts=[call("create_patient", integration_id="A", birth_date="1970-02-28")],
    rejects=[
        call("create_patient", integration_id="A", birth_date="28.02.1970"),
        call("create_patient", integration_id="A", birth_date="12.11.1970"),
        call("find_cases", integration_id="A", created_from="11/12/2019"),
    ],
    ignores=[NEW],
)
def a_pms_writes_dates_year_first(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A date with the day first is dropped, refused or swapped, depending on the culture of the server."""
    return _date_form(exchange, _INVARIANT, "a date with the year first, such as 2019-11-14")


def _date_form(exchange: Exchange, allowed: frozenset[DateFormat], expected: str) -> Verdict | None:
    method = exchange.method
    dates = [p for p in method.parameters if p.kind is Kind.DATE and exchange.given(p.role)] if method else []
    if not dates:
        return None
    wrong = [f"{p.name} as {_dates(exchange, p.role).value}" for p in dates if _dates(exchange, p.role) not in allowed]
    return judged(not wrong, expected, ", ".join(wrong), exchange)


@rule(
    "TRN-011",
    judges=EVERY,
    accepts=[LIST, CASES.refused(404), CASES.refused(400)],
    rejects=[LIST.refused(500), LIST + NEW.refused(503), CASES.refused(502)],
    ignores=[LIST.refused(503), call("find_cases", created_from="x").refused(500), LIST.lost()],
)
def well_formed_calls_meet_no_server_error(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """HTTP 503 counts only once the service has answered anything: it may still be starting before."""
    if not exchange.answered or not _documented(exchange, spec) or not _readable(exchange) or exchange.unknown:
        return None
    method = exchange.method
    assert method is not None
    if exchange.role == "fetch_image":
        return None  # how a server says that there is no such image is a reading
    if any(not exchange.given(p.role) for p in method.parameters if p.mandatory) or _odd_dates(exchange):
        return None
    if exchange.http_status == 503 and not _answered_before(history, exchange):
        return None
    return judged(
        exchange.http_status < 500, "a result or a documented refusal", f"HTTP {exchange.http_status}", exchange
    )


def _odd_dates(exchange: Exchange) -> bool:
    method = exchange.method
    return method is not None and any(
        p.kind is Kind.DATE and exchange.given(p.role) and _dates(exchange, p.role) not in _INVARIANT
        for p in method.parameters
    )


def _answered_before(history: History, exchange: Exchange) -> bool:
    return any(e.succeeded and e.before(exchange) for e in history.exchanges[:20])


@rule(
    "TRN-012",
    judges=EVERY,
    accepts=[LIST + LIST, LIST + NEW.lost("reset") + LIST, LIST + NEW.lost("reset") + NEW.lost("reset") + LIST],
    rejects=[LIST + NEW.lost("reset") + LIST.lost("refused") * 3],
    ignores=[LIST.lost("refused") * 3],
)
def the_service_stays_up(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """One lost call can be the network's; three in a row after the service has answered mean that it is down."""
    recent = history.exchanges[-3:]
    if exchange.answered:
        return holds(exchange) if len(history.exchanges) > 1 else None
    down = [e for e in recent if e.event.lost in ("refused", "reset")]
    if len(down) < 3 or not _answered_before(history, exchange):
        return None
    return breaks("the service to go on answering", f"no connection any more ({exchange.event.lost})", *recent)


@rule(
    "TRN-013",
    judges=EVERY,
    accepts=[NEW, call("create_patient", integration_id="A", last_name="ö & co")],
    rejects=[
        NEW.but(target="/DentalDesktop/WebService/CreatePatient?LastName=%zz"),
        NEW.but(target="/DentalDesktop/WebService/CreatePatient?LastName=%FC"),
        NEW.but(target="/DentalDesktop/WebService/CreatePatient?LastName=van der Berg"),
    ],
    ignores=[LIST],
)
def a_pms_encodes_its_values(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Broken escapes, bytes that are no UTF-8, raw blanks and raw characters beyond ASCII are read by luck."""
    if not exchange.pairs:
        return None
    flaws = {flaw for facts in exchange.event.request.flaws.values() for flaw in facts.split()}
    flaws |= {flaw for pair in exchange.pairs for flaw in pair.flaws}
    found = sorted(flaws & {"bad-escape", "raw-blank", "raw-non-ascii", "not-utf8", "control"})
    return judged(not found, "percent-encoded UTF-8", ", ".join(found), exchange)


@rule(
    "TRN-014",
    judges=EVERY,
    accepts=[NEW],
    rejects=[
        NEW.but(target="/DentalDesktop/WebService/CreatePatient?LastName=A&SSN=1"),
        NEW.but(target="/DentalDesktop/WebService/CreatePatient?LastName=A&lastname=B"),
    ],
)
def a_pms_sends_documented_parameters_once(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A parameter that the method does not have is silently ignored by most servers, and its value lost."""
    if exchange.method is None:
        return None
    odd = [f"{name}, which {exchange.method.name} does not have" for name in exchange.unknown]
    odd += [f"{role} more than once" for role in exchange.repeated]
    return judged(not odd, f"the parameters of {exchange.method.name}, each once", "; ".join(odd), exchange)


@rule(
    "TRN-016",
    judges=EVERY,
    accepts=[NEW, call("create_patient", integration_id="A", merge="True")],
    rejects=[
        call("create_patient", integration_id="A", last_name="F", station="5be65d15-31a2"),
        call("create_patient", integration_id="A", last_name="F", merge="yes"),
    ],
    ignores=[LIST, CASES],
)
def a_pms_sends_well_formed_ids_and_flags(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A server that cannot read a station id may fall back to the empty one and work on the server instead."""
    method = exchange.method
    kinds = {Kind.GUID, Kind.BOOLEAN}
    if method is None or not any(method.by_role[role].kind in kinds for role in exchange.values):
        return None
    names = [method.by_role[role].name for role in _malformed(exchange)]
    return judged(not names, "well-formed GUIDs and Booleans", f"malformed: {', '.join(names)}", exchange)


@rule("TRN-017", judges=EVERY, accepts=[LIST], rejects=[LIST.but(verb="POST")])
def a_pms_calls_with_get(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every documented method is called with GET."""
    verb = exchange.event.request.verb
    return judged(verb == "GET", "GET", verb, exchange) if exchange.method is not None else None


@rule(
    "TRN-018",
    judges=EVERY,
    accepts=[CASES.probe("encoding", "1", "twin") + CASES.probe("encoding", "1", "all-escaped")],
    rejects=[CASES.probe("encoding", "1", "twin") + CASES.refused(400).probe("encoding", "1", "all-escaped")],
)
def percent_encoding_does_not_matter(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The probe escapes characters that its twin sends as they are."""
    return comparison(history, exchange, "encoding", spec, "the same effect however the values are escaped")


@rule(
    "TRN-019",
    judges=EVERY,
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
    "DOTTED-DATES",
    judges=EVERY,
    shows=[
        (call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970"), "accepted"),
        (call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970").refused(400), "refused"),
    ],
)
def what_becomes_of_dotted_dates(history: History, exchange: Exchange, spec: Spec) -> str | None:
    dotted = exchange.role == "create_patient" and _dates(exchange, "birth_date") is DateFormat.DOTTED
    if not dotted or not exchange.given("last_name") or not exchange.given("integration_id"):
        return None
    return {True: "accepted", False: "refused" if exchange.http_status == 400 else None}[exchange.succeeded]


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
