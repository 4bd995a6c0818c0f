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
