"""Sets of cases are valid, their own, and the same for the same patient."""

import pytest

from conformance.emulator.case_sets import HOSTILE, SETS, case_set, png
from conformance.model import CaseState, Patient
from conformance.spec import load
from conformance.trace.images import image_type

PATIENT = Patient(7, "Fox", integration_id="A")
NOW = 638_000_000_000_000_000


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.mark.parametrize("name", SETS)
def test_ids_are_unique_and_the_same_each_time(spec, name):
    cases = case_set(name, PATIENT, NOW, spec)
    ids = [case.id for case in cases] + [image.id for case in cases for image in case.images]

    assert len(set(ids)) == len(ids)
    assert case_set(name, PATIENT, NOW, spec) == cases
    assert {case.patient for case in cases} == {7}


@pytest.mark.parametrize("name", SETS)
def test_pictures_are_pictures_and_differ(spec, name):
    pictures = [image.content for case in case_set(name, PATIENT, NOW, spec) for image in case.images]

    assert {image_type(picture) for picture in pictures} <= {"png"}
    assert len(set(pictures)) == len(pictures)


def test_two_patients_have_different_cases(spec):
    [mine] = case_set("one-image", PATIENT, NOW, spec)
    [other] = case_set("one-image", Patient(8, "Fox"), NOW, spec)

    assert mine.id != other.id
    assert mine.images[0].content != other.images[0].content


def test_every_state_has_every_state(spec):
    assert {case.state for case in case_set("every-state", PATIENT, NOW, spec)} == set(CaseState)


@pytest.mark.parametrize("name", sorted(SETS.keys() - HOSTILE))
def test_a_case_that_was_not_scanned_has_no_scans(spec, name):
    assert not [c for c in case_set(name, PATIENT, NOW, spec) if c.state is CaseState.CREATED and c.scans]


def test_an_unknown_set_is_told_with_those_that_exist(spec):
    with pytest.raises(ValueError, match='case set "none" is not known; expected one of one-image'):
        case_set("none", PATIENT, NOW, spec)


def test_noise_does_not_compress():
    from random import Random

    assert len(png(64, Random(1))) > 64 * 64 * 3
