"""What an emulator runs by at this moment, and whether it can go on by something else without a restart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from conformance.emulator import readings as points
from conformance.emulator.dialects import readings_of
from conformance.emulator.faults.overlay import Fault
from conformance.emulator.policy import Policy
from conformance.model.readings import Readings
from conformance.spec import Spec

AT_THE_HANDSHAKE = (points.CHAIN_PRESENTED, points.TLS_FLOOR)
"""Readings that decide what is presented when a port is opened, and never again."""


class RestartNeeded(ValueError):
    """What was asked for takes effect when a port is opened only."""


def facts(guide: Spec, policy: Policy, overlays: Sequence[Fault]) -> tuple[Spec, Readings]:
    """The facts and readings to run by. ValueError for a reading that does not exist, or that nothing acts on."""
    wanted = {**readings_of(guide, policy.dialects), **policy.readings}
    spec, readings = guide, points.resolved(guide, wanted)
    for overlay in overlays:
        spec = overlay.spec(spec)
        readings = dict(overlay.readings(readings))
    return spec, points.check(readings)


def without_restart(former: Readings, faults: Sequence[Fault], now: Readings, wanted: Sequence[Fault]) -> None:
    """Raises RestartNeeded when going on by ``now`` and ``wanted`` would need another handshake."""
    for point in AT_THE_HANDSHAKE:
        if former[point] != now[point]:
            raise RestartNeeded(
                f"{point} cannot become {now[point]!r} while ports are open: restart needed. Start the emulator with"
                f" --reading {point}={now[point]}."
            )
    before, after = _of_the_handshake(faults), _of_the_handshake(wanted)
    for name in sorted(before ^ after):
        how = f"with --fault {name}" if name in after else f"without --fault {name}"
        raise RestartNeeded(f"{name} is about the TLS handshake: restart needed. Start the emulator {how}.")


def _of_the_handshake(faults: Sequence[Fault]) -> frozenset[str]:
    return frozenset(fault.name for fault in faults if type(fault).tls is not Fault.tls)


def announcement(policy: Policy, faults: Sequence[Fault]) -> Mapping[str, str]:
    """The choices of an emulator in words, for the record; what is as the spec has it is left out."""
    said = {
        "policy": " ".join(policy.names),
        "seed": str(policy.seed),
        "freedoms": " ".join(sorted(policy.freedoms)),
        "habits": " ".join(policy.habits),
        "dialects": " ".join(policy.dialects),
        "readings": " ".join(f"{point}={name}" for point, name in sorted(policy.readings.items())),
        "faults": " ".join(fault.name for fault in faults),
    }
    return {name: text for name, text in said.items() if text}
