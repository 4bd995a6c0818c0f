"""What the files of a spec folder say of each other: nothing may point to what is not there.

A dangling name would not crash anything later: it would silently switch off a rule, a refusal or a
row of the report. That is why each is an error here.
"""

from collections.abc import Collection, Iterable, Mapping

from conformance.spec.errors import SpecError, nearest
from conformance.spec.objects import Method, Outcome, Reading, RecordType, Requirement, Status
from conformance.spec.roles import DOCUMENTS, METHODS, NEW_OPERATION, RECORDS, STATUSES


def check_roles(
    file: str, methods: tuple[Method, ...], records: tuple[RecordType, ...], documents: Collection[str]
) -> None:
    """Rejects a spec that leaves out a role that code asks for; more roles are welcome."""
    _complete(file, "", "x-role of a method", METHODS, {m.role for m in methods})
    for method in methods:
        _complete(file, method.name, "x-role of a parameter", METHODS.get(method.role, ()), method.by_role)
    _complete(file, "components.schemas", "x-role of a record", RECORDS, {r.role for r in records})
    for record in records:
        _complete(file, record.name, "x-role of a field", RECORDS.get(record.role, ()), record.by_role)
    _complete(file, "components.schemas", "x-role of a document", DOCUMENTS, documents)


def check_statuses(file: str, statuses: tuple[Status, ...]) -> None:
    """Rejects a missing status, one that follows an unknown one, and one that follows a final one."""
    names = {s.name: s for s in statuses}
    _complete(file, "statuses", "name of a status", STATUSES, names)
    for status in statuses:
        for before in status.follows:
            if before != NEW_OPERATION and before not in names:
                problem = f'follows "{before}"{nearest(before, names)}, which is no status'
                raise SpecError(file, status.name, problem, f"expected {NEW_OPERATION} or the name of a status")
            if before in names and names[before].final and status.assigned_by != "nobody":
                problem = f'follows "{before}", which is final'
                raise SpecError(file, status.name, problem, f"remove it from follows, or make {before} not final")


def check_outcomes(
    file: str, methods: tuple[Method, ...], statuses: Collection[str], readings: Mapping[str, Reading]
) -> None:
    """Rejects outcomes that name no status, or a reading that does not say which status follows."""
    for method in methods:
        for outcome in method.outcomes:
            if outcome.status not in statuses:
                problem = f'has an outcome with the status "{outcome.status}"{nearest(outcome.status, statuses)}'
                raise SpecError(file, method.name, problem, "expected the name of a status in statuses.yaml")
            if outcome.reading:
                _check_open_outcome(file, method.name, outcome, statuses, readings)


def check_headings(headings: Collection[str], users: Iterable[tuple[str, str, str]]) -> None:
    """Rejects headings that headings.yaml does not list; ``users`` are (file, row, heading)."""
    for file, row, heading in users:
        if heading not in headings:
            problem = f'has the heading "{heading}"{nearest(heading, headings)}'
            raise SpecError(file, row, problem, "expected a heading of headings.yaml, or add it there")


def check_requirements(
    requirements: tuple[Requirement, ...], targets: Collection[str], readings: Mapping[str, Reading]
) -> None:
    """Rejects rows that name a reading, a take, a field or a parameter that is not there."""
    for row in requirements:
        for name in (*row.readings, *(reading for reading, _ in row.moot_under)):
            if name not in readings:
                problem = f'names the reading "{name}"{nearest(name, readings)}'
                raise SpecError(row.file, row.id, problem, "expected the id of a reading, or add it to readings/")
        for name, take in row.moot_under:
            takes = readings[name].takes
            if take not in takes:
                problem = f'is moot under "{name}={take}"{nearest(take, takes)}'
                raise SpecError(row.file, row.id, problem, f"expected one of its takes: {', '.join(takes)}")
        named = (("has the target", row.target), *(("is moot without", name) for name in row.moot_without))
        for how, target in named:
            if target and target not in targets:
                problem = f'{how} "{target}"{nearest(target, targets)}'
                raise SpecError(
                    row.file, row.id, problem, "expected Record.Field or Method.Parameter as openapi.yaml spells it"
                )


def shape_targets(methods: tuple[Method, ...], records: tuple[RecordType, ...]) -> frozenset[str]:
    """Everything a row judged by shape may aim at."""
    fields = {f"{record.name}.{field.name}" for record in records for field in record.fields}
    return frozenset(
        fields | {f"{method.name}.{parameter.name}" for method in methods for parameter in method.parameters}
    )


def _check_open_outcome(
    file: str, method: str, outcome: Outcome, statuses: Collection[str], readings: Mapping[str, Reading]
) -> None:
    reading = readings.get(outcome.reading)
    if reading is None:
        problem = f'has an outcome with the reading "{outcome.reading}"{nearest(outcome.reading, readings)}'
        raise SpecError(file, method, problem, "expected the id of a reading, or add it to readings/")
    for take in reading.takes:
        if take not in statuses:
            problem = f'has an outcome left open by {reading.id}, whose take "{take}" is no status'
            raise SpecError(file, method, problem, "name the takes of that reading like statuses of statuses.yaml")
    if reading.default != outcome.status:
        problem = f'has an outcome with the status "{outcome.status}" and a reading with another default'
        raise SpecError(file, method, problem, f"expected {reading.default}, the default of {reading.id}")


def _complete(file: str, row: str, what: str, wanted: Iterable[str], found: Collection[str]) -> None:
    missing = sorted(set(wanted) - set(found))
    if missing:
        problem = f"has no {what} called {', '.join(missing)}"
        raise SpecError(file, row, problem, f"add it; found: {', '.join(sorted(found)) or 'none'}")
