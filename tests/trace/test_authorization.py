"""What is kept of an Authorization header: facts, and never a secret, in clear recordings neither."""

import pytest

from conformance.spec import load
from conformance.trace import Authorization, NoteKind, Recorder, Redactor
from conformance.wire import encode_basic


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture(params=[False, True], ids=["redacted", "raw"])
def redactor(request, spec):
    return Redactor(spec, b"key", raw=request.param)


def test_no_header_is_no_authorization(redactor):
    assert redactor.authorization(None) == Authorization()


def test_user_and_password_become_tokens(redactor):
    kept = redactor.authorization(encode_basic("Sam", "qwerty123"))
    assert (kept.scheme, kept.flaw) == ("Basic", "")
    assert "Sam" not in repr(kept)
    assert "qwerty123" not in repr(kept)


def test_a_password_in_the_wrong_field_is_not_kept(redactor):
    assert "qwerty123" not in repr(redactor.authorization(encode_basic("qwerty123", "Sam")))


@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer", "Digest"])
def test_a_scheme_that_exists_is_kept_as_sent(redactor, scheme):
    assert redactor.authorization(f"{scheme} x").scheme == scheme


@pytest.mark.parametrize("header", ["U2FtOnF3ZXJ0eTEyMw==", "Sam:qwerty123", "Sam qwerty123", "U2FtOnF3ZXJ0eTEyMw== x"])
def test_credentials_without_a_scheme_are_not_kept(redactor, header):
    kept = redactor.authorization(header)
    assert (kept.scheme, kept.user, kept.password) == ("?", "", "")
    assert kept.flaw


def test_a_note_of_credentials_has_the_tokens_of_the_calls(spec, redactor):
    note = Recorder(spec, redactor).note(NoteKind.CREDENTIALS, 0.0, user="Sam", password="qwerty123")
    kept = redactor.authorization(encode_basic("Sam", "qwerty123"))
    assert (note.data["user"], note.data["password"]) == (kept.user, kept.password)


LOGIN = ("Authorization", encode_basic("Sam", "qwerty123"))


@pytest.mark.parametrize(
    "value",
    ["qwerty123", "Sam:qwerty123", "U2FtOnF3ZXJ0eTEyMw==", "login=Sam%3Aqwerty123", "https://Eva:other@pms.local/"],
)
def test_a_login_in_another_header_is_told_by_the_name_of_the_header(redactor, value):
    redactor.authorization(LOGIN[1])
    assert redactor.credentials_beside((LOGIN, ("X-Login", value))) == {"headers": "credentials-in:x-login"}


@pytest.mark.parametrize(
    "header",
    [
        ("Cookie", "session=8f14e45f; user=Sam"),
        ("Referer", "https://pms.local:8443/patients/7@ward?from=a:b@c"),
        ("X-Correlation-Id", "0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c"),
        ("User-Agent", "qwerty123/1.0"),
        ("Proxy-Authorization", encode_basic("proxy", "word")),
        LOGIN,
    ],
)
def test_what_holds_no_login_is_not_told(redactor, header):
    redactor.authorization(LOGIN[1])
    assert redactor.credentials_beside((LOGIN, header)) == {}


def test_a_header_that_is_called_by_the_password_keeps_its_name_to_itself(redactor):
    redactor.authorization(LOGIN[1])
    assert "qwerty123" not in str(redactor.credentials_beside((LOGIN, ("qwerty123", "Sam:qwerty123"))))
