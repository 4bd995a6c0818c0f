"""What was followed before is gone on from, and nobody can tell by the answer."""

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.rules.patient_sketches import made, makes_new, mapped, maps_existing, saves
from conformance.spec import load
from conformance.trace import Button, History, NoteKind, Recorded, at_once, call, fresh, note, poll, realise, writes

SPEC = load()
PRESSES = (saves, makes_new, *(partial(maps_existing, then=button) for button in (Button.APPLY, Button.KEEP)))
LATE = (fresh("A"), mapped("A", "Ann", "Fox"), note(NoteKind.FOREIGN, why="another PMS"))
ENDS = st.sampled_from(
    ["processed"] * 6 + ["rejected_by_operator", "patient_id_taken", "integration_id_taken", "integration_id_unknown"]
)
ROLES = st.sampled_from(["update_patient", "update_patient", "create_patient"])
WRITE = st.fixed_dictionaries(
    {"first_name": st.sampled_from(["Ann", "Eve"]), "patient_id": st.sampled_from(["P", "P", "Q", ""])},
    optional={"station": st.just(7)},
)


@st.composite
def stories(draw):
    """Writes to one patient, most of which are seen to end at once; some end later, and some things are told late."""
    story = draw(st.sampled_from([made("A"), mapped("A", "Ann", "Fox", "P"), fresh("A")]))
    for operation in range(1, draw(st.integers(2, 12))):
        write = call(draw(ROLES), operation=operation, last_name="Fox", integration_id="A", **draw(WRITE))
        other = call("create_patient", operation=operation + 50, last_name="Fox", integration_id="A")
        story += at_once(write, other) if draw(st.integers(0, 9)) == 0 else write
        for about in [operation] * draw(st.integers(0, 9).map(bool)) + draw(LATER):
            story += draw(st.sampled_from(PRESSES))(about) if draw(st.booleans()) else call("list_stations", answer=[])
            story += poll(about, draw(ENDS))
        story += draw(st.sampled_from([NOW] * 20 + [late + NOW for late in LATE]))
    return story


LATER = st.lists(st.sampled_from([*range(1, 8), 51, 52, 53]), max_size=1)
NOW = call("list_stations", answer=[])


@given(stories())
@settings(max_examples=100, deadline=None)
def test_a_course_is_the_same_from_the_beginning_and_from_where_it_was_kept(story):
    events = realise(story, SPEC, raw=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writes, "LATEST", 1)
        kept = list(_answers(events))
        patch.setattr(writes, "LATEST", 1_000)
        assert kept == list(_answers(events))


def _answers(events):
    """After every call, what is known of the patient and of both visible ids."""
    history = History(SPEC)
    for event in events:
        seen = history.append(event)
        if not isinstance(event, Recorded):
            continue
        names = history.proofs.names("A", seen)
        yield names and (names.first, names.evidence, [o.number for o in names.since], names.former)
        for visible in "PQ":
            held = history.proofs.patient_id(visible, seen)
            yield held.state, held.holder, held.evidence, [o.number for o in (*held.since, *held.without_effect)]
