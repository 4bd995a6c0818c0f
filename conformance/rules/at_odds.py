"""What somebody shows or sends beside what was told, in the words of a finding: which thing it is, and both values.

Of what redaction hides the stand-ins are told, which are equal where the values are; so texts stand in quotation marks,
and findings that differ in them alone are one.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from conformance.wire import Malformed, Moment, Value, parse_guid, parse_xml_date

UNLESS = "unless what was declared is wrong (see the target file)"
"""Said of what only a declaration tells: nothing else can be asked."""
_LONGEST = 80


def at_odds(what: str, number: UUID | None, role: str, shown: str, told: Value | None) -> str:
    """One field of one thing, as it is shown and as it was told."""
    return f"{_words(role)} of {named(what, number)}: shown {said(shown)}, told {said(told)}"


def named(what: str, number: UUID | None) -> str:
    """``case`` and its id."""
    return f"{what} {number}" if number is not None else f"a {what} without an id"


def said(value: Value | str | None) -> str:
    """A value as it is told in a finding."""
    if isinstance(value, bool):
        return str(value).lower()
    text = value.text if isinstance(value, Moment | Malformed) else str(value if value is not None else "")
    if not text.strip():
        return "nothing"
    if isinstance(parse_guid(text), UUID) or not isinstance(parse_xml_date(text), Malformed):
        return text
    text = text.replace('"', "'")
    return f'"{text}"' if len(text) <= _LONGEST else f'"{text[:_LONGEST]}..."'


def counted(times: int) -> str:
    """How often something is there."""
    return {0: "never", 1: "once", 2: "twice"}.get(times, f"{times} times")


def fields(pairs: Iterable[tuple[str, Value | str | None]]) -> str:
    """Several fields of one thing in a row, those without a value left out."""
    told = ((role, said(value).strip('"')) for role, value in pairs if value is not None and value != "")
    return ", ".join(f"{role} {text}" for role, text in told)


def _words(role: str) -> str:
    return {"sent": "date of sending", "created": "date of creation", "delivery": "date of delivery"}.get(
        role, role.replace("_", " ")
    )


def other_than_recorded(role: str, sent: str | None, recorded: str, days: str = "") -> str:
    """What was sent for a role beside what the record has; of a birth date that just misses it, by how much."""
    apart = days_apart(days) if role == "birth_date" else ""
    return f"another {role.replace('_', ' ')}: {apart or f'sent {said(sent)}, recorded {said(recorded)}'}"


def days_apart(days: str) -> str:
    """The distance of two days as a recording tells it (``-1``), in words; '' where it does not."""
    try:
        count = int(days)
    except ValueError:
        return ""
    how = "earlier" if count < 0 else "later"
    return f"one day {how}" if abs(count) == 1 else f"{abs(count)} days {how}"
