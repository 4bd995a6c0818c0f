"""What a driver was told in confidence does not come back."""

import base64

import pytest

from conformance.certify.secrecy import Confidence


@pytest.fixture
def confidence():
    made = Confidence()
    made.add_login("Sam", "open sesame")
    made.add(["Großmann", "Li", "1970-02-28", ""])
    return made


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("login with open sesame", "login with ***"),
        ("pw=open%20sesame or open+sesame", "pw=*** or ***"),
        (base64.b64encode(b"Sam:open sesame").decode(), "***"),
        ("patient großmann", "patient ***"),
        ("LastName=Gro%C3%9Fmann&DateOfBirth=1970-02-28", "LastName=***&DateOfBirth=***"),
        ('"Gro\\u00dfmann"', '"***"'),
        ("Li is in the list", "*** is in the list"),
        ("user Sam", "user Sam"),
    ],
)
def test_it_is_replaced_in_every_spelling(confidence, text, redacted):
    assert confidence.redact(text) == redacted


def test_nothing_is_replaced_before_anything_was_said():
    assert Confidence().redact("open sesame") == "open sesame"
