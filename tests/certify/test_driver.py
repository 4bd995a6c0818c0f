"""A PMS behind a driver, told by drivers that are good for little."""

import contextlib
import sys

import pytest

from conformance.certify.driver import LONGEST_ANSWER, DriverPms, DriverTerms
from conformance.certify.pms import DriverError, Server, Task
from conformance.drive.program import ProgramError, Silent

SERVER = Server("https://localhost:1/base", "Sam", "open sesame")
PRELUDE = """
import json, sys
def say(**message): print(json.dumps(message), flush=True)
def hear(): return json.loads(sys.stdin.readline() or '{"step": "goodbye", "id": 0}')
def ready():
    told = hear()
    steps = ["reset", "restart", "add_patient", "configure"]
    about = {"protocol": 1, "name": "fake", "vendor": "v", "version": "2", "steps": steps}
    say(id=told["id"], answer="ready", **about)
    return told
"""
ECHO = """
ready()
while (told := hear())["step"] != "goodbye":
    say(id=told["id"], answer="done", shown={"message": json.dumps(told)})
    if told["step"] == "restart": break
"""
RESET = Task("reset")


@pytest.fixture
def driver(tmp_path):
    """``driver(text)`` -> a PMS whose driver has begun; ``told`` is what it wrote for people to read."""
    with contextlib.ExitStack() as stack:

        def start(text, *, begin=True, **changes):
            told = []
            command = [sys.executable, "-c", PRELUDE + text]
            pms = DriverPms(command, told.append, DriverTerms(give_up_s=1, leave_s=30), **changes)
            stack.callback(pms.end)
            if begin:
                pms.begin(SERVER, tmp_path, resumed=False)
            return pms, told

        yield start


class Scripted:
    """A driver that has written its lines already, and then ends or is silent."""

    def __init__(self, *lines, end):
        self.lines, self.end, self.closed = list(lines), end, 0

    def __call__(self, command, *, environment, tell, longest_line):
        return self

    def write(self, line):
        """Nobody reads it."""

    def read(self, timeout_s):
        if self.lines:
            return self.lines.pop(0)
        raise self.end

    def close(self, patience_s):
        self.closed += 1


@pytest.fixture
def scripted(tmp_path):
    """``scripted(line, ...)`` -> a PMS whose driver writes these lines after it was ready."""

    def start(*lines, end=None):
        ready = b'{"id": 1, "answer": "ready", "protocol": 1, "name": "n", "vendor": "v", "version": "1", "steps": []}'
        script = Scripted(ready, *lines, end=end or Silent())
        pms = DriverPms(["fake"], print, opened=script)
        pms.begin(SERVER, tmp_path, resumed=False)
        return pms, script

    return start


def test_a_task_goes_there_and_its_answer_back(driver):
    pms, _ = driver(ECHO)
    assert '"step": "reset"' in pms.take(RESET).message
    assert pms.about.name == "fake"


def test_a_restart_starts_it_again(driver):
    pms, _ = driver(
        "hello = ready()\nsay(id=hear()['id'], answer='done', shown={'message': json.dumps(hello)})\nhear()"
    )
    assert '"resumed": false' in pms.take(RESET).message
    pms, _ = driver(ECHO)
    assert pms.restart().name == "fake"
    assert pms.take(RESET).answer == "done"


def test_after_a_restart_it_has_its_folder_and_knows_that_something_is_there(driver):
    text = """
told = ready()
print(told["resumed"], told["folder"] != "", file=sys.stderr, flush=True)
say(id=hear()["id"], answer="done")
"""
    pms, told = driver(text)
    pms.restart()
    pms.take(RESET)
    pms.end()
    assert told == ["False True", "True True"]


def test_a_driver_that_was_given_up_can_be_started_again(driver):
    pms, _ = driver("ready()\nhear()")
    with pytest.raises(DriverError):
        pms.take(RESET)
    assert pms.restart().name == "fake"


def test_remarks_are_told_and_are_no_answers(driver):
    pms, told = driver("ready()\nsay(log='working')\nsay(id=hear()['id'], answer='done')\nhear()")
    assert pms.take(RESET).answer == "done"
    assert told == ["working"]


def test_one_that_dies_at_once_is_told_with_what_it_wrote(driver):
    pms, _ = driver("print('no licence', file=sys.stderr)\nraise SystemExit(4)", begin=False)
    with pytest.raises(
        DriverError, match=r"(?s)exit code 4 instead of answering hello.+threedd driver check.+no licence"
    ):
        pms.begin(SERVER, "folder", resumed=False)


def test_one_that_ends_between_steps(driver):
    pms, _ = driver("ready()\nhear()\nraise SystemExit(5)")
    with pytest.raises(DriverError, match="exit code 5 instead of answering reset"):
        pms.take(RESET)
    with pytest.raises(DriverError, match="is not running any more"):
        pms.take(RESET)


def test_one_that_cannot_be_started(tmp_path):
    pms = DriverPms([str(tmp_path / "nothing")], print)
    with pytest.raises(DriverError, match=r"cannot be started.+check its path"):
        pms.begin(SERVER, tmp_path, resumed=False)


def test_no_command_at_all(tmp_path):
    with pytest.raises(DriverError, match="name an executable"):
        DriverPms([], print).begin(SERVER, tmp_path, resumed=False)


def test_one_that_hangs_is_ended(scripted):
    pms, script = scripted(end=Silent())
    with pytest.raises(DriverError, match="gave no answer to reset within 90 s; it has to give up by itself sooner"):
        pms.take(RESET)
    assert script.closed == 1


def test_garbage_is_shown(driver):
    pms, _ = driver("ready()\nprint('Loading...', flush=True)\nhear()")
    with pytest.raises(DriverError, match=r"wrote Loading\.\.\., which is no JSON. Its standard output is for answers"):
        pms.take(RESET)


def test_an_answer_with_another_id(driver):
    pms, _ = driver("ready()\nhear()\nsay(id=7, answer='done')\nhear()")
    with pytest.raises(DriverError, match="answered id 7, which was never told; expected 2"):
        pms.take(RESET)


def test_an_answer_that_comes_twice(scripted):
    pms, _ = scripted(b'{"id": 2, "answer": "done"}', b'{"id": 2, "answer": "done"}')
    pms.take(RESET)
    with pytest.raises(DriverError, match="answered id 2, which was answered before; expected 3"):
        pms.take(RESET)


def test_megabytes_without_an_end(driver):
    pms, _ = driver(f"ready()\nhear()\nsys.stdout.write('x' * {LONGEST_ANSWER + 2})\nsys.stdout.flush()\nhear()")
    with pytest.raises(DriverError, match=f"wrote a line of more than {LONGEST_ANSWER} bytes"):
        pms.take(RESET)


def test_what_is_no_utf_8(scripted):
    pms, _ = scripted('{"log": "Großmann"}'.encode("latin-1"))
    with pytest.raises(DriverError, match="which is no UTF-8"):
        pms.take(RESET)


def test_remarks_without_end(scripted):
    pms, _ = scripted(*[b'{"log": "."}'] * 1_001)
    with pytest.raises(DriverError, match="more than 1000 log lines"):
        pms.take(RESET)


def test_neither_the_password_nor_the_patient_comes_back(driver):
    pms, told = driver("ready()\nprint('Sam:open sesame', file=sys.stderr)\nhear()\nprint('Großmann open sesame')")
    with pytest.raises(DriverError) as raised:
        pms.take(Task("add_patient", {"key": "1", "last_name": "Großmann"}))
    assert "sesame" not in str(raised.value)
    assert "mann" not in str(raised.value)
    assert told == ["Sam:***"]


def test_the_set_up_can_change(driver):
    pms, _ = driver(ECHO)
    reply = pms.configure(Server("https://localhost:2/base", "Eva", "other"))
    assert "localhost:2" in reply.message


def test_a_restart_that_is_refused(scripted):
    pms, _ = scripted(b'{"id": 2, "answer": "refused"}')
    with pytest.raises(DriverError, match='answered restart with "refused"; leave the step out'):
        pms.restart()


def test_ending_it_never_raises(scripted):
    pms, script = scripted()
    script.write = lambda line: (_ for _ in ()).throw(ProgramError("gone"))
    pms.end()
    pms.end()
    assert script.closed == 1


def test_the_harness_has_more_patience_than_the_pms():
    with pytest.raises(ValueError, match="answer_s is 5; expected more than give_up_s, 20"):
        DriverTerms(answer_s=5)
