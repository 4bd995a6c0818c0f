"""What the loader says of dialects: they are optional, and a wrong row names file, row and remedy."""

from __future__ import annotations

import shutil

import pytest

from conformance.spec import Does, SpecError, default_folder, load

FILE = "dialects.yaml"


@pytest.fixture
def folder(tmp_path):
    """A copy of the spec that a test may spoil."""
    return shutil.copytree(default_folder(), tmp_path / default_folder().name)


def test_a_folder_need_not_have_any(folder):
    (folder / FILE).unlink()
    assert load(folder).dialects == ()


def test_names_and_roles_are_read(folder):
    method = load(folder).dialect["older-methods"].methods[1]
    assert (method.name, method.verb, method.does, method.open) == (
        "RequestProcessPatient",
        "POST",
        Does.BEGIN_OPERATION,
        False,
    )
    assert method.fields["PatientId"] == "integration_id"


@pytest.mark.parametrize(
    ("written", "instead", "problem", "remedy"),
    [
        ("port: 5492", "port: 70000", "web-service has the port 70000", "expected one from 1 to 65535"),
        ("mark: observed", "mark: sure", 'web-service has the mark "sure"', "expected documented, observed or guessed"),
        (
            "CONTENT-NEGOTIATION: negotiated",
            "CONTENT: x",
            'negotiating names the reading "CONTENT"',
            "the id of a reading",
        ),
        (
            "NEGOTIATION: negotiated",
            "NEGOTIATION: x",
            'has the CONTENT-NEGOTIATION "x"',
            "expected xml-always or negotiated",
        ),
        ("OpenCase: select_case", "OpenCase: sing", 'has "sing" for OpenCase in types', "expected one of create_case"),
        ("SSN: patient_id", "SSN: social", 'has "social" for SSN in fields', "expected one of birth_date"),
        ("verb: POST", "verb: PATCH", 'RequestProcessPatient has the verb "PATCH"', "expected GET or POST"),
        ("does: begin-operation", "does: tell-status", 'does "tell-status" and has 5 types', "begin-operation only"),
        (
            "name: negotiating",
            "name: web-service",
            'has the name "web-service" of web-service',
            "give each one of its own",
        ),
    ],
)
def test_a_wrong_row_is_refused(folder, written, instead, problem, remedy):
    file = folder / FILE
    text = file.read_text(encoding="utf-8")
    assert written in text
    file.write_text(text.replace(written, instead, 1), encoding="utf-8", newline="\n")
    with pytest.raises(SpecError) as refused:
        load(folder)
    assert problem in str(refused.value)
    assert remedy in str(refused.value)
