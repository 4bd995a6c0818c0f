"""command-line.yaml -> the command line interface as frozen values, or None for a guide that has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from conformance.spec.objects import Kind
from conformance.spec.rows import Row, as_row, listed_rows, unique
from conformance.spec.source import Source

COMMAND_LINE_FILE = "command-line.yaml"
ROLES = frozenset({"integration_id", "first_name", "last_name", "birth_date", "patient_id"})
"""Roles of arguments that code asks for; a file must have all of them and may have more."""

_TOP = (
    *("executable", "default-path", "switch", "separator", "date-form", "short-dates"),
    *("dates-for-none", "arguments", "observed-flags", "examples"),
)
_ARGUMENT = ("name", "role", "kind", "mandatory", "placeholder", "example")


@dataclass(frozen=True)
class CommandArgument:
    name: str
    """Without the switch."""
    role: str
    kind: Kind
    mandatory: bool
    placeholder: str
    """What stands in its place in the guide's example; '' for nothing."""
    example: str


@dataclass(frozen=True)
class CommandLineFacts:
    """What the guide says of the command line interface."""

    executable: str
    default_path: str
    switch: str
    separator: str
    date_form: str
    """Name of the form that does not depend on the settings of a computer; see ``wire.DateFormat``."""
    short_dates: bool
    """True where dates may also be written as the computer's settings have it."""
    dates_for_none: tuple[str, ...]
    """ISO dates that programs write when they know none."""
    arguments: tuple[CommandArgument, ...]
    observed_flags: tuple[str, ...]
    examples: Mapping[str, str]

    @cached_property
    def by_role(self) -> Mapping[str, CommandArgument]:
        return {argument.role: argument for argument in self.arguments}

    @cached_property
    def by_folded_name(self) -> Mapping[str, CommandArgument]:
        """Arguments by case-folded name."""
        return {argument.name.casefold(): argument for argument in self.arguments}

    def spelt(self, role: str) -> str:
        """The argument of that role as a user knows it."""
        return f"{self.switch}{self.by_role[role].name}"


def command_line(source: Source) -> CommandLineFacts | None:
    """The interface, or None when the folder has no file about it. Raises SpecError."""
    if not source.names(COMMAND_LINE_FILE):
        return None
    top = as_row(source.label(COMMAND_LINE_FILE), "", source.value(COMMAND_LINE_FILE))
    top.only(_TOP)
    switch = top.text("switch")
    arguments = tuple(_arguments(top, switch))
    missing = sorted(ROLES - {argument.role for argument in arguments})
    if missing:
        raise top.wrong(f"has no argument with the role {', '.join(missing)}", "add it")
    return CommandLineFacts(
        executable=top.text("executable"),
        default_path=top.text("default-path"),
        switch=switch,
        separator=top.text("separator"),
        date_form=top.text("date-form"),
        short_dates=top.flag("short-dates"),
        dates_for_none=_dates(top),
        arguments=arguments,
        observed_flags=top.texts("observed-flags", ()),
        examples=_examples(top),
    )


def _arguments(top: Row, switch: str) -> list[CommandArgument]:
    names: dict[str, Row] = {}
    roles: dict[str, Row] = {}
    found = []
    for row in listed_rows(top.file, top.items("arguments"), "name"):
        row.only(_ARGUMENT)
        name = row.text("name")
        if not name.startswith(switch):
            raise row.wrong(f'has the name "{name}"', f"expected it to begin with the switch {switch}")
        unique(row, "name", name.casefold(), names)
        unique(row, "role", row.text("role"), roles)
        found.append(_argument(row, name.removeprefix(switch)))
    return found


def _argument(row: Row, name: str) -> CommandArgument:
    return CommandArgument(
        name=name,
        role=row.text("role"),
        kind=row.choice("kind", Kind),
        mandatory=row.flag("mandatory"),
        placeholder=row.text("placeholder", ""),
        example=row.text("example"),
    )


def _dates(top: Row) -> tuple[str, ...]:
    found = top.texts("dates-for-none", ())
    for text in found:
        try:
            date.fromisoformat(text)
        except ValueError:
            raise top.wrong(f'has the date for none "{text}"', "expected a date such as 0001-01-01") from None
    return found


def _examples(top: Row) -> Mapping[str, str]:
    row = top.row("examples")
    return {name: row.text(name) for name in row.values}
