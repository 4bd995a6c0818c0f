"""allure-results from a ledger, for runs that pytest does not run: a result per requirement, as pytest would leave it.

Names stay the same from run to run, so that Allure shows the history of each requirement; whatever else Allure must
tell apart is made of the moment at which the run ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from conformance.judge import REST, SEVERITIES, Ledger, Row, Standing
from conformance.report.view import FindingView, View
from conformance.report.words import HARM_WORDS, STANDING_WORDS, gravity_of
from conformance.trace import Event, to_json

FOLDER = "allure-results"
_STATUS = {Standing.PASS: "passed", Standing.FAIL: "failed", Standing.ERROR: "broken"}
"""In Allure's words; everything else is skipped, with the reason."""


def allure_results(view: View, events: Sequence[Event], ended: datetime) -> Iterator[tuple[str, str]]:
    """File name and text of each result and of each attachment."""
    ledger = view.ledger
    evidence = {event.number: event for event in events}
    ended_ms = round(ended.timestamp() * 1000)
    for place, row in enumerate(row for row in ledger.rows if row.in_profile):
        items = [item for item in view.whole if item.finding.requirement == row.id]
        name = str(uuid5(NAMESPACE_URL, f"{ended.isoformat()}/{ledger.about.get('subject', '')}/{row.id}"))
        attached = list(_attached(items, evidence, name))
        # Allure sorts by the time of day: a millisecond each keeps the order of the guide.
        result = _result(row, items, attached, ledger, ended_ms + place)
        yield f"{name}-result.json", _text(result | {"uuid": name})
        for told, event in attached:
            yield told["source"], _text(to_json(event))


def _attached(
    items: list[FindingView], evidence: dict[int, Event], name: str
) -> Iterator[tuple[dict[str, str], Event]]:
    """What the findings rest on, each event once, as recorded: patients are stand-ins."""
    judged = {item.finding.evidence[-1] for item in items if item.finding.evidence}
    for number in dict.fromkeys(each.number for item in items for each in item.evidence):
        told = f"event {number}" + (" (judged)" if number in judged else "")
        source = f"{uuid5(NAMESPACE_URL, f'{name}/{number}')}-attachment.json"
        yield {"name": told, "source": source, "type": "application/json"}, evidence[number]


def _result(
    row: Row, items: list[FindingView], attached: list[tuple[dict[str, str], Event]], ledger: Ledger, at_ms: int
) -> dict[str, Any]:
    full_name = f"{_epic(ledger)}#{row.id}"
    identity = hashlib.md5(full_name.encode(), usedforsecurity=False).hexdigest()
    return {
        "name": f"{row.id} {row.text}",
        "fullName": full_name,
        "historyId": identity,
        "testCaseId": identity,
        "status": _STATUS.get(row.standing, "skipped"),
        "statusDetails": _details(row, items),
        "stage": "finished",
        "start": at_ms,
        "stop": at_ms,
        "description": _described(row),
        "attachments": [place for place, _ in attached],
        "labels": [{"name": name, "value": value} for name, value in _labels(row, ledger)],
        "titlePath": [_epic(ledger), row.heading],
    }


def _epic(ledger: Ledger) -> str:
    told = ledger.about.get("interface") or REST
    return told[:1].upper() + told[1:]


def _labels(row: Row, ledger: Ledger) -> Iterator[tuple[str, str]]:
    yield from (("epic", _epic(ledger)), ("feature", row.heading))
    yield from (("parentSuite", _epic(ledger)), ("suite", row.heading))
    yield "severity", SEVERITIES[gravity_of(row)]
    yield "tag", f"axis {row.axis}"
    if ledger.about.get("subject"):
        yield "tag", ledger.about["subject"]
    yield "framework", "threedd-conformance"


def _details(row: Row, items: list[FindingView]) -> dict[str, str]:
    if not items:
        why = f"{STANDING_WORDS[row.standing]}: {row.reason}".removesuffix(": ")
        return {} if row.standing is Standing.PASS else {"message": why}
    told = [f"expected {item.finding.expected}\nobserved {item.finding.observed}" for item in items]
    commands = [command for item in items for command in item.commands]
    return {"message": "\n\n".join(told), "trace": "\n".join(("to see it again:", *dict.fromkeys(commands)))}


def _described(row: Row) -> str:
    harm = f"\n\nIf it is broken, {HARM_WORDS[row.harm]}." if row.harm else ""
    return f"{row.text}\n\n{row.heading}; {row.obligation}.{harm}"


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
