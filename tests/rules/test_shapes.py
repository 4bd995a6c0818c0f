"""The function for shape rows, tried on every field and parameter of the spec, whether a row aims at it or not."""

from dataclasses import replace

import pytest

from conformance.judge import Monitor
from conformance.rules.shape_witnesses import shape_witnesses
from conformance.rules.shapes import shapes
from conformance.spec import Binds, JudgedBy, Kind, Obligation, Requirement, default_folder, load
from conformance.trace import call, realise

SPEC = load(default_folder())


def row(target, binds, number, readings=()):
    return Requirement(
        f"SHP-{number:03}", "x", binds, Obligation.MUST, "", JudgedBy.SHAPE, target, "", (), readings, "", "shapes.yaml"
    )


FIELDS = [f"{record.name}.{field.name}" for record in SPEC.records for field in record.fields]
PARAMETERS = [f"{method.name}.{parameter.name}" for method in SPEC.methods for parameter in method.parameters]
TARGETS = [(target, Binds.SERVER) for target in FIELDS] + [(target, Binds.PMS) for target in PARAMETERS]
SPECS = [replace(SPEC, requirements=(row(*target, 1),), profiles=()) for target in TARGETS]


def cases(kind):
    return [
        pytest.param(spec, witness, id=f"{spec.requirements[0].target}-{index}")
        for spec in SPECS
        for index, witness in enumerate(getattr(shape_witnesses(shapes(spec)[0], spec), kind), start=1)
    ]


def counts(spec, witness):
    monitor = Monitor(spec, rules={})
    for event in realise(witness, spec):
        monitor.feed(event)
    return monitor.finish().row("SHP-001").counts


def station(**changes):
    sound = {"station": "5be65d15-31a2-442b-a93b-0bd65ec8abe9", "busy": True, "timestamp": "2019-11-14T13:14:20Z"}
    return call("list_stations", answer=[{**sound, **changes}])


def only(target, readings=()):
    return replace(SPEC, requirements=(row(target, Binds.SERVER, 1, readings),), profiles=())


@pytest.mark.parametrize(("spec", "witness"), cases("accepts"))
def test_sound_values_are_kept(spec, witness):
    assert counts(spec, witness).passed == 1
    assert counts(spec, witness).failed == 0


@pytest.mark.parametrize(("spec", "witness"), cases("rejects"))
def test_unsound_values_are_broken(spec, witness):
    assert counts(spec, witness).failed == 1


@pytest.mark.parametrize(("spec", "witness"), cases("ignores"))
def test_what_shows_nothing_is_ignored(spec, witness):
    assert counts(spec, witness).triggered == 0


def test_a_nullable_field_that_is_left_out_triggers_nothing():
    assert counts(only("ClientInfo.Hostname"), station()).triggered == 0


def test_a_field_whose_presence_is_a_reading_may_be_left_out():
    spec = only("ClientInfo.Hostname", readings=(SPEC.readings[0].id,))

    assert counts(spec, station()).passed == 1


def test_a_document_that_is_malformed_as_a_whole_triggers_no_field():
    assert counts(only("ClientInfo.ClientId"), station().but(body=b"<ClientInfo>")).triggered == 0


def test_one_unsound_record_among_sound_ones_breaks_the_row():
    answer = [{"station": "5be65d15-31a2-442b-a93b-0bd65ec8abe9"}, {"station": "?"}]

    assert counts(only("ClientInfo.ClientId"), call("list_stations", answer=answer)).failed == 1


def test_a_parameter_row_that_binds_the_pms_is_not_offered_our_own_calls():
    spec = next(s for s in SPECS if s.requirements[0].target == "CreatePatient.LastName")
    monitor = Monitor(spec, rules={})
    for event in realise(call("create_patient", integration_id="A"), spec)[1:]:
        monitor.feed(replace(event, who="suite"))

    assert monitor.finish().row("SHP-001").counts.triggered == 0


def test_the_breach_of_a_date_that_is_no_date_tells_what_is_wrong_though_the_text_is_hidden():
    spec = next(s for s in SPECS if s.requirements[0].target == "CreatePatient.DateOfBirth")
    monitor = Monitor(spec, rules={})
    for event in realise(call("create_patient", birth_date="2019-31-31"), spec):
        monitor.feed(event)

    assert monitor.finish().findings[0].observed == "a text that is no date (NNNN-NN-NN)"


def test_optional_texts_have_nothing_to_reject():
    optional = [s for s in SPECS if not shape_witnesses(shapes(s)[0], s).rejects]
    parameters = [shapes(s)[0].parameter for s in optional]

    assert {(p.kind, p.mandatory) for p in parameters} == {(Kind.TEXT, False)}
