"""Every rule against its own witnesses, and against those of all others."""

import pytest

from conformance.judge import Monitor
from conformance.rules import EVERY, HANDOVER, INVOCATION, catalogue, observers
from conformance.rules.shape_witnesses import shape_witnesses
from conformance.rules.shapes import shapes
from conformance.spec import Binds, JudgedBy, Profile, default_folder, load
from conformance.trace import NoteKind, Sketch, realise

SPEC = load(default_folder())
RULES = catalogue()
OBSERVERS = observers()
SHAPES = shapes(SPEC)
NO_PROFILE = Profile("none", "only what was triggered", Binds.BOTH, (), frozenset())


def judged(witness, rules=None, profile=None):
    """All judgements of a witness, and the ledger at its end."""
    monitor = Monitor(SPEC, rules, profile)
    results = [judgement for event in realise(witness, SPEC) for judgement in monitor.feed(event)]
    return results, monitor.finish()


def counts(witness, row):
    """(passed, failed) of one row after the witness."""
    _, ledger = judged(witness, {row: RULES[row]} if row in RULES else {}, NO_PROFILE)
    found = [r.counts for r in ledger.rows if r.id == row]
    return (found[0].passed, found[0].failed) if found else (0, 0)


def crashes(witness):
    """What broke on the witness, of any rule or observer."""
    _, ledger = judged(witness)
    return [(f.requirement or f.reading, f.observed) for f in ledger.findings if f.whose == "ours"]


def cases(kind):
    return [
        pytest.param(rule.id, witness, id=f"{rule.id}-{index}")
        for rule in RULES.values()
        if rule.id in SPEC.requirement
        for index, witness in enumerate(getattr(rule, kind), start=1)
    ]


def shape_cases(kind):
    return [
        pytest.param(shape.row.id, witness, id=f"{shape.row.id}-{index}")
        for shape in SHAPES
        for index, witness in enumerate(getattr(shape_witnesses(shape, SPEC), kind), start=1)
    ]


ALL = [
    pytest.param([*rule.accepts, *rule.rejects, *rule.ignores], id=rule.id)
    for rule in RULES.values()
    if rule.id in SPEC.requirement
]
SHOWN = [
    pytest.param(observer.id, witness, take, id=f"{observer.id}-{index}")
    for observer in OBSERVERS.values()
    if observer.id in SPEC.reading
    for index, (witness, take) in enumerate(observer.shows, start=1)
]


@pytest.mark.parametrize(("row", "witness"), [*cases("accepts"), *shape_cases("accepts")])
def test_a_rule_keeps_what_it_accepts(row, witness):
    passed, failed = counts(witness, row)

    assert passed >= 1
    assert failed == 0


@pytest.mark.parametrize(("row", "witness"), [*cases("rejects"), *shape_cases("rejects")])
def test_a_rule_breaks_on_what_it_rejects(row, witness):
    assert counts(witness, row)[1] >= 1


@pytest.mark.parametrize(("row", "witness"), [*cases("ignores"), *shape_cases("ignores")])
def test_a_rule_is_silent_on_what_it_ignores(row, witness):
    assert counts(witness, row) == (0, 0)


@pytest.mark.parametrize("witnesses", ALL)
def test_no_rule_crashes_on_the_witnesses_of_any(witnesses):
    assert crashes(sum((w if isinstance(w, Sketch) else w(SPEC) for w in witnesses), Sketch(()))) == []


@pytest.mark.parametrize(("reading", "witness", "take"), SHOWN)
def test_an_observer_tells_the_take_that_a_witness_shows(reading, witness, take):
    _, ledger = judged(witness)
    seen = next(r.seen for r in ledger.readings if r.id == reading)

    assert [s.take for s in seen] == ([take] if take else [])


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_has_a_row_that_leaves_the_judging_to_it(rule):
    assert rule.id in SPEC.requirement
    assert SPEC.requirement[rule.id].judged_by is JudgedBy.RULE


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_has_witnesses_on_both_sides(rule):
    assert rule.accepts
    assert rule.rejects


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_is_triggered_by_something_the_spec_knows(rule):
    known = {EVERY, HANDOVER, INVOCATION, *NoteKind, *SPEC.method}

    assert set(rule.judges) <= known
    assert rule.judges or rule.end is not None


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda r: r.id)
def test_a_rule_says_what_a_conforming_party_does(rule):
    assert rule.doc


@pytest.mark.parametrize("observer", OBSERVERS.values(), ids=lambda o: o.id)
def test_an_observer_has_a_reading_and_names_only_its_takes(observer):
    assert observer.id in SPEC.reading
    assert {take for _, take in observer.shows if take} <= set(SPEC.reading[observer.id].takes)
    assert observer.shows


@pytest.mark.parametrize("row", [r for r in SPEC.requirements if r.judged_by is JudgedBy.RULE], ids=lambda r: r.id)
def test_a_row_that_leaves_the_judging_to_a_rule_has_one(row):
    assert row.id in RULES


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.row.id)
def test_a_row_judged_by_shape_can_fail(shape):
    assert shape_witnesses(shape, SPEC).rejects
