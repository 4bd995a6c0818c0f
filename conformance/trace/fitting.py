"""Whether a use of the command line, or a transfer file, carries the record that an order told.

A PMS may start a program and go on without waiting for it. What arrives late is then not what the order that is open
meanwhile was about; it is known by the record that it carries.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.spec import Spec
from conformance.trace.handovers import Handover
from conformance.trace.invocations import COMPOSED, MAY_MEAN, Argument, Invocation

BY_COMMAND_LINE = "send_by_command_line"
BY_FILE, LISTED_BY_FILE, FETCHED_BY_FILE = "send_by_vdds", "image_info_by_vdds", "images_by_vdds"
"""Orders over the interfaces beside REST, in the words of the driver protocol; all but the last name a patient."""
CALLS = {BY_FILE: "patient_import", LISTED_BY_FILE: "image_information", FETCHED_BY_FILE: "image_export"}
"""Which call such an order is done by."""
_NAMED = ("last_name", "first_name", "birth_date")


def carries(used: Invocation, record: Mapping[str, str], spec: Spec) -> bool:
    """True when the use names the patient, and says nothing that the record does not; an id may be the PMS's own."""
    facts = spec.command_line
    if facts is None:
        return False
    given = [
        (facts.by_folded_name[each.name.casefold()].role, each)
        for each in used.arguments
        if each.value and each.name.casefold() in facts.by_folded_name
    ]
    compared = [(role, each) for role, each in given if role in _NAMED or (role == "patient_id" and record.get(role))]
    same = all(record.get(role, "") in said(each) for role, each in compared)
    return same and any(role == "last_name" for role, _ in compared)


def said(argument: Argument) -> tuple[str, ...]:
    """What the argument says, as tokens: its value, however accents are written, and every day that it may mean."""
    return tuple(filter(None, (argument.value, *argument.fact(COMPOSED), argument.meant, *argument.fact(MAY_MEAN))))


def hands_over(seen: Handover, record: Mapping[str, str]) -> bool:
    """True when the call hands over the patient of that record, and says no other name or date of birth."""
    if not seen.is_call or seen.kind != "patient_import" or not record.get("last_name"):
        return False
    return all(seen.values.get(role, "") == record.get(role, "") for role in _NAMED)


def number_of(seen: Handover) -> tuple[str, str]:
    """The practice and the number of the patient that a call is about; the latter '' where it tells none."""
    return seen.values.get("practice", ""), seen.values.get("person", "")
