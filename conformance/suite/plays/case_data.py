"""What records say: of every declared case, through different searches."""

from __future__ import annotations

from conformance.suite.case_steps import STATUSES, TRUE, cases_of, owners, search
from conformance.suite.play import Desk, Steps, play

FIELDS = tuple(f"INF-{number:03}" for number in (*range(1, 23), 24, 25, 26, 27, 28, 30, *range(33, 41)) if number != 23)


@play("case-data.every-field", aims=FIELDS, needs=("fixtures",))
def every_field_of_every_case(desk: Desk) -> Steps:
    """All cases of each patient, then the same cases through narrower searches, then all of them again."""
    for patient in owners(desk)[:4]:
        yield from cases_of(desk, patient)
        for status in STATUSES:
            yield from search(desk, patient, **{status: TRUE})
        yield from search(desk, patient, created_from="1992-03-04", delivered_to="2098-05-06")
        yield from cases_of(desk, patient)
