"""Statuses that refuse an operation are given only where their condition holds; one clause per row of the table.

That they are given wherever it holds is for the rows of the methods. Here a refusal is wrong when its condition surely
does not hold, right when it surely does, and open where the trace cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence

from conformance.rules.catalogue import rule
from conformance.rules.evidence import Due, due, told
from conformance.rules.marks import says
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.trace import Exchange, History, NoteKind, Witness, call, fresh, guid, note, poll

CREATE = call("create_patient", integration_id="A", last_name="Fox", operation=1)
SELECT = call("select_patient", integration_id="A", station=7, operation=1)
DONE = poll(1, "processed")
AGAIN = call("create_patient", integration_id="A", last_name="Fox", operation=2)
UPDATE_LATER = call("update_patient", integration_id="A", last_name="Fox", operation=2)


def _only_when_due(
    requirement: str,
    name: str,
    title: str,
    *,
    accepts: Sequence[Witness],
    rejects: Sequence[Witness],
    ignores: Sequence[Witness] = (),
) -> None:
    """Registers the rule that the status called ``name`` is given only where its condition holds."""

    def judge(history: History, query: Exchange, spec: Spec) -> Verdict | None:
        said = told(history, query, spec, turned_down=True)
        if said is None or said.status.name != name:
            return None
        standing = due(history, said.operation, name, spec, query)
        if standing is Due.OPEN or (standing is Due.NOT and name == "unsupported" and said.operation.on_station):
            return None
        meaning = said.status.meaning.rstrip(".")
        expected = f'another status, since this one says "{meaning}", which is not so'
        return judged(standing is Due.SURELY, expected, said.observed, said.operation, query)

    judge.__name__ = title.replace(" ", "_")
    judge.__doc__ = f"The status {name} is given only where it is due.\n\nOpen where the trace cannot tell."
    rule(requirement, judges="get_status", when=says(name), accepts=accepts, rejects=rejects, ignores=ignores)(judge)


NOBODY = call("create_patient", integration_id="A", operation=1)
NAMED = call("create_patient", integration_id="A", last_name="Fox", patient_id="S", operation=1)
OTHER = call("create_patient", integration_id="B", last_name="Fox", patient_id="S", operation=2)
UPDATE = call("update_patient", integration_id="A", last_name="Fox", operation=1)
SELECT_CASE = call("select_case", case=5, station=7, operation=1)

_only_when_due(
    "STAT-026",
    "unsupported",
    "only what the receiver cannot do is unsupported",
    accepts=[call("select_patient", integration_id="A", operation=1) + poll(1, "unsupported")],
    rejects=[CREATE + poll(1, "unsupported"), UPDATE + poll(1, "unsupported")],
    ignores=[SELECT + poll(1, "unsupported"), CREATE + DONE],
)
_only_when_due(
    "STAT-030",
    "integration_id_missing",
    "only without an integration id is it missing",
    accepts=[
        call("create_case", station=7, operation=1) + poll(1, "integration_id_missing"),
        call("create_case", integration_id="A", operation=1) + poll(1, "integration_id_missing"),
        call("create_patient", last_name="Fox", operation=1).refused(400) + poll(1, "integration_id_missing"),
    ],
    rejects=[
        CREATE.refused(400) + poll(1, "integration_id_missing"),
        CREATE + poll(1, "integration_id_missing"),
        SELECT_CASE + poll(1, "integration_id_missing"),
    ],
    ignores=[
        call("create_patient", integration_id=" ", last_name="Fox", operation=1) + poll(1, "integration_id_missing")
    ],
)
_only_when_due(
    "STAT-031",
    "last_name_missing",
    "only without a last name is it missing",
    accepts=[NOBODY + poll(1, "last_name_missing")],
    rejects=[CREATE + poll(1, "last_name_missing"), SELECT + poll(1, "last_name_missing")],
)
_only_when_due(
    "STAT-032",
    "case_id_missing",
    "only without a case id is it missing",
    accepts=[
        call("select_case", station=7, operation=1) + poll(1, "case_id_missing"),
        call("select_case", case=5, operation=1) + poll(1, "case_id_missing"),
    ],
    rejects=[SELECT_CASE + poll(1, "case_id_missing"), SELECT + poll(1, "case_id_missing")],
    ignores=[call("select_case", case="?", station=7, operation=1) + poll(1, "case_id_missing")],
)
_only_when_due(
    "STAT-033",
    "case_unknown",
    "only a case that is not there is unknown",
    accepts=[note(NoteKind.FRESH, role="case", value=str(guid(5))) + SELECT_CASE + poll(1, "case_unknown")],
    rejects=[
        call("find_cases", integration_id="A", answer=[{"case": guid(5)}]) + SELECT_CASE + poll(1, "case_unknown"),
        note(NoteKind.FIXTURE, what="case", case=str(guid(5))) + SELECT_CASE + poll(1, "case_unknown"),
        SELECT + poll(1, "case_unknown"),
    ],
    ignores=[SELECT_CASE + poll(1, "case_unknown")],
)
_only_when_due(
    "STAT-034",
    "patient_id_taken",
    "only a patient id of another patient is taken",
    accepts=[fresh("S", role="patient_id") + fresh("A", "B") + NAMED + DONE + OTHER + poll(2, "patient_id_taken")],
    rejects=[
        fresh("S", role="patient_id") + NAMED + poll(1, "patient_id_taken"),
        CREATE + poll(1, "patient_id_taken"),
        SELECT + poll(1, "patient_id_taken"),
    ],
    ignores=[NAMED + poll(1, "patient_id_taken")],
)
_only_when_due(
    "STAT-035",
    "integration_id_unknown",
    "only an integration id of no patient is unknown",
    accepts=[fresh("A") + UPDATE + poll(1, "integration_id_unknown")],
    rejects=[
        CREATE + DONE + UPDATE_LATER + poll(2, "integration_id_unknown"),
        CREATE + poll(1, "integration_id_unknown"),
        SELECT_CASE + poll(1, "integration_id_unknown"),
    ],
    ignores=[UPDATE + poll(1, "integration_id_unknown")],
)
_only_when_due(
    "STAT-036",
    "integration_id_taken",
    "only an integration id of a patient is taken",
    accepts=[CREATE + DONE + AGAIN + poll(2, "integration_id_taken")],
    rejects=[
        fresh("A") + CREATE + poll(1, "integration_id_taken"),
        CREATE + DONE + UPDATE + poll(1, "integration_id_taken"),
        SELECT + poll(1, "integration_id_taken"),
    ],
    ignores=[CREATE + poll(1, "integration_id_taken")],
)
