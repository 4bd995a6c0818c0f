"""``threedd overview``: one page out of many runs."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from conformance.certify.signing import new_key_files
from conformance.command.overview import overview
from conformance.judge import RunVerdict, judge_recording
from conformance.report import write_all
from conformance.report.overview import Entry, tables_of
from conformance.report.overview import overview as page_of
from tests.bundles import ABOUT, BAD, WISH, bundle, keys, record, repacked, spec_with


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("overview")


@pytest.fixture(scope="module")
def spec(place):
    return spec_with(place)


@pytest.fixture(scope="module")
def signer(place):
    new_key_files(place / "signer.pem", "")
    return place / "signer.pem"


@pytest.fixture(scope="module")
def reports(place, spec, signer):
    """A run with a bundle, and one of another subject that failed and has none."""
    folder = place / "reports"
    run = record(folder / "good run", spec)
    write_all(judge_recording(run / "journal.jsonl", spec).ledger, spec, run, [])
    (run / "certificate").mkdir()
    bundle(run, spec, run / "certificate" / "run.zip", replace(WISH, key=keys(signer)[0]))
    record(folder / "bad", spec, BAD, about={**ABOUT, "subject": "<b>Other</b> 1"})
    return folder


@pytest.fixture
def made(spec, tmp_path):
    def make(*arguments):
        asked = [*map(str, arguments), "--spec", str(spec.folder), "--out", str(tmp_path / "overview.html")]
        result = CliRunner().invoke(overview, asked)
        page = tmp_path / "overview.html"
        return result, page.read_text(encoding="utf-8") if page.is_file() else ""

    return make


def test_every_run_is_on_the_page_once(made, reports):
    result, page = made(reports)

    assert result.exit_code == 0
    assert "2 runs" in result.output
    assert page.count('<tr class="line"') == 2


def test_a_bundle_tells_vendor_product_and_version(made, reports):
    page = made(reports)[1]

    assert 'data-label="Vendor">Acme<' in page
    assert 'data-label="Product">Prax<' in page
    assert 'data-label="Version">3<' in page
    assert "signed, key" in page


def test_with_a_key_the_page_says_who_signed(made, reports, signer):
    assert "signed by a trusted key" in made(reports, "--key", signer.with_suffix(".pub.pem"))[1]


def test_verdicts_lead_to_reports_and_bundles(made, reports):
    page = made(reports)[1]

    assert "good%20run/report.html" in page
    assert "good%20run/certificate/run.zip" in page


def test_what_runs_say_of_themselves_is_escaped(made, reports):
    page = made(reports)[1]

    assert "<b>Other" not in page
    assert "&lt;b&gt;Other&lt;/b&gt; 1" in page


def test_the_page_loads_nothing_from_elsewhere(made, reports):
    page = made(reports)[1]

    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in page


def test_an_altered_bundle_is_named_and_not_shown(made, reports, tmp_path):
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    repacked(reports / "good run" / "certificate" / "run.zip", spoilt / "x.zip", report__html=b"all is well")
    result, page = made(spoilt)

    assert result.exit_code == 1
    assert "ALTERED report.html" in result.output
    assert "Not shown" in page


def test_evidence_that_nobody_signed_is_shown_as_that_beside_a_key(made, spec, signer, tmp_path):
    run = record(tmp_path / "runs" / "bad", spec, BAD)
    (run / "certificate").mkdir()
    bundle(run, spec, run / "certificate" / "run.zip", replace(WISH, evidence_only=True))
    result, page = made(tmp_path / "runs", "--key", signer.with_suffix(".pub.pem"))

    assert result.exit_code == 0, result.output
    assert "evidence only, not signed" in page


def test_folders_without_runs_are_an_error_of_the_set_up(made, tmp_path):
    assert made(tmp_path)[0].exit_code == 3


# -- the table ------------------------------------------------------------------------------------------------


def entry(ledger, **changes):
    known = {"vendor": "Acme", "product": "Prax", "version": "3", "interfaces": ("rest",), "recorded_on": "2026-01-01"}
    return Entry(**{**known, "ledger": ledger, "report": "", "bundle": "", "seal": "", **changes})


@pytest.fixture(scope="module")
def ledgers(reports, spec):
    return {name: judge_recording(reports / name / "journal.jsonl", spec).ledger for name in ("good run", "bad")}


def test_the_newest_run_decides_and_earlier_ones_stay(ledgers, spec):
    old, new = entry(ledgers["bad"]), entry(ledgers["good run"], recorded_on="2026-02-01")
    (table,) = tables_of([old, new], spec)

    assert [cell.verdict for cell in table.lines[0].cells[-1]] == [RunVerdict.PASS, RunVerdict.FAIL]


def test_lines_are_sorted_by_vendor_whatever_its_case(ledgers, spec):
    named = [entry(ledgers["bad"], vendor=vendor) for vendor in ("beta", "Gamma", "Alpha")]
    (table,) = tables_of(named, spec)

    assert [line.vendor for line in table.lines] == ["Alpha", "beta", "Gamma"]


def test_a_run_fills_the_columns_of_the_profiles_inside_its_own(real_spec, tmp_path):
    run = record(tmp_path / "run", real_spec, BAD, profile="pms", about={**ABOUT, "server": "emulator"})
    (table,) = tables_of([entry(judge_recording(run / "journal.jsonl", real_spec).ledger)], real_spec)

    assert {"pms", "pms-patients", "pms-cases", "pms-images"} <= {column.name for column in table.columns}


def test_a_run_says_nothing_of_a_wider_profile(real_spec, tmp_path):
    run = record(tmp_path / "run", real_spec, BAD, profile="pms-images", about={**ABOUT, "server": "emulator"})
    (table,) = tables_of([entry(judge_recording(run / "journal.jsonl", real_spec).ledger)], real_spec)

    assert [column.name for column in table.columns] == ["pms-images"]


def test_a_run_of_an_older_spec_stays_in_the_column_of_its_profile(ledgers, spec):
    ledger = ledgers["bad"]
    fewer = replace(ledger, rows=tuple(replace(row, in_profile=n > 0) for n, row in enumerate(ledger.rows)))
    (table,) = tables_of([entry(fewer)], spec)

    assert ledger.profile in {column.name for column in table.columns}


def test_a_run_that_fits_no_column_is_told(ledgers, spec):
    stray = replace(ledgers["bad"], profile="unheard-of", rows=())
    page = page_of([entry(stray, report="run/report.html")], [], spec, "Overview")

    assert "run/report.html" in page
    assert "unheard-of" in page
