"""A command as operator: the protocol, and every way in which a command can fail to keep it."""

import contextlib
import json
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.drive import CommandOperator, OperatorError, Start

STATION = UUID("0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c")
ANSWERS_ALL = """
ready()
while (message := hear())["type"] == "decide":
    say(type="done", number=message["number"])
"""
TELLS_ALL = """
ready()
while (message := hear())["type"] == "decide":
    print(json.dumps(message), file=sys.stderr, flush=True)
    say(type="done", number=message["number"])
"""


# -- what is agreed ---------------------------------------------------------------------------------------------


def test_a_command_says_who_it_is_and_what_it_can_do(program):
    operator = program(ANSWERS_ALL).operator
    assert operator.available()
    assert operator.name == "fake 2.0"
    assert operator.supports["merge"] == ["new", "existing"]


def test_it_is_asked_when_the_operation_begins(scripted):
    operator, script = scripted(b'{"type": "done", "number": 1}')
    operator.decide(STATION, UUID(int=1), "merge", "new")
    assert [message["type"] for message in script.written] == ["hello"]
    operator.begin(Start(UUID(int=1), STATION))
    assert [message["type"] for message in script.written] == ["hello", "decide"]


def test_it_is_told_station_operation_patient_dialog_and_button(scripted):
    operator, script = scripted(b'{"type": "done", "number": 1}')
    operator.decide(STATION, UUID(int=1), "merge", "new")
    known = {"last_name": "Eve"}
    operator.begin(Start(UUID(int=1), STATION, "TRIOS-1", "create_patient", {"last_name": "Fox"}, known))
    assert script.written[-1] == {
        "type": "decide",
        "protocol": 1,
        "number": 1,
        "station": {"id": str(STATION), "hostname": "TRIOS-1"},
        "operation": {"id": str(UUID(int=1)), "does": "create_patient"},
        "patient": {"last_name": "Fox"},
        "dialog": "merge",
        "button": "new",
        "otherwise": {"page": "proceed", "new_patient": "save", "sync": "apply"},
    }


def test_a_host_name_that_is_not_known_is_left_out(scripted, asks):
    operator, script = scripted(b'{"type": "done", "number": 1}')
    asks(operator)
    assert script.written[-1]["station"] == {"id": str(STATION)}


def test_long_values_are_cut_off(scripted, asks):
    operator, script = scripted(b'{"type": "done", "number": 1}')
    asks(operator, patient={"last_name": "x" * 5000})
    assert len(script.written[-1]["patient"]["last_name"]) == 200


def test_decisions_of_one_operation_are_told_one_after_the_other(scripted):
    ready = {
        "type": "ready",
        "protocol": 1,
        "name": "n",
        "version": "1",
        "supports": {"merge": ["new"], "sync": ["keep"]},
    }
    operator, script = scripted(b'{"type": "done", "number": 1}', b'{"type": "done", "number": 2}', ready=ready)
    operator.decide(STATION, UUID(int=1), "merge", "new")
    operator.decide(STATION, UUID(int=1), "sync", "keep")
    operator.begin(Start(UUID(int=1), STATION))
    told = [(message["number"], message["dialog"]) for message in script.written[1:]]
    assert told == [(1, "merge"), (2, "sync")]
    assert script.written[1]["otherwise"] == {"page": "proceed", "new_patient": "save"}


def test_an_operation_nobody_decided_about_is_not_told(scripted):
    operator, script = scripted()
    operator.begin(Start(UUID(int=1), STATION))
    assert [message["type"] for message in script.written] == ["hello"]


def test_what_it_does_not_support_is_refused_before_anything_is_sent(scripted):
    operator, script = scripted()
    with pytest.raises(OperatorError, match=r'fake 2\.0 does not support the button "apply" of the dialog "sync"'):
        operator.decide(STATION, UUID(int=1), "sync", "apply")
    assert len(script.written) == 1


def test_a_page_that_opens_by_itself_needs_no_command(scripted, asks):
    operator, script = scripted()
    asks(operator, "page", "proceed")
    assert len(script.written) == 1


@pytest.mark.parametrize("kind", ["cannot", "failed"])
def test_a_reason_is_passed_on(scripted, asks, kind):
    operator, _ = scripted(json.dumps({"type": kind, "number": 1, "reason": "the mouse is gone"}).encode())
    with pytest.raises(OperatorError, match=f'"new" in the dialog "merge" {kind}: the mouse is gone'):
        asks(operator)


def test_after_a_refusal_it_is_asked_again(scripted, asks):
    operator, _ = scripted(b'{"type": "cannot", "number": 1, "reason": "no"}', b'{"type": "done", "number": 2}')
    with pytest.raises(OperatorError):
        asks(operator)
    asks(operator, number=2)


def test_it_is_said_goodbye_to(scripted):
    operator, script = scripted()
    operator.__exit__(None, None, None)
    assert script.written[-1] == {"type": "goodbye", "protocol": 1}
    assert script.closed == 1


def test_its_standard_error_reaches_the_user(program):
    running = program(TELLS_ALL)
    running.operator.decide(STATION, UUID(int=1), "merge", "new")
    running.operator.begin(Start(UUID(int=1), STATION))
    running.operator.__exit__(None, None, None)
    assert json.loads(running.told[0])["dialog"] == "merge"


def test_it_does_not_get_what_is_taken_out_of_its_environment(program):
    text = "import os\nready(version=str('THREEDD_PASSWORD' in os.environ))\nhear()"
    assert program(text, environment={}).operator.name == "fake False"


# -- what goes wrong before it is ready -------------------------------------------------------------------------


def test_a_command_that_does_not_exist():
    operator = CommandOperator(["no-such-command-anywhere"], print)
    with pytest.raises(OperatorError, match=r"no-such-command-anywhere\) cannot be started .*check its path"):
        operator.__enter__()


def test_an_empty_command():
    with pytest.raises(OperatorError, match="is empty; name an executable"):
        CommandOperator([], print).__enter__()


def test_a_command_that_ends_at_once(program):
    with pytest.raises(OperatorError, match="ended with exit code 3 before it was ready; try it by itself"):
        program("sys.exit(3)")


def test_a_command_that_never_says_that_it_is_ready(program):
    with pytest.raises(OperatorError, match=r"was not ready within 0 s; .* flush its standard output"):
        program("hear(); hear()", ready_s=0, leave_s=5)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ("protocol=2", "speaks protocol 2; expected 1"),
        ("protocol=True", "speaks protocol true; expected 1"),
        ("name=''", "is ready with name .*; expected a text"),
        ("version=3", "is ready with version 3; expected a text"),
        ("supports=['merge']", r"supports \[\"merge\"\]; expected a list of buttons by dialog"),
        ("supports={'merge': 'new'}", "expected a list of buttons by dialog"),
        ("type='here'", 'expected an object whose type is "ready"'),
    ],
)
def test_a_command_that_introduces_itself_wrongly(program, changes, reason):
    with pytest.raises(OperatorError, match=reason):
        program(f"ready({changes}); hear()")


# -- what goes wrong afterwards ---------------------------------------------------------------------------------


NONSENSE = {
    "print('Clicking now', flush=True)": "wrote Clicking now, which is no JSON. Its standard output is for answers",
    "sys.stdout.buffer.write(b'\\xff\\xfe\\n'); sys.stdout.flush()": "which is no JSON",
    "print('{\"type\": \"do', end='', flush=True); sys.exit()": 'wrote {"type": "do, which is no JSON',
    "print('[' * 50000, flush=True)": "which is no JSON",
    "print('x' * 70000, flush=True)": "wrote a line of more than 65536 bytes",
    "print('x' * 70000, end='', flush=True); hear()": "wrote a line of more than 65536 bytes",
    "say(type='done')": "answered decision null; expected 1",
    "say(type='done', number=7)": "answered decision 7; expected 1. Echo the number",
    "say(type='done', number='1')": "answered decision 1; expected 1. Echo the number",
    "say(type='done', number=True)": "answered decision true; expected 1",
    "say(type='sure', number=1)": 'expected an object whose type is "done" or "cannot" or "failed"',
    "print('[]', flush=True)": r"wrote \[\]; expected an object",
    "sys.exit(9)": "ended with exit code 9; see what it wrote",
}


@pytest.mark.parametrize(("action", "reason"), NONSENSE.items())
def test_a_command_that_talks_nonsense_is_not_asked_again(program, asks, action, reason):
    operator = program(f"ready(); hear(); {action}; hear()").operator
    with pytest.raises(OperatorError, match=reason):
        asks(operator)
    with pytest.raises(OperatorError, match=reason):
        asks(operator, number=2)


def test_a_command_that_died_meanwhile(program, asks):
    running = program("ready(); sys.exit(4)")
    with pytest.raises(OperatorError, match="ended with exit code 4"):
        asks(running.operator)


def test_a_command_that_hangs_is_given_one_more_chance(program, asks):
    running = program("ready(); hear(); hear(); hear()", answer_s=60)
    running.clock.step_s = 1000
    with pytest.raises(
        OperatorError, match=r"gave no answer to decision 1 \(merge new\) within 60 s; it has to answer"
    ):
        asks(running.operator)
    with pytest.raises(OperatorError, match=r"decision 2 .* nor to the one before"):
        asks(running.operator, number=2)
    with pytest.raises(OperatorError, match="decision 2"):
        asks(running.operator, number=3)


def test_a_late_answer_is_passed_over(program, asks):
    running = program(
        "ready(); hear(); second = hear(); say(type='cannot', number=1); say(type='done', number=2); hear()"
    )
    running.clock.step_s = 1000
    with pytest.raises(OperatorError, match="gave no answer to decision 1"):
        asks(running.operator)
    running.clock.step_s = 0
    asks(running.operator, number=2)


def test_an_answer_that_comes_twice_is_no_late_one(scripted, asks):
    operator, _ = scripted(b'{"type": "done", "number": 1}', b'{"type": "done", "number": 1}')
    asks(operator)
    with pytest.raises(OperatorError, match="answered decision 1; expected 2"):
        asks(operator, number=2)


def test_a_command_that_ends_says_so_each_time(scripted, asks, ended):
    operator, script = scripted(end=ended)
    with pytest.raises(OperatorError, match="ended with exit code 1"):
        asks(operator)
    with pytest.raises(OperatorError, match="ended with exit code 1"):
        asks(operator, number=2)
    assert script.closed == 1


def test_an_error_shows_the_command(scripted, asks, ended):
    operator, _ = scripted(end=ended)
    with pytest.raises(OperatorError, match=r"the operator's command \(fake\)"):
        asks(operator)


VALUES = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5)
MESSAGES = st.dictionaries(
    st.sampled_from(("type", "number", "reason", "other")), VALUES | st.sampled_from(("done", "failed"))
)
LINES = st.binary(max_size=60) | (VALUES | MESSAGES).map(lambda value: json.dumps(value).encode())


@settings(deadline=None)
@given(st.lists(LINES, max_size=4))
def test_whatever_it_writes_an_operation_is_arranged_or_the_set_up_is_at_fault(scripted, asks, lines):
    operator, script = scripted(*lines)
    with contextlib.suppress(OperatorError):
        asks(operator)
        taken = lines[: len(lines) - len(script.lines)]
        assert json.loads(taken[-1]) == {**json.loads(taken[-1]), "type": "done", "number": 1}


@settings(deadline=None)
@given(LINES)
def test_whatever_it_says_first_it_is_ready_or_the_set_up_is_at_fault(scripted, line):
    with contextlib.suppress(OperatorError):
        assert scripted(ready=line)[0].name
