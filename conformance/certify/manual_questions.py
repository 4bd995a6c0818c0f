"""What a PMS shows, by questions to the person before it. A yes says what a program would have said in data.

Nothing is asked that the person cannot see at a glance, and nothing is made up: who cannot tell leaves it open, and
then nobody judges it. Counts stand for lists: of three cases out of five the first three are reported as shown, since
a person does not know cases by their ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from conformance.certify.pms import Step, Task
from conformance.certify.sightings import Sightings
from conformance.wire import Moment, Record

Ask = Callable[[str], str]
"""The line that was typed as an answer."""
CHOICE = "y: yes   n: no   Enter: I cannot tell"
MOST_STATIONS = 6
YES, NO = "y", "n"
STRANGE: Mapping[str, object] = {"case": "", "image": "", "station": ""}
"""Stands for one that the answer does not hold."""


class Untold(Exception):
    """The person cannot say."""


def understood(task: Task, seen: Sightings, ask: Ask) -> dict[str, Any]:
    """What the PMS shows after a look-up, in the shape of a driver's data. Raises Untold; {} for other tasks."""
    if task.does == Step.LIST_STATIONS:
        return {"stations": _stations(_records(seen, "list_stations"), ask)}
    if task.does == Step.FIND_CASES:
        return {"cases": _cases(_records(seen, "find_cases"), ask)}
    if task.does == Step.FETCH_IMAGES:
        return {"images": _images(_records(seen, "find_cases"), ask)}
    return {}


def _records(seen: Sightings, role: str) -> Sequence[Record]:
    found = seen.records(role)
    if found is None or len(seen.of(role)) != 1:  # a search in parts is beyond what one can ask about
        raise Untold
    return found


def _chosen(question: str, ask: Ask) -> bool:
    """True for yes, False for no."""
    while True:
        answer = ask(f"{question} {CHOICE}").lower()
        if not answer:
            raise Untold
        if answer in (YES, NO):
            return answer == YES


def _stations(records: Sequence[Record], ask: Ask) -> list[dict[str, object]]:
    names = [record.text("hostname") for record in records]
    if len(records) > MOST_STATIONS or not all(names) or len(set(names)) < len(names):
        raise Untold
    rows: list[dict[str, object]] = []
    for record, name in zip(records, names, strict=True):
        row = {"station": str(record.guid("station"))}
        if _chosen(f"Does the PMS offer a station by the name {name}?", ask):
            rows.append({**row, "hostname": name})
        elif _chosen("Does it offer that station under another name?", ask):
            rows.append({**row, "hostname": ""})
    if _chosen("Does it offer any other station besides?" if records else "Does it offer any station?", ask):
        rows.append({"station": ""})
    return rows


def _cases(records: Sequence[Record], ask: Ask) -> list[dict[str, object]]:
    ids = [record.guid("case") for record in records]
    rows = [{"case": str(each)} for each in ids if each is not None]
    if len(rows) < len(records):
        raise Untold
    shown = _counted("case", rows, ask)
    return [{**row, **_sent(records, row, ask)} for row in shown] if shown == rows else shown


def _sent(records: Sequence[Record], row: Mapping[str, object], ask: Ask) -> dict[str, object]:
    """For a case that was never sent: no date, or the one that is shown. Only where it is the only case."""
    only = records[0] if len(records) == 1 else None
    sent = only.get("sent") if only is not None else None
    if not isinstance(sent, Moment) or not sent.is_minimal:
        return {}
    try:
        if not _chosen("Does the PMS show a date on which this case was sent to the laboratory?", ask):
            return {"sent": ""}
    except Untold:
        return {}
    return {"sent": ask("Which date does it show?") or "some date"}


def _images(records: Sequence[Record], ask: Ask) -> list[dict[str, object]]:
    pairs = [(record.guid("case"), entry.guid("image")) for record in records for entry in record.records("images")]
    rows = [{"case": str(c), "image": str(i)} for c, i in pairs if isinstance(c, UUID) and isinstance(i, UUID)]
    if len(rows) < len(pairs):
        raise Untold
    return _counted("image", rows, ask)


def _counted(what: str, rows: list[dict[str, str]], ask: Ask) -> list[dict[str, object]]:
    """As many as the PMS shows."""
    number = len(rows)
    if _chosen(f"Does the PMS show exactly {number} {what}{'' if number == 1 else 's'} for this patient?", ask):
        return [dict(row) for row in rows]
    while True:
        answer = ask("How many does it show? Enter: I cannot tell")
        if not answer:
            raise Untold
        if answer.isascii() and answer.isdigit() and len(answer) < 6:
            shown = int(answer)
            held: list[dict[str, object]] = [dict(row) for row in rows[:shown]]
            return [*held, dict(STRANGE)] if shown > number else held
