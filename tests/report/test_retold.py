"""What was used of the command line or VDDS media is told again so that it can be judged and done once more."""

import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from conformance.judge import judge_recording
from conformance.report import html, view_of
from conformance.spec import load

FIXTURES = Path(__file__).parents[2] / "fixtures"
LINES = sorted((FIXTURES / "command-lines" / "bad").iterdir())
SHOWN = ("english-sex", "german-date", "no-last-name", "list-miscounted", "ready-at-once", "copy-unasked", "keys-lost")
"""Of the transfer files some whose fault is in keys and values; bytes and copies are shown by the capsule alone."""
SPEC = load()
ALL = (*LINES, *sorted((FIXTURES / "vdds" / "bad").iterdir()))
SURE = tuple(path for path in ALL if path.stem in (*SHOWN, "fused"))
POSIX = pytest.mark.skipif(os.name == "nt", reason="the commands are those of a POSIX shell")


def told(case):
    """The finding that the fixture claims."""
    claim = (case / "claim.txt" if case.is_dir() else case).read_text(encoding="utf-8", errors="replace")
    row = re.search(r"breaks: (\S+)", claim)[1]
    done = judge_recording(case, SPEC)
    item = next(each for each in view_of(done.ledger, SPEC, done.events).whole if each.title == row)
    broken = {finding.requirement for finding in done.ledger.findings}
    return SimpleNamespace(row=row, item=item, broken=broken)


def judging_command(item):
    """The command that writes files and judges them; '' where the finding prints none."""
    return next((command for command in item.commands if command.startswith(("printf", "mkdir"))), "")


def judged(folder, files):
    """Rows that the files break, written into the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\r\n" if "/" in name else "\n")
    target = folder / next(iter(files)).split("/")[0]
    return {finding.requirement for finding in judge_recording(target, SPEC).ledger.findings}


@pytest.mark.parametrize("case", LINES, ids=[path.stem for path in LINES])
def test_a_command_line_that_is_told_again_breaks_the_same(case, tmp_path):
    found = told(case)

    assert found.row in judged(tmp_path, found.item.files)


@pytest.mark.parametrize("name", SHOWN)
def test_so_does_an_exchange(name, tmp_path):
    found = told(FIXTURES / "vdds" / "bad" / name)

    assert found.row in judged(tmp_path, found.item.files)


def test_nobody_is_named(tmp_path):
    found = told(FIXTURES / "command-lines" / "bad" / "fused.txt")
    text = "".join(found.item.files.values()) + found.item.script + " ".join(found.item.commands)

    assert "Fox" not in text
    assert "integrationid=~" in text


@pytest.mark.parametrize("case", ALL, ids=[path.stem for path in ALL])
def test_a_judging_command_that_is_printed_shows_that_finding_and_none_of_its_own(case, tmp_path):
    found = told(case)
    shown = judged(tmp_path, found.item.files) if judging_command(found.item) else {found.row}

    assert found.row in shown
    assert shown <= found.broken


@pytest.mark.parametrize("case", SURE, ids=[path.stem for path in SURE])
def test_one_is_printed_wherever_the_files_hold_all_it_takes(case):
    assert judging_command(told(case).item)


@POSIX
def test_the_judging_command_writes_the_file_and_judges_it(tmp_path):
    found = told(FIXTURES / "command-lines" / "bad" / "fused.txt")
    command = judging_command(found.item).replace("threedd ", f'"{sys.executable}" -c "{MAIN}" ')
    environment = {**os.environ, "PYTHONPATH": str(FIXTURES.parent)}
    done = subprocess.run(["sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)

    assert done.returncode == 1
    assert found.row in done.stdout


MAIN = "from conformance.command.main import main; main()"


def started(found, folder, variable, does):
    """What a program that writes down how it was started has seen of the finding's script."""
    program = folder / "program"
    program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    program.chmod(0o755)
    environment = {**os.environ, variable: str(program)}
    subprocess.run([sys.executable, "-c", found.item.script], env=environment, check=True)
    return Path(f"{program}.seen").read_text(encoding="utf-8")


@POSIX
def test_the_script_starts_the_program_as_it_was_started(tmp_path):
    found = told(FIXTURES / "command-lines" / "bad" / "fused.txt")
    seen = started(found, tmp_path, "THREEDD_COMMAND_LINE", 'printf "%s\\n" "$@" > "$0.seen"')

    assert re.fullmatch(r"-integrationid=~\w+(\.\w+)?-firstname=~\S+", seen.splitlines()[0])


@POSIX
def test_the_script_hands_the_same_file_over(tmp_path):
    found = told(FIXTURES / "vdds" / "bad" / "english-sex")
    seen = started(found, tmp_path, "THREEDD_VDDS_PROGRAM", 'cp "$1" "$0.seen"; printf "READY=1\\r\\n" >> "$1"')

    assert "SEX=~" in seen


def test_evidence_shows_no_date_that_nobody_wrote():
    found = told(FIXTURES / "vdds" / "bad" / "german-date")
    [line] = [line for line in found.item.evidence[-1].asked.split("\n") if line.startswith("BIRTHDAY")]

    assert re.fullmatch(r"BIRTHDAY=~[\w.]+ \(NN\.NN\.NNNN\)", line)
    assert re.search(r"^BIRTHDAY=\d\d\.\d\d\.\d{4}$", "".join(found.item.files.values()), re.MULTILINE)


def test_a_script_that_lacks_the_program_says_so(tmp_path):
    found = told(FIXTURES / "vdds" / "bad" / "english-sex")
    environment = {name: value for name, value in os.environ.items() if name != "THREEDD_VDDS_PROGRAM"}
    done = subprocess.run([sys.executable, "-c", found.item.script], env=environment, capture_output=True, text=True)

    assert done.stderr == "Set THREEDD_VDDS_PROGRAM to that program.\n"


def test_evidence_of_an_exchange_reads_like_the_file():
    found = told(FIXTURES / "vdds" / "bad" / "english-sex")

    assert found.item.evidence[-1].asked.startswith("[PATIENT]\nPVS=")


def test_what_no_file_can_show_is_shown_by_the_capsule():
    found = told(FIXTURES / "vdds" / "bad" / "binary")

    assert found.item.commands == (f"threedd replay capsules/{found.row}-1.json --recorded",)


def test_a_page_about_transfer_files_has_no_lists_of_the_web_service():
    case = FIXTURES / "vdds" / "bad" / "english-sex"
    done = judge_recording(case, SPEC)
    page = html(view_of(done.ledger, SPEC, done.events))

    assert "1 transfer file in 1 events" in page
    assert "<td>PATDATIMPORT</td><td>SEX</td>" in page
    assert 'id="statuses"' not in page
    assert "LONG-VALUES" not in page
    assert "not its words: observed" in page
    assert "% observed: real installations, or several independent programs" in page
