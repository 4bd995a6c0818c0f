"""One call as the model sees it: parsed values by parameter role, and what could not be parsed.

The model reads no bytes. Whoever does parses the query, and says here what came of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

EMPTY_GUID = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Instant:
    """A date of a query."""

    ticks: int
    """100 ns each, since 0001-01-01 UTC."""
    whole_day: bool = False
    """True when no time of day was given."""


Argument = str | bool | UUID | Instant


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller asks for.

    ``values`` holds no parameter that was left out or malformed: those take their default, as the guide says.
    """

    role: str
    values: Mapping[str, Argument] = field(default_factory=dict)
    malformed: tuple[str, ...] = ()
    """Roles of the parameters whose text has no meaning for their type."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The decoded texts as they came, by role; malformed ones included."""
    at: int = 0
    """Ticks of the wall clock when it came; only answers that tell the time need it."""

    def text(self, role: str) -> str:
        """A text parameter; '' when left out."""
        value = self.values.get(role, "")
        return value if isinstance(value, str) else ""

    def guid(self, role: str) -> UUID:
        """A GUID parameter; the empty GUID when left out."""
        value = self.values.get(role, EMPTY_GUID)
        return value if isinstance(value, UUID) else EMPTY_GUID

    def flag(self, role: str) -> bool:
        """A Boolean parameter; False when left out."""
        return self.values.get(role, False) is True

    def instant(self, role: str) -> Instant | None:
        """A date parameter; None when left out."""
        value = self.values.get(role)
        return value if isinstance(value, Instant) else None

    def has_value(self, role: str) -> bool:
        """True when the parameter is there and not its type's empty value."""
        return self.values.get(role, "") not in ("", EMPTY_GUID)
