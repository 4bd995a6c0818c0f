"""What a form of the console brought: texts by name, each read with an error that says what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs
from uuid import UUID

from conformance.wire import Malformed, Moment, Zone, format_moment, parse_guid, parse_xml_date

MOST_FIELDS = 2000
LONGEST_TEXT = 200


class Form:
    """The fields of one query or one posted form. ValueError when it has too many."""

    def __init__(self, encoded: str) -> None:
        fields = parse_qs(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        self._fields: Mapping[str, str] = {name: values[-1] for name, values in fields.items()}

    def text(self, name: str, default: str = "") -> str:
        """The text without blanks around it. ValueError when it is longer than any name is."""
        value = self._fields.get(name, default).strip()
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"{name} has {len(value)} characters; give at most {LONGEST_TEXT}.")
        return value

    def needed(self, name: str) -> str:
        """The text, when there is one; ValueError otherwise."""
        if not self.text(name):
            raise ValueError(f"{name.replace('_', ' ')} is empty; fill it in.")
        return self.text(name)

    def with_prefix(self, prefix: str) -> Mapping[str, str]:
        """The fields whose name begins so, by the rest of their name."""
        return {n.removeprefix(prefix): value for n, value in self._fields.items() if n.startswith(prefix)}

    def number(self, name: str) -> int:
        text = self.text(name)
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"{name} is {text!r}; expected a number.")
        return int(text)

    def guid(self, name: str) -> UUID:
        value = parse_guid(self.text(name))
        if isinstance(value, Malformed):
            raise ValueError(f"{name} is {self.text(name)!r}; expected a GUID.")
        return value

    def date(self, name: str) -> int | None:
        """Ticks of a date as date fields send it; None when it was left empty."""
        text = self.text(name)
        if not text:
            return None
        value = parse_xml_date(text if "T" in text else f"{text}T00:00:00")
        if not isinstance(value, Moment):
            raise ValueError(f"{name.replace('_', ' ')} is {text!r}; expected a date such as 1974-10-25.")
        return value.ticks


def day(ticks: int | None) -> str:
    """A date as date fields show it; '' for none."""
    return "" if ticks is None else format_moment(ticks, Zone.UTC).partition("T")[0]
