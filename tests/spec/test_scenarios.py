"""Scenarios are checked word by word when they are read."""

import shutil
from dataclasses import replace

import pytest

from conformance.spec import SpecError, load
from conformance.spec.scenarios import Actor, At, Deed, Origin, Person, pms_scenarios, scenarios

GOOD = """
name: made
title: Made up
heading: Workflow examples
needs: [writes]
given:
  - {person: patient, is: new}
steps:
  - {actor: operator, does: press, dialog: merge, button: new}
  - {actor: pms, does: create_patient, person: patient, at: station, change: {patient_id: fresh}, reaches: processed}
"""


@pytest.fixture(scope="module")
def real():
    return load()


@pytest.fixture
def read(real, tmp_path):
    """``read(text)`` -> the scenarios of a folder with that one."""

    def make(*texts):
        for number, text in enumerate(texts):
            (tmp_path / "scenarios").mkdir(exist_ok=True)
            (tmp_path / "scenarios" / f"{number}.yaml").write_text(text, encoding="utf-8")
        return scenarios(replace(real, folder=tmp_path))

    return make


def test_a_scenario_is_read_as_it_stands(read):
    [made] = read(GOOD)
    press, create = made.steps
    assert (made.name, made.needs, made.persons) == ("made", {"writes"}, (Person("patient", Origin.NEW),))
    assert (press.actor, press.does, press.dialog, press.button) == (Actor.OPERATOR, Deed.PRESS, "merge", "new")
    assert (create.person, create.at, create.change) == ("patient", At.STATION, {"patient_id": "fresh"})
    assert create.reaches == "processed"


def test_a_folder_without_scenarios_has_none(real, tmp_path):
    assert scenarios(replace(real, folder=tmp_path)) == ()


def test_the_guides_workflow_examples_are_there(real):
    assert [made.name for made in scenarios(real)] == [
        "fetch-attached-images",
        "map-patient-at-station",
        "update-patient-on-server",
    ]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("does: create_patient", "does: make_patient", 'does "make_patient"; expected list_stations'),
        ("person: patient, at", "person: nobody, at", '"nobody"; expected patient'),
        ("reaches: processed", "reaches: done", '"done"; expected'),
        ("patient_id: fresh", "patient_id: stale", '"stale"; expected fresh, none or patient'),
        ("patient_id: fresh", "merge: fresh", 'the unknown key "merge"'),
        ("is: new", "is: newest", '"newest"; expected new, unmapped, mapped, pictured or stranger'),
        ("heading: Workflow examples", "heading: Workflows", '"Workflows"; expected'),
        ("needs: [writes]", "needs: [luck]", 'needs "luck"; expected'),
        ("needs: [writes]", "aims: [PAT-999]", '"PAT-999"; expected'),
        ("actor: operator", "actor: pms", "lets the pms press"),
        ("dialog: merge, ", "", 'has no "dialog"'),
    ],
)
def test_what_is_wrong_is_told_with_what_would_be_right(read, right, wrong, told):
    with pytest.raises(SpecError, match=told.replace("[", r"\[")):
        read(GOOD.replace(right, wrong))


def test_two_scenarios_cannot_share_a_name(read):
    with pytest.raises(SpecError, match="give each one of its own"):
        read(GOOD, GOOD)


def test_changing_a_scenario_changes_the_digest_of_the_spec(real, tmp_path):
    folder = tmp_path / "specs" / real.name
    shutil.copytree(real.folder, folder)
    (folder / "scenarios" / "another.yaml").write_text(GOOD, encoding="utf-8")
    assert load(folder).digest != real.digest


def test_what_a_pms_alone_can_show_certifies_no_server(real):
    names = [made.name for made in pms_scenarios(real)]

    assert set(names) >= {made.name for made in scenarios(real)}
    assert all(made.pms_only for made in pms_scenarios(real) if made.name not in {s.name for s in scenarios(real)})
    assert len(set(names)) == len(names)


def test_the_server_takes_steps_of_its_own(read):
    [made] = read(GOOD + "  - {actor: server, does: disturb, what: hang, method: find_cases, times: '2'}\n")
    assert made.steps[2].how == {"what": "hang", "method": "find_cases", "times": "2"}


def test_a_record_may_be_particular(read):
    [made] = read(GOOD.replace("is: new}", "is: new, record: {birth_date: '', last_name: Fox}}"))
    assert made.persons[0].record == {"birth_date": "", "last_name": "Fox"}


def test_a_person_can_be_like_a_former_one_only(read):
    with pytest.raises(SpecError, match='like "twin"'):
        read(GOOD.replace("is: new}", "is: new, like: twin}"))


def test_a_person_may_be_named_where_an_operation_is_waited_for(read):
    [made] = read(
        GOOD + "  - {actor: pms, does: await_operation, person: patient}\n  - {actor: pms, does: await_operation}\n"
    )
    assert [step.person for step in made.steps[2:]] == ["patient", ""]


def test_an_account_is_told_by_its_number(read):
    [made] = read(GOOD + "  - {actor: pms, does: configure, account: '2'}\n")
    assert made.steps[2].how == {"account": "2"}


def test_a_button_may_be_pressed_at_the_other_station(read):
    [made] = read(GOOD.replace("button: new}", "button: new, at: other_station}"))
    assert made.steps[0].at is At.OTHER_STATION
