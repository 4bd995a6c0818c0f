"""The monitor: who is judged by what, and what happens when a rule breaks."""

from dataclasses import replace

import pytest

from conformance.judge import Standing, Terms
from conformance.rules import EVERY, Observer, Result, breaks, holds, undecided
from conformance.spec import Binds, JudgedBy, Obligation
from conformance.trace import NoteKind, Oddity, call, note, poll

OK = call("list_stations", answer=[])


def kept(history, event, spec):
    return holds(event)


@pytest.fixture
def row(small):
    return small.requirement("ONE-001")


def results(judgements):
    return [(j.requirement, j.verdict.result) for j in judgements]


def fed(small, spec, rules, sketch, who="sketch", **settings):
    monitor = small.monitor(spec, rules, **settings)
    return [judgement for event in small.events(sketch, who) for judgement in monitor.feed(event)]


def test_an_exchange_is_judged_by_the_rules_of_its_method(small, row):
    judgements = fed(small, small.spec(row), small.rules("ONE-001"), OK + call("get_status", operation=1))

    assert results(judgements) == [("ONE-001", Result.PASS)]
    assert judgements[0].number == 2


def test_a_rule_for_every_exchange_is_asked_about_calls_of_no_method_too(small, row):
    rules = {"ONE-001": small.rule("ONE-001", kept, [EVERY])}

    assert len(fed(small, small.spec(row), rules, OK + call("list_stations").but(target="/elsewhere"))) == 2


def test_a_call_written_oddly_is_judged_by_the_rule_that_probes_it_alone(small, row):
    rules = {
        "ONE-001": small.rule("ONE-001", kept),
        "TWO-001": replace(small.rule("TWO-001", kept), probes=Oddity.ORDER),
    }
    spec = small.spec(row, small.requirement("TWO-001"))
    judgements = fed(small, spec, rules, OK.probe("order", "1", "twin") + OK.probe("order", "1", "reversed"))

    assert [(j.number, j.requirement) for j in judgements] == [(2, "ONE-001"), (2, "TWO-001"), (3, "TWO-001")]


def test_so_is_the_status_of_an_operation_that_it_started(small, row):
    rules = {
        "ONE-001": small.rule("ONE-001", kept, ["get_status"]),
        "TWO-001": replace(small.rule("TWO-001", kept, ["get_status"]), probes=Oddity.ORDER),
    }
    spec = small.spec(row, small.requirement("TWO-001"))
    odd = call("create_patient", integration_id="A", last_name="Fox", operation=1).probe("order", "1", "reversed")

    assert [j.requirement for j in fed(small, spec, rules, odd + poll(1, "processed"))] == ["TWO-001"]


def test_a_rule_for_notes_is_asked_about_notes_of_its_kind_only(small, row):
    rules = {"ONE-001": small.rule("ONE-001", kept, [NoteKind.TLS])}
    judgements = fed(small, small.spec(row), rules, note(NoteKind.TLS, agreed="TLSv1.2") + note(NoteKind.RUN) + OK)

    assert [j.number for j in judgements] == [2]


def test_a_rule_that_raises_is_an_error_with_its_text(small, row):
    judgements = fed(small, small.spec(row), small.rules("ONE-001"), OK.but(http_status=302, content=None))

    assert results(judgements) == [("ONE-001", Result.ERROR)]
    assert judgements[0].verdict.observed == "the rule broke: KeyError: 302"


def test_the_run_goes_on_after_a_rule_broke(small, row):
    judgements = fed(small, small.spec(row), small.rules("ONE-001"), OK.but(http_status=302, content=None) + OK)

    assert results(judgements) == [("ONE-001", Result.ERROR), ("ONE-001", Result.PASS)]


@pytest.mark.parametrize("who", ["suite", "schemathesis"])
def test_a_row_that_binds_the_pms_is_not_offered_our_own_calls(small, who):
    spec = small.spec(small.requirement("ONE-001", Binds.PMS), binds=Binds.PMS)

    assert fed(small, spec, small.rules("ONE-001"), OK, who) == []


@pytest.mark.parametrize(("binds", "who"), [(Binds.PMS, "pms"), (Binds.SERVER, "suite"), (Binds.BOTH, "suite")])
def test_a_row_is_offered_what_its_party_had_a_hand_in(small, binds, who):
    spec = small.spec(small.requirement("ONE-001", binds))

    assert len(fed(small, spec, small.rules("ONE-001"), OK, who)) == 1


def test_a_rule_without_a_row_in_this_spec_is_left_alone(small, row):
    assert fed(small, small.spec(row), small.rules("ONE-001", "OLD-001"), OK)[0].requirement == "ONE-001"


def test_a_row_that_nobody_judges_is_not_judged_by_a_stray_rule(small):
    spec = small.spec(small.requirement("ONE-001", judged_by=JudgedBy.NOBODY, reason="cannot be seen at all"))

    assert fed(small, spec, small.rules("ONE-001"), OK) == []


def test_what_should_have_happened_is_asked_once_at_the_end(small, row):
    asked = []
    rules = {"ONE-001": small.rule("ONE-001", kept, [], end=lambda history, spec: asked.append(1) or [holds(2)])}
    monitor = small.monitor(small.spec(row), rules)
    [monitor.feed(event) for event in small.events(OK)]

    assert monitor.finish() is monitor.finish()
    assert asked == [1]
    assert monitor.finish().row("ONE-001").standing is Standing.PASS


def test_an_end_that_raises_is_an_error_after_what_it_said_before(small, row):
    def end(history, spec):
        yield holds(2)
        raise RuntimeError("lost the thread")

    counts = small.run(OK, small.spec(row), {"ONE-001": small.rule("ONE-001", kept, [], end)}).row("ONE-001").counts

    assert (counts.passed, counts.errors) == (1, 1)


def test_at_the_end_the_pms_does_not_answer_for_our_own_calls(small):
    spec = small.spec(small.requirement("ONE-001", Binds.PMS), binds=Binds.PMS)
    rules = {"ONE-001": small.rule("ONE-001", kept, [], end=lambda history, spec: [holds(2)])}

    assert small.run(OK, spec, rules, who="suite").row("ONE-001").counts.triggered == 0


def test_a_recording_cut_short_is_not_asked_what_should_have_happened(small, row):
    rules = {"ONE-001": small.rule("ONE-001", kept, [], end=lambda history, spec: [holds(2)])}
    monitor = small.monitor(small.spec(row), rules)

    assert monitor.finish(cut_short=True).row("ONE-001").standing is Standing.NOT_OBSERVED


def test_nothing_is_fed_after_the_end(small, row):
    monitor = small.monitor(small.spec(row), {})
    monitor.finish()

    with pytest.raises(ValueError, match="came after finish"):
        monitor.feed(small.events(OK)[0])


def test_the_ledger_can_be_looked_at_before_the_end(small, row):
    monitor = small.monitor(small.spec(row), small.rules("ONE-001"))

    assert monitor.ledger().row("ONE-001").standing is Standing.NOT_OBSERVED
    [monitor.feed(event) for event in small.events(OK)]
    assert monitor.ledger().row("ONE-001").standing is Standing.PASS


def test_unobserved_are_the_mandatory_rows_without_a_decision(small):
    spec = small.spec(
        small.requirement("ONE-001"),
        small.requirement("TWO-001"),
        small.requirement("OPT-001", obligation=Obligation.SHOULD),
        small.requirement("NOT-001", judged_by=JudgedBy.NOBODY, reason="cannot be seen at all"),
    )
    monitor = small.monitor(spec, small.rules("ONE-001", "TWO-001"))
    before = monitor.unobserved()
    [monitor.feed(event) for event in small.events(OK)]

    assert [row.id for row in before] == ["ONE-001", "TWO-001"]
    assert monitor.unobserved() == ()


def test_an_undecided_row_is_still_unobserved(small, row):
    rules = {"ONE-001": small.rule("ONE-001", lambda history, event, spec: undecided("who knows", event))}
    monitor = small.monitor(small.spec(row), rules)
    [monitor.feed(event) for event in small.events(OK)]

    assert monitor.unobserved() == (row,)


def test_a_row_that_was_declared_not_applicable_is_not_waited_for(small, row):
    spec = small.spec(row)
    terms = Terms(spec.profiles[0], not_applicable={"ONE-001": "no stations"})

    assert small.monitor(spec, {}, terms=terms).unobserved() == ()


def test_an_observer_is_fed_like_a_rule(small, row):
    seen = {"LETTER-CASE": Observer("LETTER-CASE", ("list_stations",), lambda h, e, s: "upper", ())}
    reading = small.run(OK * 2 + call("get_status"), small.spec(row), {}, watching=seen).readings[0]

    assert [(s.take, s.count, s.first) for s in reading.seen] == [("upper", 2, 2)]


def test_an_observer_that_raises_is_our_fault(small, row):
    seen = {"LETTER-CASE": Observer("LETTER-CASE", (EVERY,), lambda h, e, s: {}["x"], ())}
    finding = small.run(OK, small.spec(row), {}, watching=seen).findings[0]

    assert (finding.reading, finding.whose, finding.standing) == ("LETTER-CASE", "ours", "ERROR")


def test_a_play_is_carried_from_the_exchange_to_the_judgement(small, row):
    monitor = small.monitor(small.spec(row), small.rules("ONE-001"))
    event = replace(small.events(OK)[1], play="stations.list")

    assert (monitor.feed(event)[0].play, monitor.feed(event)[0].who) == ("stations.list", "sketch")


def test_a_server_is_not_blamed_for_an_answer_that_was_spoilt(small):
    spec = small.spec(small.requirement("ONE-001"))
    spoilt = call("list_stations", answer=[]).refused(400).but(disturbed="http-400")

    assert small.run(spoilt, spec, small.rules("ONE-001")).rows[0].standing == "NOT_OBSERVED"


def test_nor_for_what_rests_on_one(small):
    spec = small.spec(small.requirement("ONE-001"))
    spoilt = call("list_stations", answer=[]).but(disturbed="truncated")

    def compared(history, exchange, spec):
        return breaks("the same", "something else", *history.exchanges) if len(history.exchanges) > 1 else None

    rules = {"ONE-001": small.rule("ONE-001", compared)}
    assert small.run(spoilt + call("list_stations", answer=[]), spec, rules).rows[0].standing == "NOT_OBSERVED"


def test_a_pms_answers_for_what_it_does_when_an_answer_was_spoilt(small):
    spec = small.spec(small.requirement("ONE-001", binds=Binds.PMS))
    spoilt = call("list_stations", answer=[]).refused(400).but(disturbed="http-400")

    assert small.run(spoilt, spec, small.rules("ONE-001")).rows[0].standing == "FAIL"
