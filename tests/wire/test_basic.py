"""The Basic header, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import Credentials, Malformed, NoCredentials, encode_basic, parse_authorization

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    ("user", "password", "header"),
    [("Sam", "qwerty123", "Basic U2FtOnF3ZXJ0eTEyMw=="), ("Sam", "", "Basic U2FtOg==")],
)
def test_known_headers_are_written_and_read(user: str, password: str, header: str) -> None:
    assert encode_basic(user, password) == header
    assert parse_authorization(header) == Credentials(user, password)


@given(TEXT.filter(lambda user: ":" not in user), TEXT)
def test_written_credentials_are_read_back(user: str, password: str) -> None:
    assert parse_authorization(encode_basic(user, password)) == Credentials(user, password)


@pytest.mark.parametrize("header", ["basic U2FtOg==", "BASIC   U2FtOg==", " Basic U2FtOg== "])
def test_the_scheme_has_no_letter_case(header: str) -> None:
    assert parse_authorization(header) == Credentials("Sam", "")


@pytest.mark.parametrize("header", [None, "", "  "])
def test_no_header_is_no_credentials(header: str | None) -> None:
    assert parse_authorization(header) == NoCredentials()


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Bearer abc", "not the Basic scheme"),
        ("U2FtOg==", "not the Basic scheme"),
        ("Basic U2FtOg", "credentials are not Base64"),
        ("Basic Sam:qwerty123", "credentials are not Base64"),
        ("Basic \u00fc", "credentials are not Base64"),
        ("Basic U2Ft", "no colon between user and password"),
        ("Basic", "no colon between user and password"),
    ],
)
def test_other_headers_are_malformed(header: str, reason: str) -> None:
    parsed = parse_authorization(header)
    assert isinstance(parsed, Malformed)
    assert parsed.reason == reason


@pytest.mark.parametrize("header", ["Basic Sam:qwerty123", "U2FtOnF3ZXJ0eTEyMw==", "Basic cXdlcnR5MTIz"])
def test_a_malformed_header_does_not_show_the_secret(header: str) -> None:
    parsed = parse_authorization(header)
    assert isinstance(parsed, Malformed)
    assert parsed.text in ("Basic", "")


def test_credentials_do_not_print_the_password() -> None:
    assert "qwerty123" not in repr(Credentials("Sam", "qwerty123"))


def test_the_password_may_hold_colons() -> None:
    assert parse_authorization(encode_basic("Sam", "a:b:c")) == Credentials("Sam", "a:b:c")


def test_bytes_that_are_not_utf8_are_read_as_latin1() -> None:
    parsed = parse_authorization("Basic U/xtOng=")
    assert parsed == Credentials("S\u00fcm", "x")
    assert isinstance(parsed, Credentials)
    assert parsed.charset == "latin-1"


def test_a_colon_in_the_user_is_our_own_error() -> None:
    with pytest.raises(ValueError, match="colon"):
        encode_basic("a:b", "c")


@given(st.text())
def test_no_header_raises(header: str) -> None:
    assert isinstance(parse_authorization(header), Credentials | NoCredentials | Malformed)
