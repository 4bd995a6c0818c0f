"""What a PMS owes to any server: documented methods and parameters, values that can be read in one way only."""

from __future__ import annotations

from conformance.rules.catalogue import EVERY, rule
from conformance.rules.verdict import Verdict, judged
from conformance.rules.written import INVARIANT, date_written, form_written, malformed, meant
from conformance.spec import Kind, Spec
from conformance.trace import Exchange, History, Sketch, call, hidden, order
from conformance.trace.facts import BARE_PLUS, NAME_LENGTH, TWICE
from conformance.wire import DateFormat

LIST = call("list_stations", answer=[])
NEW = call("create_patient", integration_id="A", last_name="Fox", operation=1)
CASES = call("find_cases", integration_id="A", answer=[])

UNHEARD_OF = "Unheard"
"""Neither a method nor a parameter of any service."""


def _path(spec: Spec, role: str) -> str:
    return f"{spec.service.base_path}/{spec.method[role].name}"


def _last_name(spec: Spec) -> str:
    return spec.method["create_patient"].by_role["last_name"].name


def _told(last_name: str) -> Sketch:
    """The PMS is told to create a patient of that name."""
    return order("create_patient", person="17", last_name=last_name)


def _named(spec: Spec, query: str) -> Sketch:
    """A creation whose query is the last name's parameter with this text after it."""
    return NEW.but(target=f"{_path(spec, 'create_patient')}?{_last_name(spec)}={query}")


_LEADING_YEAR = INVARIANT | {DateFormat.LOOSE}
_READABLE = _LEADING_YEAR | {DateFormat.NAMED, DateFormat.INVARIANT, DateFormat.DOTTED, DateFormat.AMBIGUOUS}


@rule(
    "TRN-003",
    judges=EVERY,
    accepts=[LIST, lambda spec: LIST.but(target=_path(spec, "list_stations").casefold())],
    rejects=[
        lambda spec: LIST.but(target=f"{spec.service.base_path}/{UNHEARD_OF}"),
        lambda spec: LIST.but(target=f"/elsewhere{_path(spec, 'list_stations')}"),
        LIST.but(target="/"),
    ],
)
def a_pms_calls_documented_methods(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Letter case of the path is left to the server: the vendor itself spells it in two ways."""
    name = exchange.path.rpartition("/")[2]
    base = spec.service.base_path.casefold()
    kept = exchange.method is not None and exchange.path.casefold() == f"{base}/{name.casefold()}"
    return judged(kept, f"a method under {spec.service.base_path}/", f"a call of {exchange.path}", exchange)


@rule(
    "TRN-009",
    judges=EVERY,
    accepts=[
        call("create_patient", integration_id="A", birth_date="1970-02-28"),
        call("create_patient", integration_id="A", birth_date="28.02.1970"),
        call("find_cases", integration_id="A", created_from="2019-01-01T00:00:00"),
        call("find_cases", integration_id="A", created_from="2019/1/1", created_to="Tue, 01 Jan 2019 00:00:00 GMT"),
    ],
    rejects=[
        call("create_patient", integration_id="A", birth_date="19700228"),
        call("create_patient", integration_id="A", birth_date="1970/02/30"),
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
    accepts=[
        call("create_patient", integration_id="A", birth_date="1970-02-28"),
        call("create_patient", integration_id="A", birth_date="1970/02/28"),
    ],
    rejects=[
        call("create_patient", integration_id="A", birth_date="28 Feb 1970"),
        call("create_patient", integration_id="A", birth_date="28.02.1970"),
        call("create_patient", integration_id="A", birth_date="12.11.1970"),
        call("find_cases", integration_id="A", created_from="11/12/2019"),
    ],
    ignores=[NEW],
)
def a_pms_writes_dates_year_first(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A date with the day first is dropped, refused or swapped, depending on the culture of the server."""
    return _date_form(exchange, _LEADING_YEAR, "a date with the year first, such as 2019-11-14")


def _date_form(exchange: Exchange, allowed: frozenset[DateFormat], expected: str) -> Verdict | None:
    method = exchange.method
    dates = [p for p in method.parameters if p.kind is Kind.DATE and exchange.given(p.role)] if method else []
    if not dates:
        return None
    wrong: dict[str, list[str]] = {}
    for parameter in dates:
        if date_written(exchange, parameter.role) not in allowed:
            wrong.setdefault(_told_form(exchange, parameter.role), []).append(parameter.name)
    observed = ", ".join(f"{' and '.join(names)} as {form}" for form, names in wrong.items())
    return judged(not wrong, expected, observed, exchange)


_SPELT = {
    DateFormat.COMPACT: "eight figures",
    DateFormat.NAMED: "a date with the name of the month",
    DateFormat.DOTTED: "a date with the day first",
    DateFormat.INVARIANT: "a date whose year stands last",
    DateFormat.AMBIGUOUS: "a date whose year stands last",
}
_DAY_OR_MONTH = frozenset({DateFormat.DOTTED, DateFormat.INVARIANT, DateFormat.AMBIGUOUS})


def _told_form(exchange: Exchange, role: str) -> str:
    """How the date was written, in the same words for all dates that one program writes alike."""
    spelt, form = date_written(exchange, role), form_written(exchange, role)
    if form and spelt in _DAY_OR_MONTH:
        return f"{form} (day and month can be taken for each other)"
    return form or _SPELT.get(spelt, "a text that is no date")


@rule(
    "TRN-013",
    judges=EVERY,
    accepts=[
        NEW,
        call("create_patient", integration_id="A", last_name="ö & co"),
        lambda spec: _told("van der Berg") + _named(spec, "van+der+Berg"),
        lambda spec: _told("50%2B") + _named(spec, "50%252B"),
        lambda spec: _told("Fox") + _named(spec, "50%252B"),
        lambda spec: _told("Roe 7") + _named(spec, "Roe+8"),
    ],
    rejects=[
        lambda spec: _told("Roe+Fox") + _named(spec, "Roe+Fox"),
        lambda spec: _told("Roe + Fox") + _named(spec, "Roe%20+%20Fox"),
        lambda spec: _told("Roe & Fox") + _named(spec, "Roe%2520%2526%2520Fox"),
        lambda spec: _told("Roe & Fox") + _named(spec, "Roe%2B%2526%2BFox"),
        lambda spec: _named(spec, "%zz"),
        lambda spec: _named(spec, "%FC"),
        lambda spec: _named(spec, "van der Berg"),
        lambda spec: _named(spec, "Fox #2"),
        lambda spec: _named(spec, "Fox#2"),
    ],
    ignores=[LIST],
)
def a_pms_encodes_its_values(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Broken escapes, bytes that are no UTF-8, raw blanks and raw characters beyond ASCII are read by luck.

    With a # as it is a query ends for most readers.

    A plus sign as it is and what is encoded twice are seen where the PMS was told what the record says.
    """
    if not exchange.pairs:
        return None
    flaws = {flaw for facts in exchange.flaws.values() for flaw in facts.split()}
    flaws |= {flaw for pair in exchange.pairs for flaw in pair.flaws}
    found = sorted(flaws & {"bad-escape", "raw-blank", "raw-non-ascii", "raw-hash", "not-utf8", "control"})
    found += sorted(_not_as_meant(history, exchange))
    return judged(not found, "percent-encoded UTF-8", ", ".join(found), exchange)


_WAYS = {BARE_PLUS: "a plus sign as it is", TWICE: "escapes of escapes"}


def _not_as_meant(history: History, exchange: Exchange) -> set[str]:
    """How texts were written that say something else than the record, and would say the same had that been right."""
    order_ = history.orders.of(exchange)
    told = order_.data if order_ is not None else {}
    found = set()
    for role, value in exchange.values.items():
        record = told.get(role, "").strip()
        if record and value.strip() != record:
            found |= {_WAYS[how] for text, how in meant(exchange, role).items() if text.strip() == record}
    return found


def _named_or_found(exchange: Exchange, name: str) -> str:
    """The name, or where to look for it where it is hidden, since it might be somebody's."""
    if not hidden(name):
        return name
    names = [pair.name for pair in exchange.pairs]
    place = names.index(name) if name in names else 0
    facts = exchange.flaws.get(name, "").split()
    length = next((fact.partition(":")[2] for fact in facts if fact.startswith(f"{NAME_LENGTH}:")), "")
    parts = [f"parameter {place + 1} of {len(names)}", f"whose name has {length} characters" if length else ""]
    parts.append(f"behind {names[place - 1]}" if place and not hidden(names[place - 1]) else "")
    return f"{name} ({', '.join(part for part in parts if part)})"


AGAINST_CACHES = "_"
"""The parameter that libraries add, another number each time, so that no cache answers."""


def _misspelt(spec: Spec) -> str:
    """A name of a parameter of searches that the guide itself misspells."""
    return next(name for each in spec.method["find_cases"].parameters for name in each.misspelt)


@rule(
    "TRN-014",
    judges=EVERY,
    accepts=[
        NEW,
        lambda spec: _named(spec, f"A&{AGAINST_CACHES}=637"),
        lambda spec: CASES.but(target=f"{_path(spec, 'find_cases')}?{_misspelt(spec)}=2020-01-01"),
    ],
    rejects=[
        lambda spec: _named(spec, f"A&{UNHEARD_OF}=1"),
        lambda spec: _named(spec, f"A&{_last_name(spec).casefold()}=B"),
        lambda spec: _named(spec, f"A&{AGAINST_CACHES}{UNHEARD_OF}=1"),
        lambda spec: _named(spec, f"A&{_misspelt(spec)}=2020-01-01"),
    ],
)
def a_pms_sends_documented_parameters_once(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """A parameter that the method does not have is silently ignored by most servers, and its value lost.

    A name that the guide misspells itself is left to FND-045, and what is to keep caches away to TRN-023.
    """
    method = exchange.method
    if method is None:
        return None
    lacks = f"which {method.name} does not have"
    strange = (name for name in exchange.unknown if name != AGAINST_CACHES and method.misspelt(name) is None)
    odd = [f"{_named_or_found(exchange, name)}, {lacks}" for name in strange]
    odd += [f"{role} more than once" for role in exchange.repeated]
    return judged(not odd, f"the parameters of {method.name}, each once", "; ".join(odd), exchange)


@rule(
    "TRN-023",
    judges=EVERY,
    accepts=[NEW],
    rejects=[lambda spec: _named(spec, f"A&{AGAINST_CACHES}=637")],
)
def a_pms_adds_nothing_against_caches(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Servers are known to ignore it, and nobody promises that."""
    if exchange.method is None:
        return None
    added = AGAINST_CACHES in exchange.unknown
    expected = f"the parameters of {exchange.method.name}; a header keeps caches away as well"
    return judged(not added, expected, f"{AGAINST_CACHES}, as libraries add it", exchange)


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
    names = [method.by_role[role].name for role in malformed(exchange)]
    return judged(not names, "well-formed GUIDs and Booleans", f"malformed: {', '.join(names)}", exchange)


@rule("TRN-017", judges=EVERY, accepts=[LIST], rejects=[LIST.but(verb="POST")])
def a_pms_calls_with_get(history: History, exchange: Exchange, spec: Spec) -> Verdict | None:
    """Every documented method is called with GET."""
    verb = exchange.verb
    return judged(verb == "GET", "GET", verb, exchange) if exchange.method is not None else None
