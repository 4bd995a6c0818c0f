"""Sets of cases are valid, their own, and the same for the same patient."""

from itertools import pairwise

import pytest

from conformance.emulator.case_sets import DAY, HOSTILE, LAB, SETS, TIMES_OF_DAY, case_set, png
from conformance.model import CaseState, Patient
from conformance.spec import load
from conformance.trace.images import image_type
from conformance.wire import TICKS_PER_SECOND

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


@pytest.mark.parametrize("name", ["every-state", "many-cases"])
def test_neighbouring_cases_have_different_teeth(spec, name):
    teeth = [case.indications for case in case_set(name, PATIENT, NOW, spec)]

    assert all(one != following for one, following in pairwise(teeth))


@pytest.mark.parametrize("name", ["every-state", "many-cases"])
def test_the_last_two_cases_were_made_in_the_same_instant(spec, name):
    *_, one, other = case_set(name, PATIENT, NOW, spec)

    assert one.created == other.created


def test_every_type_of_scan_has_its_turn(spec):
    types = {scan.type for case in case_set("every-state", PATIENT, NOW, spec) for scan in case.scans}

    assert types == set(spec.record["scan"].by_role["type"].values)


def test_a_case_that_was_not_sent_may_have_a_laboratory(spec):
    unsent = {case.lab for case in case_set("every-state", PATIENT, NOW, spec) if case.sent is None}

    assert unsent == {spec.reading["UNSENT-LAB"].default, LAB}


@pytest.mark.parametrize("later_s", [0, 3600, 12 * 3600, 23 * 3600])
def test_some_cases_are_made_shortly_before_and_after_midnight_whenever_one_asks(spec, later_s):
    now = NOW + later_s * TICKS_PER_SECOND
    times_of_day = {case.created % DAY for case in case_set("every-state", PATIENT, now, spec)}

    assert times_of_day == set(TIMES_OF_DAY)
    assert all(case.created < now for case in case_set("many-cases", PATIENT, now, spec))


def test_an_unknown_set_is_told_with_those_that_exist(spec):
    with pytest.raises(ValueError, match='case set "none" is not known; expected one of one-image'):
        case_set("none", PATIENT, NOW, spec)


def test_noise_does_not_compress():
    from random import Random

    assert len(png(64, Random(1))) > 64 * 64 * 3
