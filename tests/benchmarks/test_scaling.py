"""What the comparison of one worker with two makes of its measurements."""

from benchmarks.scaling import BARE, JUDGE, PMS, _bytes_below, _report, _told
from tests.bundles import BAD, GOOD, record, spec_with

TOOK = {(JUDGE, 1): [4.0, 9.0, 4.2], (JUDGE, 2): [2.0, 2.1, 7.0], (PMS, 1): [9.0], (PMS, 2): [5.0]}


def test_the_medians_are_compared():
    judge, pms = _report(TOOK, {JUDGE: True, PMS: True}).rows

    assert judge == (JUDGE, 4.2, 2.1, 2.0, 1.7, "yes")
    assert pms[:4] == (PMS, 9.0, 5.0, 1.8)


def test_what_the_machine_gives_stands_beside_them():
    bare = _report({(BARE, 1): [3.0], (BARE, 2): [2.0]}, {}).rows

    assert bare == [(BARE, 3.0, 2.0, 1.5, "-", "-")]


def test_ledgers_that_differ_are_shouted():
    assert [row[-1] for row in _report(TOOK, {JUDGE: False, PMS: True}).rows] == ["NO", "yes"]


def test_journals_are_compared_to_the_byte(tmp_path):
    for folder, text in (("one", "{}"), ("two", "{} ")):
        (tmp_path / folder / "a").mkdir(parents=True)
        (tmp_path / folder / "a" / "journal.ledger.json").write_text(text, encoding="utf-8")

    assert _bytes_below(tmp_path / "one") == {"a/journal.ledger.json": b"{}"}
    assert _bytes_below(tmp_path / "one") != _bytes_below(tmp_path / "two")


def test_runs_of_a_pms_are_compared_by_what_they_say(tmp_path):
    tiny = spec_with(tmp_path)
    for name, sketch in (("one", GOOD), ("same", GOOD), ("worse", BAD)):
        record(tmp_path / name / "run", tiny, sketch, about={"subject": name})
    one, same, worse = (_told(tmp_path / name) for name in ("one", "same", "worse"))

    assert one == same
    assert one != worse
