"""What a PMS says it understood, as the facts of notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

_PARTS = ("images", "indications", "scans")


def understood(data: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, str], str]]:
    """What the PMS says it understood, thing by thing: its kind, its fields as texts ('' for none), and of a case the
    lists that it tells of, the empty ones too."""
    for station in _rows(data, "stations"):
        yield "station", _texts(station), ""
    for case in _rows(data, "cases"):
        whose = {"case": str(case.get("case", ""))}
        yield "case", _texts(case), " ".join(what for what in _PARTS if isinstance(case.get(what), list))
        for what in _PARTS:
            for part in _rows(case, what):
                yield what.removesuffix("s"), {**whose, **_texts(part)}, ""
    for image in _rows(data, "images"):
        yield "picture", _texts(image), ""


def _rows(data: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = data.get(key)
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: _text(value) for name, value in row.items() if not isinstance(value, list | Mapping)}


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
