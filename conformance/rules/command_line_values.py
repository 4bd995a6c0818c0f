"""What a command line says of a patient: dates that mean one day, and what the patient's record says."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.at_odds import days_apart, said
from conformance.rules.catalogue import INVOCATION, rule
from conformance.rules.command_line_sketches import changed_beside_arguments, example
from conformance.rules.invoked import as_recorded, given, known, spelt, whole
from conformance.rules.sent_beside import FORMERLY, sent_instead, taken_for
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Argument, History, Invocation, Order, Sketch, done, invoke, order
from conformance.trace.facts import DAYS_OFF
from conformance.trace.fitting import BY_COMMAND_LINE
from conformance.trace.invocations import COMPOSED, IN_ONE_PIECE, MAY_MEAN, OF_AN_ERA

SENDS = frozenset({BY_COMMAND_LINE, "create_patient", "update_patient"})
"""Orders whose record the command line shall carry."""
RECORD = {"first_name": "Ann", "last_name": "Fox", "birth_date": "1970-02-28", "patient_id": "P"}
ANN = ("-integration_id=A", "-first_name=Ann", "-last_name=Fox", "-birth_date=19700228", "-patient_id=P")
BARE = {"last_name": "Fox"}
NAMES = ("first_name", "last_name")
IDS = ("integration_id", "patient_id")


def _told(*arguments: str, name: str = "1", person: str = "17", **record: str) -> Sketch:
    """The PMS is told to send this record, and uses the command line."""
    begin = order("send_by_command_line", name, person=person, **record)
    return begin + invoke(*arguments) + done(name=name)


_LATE = order(BY_COMMAND_LINE, **BARE) + done() + order(BY_COMMAND_LINE, "2", person="18", last_name="Roe")


# -- values alone -------------------------------------------------------------------------------------------------


@rule(
    "CLI-018",
    judges=INVOCATION,
    accepts=[invoke(*ANN), invoke("-last_name=Null"), _told("-last_name=[Fox]", last_name="[Fox]")],
    rejects=[
        example("as-meant"),
        invoke("-last_name=%LASTNAME%"),
        invoke("-last_name={{patient.last}}"),
        invoke("-last_name=[LName]"),
        invoke("-patient_id=null"),
    ],
    ignores=[invoke(), invoke("-last_name="), invoke("-merge")],
)
def placeholders_are_filled_in(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Neither words of the guide's example, nor the name of a field between signs, nor a word for nothing as an id."""
    listed = [each for each in known(invocation, spec) if each.value]
    open_ = (each for each in listed if each.has("placeholder"))
    left = next((each for each in open_ if not as_recorded(history, invocation, each, spec)), None)
    if left is not None:
        return breaks("the patient's own datum", f"a placeholder as {left.switch}{left.name}", invocation)
    return holds(invocation) if listed else None


def _date(history: History, invocation: Invocation, spec: Spec) -> Argument | None:
    """The date of birth, where one is given that arrived whole."""
    found = whole(history, invocation, "birth_date", spec)
    return found if found is not None and found.value.strip() else None


@rule(
    "CLI-019",
    judges=INVOCATION,
    accepts=[
        *(invoke(f"-birth_date={each}") for each in ("19700228", "28.02.1970", "2/8/70", "1970. 02. 28.")),
        invoke("-birth_date=28.2.1970 \u0433."),
    ],
    rejects=[
        *(invoke(f"-birth_date={each}") for each in ("19701332", "unknown", "19700228000000", "30.02.1970")),
        invoke("-birth_date=28.02.1970 00:00:00"),
        invoke("-birth_date=1970-02-28T00:00:00"),
    ],
    ignores=[invoke("-birth_date="), invoke("-birth_date=00010101"), invoke("-birth_date=00000000")],
)
def the_date_of_birth_is_a_date(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """In the guide's form, or one that some setting of Windows writes."""
    found = _date(history, invocation, spec)
    if found is None or found.has("date-for-none") or spec.command_line is None:
        return None
    readable = spec.command_line.date_form in found.fact("date")
    short = spec.command_line.short_dates and found.has("short-date")
    return judged(readable or short, "a date", _form(found) or "something else", invocation)


@rule(
    "CLI-020",
    judges=INVOCATION,
    accepts=[invoke("-birth_date=19700228")],
    rejects=[invoke("-birth_date=28.02.1970"), invoke("-birth_date=1970-02-28"), invoke("-birth_date=2/8/70")],
    ignores=[
        *(invoke(f"-birth_date={each}") for each in ("", "unknown", "01.01.0001", "28.02.1970 00:00:00")),
    ],
)
def the_date_depends_on_no_setting(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice: short dates are allowed, and mean another day on another computer."""
    found = _date(history, invocation, spec)
    if found is None or found.has("date-for-none") or spec.command_line is None:
        return None
    sure = spec.command_line.date_form in found.fact("date")
    if not sure and not found.has("short-date"):
        return None
    return judged(sure, "the form that every computer reads alike", f"a short date{_in_form(found)}", invocation)


def _form(argument: Argument) -> str:
    """How its date was written, as ``NN.NN.NNNN``; '' where that is not known."""
    return next(iter(argument.fact("written")), "")


def _in_form(argument: Argument) -> str:
    return f" ({_form(argument)})" if _form(argument) else ""


@rule(
    "CLI-021",
    judges=INVOCATION,
    accepts=[
        invoke("-birth_date=19700228"),
        _told("-last_name=Fox", **BARE),
        _told("-last_name=Fox", "-birth_date=", **BARE),
    ],
    rejects=[invoke("-birth_date=00010101"), invoke("-birth_date=01/01/0001"), invoke("-birth_date=00000000")],
    ignores=[invoke("-last_name=Fox"), invoke("-birth_date=")],
)
def no_date_stands_for_none(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A date of year one is what programs hold when they know none. Advice: the guide is silent here."""
    found = _date(history, invocation, spec)
    if found is not None:
        kept = not found.has("date-for-none")
        return judged(kept, f"no {spelt('birth_date', spec)} at all", "a date that stands for none", invocation)
    sent = _order(history, invocation)
    lacks = sent is not None and not sent.data.get("birth_date")
    return holds(invocation) if lacks and known(invocation, spec) else None


@rule(
    "CLI-027",
    judges=INVOCATION,
    accepts=[invoke("-integration_id=A"), _told("-last_name=Fox ", last_name="Fox ")],
    rejects=[
        invoke("-integration_id=A "),
        invoke("-integration_id=A", "-patient_id= P"),
        _told("-last_name=Fox ", **BARE),
    ],
    ignores=[invoke("-patient_id="), invoke()],
)
def values_have_no_blanks_around_them(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Whether such blanks count is open. Those of the record itself are the patient's."""
    found = [each for role in (*IDS, *NAMES) for each in given(invocation, role, spec) if each.value.strip()]
    blank = [each for each in found if each.value != each.value.strip(" ")]
    kept = all(as_recorded(history, invocation, each, spec) for each in blank)
    return judged(kept, "values without blanks around them", "blanks around a value", invocation) if found else None


@rule(
    "CLI-046",
    judges=INVOCATION,
    accepts=[invoke("-last_name=Zo\u00eb")],
    rejects=[invoke("-last_name=Zoe\u0308"), invoke("-first_name=A\u030a", "-last_name=Zo\u00eb")],
    ignores=[invoke("-last_name=Fox"), invoke("-last_name=\u0141ukasz"), invoke()],
)
def accents_are_part_of_their_letters(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice: a name with accents apart reads the same, and is another text for whoever compares or sorts it."""
    found = known(invocation, spec)
    apart = next((each for each in found if each.has(COMPOSED)), None)
    if apart is not None:
        return breaks("a letter and its accent as one character", "accents that stand by themselves", invocation)
    return holds(invocation) if any(each.has(IN_ONE_PIECE) for each in found) else None


# -- values and records -------------------------------------------------------------------------------------------


def _order(history: History, invocation: Invocation) -> Order | None:
    """The order whose record this use shall carry."""
    found = history.orders.of(invocation)
    return found if found is not None and found.role in SENDS else None


def _agrees(history: History, invocation: Invocation, roles: tuple[str, ...], spec: Spec) -> Verdict | None:
    """What is given of these roles is what the record says. Data that the record lacks have a rule of their own.

    So have blanks around a value; a line break there is part of it.
    """
    sent = _order(history, invocation)
    if sent is None:
        return None
    pairs = [(role, whole(history, invocation, role, spec)) for role in roles if sent.data.get(role)]
    found = [(role, each) for role, each in pairs if each is not None and each.value.strip()]
    wrong = [role for role, each in found if sent.data[role].strip(" ") not in _texts(each)]
    if wrong:
        [value] = [each.value for role, each in found if role == wrong[0]]
        told = sent.data[wrong[0]]
        observed = f"something else as {spelt(wrong[0], spec)}: sent {said(value)}, recorded {said(told)}"
        return breaks("what the patient's record says", observed, sent.begin, invocation)
    return holds(sent.begin, invocation) if found else None


def _texts(argument: Argument) -> list[str]:
    """What is written, and the same with accents and letters in one piece."""
    return [text.strip(" ") for text in (argument.value, *argument.fact(COMPOSED))]


@rule(
    "CLI-022",
    judges=INVOCATION,
    accepts=[
        _told(*ANN, **RECORD),
        _told("-last_name=Fox", **RECORD),
        _told("-last_name=Zoe\u0308", last_name="Zo\u00eb"),
        _told("-last_name=Zoe\u0308 ", last_name="Zo\u00eb"),
    ],
    rejects=[
        _told("-last_name=Fo", **RECORD),
        _told("-last_name=FOX", **RECORD),
        _told("-first_name=Fox", "-last_name=Ann", **RECORD),
        _told("-last_name=F?x", **BARE),
        _told("-last_name=Zoe", last_name="Zo\u00eb"),
        _told("-last_name=Fox\r\n", **BARE),
        _told("-last_name=Fox\t", **BARE),
        changed_beside_arguments,
        _told("-last_name=Fox", **BARE) + _told("-last_name=Fox", name="2", last_name="Roe"),
        _told("-last_name=Fox", **BARE) + _told("-last_name=Fox", name="2", person="18", last_name="Roe"),
        _told(*ANN, **RECORD) + _told(*ANN, name="2", **{**RECORD, "first_name": "Eve"}),
    ],
    ignores=[
        invoke(*ANN),
        _told("-last_name=\u201cFox\u201d", **RECORD),
        _told("-last_name=van", "Fox", last_name="van Fox"),
        _LATE + invoke("-last_name=Fox") + invoke("-first_name=Ann") + done(name="2"),
    ],
)
def names_are_those_of_the_record(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Neither cut, nor swapped, nor in other letters or another alphabet.

    What fits an order before the open one may be late, and is judged at the end.
    """
    return _agrees(history, invocation, NAMES, spec)


@names_are_those_of_the_record.at_end
def another_record_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    """The old one after a change, or that of another patient. What the record lacks has a rule of its own."""
    for told, former, wrong in taken_for(history, BY_COMMAND_LINE):
        if any(told.data.get(role) != former.data.get(role) for role in NAMES if told.data.get(role)):
            yield breaks("what the patient's record says", sent_instead(told, former), told.begin, wrong)


def _stale(history: History, spec: Spec, *roles: str, lacking: bool = False) -> Iterator[tuple[str, Order, Invocation]]:
    """Data of a patient that were sent as they were before a change, or although they were taken away."""
    for told, former, wrong in taken_for(history, BY_COMMAND_LINE):
        if not told.person or told.person != former.person or not isinstance(wrong, Invocation):
            continue
        for role in roles:
            other = told.data.get(role, "") != former.data.get(role, "") and lacking != bool(told.data.get(role))
            if other and any(_says(each) for each in given(wrong, role, spec)):
                yield role, told, wrong


@rule(
    "CLI-023",
    judges=INVOCATION,
    accepts=[
        _told(*ANN, **RECORD),
        *(_told(f"-birth_date={each}", **RECORD) for each in ("1970-02-28", "28.02.1970", "2/28/70", "28-Feb-1970")),
        _told("-birth_date=2/1/1970", birth_date="1970-01-02"),
    ],
    rejects=[
        *(_told(f"-birth_date={each}", **RECORD) for each in ("19700227", "27.02.1970", "28.2.1969", "28.02.71")),
        *(_told(f"-birth_date={each}", **RECORD) for each in ("3/28/1970", "1.3.1970", "28-Mar-70", "27-Foo-70")),
        _told(*ANN, **RECORD) + _told(*ANN, name="2", **{**RECORD, "birth_date": "1971-03-01"}),
    ],
    ignores=[
        invoke(*ANN),
        _told("-birth_date=19700228", **BARE),
        *(_told(f"-birth_date={each}", **RECORD) for each in ("28.02.2513", "45/02/28", "28-Foo-70", "28.02.59")),
    ],
)
def the_date_of_birth_is_that_of_the_record(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A short date may be any day that some order of its figures gives; other calendars leave it open."""
    sent, found = _order(history, invocation), _date(history, invocation, spec)
    if sent is None or found is None or found.has("date-for-none") or not sent.data.get("birth_date"):
        return None
    born = sent.data["birth_date"]
    days = (found.meant,) if found.meant else found.fact(MAY_MEAN)
    if found.has("other-calendar") or (found.has("month-by-a-name") and born in days):
        return undecided("how this computer writes dates is not known", sent.begin, invocation)
    if born not in days and born in found.fact(OF_AN_ERA):
        return undecided("the years of this computer may be those of an era", sent.begin, invocation)
    apart = next(filter(None, map(days_apart, found.fact(DAYS_OFF))), f"another{_in_form(found)}")
    return judged(born in days, "the date of the record", apart, sent.begin, invocation) if days else None


@the_date_of_birth_is_that_of_the_record.at_end
def the_former_date_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    for _, told, wrong in _stale(history, spec, "birth_date"):
        yield breaks("the date of the record", FORMERLY, told.begin, wrong)


@rule(
    "CLI-024",
    judges=INVOCATION,
    accepts=[_told(*ANN, **RECORD)],
    rejects=[
        _told("-patient_id=p", **RECORD),
        _told("-patient_id=17", **RECORD),
        _told(*ANN, **RECORD) + _told(*ANN, name="2", **{**RECORD, "patient_id": "Q"}),
    ],
    ignores=[invoke(*ANN), _told("-patient_id=17", **BARE), _told("-patient_id=", **RECORD)],
)
def the_patient_id_is_that_of_the_record(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A record without one leaves the PMS free to give a number of its own."""
    return _agrees(history, invocation, ("patient_id",), spec)


@the_patient_id_is_that_of_the_record.at_end
def the_former_patient_id_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    for _, told, wrong in _stale(history, spec, "patient_id"):
        yield breaks("what the patient's record says", FORMERLY, told.begin, wrong)


@rule(
    "CLI-025",
    judges=INVOCATION,
    accepts=[_told(*ANN, **RECORD), _told("-last_name=Fox", "-first_name=", **BARE)],
    rejects=[
        _told("-last_name=Fox", "-first_name=Unknown", **BARE),
        _told("-birth_date=19000101", **BARE),
        _told(*ANN, **RECORD) + _told(*ANN, name="2", **{**RECORD, "first_name": ""}),
    ],
    ignores=[invoke(*ANN), _told("-last_name=Fox", "-birth_date=00010101", **BARE)],
)
def nothing_is_made_up(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Names and dates only: an id may be the PMS's own. What is injected by way of another value shows here."""
    sent = _order(history, invocation)
    if sent is None:
        return None
    lacking = [role for role in ("first_name", "last_name", "birth_date") if not sent.data.get(role)]
    found = [role for role in lacking for each in given(invocation, role, spec) if _says(each)]
    if found:
        expected = f"no {spelt(found[0], spec)}, which the record lacks"
        return breaks(expected, "one that was made up", sent.begin, invocation)
    if any(each.has("date-for-none") for each in invocation.arguments) or not known(invocation, spec):
        return None
    return holds(sent.begin, invocation)


@nothing_is_made_up.at_end
def what_was_taken_away_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    """A patient id among it has a rule of its own."""
    for role, told, wrong in _stale(history, spec, *NAMES, "birth_date", lacking=True):
        expected = f"no {spelt(role, spec)}, which the record lacks"
        yield breaks(expected, "the one that was taken away", told.begin, wrong)


def _says(argument: Argument) -> bool:
    return bool(argument.value.strip()) and not argument.has("date-for-none")


@rule(
    "CLI-026",
    judges=INVOCATION,
    accepts=[
        _told("-integration_id=A") + _told("-integration_id=A", name="2"),
        _told("-integration_id=A") + _told("-integration_id=B", name="2", person="18"),
        _told("-integration_id=A", integration_id="A"),
    ],
    rejects=[
        _told("-integration_id=B", integration_id="A"),
        _told("-integration_id=A") + _told("-integration_id=B", name="2"),
        _told("-integration_id=A") + _told("-integration_id=A", name="2", person="18"),
    ],
    ignores=[invoke("-integration_id=A") + invoke("-integration_id=B"), _told("-integration_id=A")],
)
def a_patient_keeps_an_id_of_its_own(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Triggered by a second use, for the same patient or for another, and by a record that tells the id."""
    sent = history.orders.of(invocation)
    value = _id(history, invocation, spec)
    if sent is None or not value:
        return None
    told = sent.data.get("integration_id", "") if sent.does == BY_COMMAND_LINE else ""
    if told and told != value:
        observed = f"another one: sent {said(value)}, recorded {said(told)}"
        return breaks("the id that the record tells", observed, sent.begin, invocation)
    if not sent.person:
        return holds(invocation) if told else None
    for earlier, before, other in _earlier(history, invocation, spec):
        if (earlier.person == sent.person) != (other == value):
            expected = "the id that the patient had before" if earlier.person == sent.person else "an id of its own"
            other_one = f"another one: sent {said(value)}, before {said(other)}"
            observed = other_one if earlier.person == sent.person else "the id of another patient"
            return breaks(expected, observed, before, invocation)
    seen = bool(told) or any(True for _ in _earlier(history, invocation, spec))
    return holds(invocation) if seen else None


def _id(history: History, invocation: Invocation, spec: Spec) -> str:
    found = whole(history, invocation, "integration_id", spec)
    return found.value.strip() if found is not None else ""


def _earlier(history: History, invocation: Invocation, spec: Spec) -> Iterator[tuple[Order, Invocation, str]]:
    """Earlier uses for some person since the PMS was last made to forget everything, each with its id."""
    resets = [each.begin.number for each in history.orders.all if each.does == "reset"]
    since = max((number for number in resets if number < invocation.number), default=0)
    for each in history.invocations:
        sent = history.orders.of(each)
        if since < each.number < invocation.number and sent is not None and sent.person and _id(history, each, spec):
            yield sent, each, _id(history, each, spec)
