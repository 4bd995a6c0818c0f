"""A command that is spoken to line by line."""

import sys

import pytest

from conformance.drive.program import Program, ProgramError, Silent, arguments_of


@pytest.fixture
def python():
    """``python(text)`` -> a running program, and what it wrote to its standard error."""
    running = []

    def start(text):
        told = []
        running.append(Program([sys.executable, "-c", text], tell=told.append))
        return running[-1], told

    yield start
    for each in running:
        each.close()


def test_lines_go_there_and_back(python):
    program, _ = python("print(input()[::-1], flush=True); input()")
    program.write("abc")
    assert program.read(30) == b"cba"


def test_nothing_within_the_limit_is_silence(python):
    program, _ = python("input()")
    with pytest.raises(Silent):
        program.read(0)


def test_its_end_is_told_again_and_again(python):
    program, _ = python("raise SystemExit(5)")
    for _ in range(2):
        with pytest.raises(ProgramError, match="ended with exit code 5"):
            program.read(30)


def test_more_than_anybody_asked_for_is_too_much(python):
    program, _ = python("print('x\\n' * 1000)")
    program.close()
    for _ in range(100):
        program.read(0)
    with pytest.raises(ProgramError, match="wrote more than 100 lines that it was not asked for"):
        program.read(0)


def test_a_flood_on_standard_error_is_cut_off_and_does_not_block_it(python):
    program, told = python("import sys\nfor n in range(20000): print(n, file=sys.stderr)\nprint('through')")
    assert program.read(60) == b"through"
    program.close()
    assert told[:2] == ["0", "1"]
    assert told[-1].startswith("(the rest")
    assert len(told) == 501


def test_one_that_does_not_leave_is_ended(python):
    program, _ = python("import threading\nprint('here', flush=True)\nthreading.Event().wait()")
    assert program.read(30) == b"here"
    program.close(0)
    with pytest.raises(ProgramError, match="ended"):
        program.read(30)


def test_what_it_started_in_turn_is_ended_with_it(python):
    wait = "import threading; threading.Event().wait()"
    start = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {wait!r}])"
    program, _ = python(f"{start}\nprint('here', flush=True)\n{wait}")
    assert program.read(30) == b"here"
    program.close(0)
    with pytest.raises(ProgramError):  # the child held the other end of what is read here
        program.read(30)


def test_writing_to_one_that_is_gone_tells_how_it_ended(python):
    program, _ = python("raise SystemExit(6)")
    with pytest.raises(ProgramError):
        program.read(30)
    with pytest.raises(ProgramError, match="exit code 6"):
        program.write("still there?")


@pytest.mark.parametrize(
    ("text", "windows", "arguments"),
    [
        ("python op.py --fast", False, ("python", "op.py", "--fast")),
        ('"my python" op.py', False, ("my python", "op.py")),
        (r"C:\tools\py.exe op.py", True, (r"C:\tools\py.exe", "op.py")),
        (r'"C:\Program Files\py.exe" "a b.py"', True, (r"C:\Program Files\py.exe", "a b.py")),
    ],
)
def test_a_command_line_is_taken_apart(text, windows, arguments):
    assert arguments_of(text, windows=windows) == arguments


@pytest.mark.parametrize("windows", [False, True])
def test_an_open_quote_is_an_error(windows):
    with pytest.raises(ValueError, match="No closing quotation"):
        arguments_of('"python op.py', windows=windows)
