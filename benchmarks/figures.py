"""What a benchmark has to tell: rows of figures, the machine they come from, and how they look in a terminal."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

Cell = str | int | float


@dataclass(frozen=True)
class Report:
    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    machine: Mapping[str, Cell] = field(default_factory=lambda: machine())

    def text(self) -> str:
        """A table with its notes."""
        lines = [tuple(self.columns), *(tuple(map(shown, row)) for row in self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.columns))]
        laid = [
            "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
        ]
        facts = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        return "\n".join([f"{self.name} ({facts})", *laid, *self.notes, ""])

    def as_json(self) -> Mapping[str, object]:
        """The same for programs: a mapping per row."""
        rows = [dict(zip(self.columns, row, strict=True)) for row in self.rows]
        return {"name": self.name, "machine": dict(self.machine), "rows": rows, "notes": list(self.notes)}


def shown(cell: Cell) -> str:
    """A figure with three digits that mean something."""
    if not isinstance(cell, float):
        return str(cell)
    return f"{cell:.0f}" if cell >= 100 else f"{cell:.3g}"


def middle(values: Sequence[float]) -> float:
    """The median, rounded so that it can be compared."""
    return round(median(values), 6)


def machine() -> dict[str, Cell]:
    """What the figures depend on. The load tells how far they can be trusted."""
    cpus = Path("/proc/cpuinfo")
    models = cpus.read_text(encoding="utf-8").splitlines() if cpus.is_file() else []
    model = next((line.partition(":")[2].strip() for line in models if line.startswith("model name")), "")
    facts: dict[str, Cell] = {
        "cpu": model or platform.processor() or platform.machine(),
        "cores": os.cpu_count() or 0,
        "system": platform.system(),
        "python": platform.python_version(),
    }
    if hasattr(os, "getloadavg"):
        facts["load"] = round(os.getloadavg()[0], 1)
    return facts
