"""What a command line says beside other uses of it: ids of the PMS's own, changes, and who is passed on for whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from conformance.rules.catalogue import INVOCATION, rule
from conformance.rules.command_line_sketches import sent
from conformance.rules.invoked import given, spelt, whole
from conformance.rules.verdict import Verdict, breaks, holds
from conformance.spec import Spec
from conformance.trace import History, Invocation, Note, NoteKind, Order, done, invoke, order
from conformance.trace.fitting import BY_COMMAND_LINE

PATIENT_ID = "patient_id"
CHANGEABLE = ("last_name", "first_name", "birth_date", PATIENT_ID)
FOX, ROE = {"last_name": "Fox"}, {"last_name": "Roe"}
_FOX, _ROE = invoke("-integration_id=A", "-last_name=Fox"), invoke("-integration_id=B", "-last_name=Roe")
_NOUGHT = invoke("-integration_id=A", "-last_name=Fox", "-patient_id=0")
_NOUGHT_TOO = invoke("-integration_id=B", "-last_name=Roe", "-patient_id=0")


@rule(
    "CLI-041",
    judges=INVOCATION,
    accepts=[
        sent(_NOUGHT, **FOX) + sent(_NOUGHT, name="2", **FOX),
        sent(_NOUGHT, **FOX) + sent(invoke("-last_name=Roe", "-patient_id=1"), name="2", person="18", **ROE),
        sent(_NOUGHT, **FOX) + order("reset") + done() + sent(_FOX, name="2", **FOX) + sent(_NOUGHT, name="3", **FOX),
    ],
    rejects=[
        sent(_NOUGHT, **FOX) + sent(_NOUGHT_TOO, name="2", person="18", **ROE),
        sent(_NOUGHT, **FOX, patient_id="0") + sent(_NOUGHT_TOO, name="2", person="18", **ROE),
        sent(_NOUGHT, **FOX, patient_id="0") + sent(_NOUGHT, name="2", **FOX),
    ],
    ignores=[
        sent(_NOUGHT, **FOX),
        sent(_NOUGHT, **FOX, patient_id="0") + sent(_NOUGHT_TOO, name="2", person="18", **ROE, patient_id="0"),
        sent(_FOX, **FOX) + sent(_ROE, name="2", person="18", **ROE),
        _NOUGHT + _NOUGHT_TOO,
        sent(_NOUGHT, **FOX, patient_id="0") + sent(_NOUGHT + _FOX, name="2", **FOX),
        sent(_NOUGHT, **FOX) + order("reset") + done() + sent(_NOUGHT_TOO, name="2", person="18", **ROE),
    ],
)
def a_made_up_patient_id_is_of_its_own(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """A number for everybody, or for whoever came before, makes two patients one. Words for nothing have a rule."""
    told, value = history.orders.of(invocation), _own_id(history, invocation, spec)
    if told is None or not value or not _without_id(told):
        return None
    former = list(_before(history, told))
    other = next((each for each in former if each.person != told.person and value in _ids(each, spec)), None)
    if other is not None:
        expected = f"no {spelt(PATIENT_ID, spec)} where the record has none, or one of the patient's own"
        return breaks(expected, "that of another patient", other.begin, *other.invocations[:1], told.begin, invocation)
    taken_away = value in _recorded(told, former)
    return holds(told.begin, invocation) if former and not taken_away else None


@a_made_up_patient_id_is_of_its_own.at_end
def the_id_that_was_taken_away_was_sent(history: History, spec: Spec) -> Iterator[Verdict]:
    """By each use for the order: a single one may be late, and of the order before."""
    for told in history.orders.all:
        uses = [each for each in (*told.invocations, *told.belated) if isinstance(each, Invocation)]
        former = list(_before(history, told)) if _without_id(told) else []
        before = _recorded(told, former)
        if before and uses and all(_own_id(history, each, spec) in before for each in uses):
            had = next(each for each in former if each.person == told.person and each.data.get(PATIENT_ID))
            expected = f"no {spelt(PATIENT_ID, spec)}, which the record lacks"
            observed = "the one that was taken away"
            yield breaks(expected, observed, had.begin, *had.invocations[:1], told.begin, uses[-1])


def _without_id(told: Order) -> bool:
    return told.does == BY_COMMAND_LINE and bool(told.person) and not told.data.get(PATIENT_ID)


def _own_id(history: History, used: Invocation, spec: Spec) -> str:
    """The patient id that is given; '' for none, and for a word that stands for none."""
    found = whole(history, used, PATIENT_ID, spec)
    return found.value.strip() if found is not None and not found.has("placeholder") else ""


def _recorded(told: Order, former: Iterable[Order]) -> set[str]:
    """Patient ids that the record of this patient had before."""
    return {each.data.get(PATIENT_ID, "") for each in former if each.person == told.person} - {""}


def _before(history: History, told: Order) -> Iterator[Order]:
    """Orders for some patient before this one, since the PMS was last made to forget everything."""
    resets = [each.begin.number for each in history.orders.all if each.does == "reset"]
    since = max((number for number in resets if number < told.begin.number), default=0)
    named = (each for each in history.orders.all if each.does == BY_COMMAND_LINE and each.person)
    return (each for each in named if since < each.begin.number < told.begin.number)


def _ids(told: Order, spec: Spec) -> set[str]:
    """Patient ids that the record of this order has, or that were sent for it."""
    used = [each for use in told.invocations for each in given(use, PATIENT_ID, spec)]
    return {told.data.get(PATIENT_ID, ""), *(each.value.strip() for each in used)}


@rule(
    "CLI-042",
    judges=NoteKind.ORDER,
    accepts=[
        sent(_FOX, **FOX) + sent(invoke("-integration_id=A", "-last_name=Roe"), name="2", **ROE),
        sent(_FOX, **FOX)
        + (order(BY_COMMAND_LINE, "2", person="17") + done("refused", name="2"))
        + sent(invoke("-integration_id=A", "-last_name=Roe"), name="3", **ROE),
    ],
    rejects=[sent(_FOX, **FOX) + order(BY_COMMAND_LINE, "2", person="17", **ROE) + done("refused", name="2")],
    ignores=[
        sent(_FOX, **FOX) + order(BY_COMMAND_LINE, "2", person="17", **FOX) + done("refused", name="2"),
        sent(_FOX, **FOX) + order(BY_COMMAND_LINE, "2", person="18", **ROE) + done("refused", name="2"),
        sent(_FOX, **FOX) + order(BY_COMMAND_LINE, "2", person="17", **ROE) + done("failed", name="2"),
        order(BY_COMMAND_LINE, "2", person="17", **FOX) + done("refused", name="2"),
    ],
)
def a_change_can_be_passed_on(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Kept by one that was. Some may be refused for what they change: broken is told at the end, where all are."""
    told = history.orders.told_by(note)
    return holds(note) if told is not None and told.end is note and told.used and _changed(history, told) else None


@a_change_can_be_passed_on.at_end
def every_change_was_refused(history: History, spec: Spec) -> Iterator[Verdict]:
    changes = [told for told in history.orders.all if _changed(history, told)]
    refused = [told for told in changes if told.answer == "refused" and not told.used]
    if refused and not any(told.used for told in changes):
        expected = "a changed patient passed on like a new one"
        yield breaks(expected, "each change refused", refused[0].begin, refused[0].end or refused[0].begin)


def _changed(history: History, told: Order) -> bool:
    """True for an order about a patient who was passed on before with other data."""
    if told.does != BY_COMMAND_LINE or not told.person:
        return False
    former = [each for each in _before(history, told) if each.person == told.person and each.used]
    return bool(former) and any(told.data.get(role, "") != former[-1].data.get(role, "") for role in CHANGEABLE)


@rule(
    "CLI-043",
    judges=NoteKind.ORDER,
    accepts=[
        sent(_FOX, **FOX) + sent(_ROE, name="2", person="18", **ROE),
        sent(_FOX + _FOX, **FOX),
        order(BY_COMMAND_LINE, "1", person="17", **FOX) + done() + sent(_FOX + _ROE, name="2", person="18", **ROE),
    ],
    rejects=[sent(_FOX, **FOX) + sent(_FOX + _ROE, name="2", person="18", **ROE)],
    ignores=[
        _FOX + _ROE,
        order(BY_COMMAND_LINE, person="17", **FOX) + done("refused"),
    ],
)
def nobody_else_is_passed_on(history: History, note: Note, spec: Spec) -> Verdict | None:
    """Each use opens its patient at the screen. One that comes late is excused, unless it came before as well."""
    told = history.orders.told_by(note)
    if told is None or told.end is not note or told.does != BY_COMMAND_LINE or not told.invocations:
        return None
    for each in told.aside:
        former = history.orders.repeated(each)
        if former is None or former.person == told.person:
            continue
        observed = "the one before passed on once more"
        return breaks("the patient alone whom the user sends", observed, former.begin, told.begin, each)
    return holds(told.invocations[-1], note)
