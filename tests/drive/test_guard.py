"""What the guard lets through, by tier, and what it never does, whoever asks."""

import re
from pathlib import Path
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conformance.drive import Driver, Guard, Outgoing, OutsideTier, Tier, guard_at, made_up, number, place, target
from conformance.drive.connection import Address, request_bytes
from conformance.spec import load
from conformance.trace import Recorder, Redactor

SPEC = load()
URL = "http://host:5484/DentalDesktop/WebService"
PREFIX = "qxyz12"
OWN, OTHER = "Fox-qxyz12-1", "12345"
OWN_GUID, OTHER_GUID, NIL = made_up(PREFIX, 77), "0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c", SPEC.empty_guid
STATION = "11111111-2222-3333-4444-555555555555"
PLACE = place(URL)
HOST = (("Host", PLACE.authority),)
OPERATIONS = [re.sub("[^a-z0-9]", "", m.name.lower()) for m in SPEC.methods if m.starts_operation]
CHANGES = [*OPERATIONS, SPEC.method["remove_operation"].name.lower()]
LOOK_UPS = {"list_stations": {}, "get_status": {"operation": OTHER_GUID}}
READS = {"find_cases": {"integration_id": OTHER}, "fetch_image": {"case": OTHER_GUID, "image": OTHER_GUID}}


def asked(role, parameters, **changes):
    return target(SPEC, PLACE.base_path, role, parameters, **changes)


def admitted(tier, role="list_stations", parameters=None, *, verb="GET", headers=HOST, guard=None, **changes):
    """Whether the guard lets the call through."""
    wanted = asked(role, parameters or {}, **changes)
    try:
        (guard or guard_at(PLACE, SPEC, tier, prefix=PREFIX)).admit(request_bytes(verb, wanted, headers), verb)
    except OutsideTier:
        return False
    return True


def creation(**changes):
    return {"integration_id": OWN, "last_name": OWN, "operation": OWN_GUID, **changes}


# -- the tiers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("role", LOOK_UPS)
def test_everybody_may_ask_who_is_there_and_how_things_stand(tier, role):
    assert admitted(tier, role, LOOK_UPS[role])


@pytest.mark.parametrize("role", READS)
def test_patients_are_read_from_the_second_tier_on(role):
    assert [admitted(tier, role, READS[role]) for tier in Tier] == [False, True, True, True]


@pytest.mark.parametrize(
    ("role", "parameters"),
    [
        ("create_patient", creation()),
        ("update_patient", creation()),
        ("select_patient", {"integration_id": OWN, "station": STATION, "operation": OWN_GUID}),
        ("create_case", {"integration_id": OWN, "station": STATION}),
        ("select_case", {"case": OWN_GUID, "station": STATION}),
        ("remove_operation", {"operation": OWN_GUID}),
    ],
)
def test_operations_about_own_things_from_the_third_tier_on(role, parameters):
    assert [admitted(tier, role, parameters) for tier in Tier] == [False, False, True, True]


@pytest.mark.parametrize(
    ("role", "parameters"),
    [
        ("create_patient", creation(integration_id=OTHER)),
        ("create_patient", creation(patient_id=OTHER)),
        ("create_patient", creation(integration_id="", last_name="Smith")),
        ("create_patient", creation(last_name="Smith", station=STATION)),
        ("create_patient", creation(last_name="Smith", merge="True")),
        ("create_patient", creation(operation=OTHER_GUID)),
        ("update_patient", creation(integration_id=OTHER)),
        ("select_patient", {"integration_id": OTHER, "station": STATION}),
        ("create_case", {"integration_id": OTHER, "station": STATION}),
        ("select_case", {"case": OTHER_GUID, "station": STATION}),
        ("remove_operation", {"operation": OTHER_GUID}),
        ("remove_operation", {"operation": NIL}),
        ("remove_operation", {}),
    ],
)
def test_operations_about_others_in_the_last_tier_only(role, parameters):
    assert [admitted(tier, role, parameters) for tier in Tier] == [False, False, False, True]


@pytest.mark.parametrize(
    ("role", "parameters"),
    [
        ("create_patient", {}),
        ("create_patient", {"last_name": OWN}),
        ("create_patient", creation(integration_id="")),
        ("create_patient", creation(last_name="")),
        ("create_patient", creation(last_name="Smith")),
        ("create_patient", creation(integration_id=f"-{number(PREFIX)}01", patient_id=f"0{number(PREFIX)}1.0")),
        ("create_patient", creation(operation="no-such-value")),
        ("create_patient", creation(operation=NIL)),
        ("create_patient", creation(operation=OWN_GUID.upper())),
        ("create_patient", creation(integration_id=OWN.upper())),
        ("create_patient", creation(integration_id=OWN + "&a=1")),
        ("create_patient", creation(integration_id=OWN + "%201 +'\"<i>ß李")),
        ("select_case", {"station": STATION}),
        ("select_case", {"case": NIL, "station": STATION}),
        ("create_case", {"integration_id": OWN}),
    ],
)
def test_calls_that_lack_something_stay_possible_with_own_data(role, parameters):
    assert admitted(Tier.OWN_DATA, role, parameters)


def test_each_tier_allows_what_those_below_it_allow():
    assert [[a.allows(b) for b in Tier] for a in Tier] == [[i >= j for j in range(4)] for i in range(4)]


# -- what was learnt on the way -------------------------------------------------------------------------------


def test_an_operation_without_an_id_can_be_removed_by_whoever_started_one():
    guard = guard_at(PLACE, SPEC, Tier.OWN_DATA, prefix=PREFIX)
    assert admitted(guard.tier, "create_patient", {"last_name": OWN}, guard=guard)
    assert admitted(guard.tier, "remove_operation", {"operation": NIL}, guard=guard)


def test_not_where_others_may_have_started_the_last_one():
    guard = guard_at(PLACE, SPEC, Tier.OWN_DATA, prefix=PREFIX, shared=True)
    assert admitted(guard.tier, "create_patient", {"last_name": OWN}, guard=guard)
    assert not admitted(guard.tier, "remove_operation", {}, guard=guard)


ROOT, CASE = SPEC.document["cases"].root, SPEC.record["case"]
LISTED = (
    f"<{ROOT}><{CASE.name}><{CASE.by_role['case'].name}>{OTHER_GUID}</{CASE.by_role['case'].name}>"
    f"<{CASE.by_role['integration_id'].name}>%s</{CASE.by_role['integration_id'].name}></{CASE.name}></{ROOT}>"
)


@pytest.mark.parametrize(
    ("searched", "listed", "own"), [(OWN, OWN, True), (OWN, OTHER, False), (OTHER, OTHER, False), (OTHER, OWN, False)]
)
def test_cases_are_own_when_listed_as_such_in_a_search_for_own_patients(searched, listed, own):
    guard = guard_at(PLACE, SPEC, Tier.OWN_DATA, prefix=PREFIX)
    search = guard.admit(request_bytes("GET", asked("find_cases", {"integration_id": searched}), HOST), "GET")
    guard.learn(search, 200, (LISTED % listed).encode(), "application/xml")
    assert admitted(guard.tier, "select_case", {"case": OTHER_GUID, "station": STATION}, guard=guard) is own


@pytest.mark.parametrize("prefix", ["", "q", "abc"])
def test_a_prefix_that_any_id_may_hold_tells_nothing_apart(prefix):
    with pytest.raises(ValueError, match="at least 4 characters"):
        Guard(SPEC, Tier.OWN_DATA, prefix=prefix)


def test_a_driver_without_a_guard_observes():
    driver = Driver(URL, Recorder(SPEC, Redactor(SPEC, b"key")), None)
    with pytest.raises(OutsideTier, match="the run may go as far as observe"):
        driver.admit(Outgoing(asked("find_cases", {"integration_id": OTHER}), HOST))


# -- bytes that a forgiving server reads as something else ----------------------------------------------------

CREATE, LIST = SPEC.method["create_patient"].name, SPEC.method["list_stations"].name
BASE = PLACE.base_path


@pytest.mark.parametrize(
    "wanted",
    [
        f"{BASE}/{CREATE}",
        f"{BASE}/{CREATE.lower()}",
        f"{BASE}//{CREATE}/",
        f"{BASE}/{LIST}/../{CREATE}",
        f"{BASE}/{LIST}/{CREATE}",
        f"{BASE}/%43reatePatient",
        f"{BASE}/%2543reatePatient",
        f"{BASE}/%u0043reatePatient",
        f"{BASE}/{CREATE};x=/{LIST}",
        f"{BASE}/{CREATE}%3F/{LIST}",
        f"{BASE}/{CREATE}#/{LIST}",
        f"{BASE}\\{CREATE}",
        f"{BASE}/{CREATE}%00{LIST}",
        f"{BASE}/{CREATE}.",
        f"{BASE}/{CREATE}%20",
        f"{BASE}/{LIST}?{CREATE}",
        f"{BASE}/{LIST}?method=Create%50atient",
        f"{BASE}/{CREATE} {BASE}/{LIST}",
        f"{BASE}/{LIST} HTTP/1.1\r\n\r\nGET {BASE}/{CREATE}",
        f"http://host:5484{BASE}/{CREATE}",
        f"http://elsewhere{BASE}/{LIST}",
        f"/v3/{LIST}",
        f"{BASE}/DeletePatient",
        f"{BASE}/",
        "*",
        "",
        f"{BASE}/{LIST}?a=%2525252525252541",
    ],
)
@pytest.mark.parametrize("tier", [Tier.OBSERVE, Tier.READ_ONLY])
def test_nothing_that_may_be_an_operation_or_is_unknown(tier, wanted):
    assert not admitted(tier, path=wanted)


@pytest.mark.parametrize("written", [LIST.lower(), LIST.upper(), f"{LIST}/", f"/{LIST}", f"{LIST}/.", f"%47{LIST[1:]}"])
def test_a_look_up_may_be_written_in_other_ways(written):
    assert admitted(Tier.OBSERVE, path=f"{BASE}/{written}")


@pytest.mark.parametrize("verb", ["POST", "DELETE", "PUT", "PATCH", "get\r\nX:", "MOVE", ""])
def test_no_other_verbs_for_those_who_only_look(verb):
    assert not admitted(Tier.READ_ONLY, verb=verb)


def test_other_verbs_with_own_data_about_own_things():
    assert admitted(Tier.OWN_DATA, verb="DELETE")
    assert admitted(Tier.OWN_DATA, "find_cases", {"integration_id": OWN}, verb="POST")
    assert not admitted(Tier.OWN_DATA, "find_cases", {"integration_id": OTHER}, verb="POST")
    assert not admitted(Tier.OWN_DATA, "get_status", {"operation": OTHER_GUID}, verb="DELETE")


@pytest.mark.parametrize(
    "header",
    [
        ("X-HTTP-Method-Override", "DELETE"),
        ("X-Original-URL", f"{BASE}/{CREATE}"),
        ("Transfer-Encoding", "chunked"),
        ("Accept", f"*/*\r\n\r\nGET {BASE}/{CREATE} HTTP/1.1"),
        ("Host", "elsewhere"),
        ("Ho st", "x"),
    ],
)
def test_no_header_that_makes_it_another_request(header):
    assert not admitted(Tier.OWN_DATA, headers=(*HOST, header))


NAME = SPEC.method["update_patient"].by_role["integration_id"].name


@pytest.mark.parametrize(
    "query",
    [
        f"{NAME}={OWN}&{NAME}={OTHER}",
        f"{NAME}={OTHER}&{NAME}={OWN}",
        f"{NAME}={OWN}&{NAME.lower()}={OTHER}",
        f"{NAME}={OWN}&{NAME}[]={OTHER}",
        f"{NAME}={OWN};{NAME}={OTHER}",
        f"{NAME}={OWN}%26{NAME}={OTHER}",
        f"{NAME}={OTHER}%00{OWN}",
        f"{NAME}={OTHER}%2500{OWN}",
        f"{NAME}={OTHER},{OWN}",
        f"{NAME}={OTHER};{OWN}",
        f"{NAME}={OTHER} {OWN}",
        f"{NAME}={OTHER}%23{OWN}",
        f"%49{NAME[1:]}={OTHER}",
        f"%2549{NAME[1:]}={OTHER}",
        f" {NAME}+={OTHER}",
        f"Integr\u0430tionId={OTHER}",
        f"{NAME}={OTHER}&x={OWN}",
        f"x={OWN}?{NAME}={OTHER}",
    ],
)
def test_nobody_else_is_named_in_any_reading_of_an_update(query):
    assert not admitted(Tier.OWN_DATA, "update_patient", query=query)


# -- whatever is asked for ------------------------------------------------------------------------------------


class _Socket:
    """Takes what is written to it and says nothing."""

    def __init__(self):
        self.sent = b""

    def settimeout(self, seconds):
        pass

    def sendall(self, data):
        self.sent += data

    def recv(self, size):
        return b""

    def recv_into(self, buffer):
        return 0

    def close(self):
        pass


def sent_by(tier, *outgoings):
    """The bytes that reached the socket."""
    socket = _Socket()
    guard = guard_at(PLACE, SPEC, tier, prefix=PREFIX)
    driver = Driver(URL, Recorder(SPEC, Redactor(SPEC, b"key")), None, guard=guard)
    with patch.object(Address, "open", lambda self, timeout_s: socket):
        for outgoing in outgoings:
            try:
                driver.send(outgoing)
            except OutsideTier:
                continue
    return socket.sent


def every_reading(data):
    """The text of the bytes, decoded again and again."""
    texts = [data.decode("latin-1")]
    for _ in range(8):
        texts.append(unquote(re.sub("%u00(..)", r"%\1", texts[-1]), encoding="latin-1"))
    return texts


def changes_in(data):
    """Names of methods that change something, anywhere in the bytes, however written."""
    squeezed = [re.sub("[^a-z0-9]", "", text.lower()) for text in every_reading(data)]
    return [name for name in CHANGES for text in squeezed if name in text]


NAMES = [method.name for method in SPEC.methods]
ESCAPES = [
    str,
    str.lower,
    str.upper,
    lambda text: "".join(f"%{ord(sign):02x}" for sign in text),
    lambda text: f"%25{ord(text[0]):02X}{text[1:]}" if text else text,
    lambda text: f"%u00{ord(text[0]) & 255:02X}{text[1:]}" if text else text,
]
NOISE = st.sampled_from(["", "/", "//", "/./", "/../", "\\", ";", "%2f", "%00", "?", "#", " ", "\r\n", "&", "."])
WORD = st.one_of(st.sampled_from([*NAMES, NAME, OWN, OTHER, BASE, "x"]), st.text(max_size=5))
PIECE = st.builds(lambda escape, word: escape(word), st.sampled_from(ESCAPES), WORD)
WILD = st.lists(st.one_of(PIECE, NOISE), max_size=8).map("".join)
PAIR = st.builds(
    lambda name, sign, value: f"{name}{sign}{value}",
    st.one_of(PIECE, st.sampled_from([p.name for m in SPEC.methods for p in m.parameters])),
    st.sampled_from(["=", "==", "", "[]=", "%3d"]),
    PIECE,
)
QUERY = st.lists(PAIR, max_size=4).map("&".join)
TARGET = st.one_of(
    WILD,
    st.builds(lambda piece, tail: f"{BASE}/{piece}{tail}", PIECE, WILD),
    st.builds(lambda name, query: f"{BASE}/{name}?{query}", st.sampled_from(NAMES), QUERY),
)
VERB = st.sampled_from(["GET", "GET", "GET", "get", "HEAD", "POST", "DELETE", "OPTIONS", "GET /x HTTP/1.1\r\n\r\nGET"])
HEADER = st.tuples(st.sampled_from(["Accept", "X-Original-URL", "Content-Length", "Connection"]), WILD)
OUTGOING = st.builds(
    lambda wanted, verb, more: Outgoing(wanted, (*HOST, *more), verb), TARGET, VERB, st.lists(HEADER, max_size=1)
)
MANY = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("tier", [Tier.OBSERVE, Tier.READ_ONLY])
@MANY
@given(OUTGOING)
@example(Outgoing(f"{BASE}/{LIST}", HOST))
def test_whatever_is_asked_for_nothing_that_changes_anything_reaches_a_socket(tier, outgoing):
    data = sent_by(tier, outgoing)
    assert changes_in(data.split(b"\r\n")[0]) == []
    assert data.split(b" ")[0] in (b"", b"GET", b"get", b"HEAD", b"OPTIONS")
    assert data.count(b"\r\n\r\n") <= 1


@MANY
@given(OUTGOING)
def test_whatever_is_asked_for_no_patients_are_read_by_those_who_observe(outgoing):
    data = sent_by(Tier.OBSERVE, outgoing)
    path = data.split(b"\r\n")[0].split(b"?")[0].lower()
    assert not any(SPEC.method[role].name.lower().encode() in path for role in READS)


@MANY
@given(st.sampled_from(["create_patient", "update_patient", "select_patient", "create_case"]), QUERY)
@example("create_patient", f"{NAME}=;")
@example("create_patient", f"{NAME}=\x1f")
def test_whatever_is_asked_for_no_stranger_is_named_by_those_who_write_own_data(role, query):
    data = sent_by(Tier.OWN_DATA, Outgoing(asked(role, {}, query=query), HOST))
    wanted = data.split(b"\r\n")[0].decode("latin-1").rpartition(" ")[0].partition("?")[2]
    named = [
        value for text in every_reading(wanted.encode("latin-1")) for name, value in parse_qsl(text) if name == NAME
    ]
    assert all(PREFIX in value.lower() for value in named if value.strip("\0 "))


def test_nothing_else_in_the_product_writes_to_a_server():
    """But for one constant request without credentials, to a port that speaks no TLS where TLS was expected."""
    root = Path(__file__).resolve().parents[2] / "conformance"
    files = [path for part in ("drive", "suite", "command", "judge", "report") for path in (root / part).rglob("*.py")]
    writing = {path.relative_to(root).as_posix() for path in files if ".sendall(" in path.read_text(encoding="utf-8")}
    assert writing == {"drive/connection.py", "suite/reach.py"}
