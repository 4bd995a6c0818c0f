"""The target file: what it can say, and how wrong ones are told."""

import hashlib
from pathlib import Path

import pytest

from conformance.command.target_file import (
    LimitsPart,
    OperatorKind,
    OperatorPart,
    TargetFile,
    TargetFileError,
    UserPart,
    read_target_file,
    target_file,
)
from conformance.drive import Tier
from conformance.spec import load

CASE = "1953c9fe-326f-50d5-aeb3-e93ea2ea6140"
IMAGE = "a15b5fe8-b186-5ce2-a86e-b4d5913de9aa"
PATIENT = '[[patient]]\nintegration_id = "QA-1"\n'
WITH_CASE = f'{PATIENT}[[case]]\nintegration_id = "QA-1"\ncase = "{CASE}"\n'
PNG = b"\x89PNG\r\n\x1a\n and more"


@pytest.fixture(scope="module")
def spec():
    return load()


@pytest.fixture
def read(tmp_path, spec):
    """``read(text)`` -> what a file says that holds this text."""

    def make(text, **how):
        path = tmp_path / "qa.toml"
        path.write_text(text, encoding="utf-8", **how)
        return read_target_file(path, spec)

    return make


def test_an_empty_file_says_nothing(read, tmp_path):
    assert read("") == TargetFile(tmp_path / "qa.toml")


def test_the_sections_are_read(read, tmp_path):
    (tmp_path / "root.pem").touch()
    found = read(
        """
        [server]
        url = "https://clinic-pc:5492"
        authority = 'root.pem'
        thumbprint = "AB AB:abababababababababababababababababab"
        [[user]]
        name = "Sam"
        password_env = "QA_SAM"
        [[user]]
        name = "Eva"
        [operator]
        kind = "command"
        command = ["python", "press it.py"]
        [limits]
        pick_up_s = 5
        calls_per_s = 0
        [writes]
        tier = "own-data"
        """
    )
    assert (found.server.url, found.server.thumbprint) == ("https://clinic-pc:5492", "ab" * 20)
    assert found.server.authority == tmp_path / "root.pem"
    assert found.users == (UserPart("Sam", "QA_SAM"), UserPart("Eva"))
    assert found.operator == OperatorPart(OperatorKind.COMMAND, ("python", "press it.py"))
    assert found.limits == LimitsPart(pick_up_s=5.0, calls_per_s=0.0)
    assert found.writes.tier is Tier.OWN_DATA


def test_what_was_prepared_is_read_as_facts(read):
    found = read(
        f"""
        [[station]]
        station = "{{0D8E0A63-7A5E-4F43-9C1E-8B7D5F1A2B3C}}"
        connected = true
        modules = ["a", "b"]
        {PATIENT}
        birth_date = 1984-02-29
        cases = 1
        [[unmapped_patient]]
        last_name = "Ek"
        [[case]]
        integration_id = "QA-1"
        case = "{CASE.upper()}"
        state = "scanned"
        created = 2023-01-10T10:15:00Z
        delivery = "2023-01-24"
        sent = "never"
        """
    ).fixtures
    station = {"station": "0d8e0a63-7a5e-4f43-9c1e-8b7d5f1a2b3c", "connected": "yes", "modules": "a b"}
    dates = {"created": "2023-01-10T10:15:00+00:00", "delivery": "2023-01-24", "sent": ""}
    assert found == (
        {"what": "station", **station},
        {"what": "patient", "integration_id": "QA-1", "birth_date": "1984-02-29", "cases": "1"},
        {"what": "unmapped_patient", "last_name": "Ek"},
        {"what": "case", "integration_id": "QA-1", "case": CASE, "state": "scanned", **dates},
    )


def test_parts_of_a_case_belong_to_its_patient(read):
    found = read(f'{WITH_CASE}[[indication]]\ncase = "{CASE}"\nfrom = 3\nto = 4\nname = "Bridge"\n').fixtures
    assert found[-1]["integration_id"] == "QA-1"


def test_an_image_may_be_declared_by_its_file(read, tmp_path):
    (tmp_path / "photo.png").write_bytes(PNG)
    image = read(f"{WITH_CASE}[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\nfile = 'photo.png'\n").fixtures[-1]
    assert image["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (image["size"], image["type"], "file" in image) == (str(len(PNG)), "png", False)


def test_a_file_saved_by_notepad_is_read(tmp_path, spec):
    (tmp_path / "qa.toml").write_text("[[user]]\r\nname = 'Jürgen'\r\n", encoding="utf-8-sig", newline="")
    assert read_target_file(tmp_path / "qa.toml", spec).users == (UserPart("Jürgen"),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[server]\nurl = 5484", "[server]: url is 5484; expected an address such as https://host:port/path"),
        ("[server]\nurl = 'ftp://clinic'", 'url is "ftp://clinic"; expected an address'),
        ("[server]\nurl = 'https://Sam:hidden@clinic'", "[server]: url holds credentials; remove them"),
        ("[server]\nthumbprint = 'abc'", "expected the SHA-1 thumbprint of the authority, 40 hex digits, not 3"),
        ("[server]\ninsecure = 'yes'", 'insecure is "yes"; expected true or false, without quotes'),
        ("[server]\nurll = 'x'", '"urll" is not known (did you mean "url"?); expected url, authority,'),
        ("[[server]]\nurl = 'x'", "server is written several times; expected one section [server]"),
        ("[user]\nname = 'Sam'", "user is one section; write [[user]] in double brackets"),
        ("[[user]]\npassword_env = 'X'", "[[user]] 1: name is missing"),
        ("[[user]]\nname = 'Sam'\npassword = 'hidden'", "name that variable as password_env"),
        (
            "[[user]]\nname = 'Sam'\npassword_env = 'hidden!'",
            "password_env is not a name; expected the name of an environment variable",
        ),
        ("[operator]\ntoken = 'hidden'", "name that variable as token_env"),
        ("[operator]\nkind = 'comand'", 'did you mean "command"?'),
        ("[operator]\nkind = 'command'", 'command is missing; kind = "command" needs it'),
        ("[operator]\nkind = 'command'\ncommand = 'run.py'", 'command is "run.py"; expected a list of texts'),
        ("[limits]\npick_up_s = '30'", 'pick_up_s is "30"; expected a number of seconds above 0, without quotes'),
        ("[limits]\nprocessing_s = 0", "processing_s is 0; expected a number of seconds above 0"),
        ("[limits]\ncalls_per_s = -1", "expected a number of calls per second"),
        ("[writes]\ntier = 'all'", 'tier is "all"; expected observe or read-only or own-data or full'),
        ("[[patients]]\n", '[patients] is not known (did you mean "patient"?)'),
        ("[[patient]]\nlast_name = 'Ek'", "[[patient]] 1: integration_id is missing"),
        (PATIENT + PATIENT, "[[patient]] 2 declares patient QA-1 once more; remove one of the two"),
        (PATIENT + "birth_date = '29.02.1984'", "expected a date such as 1980-12-31"),
        (PATIENT + "birth_date = 1984-02-29T10:00:00", "expected a date such as 1980-12-31"),
        (PATIENT + "cases = '3'", "expected a whole number from 0, without quotes"),
        ("[[unmapped_patient]]\nintegration_id = 'x'", "an unmapped patient has no integration_id"),
        (PATIENT + f"[[case]]\nintegration_id = 'QA-2'\ncase = '{CASE}'", 'did you mean "QA-1"?'),
        (WITH_CASE + "delivery = '2023-02-30'", "expected a date and time such as 2019-11-14T13:14:20Z"),
        (WITH_CASE + "created = 10:15:00", "expected a date and time"),
        (WITH_CASE + f"[[image]]\ncase = '{IMAGE}'\nimage = '{IMAGE}'", "Declare a [[case]] with it, or correct it"),
        (
            WITH_CASE + f"[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\nintegration_id = 'QA-2'",
            'integration_id is "QA-2", but its case is of "QA-1"',
        ),
        (WITH_CASE + f"[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\nfile = 'none.png'", "a file that can be read"),
        (WITH_CASE + f"[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\ntype = 'jpg'", 'did you mean "jpeg"?'),
        (WITH_CASE + f"[[indication]]\ncase = '{CASE}'\nfrom = 33", "expected a whole number from 1 to 32"),
        (WITH_CASE + f"[[scan]]\ncase = '{CASE}'\nscan = '{IMAGE}'\ntype = 'Jow'", "type is"),
        ('[server]\nauthority = "C:\\Users\\qa.pem"', "Write Windows paths in single quotes"),
        ("[server]\nurl = https://clinic", "Texts stand in quotes"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_a_remedy(read, text, told):
    with pytest.raises(TargetFileError) as wrong:
        read(text)
    assert told in str(wrong.value)
    assert "qa.toml" in str(wrong.value)
    assert "hidden" not in str(wrong.value)


def test_an_image_that_differs_from_its_file_is_told(read, tmp_path):
    (tmp_path / "photo.png").write_bytes(PNG)
    text = f"{WITH_CASE}[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\nfile = 'photo.png'\nsize = 7\n"
    with pytest.raises(TargetFileError, match="expected the file whose size is 7; it is 17"):
        read(text)


def test_a_file_that_is_no_image_is_told(read, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"GIMP")
    with pytest.raises(TargetFileError, match=r"expected an image \(jpeg, png"):
        read(f"{WITH_CASE}[[image]]\ncase = '{CASE}'\nimage = '{IMAGE}'\nfile = 'photo.png'\n")


def test_a_file_in_another_encoding_is_told(tmp_path, spec):
    (tmp_path / "qa.toml").write_bytes("[[user]]\nname = 'Jürgen'\n".encode("cp1252"))
    with pytest.raises(TargetFileError, match=r"is no UTF-8 text \(byte 18\); save it as UTF-8"):
        read_target_file(tmp_path / "qa.toml", spec)


def test_the_usual_file_of_the_folder_is_taken_unless_another_is_named(tmp_path, spec, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert target_file(None, Path(), spec) == TargetFile()
    (tmp_path / "threedd.toml").write_text("[server]\nurl = 'usual'\n", encoding="utf-8")
    (tmp_path / "qa.toml").write_text("[server]\nurl = 'named'\n", encoding="utf-8")
    assert target_file(None, Path(), spec).server.url == "usual"
    assert target_file(Path("qa.toml"), Path(), spec).server.url == "named"
