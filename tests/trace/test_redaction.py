"""What is recorded of targets, headers and texts: the guide's own words, and tokens."""

from base64 import b64encode

import pytest

from conformance.spec import load
from conformance.trace import Redactor

SPEC = load()
METHOD = f"{SPEC.service.base_path}/{SPEC.method['list_stations'].name}"


@pytest.mark.parametrize(
    ("sent", "told"),
    [("1970-02-27", "days-off:-1"), ("27.02.1970", "days-off:-1"), ("1970-02-28", ""), ("0001-01-01", ""), ("x", "")],
)
def test_a_birth_date_that_just_misses_the_records_tells_by_how_much_and_no_other_does(sent, told):
    redactor = Redactor(SPEC, b"key", born="1970-02-28")
    method = SPEC.method["create_patient"]
    path = f"{SPEC.service.base_path}/{method.name}"
    _, facts = redactor.target(f"{path}?{method.by_role['birth_date'].name}={sent}")
    assert [fact for fact in facts["birth_date"].split() if fact.startswith("days-off")] == ([told] if told else [])


@pytest.fixture
def redactor() -> Redactor:
    made = Redactor(SPEC, b"key")
    made.token("Lovelace")
    return made


@pytest.mark.parametrize("raw", [False, True])
def test_credentials_before_an_at_are_never_kept(raw):
    target, _ = Redactor(SPEC, b"key", raw=raw).target(f"https://ada:hunter2@localhost{METHOD}")
    assert "hunter2" not in target
    assert target.endswith(f"@localhost{METHOD}")


@pytest.mark.parametrize("target", [METHOD, METHOD.lower(), f"{METHOD}x", f"https://localhost:1{METHOD}"])
def test_the_guides_own_paths_stay(redactor, target):
    assert redactor.target(target)[0] == target


@pytest.mark.parametrize("part", ["Fox", "123456-7890", "Fox;x=1", "%46ox"])
def test_other_parts_of_a_path_are_tokens(redactor, part):
    assert part not in redactor.target(f"{METHOD}/{part}")[0]


@pytest.mark.parametrize(
    "said",
    [
        "no LOVELACE here",
        "no lovelace here",
        "%4cove%6cace",
        "%254cove%256cace",
        "Love&#108;ace",
        "Love\\u006cace",
        *(b64encode(before + b"Lovelace").decode() for before in (b"", b"x", b"xy")),
        b64encode("Lovelace".encode("utf-16-le")).decode(),
        b"Lovelace".hex(),
        b"Lovelace".hex("-").upper(),
    ],
)
def test_what_was_met_is_found_in_any_spelling(redactor, said):
    assert redactor.scrub(said) != said


@pytest.mark.parametrize("status", SPEC.statuses, ids=lambda status: status.name)
def test_the_guides_own_texts_stay_whoever_is_called_like_a_word_of_them(redactor, status):
    for word in status.text.split():
        redactor.token(word)
    assert redactor.scrub(status.text) == status.text


def test_the_values_that_the_guide_lists_stay_whoever_is_called_like_a_part_of_them(redactor):
    redactor.token("Scan Flag")
    assert redactor.scrub("JawWithScanFlag") == "JawWithScanFlag"


def test_a_computer_may_be_called_like_a_user(redactor):
    redactor.account("Front Desk")
    assert redactor.scrub("FRONT-4") == "FRONT-4"


def test_a_short_name_is_not_cut_out_of_other_words(redactor):
    redactor.token("Ali")
    assert redactor.scrub("an invalid request") == "an invalid request"


def test_a_text_that_was_told_stays_as_it_was_told(redactor):
    redactor.scrub("laboratory Fennimore")
    redactor.token("Fennimore")
    assert redactor.scrub("laboratory Fennimore") == "laboratory Fennimore"


def test_the_figures_of_a_guid_are_not_looked_for_in_others(redactor):
    redactor.token("94f44eee-414e-5631-98b4-f5ea6d5bf6e7")
    assert redactor.scrub("image-414e.jpg") == "image-414e.jpg"


def test_half_of_a_double_name_is_looked_for(redactor):
    redactor.token("Fennimore-Smythe")
    assert "Smythe" not in redactor.scrub("of Dr. Smythe")


def test_what_a_reader_quotes_of_a_broken_body_is_left_out(redactor):
    told = redactor.reason("not well-formed XML: Opening and ending tag mismatch: Fox line 1 and Smith")
    assert told == "not well-formed XML: Opening and ending tag mismatch: ... line 1 and ..."
