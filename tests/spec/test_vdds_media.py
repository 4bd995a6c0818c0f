"""VDDS media as data: the three calls, and what each fact rests on."""

import shutil

import pytest

from conformance.spec import Mark, Need, SpecError, default_folder, load

FACTS = load().vdds


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(default_folder(), tmp_path / "spec")


def changed(folder, old, new):
    path = folder / "vdds-media.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="\n")
    return folder


def test_the_three_workflows_are_calls():
    assert [call.role for call in FACTS.calls] == ["patient_import", "image_information", "image_export"]


def test_nothing_of_the_wire_is_said_to_be_documented():
    marks = {key.mark for call in FACTS.calls for key in call.keys.all} | {call.mark for call in FACTS.calls}

    assert marks == {Mark.OBSERVED, Mark.GUESSED}


def test_no_mandatory_row_is_guessed():
    spec = load()
    rows = [spec.requirement[row] for name in ("vdds-pvs", "vdds-bvs") for row in spec.profile[name].mandatory]

    assert [row.id for row in rows if row.mark is Mark.GUESSED] == []


def test_keys_are_needed_as_the_field_needs_them():
    keys = FACTS.call["patient_import"].keys.by_role

    assert (keys["person"].need, keys["sex"].need, keys["title"].need) == (Need.REQUIRED, Need.EXPECTED, Need.OPTIONAL)


def test_other_names_are_taken_from_the_folder(folder):
    assert load(changed(folder, "PATDATIMPORT", "OTHER")).vdds.call["patient_import"].key == "OTHER"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("role: patient_import", "role: patient_export", "patient_export"),
        ("{name: PATID, role: person", "{name: PATID, role: persona", "no key with the role person"),
        ("section: PATID", "section: Patient", "has the section"),
        ("need: required", "need: always", "always"),
        ("login-limit-s: 300", "login-limit-s: five", "whole number"),
        ("version: '1.4'", "versio: '1.4'", "unknown key"),
    ],
)
def test_a_wrong_file_is_told(folder, old, new, problem):
    with pytest.raises(SpecError, match=problem):
        load(changed(folder, old, new))
