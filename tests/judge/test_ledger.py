"""The ledger: from judgements to standings, findings and the verdict of the run."""

import json

import jsonschema_rs
import pytest

from conformance.judge import (
    Again,
    LedgerError,
    RunVerdict,
    Standing,
    Terms,
    Waiver,
    Whose,
    ledger_from_json,
    terms_from,
    terms_header,
)
from conformance.rules import Observer, breaks, holds
from conformance.spec import Binds, JudgedBy, Obligation, Profile
from conformance.trace import NoteKind, call, guid, note, poll

OK = call("list_stations", answer=[])
BAD = OK.refused(400)
OPEN = OK.refused(500)
BROKEN_RULE = OK.but(http_status=302, content=None)
SILENT = OK.but(http_status=204, content=None)


@pytest.fixture
def one(small):
    """The ledger of a sketch judged by one row."""

    def ledger(sketch, **settings):
        row = settings.pop("row", None) or small.requirement("ONE-001")
        return small.run(sketch, small.spec(row), small.rules("ONE-001"), **settings)

    return ledger


@pytest.mark.parametrize(
    ("sketch", "standing", "earl", "verdict", "exit_code"),
    [
        (OK, "PASS", "passed", "PASS", 0),
        (BAD, "FAIL", "failed", "FAIL", 1),
        (OPEN, "INCONCLUSIVE", "cantTell", "INCOMPLETE", 2),
        (SILENT, "NOT_OBSERVED", "untested", "INCOMPLETE", 2),
        (BROKEN_RULE, "ERROR", "cantTell", "ERROR", 2),
        (OK + BAD + BROKEN_RULE, "FAIL", "failed", "FAIL", 1),
        (OK + BROKEN_RULE + OPEN, "ERROR", "cantTell", "ERROR", 2),
        (OK + OPEN, "PASS", "passed", "PASS", 0),
    ],
)
def test_the_gravest_judgement_decides(one, sketch, standing, earl, verdict, exit_code):
    ledger = one(sketch)

    assert (ledger.rows[0].standing, ledger.rows[0].earl) == (standing, earl)
    assert (ledger.verdict, ledger.exit_code) == (verdict, exit_code)


def test_every_judgement_is_counted(one):
    counts = one(OK * 3 + BAD * 2 + OPEN + BROKEN_RULE).rows[0].counts

    assert (counts.passed, counts.failed, counts.inconclusive, counts.errors) == (3, 2, 1, 1)


def test_a_recommendation_that_is_not_followed_is_an_advice(one, small):
    ledger = one(BAD + OK, row=small.requirement("ONE-001", obligation=Obligation.SHOULD))

    assert ledger.rows[0].standing is Standing.ADVISORY
    assert ledger.findings[0].standing is Standing.ADVISORY
    assert ledger.verdict is RunVerdict.INCOMPLETE  # it has no mandatory row at all


def test_a_row_that_nobody_judges_prints_its_reason(one, small):
    row = small.requirement("ONE-001", judged_by=JudgedBy.NOBODY, reason="a person would have to look")

    assert (one(OK, row=row).rows[0].standing, one(OK, row=row).rows[0].reason) == ("UNTESTABLE", row.reason)


def test_a_row_without_a_rule_never_passes(small):
    ledger = small.run(OK, small.spec(small.requirement("ONE-001")), {})

    assert ledger.rows[0].standing is Standing.NOT_OBSERVED
    assert ledger.rows[0].reason == "no rule in this build judges it"
    assert ledger.verdict is RunVerdict.INCOMPLETE


def test_a_row_that_was_not_triggered_says_what_it_needs(one, small):
    assert one(SILENT, row=small.requirement("ONE-001", needs=("fixtures",))).rows[0].reason == (
        "no exchange triggered it (it needs fixtures)"
    )


def test_of_what_it_needs_only_what_the_run_lacked_is_told(one, small):
    row = small.requirement("ONE-001", needs=("writes", "driver"))
    silent = note(NoteKind.RUN, lacks="users driver") + SILENT
    whole = note(NoteKind.RUN, lacks="") + SILENT

    assert one(silent, row=row).rows[0].reason == "no exchange triggered it (it needs driver)"
    assert one(whole, row=row).rows[0].reason == "no exchange triggered it"


def test_what_keeps_many_rows_open_is_told_once(small):
    ids = [f"ONE-00{number}" for number in range(1, 6)]
    spec = small.spec(*map(small.requirement, ids))
    skips = [note(NoteKind.SKIPPED, play=f"play-{row}", reason="nobody is there", aims=row) for row in ids[:4]]
    ledger = small.run(sum(skips, SILENT), spec, small.rules(*ids))

    assert ledger.reasons == (
        "4 requirements were not observed (ONE-001, ONE-002, ONE-003 and 1 more): nobody is there",
        "ONE-005 (What ONE-005 says) was not observed: no exchange triggered it",
    )


def test_a_pms_that_supports_no_step_is_told_what_to_do(one, small):
    row = small.requirement("ONE-001", obligation=Obligation.SHOULD)

    assert (
        one(note(NoteKind.RUN, steps="") + SILENT, row=row).reasons[0].startswith("the PMS is said to support no step")
    )


def test_a_command_that_failed_leaves_the_run_incomplete(one):
    ledger = one(OK + note(NoteKind.RUN, command="ended with exit code 3"))

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert "ended with exit code 3" in ledger.reasons[0]


def test_a_row_that_was_not_triggered_names_the_plays_that_were_skipped(one):
    skipped = note(NoteKind.SKIPPED, play="cases.in-each-state", reason="no patient with a case", aims="ONE-001 X-1")
    ledger = one(skipped)

    assert ledger.rows[0].reason == "cases.in-each-state was skipped: no patient with a case"
    assert ledger.skipped[0].aims == ("ONE-001", "X-1")


def test_an_undecided_row_says_why(one):
    assert one(OPEN).rows[0].reason == "the server was restarted"
    assert one(OPEN).reasons[0] == "ONE-001 (What ONE-001 says) could not be decided: the server was restarted"


def test_a_row_outside_the_profile_is_shown_when_seen_and_decides_nothing(small):
    spec = small.spec(small.requirement("ONE-001"), small.requirement("OUT-001"), include=["ONE-001"])
    rules = {**small.rules("ONE-001"), "OUT-001": small.rule("OUT-001", lambda h, e, s: breaks("a", "b", e))}
    ledger = small.run(OK, spec, rules)

    assert ledger.verdict is RunVerdict.PASS
    assert (ledger.row("OUT-001").in_profile, ledger.row("OUT-001").standing) == (False, Standing.FAIL)


def test_a_row_outside_the_profile_that_was_not_seen_is_left_out(small):
    spec = small.spec(small.requirement("ONE-001"), small.requirement("OUT-001"), include=["ONE-001"])

    assert [row.id for row in small.run(OK, spec, small.rules("ONE-001")).rows] == ["ONE-001"]


def test_a_profile_without_mandatory_rows_certifies_nothing(small):
    ledger = small.run(OK, small.spec(small.requirement("ONE-001"), include=[]), small.rules("ONE-001"))

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert "no row is mandatory" in ledger.reasons[0]


def test_without_a_profile_every_row_that_must_be_kept_is_mandatory(small):
    spec = small.spec(small.requirement("ONE-001"), small.requirement("TWO-001"))

    assert small.run(OK, spec, small.rules("ONE-001"), profile=None).verdict is RunVerdict.INCOMPLETE


@pytest.fixture
def pms_run(small):
    def ledger(sketch, about):
        spec = small.spec(small.requirement("PMS-001", Binds.PMS), small.requirement("SRV-001"), binds=Binds.PMS)
        inside = Profile("pms", "PMS", Binds.PMS, ("PMS-001",), frozenset({"PMS-001"}))
        rules = small.rules("SRV-001") | {"PMS-001": small.rule("PMS-001", lambda h, e, s: None)}
        return small.run(sketch, spec, rules, who="pms", profile=inside, about=about)

    return ledger


def test_a_fault_of_our_own_server_voids_the_run_of_a_pms(pms_run):
    ledger = pms_run(BAD, {"server": "emulator"})

    assert (ledger.verdict, ledger.exit_code) == (RunVerdict.VOID, 2)
    assert ledger.reasons == ("the harness's own server broke SRV-001 (What SRV-001 says)",)
    assert ledger.findings[0].whose is Whose.OURS


def test_a_fault_of_a_foreign_server_does_not_void_the_run_of_a_pms(pms_run):
    ledger = pms_run(BAD, {"server": "url"})

    assert ledger.verdict is RunVerdict.INCOMPLETE
    assert ledger.findings[0].whose is Whose.SET_UP


def test_which_server_it_is_may_be_told_by_a_note(pms_run):
    assert pms_run(note(NoteKind.RUN, server="emulator") + BAD, {}).verdict is RunVerdict.VOID


def test_the_same_fault_is_one_finding_with_many_occurrences(one):
    finding = one(BAD * 3 + OK, play="stations.list").findings[0]

    assert (finding.occurrences, finding.evidence, finding.exchanges) == (3, (2,), (2, 3, 4))
    assert (finding.plays, finding.whose) == (("stations.list",), Whose.SUBJECT)


@pytest.mark.parametrize(
    ("phrase", "findings"),
    [
        (lambda e: f"since exchange {e.number}", 1),
        (lambda e: f"since exchanges {e.number}, {e.number + 1} and 9", 1),
        (lambda e: f"the id {guid(e.number)}", 1),
        (lambda e: f"status {e.number}", 2),
    ],
)
def test_findings_differ_by_what_was_observed_and_not_by_ids_or_places(small, phrase, findings):
    rules = {"ONE-001": small.rule("ONE-001", lambda h, e, s: breaks("expected 4", phrase(e), e))}

    assert len(small.run(OK * 2, small.spec(small.requirement("ONE-001")), rules).findings) == findings


def test_a_rule_that_never_says_the_same_twice_does_not_flood_the_ledger(small):
    rules = {"ONE-001": small.rule("ONE-001", lambda h, e, s: breaks("x", f"status {e.number}", e))}
    findings = small.run(OK * 40, small.spec(small.requirement("ONE-001")), rules).findings

    assert len(findings) == 25
    assert sum(finding.occurrences for finding in findings) == 40


def test_expectation_and_observation_are_phrases_without_their_label(one):
    finding = one(BAD).findings[0]

    assert (finding.expected, finding.observed) == ("HTTP 200", "HTTP 400 at exchange 2")


@pytest.mark.parametrize(("again", "told"), [("yes", Again.YES), ("no", Again.NO)])
def test_whether_a_finding_came_up_again_is_told_by_a_note(one, again, told):
    confirmed = note(NoteKind.CONFIRMED, row="ONE-001", play="p", again=again)

    assert one(BAD + confirmed, play="p").findings[0].reproducible is told
    assert one(BAD + confirmed, play="q").findings[0].reproducible is Again.NOT_TRIED


WAIVER = Waiver("ONE-001", "QA", "fixed in the next release", "2025-06-30")


@pytest.fixture
def waived(small):
    def ledger(sketch, on="2025-01-01", waiver=WAIVER):
        spec = small.spec(small.requirement("ONE-001"), small.requirement("TWO-001"))
        rules = {**small.rules("ONE-001"), "TWO-001": small.rule("TWO-001", lambda h, e, s: holds(e))}
        return small.run(sketch, spec, rules, terms=Terms(spec.profiles[0], (waiver,), on=on))

    return ledger


def test_a_waived_row_is_waived_and_does_not_fail_the_run(waived):
    ledger = waived(BAD)

    assert (ledger.rows[0].standing, ledger.rows[0].earl) == (Standing.WAIVED, "failed")
    assert ledger.rows[0].reason == "waived by QA until 2025-06-30: fixed in the next release"
    assert ledger.verdict is RunVerdict.PASS
    assert ledger.findings[0].standing is Standing.WAIVED


def test_a_waiver_that_is_not_needed_fails_the_run(waived):
    assert waived(OK).reasons == ("the waiver of ONE-001 is no longer needed (PASS); remove it",)
    assert waived(OK).verdict is RunVerdict.FAIL


def test_a_waiver_of_a_row_outside_the_profile_fails_the_run(waived):
    ledger = waived(OK, waiver=Waiver("FAR-001", "QA", "of another profile", "2025-06-30"))

    assert ledger.reasons == ("the waiver of FAR-001 is needless, since small lacks that row; remove it",)
    assert ledger.verdict is RunVerdict.FAIL


def test_a_waiver_out_of_date_waives_nothing(waived):
    ledger = waived(BAD, on="2025-07-01")

    assert ledger.rows[0].standing is Standing.FAIL
    assert "the waiver of ONE-001 expired on 2025-06-30; renew or remove it" in ledger.reasons


def test_advice_fails_the_run_only_when_it_was_asked_to(small):
    spec = small.spec(small.requirement("ONE-001", obligation=Obligation.SHOULD), small.requirement("TWO-001"))
    rules = {**small.rules("ONE-001"), "TWO-001": small.rule("TWO-001", lambda h, e, s: holds(e))}
    lenient = small.run(BAD, spec, rules, terms=Terms(spec.profiles[0]))
    strict = small.run(BAD, spec, rules, terms=Terms(spec.profiles[0], strict=True))

    assert (lenient.rows[0].standing, lenient.verdict) == (Standing.ADVISORY, RunVerdict.PASS)
    assert (strict.rows[0].standing, strict.verdict) == (Standing.ADVISORY, RunVerdict.FAIL)
    assert strict.reasons == ("ONE-001 (What ONE-001 says), which is advice, was broken once",)


def test_a_row_that_was_declared_away_prints_the_declaration(small):
    spec = small.spec(small.requirement("ONE-001"))
    terms = Terms(spec.profiles[0], not_applicable={"ONE-001": "no stations are used"})
    row = small.run(OK, spec, small.rules("ONE-001"), terms=terms).rows[0]

    assert (row.standing, row.reason, row.earl) == ("NOT_APPLICABLE", "no stations are used", "inapplicable")


def test_what_was_declared_away_and_is_broken_all_the_same_fails(small):
    spec = small.spec(small.requirement("ONE-001"), small.requirement("TWO-001"))
    rules = {**small.rules("ONE-001"), "TWO-001": small.rule("TWO-001", lambda h, e, s: holds(e))}
    ledger = small.run(BAD, spec, rules, terms=Terms(spec.profiles[0], not_applicable={"ONE-001": "no stations"}))

    assert (ledger.rows[0].standing, ledger.verdict) == ("FAIL", "FAIL")
    assert [finding.requirement for finding in ledger.findings] == ["ONE-001"]


def test_terms_travel_through_a_header(small):
    spec = small.spec(small.requirement("ONE-001"))
    terms = Terms(spec.profiles[0], (WAIVER,), {"ONE-001": "x"}, strict=True, on="2025-01-01")

    assert terms_from(json.loads(json.dumps(terms_header(terms))), spec) == terms


def test_an_unknown_profile_is_told_with_those_that_exist(small):
    with pytest.raises(ValueError, match=r"'large' is not in small-1\.0; expected small"):
        terms_from({}, small.spec(small.requirement("ONE-001")), "large")


def taking(*takes):
    order = iter(takes)
    return {"LETTER-CASE": Observer("LETTER-CASE", ("list_stations",), lambda h, e, s: next(order), ())}


def test_a_subject_that_takes_two_readings_is_inconsistent(one):
    finding = one(OK * 3, watching=taking("upper", "lower", "upper")).findings[0]

    assert (finding.reading, finding.requirement, finding.standing) == ("LETTER-CASE", "", Standing.ADVISORY)
    assert finding.observed == "lower (exchange 3) and upper (exchange 2)"
    assert finding.whose is Whose.GUIDE


def test_a_reading_that_no_conforming_subject_takes_is_a_finding_that_fails_no_row(one):
    ledger = one(OK, watching=taking("none"))

    assert ledger.findings[0].expected == "one of upper, lower"
    assert ledger.verdict is RunVerdict.PASS


def test_one_conforming_reading_throughout_is_no_finding(one):
    assert one(OK * 2, watching=taking("lower", "lower")).findings == ()


@pytest.mark.parametrize(
    ("sketch", "takes", "standing"),
    [
        (SILENT, ("upper",), "NOT_APPLICABLE"),
        (SILENT, ("lower",), "NOT_OBSERVED"),
        (SILENT * 2, ("upper", "lower"), "NOT_OBSERVED"),
        (OK, ("upper",), "PASS"),
        (BAD, ("upper",), "FAIL"),
    ],
)
def test_what_a_reading_leaves_nothing_to_judge_of_does_not_apply(one, small, sketch, takes, standing):
    row = small.requirement("ONE-001", moot_under=(("LETTER-CASE", "upper"),))
    ledger = one(sketch, row=row, watching=taking(*takes))
    assert ledger.rows[0].standing == standing


def test_it_says_under_which_reading(one, small):
    row = small.requirement("ONE-001", moot_under=(("LETTER-CASE", "upper"),))
    assert one(SILENT, row=row, watching=taking("upper")).rows[0].reason == (
        "nothing to judge under the reading that the server takes (LETTER-CASE: upper)"
    )


def test_statuses_are_listed_whether_provoked_or_not(one, real_spec):
    started = call("create_patient", integration_id="A", last_name="Fox", operation=1)
    ledger = one(started + poll(1, "processed") * 2)
    by_name = {status.name: status for status in ledger.statuses}

    assert (by_name["processed"].answers, by_name["processed"].operations, by_name["processed"].first) == (2, 1, 3)
    assert by_name["removed"].answers == 0
    assert len(ledger.statuses) == len(real_spec.statuses)


def test_a_status_that_the_guide_does_not_know_is_listed_without_a_name(one):
    strange = call("get_status", operation=1, answer={"operation": guid(1), "code": 77, "description": "?"})

    assert [(s.code, s.name) for s in one(strange).statuses if s.answers] == [(77, "")]


def test_calls_are_counted_by_how_they_ended(one):
    ledger = one(OK * 2 + BAD + OK.lost() + OK.but(target="/elsewhere"))
    stations = next(method for method in ledger.methods if method.role == "list_stations")

    assert (stations.calls, stations.succeeded, stations.refused, stations.lost) == (4, 2, 1, 1)
    assert ledger.other_calls == 1


def test_what_the_run_tells_of_itself_is_in_the_ledger(one):
    assert one(note(NoteKind.RUN, seed="7"), about={"subject": "a server"}).about == {
        "seed": "7",
        "subject": "a server",
    }


def test_a_ledger_reads_back_from_its_text(one):
    ledger = one(OK + BAD * 2 + OPEN, watching=taking("upper", "lower", "none", "none"))

    assert ledger_from_json(ledger.to_json()) == ledger


def test_the_text_of_a_ledger_depends_on_its_content_alone(one):
    assert one(OK + BAD, about={"a": "1", "b": "2"}).to_json() == one(OK + BAD, about={"b": "2", "a": "1"}).to_json()


def test_a_ledger_follows_its_schema(one, real_spec):
    schema = json.loads((real_spec.folder / "ledger.schema.json").read_text(encoding="utf-8"))
    skipped = note(NoteKind.SKIPPED, play="p", reason="r", aims="ONE-001")
    ledger = one(OK + BAD + skipped, watching=taking("upper", "lower"))

    assert list(jsonschema_rs.validator_for(schema).iter_errors(json.loads(ledger.to_json()))) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "threedd-ledger", "version": 9}', "nonsense"])
def test_what_is_no_ledger_is_told(text):
    with pytest.raises(LedgerError, match=r"give the ledger.json|Judge the journal again"):
        ledger_from_json(text)
