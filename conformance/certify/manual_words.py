"""What a person at a PMS is told to do, in the words of a practice. Nothing of the wire is mentioned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from conformance.certify.pms import AT_STATION, Step, Task

Record = Mapping[str, str]

ABILITIES: Mapping[Step, str] = {
    Step.LIST_STATIONS: "show which stations of Dental Desktop there are",
    Step.CREATE_PATIENT: "create a patient in Dental Desktop",
    Step.MAP_PATIENT: "link a patient with one whom Dental Desktop has already",
    Step.UPDATE_PATIENT: "send changed data of a patient to Dental Desktop",
    Step.SELECT_PATIENT: "open a patient at a station",
    Step.CREATE_CASE: "start a new case at a station",
    Step.SELECT_CASE: "open a case at a station",
    Step.FIND_CASES: "show the cases of a patient",
    Step.FETCH_IMAGES: "fetch the images of a patient's cases",
    Step.CANCEL_OPERATION: "take back an operation that is still waiting",
}
"""What a PMS may be able to do; everything else is a matter of its own records, or of the person."""
BY_FILES: Mapping[Step, str] = {
    Step.SEND_BY_VDDS: "hand a patient over to Dental Desktop by VDDS",
    Step.IMAGE_INFO_BY_VDDS: "fetch the list of a patient's images by VDDS",
    Step.IMAGES_BY_VDDS: "fetch the images of a patient by VDDS",
}
BY_COMMAND_LINE: Mapping[Step, str] = {
    Step.SEND_BY_COMMAND_LINE: "open a patient in Dental Desktop by the command line",
}
"""The same over the interfaces beside REST."""
LABELS = {"last_name": "last name", "first_name": "first name", "birth_date": "birth date", "patient_id": "patient id"}
NOTHING = "(leave empty)"
CRITERIA = {
    "created_from": "created on {} or later",
    "created_to": "created on {} or earlier",
    "delivered_from": "to be delivered on {} or later",
    "delivered_to": "to be delivered on {} or earlier",
    "is_created": "just created",
    "is_scanned": "scanned",
    "is_modelled": "modelled",
}


@dataclass
class Teller:
    """Puts tasks into words; remembers what the person knows of each patient, so that only changes are told."""

    _known: dict[str, Record] = field(default_factory=dict)

    def told(self, task: Task) -> list[str]:
        """The task, a line for each thing to do."""
        record = {role: text for role, text in task.patient.items() if role != "key"}
        key = task.patient.get("key", "")
        before = self._known.get(key)
        record = record or dict(before or {})
        if key:
            self._known[key] = record
        name = self._name(key, record)
        lines = list(_first(task, before, record)) if key else []
        lines.append(f"{_doing(task, name)}.")
        if not task.wait:
            lines.append("Do not wait until it has ended: go on here as soon as it is under way.")
        return lines

    def _name(self, key: str, record: Record) -> str:
        """First and last name; of namesakes the patient id too."""
        name = _named(record)
        alone = all(_named(other) != name for known, other in self._known.items() if known != key)
        return name if alone or not record.get("patient_id") else f"{name} (patient id {record['patient_id']})"


def _named(record: Record) -> str:
    return " ".join(record[role] for role in ("first_name", "last_name") if record.get(role))


def _first(task: Task, before: Record | None, record: Record) -> Iterator[str]:
    """What the PMS's own records have to hold before."""
    if before is None:
        yield "A new patient:"
        yield from (f"  {label:<12} {record.get(role) or NOTHING}" for role, label in LABELS.items())
        return
    changed = [role for role in {**before, **record} if before.get(role, "") != record.get(role, "")]
    for role in changed:
        label = LABELS.get(role, role.replace("_", " "))
        yield f"Change the {label} from {before.get(role) or NOTHING}"
        yield f"{'to':>{len(f'Change the {label} from')}} {record.get(role) or NOTHING}"


def _doing(task: Task, name: str) -> str:
    where = f"the station {task.station}" if task.at == AT_STATION else "the server, to no station"
    at = f"at the station {task.station}"
    words: Mapping[str, str] = {
        Step.LIST_STATIONS: "Have the PMS show the stations of Dental Desktop, freshly asked for",
        Step.CREATE_PATIENT: f"Create the patient {name} in Dental Desktop: send it to {where}",
        Step.MAP_PATIENT: f"Link the patient {name} with the one whom Dental Desktop has: send it to {where}",
        Step.UPDATE_PATIENT: f"Send the data of {name} as they are now to {where}, as an update",
        Step.SELECT_PATIENT: f"Open the patient {name} {at}",
        Step.CREATE_CASE: f"Start a new case for {name} {at}",
        Step.SELECT_CASE: f"Open the first case that the PMS shows for {name} {at}",
        Step.FIND_CASES: f"Have the PMS show the cases of {name}{_criteria(task)}, freshly asked for",
        Step.FETCH_IMAGES: f"Have the PMS fetch all images of all cases of {name}",
        Step.AWAIT_OPERATION: "Wait until the PMS shows how the operation has ended that is under way",
        Step.CANCEL_OPERATION: "Take back the operation that is under way",
        Step.ADD_PATIENT: f"Add {name} to the PMS alone; send nothing to Dental Desktop",
        Step.EDIT_PATIENT: f"Save that for {name} in the PMS alone; send nothing to Dental Desktop",
        Step.DELETE_PATIENT: f"Delete {name} in the PMS; send nothing to Dental Desktop",
        Step.SEND_BY_COMMAND_LINE: f"Open the patient {name} in Dental Desktop, by the button for its command line",
        Step.SEND_BY_VDDS: f"Hand the patient {name} over to Dental Desktop, by its entry for VDDS",
        Step.IMAGE_INFO_BY_VDDS: f"Have the PMS show which images Dental Desktop has of {name}, fetched by VDDS",
        Step.IMAGES_BY_VDDS: f"Have the PMS fetch all images of {name} by VDDS",
        Step.RESET: "Remove all patients from the PMS",
        Step.RESTART: "Close the PMS wholly, and start it again",
    }
    return words.get(task.does) or f"{task.does.replace('_', ' ').capitalize()}: {name or 'as the PMS does it'}"


def _criteria(task: Task) -> str:
    told = [CRITERIA.get(role, f"{role.replace('_', ' ')} {{}}").format(text) for role, text in task.criteria.items()]
    return f", only those {' and '.join(told)}" if told else ""
