"""What plays ask of a person at the stations: how many dialogs, where, and in which order there is least to walk.

A person is asked for dialogs only. A page that opens opens by itself, and what nobody can bring about (a station that
breaks down) is left out without a question; such plays count as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import ceil

from conformance.drive import Round
from conformance.suite.play import Play
from conformance.suite.target import Target, lacking

OPERATOR, SEVERAL = "operator", "several-stations"
SECONDS_PER_DIALOG = 40.0
"""To read what is asked, turn to the station, wait for the dialog and press the button."""

WITHOUT_A_DIALOG = ("case-operations.", "selection.")
"""Plays whose operations open a page and ask nothing, by the beginning of their names."""

DIALOGS: Mapping[str, int] = {
    "again.after-a-cancel": 2,
    "again.create-case": 0,
    "again.create-case.once-unknown": 0,
    "again.select-case": 0,
    "again.select-patient": 0,
    "again.select-patient.once-unknown": 0,
    "mapping.known-at-stations": 0,
    "pool.busy-station": 2,
    "pool.proceed": 0,
    "pool.three-at-one-station": 3,
    "pool.two-stations": 2,
    "removal.after-the-end": 2,
    "pool.same-id-twice": 3,
    "removal.race": 5,
    "removal.while-the-station-works": 5,
    "stations.both-save": 2,
    "stations.merge-sync-cancelled": 2,
    "status.same-id-at-two-stations": 3,
    "stations.merge-applied": 5,
    "stations.merge-kept": 2,
    "stations.merge-of-a-mapped-patient": 3,
    "stations.merge-own-patient-id": 4,
    "stations.merge-without-match": 2,
    "stations.update-names": 2,
    "stations.update-same-patient-id": 3,
    "status.page.exception": 0,
    "status.page.internal-error": 0,
    "status.page.navigation-failed": 0,
    "status.update-cancelled": 2,
    "transport.name-case.merge": 4,
}
"""Plays at stations that ask for more than one dialog, or for none."""

ELSEWHERE = frozenset({"pool.busy-station", "stations.cancelled-at-the-second", "stations.update-names"})
"""Plays that leave the first station though they can do without a second."""


def dialogs(play: Play) -> int:
    """How many dialogs a person has to deal with in this play; more when a finding is provoked once more."""
    if OPERATOR not in play.needs or play.name.startswith(WITHOUT_A_DIALOG):
        return 0
    return DIALOGS.get(play.name, 1)


def stations(play: Play) -> int:
    """How many stations a person has to see for it: none, the first, or another one too."""
    if not dialogs(play):
        return 0
    return 2 if SEVERAL in play.needs or play.name in ELSEWHERE else 1


def in_trips(plays: Iterable[Play]) -> list[Play]:
    """First what needs nobody, then all at the first station, then what takes a person to others; else as given."""
    return sorted(plays, key=stations)


def round_of(plays: Iterable[Play], target: Target, connected: int) -> Round:
    """What those of them ask for which the target, with so many connected stations, has what they need."""
    wanted = [play for play in plays if dialogs(play) and not lacking(play.needs, target, connected)]
    count = sum(map(dialogs, wanted))
    most = max((stations(play) for play in wanted), default=0)
    return Round(count, min(most, max(connected, 1)), ceil(count * SECONDS_PER_DIALOG / 60))
