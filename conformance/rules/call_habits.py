"""How a PMS writes its calls, beyond what makes them readable: secrets, forms and values that practice trips over."""

from __future__ import annotations

from conformance.rules.case_practice import names_a_station
from conformance.rules.catalogue import EVERY, rule
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Kind, Spec
from conformance.trace import CREDENTIAL_NAMES, Exchange, History, call, folded, guid, poll
from conformance.trace.facts import CREDENTIALS_IN, HEADERS
from conformance.trace.sketch import PASSWORD, USER
from conformance.wire import EMPTY_GUID, encode_basic

LIST = call("list_stations", answer=[])
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)


def _path(spec: Spec) -> str:
    return f"{spec.service.base_path}/{spec.method['list_stations'].name}"


# -- the address ----------------------------------------------------------------------------------------------


@rule(
    "TRN-040",
    judges=EVERY,
    accepts=[LIST, NEW],
    rejects=[lambda spec: LIST.but(target=_path(spec).lower()), lambda spec: LIST.but(target=_path(spec).upper())],
    ignores=[LIST.but(target="/elsewhere"), lambda spec: LIST.but(target=_path(spec) + "/")],
)
def a_pms_spells_the_path_as_documented(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Only the names of parameters are said to have no case. Other paths are the business of TRN-003."""
    if exchange.method is None:
        return None
    documented = f"{spec.service.base_path}/{exchange.method.name}"
    if exchange.path.casefold() != documented.casefold():
        return None
    return judged(exchange.path == documented, documented, exchange.path, exchange)


@rule(
    "TRN-041",
    judges=EVERY,
    accepts=[LIST, LIST.but(request_headers={"content-length": "0"})],
    rejects=[
        LIST.but(request_headers={"content-length": "12"}),
        LIST.but(request_headers={"transfer-encoding": "chunked"}),
    ],
    ignores=[LIST.but(verb="POST", request_headers={"content-length": "12"}), LIST.but(target="/elsewhere")],
)
def a_call_is_all_in_its_address(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A body of a GET is dropped on the way by proxies, or left standing for the next call on the connection."""
    request = exchange.event.request
    if exchange.method is None or request.verb != "GET":
        return None
    length = request.headers.get("content-length", "0").strip()
    chunked = "transfer-encoding" in request.headers
    observed = "a body in chunks" if chunked else f"a body of {length} bytes"
    return judged(length in ("", "0") and not chunked, "no body", observed, exchange)


@rule(
    "USE-001",
    judges=EVERY,
    accepts=[
        LIST,
        NEW,
        LIST.but(request_headers={"cookie": f"session=8f14e45f; user={USER}", "x-correlation-id": str(guid(1))}),
        LIST.but(request_headers={"referer": "https://pms.local:8443/patients/7@ward", "origin": "https://pms.local"}),
        LIST.but(request_headers={"proxy-authorization": encode_basic("proxy-user", "proxy-word")}),
    ],
    rejects=[
        lambda spec: LIST.but(target=f"{_path(spec)}?Password=secret"),
        lambda spec: LIST.but(target=f"{_path(spec)}?who=Sketch"),
        lambda spec: LIST.but(target=f"{spec.service.scheme}://Sketch:x@localhost{_path(spec)}"),
        LIST.but(request_headers={"x-password": PASSWORD}),
        LIST.but(request_headers={"cookie": f"login={encode_basic(USER, PASSWORD).partition(' ')[2]}"}),
        LIST.but(request_headers={"cookie": f"login={USER}%3A{PASSWORD}; lang=da"}),
        LIST.but(request_headers={"referer": "https://Eva:welcome@pms.local/"}),
        LIST.but(request_headers={"proxy-authorization": encode_basic(USER, PASSWORD)}),
        LIST.but(request_headers={"user-agent": f"Pms/1.0 ({USER}:{PASSWORD})"}),
        LIST.but(authorization=None, request_headers={"x-login": encode_basic(USER, PASSWORD)}),
    ],
    ignores=[LIST.but(authorization=None)],
)
def credentials_stay_out_of_the_address(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Addresses and other headers end up in the logs of servers and proxies.

    Recognised are the usual names, the user's own name, what stands before an @, and the login in any other header.
    """
    user = exchange.authorization.user
    known = exchange.method.by_folded_name if exchange.method is not None else {}
    odd = [pair for pair in exchange.pairs if pair.name.casefold() not in known]
    found = [pair.name for pair in odd if pair.name.casefold() in CREDENTIAL_NAMES or (user and pair.value == user)]
    if "@" in exchange.path.partition("://")[2].partition("/")[0]:
        found.append("what stands before the @")
    facts = (fact.partition(":") for fact in exchange.flaws.get(HEADERS, "").split())
    found += [f"the header {name}" for what, _, name in facts if what == CREDENTIALS_IN]
    if not found and not exchange.authorization.present:
        return None
    return judged(not found, "credentials in the Authorization header only", ", ".join(found), exchange)


@rule(
    "USE-002",
    judges=EVERY,
    accepts=[LIST, LIST.but(request_headers={"accept": "text/html, application/xml;q=0.9, */*;q=0.8"})],
    rejects=[
        LIST.but(request_headers={"accept": "application/json, text/plain, */*"}),
        LIST.but(request_headers={"accept": "*/*"}),
    ],
    ignores=[NEW.but(request_headers={"accept": "*/*"})],
)
def a_pms_asks_for_xml(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Judged where an answer is wanted: newer servers send JSON to whoever does not say what it can read."""
    if exchange.method is None or not exchange.method.answer:
        return None
    accept = exchange.event.request.headers.get("accept", "")
    kinds = {part.partition(";")[0].strip().casefold() for part in accept.split(",")}
    kept = bool(kinds & {"application/xml", "text/xml"})
    return judged(kept, "an Accept header that names application/xml", accept or "none", exchange)


# -- values ---------------------------------------------------------------------------------------------------


@rule(
    "USE-003",
    judges=EVERY,
    accepts=[NEW, call("update_patient", integration_id="A", first_name="", last_name="Fox")],
    rejects=[
        call("create_patient", integration_id="A", last_name="Fox", birth_date=""),
        call("create_patient", integration_id="A", last_name="Fox", station=""),
        call("find_cases", integration_id="A", is_created="", answer=[]),
    ],
    ignores=[LIST],
)
def what_has_no_value_is_left_out(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """An empty text is a text; an empty date, GUID or Boolean is none, and some hosts refuse the whole call for it."""
    method = exchange.method
    if method is None or not exchange.values:
        return None
    typed = (Kind.GUID, Kind.BOOLEAN, Kind.DATE)
    empty = [p.name for p in method.parameters if p.kind in typed and exchange.values.get(p.role) == ""]
    return judged(not empty, "parameters with a value, or none", f"{', '.join(empty)} without one", exchange)


@rule(
    "USE-004",
    judges=EVERY,
    accepts=[NEW, call("create_patient", integration_id="A 1", last_name="Fox", patient_id="P")],
    rejects=[
        call("create_patient", integration_id=" A", last_name="Fox"),
        call("update_patient", integration_id="A", last_name="Fox", patient_id="P "),
    ],
    ignores=[LIST, call("create_patient", last_name=" Fox")],
)
def ids_have_no_blanks_around_them(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Some hosts trim what they are given and others do not, so that one id becomes two."""
    given = [role for role in ("integration_id", "patient_id") if exchange.given(role)]
    if not given or exchange.method is None:
        return None
    padded = [exchange.method.by_role[role].name for role in given if _padded(exchange, role)]
    return judged(not padded, "ids without blanks around them", f"blanks around {', '.join(padded)}", exchange)


def _padded(exchange: Exchange, role: str) -> bool:
    value = exchange.values[role]
    return value != value.strip() or "blanks-around" in exchange.flaws.get(role, "").split()


@rule(
    "MAP-020",
    judges="create_patient",
    accepts=[NEW, call("create_patient", integration_id="17", first_name="Ann", last_name="Fox")],
    rejects=[
        call("create_patient", integration_id="Fox", first_name="Ann", last_name="Fox"),
        call("create_patient", integration_id="FOX ann", first_name="Ann", last_name="Fox"),
        call("create_patient", integration_id="1970-02-28", last_name="Fox", birth_date="1970-02-28"),
    ],
    ignores=[call("create_patient", last_name="Fox"), call("create_patient", integration_id="A")],
)
def an_integration_id_is_not_made_of_the_name(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Names and birth dates are shared; whoever makes the key of them maps two people to one."""
    if not exchange.given("integration_id") or not exchange.given("last_name"):
        return None
    value = exchange.values["integration_id"]
    names = _words(exchange.values.get("first_name", "")) | _words(exchange.values["last_name"])
    made_of = _words(value) <= names or value == exchange.values.get("birth_date", "")
    return judged(not made_of, "a key that no other patient can have", "the name or the birth date itself", exchange)


def _words(value: str) -> set[str]:
    """Words of a value or a token, without what tells upper from lower case."""
    return {folded(word) for word in value.split()}


# -- which operation and which station ------------------------------------------------------------------------


@rule(
    "FLOW-040",
    judges="get_status",
    accepts=[NEW + poll(1, "processed")],
    rejects=[call("create_patient", last_name="Fox") + poll(0, "processed"), call("get_status")],
    ignores=[call("get_status", operation="?")],
)
def a_status_is_asked_for_by_an_id_of_its_own(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """All operations without an id share the empty one: what comes back may be another's."""
    return _names_an_operation(exchange)


@rule(
    "REM-020",
    judges="remove_operation",
    accepts=[call("remove_operation", operation=1)],
    rejects=[call("remove_operation", operation=0), call("remove_operation")],
    ignores=[call("remove_operation", operation="?")],
)
def a_removal_names_its_operation(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The empty id is that of everybody's nameless operations."""
    return _names_an_operation(exchange)


def _names_an_operation(exchange: Exchange) -> Verdict | None:
    identifier = exchange.guid("operation")
    if identifier is None:
        return None
    return judged(identifier != EMPTY_GUID, "the id of one operation", "the empty id", exchange)


@rule(
    "SEL-063",
    judges="select_patient",
    accepts=[call("select_patient", integration_id="A", station=7)],
    rejects=[call("select_patient", integration_id="A", station=0)],
    ignores=[call("select_patient", integration_id="A"), call("select_patient", integration_id="A", station="?")],
)
def a_pms_selects_patients_at_a_station(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """The server cannot select a patient."""
    return names_a_station(exchange)
