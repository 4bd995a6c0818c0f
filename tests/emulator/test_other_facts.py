"""Another guide: every name, number and limit differs, and the emulator follows without a change of code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.emulator.clock import SteppedClock
from conformance.emulator.policy import Policy
from conformance.emulator.server import Emulator


def renamed(spec):
    """``spec`` with X before every wire name, other codes and texts, another address, and three kept operations."""
    methods = [
        replace(m, name=f"X{m.name}", parameters=tuple(replace(p, name=f"X{p.name}") for p in m.parameters))
        for m in spec.methods
    ]
    records = [
        replace(r, name=f"X{r.name}", fields=tuple(replace(f, name=f"X{f.name}") for f in r.fields))
        for r in spec.records
    ]
    return replace(
        spec,
        service=replace(spec.service, base_path="/Elsewhere"),
        methods=tuple(methods),
        records=tuple(records),
        documents=tuple(replace(d, root=f"X{d.root}") for d in spec.documents),
        statuses=tuple(replace(s, code=s.code + 7000, text=f"X {s.text}") for s in spec.statuses),
        kept_operations=3,
    )


@pytest.fixture
def other(practice, spec, seed):
    facts = renamed(spec)
    emulator = Emulator(facts, Policy(freedoms=frozenset()), SteppedClock(), seed.users, seed.state)
    return replace(practice, emulator=emulator, spec=facts)


def test_documents_have_the_other_names(other):
    assert other.ask("list_stations").body.startswith(b"<XArrayOfClientInfo")
    assert b"<XCaseId>" in other.ask("find_cases", integration_id="SEED-1001").body


def test_statuses_have_the_other_codes_and_texts(other):
    other.start("create_patient", 1, integration_id="N", last_name="New")
    record = other.records("get_status", operation="00000000-0000-0000-0000-000000000001")[0]
    assert record.number("code") == 7004
    assert record.text("description").startswith("X ")


@pytest.mark.parametrize(("newer", "status"), [(2, "processed"), (3, "operation_unknown")])
def test_the_window_has_the_other_size(other, newer, status):
    other.start("create_patient", 1, integration_id="N", last_name="New")
    for number in range(newer):
        other.start("create_patient", 100 + number)
    assert other.status(1) == status


def test_a_station_works_as_before(other, station):
    other.start("select_patient", 1, station, integration_id="SEED-1001")
    assert other.path(1) == ["awaiting", "accepted", "processed"]


def test_the_former_names_mean_nothing(other, practice):
    assert other.emulator.handle(practice.request("list_stations")).http_status == 404
