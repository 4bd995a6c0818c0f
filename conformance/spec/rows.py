"""One mapping of a spec file, read key by key, each with the type it must have.

Everything that is not as expected becomes a SpecError that names file, row, value and remedy.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from conformance.spec.errors import SpecError, nearest, one_of

_E = TypeVar("_E", bound=StrEnum)


@dataclass(frozen=True)
class Row:
    """``values`` of ``file``, which errors call ``name``."""

    file: str
    name: str
    values: Mapping[str, object]

    def wrong(self, problem: str, remedy: str) -> SpecError:
        return SpecError(self.file, self.name, problem, remedy)

    def only(self, known: Collection[str]) -> None:
        """Rejects keys outside ``known``: a misspelt optional key would otherwise be lost."""
        for key in self.values:
            if key not in known:
                hint = nearest(key, known)
                raise self.wrong(f'has the unknown key "{key}"{hint}', f"remove it, or {one_of(sorted(known))}")

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._mistyped(key, value, "text; put it in quotes")
        if not value.strip() and default is None:
            raise self.wrong(f'has an empty "{key}"', "write it, or remove the row")
        return value.strip()

    def flag(self, key: str, default: bool | None = None) -> bool:  # no default: the key is mandatory
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self._mistyped(key, value, "true or false")
        return value

    def number(self, key: str) -> int:
        value = self._get(key, None)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._mistyped(key, value, "a whole number")
        return value

    def optional_number(self, key: str) -> int | None:
        return self.number(key) if self.has(key) else None

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """A list of texts without repetition."""
        value = self._get(key, default)
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise self._mistyped(key, value, "a list of texts")
        if len(set(value)) != len(value):
            raise self.wrong(f'repeats an entry in "{key}": {", ".join(value)}', "name each one once")
        return tuple(value)

    def choice(self, key: str, kinds: type[_E]) -> _E:
        return kinds(self.word(key, tuple(kind.value for kind in kinds)))

    def word(self, key: str, known: tuple[str, ...]) -> str:
        """A text out of a closed vocabulary."""
        value = self.text(key)
        if value not in known:
            raise self.wrong(f'{_verb(key)} "{value}"', one_of(known))
        return value

    def words(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        """A list of texts out of a closed vocabulary; may be left out."""
        for value in (values := self.texts(key, ())):
            if value not in known:
                raise self.wrong(f'{_verb(key)} "{value}"', one_of(known))
        return values

    def row(self, key: str, name: str = "") -> "Row":
        """The mapping under ``key``."""
        return as_row(self.file, name or f"{self.name}.{key}".lstrip("."), self._get(key, None))

    def items(self, key: str) -> list[object]:
        value = self._get(key, None)
        if not isinstance(value, list):
            raise self._mistyped(key, value, "a list")
        return value

    def _get(self, key: str, default: object) -> object:
        value = self.values.get(key, default)
        if value is None:
            raise self.wrong(f'has no "{key}"', "add it")
        return value

    def _mistyped(self, key: str, value: object, expected: str) -> SpecError:
        return self.wrong(f'has {value!r} as "{key}"', f"expected {expected}")


def as_row(file: str, name: str, value: object) -> Row:
    """``value`` as a row, if it is a mapping with text keys."""
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise SpecError(file, name, f"holds {_short(value)}", "expected a mapping with text keys (quote them)")
    return Row(file, name, value)


def listed_rows(file: str, value: object, key: str) -> list[Row]:
    """The rows of a list, each named by what stands under ``key``; an empty file has none."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise SpecError(file, "", f"holds {_short(value)}", "expected a list of rows")
    return [_named(file, number, item, key) for number, item in enumerate(value, start=1)]


def unique(row: Row, what: str, value: str, seen: dict[str, Row]) -> None:
    """Rejects a value that an earlier row already has, and remembers it."""
    if value in seen:
        where = seen[value]
        raise row.wrong(f'has the {what} "{value}" of {where.name} in {where.file}', "give each one of its own")
    seen[value] = row


def _named(file: str, number: int, item: object, key: str) -> Row:
    row = as_row(file, f"row {number}", item)
    name = row.values.get(key)
    return Row(file, str(name), row.values) if isinstance(name, str | int) else row


def _verb(key: str) -> str:
    return key if key in ("binds", "follows", "takes", "needs") else f"has the {key}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
