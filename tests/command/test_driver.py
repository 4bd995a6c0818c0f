"""``threedd driver``: a driver is tried, and begun from a template."""

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.driver import LANGUAGES, driver

RIGHT = Path(__file__).parents[2] / "fixtures" / "pms" / "python" / "right.py"
READY = {"id": 1, "answer": "ready", "protocol": 1, "name": "n", "vendor": "v", "version": "1"}


@pytest.fixture
def run():
    """``run(arguments...)`` -> exit code and output."""

    def invoke(*arguments):
        result = CliRunner().invoke(driver, [str(each) for each in arguments], env={"COLUMNS": "200"})
        return result.exit_code, result.output

    return invoke


@pytest.fixture
def written(tmp_path):
    """``written(steps, text)`` -> the words of a command that is ready with these steps, and then runs ``text``."""

    def write(steps, text):
        file = tmp_path / "pms.py"
        ready = json.dumps({**READY, "steps": steps})
        head = f"import json\ninput()\nprint({ready!r}, flush=True)\nhear = lambda: json.loads(input())\n"
        file.write_text(head + text, encoding="utf-8", newline="\n")
        return ("check", "--", sys.executable, file)

    return write


def test_a_right_driver_speaks_the_protocol(run):
    code, output = run("check", "--poll", "0.002", shlex.join([sys.executable, str(RIGHT)]))
    assert code == 0
    assert "The driver speaks the protocol, and supports 17 of 17 steps." in output
    assert "GetAttachedImage x 5" in output


@pytest.mark.parametrize(
    ("steps", "answer", "mistake"),
    [
        (["reset"], {"answer": "unsupported"}, 'reset: it is among the steps of "ready", and answered unsupported'),
        (["reset"], {"answer": "failed"}, "reset: failed without shown.message"),
        (["create_case"], {"answer": "done"}, "create_case: done without a call to the server"),
        (
            ["list_stations"],
            {"answer": "done", "data": {"stations": [{"busy": "yes"}]}},
            "list_stations: data.stations.0.busy: ",
        ),
    ],
)
def test_mistakes_are_named(run, written, steps, answer, mistake):
    text = f"told = hear()\nprint(json.dumps({{'id': told['id'], **{answer!r}}}), flush=True)\nhear()"
    code, output = run(*written(steps, text))
    assert code == 3
    assert mistake in output


def test_one_that_dies_is_told_with_what_was_tried(run, written):
    code, output = run(*written(["reset"], "hear()\nraise SystemExit(7)"))
    assert code == 3
    assert "create_patient" in output
    assert "exit code 7 instead of answering reset; mend what it wrote." in output


def test_a_program_that_only_repeats_what_it_is_told_is_known_by_that(run, tmp_path):
    file = tmp_path / "cat.py"
    file.write_text("print(input(), flush=True)\ninput()\n", encoding="utf-8", newline="\n")
    code, output = run("check", "--", sys.executable, file)
    assert code == 3
    assert 'answered hello with the line that it was told ("step": hello); expected "ready"' in output
    assert "what the user was shown" not in output


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_template_is_printed_or_written(run, tmp_path, language):
    file = tmp_path / "driver"
    code, told = run("template", language, "--out", file)
    assert (code, told.startswith(f"Wrote {file}. Fill it in, then: threedd driver check ")) == (0, True)
    assert file.read_text(encoding="utf-8") == run("template", language)[1]


def test_a_file_that_is_there_stays(run, tmp_path):
    file = tmp_path / "driver.py"
    file.write_text("mine", encoding="utf-8")
    code, output = run("template", "python", "--out", file)
    assert (code, "is there already" in output) == (3, True)
    assert file.read_text(encoding="utf-8") == "mine"


def test_the_template_in_python_speaks_the_protocol(run, tmp_path):
    file = tmp_path / "driver.py"
    run("template", "python", "--out", file)
    code, output = run("check", "--", sys.executable, file)
    assert (code, "not supported" in output) == (0, True)
    assert "speaks the protocol, and supports 0 of 17 steps: list what your PMS can do" in output


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_template_in_javascript_speaks_the_protocol(run, tmp_path):
    file = tmp_path / "driver.mjs"
    run("template", "javascript", "--out", file)
    code, output = run("check", "--", "node", file)
    assert (code, "not supported" in output) == (0, True)


@pytest.mark.skipif(shutil.which("mcs") is None or shutil.which("mono") is None, reason="Mono is not installed")
def test_the_template_in_c_sharp_speaks_the_protocol(run, tmp_path):
    source, program = tmp_path / "Driver.cs", tmp_path / "Driver.exe"
    run("template", "csharp", "--out", source)
    subprocess.run(["mcs", "-r:System.Core.dll", f"-out:{program}", str(source)], check=True)
    code, output = run("check", "--", "mono", program)
    assert (code, "not supported" in output) == (0, True)
