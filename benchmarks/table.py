"""The figures as a table for people."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.contest import Row, Terms

HEAD = ("server", "over", "requests/s", "ratio", "p50 ms", "p99 ms", "errors", "MiB start", "MiB end")


def table(rows: Sequence[Row], terms: Terms) -> str:
    """A row each; ``ratio`` is to the first row over the same scheme, which is the emulator."""
    lines = [HEAD, *(_line(row, rows) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEAD))]
    text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    about = f"{terms.connections} connections with keep-alive, {terms.seconds} s after {terms.warm_up} s of warm-up"
    return f"{text}\n{about}; https with https and http with http: prism speaks no TLS."


def _line(row: Row, rows: Sequence[Row]) -> tuple[str, ...]:
    figures = row.figures
    base = next(each for each in rows if each.scheme == row.scheme).figures.per_second
    return (
        row.name,
        row.scheme,
        f"{figures.per_second:.0f}",
        f"{figures.per_second / base:.2f}" if base else "-",
        f"{figures.p50_ms:.1f}",
        f"{figures.p99_ms:.1f}",
        str(figures.errors),
        f"{row.memory_start_mib:.1f}",
        f"{row.memory_end_mib:.1f}",
    )
