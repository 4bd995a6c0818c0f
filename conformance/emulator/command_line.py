"""What a use of the command line does to the data: the patient of that integration id is created or updated.

The guide says little more than that. What it leaves open goes by the readings CLI-*; nothing is told to the caller.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from conformance.model import Patient, State
from conformance.model.changes import AddPatient, Change, SetPatient
from conformance.spec import CommandLineFacts, Kind, Spec
from conformance.trace import Argument, Started
from conformance.trace.invocations import invocation
from conformance.wire import Malformed, date_format, parse_xml_date

MANDATORY, SHORT_DATES, EMPTY, UNKNOWN, TAKEN, EXIT_CODE = (
    *("CLI-MANDATORY-ID", "CLI-SHORT-DATES", "CLI-EMPTY-VALUES", "CLI-UNKNOWN-ARGUMENTS", "CLI-TAKEN-PATIENT-ID"),
    "CLI-EXIT-CODE",
)
"""The readings that decide."""
_FIGURES = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})", re.ASCII)


@dataclass(frozen=True)
class Effect:
    """What becomes of one use."""

    change: Change | None
    """None when nothing is carried out."""
    integration_id: str
    why: str = ""
    """Why nothing is carried out, in words for a developer; '' when something is."""
    exit_code: int = 0


class _Clear:
    """Hides nothing: the emulator works with what was sent."""

    def token(self, value: str) -> str:
        return value

    def days_off(self, day: str) -> str:
        return ""


def effect(started: Started, state: State, spec: Spec, readings: Mapping[str, str]) -> Effect:
    """What these arguments bring about. ValueError for a spec without a command line."""
    facts = spec.command_line
    if facts is None:
        raise ValueError(f"{spec.name} has no command line; use an emulator of a spec that has a command-line.yaml.")
    used = invocation(started, spec, _Clear(), number=0, at_s=0.0, who="", play="")
    values, others = _values(used.arguments, facts)
    if readings[EMPTY] == "absent":
        values = {role: value for role, value in values.items() if value.strip()}
    why = _refused(values, others, state, facts, readings)
    if why and why != _WITHOUT:
        return Effect(None, "", why, 0 if readings[EXIT_CODE] == "zero" else 1)
    if why == _WITHOUT:
        values = {role: value for role, value in values.items() if role != "patient_id"}
    return Effect(_change(values, state, facts, readings), values.get("integration_id", ""))


_WITHOUT = "without"


def _values(arguments: tuple[Argument, ...], facts: CommandLineFacts) -> tuple[dict[str, str], bool]:
    """The values by role, the last one of each; and whether there was anything else."""
    found: dict[str, str] = {}
    others = False
    for each in arguments:
        known = facts.by_folded_name.get(each.name.casefold())
        if known is not None and (each.switch, each.separator) == (facts.switch, facts.separator):
            found[known.role] = each.value
        else:
            others = True
    return found, others


def _refused(
    values: Mapping[str, str], others: bool, state: State, facts: CommandLineFacts, readings: Mapping[str, str]
) -> str:
    """Why nothing is carried out, or ''; ``_WITHOUT`` when all but the patient id is."""
    mandatory = {"integration": ["integration_id"], "patient": ["integration_id", "patient_id"], "ignored": []}
    for role in (*mandatory[readings[MANDATORY]], "last_name"):
        if not values.get(role, "").strip():
            return f"{facts.spelt(role)} is missing or empty"
    if others and readings[UNKNOWN] == "refused":
        return "there are arguments that are not in the list"
    patient_id, own = values.get("patient_id", ""), state.patient(values.get("integration_id", ""))
    if patient_id and any(own is None or each.key != own.key for each in state.holders_of(patient_id)):
        return _WITHOUT if readings[TAKEN] == "without" else f"another patient has that {facts.spelt('patient_id')}"
    return ""


def _change(values: Mapping[str, str], state: State, facts: CommandLineFacts, readings: Mapping[str, str]) -> Change:
    known = state.patient(values.get("integration_id", ""))
    patient = known or Patient(0, "", integration_id=values.get("integration_id", ""))
    patient = replace(
        patient,
        first_name=values.get("first_name", patient.first_name),
        last_name=values.get("last_name", patient.last_name),
        patient_id=values.get("patient_id", patient.patient_id),
    )
    if "birth_date" in values:
        assert facts.by_role["birth_date"].kind is Kind.DATE
        patient = replace(patient, birth_date=_born(values["birth_date"], facts, readings[SHORT_DATES]))
    return SetPatient(patient) if known is not None else AddPatient(patient)


def _born(text: str, facts: CommandLineFacts, short: str) -> int | None:
    """Ticks, or None for what is taken for no date."""
    if date_format(text).value == facts.date_form:
        return _ticks(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    figures = _FIGURES.fullmatch(text.strip())
    if figures is None or short == "refused":
        return None
    first, second, year = (int(figure) for figure in figures.groups())
    day, month = (first, second) if short == "day-first" else (second, first)
    try:
        return _ticks(date(year, month, day).isoformat())
    except ValueError:
        return None


def _ticks(iso: str) -> int | None:
    moment = parse_xml_date(iso)
    return None if isinstance(moment, Malformed) else moment.ticks
