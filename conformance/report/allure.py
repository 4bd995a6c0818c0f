"""allure-results from a ledger, for runs that pytest does not run: a result per requirement, as pytest would leave it.

What a result is made of comes from Allure's own package; only its writer of files is left alone, since it names files
at random. Names stay the same from run to run, so that Allure shows the history of each requirement; whatever else
Allure must tell apart is made of the moment at which the run ended.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from allure_commons.model2 import ATTACHMENT_PATTERN, Attachment, Label, Status, StatusDetails, TestResult
from allure_commons.types import AttachmentType, LabelType
from attr import asdict

from conformance.judge import REST, SEVERITIES, Ledger, Row, Standing
from conformance.report.view import FindingView, View
from conformance.report.words import HARM_WORDS, STANDING_WORDS, gravity_of
from conformance.trace import Event, to_json

_STATUS = {Standing.PASS: Status.PASSED, Standing.FAIL: Status.FAILED, Standing.ERROR: Status.BROKEN}
"""In Allure's words; everything else is skipped, with the reason."""
_JSON = AttachmentType.JSON


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
        result = _result(row, items, [told for told, _ in attached], ledger, ended_ms + place)
        result.uuid = name
        yield result.file_pattern.format(prefix=name), _text(asdict(result, filter=lambda _, value: bool(value)))
        for told, event in attached:
            yield told.source, _text(to_json(event))


def _attached(items: list[FindingView], evidence: dict[int, Event], name: str) -> Iterator[tuple[Attachment, Event]]:
    """What the findings rest on, each event once, as recorded: patients are stand-ins."""
    judged = {item.finding.evidence[-1] for item in items if item.finding.evidence}
    for number in dict.fromkeys(each.number for item in items for each in item.evidence):
        told = f"event {number}" + (" (judged)" if number in judged else "")
        source = ATTACHMENT_PATTERN.format(prefix=uuid5(NAMESPACE_URL, f"{name}/{number}"), ext=_JSON.extension)
        yield Attachment(name=told, source=source, type=_JSON.mime_type), evidence[number]


def _result(row: Row, items: list[FindingView], attached: list[Attachment], ledger: Ledger, at_ms: int) -> TestResult:
    full_name = f"{_epic(ledger)}#{row.id}"
    identity = hashlib.md5(full_name.encode(), usedforsecurity=False).hexdigest()
    return TestResult(
        name=f"{row.id} {row.text}",
        fullName=full_name,
        historyId=identity,
        testCaseId=identity,
        status=_STATUS.get(row.standing, Status.SKIPPED),
        statusDetails=_details(row, items),
        stage="finished",
        start=at_ms,
        stop=at_ms,
        description=_described(row),
        attachments=attached,
        labels=[Label(name=name, value=value) for name, value in _labels(row, ledger)],
        titlePath=[_epic(ledger), row.heading],
    )


def _epic(ledger: Ledger) -> str:
    told = ledger.about.get("interface") or REST
    return told[:1].upper() + told[1:]


def _labels(row: Row, ledger: Ledger) -> Iterator[tuple[str, str]]:
    yield from ((LabelType.EPIC, _epic(ledger)), (LabelType.FEATURE, row.heading))
    yield from ((LabelType.PARENT_SUITE, _epic(ledger)), (LabelType.SUITE, row.heading))
    yield LabelType.SEVERITY, SEVERITIES[gravity_of(row)]
    yield LabelType.TAG, f"axis {row.axis}"
    if ledger.about.get("subject"):
        yield LabelType.TAG, ledger.about["subject"]
    yield LabelType.FRAMEWORK, "threedd-conformance"


def _details(row: Row, items: list[FindingView]) -> StatusDetails | None:
    if not items:
        why = f"{STANDING_WORDS[row.standing]}: {row.reason}".removesuffix(": ")
        return None if row.standing is Standing.PASS else StatusDetails(message=why)
    told = [f"expected {item.finding.expected}\nobserved {item.finding.observed}" for item in items]
    commands = [command for item in items for command in item.commands]
    again = "\n".join(("to see it again:", *dict.fromkeys(commands)))
    return StatusDetails(message="\n\n".join(told), trace=again)


def _described(row: Row) -> str:
    harm = f"\n\nIf it is broken, {HARM_WORDS[row.harm]}." if row.harm else ""
    return f"{row.text}\n\n{row.heading}; {row.obligation}.{harm}"


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"
