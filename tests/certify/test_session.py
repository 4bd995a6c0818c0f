"""A PMS is taken through scenarios: what it is told, what becomes of its answers, and when a scenario is left."""

from dataclasses import replace

import pytest

from conformance.certify.persons import Persons
from conformance.certify.pms import About, DriverError, Interrupted, LeftOut, Reply, Server
from conformance.certify.session import Outcome, Session, _Scene
from conformance.emulator.deeds import Deeds
from conformance.emulator.embedded import Embedded
from conformance.spec import load
from conformance.spec.scenarios import Deed, Origin, pms_scenarios, vdds_scenarios
from conformance.trace import NoteKind, Recorder, Redactor

EVERYTHING = frozenset(deed.value for deed in Deed)


class Scripted:
    """A PMS that answers every task alike, and calls nobody."""

    def __init__(self, reply):
        self.reply, self.tasks, self.servers = reply, [], []

    def take(self, task):
        self.tasks.append(task)
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply

    def configure(self, server):
        self.servers.append(server)
        return Reply("done")

    def restart(self):
        return About("again", "v", "2", EVERYTHING)


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(scope="module")
def scenario(spec):
    known = {each.name: each for each in (*pms_scenarios(spec), *vdds_scenarios(spec))}
    return known.__getitem__


@pytest.fixture
def session(spec):
    """``session(reply)`` -> a session with a PMS that gives that reply, and the notes it leaves."""
    with Embedded(spec, identified=True) as running:

        def made(reply, steps=EVERYTHING):
            events = []
            recorder = Recorder(spec, Redactor(spec, b"key"), [events.append])
            about = About("fake", "v", "1", steps)
            now_s = running.clock.now_s
            return Session(spec, Scripted(reply), Deeds(running), recorder, now_s, Persons(1), about), events

        yield made


def notes(events, kind):
    return [event.data for event in events if event.kind is kind]


def test_names_fit_where_an_interface_cannot_carry_all():
    persons = Persons(0, fits=str.isascii)

    assert all(persons.fresh(role).isascii() for role in ("last_name", "first_name") for _ in range(200))


def test_an_order_is_noted_before_and_after(session, scenario):
    made, events = session(Reply("done", 4, "It is done."))
    made.play(scenario("stations-shown"))
    begin, end = notes(events, NoteKind.ORDER)

    assert (begin["phase"], begin["does"]) == ("begin", "list_stations")
    assert (end["answer"], end["status_code"], end["told"]) == ("done", "4", "yes")


def test_what_was_understood_is_noted_thing_by_thing(session, scenario):
    images = [{"image": "i", "name": "a.png", "timestamp": None}]
    data = {"cases": [{"case": "c", "sent": None, "modelled": True, "images": images}]}
    made, events = session(Reply("done", data=data))
    made.play(scenario("stations-shown"))
    case, image = notes(events, NoteKind.SHOWN)

    assert (case["what"], case["sent"], case["modelled"], case["fields"]) == ("case", "", "true", "case sent modelled")
    assert (image["what"], image["case"], image["image"], image["name"]) == ("image", "c", "i", "a.png")


def test_the_lists_that_a_case_is_told_with_are_noted_empty_ones_too(session, scenario):
    cases = [{"case": "a", "images": [], "scans": None}, {"case": "b"}]
    made, events = session(Reply("done", data={"cases": cases}))
    made.play(scenario("stations-shown"))
    told, left_out = notes(events, NoteKind.SHOWN)

    assert (told["lists"], told["fields"]) == ("images", "case scans")
    assert left_out["lists"] == ""


def test_names_of_patients_are_noted_as_tokens(session, scenario):
    made, events = session(Reply("done"))
    made.play(scenario("create-on-server"))
    told = notes(events, NoteKind.ORDER)[0]

    assert made.pms.tasks[0].patient["last_name"] not in str(events)
    assert told["last_name"].startswith("~")
    assert told["person"].startswith("~")


def test_a_scenario_is_left_when_a_step_did_not_lead_where_the_next_goes_on(session, scenario):
    made, events = session(Reply("done"))
    ending = made.play(scenario("create-on-server"))

    assert ending.outcome is Outcome.LEFT
    assert ending.reason == "step 1 (create_patient) ended with no operation instead of processed"
    assert notes(events, NoteKind.SKIPPED)[0]["whose"] == "subject"


def test_a_scenario_is_left_when_nobody_is_there_to_be_given_cases(session, scenario):
    made, events = session(Reply("failed"))
    ending = made.play(scenario("vdds-images"))

    assert ending.outcome is Outcome.LEFT
    assert ending.reason.startswith("the PMS has brought no patient of that name in")
    assert notes(events, NoteKind.SKIPPED)[0]["whose"] == "subject"


def test_what_the_pms_does_not_support_is_not_asked_of_it(session, scenario):
    made, _ = session(Reply("done"), steps=frozenset({"list_stations"}))
    ending = made.play(scenario("create-on-server"))

    assert (ending.outcome, ending.reason) == (Outcome.UNSUPPORTED, "the PMS does not support create_patient")
    assert made.pms.tasks == []


SERVERS = tuple(Server("https://localhost/base", f"user {number}", "secret") for number in (1, 2, 3, 4, 5))


def test_a_pms_is_given_each_account_and_the_usual_one_in_the_end(session, scenario):
    made, events = session(Reply("done", data={"stations": []}))
    made.accounts = SERVERS
    made.play(scenario("accounts-in-turn"))
    told = [note["account"] for note in notes(events, NoteKind.ORDER) if note.get("does") == "configure"]

    assert made.pms.servers == list(SERVERS)
    assert told == ["1", "2", "3", "4", "5"]
    assert "secret" not in str(events)


def test_the_usual_account_comes_back_when_a_scenario_is_left(session, scenario):
    made, _ = session(Reply("unsupported"))
    made.accounts = SERVERS
    made.play(scenario("accounts-in-turn"))

    assert made.pms.servers == [SERVERS[0], SERVERS[-1]]


def test_a_scenario_with_more_accounts_than_there_are_is_our_fault(session, scenario):
    made, _ = session(Reply("done"))
    made.accounts = SERVERS[:1]

    assert made.play(scenario("accounts-in-turn")).outcome is Outcome.BROKEN


def test_each_of_two_operations_is_waited_for_by_its_own_name(session, scenario):
    made, events = session(Reply("started", data={"operation": "5d0c6fc2-9a2e-4b0f-8f3d-5a1c2d3e4f50"}))
    made.play(scenario("two-at-once"))
    rooms = [task.station for task in made.pms.tasks if task.does == "create_patient"]
    waited = [task.operation for task in made.pms.tasks if task.does == "await_operation"]
    ends = [note for note in notes(events, NoteKind.ORDER) if note["phase"] == "end"]

    assert len(set(rooms)) == 2
    assert waited == ["5d0c6fc2-9a2e-4b0f-8f3d-5a1c2d3e4f50"]
    assert ends[-1]["operation"] == waited[0]


def test_a_step_that_turns_out_to_be_unsupported_ends_the_scenario(session, scenario):
    made, _ = session(Reply("unsupported"))

    assert made.play(scenario("create-on-server")).outcome is Outcome.UNSUPPORTED


def test_a_pms_that_dies_leaves_its_order_on_record(session, scenario):
    made, events = session(DriverError("it died"))
    with pytest.raises(DriverError):
        made.play(scenario("create-on-server"))

    assert notes(events, NoteKind.ORDER)[-1]["answer"] == "died"


def test_a_run_that_is_interrupted_leaves_its_order_on_record(session, scenario):
    made, events = session(Interrupted("enough for today"))
    with pytest.raises(Interrupted):
        made.play(scenario("create-on-server"))

    assert notes(events, NoteKind.ORDER)[-1]["answer"] == "interrupted"
    assert [play["phase"] for play in notes(events, NoteKind.PLAY)] == ["begin"]


def test_a_scenario_that_is_left_out_is_left(session, scenario):
    made, events = session(LeftOut("nobody wants it"))
    ending = made.play(scenario("create-on-server"))

    assert (ending.outcome, ending.reason) == (Outcome.LEFT, "nobody wants it")
    assert notes(events, NoteKind.ORDER)[-1]["answer"] == "left-out"


def test_what_turned_out_to_be_unsupported_is_remembered(session, scenario):
    made, _ = session(Reply("unsupported"))
    made.play(scenario("create-on-server"))

    assert made.can(scenario("create-on-server")) == "create_patient at the server"
    assert made.can(scenario("create-at-station")) == ""
    assert made.can(scenario("stations-shown")) == ""


def test_a_patient_is_brought_in_however_the_pms_can(session, scenario):
    made, _ = session(Reply("unsupported"))
    made.play(scenario("find-no-cases"))

    assert [(task.does, task.at) for task in made.pms.tasks] == [
        ("create_patient", "server"),
        ("create_patient", "station"),
        ("map_patient", "station"),
    ]
    assert made.can(scenario("find-bare-cases")) == "create_patient"


def test_a_pms_that_maps_only_is_given_its_patients_by_mapping(session, scenario):
    made, _ = session(Reply("done"), steps=frozenset({"map_patient", "find_cases"}))
    made.play(scenario("find-no-cases"))

    assert [task.does for task in made.pms.tasks] == ["map_patient"]


def test_rows_that_only_an_unsupported_step_shows_are_told_with_it(session, scenario):
    made, _ = session(Reply("unsupported"))
    known = [scenario("create-on-server"), scenario("create-twice")]
    before = made.out_of_reach(known)
    made.play(known[0])

    assert before == {}
    assert made.out_of_reach(known)["PAT-071"] == "create_patient at the server"


def test_a_datum_that_the_user_takes_away_is_told_no_more(session, scenario):
    made, _ = session(Reply("done"))
    taken = scenario("data-taken-away")
    scene = _Scene(made, replace(taken, persons=(replace(taken.persons[0], origin=Origin.NEW),)))
    scene.take(2, taken.steps[1])

    assert "birth_date" not in made.pms.tasks[-1].patient
    assert made.pms.tasks[-1].patient["first_name"]


def test_patients_that_are_given_have_to_be_created(session, scenario):
    made, _ = session(Reply("done"), steps=frozenset({"find_cases"}))

    assert made.can(scenario("find-no-cases")) == "create_patient"


def test_what_nobody_could_tell_is_marked(session, scenario):
    made, events = session(Reply("done", untold=True))
    made.play(scenario("stations-shown"))

    assert notes(events, NoteKind.ORDER)[-1]["untold"] == "yes"


def test_what_a_scenario_has_changed_is_put_back(session, scenario):
    made, _ = session(Reply("done"))
    made.play(scenario("no-station"))
    made.play(scenario("identity-rogue-authority"))
    made.play(scenario("hang"))

    assert made.deeds.station.id in {s.id for s in made.deeds._emulator.state.stations.values() if s.connected}
    assert not made.deeds.waiting()
    assert made.deeds._running.identities.now.name == "right"


def test_a_restart_is_an_order_as_well(session, scenario):
    made, _ = session(Reply("done"))
    made.play(scenario("restart-keeps-mapping"))

    assert made.about.name in ("fake", "again")


def test_the_same_seed_makes_the_same_persons():
    assert Persons(4).new({}).record == Persons(4).new({}).record


def test_a_namesake_shares_names_and_birth_date_only():
    persons = Persons(4)
    first = persons.new({})
    twin = persons.new({}, like=first)
    same = ("last_name", "first_name", "birth_date")

    assert {role: twin.record[role] for role in same} == {role: first.record[role] for role in same}
    assert twin.key != first.key
    assert twin.record["patient_id"] != first.record["patient_id"]


def test_stations_that_tarry_are_as_quick_as_before_when_the_scenario_is_over(session, scenario):
    made, _ = session(Reply("done"))
    policy = made.deeds._running.emulator
    tarrying = next(step for step in scenario("long-waits").steps if step.does is Deed.TARRY)
    usual_s = policy.policy.pick_up_delay_s
    made.deeds.do(tarrying, {})
    late_s = policy.policy.pick_up_delay_s
    made.deeds.calm()

    assert (late_s, policy.policy.pick_up_delay_s) == (40.0, usual_s)


def test_what_a_record_lacks_is_not_told():
    assert "birth_date" not in Persons(4).new({"birth_date": ""}).told()


def test_the_station_of_a_scenario_is_neither_the_first_nor_the_last_of_the_list(session):
    made, _ = session(Reply("done"))
    stations = list(made.deeds._running.emulator.state.stations.values())

    assert made.deeds.station not in (stations[0], stations[-1])


def test_what_a_user_was_told_of_a_failure_is_noted_as_tokens(session, scenario):
    made, events = session(Reply("refused", 105, "Ada has that number."))
    made.play(scenario("stations-shown"))
    end = notes(events, NoteKind.ORDER)[-1]

    assert (end["quoted"], "Ada" in end["words"], end["words"].startswith("~")) == ("no", False, True)


def test_a_text_of_the_guide_shown_as_it_stands_is_noted(session, scenario, spec):
    made, events = session(Reply("refused", 105, spec.status["patient_id_taken"].text.upper()))
    made.play(scenario("stations-shown"))

    assert notes(events, NoteKind.ORDER)[-1]["quoted"] == "yes"


def test_nothing_can_be_taken_back_before_anything_was_started(session, scenario):
    made, _ = session(Reply("started", data={"operation": "x"}))
    scene = scenario("removed-by-another")
    taking_back = next(step for step in scene.steps if step.does is Deed.TAKE_BACK)

    with pytest.raises(ValueError, match="no operation was started"):
        made.deeds.do(taking_back, {})


def test_a_station_that_somebody_works_at_is_listed_as_busy(session, scenario):
    made, _ = session(Reply("done"))
    occupying = next(step for step in scenario("station-busy").steps if step.does is Deed.OCCUPY)
    made.deeds.do(occupying, {})
    stations = made.deeds._running.emulator.state.stations

    assert stations[made.deeds.station.id].busy
    made.deeds.calm()
    assert not stations[made.deeds.station.id].busy


def test_an_operator_who_ponders_is_as_quick_as_before_when_the_scenario_is_over(session, scenario):
    made, _ = session(Reply("done"))
    pondering = next(step for step in scenario("operator-thinks").steps if step.does is Deed.PONDER)
    emulator = made.deeds._running.emulator
    usual_s = emulator.policy.processing_delay_s
    made.deeds.do(pondering, {})

    assert emulator.policy.processing_delay_s == 40
    made.deeds.calm()
    assert emulator.policy.processing_delay_s == usual_s
