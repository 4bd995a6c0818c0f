"""What must hold of every report, whatever it looks like."""

import io
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from urllib.parse import unquote

import pytest
from lxml import etree
from lxml import html as lxml_html
from rich.console import Console

from conformance.judge import Standing, ledger_from_json
from conformance.report import FILES, chances, html, markdown, print_ledger, view, view_of, write_all
from conformance.report.commands import curl, quoted
from conformance.report.evidence import KEPT_BODY, evidence_of, ids_in, laid_out
from conformance.report.stand_ins import sendable
from conformance.rules import breaks
from conformance.trace import Authorization, Note, NoteKind, Recorded, call, guid, realise

VERDICTS = ["pass", "fail", "error", "inconclusive", "void"]


@pytest.fixture(params=VERDICTS)
def run(runs, request):
    return runs[request.param]


@pytest.fixture
def page(runs):
    return lxml_html.document_fromstring(html(runs["fail"].view))


def test_the_page_loads_nothing(run):
    tree = lxml_html.document_fromstring(html(run.view))

    assert tree.xpath("//*[@src] | //link | //iframe | //object | //base") == []
    assert [a for a in tree.xpath("//a/@href") if not a.startswith("#")] == []
    assert "url(" not in html(run.view)


def test_every_link_of_the_page_has_a_target(run):
    tree = lxml_html.document_fromstring(html(run.view))

    assert {href[1:] for href in tree.xpath("//a/@href")} <= set(tree.xpath("//@id"))


def test_ids_on_the_page_are_given_once(page):
    ids = page.xpath("//@id")

    assert len(ids) == len(set(ids))


def test_foreign_text_is_shown_and_never_acted_on(run):
    text = html(run.view)

    assert "<script>" not in re.sub(r"<script>\n\(function.*</script>", "", text, flags=re.DOTALL)
    assert "Server &lt;1.7&gt; &amp; more" in text


def test_findings_stand_before_the_table(page):
    headings = page.xpath("//h2/text()")

    assert headings.index("Findings") < headings.index("Requirements")


def test_a_finding_shows_requirement_expectation_observation_and_evidence(page):
    finding = page.xpath("//article[.//a='TWO-001']")[0]
    shown = finding.text_content()

    assert "What TWO-001 says." in shown
    assert "status 107 (proven by exchange 2)" in shown
    assert "status 4 <script>" in shown
    assert "two patients may be mixed up" in shown
    assert [e.text for e in finding.xpath(".//div[@class='sides']//strong[not(starts-with(., 'HTTP'))]")] == [
        "4. GET CreatePatient",
        "5. GET GetRequestStatusById",
    ]


def test_a_finding_can_be_provoked_with_pasted_commands(page):
    commands = page.xpath("//article[.//a='TWO-001']//details/pre/text()")[0].split("\n")

    assert commands[0] == "threedd replay FOLDER/capsules/TWO-001-1.json 'Server <1.7> & more'"
    assert commands[1].endswith("--only 'patients.same-id-twice'")
    assert commands[2] == "THREEDD_URL='https://localhost'"
    assert commands[3].startswith('curl -k -i -u "$THREEDD_USER:$THREEDD_PASSWORD" ')
    assert """"$THREEDD_URL"'/DentalDesktop/WebService/CreatePatient?IntegrationId=""" in commands[3]


def test_the_shortest_generated_sequence_is_shown_as_commands(runs):
    run, name = runs["fail"], "machine.shortest.TWO-001"
    calls = [replace(event, number=900, play=name) for event in run.events if isinstance(event, Recorded)][:2]
    told = Note(999, 0.0, NoteKind.CONFIRMED, {"row": "TWO-001", "play": "machine", "again": "yes", "shortest": name})
    page = lxml_html.document_fromstring(html(view_of(run.ledger, run.spec, [*run.events, *calls, told])))
    commands = page.xpath("//article[.//a='TWO-001']//details[@class='shortest']/pre/text()")[0].split("\n")

    assert [command.partition("=")[0].split()[0] for command in commands] == ["THREEDD_URL", "curl", "curl"]
    assert page.xpath("//article[.//a='ONE-001']//details[@class='shortest']") == []


def test_a_finding_of_a_shortest_sequence_is_seen_again_with_what_generated_it(runs):
    run, name = runs["fail"], "machine.shortest.TWO-001"
    told = Note(999, 0.0, NoteKind.CONFIRMED, {"row": "TWO-001", "play": "machine", "again": "yes", "shortest": name})
    findings = tuple(replace(finding, plays=(name,)) for finding in run.ledger.findings)
    view = view_of(replace(run.ledger, findings=findings), run.spec, [*run.events, told])

    assert view.findings[0].commands[1].endswith("--only 'machine'")


@pytest.mark.parametrize(
    ("user", "password", "shown"),
    [
        ("~sam", "k1", '-u "$THREEDD_USER:$THREEDD_PASSWORD"'),
        ("~zoe", "k2", '-u "$THREEDD_USER2:$THREEDD_PASSWORD2"'),
        ("~sam", "k2", '-u "$THREEDD_USER:not-the-password"'),
    ],
)
def test_each_user_is_sent_under_a_name_of_its_own(runs, user, password, shown):
    run = runs["fail"]
    event = next(event for event in run.events if isinstance(event, Recorded))
    sent = replace(event, request=replace(event.request, authorization=Authorization("Basic", "", user, password)))

    assert shown in curl(sent, run.spec, [("~sam", "k1"), ("~zoe", "k2")])


def test_neither_patients_nor_passwords_are_on_the_page(run):
    assert "Fox" not in html(run.view)
    assert "secret" not in html(run.view)


def test_every_status_of_the_guide_is_listed(page, real_spec):
    assert len(page.xpath("//section[@id='statuses']//tbody/tr")) == len(real_spec.statuses)


def test_what_was_not_seen_says_why(page):
    assert "no patient with a case" in page.xpath("//section[@id='unseen']")[0].text_content()
    assert "a person would have to look" in page.xpath("//section[@id='untestable']")[0].text_content()
    assert "cases.in-each-state" in page.xpath("//section[@id='skipped']")[0].text_content()


def test_tables_and_fields_are_labelled(page):
    assert page.xpath("//th[not(@scope)]") == []
    assert len(page.xpath("//label[.//select or .//input]")) == len(page.xpath("//select | //input")) > 2
    assert page.xpath("//table[not(caption)][ancestor::section[@id='coverage' or @id='requirements']]") == []
    assert page.xpath("/html/@lang") == ["en"]


def test_a_cell_of_the_summary_cannot_end_its_table(run):
    lines = [line for line in markdown(run.view).splitlines() if line.startswith("| ")]

    assert {5} <= {re.sub(r"\\\|", "", line).count("|") for line in lines} <= {5, 9}


def test_all_files_are_written_and_the_ledger_reads_back(runs, tmp_path):
    run = runs["fail"]
    paths = write_all(run.ledger, run.spec, tmp_path / "new", run.events)

    assert [path.name for path in paths] == list(FILES)
    assert ledger_from_json(paths[0].read_text(encoding="utf-8")) == run.ledger
    assert len(json.loads(paths[3].read_text(encoding="utf-8"))["log"]["entries"]) == run.ledger.exchanges


def test_evidence_that_is_not_at_hand_is_left_out(runs):
    run = runs["fail"]

    assert all(not item.evidence for item in view_of(run.ledger, run.spec, []).findings)


def test_the_gravest_finding_stands_first(runs):
    titles = [item.title for item in runs["fail"].view.findings]

    assert titles.index("TWO-001") < titles.index("ONE-001")


def test_the_calls_of_a_finding_come_as_a_script_that_python_reads(runs):
    item = next(item for item in runs["fail"].view.findings if item.title == "TWO-001")

    compile(item.script, "finding.py", "exec")
    assert "CreatePatient?IntegrationId=" in item.script
    assert "Set THREEDD_USER and THREEDD_PASSWORD first." in item.script


def test_the_script_says_plainly_that_nothing_answers(runs):
    item = next(item for item in runs["fail"].view.findings if item.title == "TWO-001")
    environment = {**os.environ, "THREEDD_URL": "https://127.0.0.1:1/DentalDesktop"}
    done = subprocess.run([sys.executable, "-c", item.script], env=environment, capture_output=True, text=True)

    assert done.returncode == 1
    assert done.stderr.startswith("https://127.0.0.1:1 does not answer (")
    assert done.stderr.count("\n") == 1


def test_calls_of_a_pms_are_not_sent_again_by_somebody_else(runs):
    run = runs["fail"]
    rows = tuple(replace(row, binds="pms") for row in run.ledger.rows)
    item = view_of(replace(run.ledger, rows=rows), run.spec, run.events).findings[0]

    assert not any(command.startswith("curl ") for command in item.commands)
    assert item.script == ""
    assert item.calls


@pytest.mark.parametrize(
    ("text", "shown"),
    [("03.12.1956", r"\d\d\.\d\d\.\d{4}"), ("1956-12-03", r"\d{4}-\d\d-\d\d"), ("3 Dec 1956", r"\d\d \w+ \d{4}")],
)
def test_a_date_is_sent_again_in_the_form_that_was_seen(real_spec, text, shown):
    [event] = list(realise(call("create_patient", integration_id="A", birth_date=text), real_spec))[-1:]
    sent = sendable(event, real_spec)

    assert "1956" not in event.request.target
    assert re.search(rf"DateOfBirth={shown}$", unquote(sent.split("&")[-1]))


def test_what_a_page_cannot_hold_stays_in_the_journal(runs, monkeypatch):
    monkeypatch.setattr(view, "PAGE_FOR_EVIDENCE", 100)
    items = view_of(runs["fail"].ledger, runs["fail"].spec, runs["fail"].events).findings

    assert all(not item.evidence and not item.script for item in items)
    assert items[0].unshown == len(items[0].finding.evidence)


def test_rows_that_rest_on_the_field_are_counted_apart(runs):
    run = runs["pass"]
    rows = tuple(replace(row, axis="field", standing=Standing.ADVISORY) for row in run.ledger.rows)
    shown = lxml_html.document_fromstring(html(replace(run.view, ledger=replace(run.ledger, rows=rows))))

    assert shown.xpath("//div[@class='axes']/div/h2/text()") == ["Works with what the field shows"]


@pytest.mark.parametrize(("clean", "told"), [(0, ""), (1, "95 %"), (10, "26 %"), (300, "0.99 %"), (100_000, "0.003 %")])
def test_clean_tries_still_allow_some_breaches(clean, told):
    assert chances.told(clean) == told


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<a><b>1</b><c /></a>", "<a>\n  <b>1</b>\n  <c />\n</a>"),
        (
            '<?xml version="1.0"?>\n<a><b><c>1</c></b></a>',
            '<?xml version="1.0"?>\n<a>\n  <b>\n    <c>1</c>\n  </b>\n</a>',
        ),
        ("<a />", "<a />"),
        ("true", "true"),
        ("", ""),
        ("<a>x\ny</a></b>", "<a>x\n  y</a>\n</b>"),
    ],
)
def test_documents_are_laid_out(text, shown):
    assert laid_out(text) == shown


def test_of_a_long_answer_the_part_that_a_finding_names_is_shown(runs):
    event = next(event for event in runs["fail"].events if isinstance(event, Recorded))
    items = "".join(f"<i>{guid(number)}</i>" for number in range(1, 400))
    long = replace(event, reply=replace(event.reply, body=f"<a>{items}</a>"))
    named = ids_in(f"scan {guid(333)}: shown nothing")

    assert str(guid(333)) not in evidence_of(long, judged=True).body
    assert str(guid(333)) in evidence_of(long, judged=True, named=named).body
    assert len(evidence_of(long, judged=True, named=named).body) < KEPT_BODY + 100


def test_a_terminal_is_not_told_what_to_do_by_strangers(small):
    console = Console(file=io.StringIO(), width=200)
    rules = {"ONE-001": small.rule("ONE-001", lambda h, e, s: breaks("expected peace", "observed \x1b[2J", e))}
    print_ledger(small.run(call("list_stations"), small.spec(small.requirement("ONE-001")), rules), console)

    assert "\x1b" not in console.file.getvalue()


@pytest.mark.parametrize(("text", "word"), [("a b", "'a b'"), ("a'b", "'a'\\''b'"), ("$x`y`", "'$x`y`'")])
def test_words_of_a_command_are_safe_to_paste(text, word):
    assert quoted(text) == word


def test_the_page_is_well_formed(run):
    parser = etree.HTMLParser(recover=False)

    assert etree.fromstring(html(run.view), parser) is not None
