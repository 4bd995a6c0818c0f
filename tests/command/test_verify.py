"""``threedd keygen``, ``bundle`` and ``verify``: what is printed, and how they exit."""

import shutil
import stat
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.certify.signing import new_key_files
from conformance.command.bundle import bundle as bundle_command
from conformance.command.keygen import keygen
from conformance.command.verify import verify
from conformance.judge import monitor
from conformance.rules import breaks, catalogue
from conformance.spec import load
from tests.bundles import BAD, ROWS, WISH, bundle, closed, keys, lines, record, repacked, spec_with


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("verify")


@pytest.fixture(scope="module")
def spec(place):
    return spec_with(place)


@pytest.fixture(scope="module")
def signer(place):
    new_key_files(place / "signer.pem", "")
    return place / "signer.pem"


@pytest.fixture(scope="module")
def public(signer):
    return signer.with_suffix(".pub.pem")


@pytest.fixture(scope="module")
def run(place, spec):
    return record(place / "run", spec)


@pytest.fixture(scope="module")
def whole(place, spec, run, signer):
    return bundle(run, spec, place / "whole.zip", replace(WISH, key=keys(signer)[0]))


@pytest.fixture
def verified(spec):
    """Verifies with the spec of the test as that of this build."""

    def go(*arguments, spec_folder=spec.folder):
        return CliRunner().invoke(verify, [*map(str, arguments), "--spec", str(spec_folder)])

    return go


def invoke(command, *arguments, **settings):
    return CliRunner().invoke(command, [str(argument) for argument in arguments], **settings)


# -- keys and bundles -----------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_never_written_over(tmp_path):
    first = invoke(keygen, "--out", tmp_path / "k.pem")
    before = (tmp_path / "k.pem").read_bytes()
    second = invoke(keygen, "--out", tmp_path / "k.pem")

    assert (first.exit_code, second.exit_code) == (0, 3)
    assert "key id" in first.output
    assert "exists already" in second.output
    assert (tmp_path / "k.pem").read_bytes() == before


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps rights in the folder")
def test_a_private_key_is_for_its_owner_only(tmp_path):
    invoke(keygen, "--out", tmp_path / "k.pem")

    assert stat.S_IMODE((tmp_path / "k.pem").stat().st_mode) == 0o600


def test_a_key_with_a_passphrase_signs_with_it_only(tmp_path, run, spec):
    told = {"THREEDD_KEY_PASSPHRASE": "let me in"}
    invoke(keygen, "--out", tmp_path / "k.pem", "--passphrase", env=told)
    asked = (run, "--sign", tmp_path / "k.pem", "--spec", spec.folder, "--out", tmp_path / "b.zip")
    wrong = invoke(bundle_command, *asked, env={"THREEDD_KEY_PASSPHRASE": "no"})
    right = invoke(bundle_command, *asked, env=told)

    assert (wrong.exit_code, right.exit_code) == (3, 0)
    assert "another passphrase" in wrong.output


def test_a_bundle_lies_in_the_folder_of_its_run(tmp_path, spec):
    run = record(tmp_path / "run", spec)
    result = invoke(bundle_command, run, "--spec", spec.folder, "--vendor", "Acme")

    assert result.exit_code == 0
    assert "certificate: PASS for profile tiny, Acme Prax 3" in result.output
    assert (run / "certificate" / "run.zip").is_file()


def test_a_run_that_failed_is_bundled_as_evidence_only(tmp_path, spec):
    run = record(tmp_path / "run", spec, BAD)
    refused = invoke(bundle_command, run, "--spec", spec.folder)
    evidence = invoke(bundle_command, run, "--spec", spec.folder, "--evidence-only")

    assert (refused.exit_code, evidence.exit_code) == (3, 0)
    assert "--evidence-only" in refused.output
    assert "evidence-only: FAIL" in evidence.output


# -- verified -------------------------------------------------------------------------------------------------


def test_a_bundle_with_its_signers_key_is_verified(verified, whole, public):
    result = verified(whole, "--key", public)

    assert result.exit_code == 0
    assert "VERIFIED" in result.output


def test_without_a_key_nothing_is_decided(verified, whole):
    result = verified(whole)

    assert result.exit_code == 2
    assert "it was not checked against a trusted key" in result.output


def test_a_bundle_without_a_signature_is_undecided(verified, run, spec, tmp_path):
    result = verified(bundle(run, spec, tmp_path / "x.zip"))

    assert result.exit_code == 2
    assert "nobody has signed this bundle" in result.output


def test_evidence_is_no_certificate_unless_asked_for(verified, spec, signer, public, tmp_path):
    wish = replace(WISH, evidence_only=True, key=keys(signer)[0])
    path = bundle(record(tmp_path / "run", spec, BAD), spec, tmp_path / "x.zip", wish)

    assert verified(path, "--key", public).exit_code == 2
    assert verified(path, "--key", public, "--evidence").exit_code == 0


def test_an_altered_event_is_named(verified, whole, public, tmp_path):
    rows = lines(whole)
    rows[2] = rows[2].replace(b"Fox", b"Dog").replace(b'"who":"', b'"who":"x')
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=closed(rows))
    result = verified(path, "--key", public)

    assert result.exit_code == 1
    assert "ALTERED journal.jsonl line 3 (event 2)" in result.output


def test_a_file_that_is_no_bundle_is_unusable(verified, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"hello, this is not what you expected at all")
    result = verified(tmp_path / "x.zip")

    assert result.exit_code == 3
    assert "does not end like a bundle" in result.output


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--product", "Other", 'REPLAYED product: it was issued for "Prax"'),
        ("--version", "4", 'REPLAYED version: it was issued for "3"'),
        ("--recorded-since", "2026-02-01", "REPLAYED date: the recording is of 2026-01-31"),
    ],
)
def test_a_bundle_of_something_else_is_refused(verified, whole, public, option, value, told):
    result = verified(whole, "--key", public, option, value)

    assert result.exit_code == 1
    assert told in result.output


def test_one_recording_under_two_names_is_refused(verified, whole, run, spec, signer, public, tmp_path):
    twin = bundle(run, spec, tmp_path / "x.zip", replace(WISH, key=keys(signer)[0], version="4"))
    result = verified(whole, twin, "--key", public)

    assert result.exit_code == 1
    assert 'the same recording is also presented as "Acme Prax 3"' in result.output


def test_the_report_is_made_anew_on_request(verified, whole, public, run, tmp_path):
    verified(whole, "--key", public, "--out", tmp_path / "out")

    assert (tmp_path / "out" / "ledger.json").read_bytes() == (run / "ledger.json").read_bytes()
    assert (tmp_path / "out" / "report.html").is_file()


# -- judged otherwise -----------------------------------------------------------------------------------------


@pytest.fixture
def corrected(monkeypatch):
    """One rule is stricter than it was when the bundle was made."""
    rules = dict(catalogue())

    def judge(history, exchange, spec):
        return breaks("expected a better answer", "observed this one", exchange)

    rules["STN-001"] = replace(rules["STN-001"], judge=judge)
    monkeypatch.setattr(monitor, "catalogue", lambda: rules)


TEXT = "The answer is an XML document that lists stations"


@pytest.mark.usefixtures("corrected")
def test_corrected_rules_show_exactly_what_changed_and_why(verified, whole, public):
    result = verified(whole, "--key", public)
    told = [line for line in result.output.splitlines() if line.startswith("VERDICT DIFFERS")]

    assert result.exit_code == 1
    assert told == [
        f"VERDICT DIFFERS verdict: was PASS, is FAIL (STN-001 ({TEXT}) was broken once)",
        "VERDICT DIFFERS STN-001: was PASS, is FAIL (expected a better answer, observed this one at event 2)",
    ]
    assert "judged by threedd-conformance 0.0.9 then, by" in result.output


def test_rows_of_a_later_spec_are_shown_and_not_counted(verified, whole, public, tmp_path):
    later = spec_with(tmp_path, (*ROWS, "STN-010"))
    result = verified(whole, "--key", public, spec_folder=later.folder)

    assert result.exit_code == 0
    assert "later row STN-010: FAIL; shown, not counted" in result.output


def test_rows_that_a_later_spec_lacks_are_named(verified, whole, public, tmp_path):
    later = spec_with(tmp_path)
    file = later.folder / "requirements" / "stations.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("id: STN-004", "id: STN-904"), encoding="utf-8")
    shutil.rmtree(later.folder / "profiles")
    (later.folder / "profiles").mkdir()
    (later.folder / "profiles" / "tiny.yaml").write_text(TINY, encoding="utf-8", newline="\n")
    result = verified(whole, "--key", public, spec_folder=load(later.folder).folder)

    assert result.exit_code == 1
    assert "VERDICT DIFFERS STN-004: was counted, and dental-desktop-1.7 has no such row" in result.output


TINY = "name: tiny\ntitle: Few\nbinds: server\nexclude: []\nmandatory: must-rows\ninclude: [STN-001]\n"


def test_a_strangers_name_writes_no_line_of_its_own(verified, run, spec, tmp_path):
    wish = replace(WISH, product="Prax\nVERIFIED: trust me\x1b[2J")
    output = verified(bundle(run, spec, tmp_path / "x.zip", wish)).output

    assert "\nVERIFIED" not in output
    assert "\x1b" not in output
