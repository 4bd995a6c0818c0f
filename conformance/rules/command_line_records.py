"""What a command line says of a patient, held against the record that the PMS has of the patient."""

from __future__ import annotations

from collections.abc import Iterator

from conformance.rules.at_odds import days_apart, said
from conformance.rules.catalogue import INVOCATION, rule
from conformance.rules.command_line_sketches import changed_beside_arguments, sent_with
from conformance.rules.command_line_values import ANN, BARE, NAMES, date_given, order_for, written_as
from conformance.rules.invoked import given, known, spelt, whole
from conformance.rules.sent_beside import FORMERLY, sent_instead, taken_for
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Argument, History, Invocation, Order, done, invoke, order
from conformance.trace.facts import DAYS_OFF
from conformance.trace.fitting import BY_COMMAND_LINE
from conformance.trace.invocations import COMPOSED, MAY_MEAN, OF_AN_ERA

RECORD = {"first_name": "Ann", "last_name": "Fox", "birth_date": "1970-02-28", "patient_id": "P"}
_LATE = order(BY_COMMAND_LINE, **BARE) + done() + order(BY_COMMAND_LINE, "2", person="18", last_name="Roe")


def _agrees(history: History, invocation: Invocation, roles: tuple[str, ...], spec: Spec) -> Verdict | None:
    """What is given of these roles is what the record says. Data that the record lacks have a rule of their own.

    So have blanks around a value; a line break there is part of it.
    """
    sent = order_for(history, invocation)
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
        sent_with(*ANN, **RECORD),
        sent_with("-last_name=Fox", **RECORD),
        sent_with("-last_name=Zoe\u0308", last_name="Zo\u00eb"),
        sent_with("-last_name=Zoe\u0308 ", last_name="Zo\u00eb"),
    ],
    rejects=[
        sent_with("-last_name=Fo", **RECORD),
        sent_with("-last_name=FOX", **RECORD),
        sent_with("-first_name=Fox", "-last_name=Ann", **RECORD),
        sent_with("-last_name=F?x", **BARE),
        sent_with("-last_name=Zoe", last_name="Zo\u00eb"),
        sent_with("-last_name=Fox\r\n", **BARE),
        sent_with("-last_name=Fox\t", **BARE),
        changed_beside_arguments,
        sent_with("-last_name=Fox", **BARE) + sent_with("-last_name=Fox", name="2", last_name="Roe"),
        sent_with("-last_name=Fox", **BARE) + sent_with("-last_name=Fox", name="2", person="18", last_name="Roe"),
        sent_with(*ANN, **RECORD) + sent_with(*ANN, name="2", **{**RECORD, "first_name": "Eve"}),
    ],
    ignores=[
        invoke(*ANN),
        sent_with("-last_name=\u201cFox\u201d", **RECORD),
        sent_with("-last_name=van", "Fox", last_name="van Fox"),
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
        sent_with(*ANN, **RECORD),
        *(
            sent_with(f"-birth_date={each}", **RECORD)
            for each in ("1970-02-28", "28.02.1970", "2/28/70", "28-Feb-1970")
        ),
        sent_with("-birth_date=2/1/1970", birth_date="1970-01-02"),
    ],
    rejects=[
        *(sent_with(f"-birth_date={each}", **RECORD) for each in ("19700227", "27.02.1970", "28.2.1969", "28.02.71")),
        *(sent_with(f"-birth_date={each}", **RECORD) for each in ("3/28/1970", "1.3.1970", "28-Mar-70", "27-Foo-70")),
        sent_with(*ANN, **RECORD) + sent_with(*ANN, name="2", **{**RECORD, "birth_date": "1971-03-01"}),
    ],
    ignores=[
        invoke(*ANN),
        sent_with("-birth_date=19700228", **BARE),
        *(sent_with(f"-birth_date={each}", **RECORD) for each in ("28.02.2513", "45/02/28", "28-Foo-70", "28.02.59")),
    ],
)
def the_date_of_birth_is_that_of_the_record(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A short date may be any day that some order of its figures gives; other calendars leave it open."""
    sent, found = order_for(history, invocation), date_given(history, invocation, spec)
    if sent is None or found is None or found.has("date-for-none") or not sent.data.get("birth_date"):
        return None
    born = sent.data["birth_date"]
    days = (found.meant,) if found.meant else found.fact(MAY_MEAN)
    if found.has("other-calendar") or (found.has("month-by-a-name") and born in days):
        return undecided("how this computer writes dates is not known", sent.begin, invocation)
    if born not in days and born in found.fact(OF_AN_ERA):
        return undecided("the years of this computer may be those of an era", sent.begin, invocation)
    apart = next(filter(None, map(days_apart, found.fact(DAYS_OFF))), f"another{written_as(found)}")
    return judged(born in days, "the date of the record", apart, sent.begin, invocation) if days else None


@the_date_of_birth_is_that_of_the_record.at_end
def the_former_date_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    for _, told, wrong in _stale(history, spec, "birth_date"):
        yield breaks("the date of the record", FORMERLY, told.begin, wrong)


@rule(
    "CLI-024",
    judges=INVOCATION,
    accepts=[sent_with(*ANN, **RECORD)],
    rejects=[
        sent_with("-patient_id=p", **RECORD),
        sent_with("-patient_id=17", **RECORD),
        sent_with(*ANN, **RECORD) + sent_with(*ANN, name="2", **{**RECORD, "patient_id": "Q"}),
    ],
    ignores=[invoke(*ANN), sent_with("-patient_id=17", **BARE), sent_with("-patient_id=", **RECORD)],
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
    accepts=[sent_with(*ANN, **RECORD), sent_with("-last_name=Fox", "-first_name=", **BARE)],
    rejects=[
        sent_with("-last_name=Fox", "-first_name=Unknown", **BARE),
        sent_with("-birth_date=19000101", **BARE),
        sent_with(*ANN, **RECORD) + sent_with(*ANN, name="2", **{**RECORD, "first_name": ""}),
    ],
    ignores=[invoke(*ANN), sent_with("-last_name=Fox", "-birth_date=00010101", **BARE)],
)
def nothing_is_made_up(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Names and dates only: an id may be the PMS's own. What is injected by way of another value shows here."""
    sent = order_for(history, invocation)
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
        sent_with("-integration_id=A") + sent_with("-integration_id=A", name="2"),
        sent_with("-integration_id=A") + sent_with("-integration_id=B", name="2", person="18"),
        sent_with("-integration_id=A", integration_id="A"),
    ],
    rejects=[
        sent_with("-integration_id=B", integration_id="A"),
        sent_with("-integration_id=A") + sent_with("-integration_id=B", name="2"),
        sent_with("-integration_id=A") + sent_with("-integration_id=A", name="2", person="18"),
    ],
    ignores=[invoke("-integration_id=A") + invoke("-integration_id=B"), sent_with("-integration_id=A")],
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
