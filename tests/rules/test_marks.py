"""A rule that is not asked has nothing to say: marks only spare the asking."""

import pytest

from conformance.judge import Monitor
from conformance.rules import EVERY, catalogue, observers
from conformance.rules import marks as marks_module
from conformance.rules.marks import Mark, about, end_at_server, end_of, given, marks, says
from conformance.spec import default_folder, load
from conformance.trace import Exchange, History, call, fresh, poll, realise

SPEC = load(default_folder())
MARKED_RULES = [rule for rule in catalogue().values() if rule.when]
MARKED_OBSERVERS = [observer for observer in observers().values() if observer.when]
ALL = [
    pytest.param([*rule.accepts, *rule.rejects, *rule.ignores], id=rule.id)
    for rule in catalogue().values()
    if "get_status" in rule.judges or rule.when
]
CREATE = fresh("A") + call("create_patient", integration_id="A", last_name="Fox", operation=1)
DONE = poll(1, "processed")


def born(witness):
    """The marks of the last exchange of a witness."""
    history = History(SPEC)
    seen = [history.append(event) for event in realise(witness, SPEC)]
    return marks(history, seen[-1])


def concerned(watchers, exchange, shown):
    """Those that are triggered by such calls and would not be asked about this one."""
    called = [watcher for watcher in watchers if exchange.role in watcher.judges or EVERY in watcher.judges]
    return [watcher for watcher in called if watcher.when.isdisjoint(shown)]


def unasked_that_speak(witness):
    history, found = History(SPEC), set()
    for event in realise(witness, SPEC):
        seen = history.append(event)
        if isinstance(seen, Exchange):
            shown = marks(history, seen)
            rules, watching = concerned(MARKED_RULES, seen, shown), concerned(MARKED_OBSERVERS, seen, shown)
            found |= {rule.id for rule in rules if rule.judge(history, seen, SPEC) is not None}
            found |= {observer.id for observer in watching if observer.observe(history, seen, SPEC) is not None}
    return found


@pytest.mark.parametrize("witnesses", ALL)
def test_who_is_not_asked_has_nothing_to_say(witnesses):
    assert [unasked_that_speak(witness) for witness in witnesses] == [set()] * len(witnesses)


def test_a_status_bears_the_marks_of_what_it_shows():
    assert {about("create_patient"), says("processed"), end_of("create_patient")} <= born(CREATE + DONE)


def test_a_status_on_the_way_shows_no_end():
    assert end_of("create_patient") not in born(CREATE + poll(1, "awaiting"))


def test_an_end_at_the_server_is_told_from_one_at_a_station():
    at_station = call("create_patient", integration_id="A", last_name="Fox", station=7, operation=1)
    assert end_at_server("create_patient") in born(CREATE + DONE)
    assert end_at_server("create_patient") not in born(fresh("A") + at_station + DONE)


def test_a_look_under_an_unused_id_names_nothing():
    assert Mark.NAMES_NOTHING in born(CREATE + poll(2, "operation_unknown"))


def test_a_parameter_without_a_value_is_not_given():
    assert given("created_from") not in born(call("find_cases", integration_id="A", created_from=""))


def test_a_call_without_credentials_is_unsigned():
    assert Mark.UNSIGNED in born(call("list_stations").but(authorization=None))


def test_every_rule_is_asked_where_the_marks_cannot_be_told(monkeypatch):
    def broken(*_):
        raise RuntimeError("marks")

    monkeypatch.setattr(marks_module, "told", broken)
    monitor = Monitor(SPEC, {"POOL-009": catalogue()["POOL-009"]})
    judged = [judgement for event in realise(CREATE + DONE, SPEC) for judgement in monitor.feed(event)]
    assert [judgement.requirement for judgement in judged if judgement.requirement == "POOL-009"] == ["POOL-009"]
