"""Capsules: what is in them, and what is read back."""

import json

import jsonschema_rs
import pytest

from conformance.report import CapsuleError, capsule_from, view_of
from conformance.report.capsule import capsules
from conformance.spec import default_folder

SCHEMA = json.loads((default_folder() / "capsule.schema.json").read_text(encoding="utf-8"))


@pytest.fixture
def written(runs):
    """The capsules of the failing run, by name."""
    made = capsules(runs["fail"].view, lambda row, ledger: ("some-fault",), _nothing)
    return {name: json.loads(text) for name, text in made}


def test_each_finding_about_a_requirement_has_one(runs, written):
    assert list(written) == ["TWO-001-1.json", "ONE-001-1.json", "OPT-001-1.json"]


def test_capsules_are_as_their_schema_says(written):
    for capsule in written.values():
        jsonschema_rs.validate(SCHEMA, capsule)


def test_a_capsule_holds_sequence_commands_script_and_what_shows_it_offline(written):
    capsule = written["TWO-001-1.json"]

    assert [call["received"]["http_status"] for call in capsule["sequence"]] == [200, 200]
    assert capsule["commands"][3].startswith("curl ")
    assert "CreatePatient?IntegrationId=" in capsule["script"]
    assert capsule["emulator"]["command"].endswith("--emulator-fault some-fault --only 'patients.same-id-twice'")


def test_a_capsule_reads_back(runs):
    text = dict(capsules(runs["fail"].view, lambda row, ledger: ("a", "b"), _nothing))["TWO-001-1.json"]
    capsule = capsule_from(text)

    assert (capsule.requirement, capsule.kind, capsule.play) == ("TWO-001", "server", "patients.same-id-twice")
    assert capsule.faults == ("a", "b")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "threedd-capsule", "version": 2}', '{"format": 1}'])
def test_anything_else_is_told_to_be_no_capsule(text):
    with pytest.raises(CapsuleError, match=r"expected|give a file"):
        capsule_from(text)


def test_patients_are_not_in_it(runs):
    view = view_of(runs["fail"].ledger, runs["fail"].spec, runs["fail"].events)
    texts = [text for _, text in capsules(view, _none, _nothing)]

    assert "Fox" not in "".join(texts)


def _none(row, ledger):
    return ()


def _nothing(finding):
    return ()
