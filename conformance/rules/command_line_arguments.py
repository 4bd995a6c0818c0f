"""Which arguments a command line has, and how they are written."""

from __future__ import annotations

import re

from conformance.rules.catalogue import INVOCATION, observes, rule
from conformance.rules.command_line_sketches import example, sent
from conformance.rules.invoked import given, in_form, known, role_of, spelt, split_up, strays, swallowed
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import Argument, History, Invocation, invoke, typed
from conformance.trace.invocations import NAME_LENGTH

FOX = ("-integration_id=A", "-last_name=Fox")
PLAIN_SWITCHES = frozenset({"-", "--", "/", ""})


@rule(
    "CLI-010",
    judges=INVOCATION,
    accepts=[invoke("-last_name=Fox"), invoke("-last_name=\u2013Fox")],
    rejects=[invoke("\u2013last_name=Fox"), invoke("-integration_id=A", "\u2212last_name=Fox")],
    ignores=[invoke(), invoke("/last_name:Fox")],
)
def the_hyphen_is_a_hyphen(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Word processors make dashes of hyphens; a program takes them for letters."""
    if any(each.switch not in PLAIN_SWITCHES for each in invocation.arguments):
        return breaks("a hyphen before each name", "a dash that looks like one", invocation)
    return holds(invocation) if any(in_form(each, spec) for each in known(invocation, spec)) else None


@rule(
    "CLI-011",
    judges=INVOCATION,
    accepts=[invoke("-last_name=Fox"), invoke("-patient_id="), invoke("-last_name=Fox", "-merge")],
    rejects=[
        invoke("/last_name:Fox"),
        invoke("--last_name=Fox"),
        invoke("-last_name", "Fox"),
        invoke("-last_name:Fox"),
        invoke("last_name=Fox"),
        invoke("-", "last_name=Fox"),
        invoke("-", "-last_name=Fox"),
        invoke("-last_name=Fox", "--"),
    ],
    ignores=[invoke("Fox"), invoke("\u2013last_name=Fox")],
)
def arguments_have_the_form_of_the_guide(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Switch, name, separator and value in one piece. A dash instead of the switch has a rule of its own."""
    facts = spec.command_line
    listed = [each for each in known(invocation, spec) if each.switch in PLAIN_SWITCHES]
    wrong = next((each for each in listed if not in_form(each, spec)), None)
    if wrong is not None and facts is not None:
        wanted = f"{facts.switch}{wrong.name}{facts.separator}value"
        return breaks(wanted, f"{wrong.switch}{wrong.name}{wrong.separator or ' '}value", invocation)
    if _switch_alone(invocation, spec):
        return breaks("a name and a value behind each hyphen", "a hyphen that stands alone", invocation)
    return holds(invocation) if listed else None


def _switch_alone(invocation: Invocation, spec: Spec) -> bool:
    """Such as the line break of the guide's layout leaves; one within a value that fell apart is not meant."""
    if split_up(invocation) or strays(invocation, spec):
        return False
    return any(each.switch in ("-", "--") and not (each.name or each.value) for each in invocation.arguments)


@rule(
    "CLI-012",
    judges=INVOCATION,
    accepts=[invoke(*FOX), invoke(*FOX, "-LAST_NAME=Fox")],
    rejects=[invoke(*FOX, "-last_name=Roe"), invoke(*FOX, "-LAST_NAME=Roe"), invoke(*FOX, "-last_name=")],
    ignores=[invoke(), invoke("-merge", "-merge")],
)
def no_argument_has_two_values(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """In whatever letter case and style; which of the two counts, nobody can say."""
    listed = known(invocation, spec)
    values = {role: {e.value for e in listed if role_of(e, spec) == role} for role in _roles(listed, spec)}
    twice = next((role for role, each in values.items() if len(each) > 1), "")
    if twice:
        return breaks(f"one value as {spelt(twice, spec)}", f"{len(values[twice])} values", invocation)
    return holds(invocation) if listed else None


@rule(
    "CLI-044",
    judges=INVOCATION,
    accepts=[invoke(*FOX)],
    rejects=[invoke(*FOX, "-last_name=Fox"), invoke(*FOX, "-LAST_NAME=Fox")],
    ignores=[invoke(), invoke("-merge", "-merge"), invoke(*FOX, "-last_name=Roe")],
)
def no_argument_is_repeated(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice where both say the same. Two values have a rule of their own."""
    listed = known(invocation, spec)
    roles = _roles(listed, spec)
    again = [role for role in roles if roles.count(role) > 1]
    if any(len({each.value for each in given(invocation, role, spec)}) > 1 for role in again):
        return None
    if again:
        return breaks(f"{spelt(again[0], spec)} once", f"{roles.count(again[0])} times", invocation)
    return holds(invocation) if listed else None


def _roles(listed: list[Argument], spec: Spec) -> list[str]:
    return [role_of(each, spec) for each in listed]


@rule(
    "CLI-013",
    judges=INVOCATION,
    accepts=[invoke("-last_name=Fox")],
    rejects=[invoke("-LAST_NAME=Fox"), example("as-meant")],
    ignores=[invoke("-Merge")],
)
def names_are_written_as_listed(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice only: the guide's own example does not."""
    listed = known(invocation, spec)
    other = next((each for each in listed if each.name != _listed(each, spec)), None)
    if other is not None:
        return breaks(spelt(role_of(other, spec), spec), f"{other.switch}{other.name}", invocation)
    return holds(invocation) if listed else None


def _listed(argument: Argument, spec: Spec) -> str:
    return spec.command_line.by_role[role_of(argument, spec)].name if spec.command_line is not None else ""


@observes(
    "CLI-NAME-CASE",
    judges=INVOCATION,
    shows=[
        (invoke("-last_name=Fox"), "listed"),
        (example("as-meant"), "example"),
        (invoke("-LAST_NAME=Fox"), "other"),
        (invoke("-integration_id=A"), ""),
    ],
)
def the_letter_case_of_names(history: History, invocation: Invocation, spec: Spec) -> str | None:
    """Seen where list and example of the guide differ."""
    listed = [(each.name, _listed(each, spec), _in_example(each, spec)) for each in known(invocation, spec)]
    differ = [(name, in_list, shown) for name, in_list, shown in listed if shown and shown != in_list]
    if not differ:
        return None
    if all(name == in_list for name, in_list, _ in differ):
        return "listed"
    return "example" if all(name == shown for name, _, shown in differ) else "other"


def _in_example(argument: Argument, spec: Spec) -> str:
    """Its name as the guide's example spells it, or ''."""
    facts = spec.command_line
    name = _listed(argument, spec)
    found = re.search(rf"\b{re.escape(name)}\b", facts.examples["as-meant"], re.IGNORECASE) if facts and name else None
    return found[0] if found else ""


@rule(
    "CLI-014",
    judges=INVOCATION,
    accepts=[invoke(*FOX)],
    rejects=[invoke(*FOX, "-merge"), invoke(*FOX, "-gender=f")],
    ignores=[invoke(), invoke("Fox")],
)
def only_listed_arguments_are_used(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Told, and never a failure: what the program does with others is its own affair."""
    named = [each for each in invocation.arguments if each.name]
    other = next((each for each in named if not role_of(each, spec)), None)
    if other is not None:
        return breaks("arguments of the guide's list", f"{other.switch}{_found(other, invocation)}", invocation)
    return holds(invocation) if named else None


def _found(argument: Argument, invocation: Invocation) -> str:
    """Its name, and where it stands if that is hidden."""
    place = f"argument {invocation.arguments.index(argument) + 1} of {len(invocation.arguments)}"
    lengths = [f"whose name has {length} characters" for length in argument.fact(NAME_LENGTH)]
    return f"{argument.name} ({', '.join((place, *lengths))})" if lengths else argument.name


@rule(
    "CLI-015",
    judges=INVOCATION,
    accepts=[invoke(*FOX), invoke("\u2013integration_id=A", "-last_name=Fox")],
    rejects=[invoke("-last_name=Fox"), invoke("-integration_id=", "-last_name=Fox"), invoke("-integration_id= ")],
    ignores=[invoke(), invoke("-last_name=Fox-integration_id=A"), invoke("-integration_id", "A")],
)
def the_integration_id_is_given(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """One that is there in a wrong style, or was swallowed, is given: that has rules of its own."""
    return _given(invocation, "integration_id", spec)


@rule(
    "CLI-016",
    judges=INVOCATION,
    accepts=[invoke(*FOX)],
    rejects=[invoke("-integration_id=A"), invoke("-integration_id=A", "-last_name=")],
    ignores=[invoke(), invoke("-integration_id=A-last_name=Fox"), typed("x" + " a" * 70)],
)
def the_last_name_is_given(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """As for the integration id."""
    return _given(invocation, "last_name", spec)


@rule(
    "CLI-017",
    judges=INVOCATION,
    accepts=[invoke(*FOX, "-patient_id=P")],
    rejects=[invoke(*FOX), invoke(*FOX, "-patient_id="), sent(invoke(*FOX), last_name="Fox", patient_id="P")],
    ignores=[invoke(), invoke("-last_name=Fox-patient_id=P"), sent(invoke(*FOX, "-patient_id="), last_name="Fox")],
)
def the_patient_id_is_given(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice: the guide calls it mandatory, and most likely means the integration id. A record may have none."""
    about = [history.orders.of(invocation), history.orders.belated(invocation), history.orders.aside(invocation)]
    sent_one = any(each.value.strip() for each in given(invocation, "patient_id", spec))
    if not sent_one and any(told is not None and not told.data.get("patient_id") for told in about):
        return None
    return _given(invocation, "patient_id", spec)


def _given(invocation: Invocation, role: str, spec: Spec) -> Verdict | None:
    if not invocation.arguments or split_up(invocation) or swallowed(invocation, role):
        return None
    found = given(invocation, role, spec)
    if any(each.value.strip() for each in found):
        return holds(invocation)
    if invocation.has("more"):
        return undecided("so many arguments that not all of them were kept", invocation)
    nothing_else = strays(invocation, spec) == list(invocation.arguments)
    if any(not each.separator for each in found) or nothing_else:
        return None
    observed = "an empty value" if found else "no such argument"
    return judged(False, f"{spelt(role, spec)} with a value", observed, invocation)
