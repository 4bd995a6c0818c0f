"""A person who plays the PMS: what is told, what can be answered, and what becomes of it."""

import io
import threading
from types import SimpleNamespace
from uuid import UUID

import pytest

from conformance.certify.manual import ManualPms, tasks_of
from conformance.certify.manual_words import ABILITIES, Teller
from conformance.certify.pms import Interrupted, LeftOut, Server, Step, Task
from conformance.certify.sightings import Sightings
from conformance.spec import load
from conformance.spec.scenarios import pms_scenarios
from conformance.trace import call, done, guid, order, poll, realise

FOX = {"key": "17", "last_name": "Fox", "first_name": "Ada", "birth_date": "1970-02-28", "patient_id": "P-1"}
CREATE = Task("create_patient", FOX, at="server")
AT_STATION = Task("create_patient", FOX, at="station", station="TRIOS-1")
LOOK_UP = Task("list_stations")
SEARCH = Task("find_cases", FOX)
EDIT = Task("edit_patient", FOX)
SERVER = Server("https://pc/base", "Sam", "secret", "ca.pem", "ab" * 20)
CREATED = order("create_patient", person="17") + call("create_patient", integration_id="A", operation=1)
TWO = order("list_stations") + call(
    "list_stations", answer=[{"station": guid(n), "hostname": f"PC-{n}", "busy": False} for n in (7, 8)]
)
FOUND = order("find_cases", person="17") + call("find_cases", integration_id="A", answer=[{"case": guid(1)}])
PC_7, PC_8 = str(guid(7)), str(guid(8))
BOTH = [{"station": PC_7, "hostname": "PC-7"}, {"station": PC_8, "hostname": "PC-8"}]


class Silence(io.StringIO):
    """Nobody ever types."""

    def readline(self, size=-1):
        threading.Event().wait()
        return ""


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def person(spec):
    """``person(answers, seen)`` -> the PMS at which somebody types ``answers``; ``shown()`` is what they read."""

    def sit_down(answers="", seen=None, stream=None, **settings):
        sightings, output = Sightings(spec), io.StringIO()
        for event in realise(seen, spec) if seen is not None else ():
            sightings.hear(event)
        pms = ManualPms(stream or io.StringIO(answers), output, sightings, **settings)
        return SimpleNamespace(pms=pms, shown=output.getvalue)

    return sit_down


def take(made, task):
    reply = made.pms.take(task)
    return str(reply.answer), reply.message, dict(reply.data), reply.untold


# -- what is told -----------------------------------------------------------------------------------------------


def test_a_patient_is_told_in_plain_words():
    assert Teller().told(CREATE) == [
        "A new patient:",
        "  last name    Fox",
        "  first name   Ada",
        "  birth date   1970-02-28",
        "  patient id   P-1",
        "Create the patient Ada Fox in Dental Desktop: send it to the server, to no station.",
    ]


def test_a_station_goes_by_its_name():
    assert "send it to the station TRIOS-1" in Teller().told(AT_STATION)[-1]


def test_what_a_patient_lacks_is_to_be_left_empty():
    lacking = {"key": "1", "last_name": "Fox", "first_name": "Ada"}
    told = Teller().told(Task("create_patient", lacking, at="server"))
    assert "  birth date   (leave empty)" in told


def test_of_a_patient_who_is_known_only_changes_are_told():
    teller = Teller()
    teller.told(CREATE)
    changed = Task("update_patient", {**FOX, "first_name": "Eve"}, at="server")
    assert teller.told(changed) == [
        "Change the first name from Ada",
        "                        to Eve",
        "Send the data of Eve Fox as they are now to the server, to no station, as an update.",
    ]
    assert teller.told(changed)[0].startswith("Send the data of Eve Fox")


def test_namesakes_are_told_apart_by_their_patient_ids():
    teller = Teller()
    teller.told(CREATE)
    teller.told(Task("create_patient", {**FOX, "key": "18", "patient_id": "P-2"}, at="server"))
    assert "the cases of Ada Fox (patient id P-1)" in teller.told(SEARCH)[-1]


def test_a_search_tells_its_criteria():
    task = Task("find_cases", FOX, criteria={"created_from": "2001-03-04", "is_scanned": "true"})
    assert "only those created on 2001-03-04 or later and scanned" in Teller().told(task)[-1]


@pytest.mark.parametrize("step", sorted(set(Step) - {Step.CONFIGURE}))
def test_there_are_words_for_every_step(step):
    assert Teller().told(Task(step, FOX, at="server"))[-1].endswith(".")


def test_before_the_start_it_is_told_how_much_there_is(person, spec):
    made = person("\n")
    known = {scenario.name: scenario for scenario in pms_scenarios(spec)}
    made.pms.brief([known["create-on-server"], known["find-no-cases"]], 3)
    assert "2 scenarios to play, 3 tasks, about 2 minutes; 3 were played before." in made.shown()


def test_patients_that_are_given_are_tasks_too(spec):
    known = {scenario.name: scenario for scenario in pms_scenarios(spec)}
    assert tasks_of(known["find-no-cases"]) == 2


# -- the start --------------------------------------------------------------------------------------------------


def test_what_the_pms_can_do_is_asked(person, tmp_path):
    made = person("y\nn\n" + "\n" * len(ABILITIES))
    about = made.pms.begin(SERVER, tmp_path, resumed=False)
    assert "list_stations" in about.steps
    assert "create_patient" not in about.steps
    assert "Can it take back an operation that is still waiting?" in made.shown()


def test_what_was_declared_is_not_asked(person, tmp_path):
    made = person("\n", supports=frozenset({"find_cases"}))
    about = made.pms.begin(SERVER, tmp_path, resumed=False)
    assert about.steps & set(ABILITIES) == {"find_cases"}
    assert "edit_patient" in about.steps
    assert "https://pc/base" in made.shown()


# -- answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("\n", ("done", "shown as done", {}, False)),
        ("d\n", ("done", "shown as done", {}, False)),
        ("n\n", ("failed", "", {}, True)),
        ("r It is taken.\n", ("refused", "It is taken.", {}, True)),
        ("f\nNo answer\n", ("failed", "No answer", {}, True)),
        ("f\n\n", ("failed", "", {}, True)),
        ("u\n", ("unsupported", "", {}, False)),
        ("b\n?\nwhat\np\n\n\n", ("done", "shown as done", {}, False)),
    ],
)
def test_what_is_typed_becomes_the_reply(person, typed, expected):
    assert take(person(typed), EDIT) == expected


def test_nonsense_is_shown_back_with_the_keys(person):
    made = person("h\x1b[2Jello\n\n")
    take(made, EDIT)
    assert '"h\N{REPLACEMENT CHARACTER}[2Jello" is not known.' in made.shown()
    assert "leave this scenario out" in made.shown()


def test_a_scenario_can_be_left_out(person):
    with pytest.raises(LeftOut, match="the person at the terminal left it out"):
        take(person("s\n"), EDIT)


@pytest.mark.parametrize(
    ("typed", "why"), [("q\n", "stopped"), ("", "the input of the terminal ended"), ("p\nq\n", "stopped")]
)
def test_a_run_can_be_stopped(person, typed, why):
    with pytest.raises(Interrupted, match=why):
        take(person(typed), EDIT)


def test_an_input_that_has_ended_stays_ended(person):
    made = person("")
    for _ in range(2):
        with pytest.raises(Interrupted):
            take(made, EDIT)


def test_done_is_doubted_once_while_nothing_was_seen(person):
    made = person("\n\n")
    assert take(made, CREATE)[0] == "done"
    assert made.shown().count("The end of it was not seen yet.") == 1


def test_done_is_believed_when_the_end_was_seen(person):
    made = person("\n", CREATED + poll(1, "processed"))
    assert take(made, CREATE) == ("done", "shown as done", {"operation": str(guid(1))}, False)
    assert "not seen" not in made.shown()


def test_a_success_that_is_not_shown_is_done_without_a_message(person):
    assert take(person("n\n", CREATED + poll(1, "processed")), CREATE)[:2] == ("done", "")


def test_a_refusal_that_is_not_shown_is_a_failure_without_a_message(person):
    assert take(person("n\n", CREATED + poll(1, "patient_id_taken")), CREATE)[:2] == ("failed", "")


def test_a_task_that_is_not_waited_for_is_started(person):
    under_way = Task("select_patient", FOX, at="station", station="PC", wait=False)
    seen = order("select_patient", person="17", wait="no") + call("select_patient", integration_id="A", operation=1)
    answer, _, data, _ = take(person("\n", seen), under_way)
    assert (answer, data) == ("started", {"operation": str(guid(1))})


# -- what is seen -----------------------------------------------------------------------------------------------


def test_what_was_seen_is_told_and_ends_the_task(person):
    times = iter([0.0, 0.0, 30.0])
    made = person(seen=CREATED + poll(1, "processed"), stream=Silence(), clock=lambda: next(times))
    assert take(made, CREATE) == ("unsaid", "", {"operation": str(guid(1))}, True)
    assert "seen: the operation has ended with status" in made.shown()
    assert "what the PMS showed of it is not judged" in made.shown()


@pytest.mark.parametrize("code", ["awaiting", "accepted"])
def test_an_operation_under_way_is_not_the_end(spec, code):
    sightings = Sightings(spec)
    for event in realise(CREATED + poll(1, code), spec):
        sightings.hear(event)
    assert sightings.look(CREATE) is None


def test_what_was_seen_of_the_order_before_is_not_seen_again(spec):
    sightings = Sightings(spec)
    for event in realise(CREATED + poll(1, "processed") + done() + order("create_patient", "2"), spec):
        sightings.hear(event)
    assert sightings.look(CREATE) is None


def test_an_operation_that_is_awaited_goes_by_its_id(spec):
    sightings = Sightings(spec)
    start = order("select_patient", wait="no") + call("select_patient", integration_id="A", operation=1)
    for event in realise(start + done("started") + order("await_operation", "2") + poll(1, "processed"), spec):
        sightings.hear(event)
    assert sightings.look(Task("await_operation", operation=str(guid(1)))).processed
    assert sightings.look(Task("await_operation", operation=str(UUID(int=5)))) is None


# -- what the PMS shows -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stations"),
    [
        ("y\ny\nn\n", BOTH),
        ("y\nn\nn\nn\n", [{"station": PC_7, "hostname": "PC-7"}]),
        ("y\nn\ny\nn\n", [{"station": PC_7, "hostname": "PC-7"}, {"station": PC_8, "hostname": ""}]),
        (
            "x\ny\ny\ny\n",
            [*BOTH, {"station": ""}],
        ),
    ],
)
def test_stations_are_asked_for_one_by_one(person, typed, stations):
    assert take(person("\n" + typed, TWO), LOOK_UP)[2] == {"stations": stations}


@pytest.mark.parametrize(
    ("typed", "count"), [("y\n", 1), ("n\n0\n", 0), ("n\nmany\n3\n", 2)], ids=["all", "none", "more"]
)
def test_cases_are_counted(person, typed, count):
    assert len(take(person("\n" + typed, FOUND), SEARCH)[2]["cases"]) == count


@pytest.mark.parametrize("typed", ["\n", "n\n\n"])
def test_who_cannot_tell_leaves_it_open(person, typed):
    assert take(person("\n" + typed, FOUND), SEARCH) == ("done", "shown as done", {}, True)


def test_nothing_is_asked_about_a_list_that_did_not_come(person):
    lost = order("list_stations") + call("list_stations", answer=[]).lost()
    assert take(person("\n\n", lost), LOOK_UP) == ("done", "shown as done", {}, True)
