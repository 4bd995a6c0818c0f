"""How grave a breach is; and that rows which rest on the field never count towards a verdict."""

import pytest

from conformance.judge import Gravity, RunVerdict, Standing, Terms, gravity
from conformance.rules import breaks
from conformance.spec import Axis, Obligation
from conformance.trace import NoteKind, call, note

LISTED = call("list_stations", answer=[])


@pytest.mark.parametrize(
    ("obligation", "harm", "axis", "found"),
    [
        ("must", "erased", "guide", Gravity.GRAVE),
        ("must", "leaked", "guide", Gravity.GRAVE),
        ("must", "lost", "guide", Gravity.SERIOUS),
        ("must", "nuisance", "guide", Gravity.MODERATE),
        ("must", "", "guide", Gravity.MODERATE),
        ("should", "mixed-up", "guide", Gravity.MINOR),
        ("should", "nuisance", "guide", Gravity.ADVICE),
        ("should", "erased", "field", Gravity.ADVICE),
    ],
)
def test_gravity_is_obligation_times_harm(obligation, harm, axis, found):
    assert gravity(obligation, harm, axis) is found


def test_a_broken_row_of_the_field_fails_nobody_not_even_strictly(small):
    rows = (
        small.requirement("ONE-001"),
        small.requirement("FLD-001", obligation=Obligation.SHOULD, axis=Axis.FIELD),
    )
    broken = small.rule("FLD-001", lambda h, e, s: breaks("expected peace", "observed war", e))
    ledger = small.run(
        LISTED, small.spec(*rows), small.rules("ONE-001") | {"FLD-001": broken}, terms=Terms(strict=True)
    )

    assert ledger.verdict is RunVerdict.PASS
    assert (ledger.row("FLD-001").standing, ledger.row("FLD-001").axis) == (Standing.ADVISORY, "field")


def test_clean_tries_are_counted_for_stimuli_that_were_drawn_at_random(small):
    sketch = note(NoteKind.RUN, generators="machine schemathesis") + LISTED * 3
    spec, rules = small.spec(small.requirement("ONE-001")), small.rules("ONE-001")

    assert small.run(sketch, spec, rules, play="machine").row("ONE-001").generated == 3
    assert small.run(sketch, spec, rules, play="a.play").row("ONE-001").generated == 0
