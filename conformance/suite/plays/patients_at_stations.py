"""Patients created and updated at stations: every dialog, every button, and what each leaves behind.

Each play costs one or two operations at a station, since on a real server a person presses the buttons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from conformance.spec import Condition, Outcome, Spec
from conformance.suite.patient_steps import (
    CREATE,
    SELECT,
    UPDATE,
    Share,
    another_station,
    asks_for,
    at_station,
    backwards,
    breaking,
    created,
    named_like,
    one_of_share,
    phrase,
    shows_refusal,
    sound,
    without,
)
from conformance.suite.play import Desk, Dialog, Play, Steps, play
from conformance.suite.plays.updates import record, with_cases

UNHEARD_OF = "Quzzix"
"""No prepared patient has a last name like this, however widely a server takes similar."""

NEEDS = ("writes", "operator")
FIXTURES = (*NEEDS, "fixtures", "prepared")

SAVE = (Dialog.NEW_PATIENT, "save")
CANCEL_NEW = (Dialog.NEW_PATIENT, "cancel")
EXISTING, NEW, CANCEL_MERGE = (Dialog.MERGE, "existing"), (Dialog.MERGE, "new"), (Dialog.MERGE, "cancel")
APPLY, KEEP, CANCEL_SYNC = (Dialog.SYNC, "apply"), (Dialog.SYNC, "keep"), (Dialog.SYNC, "cancel")


def plays(spec: Spec) -> Iterable[Play]:
    """Each condition of a creation and of an update broken at a station."""
    for role, area in ((CREATE, "PAT"), (UPDATE, "UPD")):
        for outcome in spec.method[role].outcomes:
            aims = tuple(f"{area}-{number}" for number in ("014", "015", "016", "017"))
            name = f"stations.{role.replace('_', '-')}.{phrase([outcome])}"
            yield Play(name, aims, frozenset(NEEDS), partial(_broken, role=role, outcome=outcome), "")


def _broken(desk: Desk, role: str, outcome: Outcome) -> Steps:
    """One condition broken, the operator willing to go on; then put right on the server."""
    values = yield from sound(desk, role)
    wrong = yield from breaking(desk, values, [outcome], empty=False)
    yield from at_station(desk, role, [SAVE if role == CREATE else APPLY], wrong)
    if outcome.condition is not Condition.TAKEN:
        yield from asks_for(desk, values["patient_id"])
        values["patient_id"] = desk.fresh("patient_id")
    yield from desk.done(role, **values)


# -- a new patient --------------------------------------------------------------------------------------------


@play("stations.new-patient-saved", aims=("PAT-029", "PAT-030", "PAT-031"), needs=NEEDS)
def a_new_patient_is_saved(desk: Desk) -> Steps:
    """Saved at the station; then its ids are in use on the server."""
    yield from shows_refusal(desk)
    patient = desk.patient()
    yield from at_station(desk, CREATE, [SAVE], patient)
    yield from asks_for(desk, patient["patient_id"])
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    yield from desk.done(CREATE, **desk.patient(integration_id=patient["integration_id"]))


def _cancelled(merge: str | None, *, like_somebody: bool) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        patient = named_like(desk, one_of_share(desk, Share.OTHERS)) if like_somebody else desk.patient()
        values = {**patient, "merge": merge} if merge is not None else patient
        yield from at_station(desk, CREATE, [CANCEL_NEW], values)
        yield from asks_for(desk, patient["patient_id"])
        yield from desk.done(CREATE, **desk.patient(integration_id=patient["integration_id"]))

    return steps


_AIMS = ("PAT-025", "PAT-032", "PAT-033", "PAT-034")
play("stations.new-patient-cancelled", aims=("PAT-026", *_AIMS), needs=NEEDS)(_cancelled(None, like_somebody=False))
play("stations.new-patient-cancelled.namesake", aims=("PAT-026", *_AIMS), needs=FIXTURES)(
    _cancelled(None, like_somebody=True)
)
play("stations.no-merge-cancelled", aims=("PAT-027", *_AIMS), needs=FIXTURES)(_cancelled("False", like_somebody=True))


@play("stations.cancelled-at-the-second", aims=("PAT-025",), needs=(*NEEDS, "several-stations"))
def cancelled_at_the_second_station(desk: Desk) -> Steps:
    """It is the operator of the station that is named who decides."""
    patient = {**desk.patient(), "station": desk.station(1)}
    yield from at_station(desk, CREATE, [CANCEL_NEW], patient)


@play("stations.both-save", aims=("MAP-006",), needs=(*NEEDS, "several-stations"))
def both_save_the_same_id(desk: Desk) -> Steps:
    """Two stations save a patient under one integration id at the same time."""
    shared = desk.fresh("integration_id")
    operations = [desk.operation_id() for _ in range(2)]
    for index, operation in enumerate(operations):
        desk.decide(operation, desk.station(index), *SAVE)
        yield desk.send(CREATE, operation=operation, station=desk.station(index), **desk.patient(integration_id=shared))
    for operation in operations:
        yield from desk.settle(operation)


@play("stations.cancelled-upper-case", aims=("PAT-025",), needs=NEEDS)
def the_station_in_upper_case(desk: Desk) -> Steps:
    """The station's GUID in capitals is the same GUID."""
    patient = {**desk.patient(), "station": desk.station().upper()}
    yield from at_station(desk, CREATE, [CANCEL_NEW], patient)


# -- a merge --------------------------------------------------------------------------------------------------


def _merge_cancelled(merge: str) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        patient = named_like(desk, one_of_share(desk, Share.OTHERS))
        yield from at_station(desk, CREATE, [CANCEL_MERGE], {**patient, "merge": merge})
        yield from asks_for(desk, patient["patient_id"])
        yield from desk.done(CREATE, **desk.patient(integration_id=patient["integration_id"]))

    return steps


play("stations.merge-cancelled", aims=("PAT-037", "PAT-032", "PAT-033", "PAT-034"), needs=FIXTURES)(
    _merge_cancelled("True")
)


@play("stations.merge-turned-down", aims=("PAT-041", "PAT-053", "PAT-031"), needs=FIXTURES)
def a_new_patient_instead(desk: Desk) -> Steps:
    """Somebody is suggested, but the operator makes a new patient: the one suggested keeps the patient id."""
    yield from shows_refusal(desk)
    suggested = one_of_share(desk, Share.OTHERS)
    patient = named_like(desk, suggested)
    yield from at_station(desk, CREATE, [NEW], {**patient, "merge": "True"})
    yield from asks_for(desk, patient["patient_id"])
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    if suggested.get("patient_id"):
        yield from asks_for(desk, suggested["patient_id"])


@play("stations.merge-sync-cancelled", aims=("PAT-032", "PAT-033", "PAT-034", "PAT-044"), needs=FIXTURES)
def neither_old_nor_new_data(desk: Desk) -> Steps:
    """Somebody is chosen, but the dialog that compares the data is closed: nobody is mapped, as an update shows."""
    yield from desk.done(UPDATE, **desk.patient())
    patient = named_like(desk, one_of_share(desk, Share.OTHERS))
    yield from at_station(desk, CREATE, [EXISTING, CANCEL_SYNC], {**patient, "merge": "True"})
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    yield from asks_for(desk, patient["patient_id"])


@play("stations.merge-kept", aims=("FLOW-106", "PAT-039", "PAT-040", "PAT-042"), needs=FIXTURES)
def an_existing_patient_keeps_its_data(desk: Desk) -> Steps:
    """Somebody is mapped and keeps the old data: the call's patient id is nobody's, the old one is accepted.

    The wish to merge comes first in the call, as an example of the guide has it.
    """
    yield from shows_refusal(desk)
    yield from desk.done(UPDATE, **(yield from created(desk)))
    chosen = one_of_share(desk, Share.KEEPERS)
    patient = named_like(desk, chosen)
    yield from at_station(desk, CREATE, [EXISTING, KEEP], {**patient, "merge": "True"}, order=backwards)
    yield from asks_for(desk, patient["patient_id"])
    yield from desk.one(desk.send("find_cases", integration_id=patient["integration_id"]))
    yield from desk.done(UPDATE, **{**patient, "patient_id": chosen["patient_id"]})
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    for role in (SELECT, "create_case"):
        yield from at_station(desk, role, [(Dialog.PAGE, "proceed")], {"integration_id": patient["integration_id"]})


@play("stations.merge-applied", aims=("FLOW-106", "PAT-038", "PAT-039", "PAT-043"), needs=FIXTURES)
def an_existing_patient_gets_new_data(desk: Desk) -> Steps:
    """Somebody is mapped and gets the call's data: its patient id is in use now, and it is not offered once more."""
    yield from shows_refusal(desk)
    chosen = one_of_share(desk, Share.APPLIERS)
    patient = named_like(desk, chosen)
    yield from at_station(desk, CREATE, [EXISTING, APPLY], {**patient, "merge": "True"})
    yield from asks_for(desk, patient["patient_id"])
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    other = desk.patient(first_name=patient["first_name"], last_name=patient["last_name"])
    yield from at_station(desk, CREATE, [EXISTING, APPLY, SAVE], {**other, "merge": "True"})
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    yield from desk.one(desk.send("find_cases", integration_id=patient["integration_id"]))
    if chosen.get("patient_id"):
        yield from asks_for(desk, chosen["patient_id"])


@play("stations.merge-own-patient-id", aims=("PAT-044",), needs=FIXTURES)
def a_merge_with_the_patient_id_of_the_chosen(desk: Desk) -> Steps:
    """The call gives the patient id that the suggested patient has already; whether it may is a reading.

    First only the birth date differs, and the dialog that shows this is closed. Then nothing differs: whether the
    dialog comes all the same is a reading too.
    """
    chosen = one_of_share(desk, Share.OWNERS)
    patient = {**named_like(desk, chosen), "patient_id": chosen["patient_id"], "merge": "True"}
    yield from at_station(desk, CREATE, [EXISTING, CANCEL_SYNC], patient)
    born = chosen.get("birth_date", "")
    same = {**patient, "birth_date": born} if born else patient
    yield from at_station(desk, CREATE, [EXISTING, CANCEL_SYNC if born else APPLY], same)


@play("stations.merge-of-a-mapped-patient", aims=("PAT-038",), needs=NEEDS)
def a_mapped_patient_is_not_offered(desk: Desk) -> Steps:
    """The only patient of that name is mapped; a merge that would take anybody must not take that one."""
    yield from shows_refusal(desk, UPDATE)
    mapped = yield from created(desk, last_name=desk.text(UNHEARD_OF))
    other = desk.patient(first_name=mapped["first_name"], last_name=mapped["last_name"])
    yield from at_station(desk, CREATE, [EXISTING, APPLY, SAVE], {**other, "merge": "True"})
    yield from desk.done(UPDATE, **{**other, "patient_id": mapped["patient_id"]})
    yield from desk.done(UPDATE, **mapped)


@play("stations.merge-without-match", aims=("PAT-045", "PAT-030"), needs=NEEDS)
def nobody_is_similar(desk: Desk) -> Steps:
    """A merge is wished, but nobody has such a name: saved once, and cancelled once, which shows the dialog."""
    patient = desk.patient()
    yield from at_station(desk, CREATE, [SAVE], {**patient, "merge": "True"})
    yield from desk.done(UPDATE, **without(patient, "patient_id"))
    yield from at_station(desk, CREATE, [CANCEL_NEW], {**desk.patient(), "merge": "True"})


# -- updates --------------------------------------------------------------------------------------------------


def _updated(button: tuple[str, str]) -> Callable[[Desk], Steps]:
    def steps(desk: Desk) -> Steps:
        yield from shows_refusal(desk)
        patient = yield from created(desk)
        changed = desk.patient(integration_id=patient["integration_id"])
        yield from at_station(desk, UPDATE, [button], changed)
        yield from asks_for(desk, changed["patient_id"])
        yield from asks_for(desk, patient["patient_id"])

    return steps


play("stations.update-applied", aims=("UPD-035", "UPD-042"), needs=NEEDS)(_updated(APPLY))
play("stations.update-kept", aims=("UPD-034", "UPD-043"), needs=NEEDS)(_updated(KEEP))
play("stations.update-cancelled", aims=("UPD-032", "UPD-033", "UPD-036"), needs=NEEDS)(_updated(CANCEL_SYNC))


@play("stations.update-erases", aims=("UPD-035",), needs=NEEDS)
def an_update_without_patient_id_is_applied(desk: Desk) -> Steps:
    """What the call leaves out is erased at a station too."""
    patient = yield from created(desk)
    values = {role: value for role, value in patient.items() if role != "patient_id"}
    yield from at_station(desk, UPDATE, [APPLY], {**values, "last_name": desk.text("Roe")})
    yield from asks_for(desk, patient["patient_id"])


@play("stations.update-same-patient-id", aims=("UPD-034", "UPD-035", "UPD-036"), needs=NEEDS)
def the_patient_id_stays(desk: Desk) -> Steps:
    """A change with the patient's own id is applied, one that leaves it out is kept out, and one is cancelled."""
    yield from shows_refusal(desk)
    for button, left_out in ((APPLY, ()), (KEEP, ("patient_id",)), (CANCEL_SYNC, ("patient_id",))):
        patient = yield from created(desk)
        changed = without({**patient, "last_name": desk.text("Roe")}, *left_out)
        yield from at_station(desk, UPDATE, [button], changed)
        yield from asks_for(desk, patient["patient_id"])


@play("stations.update-names", aims=("UPD-037", "UPD-038"), needs=FIXTURES)
def names_that_cases_show(desk: Desk) -> Steps:
    """New names kept out, then applied, then put back on the server; the list of cases after each."""
    known = record(with_cases(desk))
    look = desk.send("find_cases", integration_id=known["integration_id"])
    yield from desk.one(look)
    yield from desk.done(UPDATE, **known)
    yield from desk.one(look)
    for button in (KEEP, APPLY):
        names = {"first_name": "Zoë", "last_name": desk.text("Roe")}
        yield from at_station(desk, UPDATE, [button], {**known, **names, "station": another_station(desk)})
        yield from desk.one(look)
    yield from desk.done(UPDATE, **known)
    yield from desk.one(look)
