"""GUIDs as .NET's parser takes them."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import EMPTY_GUID, Malformed, is_canonical, parse_guid

SAMPLE = uuid.UUID("5be65d15-31a2-442b-a93b-0bd65ec8abe9")


@pytest.mark.parametrize(
    "text",
    [
        "5be65d15-31a2-442b-a93b-0bd65ec8abe9",
        "5BE65D15-31A2-442B-A93B-0BD65EC8ABE9",
        "5be65d1531a2442ba93b0bd65ec8abe9",
        "{5be65d15-31a2-442b-a93b-0bd65ec8abe9}",
        "(5be65d15-31a2-442b-a93b-0bd65ec8abe9)",
        "{0x5be65d15,0x31a2,0x442b,{0xa9,0x3b,0x0b,0xd6,0x5e,0xc8,0xab,0xe9}}",
        "{0x5be65d15, 0x31a2, 0x442b, {0xa9, 0x3b, 0xb, 0xd6, 0x5e, 0xc8, 0xab, 0xe9}}",
        "  5be65d15-31a2-442b-a93b-0bd65ec8abe9\t",
    ],
)
def test_every_spelling_means_the_same_guid(text: str) -> None:
    assert parse_guid(text) == SAMPLE


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "zzz",
        "123",
        "urn:uuid:5be65d15-31a2-442b-a93b-0bd65ec8abe9",
        "5be65d15-31a2-442b-a93b-0bd65ec8abe",
        "5be65d15-31a2-442b-a93b-0bd65ec8abe90",
        "{5be65d15-31a2-442b-a93b-0bd65ec8abe9",
        "{5be65d15-31a2-442b-a93b-0bd65ec8abe9)",
        "5be65d15-31a2-442b-a93b-0bd65ec8abe\u0669",
        "{0x5be65d15,0x31a2,0x442b,0xa9,0x3b,0x0b,0xd6,0x5e,0xc8,0xab,0xe9}",
        "{0x15be65d15,0x31a2,0x442b,{0xa9,0x3b,0x0b,0xd6,0x5e,0xc8,0xab,0xe9}}",
    ],
)
def test_anything_else_is_malformed_and_shows_its_text(text: str) -> None:
    parsed = parse_guid(text)
    assert isinstance(parsed, Malformed)
    assert parsed.text == text


@given(st.uuids(), st.sampled_from(["{}", "{{{}}}", "({})", " {} "]), st.sampled_from([str.lower, str.upper]))
def test_written_guids_are_read_back(guid: uuid.UUID, frame: str, case: object) -> None:
    assert parse_guid(frame.format(case(str(guid)))) == guid  # type: ignore[operator]


@given(st.text())
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse_guid(text), uuid.UUID | Malformed)


def test_the_empty_guid_is_all_zeros() -> None:
    assert parse_guid("00000000-0000-0000-0000-000000000000") == EMPTY_GUID


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("5be65d15-31a2-442b-a93b-0bd65ec8abe9", True),
        ("5BE65D15-31A2-442B-A93B-0BD65EC8ABE9", True),
        ("{5be65d15-31a2-442b-a93b-0bd65ec8abe9}", False),
        ("5be65d1531a2442ba93b0bd65ec8abe9", False),
        (" 5be65d15-31a2-442b-a93b-0bd65ec8abe9", False),
        ("5be65d15-31a2-442b-a93b-0bd65ec8abe9\n", False),
    ],
)
def test_only_plain_hyphenated_hex_is_canonical(text: str, canonical: bool) -> None:
    assert is_canonical(text) is canonical
