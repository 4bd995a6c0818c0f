"""Bundles: what is refused, what is stated, and that nothing can be done to one that is not told with its place."""

import hashlib
import random
import zipfile
from dataclasses import replace

import pytest

from conformance.certify.archive import Archive, Unusable, write_archive
from conformance.certify.bundle import Refused, in_clear, make_bundle
from conformance.certify.inspection import Seal, Spoilt, bundled_spec, inspect
from conformance.certify.rejudging import rejudged
from conformance.certify.signing import Envelope, from_text, new_key_files, signed, signed_text, to_text
from conformance.certify.statement import from_payload, to_payload
from conformance.trace import Handed, Recorder, Redactor, Started
from conformance.trace.journal import JournalError
from tests.bundles import (
    ABOUT,
    BAD,
    OTHER,
    ROWS,
    SHORT,
    WISH,
    bundle,
    closed,
    contents,
    digests,
    keys,
    lines,
    record,
    repacked,
    spec_with,
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("bundles")


@pytest.fixture(scope="module")
def spec(place):
    return spec_with(place)


@pytest.fixture(scope="module")
def pair(place):
    new_key_files(place / "signer.pem", "")
    return keys(place / "signer.pem")


@pytest.fixture(scope="module")
def run(place, spec):
    return record(place / "run", spec)


@pytest.fixture(scope="module")
def whole(place, spec, run, pair):
    """A signed certificate."""
    return bundle(run, spec, place / "whole.zip", replace(WISH, key=pair[0]))


@pytest.fixture(scope="module")
def other(place, spec, pair):
    """A signed certificate of another run."""
    run = record(place / "other", spec, OTHER, about={**ABOUT, "subject": "Other 1"})
    return bundle(run, spec, place / "other.zip", replace(WISH, key=pair[0], product="Other"))


@pytest.fixture
def looked_into(tmp_path, pair):
    """Inspects a bundle with the right key."""

    def look(path):
        folder = tmp_path / "inside"
        folder.mkdir()
        return inspect(path, folder, [pair[1]])

    return look


@pytest.fixture
def spoilt(looked_into):
    """What is said of a bundle that was altered: faults with their places."""

    def look(path):
        with pytest.raises(Spoilt) as raised:
            looked_into(path)
        return [(fault.fault.value, fault.where) for fault in raised.value.faults]

    return look


# -- made -----------------------------------------------------------------------------------------------------


def test_a_bundle_of_a_passed_run_holds_everything_that_its_verdict_rests_on(whole, run, spec):
    files = contents(whole)
    statement = from_payload(from_text(files["statement.json"]).payload)

    assert files["journal.jsonl"] == (run / "journal.jsonl").read_bytes()
    assert files["ledger.json"] == (run / "ledger.json").read_bytes()
    assert f"spec/{spec.name}/openapi.yaml" in files
    assert set(statement.digests) == files.keys() - {"statement.json"}
    assert (statement.verdict, statement.subject.title, statement.subject.interfaces) == (
        "PASS",
        "Acme Prax 3",
        ("rest",),
    )
    assert set(statement.counted) == set(ROWS)


def test_a_bundle_of_the_same_run_is_the_same_file(whole, run, spec, pair, tmp_path):
    again = bundle(run, spec, tmp_path / "again.zip", replace(WISH, key=pair[0]))

    assert again.read_bytes() == whole.read_bytes()


def test_any_unpacking_program_reads_a_bundle(whole):
    with zipfile.ZipFile(whole) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == contents(whole)


def test_a_run_that_failed_is_refused(spec, tmp_path):
    with pytest.raises(Refused, match=r"the run is FAIL.*STN-001.*--evidence-only"):
        bundle(record(tmp_path / "bad", spec, BAD), spec, tmp_path / "x.zip")


def test_a_run_that_is_incomplete_is_refused(spec, tmp_path):
    with pytest.raises(Refused, match="the run is INCOMPLETE"):
        bundle(record(tmp_path / "short", spec, SHORT), spec, tmp_path / "x.zip")


def test_a_run_that_failed_can_be_bundled_as_evidence(spec, tmp_path, looked_into):
    path = bundle(record(tmp_path / "bad", spec, BAD), spec, tmp_path / "x.zip", replace(WISH, evidence_only=True))
    statement = from_payload(from_text(contents(path)["statement.json"]).payload)

    assert (statement.worth, statement.verdict) == ("evidence-only", "FAIL")


def test_a_recording_that_was_cut_short_is_refused(run, spec, tmp_path):
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(b"".join((run / "journal.jsonl").read_bytes().splitlines(keepends=True)[:-1]))

    with pytest.raises(JournalError, match="has no footer"):
        make_bundle(journal, spec, WISH, lambda *_: {}, tmp_path / "x.zip")


def test_a_run_of_another_spec_is_refused(run, spec, tmp_path):
    with pytest.raises(Refused, match="Name the folder of that spec with --spec"):
        bundle(run, replace(spec, digest="0" * 64), tmp_path / "x.zip")


def test_a_raw_recording_is_refused(spec, tmp_path):
    with pytest.raises(Refused, match="holds patients in clear"):
        bundle(record(tmp_path / "raw", spec, about={**ABOUT, "raw": "yes"}), spec, tmp_path / "x.zip")


def test_a_raw_recording_is_refused_also_when_it_does_not_say_so(spec, tmp_path):
    with pytest.raises(Refused, match="event 3 holds a patient in clear"):
        bundle(record(tmp_path / "raw", spec, raw=True), spec, tmp_path / "x.zip")


# -- whole ----------------------------------------------------------------------------------------------------


def test_a_whole_bundle_is_trusted_with_the_key_of_its_signer(whole, looked_into, pair):
    assert looked_into(whole).seal is Seal.TRUSTED


def test_without_a_key_the_signature_is_only_that_of_somebody(whole, tmp_path):
    assert inspect(whole, tmp_path, []).seal is Seal.UNKNOWN


def test_every_verdict_is_drawn_again_and_is_the_same(whole, looked_into):
    inspection = looked_into(whole)
    found = rejudged(inspection, bundled_spec(inspection))

    assert found.agrees
    assert found.ledger.to_json() == contents(whole)["ledger.json"].decode()


def test_the_signed_text_is_that_of_the_published_example():
    assert signed_text("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_statements_and_envelopes_read_back(whole, pair):
    envelope = from_text(contents(whole)["statement.json"])

    assert to_payload(from_payload(envelope.payload)) == envelope.payload
    assert to_text(envelope) == contents(whole)["statement.json"]


# -- altered --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(60))
def test_a_single_byte_cannot_be_changed_anywhere(whole, tmp_path, looked_into, seed):
    draw = random.Random(seed)
    edited = bytearray(whole.read_bytes())
    edited[draw.randrange(len(edited))] ^= draw.randrange(1, 256)
    path = tmp_path / "edited.zip"
    path.write_bytes(edited)

    with pytest.raises((Spoilt, Unusable), match=r"\w+"):
        looked_into(path)


@pytest.mark.parametrize("name", ["journal.jsonl", "ledger.json", "report.html", "signer.pem", "README.txt"])
@pytest.mark.parametrize("seed", range(4))
def test_a_byte_changed_in_a_file_is_told_with_the_file(whole, tmp_path, spoilt, name, seed):
    content = bytearray(contents(whole)[name])
    content[random.Random(seed).randrange(len(content))] ^= 1
    path = repacked(whole, tmp_path / "edited.zip", **{name.replace(".", "__"): bytes(content)})

    assert [where.split()[0] for _, where in spoilt(path)] == [name]


@pytest.mark.parametrize("at", [1, 2, 3, 4, 5])
def test_a_deleted_event_is_told_with_its_number(whole, tmp_path, spoilt, at):
    rows = lines(whole)
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=closed(rows[:at] + rows[at + 1 :]))

    assert spoilt(path) in (
        [("truncated", f"journal.jsonl line {at + 1} (event {at})")],
        [("altered", f"journal.jsonl line {at + 1} (event {at})")],
    )


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_swapped_events_are_told_with_their_numbers(whole, tmp_path, spoilt, at):
    rows = lines(whole)
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=closed(rows))

    assert spoilt(path) == [("reordered", f"journal.jsonl line {at + 1} (event {at})")]


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_an_event_that_is_told_twice_is_told_with_its_number(whole, tmp_path, spoilt, at):
    rows = lines(whole)
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=closed([*rows[: at + 1], *rows[at:]]))

    assert spoilt(path) == [("replayed", f"journal.jsonl line {at + 2} (event {at + 1})")]


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_an_event_that_was_changed_is_told_with_its_number(whole, tmp_path, spoilt, at):
    rows = lines(whole)
    rows[at] = rows[at].replace(b'"number":', b'"number": ')
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=closed(rows))

    assert spoilt(path) == [("altered", f"journal.jsonl line {at + 1} (event {at})")]


def test_a_recording_that_ends_early_is_told_as_such(whole, tmp_path, spoilt):
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=b"".join(lines(whole)[:3]))

    assert spoilt(path) == [("truncated", "journal.jsonl line 4 (event 3)")]


def test_the_recording_of_another_run_is_told_as_such(whole, other, tmp_path, spoilt):
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=contents(other)["journal.jsonl"])

    assert spoilt(path) == [("mixed", "journal.jsonl")]


def test_the_statement_of_another_run_is_told_as_such(whole, other, tmp_path, spoilt):
    path = repacked(whole, tmp_path / "x.zip", statement__json=contents(other)["statement.json"])

    assert ("mixed", "statement.json") in spoilt(path)


def test_the_ledger_of_another_spec_is_told_as_such(whole, spec, tmp_path, spoilt):
    ledger = contents(whole)["ledger.json"].replace(spec.digest.encode(), b"0" * 64)
    path = repacked(whole, tmp_path / "x.zip", ledger__json=ledger)

    assert spoilt(path) == [("mixed", "ledger.json")]


def test_a_recording_changed_with_its_digests_is_refused_as_well(whole, tmp_path, spoilt):
    journal = closed(lines(whole)[:3])
    path = repacked(whole, tmp_path / "x.zip", journal__jsonl=journal, journal__digests=digests(journal))

    assert spoilt(path) == [("mixed", "journal.jsonl"), ("altered", "journal.digests")]


def test_a_missing_and_an_added_file_are_told_by_name(whole, tmp_path, spoilt):
    path = repacked(whole, tmp_path / "x.zip", report__html=None, extra__txt=b"x")

    assert spoilt(path) == [("truncated", "report.html"), ("mixed", "extra.txt")]


def test_a_signature_taken_away_is_told_where_a_key_is_given(whole, tmp_path, spoilt):
    bare = to_text(Envelope(from_text(contents(whole)["statement.json"]).payload))

    assert spoilt(repacked(whole, tmp_path / "x.zip", statement__json=bare)) == [("forged", "statement.json")]


def test_a_statement_signed_anew_by_somebody_else_is_told(whole, tmp_path, spoilt):
    new_key_files(tmp_path / "forger.pem", "")
    payload = from_text(contents(whole)["statement.json"]).payload.replace(b"Acme", b"Evil")
    forged = to_text(signed(payload, keys(tmp_path / "forger.pem")[0]))

    assert spoilt(repacked(whole, tmp_path / "x.zip", statement__json=forged)) == [("forged", "statement.json")]


def test_a_statement_that_its_signer_made_up_is_told(run, spec, whole, pair, tmp_path, spoilt):
    stated = from_payload(from_text(contents(whole)["statement.json"]).payload)
    false = replace(stated, subject=replace(stated.subject, recorded_as="Prax 4"))
    path = repacked(whole, tmp_path / "x.zip", statement__json=to_text(signed(to_payload(false), pair[0])))

    assert spoilt(path) == [("mixed", "subject")]


def test_a_bundle_that_could_not_be_written_leaves_nothing_behind(tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_archive(tmp_path / "x.zip", {"a": b"", "b": (tmp_path / "folder")})

    assert not (tmp_path / "x.zip").exists()


# -- from strangers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/x", "C:/x", "a\\b", "a//b", "./a", "nul", "spec/aux.yaml", "a.", "x" * 201, ".hidden", "a b", "é"],
)
def test_a_name_that_leads_elsewhere_is_refused(name, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")

    with pytest.raises(Unusable, match=r"Do not unpack|Get the original"):
        Archive(tmp_path / "x.zip")


def test_a_bomb_is_refused_before_it_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("journal.jsonl", b"0" * 10_000_000)

    with pytest.raises(Unusable, match="is compressed or encrypted"):
        Archive(tmp_path / "x.zip")


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("journal.jsonl")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, b"/etc/passwd")

    with pytest.raises(Unusable, match="is a link"):
        Archive(tmp_path / "x.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(("names", "told"), [(("a", "a"), "twice"), (("a", "A"), "one file on some machines")])
def test_two_files_in_one_place_are_refused(names, told, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"x")

    with pytest.raises(Unusable, match=told):
        Archive(tmp_path / "x.zip")


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b"x" + b, lambda b: b[50:]])
def test_a_file_with_more_or_less_in_it_is_refused(whole, tmp_path, damage):
    (tmp_path / "x.zip").write_bytes(damage(whole.read_bytes()))

    with pytest.raises(Unusable):
        Archive(tmp_path / "x.zip")


def test_a_spec_that_unfolds_is_refused(whole, spec, pair, tmp_path, looked_into):
    bomb = b"a: &a [x, x]\nb: &b [*a, *a]\n"
    path = signed_anew(whole, tmp_path / "x.zip", pair[0], f"spec/{spec.name}/profiles/bomb.yaml", bomb)

    with pytest.raises(Unusable, match="has YAML aliases"):
        bundled_spec(looked_into(path))


@pytest.mark.parametrize("name", ["..", "C:", "a/b", "", "."])
def test_a_spec_that_is_called_like_a_way_out_is_refused(whole, pair, tmp_path, looked_into, name):
    stated = from_payload(from_text(contents(whole)["statement.json"]).payload)
    text = to_text(signed(to_payload(replace(stated, spec=name)), pair[0]))

    with pytest.raises(Unusable, match=r"Do not unpack|expected the name of a folder"):
        looked_into(repacked(whole, tmp_path / "x.zip", statement__json=text))


def test_a_deeply_nested_line_is_no_crash(whole, pair, tmp_path, spoilt):
    journal = closed([*lines(whole), b"[" * 200_000 + b"\n"])
    path = signed_anew(whole, tmp_path / "x.zip", pair[0], "journal.jsonl", journal)

    assert [where for _, where in spoilt(path)] == ["journal.jsonl"]


def test_events_that_nobody_can_judge_are_no_crash(whole, spec, pair, tmp_path, looked_into):
    rows = [row.replace(b'"started_s":', b'"started_s":"x","x":', 1) for row in lines(whole)]
    rows = [row.replace(b'"x":', b'"finished_s":', 1).replace(b'"finished_s":', b'"connection":', 2) for row in rows]
    path = signed_anew(whole, tmp_path / "x.zip", pair[0], "journal.jsonl", closed(rows))

    with pytest.raises((Unusable, Spoilt)):
        rejudged(looked_into(path), spec)


def signed_anew(path, target, key, name, content):
    """The bundle of a signer who lies: one file is another, and statement and digests fit it."""
    files = {**contents(path), name: content}
    files["journal.digests"] = digests(files["journal.jsonl"])
    stated = from_payload(from_text(files.pop("statement.json")).payload)
    sums = {each: sha256(body) for each, body in files.items()}
    files["statement.json"] = to_text(signed(to_payload(replace(stated, digests=sums)), key))
    write_archive(target, files)
    return target


def sha256(content):
    return hashlib.sha256(content).hexdigest()


IN_CLEAR = [
    ("invocation", Started(line='DentalDesktopCmd.exe -lastname="Fox"')),
    ("invocation", Started(arguments=("-integrationid=17", "-firstname=Änne van"))),
    ("handover", Handed(b"[PATIENT]\r\nPATID=17\r\nLASTNAME=Fox\r\nREADY=0\r\n", r"C:\x\call.tmp")),
    ("handover", Handed(b"[PATIENT]\r\nLASTNAME=van der Berg, Dr. #2\r\nLASTNAME=Fox,\r\nREADY=0\r\n")),
]


@pytest.mark.parametrize(("how", "seen"), IN_CLEAR)
def test_a_patient_in_clear_is_found_on_every_interface(real_spec, how, seen):
    told = {}
    for raw in (True, False):
        events = []
        getattr(Recorder(real_spec, Redactor(real_spec, b"key", raw=raw), [events.append]), how)(seen, 0.0)
        told[raw] = in_clear(events, real_spec)

    assert told == {True: 1, False: 0}
