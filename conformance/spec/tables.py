"""statuses.yaml, headings.yaml, readings and requirements -> frozen rows.

Each reader checks what one row can be checked for alone; what rows say of each other is checked in
agreement.py, once everything is read.
"""

import re

from conformance.spec.errors import one_of
from conformance.spec.objects import Axis, Binds, JudgedBy, Mark, Obligation, Reading, Requirement, Status
from conformance.spec.roles import ASSIGNERS, HARMS, LIMITS, NEEDS
from conformance.spec.rows import Row, as_row, listed_rows, unique
from conformance.spec.source import Source

STATUSES_FILE = "statuses.yaml"
HEADINGS_FILE = "headings.yaml"
LONGEST_TEXT = 25
SHORTEST_REASON = 4

_STATUS = ("code", "name", "text", "assigned-by", "final", "follows", "meaning", "provoke")
_READING = ("id", "question", "heading", "takes", "default", "conforming", "mark", "why")
_REQUIREMENT = [
    "id",
    "binds",
    "obligation",
    "heading",
    "text",
    "judged-by",
    "mark",
    "target",
    "reason",
    "needs",
    "readings",
    "moot-under",
    "moot-without",
    "harm",
    "axis",
    "limits",
]


def headings(source: Source) -> tuple[str, ...]:
    """The guide's headings, in its order."""
    file = source.label(HEADINGS_FILE)
    return Row(file, "", {"headings": source.value(HEADINGS_FILE)}).texts("headings")


def statuses(source: Source) -> tuple[int, tuple[Status, ...]]:
    """How many operations keep their status, and every status."""
    file = source.label(STATUSES_FILE)
    top = as_row(file, "", source.value(STATUSES_FILE))
    top.only(("kept-operations", "statuses"))
    kept = top.number("kept-operations")
    if kept < 1:
        raise top.wrong(f"keeps {kept} operations", "expected at least 1")
    names: dict[str, Row] = {}
    codes: dict[str, Row] = {}
    found = []
    for row in listed_rows(file, top.items("statuses"), "name"):
        status = _status(row)
        unique(row, "name", status.name, names)
        unique(row, "code", str(status.code), codes)
        found.append(status)
    return kept, tuple(found)


def requirements(source: Source) -> tuple[Requirement, ...]:
    """Every row of every file under requirements/."""
    seen: dict[str, Row] = {}
    found = []
    for name in source.names("requirements/*.yaml"):
        for row in listed_rows(source.label(name), source.value(name), "id"):
            found.append(_requirement(row))
            unique(row, "id", found[-1].id, seen)
    return tuple(found)


def readings(source: Source) -> tuple[tuple[Reading, str], ...]:
    """Every reading with the file it stands in."""
    seen: dict[str, Row] = {}
    found = []
    for name in source.names("readings.yaml", "readings/*.yaml"):
        for row in listed_rows(source.label(name), source.value(name), "id"):
            found.append((_reading(row), row.file))
            unique(row, "id", row.text("id"), seen)
    return tuple(found)


def _status(row: Row) -> Status:
    row.only(_STATUS)
    return Status(
        code=row.number("code"),
        name=row.text("name"),
        text=row.text("text"),
        assigned_by=row.word("assigned-by", ASSIGNERS),
        final=row.flag("final"),
        follows=row.texts("follows"),
        meaning=row.text("meaning"),
        provoke=row.text("provoke"),
    )


def _requirement(row: Row) -> Requirement:
    row.only(_REQUIREMENT)
    judged_by = row.choice("judged-by", JudgedBy)
    return Requirement(
        id=_id(row, "[A-Z]{2,5}-[0-9]{3}", "AREA-nnn, such as PAT-012"),
        text=_short_text(row),
        binds=row.choice("binds", Binds),
        obligation=row.choice("obligation", Obligation),
        heading=row.text("heading"),
        judged_by=judged_by,
        target=_only_for(row, "target", judged_by, JudgedBy.SHAPE),
        reason=_reason(row, judged_by),
        needs=row.words("needs", NEEDS),
        readings=row.texts("readings", ()),
        harm=_harm(row, judged_by),
        file=row.file,
        moot_under=tuple(_take(row, text) for text in row.texts("moot-under", ())),
        moot_without=row.texts("moot-without", ()),
        axis=_axis(row),
        limits=_limits(row),
        mark=row.choice("mark", Mark) if row.has("mark") else Mark.DOCUMENTED,
    )


def _harm(row: Row, judged_by: JudgedBy) -> str:
    if row.has("harm"):
        return row.word("harm", HARMS)
    if judged_by is not JudgedBy.NOBODY and row.choice("obligation", Obligation) is Obligation.MUST:
        raise row.wrong('has no "harm", though it must be kept and is judged', one_of(HARMS))
    return ""


def _axis(row: Row) -> Axis:
    axis = row.choice("axis", Axis) if row.has("axis") else Axis.GUIDE
    if axis is Axis.FIELD and row.text("obligation") != Obligation.SHOULD:
        raise row.wrong("has the axis field and the obligation must", "expected should: what the field shows is advice")
    return axis


def _limits(row: Row) -> tuple[tuple[str, int], ...]:
    if not row.has("limits"):
        return ()
    limits = row.row("limits", row.name)
    limits.only(LIMITS)
    found = tuple((name, limits.number(name)) for name in limits.values)
    for name, value in found:
        if value < 1:
            raise row.wrong(f"has {value} as the limit {name}", "expected at least 1")
    return found


def _take(row: Row, text: str) -> tuple[str, str]:
    reading, equals, take = text.partition("=")
    if not equals:
        raise row.wrong(f'is moot under "{text}"', "expected READING=take")
    return reading, take


def _reading(row: Row) -> Reading:
    row.only(_READING)
    takes = row.row("takes", row.name)
    meanings = {name: takes.text(name) for name in takes.values}
    default, conforming = row.text("default"), row.texts("conforming")
    for name in (default, *conforming):
        if name not in meanings:
            raise row.wrong(
                f'has "{name}" as default or conforming', f"expected one of its takes: {', '.join(meanings)}"
            )
    if default not in conforming:
        raise row.wrong(
            f'has the default "{default}", which does not conform', "name it in conforming, or take another"
        )
    return Reading(
        id=_id(row, "[A-Z0-9]+(-[A-Z0-9]+)*", "upper-case words joined by hyphens"),
        question=row.text("question"),
        heading=row.text("heading"),
        takes=meanings,
        default=default,
        conforming=conforming,
        mark=row.choice("mark", Mark),
        why=row.text("why"),
    )


def _id(row: Row, pattern: str, expected: str) -> str:
    value = row.text("id")
    if not re.fullmatch(pattern, value):
        raise row.wrong(f'has the id "{value}"', f"expected {expected}")
    return value


def _short_text(row: Row) -> str:
    value = row.text("text")
    if (words := len(value.split())) > LONGEST_TEXT:
        raise row.wrong(f"has a text of {words} words", f"say it in {LONGEST_TEXT} at most")
    return value


def _only_for(row: Row, key: str, judge: JudgedBy, wanted: JudgedBy) -> str:
    if judge is wanted:
        return row.text(key)
    if row.has(key):
        raise row.wrong(f'has a "{key}" but is judged by {judge}', f"remove it, or write judged-by: {wanted}")
    return ""


def _reason(row: Row, judge: JudgedBy) -> str:
    value = _only_for(row, "reason", judge, JudgedBy.NOBODY)
    if value and len(value.split()) < SHORTEST_REASON:
        raise row.wrong(f'has the reason "{value}"', f"say in {SHORTEST_REASON} words or more why nobody can judge it")
    return value
