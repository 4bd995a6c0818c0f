"""Addresses, names, order, spelling and dates: each probe beside a twin that differs in one respect."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import replace
from functools import partial
from urllib.parse import quote

from conformance.spec import Kind, Method, Spec
from conformance.suite.case_steps import FIND, RANGES, STATUSES, TRUE, between, cases_of, dates, day, owners
from conformance.suite.patient_steps import Share, named_like, one_of_share
from conformance.suite.play import Ask, Desk, Dialog, NotPossible, Pause, Play, Send, Steps, play
from conformance.trace import Exchange, Probe
from conformance.trace.events import TWIN
from conformance.wire import Record

Making = Generator[Ask, list[Exchange], Send]
"""Steps that end with a call ready to be sent."""

BROWSER_ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
_ORDINARY = frozenset({"first_name", "birth_date", "patient_id"})
"""What the patient of an ordinary call has, though it could be left out."""
_SPELLINGS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("upper", str.upper),
    ("lower", str.lower),
    ("swapped", str.swapcase),
)


def plays(spec: Spec) -> Iterable[Play]:
    """For every method: names in other cases, another order, other escapes, one parameter too many, optional ones."""
    for method in spec.methods:
        needs = _needs(method)
        if method.parameters:
            yield Play(f"transport.name-case.{method.role}", ("TRN-005",), needs, _name_case(method), "")
            yield Play(f"transport.order.{method.role}", ("TRN-006",), needs, _order(method), "")
            yield Play(f"transport.encoding.{method.role}", ("TRN-018",), needs, _encoding(method), "")
        yield Play(f"transport.unknown-parameter.{method.role}", ("TRN-019",), needs, _extra(method), "")
        if roles := _optional(method):
            yield Play(f"transport.optional.{method.role}", ("TRN-011",), needs, _with_optional(method, roles), "")


def _needs(method: Method) -> frozenset[str]:
    """Cases cannot be made from here: those that are selected were prepared."""
    if not method.starts_operation:
        return frozenset()
    return frozenset({"writes", "prepared"} if "case" in method.by_role else {"writes"})


def _distinguishing(desk: Desk, patient: str, found: Sequence[Record]) -> Iterable[tuple[str, str]]:
    """Each criterion of a search with a value that, if there is one, only some of the cases meet."""
    for first, last, field in RANGES:
        known = between(dates(desk, patient, found, field))
        yield from ((role, day(known[len(known) // 2])) for role in (first, last) if known)
    yield from ((status, TRUE) for status in STATUSES)


@play("transport.name-case.criteria", aims=("TRN-005",), needs=("fixtures",))
def criteria_in_other_letters(desk: Desk) -> Steps:
    """Each criterion of a search alone, its name in small letters and in capitals."""
    patient = owners(desk)[0]
    for role, value in _distinguishing(desk, patient, (yield from cases_of(desk, patient))):
        send = desk.send(FIND, integration_id=patient, **{role: value})
        for arm, spelling in _SPELLINGS[:2]:
            yield from _beside(desk, "name-case", arm, send, replace(send, names=spelling))


@play("transport.order.criteria", aims=("TRN-006",), needs=("fixtures",))
def criteria_in_the_first_place(desk: Desk) -> Steps:
    """A search with every criterion, each of them before all others in turn."""
    patient = owners(desk)[0]
    for role, value in _distinguishing(desk, patient, (yield from cases_of(desk, patient))):
        send = desk.send(FIND, integration_id=patient, **{role: value})
        first = _first(send, desk.spec.method[FIND].by_role[role].name)
        yield from _beside(desk, "order", f"{role}-first", send, first)


def _beside(desk: Desk, kind: str, arm: str, twin: Send, other: Send) -> Steps:
    """Two calls that are to bring the same."""
    pair = desk.text(f"{kind}-criteria-")
    yield from desk.one(replace(twin, probe=Probe(kind, pair, TWIN)))
    yield from desk.one(replace(other, probe=Probe(kind, pair, arm)))


@play("transport.name-case.merge", aims=("TRN-005",), needs=("writes", "operator", "fixtures", "prepared"))
def a_wish_to_merge_in_other_letters(desk: Desk) -> Steps:
    """A creation that is to be merged, its names as they stand and in small letters; both become new patients.

    Where the wish was not understood another dialog comes, and is closed; so it is where that dialog follows anyway.
    """
    suggested, pair = one_of_share(desk, Share.OTHERS), desk.text("name-case-merge-")
    for arm, spelling in ((TWIN, str), ("lower", str.lower)):
        operation, station = desk.operation_id(), desk.station()
        desk.decide(operation, station, Dialog.MERGE, "new")
        desk.decide(operation, station, Dialog.NEW_PATIENT, "cancel")
        values = {**named_like(desk, suggested), "merge": "True", "station": station, "operation": operation}
        yield replace(desk.send("create_patient", **values), names=spelling, probe=Probe("name-case", pair, arm))
        yield from desk.settle(operation)


def _name_case(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        for arm, spelling in _SPELLINGS:
            yield from _compare(desk, method, "name-case", arm, partial(replace, names=spelling))

    return steps


def _order(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        yield from _compare(
            desk, method, "order", "reversed", lambda send: replace(send, order=lambda pairs: tuple(reversed(pairs)))
        )
        yield from _compare(
            desk, method, "order", "sorted", lambda send: replace(send, order=lambda pairs: tuple(sorted(pairs)))
        )
        first = "operation" if method.starts_operation else next(iter(method.by_role))
        yield from _compare(desk, method, "order", f"{first}-first", partial(_first, name=method.by_role[first].name))

    return steps


def _first(send: Send, name: str) -> Send:
    """The call with this parameter before all others."""
    return replace(send, order=lambda pairs: tuple(sorted(pairs, key=lambda pair: pair[0] != name)))


def _encoding(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        yield from _compare(desk, method, "encoding", "all-escaped", lambda send: _escaped(desk.spec, send, str.upper))
        yield from _compare(desk, method, "encoding", "lower-hex", lambda send: _escaped(desk.spec, send, str.lower))

    return steps


def _escaped(spec: Spec, send: Send, digits: Callable[[str], str]) -> Send:
    """The call with every byte of every value escaped, letters too."""
    method = spec.method[send.role]
    pairs = (
        f"{quote(method.by_role[role].name)}=" + "".join(digits(f"%{byte:02X}") for byte in value.encode("utf-8"))
        for role, value in send.parameters.items()
    )
    return replace(send, query="&".join(pairs))


def _extra(method: Method) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        yield from _compare(
            desk, method, "unknown-parameter", "extra", lambda send: replace(send, extra=(("Unheard", "2020-06-05"),))
        )

    return steps


def _optional(method: Method) -> list[str]:
    """Optional parameters that an ordinary call leaves out; a GUID names something that has to be there, so none."""
    return [
        p.role for p in method.parameters if not p.mandatory and p.kind is not Kind.GUID and p.role not in _ORDINARY
    ]


def _with_optional(method: Method, roles: Sequence[str]) -> Callable[[Desk], Steps]:
    """Each optional parameter alone, then all of them, with the values of the guide's examples."""

    def steps(desk: Desk) -> Steps:
        for chosen in (*([role] for role in roles), roles):
            send = yield from ordinary(desk, method)
            examples = {role: method.by_role[role].example for role in chosen}
            yield from desk.one(desk.send(method.role, **send.parameters, **examples))
            if method.starts_operation:
                yield from desk.settle(send.parameters["operation"])

    return steps


def _compare(desk: Desk, method: Method, kind: str, arm: str, change: Callable[[Send], Send]) -> Steps:
    """Sends the twin and the probe, each with fresh values, and waits until both are final."""
    pair = desk.text(f"{kind}-{method.role}-")
    arms: tuple[tuple[str, Callable[[Send], Send]], ...] = ((TWIN, lambda send: send), (arm, change))
    for name, alter in arms:
        send = alter((yield from ordinary(desk, method)))
        yield from desk.one(replace(send, probe=Probe(kind, pair, name)))
        if method.starts_operation:
            yield from desk.settle(send.parameters["operation"])


def ordinary(desk: Desk, method: Method) -> Making:
    """A call of ``method`` that works: of a fresh patient, of a fixture, or of what the server lists."""
    if method.role in _MAKERS:
        return (yield from _MAKERS[method.role](desk))
    if method.role == "list_stations":
        return desk.send("list_stations")
    return _of_case(desk, method)


def _create(desk: Desk) -> Making:
    yield Pause()
    return desk.send("create_patient", operation=desk.operation_id(), **desk.patient())


def _update(desk: Desk) -> Making:
    patient = desk.patient()
    yield from desk.done("create_patient", **patient)
    return desk.send("update_patient", operation=desk.operation_id(), **patient)


def _at_station(role: str) -> Callable[[Desk], Making]:
    def make(desk: Desk) -> Making:
        station, patient = desk.station(), desk.patient()
        yield from desk.done("create_patient", **patient)
        operation = desk.operation_id()
        desk.decide(operation, station, Dialog.PAGE, "proceed")
        return desk.send(role, integration_id=patient["integration_id"], station=station, operation=operation)

    return make


def _ask_status(desk: Desk) -> Making:
    operation = desk.operation_id()
    yield from desk.done("create_patient", operation=operation, **desk.patient())
    return desk.send("get_status", operation=operation)


def _remove(desk: Desk) -> Making:
    yield Pause()
    return desk.send("remove_operation", operation=desk.operation_id())


def _of_case(desk: Desk, method: Method) -> Send:
    """A read, or a selection, about a case that was declared to exist."""
    what = "image" if method.role == "fetch_image" else "case"
    known = next(iter(desk.fixtures(what)), None)
    if known is None:
        raise NotPossible(f"no {what} is declared as a fixture")
    values = {role: known[role] for role in ("integration_id", "case", "image") if role in method.by_role}
    if method.starts_operation:
        values.update(station=desk.station(), operation=desk.operation_id())
        desk.decide(values["operation"], values["station"], Dialog.PAGE, "proceed")
    return desk.send(method.role, **values)


_MAKERS: dict[str, Callable[[Desk], Making]] = {
    "create_patient": _create,
    "update_patient": _update,
    "select_patient": _at_station("select_patient"),
    "create_case": _at_station("create_case"),
    "get_status": _ask_status,
    "remove_operation": _remove,
}


@play("transport.browser", aims=("TRN-002", "TRN-001"))
def from_a_browser(desk: Desk) -> Steps:
    """The station list with the Accept header of a browser, and with none of XML's."""
    pair = desk.text("browser-")
    yield from desk.one(replace(desk.send("list_stations"), probe=Probe("browser", pair, TWIN)))
    odd = replace(
        desk.send("list_stations"), headers={"Accept": BROWSER_ACCEPT}, probe=Probe("browser", pair, "browser")
    )
    yield from desk.one(odd)


@play("transport.accept", aims=())
def other_accept_headers(desk: Desk) -> Steps:
    """What comes back for other Accept headers is a reading."""
    for accept in ("*/*", "application/json, text/plain, */*", "text/xml", "image/png"):
        yield from desk.one(replace(desk.send("list_stations"), headers={"Accept": accept}))


@play("transport.every-method", aims=("TRN-001", "TRN-004", "TRN-011"), needs=("writes",))
def every_method_with_little(desk: Desk) -> Steps:
    """Each method that can run on the server, with nothing but its mandatory parameters."""
    patient = desk.patient()
    short = {role: patient[role] for role in ("integration_id", "last_name")}
    yield from desk.one(desk.send("create_patient", **short))
    yield from desk.one(desk.send("update_patient", **short))
    yield from desk.one(desk.send("find_cases", integration_id=short["integration_id"]))
    yield from desk.one(desk.send("list_stations"))
    yield from desk.one(desk.send("get_status", operation=desk.operation_id()))
    yield from desk.one(desk.send("remove_operation", operation=desk.operation_id()))


@play("transport.value-case", aims=("TRN-007",), needs=("writes",))
def the_same_letters_in_another_case(desk: Desk) -> Steps:
    """An integration id, and then the same letters in another case for another patient."""
    pair, letters = desk.text("value-case-"), desk.text("Aa")
    for arm, value in ((TWIN, letters), ("other", letters.swapcase())):
        patient = desk.patient(integration_id=desk.fresh("integration_id", value))
        operation = desk.operation_id()
        send = desk.send("create_patient", operation=operation, **patient)
        yield from desk.one(replace(send, probe=Probe("value-case", pair, arm)))
        yield from desk.settle(operation)


@play("transport.dates", aims=("TRN-008",), needs=("writes",))
def dates_of_every_form(desk: Desk) -> Steps:
    """Birth dates with the year first at their limits, then forms that a server may refuse, drop or take."""
    for date in (
        "1970-02-28",
        "2000-02-29",
        "1900-01-01",
        "2019-11-14T00:00:00",
        "1753-01-01",
        "28.02.1970",
        "02/28/1970",
    ):
        yield from desk.done("create_patient", **desk.patient(birth_date=date))


@play("transport.search-dates", aims=("TRN-008",))
def search_dates_of_every_form(desk: Desk) -> Steps:
    """One bound each, with the year first."""
    known = next(iter(desk.fixtures("patient")), None)
    if known is None:
        raise NotPossible("no patient is declared as a fixture")
    for role in ("created_from", "created_to", "delivered_from", "delivered_to"):
        for date in ("2018-04-30", "2018-04-30T12:30:00"):
            yield from desk.one(desk.send("find_cases", integration_id=known["integration_id"], **{role: date}))


@play("transport.long-query", aims=("TRN-018", "PAT-001"), needs=("writes",))
def values_that_grow_when_encoded(desk: Desk) -> Steps:
    """No value is long, but each character takes nine in the query, which has to be read to its end."""
    for letters in (12, 30):
        values = {role: desk.text("\u8cb4\u5b50" * (letters // 2)) for role in ("first_name", "last_name")}
        ids = {role: desk.fresh(role, desk.text("\u756a" * letters)) for role in ("integration_id", "patient_id")}
        yield from desk.done("create_patient", **desk.patient(**values, **ids))
        yield from desk.done("update_patient", **desk.patient(**values, **ids))


@play("transport.refused-verbs", aims=("STAT-038", "PAT-020"), needs=("writes",))
def what_another_verb_leaves_behind(desk: Desk) -> Steps:
    """A creation with another verb, a look at it, and the same ids in a creation as it should be."""
    for verb in ("HEAD", "POST", "PUT", "DELETE"):
        patient, operation = desk.patient(), desk.operation_id()
        send = desk.send("create_patient", operation=operation, **patient)
        yield from desk.one(replace(send, verb=verb, connection=f"verb-{verb}"))
        yield from desk.one(desk.send("get_status", operation=operation))
        yield from desk.done("create_patient", **patient)


@play("transport.survival", aims=("TRN-012",), needs=("writes",))
def odd_calls_and_then_plain_ones(desk: Desk) -> Steps:
    """Malformed values, broken escapes, huge names, other verbs; after each, the station list."""
    spec = desk.spec
    patient = desk.patient()
    yield from desk.one(desk.send("list_stations"))
    for role, parameter in spec.method["create_patient"].by_role.items():
        if parameter.kind in (Kind.GUID, Kind.BOOLEAN, Kind.DATE):
            yield from desk.one(desk.send("create_patient", **{**desk.patient(), role: "no-such-value"}))
            yield from desk.one(desk.send("list_stations"))
    last = spec.method["create_patient"].by_role["last_name"].name
    own = desk.text("Fox")
    for query in (
        f"{last}={own}%zz&%00=%ff",
        f"{last}={own}{'x' * 6000}",
        "&&=&=&",
        f"{last}[]={own}1&{last}[0]={own}2",
        "%",
    ):
        yield from desk.one(replace(desk.send("create_patient"), query=query))
        yield from desk.one(desk.send("list_stations"))
    for verb in ("POST", "HEAD", "DELETE"):
        yield from desk.one(replace(desk.send("list_stations"), verb=verb, connection=f"verb-{verb}"))
        yield from desk.one(desk.send("list_stations"))
    yield from desk.done("create_patient", **patient)
