"""What a command line says of a patient, value by value: dates that mean one day, and texts that are meant."""

from __future__ import annotations

from conformance.rules.catalogue import INVOCATION, rule
from conformance.rules.command_line_sketches import example, sent_with
from conformance.rules.invoked import as_recorded, given, known, spelt, whole
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec
from conformance.trace import Argument, History, Invocation, Order, invoke
from conformance.trace.fitting import BY_COMMAND_LINE
from conformance.trace.invocations import COMPOSED, IN_ONE_PIECE

ANN = ("-integration_id=A", "-first_name=Ann", "-last_name=Fox", "-birth_date=19700228", "-patient_id=P")
BARE = {"last_name": "Fox"}
NAMES = ("first_name", "last_name")
IDS = ("integration_id", "patient_id")
SENDS = frozenset({BY_COMMAND_LINE, "create_patient", "update_patient"})
"""Orders whose record the command line shall carry."""


def order_for(history: History, invocation: Invocation) -> Order | None:
    """The order whose record this use shall carry."""
    found = history.orders.of(invocation)
    return found if found is not None and found.role in SENDS else None


@rule(
    "CLI-018",
    judges=INVOCATION,
    accepts=[invoke(*ANN), invoke("-last_name=Null"), sent_with("-last_name=[Fox]", last_name="[Fox]")],
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


def date_given(history: History, invocation: Invocation, spec: Spec) -> Argument | None:
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
    found = date_given(history, invocation, spec)
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
    found = date_given(history, invocation, spec)
    if found is None or found.has("date-for-none") or spec.command_line is None:
        return None
    sure = spec.command_line.date_form in found.fact("date")
    if not sure and not found.has("short-date"):
        return None
    return judged(sure, "the form that every computer reads alike", f"a short date{written_as(found)}", invocation)


def _form(argument: Argument) -> str:
    """How its date was written, as ``NN.NN.NNNN``; '' where that is not known."""
    return next(iter(argument.fact("written")), "")


def written_as(argument: Argument) -> str:
    """Its form in brackets, for a finding; '' where that is not known."""
    return f" ({_form(argument)})" if _form(argument) else ""


@rule(
    "CLI-021",
    judges=INVOCATION,
    accepts=[
        invoke("-birth_date=19700228"),
        sent_with("-last_name=Fox", **BARE),
        sent_with("-last_name=Fox", "-birth_date=", **BARE),
    ],
    rejects=[invoke("-birth_date=00010101"), invoke("-birth_date=01/01/0001"), invoke("-birth_date=00000000")],
    ignores=[invoke("-last_name=Fox"), invoke("-birth_date=")],
)
def no_date_stands_for_none(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A date of year one is what programs hold when they know none. Advice: the guide is silent here."""
    found = date_given(history, invocation, spec)
    if found is not None:
        kept = not found.has("date-for-none")
        return judged(kept, f"no {spelt('birth_date', spec)} at all", "a date that stands for none", invocation)
    sent = order_for(history, invocation)
    lacks = sent is not None and not sent.data.get("birth_date")
    return holds(invocation) if lacks and known(invocation, spec) else None


@rule(
    "CLI-027",
    judges=INVOCATION,
    accepts=[invoke("-integration_id=A"), sent_with("-last_name=Fox ", last_name="Fox ")],
    rejects=[
        invoke("-integration_id=A "),
        invoke("-integration_id=A", "-patient_id= P"),
        sent_with("-last_name=Fox ", **BARE),
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
