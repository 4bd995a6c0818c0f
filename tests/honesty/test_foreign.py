"""The table of what is found in the foreign servers."""

from tests.honesty import foreign


def test_a_defect_stands_with_the_rows_that_fail_or_with_why_it_was_not_seen(monkeypatch):
    known = [
        {"name": name, "what": f"what | {name} does", "breaks": "a sentence"} for name in ("a", "only-tls-13", "c")
    ]
    monkeypatch.setattr(foreign, "defects", lambda kind: known)
    found = {("plain", "a"): ["PAT-001", "PAT-002"], ("plain", "only-tls-13"): [], ("plain", "c"): []}
    text = foreign.table(found)
    assert "## plain: 1 of 3 defects seen" in text
    assert "| a | what \\| a does | a sentence | PAT-001, PAT-002 |" in text
    assert "| a sentence | none: a reading: the report names which way was taken (TLS-FLOOR) |" in text
    assert "| c | what \\| c does | a sentence | none: open |" in text


def test_a_defect_that_was_not_measured_is_left_out(monkeypatch):
    monkeypatch.setattr(foreign, "defects", lambda kind: [{"name": "a", "what": "x", "breaks": "y"}])
    assert "| a |" not in foreign.table({})
