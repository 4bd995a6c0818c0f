"""The whole of an emulator's state as JSON values, for the control port and whoever looks at it."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.emulator.server import Emulator
from conformance.model import BUTTONS, Dialog, Operation, Patient, Place, Station, candidates
from conformance.wire import Zone, format_moment

Snapshot = Mapping[str, object]


def snapshot(emulator: Emulator) -> Snapshot:
    """What is so at this moment."""
    state = emulator.state
    return {
        "now_s": emulator.clock.now_s(),
        "stations": [station_row(station, emulator) for station in state.stations.values()],
        "operations": [_operation(operation, emulator) for operation in state.operations.values()],
        "dialogs": [
            _dialog(state.operations[serial], dialog, emulator)
            for serial, dialog in emulator.stations.asking.items()
            if serial in state.operations
        ],
        "counts": {"patients": len(state.patients), "cases": len(state.cases), "pool": _pooled(emulator)},
        "readings": dict(emulator.readings),
        "marks": {reading.id: reading.mark.value for reading in emulator.spec.readings},
        "faults": [fault.name for fault in emulator.faults],
        "policy": list(emulator.policy.names),
        "disturbances": [waiting.disturbance.what.value for waiting in emulator.disturbances.waiting()],
    }


def station_row(station: Station, emulator: Emulator) -> Snapshot:
    return {
        "station": str(station.id),
        "hostname": station.hostname,
        "connected": station.connected,
        "busy": station.busy,
        "held": emulator.stations.is_held(station.id),
        "operator_name": station.operator_name,
        "selected": emulator.selected(station.id),
    }


def _operation(operation: Operation, emulator: Emulator) -> Snapshot:
    return {
        "serial": operation.serial,
        "operation": str(operation.id),
        "method": emulator.spec.method[operation.role].name,
        "station": str(operation.station),
        "place": operation.place.value,
        "status": operation.status,
        "status_code": emulator.spec.code(operation.status),
        "description": operation.description,
        "kept": operation.serial in emulator.state.kept,
    }


def _dialog(operation: Operation, dialog: Dialog, emulator: Emulator) -> Snapshot:
    suggested = candidates(emulator.state, operation, emulator.readings) if dialog is Dialog.MERGE else ()
    return {
        "serial": operation.serial,
        "operation": str(operation.id),
        "station": str(operation.station),
        "dialog": dialog.value,
        "buttons": [button.value for button in BUTTONS[dialog]],
        "sent": dict(operation.call.texts),
        "suggested": [_patient(patient) for patient in suggested],
    }


def _patient(patient: Patient) -> Snapshot:
    born = patient.birth_date
    return {
        "first_name": patient.first_name,
        "last_name": patient.last_name,
        "patient_id": patient.patient_id,
        "birth_date": "" if born is None else format_moment(born, Zone.UTC).partition("T")[0],
    }


def _pooled(emulator: Emulator) -> int:
    return sum(1 for operation in emulator.state.operations.values() if operation.place is Place.POOL)
