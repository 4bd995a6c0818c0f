"""What is proven of ids and names: present, absent, or nobody can tell."""

import pytest

from conformance.rules.patient_sketches import (
    cases,
    creation,
    made,
    makes_new,
    mapped,
    maps_existing,
    saves,
    selection,
    unmapped,
    update,
    visible,
)
from conformance.spec import load
from conformance.trace import Alike, Button, Effect, History, NoteKind, State, at_once, call, fresh, note, poll, realise

FOREIGN = note(NoteKind.FOREIGN, why="another PMS")
NOW = call("create_patient", integration_id="now", last_name="Now", operation=500)
LOST = call("create_patient", integration_id="A", last_name="Fox", patient_id="P", operation=1).lost()
ASKED = call("list_stations", answer=[])


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def after(spec):
    """``after(sketch)`` -> the history of the sketch in clear, and a call that follows it."""

    def read(sketch):
        history = History(spec)
        for event in realise(sketch + NOW, spec, raw=True):
            seen = history.append(event)
        return history.proofs, seen

    return read


@pytest.mark.parametrize(
    ("sketch", "state"),
    [
        (ASKED, State.UNPROVEN),
        (fresh("A"), State.ABSENT),
        (made("A"), State.PRESENT),
        (mapped("A", "Ann", "Fox"), State.PRESENT),
        (cases("A", "Ann Fox"), State.PRESENT),
        (creation("A", 1, "integration_id_taken"), State.PRESENT),
        (selection("A", 1, "processed"), State.PRESENT),
        (update("A", 1, "integration_id_unknown"), State.ABSENT),
        (update("A", 1, "integration_id_unknown") + FOREIGN, State.UNPROVEN),
        (fresh("A") + FOREIGN, State.ABSENT),
        (fresh("A") + LOST, State.UNPROVEN),
        (fresh("A") + LOST + poll(1, "last_name_missing"), State.ABSENT),
        (fresh("A") + creation("A", 1, "accepted", station=7), State.UNPROVEN),
        (fresh("A") + creation("A", 1, "rejected_by_operator", station=7), State.ABSENT),
        (fresh("A") + creation("A", 1, "station_silent", station=7), State.UNPROVEN),
        (fresh("A") + creation("A", 1, "exception"), State.UNPROVEN),
        (fresh("A") + creation(" A", 1, "processed"), State.UNPROVEN),
        (fresh("A") + creation("a", 1, "processed"), State.ABSENT),
        (fresh("A") + update("A", 1, "processed"), State.ABSENT),
        (fresh("A") + creation("A", 1, "integration_id_taken"), State.ABSENT),
    ],
)
def test_an_integration_id(after, sketch, state):
    proofs, now = after(sketch)
    assert proofs.integration_id("A", now).state is state


P = visible("P")
HELD = made("A", patient_id="P")


@pytest.mark.parametrize(
    ("sketch", "state", "holder"),
    [
        (ASKED, State.UNPROVEN, ""),
        (P, State.ABSENT, ""),
        (HELD, State.PRESENT, "A"),
        (HELD + update("A", 1, "processed", patient_id="P"), State.PRESENT, "A"),
        (HELD + update("A", 1, "processed", patient_id="Q"), State.ABSENT, ""),
        (HELD + update("A", 1, "processed"), State.ABSENT, ""),
        (HELD + update("A", 1, "processed") + FOREIGN, State.UNPROVEN, ""),
        (HELD + update("A", 1, "last_name_missing", last_name=None), State.PRESENT, "A"),
        (HELD + update("A", 1, "exception"), State.UNPROVEN, ""),
        (HELD + update("A", 1, "accepted", station=7), State.UNPROVEN, ""),
        (HELD + update("A", 1, "processed", station=7), State.UNPROVEN, ""),
        (HELD + update("A", 1, "processed", patient_id="P", station=7), State.PRESENT, "A"),
        (HELD + update("A", 1, "exception") + update("A", 2, "processed", patient_id="P"), State.PRESENT, "A"),
        (HELD + creation("A", 1, "processed", patient_id="Q"), State.UNPROVEN, ""),
        (HELD + made("B", patient_id="P"), State.UNPROVEN, ""),
        (P + fresh("A") + creation("A", 1, "patient_id_taken", patient_id="P"), State.ABSENT, ""),
        (P + fresh("A") + creation("A", 1, "processed", patient_id=" P"), State.UNPROVEN, ""),
        (P + fresh("A") + LOST, State.UNPROVEN, ""),
        (P + fresh("A") + update("A", 1, "processed", patient_id="P"), State.UNPROVEN, ""),
        (mapped("A", "Ann", "Fox", "P"), State.PRESENT, "A"),
        (mapped("A", "Ann", "Fox", "P") + FOREIGN, State.UNPROVEN, ""),
        (unmapped("Fox", "P"), State.PRESENT, ""),
        (unmapped("Fox", "P") + creation("A", 1, "processed", station=7, merge="True"), State.UNPROVEN, ""),
        (
            unmapped("Fox", "P") + makes_new(1) + creation("A", 1, "processed", station=7, merge="True"),
            State.PRESENT,
            "",
        ),
    ],
)
def test_a_patient_id(after, sketch, state, holder):
    proofs, now = after(sketch)
    held = proofs.patient_id("P", now)
    assert (held.state, held.holder) == (state, holder)


ANN = mapped("A", "Ann", "Fox")


@pytest.mark.parametrize(
    ("sketch", "names"),
    [
        (ASKED, None),
        (ANN, ("Ann", "Fox")),
        (ANN + FOREIGN, None),
        (ANN + update("A", 1, "processed", first_name="Bo", last_name="Roe"), ("Bo", "Roe")),
        (ANN + update("A", 1, "patient_id_taken", first_name="Bo", last_name="Roe"), ("Ann", "Fox")),
        (ANN + update("A", 1, "exception", last_name="Roe"), None),
        (ANN + update("A", 1, "awaiting", last_name="Roe", station=7), None),
        (made("A") + update("A", 1, "exception") + update("A", 2, "processed", last_name="Roe"), ("", "Roe")),
    ],
)
def test_names(after, sketch, names):
    proofs, now = after(sketch)
    known = proofs.names("A", now)
    assert (known and (known.first, known.last)) == names


MERGE = {"station": 7, "merge": "True"}
KEEP = maps_existing(1, Button.KEEP) + creation("A", 1, "processed", **MERGE)


@pytest.mark.parametrize(
    ("sketch", "effect"),
    [
        (creation("A", 1, "processed"), Effect.WROTE),
        (creation("A", 1, "processed", station=7), Effect.OPEN),
        (saves(1) + creation("A", 1, "processed", station=7), Effect.WROTE),
        (maps_existing(1, Button.APPLY) + creation("A", 1, "processed", **MERGE), Effect.WROTE),
        (KEEP, Effect.OPEN),
        (unmapped("Fox") + KEEP, Effect.KEPT),
        (unmapped("Roe") + KEEP, Effect.OPEN),
        (creation("A", 1, "removed", station=7), Effect.NONE),
        (creation("A", 1, "processed") + poll(1, "integration_id_taken"), Effect.PENDING),
    ],
)
def test_what_an_operation_did(after, sketch, effect):
    proofs, now = after(sketch)
    assert proofs.effect(proofs.writes("A")[0], now).effect is effect


FOX = unmapped("Fox", "P", birth_date="1971-02-03")


@pytest.mark.parametrize(
    ("declared", "given", "alike"),
    [
        (FOX, {"patient_id": "P", "birth_date": "1971-02-03"}, Alike.YES),
        (FOX, {"patient_id": "P", "birth_date": "1971-02-04"}, Alike.NO),
        (FOX, {"patient_id": "Q", "birth_date": "1971-02-03"}, Alike.NO),
        (FOX, {"patient_id": "Q"}, Alike.NO),
        (FOX, {"patient_id": "P"}, Alike.OPEN),
        (unmapped("Fox", "P"), {"patient_id": "P", "birth_date": "1971-02-04"}, Alike.OPEN),
        (unmapped("Roe", "P"), {"patient_id": "Q"}, Alike.OPEN),
        (FOX + FOX, {"patient_id": "Q"}, Alike.OPEN),
    ],
)
def test_whether_a_call_gives_the_data_of_its_namesake(after, declared, given, alike):
    proofs, _ = after(declared + makes_new(1) + creation("A", 1, "processed", **MERGE, **given))
    assert proofs.like_namesake(proofs.writes("A")[0]) is alike


def test_calls_at_the_same_moment_prove_nothing_of_each_other(spec):
    history = History(spec)
    both = at_once(NOW, call("create_patient", integration_id="A", last_name="Fox", patient_id="P", operation=1))
    for event in realise(P + fresh("A") + both + poll(1, "processed"), spec, raw=True):
        history.append(event)
    now = history.of("create_patient")[0]
    assert history.proofs.patient_id("P", now).state is State.UNPROVEN
    assert history.proofs.integration_id("A", now).state is State.UNPROVEN
