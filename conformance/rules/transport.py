"""Calling the API: what a server owes to any caller, and a service that stays up."""

from __future__ import annotations

from collections.abc import Iterable

from conformance.rules.case_knowledge import for_nobody
from conformance.rules.case_sketches import declared
from conformance.rules.catalogue import EVERY, observes, rule
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.rules.written import INVARIANT, YEAR_FIRST, date_written, documented, malformed, readable, unmistakable
from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, call, poll
from conformance.trace.events import TWIN
from conformance.wire import DateFormat

LIST = call("list_stations", answer=[])
STATUS = poll(1, "operation_unknown")
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)
CASES = call("find_cases", integration_id="A", answer=[])


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
    if not documented(exchange, spec) or exchange.http_status in (0, 401, 403, 503):
        return None
    absent = exchange.http_status in (404, 405, 501)
    if absent and exchange.http_status == 404 and (_may_miss(exchange) or not readable(exchange)):
        return None
    name = exchange.method.name if exchange.method else ""
    return judged(not absent, f"an answer of {name}", f"HTTP {exchange.http_status} for {name}", exchange)


@every_method_answers_at_its_address.at_end
def no_method_is_missing_altogether(history: History, spec: Spec) -> Iterable[Verdict]:
    for method in spec.methods:
        calls = [e for e in history.of(method.role) if documented(e, spec) and history.let_in(e) and e.answered]
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


@rule(
    "TRN-004",
    judges=EVERY,
    accepts=[NEW, CASES],
    rejects=[NEW.refused(400), declared(1) + CASES.refused(400)],
    ignores=[
        CASES.refused(400),
        call("create_patient", integration_id="A").refused(400),
        call("find_cases", integration_id="A", created_from="2019-13-77").refused(400),
        call("find_cases", integration_id="A", created_from="2020-01-01", created_to="2019-01-01").refused(400),
        call("create_patient", integration_id="A", last_name="F", station="zzz").refused(400),
    ],
)
def optional_parameters_can_be_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on calls whose mandatory parameters are there and whose values are beyond doubt."""
    method = exchange.method
    probe = exchange.probe
    if probe is not None and probe.arm != TWIN:
        return None  # its oddity may be the reason
    if method is None or not documented(exchange, spec) or not exchange.answered or not history.let_in(exchange):
        return None
    omitted = [p.name for p in method.parameters if not p.mandatory and p.role not in exchange.values]
    if not omitted or not _beyond_doubt(exchange) or for_nobody(history, exchange):
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
    return all(unmistakable(exchange, role) for role in exchange.values)


@rule(
    "TRN-008",
    judges=EVERY,
    accepts=[
        call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28"),
        call("create_patient", integration_id="A", last_name="F", first_name="B", birth_date="1970-02-28")
        + call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28").refused(400),
    ],
    rejects=[
        call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28").refused(400),
        declared(1) + call("find_cases", integration_id="A", created_from="2019-01-01").refused(400),
    ],
    ignores=[
        call("find_cases", integration_id="A", created_from="2019-01-01").refused(400),
        call("find_cases", integration_id="A", created_from="2019-01-02", created_to="2019-01-01").refused(400),
        call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970").refused(400),
        call("create_patient", integration_id="A", birth_date="1970-02-28").refused(400),
        NEW.refused(400)
        + call("create_patient", integration_id="A", last_name="F", birth_date="1970-02-28", operation=1).refused(400),
    ],
)
def dates_with_the_year_first_are_taken(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged on calls with exactly one date, so that no range can be at fault, and all else beyond doubt."""
    method = exchange.method
    if method is None or not documented(exchange, spec) or not exchange.answered or not history.let_in(exchange):
        return None
    dates = [p.role for p in method.parameters if p.kind is Kind.DATE and exchange.given(p.role)]
    if len(dates) != 1 or date_written(exchange, dates[0]) not in YEAR_FIRST:
        return None
    others = [p for p in method.parameters if p.mandatory and not exchange.given(p.role)]
    texts = [p.role for p in method.parameters if p.kind is Kind.TEXT and p.role in exchange.values]
    if others or exchange.unknown or exchange.repeated or malformed(exchange):
        return None
    if not readable(exchange) or not all(unmistakable(exchange, role) for role in texts):
        return None
    if for_nobody(history, exchange):
        return None
    if exchange.http_status == 400 and _refused_without(history, exchange, dates[0]):
        return None
    return judged(exchange.http_status != 400, "the date to be taken", f"HTTP {exchange.http_status}", exchange)


def _refused_without(history: History, exchange: Exchange, role: str) -> bool:
    """True when the same call without the date, or with more than that, tells of another reason.

    It was refused as well; or a call that has more parameters besides the date was taken.
    """
    rest = _given(exchange) - {role}
    others = [e for e in history.of(exchange.role) if e.before(exchange) and history.let_in(e) and not e.odd]
    without = [e for e in others if _given(e) == rest and not malformed(e)]
    if without:
        return not any(e.succeeded for e in without)
    more = [e for e in others if _given(e) > _given(exchange) and date_written(e, role) in YEAR_FIRST]
    return any(e.succeeded for e in more)


def _given(exchange: Exchange) -> frozenset[str]:
    return frozenset(role for role in exchange.values if exchange.given(role))


@rule(
    "TRN-011",
    judges=EVERY,
    accepts=[LIST, CASES.refused(404), CASES.refused(400)],
    rejects=[LIST.refused(500), LIST + NEW.refused(503), CASES.refused(502)],
    ignores=[LIST.refused(503), call("find_cases", created_from="x").refused(500), LIST.lost()],
)
def well_formed_calls_meet_no_server_error(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """HTTP 503 counts only once the service has answered anything: it may still be starting before."""
    if not exchange.answered or not documented(exchange, spec) or not readable(exchange) or exchange.unknown:
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
        p.kind is Kind.DATE and exchange.given(p.role) and date_written(exchange, p.role) not in INVARIANT
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
    down = [e for e in recent if e.lost in ("refused", "reset")]
    if len(down) < 3 or not _answered_before(history, exchange):
        return None
    return breaks("the service to go on answering", f"no connection any more ({exchange.lost})", *recent)


@observes(
    "DOTTED-DATES",
    judges=EVERY,
    shows=[
        (call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970"), "accepted"),
        (call("create_patient", integration_id="A", last_name="F", birth_date="28.02.1970").refused(400), "refused"),
    ],
)
def what_becomes_of_dotted_dates(history: History, exchange: Exchange, spec: Spec) -> str | None:
    dotted = exchange.role == "create_patient" and date_written(exchange, "birth_date") is DateFormat.DOTTED
    if not dotted or not exchange.given("last_name") or not exchange.given("integration_id"):
        return None
    return {True: "accepted", False: "refused" if exchange.http_status == 400 else None}[exchange.succeeded]
