"""What one emulator does where the guide leaves it free: one frozen value, reproducible from its seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from conformance.emulator.disturbances import Disturbance
from conformance.model.dialogs import Button, Dialog


class Freedom(StrEnum):
    """A thing that a server may do differently each time, which no client may rely on."""

    DELAYS = "delays"  # a station picks up and works sooner or later
    CHOICE = "choice"  # which of several allowed outcomes
    ELEMENT_ORDER = "element-order"  # shuffled in every document
    UNKNOWN_ELEMENTS = "unknown-elements"  # in some documents, not in others
    TIME_ZONES = "time-zones"  # each date with an offset of its own


WAIT = "wait"
"""Instead of a button: the dialog stays open until somebody decides."""

WORKS_BY_ITSELF: Mapping[Dialog, str] = {
    Dialog.PAGE: Button.PROCEED,
    Dialog.NEW_PATIENT: Button.SAVE,
    Dialog.MERGE: Button.NEW,
    Dialog.SYNC: Button.APPLY,
}
ASKS_A_PERSON: Mapping[Dialog, str] = {**dict.fromkeys(WORKS_BY_ITSELF, WAIT), Dialog.PAGE: Button.PROCEED}


@dataclass(frozen=True)
class Policy:
    seed: int = 0
    pick_up_delay_s: float = 1.5
    """From the call until the station takes the operation; varied by Freedom.DELAYS from a third to the double."""
    processing_delay_s: float = 1.5
    """From there until the operator has decided, or the first dialog stands open; varied likewise."""
    silence_limit_s: float = 30.0
    """How long the server waits for a station that went silent."""
    zone_minutes: int = 120
    """Local time of the server, east of Greenwich."""
    operator: Mapping[Dialog, str] = field(default_factory=lambda: WORKS_BY_ITSELF)
    """What is pressed when nothing was arranged: a button by dialog, or WAIT."""
    readings: Mapping[str, str] = field(default_factory=dict)
    """Reading id -> name, where it shall not be the spec's default."""
    freedoms: frozenset[Freedom] = frozenset(Freedom)
    names: tuple[str, ...] = ()
    """Of the named policies that it was put together from."""
    habits: tuple[str, ...] = ()
    """What it does besides, by name; see ``habits``."""
    leaves_every: int = 0
    """With 3, every third operation that a station has begun is left unanswered; 0: none is."""
    disturbances: tuple[Disturbance, ...] = ()
    """Arranged at the start and at every reset."""
    dialects: tuple[str, ...] = ()
    """Those of the spec that it speaks besides what the guide says."""

    def uses(self, freedom: Freedom, reading: str = "") -> bool:
        """True when the freedom is used. One that ``reading`` is about gives way where that reading was asked for."""
        return freedom in self.freedoms and reading not in self.readings
