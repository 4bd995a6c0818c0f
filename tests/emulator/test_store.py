"""What is kept in a folder: all of it, in its order, for one process at a time, and nothing but our own files."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from uuid import UUID

import pytest

from conformance.emulator.clock import SteppedClock
from conformance.emulator.policy import ASKS_A_PERSON, Policy
from conformance.emulator.server import Emulator
from conformance.emulator.store import FILE, VERSION, Store, StoreError, Tracked
from conformance.model import Dialog, Place, State
from conformance.model.changes import AddCase, RemovePatient, SetStation

from .conftest import Practice

SLOW = Policy(freedoms=frozenset(), pick_up_delay_s=1000)
ASKING = Policy(freedoms=frozenset(), pick_up_delay_s=0, processing_delay_s=0, operator=ASKS_A_PERSON)


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path) as store:
        yield store


@pytest.fixture
def kept(spec, seed, store):
    """Opens a practice whose emulator keeps its state in the store, and goes on with what is there."""

    def opened(policy=SLOW):
        resumed = store.load(spec)
        emulator = Emulator(spec, policy, SteppedClock(), seed.users, seed.state, resumed=resumed, keep=store.save)
        emulator.keep()
        return Practice(emulator, spec, seed)

    return opened


@pytest.fixture
def read(spec, store, tmp_path):
    """Reads what a killed process would have left."""

    def again():
        store.close()
        with Store(tmp_path) as other:
            return other.load(spec)

    return again


def orders(state):
    return [list(table) for table in (state.patients, state.cases, state.stations, state.operations)]


def test_a_new_folder_holds_nothing(spec, store):
    assert store.load(spec) is None


def test_what_is_read_back_equals_what_was_saved(kept, read, station):
    practice = kept()
    practice.ask("create_patient", integration_id="K1", last_name="Füchse", first_name="\x00'", birth_date="1980-12-31")
    practice.start("create_case", 2, station, integration_id="SEED-1001")
    practice.start("select_patient", 3, station, integration_id="SEED-1001")
    practice.ask("remove_operation", operation=str(UUID(int=2)))

    left = practice.emulator.state
    found = read()

    assert found == left
    assert orders(found) == orders(left)


def test_the_order_in_which_patients_came_to_a_name_is_kept(kept, read, station):
    practice = kept(Policy(freedoms=frozenset(), pick_up_delay_s=0, processing_delay_s=0))
    practice.ask("create_patient", integration_id="K1", last_name="Same")
    practice.ask("create_patient", integration_id="K2", last_name="Same")
    practice.start("update_patient", 1, integration_id="K1", last_name="Same", first_name="Changed")
    practice.status(1)

    left = practice.emulator.state
    assert read().named == left.named


def test_images_keep_their_content(kept, read):
    practice = kept()
    images = [case.images for case in practice.emulator.state.cases.values()]

    assert any(images)
    assert [case.images for case in read().cases.values()] == images


def test_stations_keep_their_order_when_one_changes(kept, read):
    practice = kept()
    first = next(iter(practice.emulator.state.stations.values()))
    practice.emulator.set_station(replace(first, busy=not first.busy))
    practice.emulator.keep()

    assert list(read().stations.values()) == list(practice.emulator.state.stations.values())


def test_who_is_removed_stays_away(kept, read):
    practice = kept()
    key = practice.emulator.state.mapped["SEED-1001"][0]
    RemovePatient(key).apply(practice.emulator.state)
    practice.emulator.keep()

    found = read()
    assert key not in found.patients
    assert found == practice.emulator.state


def test_who_comes_back_comes_last(kept, read):
    practice = kept()
    state = practice.emulator.state
    case = next(iter(state.cases.values()))
    state.drop_case(case.id)
    AddCase(case).apply(state)
    practice.emulator.keep()

    assert list(read().cases) == list(state.cases)


def test_a_reset_brings_the_seed_back(kept, read):
    practice = kept()
    practice.ask("create_patient", integration_id="K1", last_name="Fox")
    practice.emulator.reset()
    practice.emulator.keep()

    assert "K1" not in read().mapped


def test_a_call_that_changes_nothing_writes_nothing(kept, store):
    practice = kept()
    before = store._file.total_changes
    practice.document("list_stations")
    practice.status(9)

    assert store._file.total_changes == before


def test_a_call_writes_only_what_it_changed(kept, store):
    practice = kept()
    before = store._file.total_changes
    practice.ask("create_patient", integration_id="K1", last_name="Fox")

    assert store._file.total_changes - before <= 5  # a patient, an operation, three facts


class TestResumed:
    def test_what_waited_in_the_pool_is_taken_as_if_it_had_just_come(self, kept, station):
        kept().start("select_patient", 1, station, integration_id="SEED-1001")
        resumed = kept(Policy(freedoms=frozenset(), pick_up_delay_s=5, processing_delay_s=5))

        assert resumed.emulator.state.newest(UUID(int=1)).place is Place.POOL
        resumed.emulator.advance(5)
        assert resumed.emulator.state.newest(UUID(int=1)).place is Place.STATION
        resumed.emulator.advance(5)
        assert resumed.emulator.state.newest(UUID(int=1)).place is Place.DONE

    def test_what_was_asked_at_a_station_is_asked_there_anew(self, kept, station):
        practice = kept(ASKING)
        practice.start("create_patient", 1, station, integration_id="K1", last_name="Fox")
        status = practice.status(1)
        assert list(practice.emulator.stations.asking.values()) == [Dialog.NEW_PATIENT]

        resumed = kept(ASKING)
        assert resumed.status(1) == status
        assert list(resumed.emulator.stations.asking.values()) == [Dialog.NEW_PATIENT]
        resumed.decide(1, "new_patient", "save")
        assert "K1" in resumed.emulator.state.mapped

    def test_serials_are_not_given_out_twice(self, kept, station):
        first = kept()
        first.start("select_patient", 1, station, integration_id="SEED-1001")
        first.ask("remove_operation", operation=str(UUID(int=1)))
        serial = first.emulator.state.last_serial
        resumed = kept()
        resumed.start("select_patient", 2, station, integration_id="SEED-1001")

        assert resumed.emulator.state.last_serial == serial + 1

    def test_which_statuses_are_kept_is_kept(self, kept, station):
        first = kept()
        for operation in range(1, 15):
            first.start("select_patient", operation, station, integration_id="SEED-1001")
        statuses = [first.status(operation) for operation in range(1, 15)]
        resumed = kept()

        assert [resumed.status(operation) for operation in range(1, 15)] == statuses


class TestRefused:
    def test_a_second_emulator_on_the_same_folder(self, store, tmp_path):
        with pytest.raises(StoreError, match="in use, probably by a second emulator; stop that one"):
            Store(tmp_path, busy_s=0)

    def test_the_folder_is_free_when_the_first_has_ended(self, store, tmp_path):
        store.close()
        Store(tmp_path, busy_s=0).close()

    def test_another_program_s_database(self, tmp_path):
        with sqlite3.connect(tmp_path / FILE) as other:
            other.execute("CREATE TABLE theirs (x)")
        other.close()
        with pytest.raises(StoreError, match="no emulator's; name another folder"):
            Store(tmp_path)

    def test_a_newer_build_s_file(self, store, tmp_path):
        store._file.execute(f"PRAGMA user_version={VERSION + 1}")
        store.close()
        with pytest.raises(StoreError, match=f"version {VERSION + 1}, and this build reads up to {VERSION}"):
            Store(tmp_path)

    @pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
    def test_a_file_that_is_none(self, tmp_path, content):
        (tmp_path / FILE).write_bytes(content)
        with pytest.raises(StoreError, match="damaged or no file of an emulator"):
            Store(tmp_path)

    @pytest.mark.parametrize(
        "damage",
        [
            "UPDATE patients SET body='{}'",
            "UPDATE operations SET body='[]'",
            "UPDATE cases SET body=replace(body, 'created', 'melted')",
            "DELETE FROM images",
            "DELETE FROM operations",
            "DELETE FROM facts WHERE name='kept'",
            "UPDATE facts SET value='x'",
        ],
    )
    def test_content_that_nobody_wrote(self, spec, kept, store, tmp_path, station, damage):
        kept().start("select_patient", 1, station, integration_id="SEED-1001")
        store._file.execute(damage)
        store.close()
        with Store(tmp_path) as other, pytest.raises(StoreError, match="put back a copy, delete it to begin anew"):
            other.load(spec)

    def test_operations_of_another_spec(self, spec, kept, store, tmp_path, station):
        kept().start("select_patient", 1, station, integration_id="SEED-1001")
        store._file.execute("UPDATE operations SET body=replace(body, 'select_patient', 'choose_patient')")
        with pytest.raises(StoreError, match=r"'choose_patient' .* does not know"):
            store.load(spec)

    def test_a_folder_that_is_a_file(self, tmp_path):
        (tmp_path / "taken").write_bytes(b"")
        with pytest.raises(OSError, match="exists"):
            Store(tmp_path / "taken")


def test_what_cannot_be_written_is_written_the_next_time(kept, store, read):
    practice = kept()
    store._file.execute("PRAGMA query_only=ON")
    with pytest.raises(StoreError, match="cannot be used"):
        practice.ask("create_patient", integration_id="K1", last_name="Fox")
    store._file.execute("PRAGMA query_only=OFF")
    practice.document("list_stations")

    assert "K1" in read().mapped


def test_a_state_without_anything_is_something(spec, store):
    store.save(State())
    assert store.load(spec) == State()


def test_a_station_that_was_there_before_is_seen_to_change(spec, seed, store):
    state = seed.state.copy()
    store.save(state)
    first = next(iter(state.stations.values()))
    SetStation(replace(first, busy=not first.busy)).apply(state)
    store.save(state)

    assert store.load(spec) == state


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        (lambda table: table.update({"b": 3, "c": 4}), {"b": False, "c": False}),
        (lambda table: table.pop("a"), {"a": True}),
        (lambda table: table.pop("x", None), {"x": True}),
        (lambda table: table.popitem(), {"b": True}),
        (lambda table: table.clear(), {"a": True, "b": True}),
        (lambda table: table.setdefault("c", 4), {"c": False}),
        (lambda table: table.setdefault("a", 4), {}),
        (lambda table: table.__ior__({"c": 4}), {"c": False}),
        (lambda table: (table.pop("a"), table.update(a=1)), {"a": True}),
    ],
)
def test_every_way_to_change_a_dictionary_is_seen(change, touched):
    table = Tracked({"a": 1, "b": 2}.items())
    change(table)
    assert table.touched == touched
