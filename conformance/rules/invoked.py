"""A use of the command line as rules look at it: which argument is which, and which of them arrived whole.

One defect shall be told once. So an argument that is written in a wrong way, or that another one has swallowed, still
counts as meant; and values are compared only where they arrived as they were sent.
"""

from __future__ import annotations

from conformance.spec import Spec
from conformance.trace import Argument, History, Invocation
from conformance.trace.invocations import HOLDS_ARGUMENTS

SPOILT = ("fused", "enclosed", "swallowed", "unclosed", "typographic-marks")
"""Facts about a value that is not what the PMS meant."""


def role_of(argument: Argument, spec: Spec) -> str:
    """The role of the argument whose name this is, in whatever style; '' for none of the list."""
    facts = spec.command_line
    known = facts.by_folded_name.get(argument.name.casefold()) if facts is not None else None
    return known.role if known is not None else ""


def given(invocation: Invocation, role: str, spec: Spec) -> list[Argument]:
    """Its arguments of that role, in whatever style."""
    return [each for each in invocation.arguments if role_of(each, spec) == role]


def known(invocation: Invocation, spec: Spec) -> list[Argument]:
    """Its arguments that are in the list."""
    return [each for each in invocation.arguments if role_of(each, spec)]


def swallowed(invocation: Invocation, role: str) -> bool:
    """True when an argument of that role stands within the value of another."""
    causes = ("fused", "enclosed", "swallowed", "unclosed")
    return any(role in each.fact(cause) for each in invocation.arguments for cause in causes)


def strays(invocation: Invocation, spec: Spec) -> list[Argument]:
    """Arguments that are mere values, but for the value of a name before them that stands apart from it."""
    found = []
    for place, each in enumerate(invocation.arguments):
        before = invocation.arguments[place - 1] if place else None
        apart = before is not None and bool(role_of(before, spec)) and not before.separator
        if not each.switch and not each.name and not apart:
            found.append(each)
    return found


def as_recorded(history: History, invocation: Invocation, argument: Argument, spec: Spec) -> bool:
    """True for a value that looks spoilt and is just what the record of the patient says."""
    sent = history.orders.of(invocation) or history.orders.belated(invocation)
    role = role_of(argument, spec)
    return sent is not None and bool(role and argument.value) and sent.data.get(role) == argument.value


def reads_like_arguments(history: History, invocation: Invocation, argument: Argument, spec: Spec) -> bool:
    """True for a name where the record's own name holds what reads like an argument: that says nothing of quotation."""
    sent = history.orders.of(invocation) or history.orders.belated(invocation)
    if sent is None or not sent.data.get(HOLDS_ARGUMENTS):
        return False
    return role_of(argument, spec) in ("first_name", "last_name", "")


def suspects(history: History, invocation: Invocation, spec: Spec) -> list[Argument]:
    """Its arguments but for those whose value is known to be right, or to tell nothing of quotation."""
    return [
        each
        for each in invocation.arguments
        if not as_recorded(history, invocation, each, spec)
        and not reads_like_arguments(history, invocation, each, spec)
    ]


def whole(history: History, invocation: Invocation, role: str, spec: Spec) -> Argument | None:
    """The argument of that role if there is one value, in the right style, that arrived as it was sent."""
    if split_up(invocation) or strays(invocation, spec):
        return None
    found = given(invocation, role, spec)
    if len({each.value for each in found}) != 1 or not all(in_form(each, spec) for each in found):
        return None
    spoilt = any(found[0].has(fact) for fact in SPOILT)
    return None if spoilt and found[0] in suspects(history, invocation, spec) else found[0]


def in_form(argument: Argument, spec: Spec) -> bool:
    """True for the switch and the separator of the guide."""
    facts = spec.command_line
    return facts is not None and (argument.switch, argument.separator) == (facts.switch, facts.separator)


def split_up(invocation: Invocation) -> bool:
    """True when the path of the program itself fell apart, so that its parts stand among the arguments."""
    return invocation.has("split-program") or invocation.has("unclosed-program")


def spelt(role: str, spec: Spec) -> str:
    """The argument of that role as a PMS developer knows it."""
    return spec.command_line.spelt(role) if spec.command_line is not None else role
