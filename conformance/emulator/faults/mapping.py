"""Faults of the mapping: integration ids that are refused, lost, or not found again."""

from __future__ import annotations

from conformance.emulator.faults.endings import CREATE, SELECT, UPDATE, Ends, Moment, nothing, on_server
from conformance.emulator.faults.patients import BROKEN, DONE, INTEGRATION_ID, odd

UNKNOWN = "integration_id_unknown"


def _is_odd(moment: Moment) -> bool:
    return odd(moment.call.text(INTEGRATION_ID))


def _is_markup(moment: Moment) -> bool:
    text = moment.call.text(INTEGRATION_ID)
    return text.isascii() and odd(text)


MAPPING = (
    Ends(
        "stumbles-over-integration-ids",
        "Breaks when an integration id holds letters beyond ASCII or characters of markup.",
        ("MAP-005",),
        CREATE,
        DONE,
        BROKEN,
        _is_odd,
        nothing,
    ),
    Ends(
        "stumbles-over-quotes",
        "Breaks when an integration id holds a quote or another character of markup.",
        ("MAP-005",),
        CREATE,
        DONE,
        BROKEN,
        _is_markup,
        nothing,
    ),
    Ends(
        "finds-ascii-only",
        "Does not find patients again whose integration ids hold letters beyond ASCII.",
        ("MAP-007", "STAT-035"),
        UPDATE,
        DONE,
        UNKNOWN,
        lambda moment: not moment.call.text(INTEGRATION_ID).isascii(),
        nothing,
    ),
    Ends(
        "stations-know-nobody-new",
        "Does not find patients at a station who were created without one.",
        ("MAP-007", "STAT-025", "STAT-035"),
        SELECT,
        DONE,
        UNKNOWN,
        lambda moment: not any(True for _ in moment.state.cases_of(moment.own)),
        nothing,
    ),
    Ends(
        "says-processed-and-makes-nobody",
        "Says that a creation was processed and makes nobody when the integration id is not in a Western script.",
        ("MAP-007", "STAT-025", "STAT-035"),
        CREATE,
        DONE,
        when=lambda moment: on_server(moment) and any(letter > "\xff" for letter in moment.call.text(INTEGRATION_ID)),
        effect=nothing,
    ),
)
