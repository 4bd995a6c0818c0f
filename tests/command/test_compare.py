"""``threedd compare``, ``--baseline`` and ``--waivers``: what became worse, and who answers for what."""

import json

import pytest
from click.testing import CliRunner

from conformance.command.certify import certify
from conformance.command.compare import compare
from conformance.command.measure import Yardstick, waivers_from
from conformance.judge import Waiver, judge_recording
from tests.bundles import BAD, GOOD, SHORT, bundle, record, spec_with


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("compare")


@pytest.fixture(scope="module")
def spec(place):
    return spec_with(place)


@pytest.fixture(scope="module")
def good(place, spec):
    return record(place / "good", spec)


@pytest.fixture(scope="module")
def bad(place, spec):
    return record(place / "bad", spec, BAD)


@pytest.fixture(scope="module")
def short(place, spec):
    return record(place / "short", spec, SHORT)


def run(*arguments):
    return CliRunner().invoke(compare, [str(argument) for argument in arguments])


def test_a_run_is_no_worse_than_itself(good):
    result = run(good, good)

    assert result.exit_code == 0
    assert "0 worse, 0 better, 0 other" in result.output


def test_a_broken_requirement_is_a_regression_and_is_told_with_its_reason(good, bad):
    result = run(good, bad)

    assert result.exit_code == 1
    assert "worse   verdict: was PASS, is FAIL" in result.output
    assert "worse   STN-001: was PASS, is FAIL (expected" in result.output


def test_what_was_mended_is_better(good, bad):
    result = run(bad, good)

    assert result.exit_code == 0
    assert "better  STN-001: was FAIL, is PASS (no longer held against it" in result.output


def test_a_mandatory_requirement_that_is_no_longer_seen_is_a_regression(good, short):
    result = run(good, short)

    assert result.exit_code == 1
    assert "worse   STAT-001: was PASS, is NOT_OBSERVED (no exchange triggered it)" in result.output


def test_a_new_finding_of_a_broken_requirement_is_a_regression(place, spec, bad):
    again = record(place / "worse", spec, BAD + SHORT.but(body=b"<other/>"))
    result = run(bad, again)

    assert result.exit_code == 1
    assert "worse   STN-001: was without this finding, is FAIL" in result.output


@pytest.mark.parametrize("name", ["ledger.json", "journal.jsonl"])
def test_ledgers_and_journals_are_compared_as_well(good, bad, spec, name):
    assert run(good / name, bad / name, "--spec", spec.folder).exit_code == 1


def test_bundles_are_compared_as_well(good, spec, bad, tmp_path):
    assert run(bundle(good, spec, tmp_path / "x.zip"), bad).exit_code == 1


def test_differences_can_be_had_as_json(good, bad):
    told = json.loads(run(good, bad, "--json").stdout)

    assert told[0]["what"] == "verdict"
    assert {"what", "was", "now", "why", "turn"} == set(told[0])


def test_a_folder_without_a_run_is_an_error_of_the_set_up(good, tmp_path):
    result = run(good, tmp_path)

    assert result.exit_code == 3
    assert "has no ledger.json" in result.output


def test_the_folder_above_the_runs_is_told_with_a_run_in_it(good):
    result = run(good.parent, good)

    assert result.exit_code == 3
    assert f"it holds runs: give one of them, such as {good.parent}" in " ".join(result.output.split())


# -- a baseline -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("own", "told"), [(0, 1), (2, 1), (1, 1), (3, 3)])
def test_a_run_that_is_worse_than_its_baseline_exits_with_1(good, bad, spec, own, told, capsys):
    yardstick = Yardstick(ledger(good, spec))
    yardstick.tell(ledger(bad, spec))

    assert yardstick.exit_code(own) == told
    assert "since the baseline:\nworse   verdict" in capsys.readouterr().out


def test_without_a_baseline_the_verdict_decides(bad, spec):
    yardstick = Yardstick(None)
    yardstick.tell(ledger(bad, spec))

    assert yardstick.exit_code(2) == 2


def ledger(run_folder, spec):
    return judge_recording(run_folder / "journal.jsonl", spec).ledger


def test_a_baseline_is_read_before_the_run_begins(tmp_path):
    (tmp_path / "ledger.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(certify, ["server", "--baseline", str(tmp_path), "--out", str(tmp_path / "out")])

    assert result.exit_code == 3
    assert "not a ledger" in result.output
    assert not (tmp_path / "out").exists()


# -- waivers --------------------------------------------------------------------------------------------------


ENTRY = '[[waiver]]\nrequirement = "STN-001"\nowner = "QA"\nreason = "known"\n'


@pytest.fixture
def waivers(tmp_path, spec):
    def read(text):
        (tmp_path / "waivers.toml").write_text(text, encoding="utf-8")
        return waivers_from(tmp_path / "waivers.toml", spec)

    return read


@pytest.mark.parametrize("day", ["2026-12-31", '"2026-12-31"'])
def test_waivers_are_read_with_owner_reason_and_expiry(waivers, day):
    assert waivers(f"{ENTRY}expires = {day}\n") == (Waiver("STN-001", "QA", "known", "2026-12-31"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY, "expected texts for requirement, owner, reason, expires"),
        (f'{ENTRY}expires = "soon"\n', "expected a day such as 2030-12-31"),
        (f'{ENTRY}expires = "2026-13-01"\n', "expected a day such as 2030-12-31"),
        (f"{ENTRY}expires = 2026-12-31\n".replace("STN-001", "STN-999"), 'is about "STN-999", which'),
        (f"{ENTRY}expires = 2026-12-31\n".replace('"QA"', '" "'), "expected texts for"),
        (f"{ENTRY}expires = 2026-12-31\n" * 2, "waives STN-001 twice"),
        ("waivers = 1\n", r"expected tables \[\[waiver\]\]"),
        ("[[waiver\n", "is no TOML"),
    ],
)
def test_a_waiver_that_nobody_answers_for_is_refused(waivers, text, told):
    with pytest.raises(ValueError, match=told):
        waivers(text)


def test_a_waived_requirement_neither_fails_nor_passes(spec, tmp_path):
    waiver = Waiver("STN-001", "QA", "known", "2026-12-31")
    found = ledger(record(tmp_path / "run", spec, BAD, waivers=[waiver]), spec)

    assert found.row("STN-001").standing == "WAIVED"
    assert found.verdict == "PASS"


@pytest.mark.parametrize(
    ("sketch", "expires", "told"),
    [(BAD, "2026-01-01", "expired on 2026-01-01"), (GOOD, "2026-12-31", "is no longer needed")],
)
def test_a_stale_and_a_needless_waiver_fail_the_run(spec, tmp_path, sketch, expires, told):
    waiver = Waiver("STN-001", "QA", "known", expires)
    found = ledger(record(tmp_path / "run", spec, sketch, waivers=[waiver]), spec)

    assert found.verdict == "FAIL"
    assert told in " ".join(found.reasons)
