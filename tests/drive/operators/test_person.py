"""A person at the terminal as operator: what is asked, what can be answered, and what a person cannot do."""

import contextlib
import io
from types import SimpleNamespace
from uuid import UUID

import pytest

from conformance.drive import OperatorError, PersonOperator, Round, Start
from conformance.drive.operators.words import CANNOT, DIALOGS, WHAT_TO_DO
from conformance.spec import BUTTONS, BY_ITSELF, Dialog

STATION = UUID("0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c")
FOX = {"first_name": "Ada", "last_name": "Fox", "integration_id": "q17"}


@pytest.fixture
def person():
    """``person(answers)`` -> the operator; ``shown()`` is what stands on the terminal."""

    def sit_down(answers):
        output = io.StringIO()
        operator = PersonOperator(io.StringIO(answers), output)
        return SimpleNamespace(operator=operator, shown=output.getvalue, rest=operator.input.read)

    return sit_down


def ask(operator, *presses, number=1, **start):
    operation = UUID(int=number)
    for dialog, button in presses or [("merge", "new")]:
        operator.decide(STATION, operation, dialog, button)
    operator.begin(Start(operation, STATION, **{"hostname": "TRIOS-1", "does": "create_patient", **start}))


def test_a_person_is_told_where_to_go_for_whom_and_what_to_press(person):
    made = person("\n")
    ask(made.operator, ("new_patient", "save"), patient=FOX)
    assert f"at station TRIOS-1 ({STATION}): create patient for Ada Fox (integration id q17)" in made.shown()
    assert "In the dialog for a new patient: save the patient" in made.shown()
    assert made.shown().endswith("Go: it comes up now.\n")


def test_somebody_who_was_there_before_is_named_too(person):
    made = person("\n")
    ask(made.operator, patient={"integration_id": "q17"}, prepared={"first_name": "Eve", "last_name": "Old"})
    assert "for Eve Old (integration id q17)" in made.shown()


def test_a_station_without_a_name_goes_by_its_id(person):
    made = person("\n")
    ask(made.operator, hostname="")
    assert f"at station {STATION}: create patient for a patient" in made.shown()


def test_all_dialogs_of_an_operation_are_one_question(person):
    made = person("\n")
    ask(made.operator, ("merge", "existing"), ("sync", "keep"))
    assert made.shown().count("> ") == 1
    assert "choose the patient" in made.shown()
    assert "keep the old data" in made.shown()
    assert made.operator.asked == 2


def test_nobody_is_asked_before_the_operation_begins(person):
    made = person("")
    made.operator.decide(STATION, UUID(int=1), "merge", "new")
    assert made.shown() == ""


def test_a_page_that_opens_by_itself_needs_nobody(person):
    made = person("")
    ask(made.operator, BY_ITSELF)
    assert made.shown() == ""


def test_what_is_left_out_is_left_out_with_that_reason(person):
    made = person("s\n\n")
    with pytest.raises(OperatorError, match="the person at the terminal left out this one"):
        ask(made.operator)
    ask(made.operator, number=2)
    assert made.shown().endswith("Go: it comes up now.\n")


def test_all_further_can_be_left_out(person):
    made = person("n\n")
    with pytest.raises(OperatorError, match="left out all from some point on"):
        ask(made.operator)
    with pytest.raises(OperatorError, match="left out all from some point on"):
        ask(made.operator, number=2)
    assert made.shown().count("> ") == 1


def test_a_page_still_opens_by_itself_when_all_was_left_out(person):
    made = person("n\n")
    with pytest.raises(OperatorError):
        ask(made.operator)
    ask(made.operator, BY_ITSELF, number=2)


def test_the_run_can_be_quit(person):
    made = person("q\n")
    with pytest.raises(KeyboardInterrupt):
        ask(made.operator)


def test_a_pause_lasts_until_somebody_goes_on(person):
    made = person("p\n\n\n")
    ask(made.operator)
    assert "Paused; nothing is sent." in made.shown()
    assert made.rest() == ""


def test_a_person_is_told_to_tell_dialogs_apart_by_name(person):
    made = person("\n\n")
    ask(made.operator)
    assert "Go by the patient's name" not in made.shown()
    ask(made.operator, number=2)
    assert "Go by the patient's name" in made.shown()


def test_what_was_left_open_is_closed_first(person):
    made = person("\n\n\n")
    ask(made.operator, ("page", "no_answer"))
    assert "leave it open and touch nothing" in made.shown()
    assert "First close" not in made.shown()
    ask(made.operator, number=2)
    assert "First close what was left open" in made.shown()
    ask(made.operator, number=3)
    assert made.shown().count("First close") == 1


def test_what_is_not_known_is_asked_again(person):
    made = person("what?\nS \n")
    with pytest.raises(OperatorError, match="left out this one"):
        ask(made.operator)
    assert '"what?" is not known. Enter: I stand there' in made.shown()


def test_a_terminal_that_ends_is_told_once_and_for_all(person):
    made = person("")
    for number in (1, 2):
        with pytest.raises(OperatorError, match="the input of the terminal ended"):
            ask(made.operator, number=number)


def test_the_progress_steps_aside_while_somebody_is_asked(person):
    steps = []

    @contextlib.contextmanager
    def aside():
        steps.append(f"aside after {len(made.shown())}")
        yield
        steps.append("back")

    made = person("\n")
    made.operator.aside = aside
    ask(made.operator)
    assert steps == ["aside after 0", "back"]


@pytest.mark.parametrize(("dialog", "button"), CANNOT)
def test_what_a_person_cannot_bring_about_is_not_asked(person, dialog, button):
    made = person("")
    with pytest.raises(OperatorError, match="a person cannot make"):
        made.operator.decide(STATION, UUID(int=1), dialog, button)
    assert made.shown() == ""


def test_there_are_words_for_every_button():
    buttons = {(dialog, button) for dialog, buttons in BUTTONS.items() for button in buttons}
    assert {*WHAT_TO_DO, *CANNOT, BY_ITSELF} == buttons
    assert len(WHAT_TO_DO) + len(CANNOT) + 1 == len(buttons)
    assert set(DIALOGS) == set(Dialog)


# -- before the start -------------------------------------------------------------------------------------------


def test_a_person_is_told_before_the_start_what_there_will_be_to_do(person):
    made = person("\n\n")
    made.operator.brief(Round(dialogs=52, stations=2, minutes=35))
    assert "About 52 dialogs at 2 stations will need you, about 35 minutes" in made.shown()
    ask(made.operator)
    assert "Dialog 1 of about 52, at station" in made.shown()


def test_one_dialog_is_one_dialog(person):
    made = person("\n")
    made.operator.brief(Round(dialogs=1, stations=1, minutes=1))
    assert "One dialog at one station will need you, about a minute" in made.shown()


def test_where_nobody_is_needed_nobody_is_asked(person):
    made = person("")
    made.operator.brief(Round(dialogs=0, stations=0, minutes=0))
    assert made.shown() == ""


def test_everything_can_be_left_out_before_the_start(person):
    made = person("n\n")
    made.operator.brief(Round(dialogs=3, stations=1, minutes=2))
    with pytest.raises(OperatorError, match="left out all that needs a person"):
        ask(made.operator)


def test_a_run_can_be_quit_before_the_start(person):
    with pytest.raises(KeyboardInterrupt):
        person("q\n").operator.brief(Round(dialogs=3, stations=1, minutes=2))
