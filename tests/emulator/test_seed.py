"""The prepared data: what the plays rely on is there."""

from __future__ import annotations

import json

import pytest

from conformance.emulator.declared import declared
from conformance.emulator.seed import SeedError, default_folder, load_seed
from conformance.model import CaseState


@pytest.fixture
def facts(seed):
    return list(declared(seed.state))


def of(facts, what):
    return [fact for fact in facts if fact["what"] == what]


def test_stations_are_free_busy_and_absent(facts):
    found = {(fact["connected"], fact["busy"]) for fact in of(facts, "station")}
    assert found >= {("yes", "no"), ("yes", "yes"), ("no", "no")}


def test_one_patient_has_cases_of_every_kind(seed, spec):
    patient = seed.state.patient("SEED-1001")
    cases = list(seed.state.cases_of(patient))
    assert len(cases) >= 8
    assert {case.state for case in cases} == set(CaseState)
    assert {case.sent is None for case in cases} == {True, False}
    assert {scan.type for case in cases for scan in case.scans} == set(spec.record["scan"].by_role["type"].values)
    assert any(entry.first == entry.last for case in cases for entry in case.indications)
    assert any(entry.first < entry.last for case in cases for entry in case.indications)


def test_a_mapped_patient_has_no_case(facts):
    assert any(fact["cases"] == "0" for fact in of(facts, "patient"))


def test_unmapped_patients_have_namesakes(facts):
    names = [(f["first_name"].casefold(), f["last_name"].casefold()) for f in of(facts, "unmapped_patient")]
    assert len(names) > len(set(names))


def test_images_are_real_and_of_both_kinds(facts):
    images = of(facts, "image")
    assert {fact["type"] for fact in images} == {"jpeg", "png"}
    assert all(0 < int(fact["size"]) < 20_000 for fact in images)


def test_facts_are_texts(facts):
    assert all(isinstance(value, str) for fact in facts for value in fact.values())


def test_a_user_has_letters_beyond_ascii_and_another_a_colon_in_the_password(seed):
    assert any(not user.user.isascii() for user in seed.users)
    assert any(":" in user.password for user in seed.users)


def test_another_folder_can_be_named(spec, tmp_path):
    rows = {"users": [{"user": "a", "password": ""}], "stations": [], "patients": [], "cases": []}
    (tmp_path / "seed.json").write_text(json.dumps(rows), encoding="utf-8")
    assert load_seed(spec, tmp_path).users[0].user == "a"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "JSONDecodeError"),
        ("{}", "KeyError: 'stations'"),
        (
            '{"users": [], "stations": [], "patients": [], "cases": [{"case": "1", "integration_id": "X"}]}',
            "case 1 belongs to 'X', whom no patient has",
        ),
    ],
)
def test_a_broken_seed_is_named(spec, tmp_path, text, problem):
    (tmp_path / "seed.json").write_text(text, encoding="utf-8")
    with pytest.raises(SeedError) as error:
        load_seed(spec, tmp_path)
    assert problem in str(error.value)


def test_a_folder_without_a_seed_is_named(spec, tmp_path):
    with pytest.raises(SeedError) as error:
        load_seed(spec, tmp_path)
    assert "seed.json cannot be read" in str(error.value)


def test_the_default_folder_has_one():
    assert (default_folder() / "seed.json").is_file()
