"""By what a run is measured besides the spec: waivers that the user answers for, and a run that it is held against."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from conformance.command.plain import plain
from conformance.judge import Ledger, Waiver
from conformance.judge.compared import compared, regressions
from conformance.spec import Spec

F = TypeVar("F", bound=Callable[..., Any])
_KEY = "threedd.measure"
_ENTRIES = tuple(each.name for each in fields(Waiver))
REGRESSION = 1
OPTION_NAMES = ("measure_waivers", "measure_baseline")


@dataclass(frozen=True)
class Measure:
    """What the user chose."""

    waivers: Path | None = None
    baseline: Path | None = None

    @property
    def any(self) -> bool:
        return self.waivers is not None or self.baseline is not None

    def waivers_for(self, spec: Spec) -> tuple[Waiver, ...]:
        """The waivers of the file. Raises ValueError for what is none."""
        return waivers_from(self.waivers, spec) if self.waivers is not None else ()

    def yardstick(self, spec: Spec) -> Yardstick:
        """What the run is held against, read before it begins. Raises ValueError."""
        from conformance.command.ledgers import ledger_at

        return Yardstick(ledger_at(self.baseline, spec) if self.baseline is not None else None)


@dataclass
class Yardstick:
    """The ledger of an earlier run, and what was made of it."""

    before: Ledger | None
    worse: bool = False

    def after(self, tell: Callable[[Ledger], object], *, to_stderr: bool = False) -> Callable[[Ledger], None]:
        """``tell``, and then what changed since the earlier run."""

        def both(ledger: Ledger) -> None:
            tell(ledger)
            self.tell(ledger, to_stderr=to_stderr)

        return both

    def tell(self, ledger: Ledger, *, to_stderr: bool = False) -> None:
        """Says what changed since the earlier run."""
        from conformance.command.compare import told

        if self.before is None:
            return
        differences = compared(self.before, ledger)
        self.worse = bool(regressions(differences))
        for line in ("since the baseline:", *told(differences, everything=False)):
            click.echo(plain(line), err=to_stderr)

    def exit_code(self, own: int) -> int:
        """That of the run, or 1 when something became worse; a run that could not be carried out stays one."""
        return REGRESSION if self.worse and own != 3 else own


def measured(command: F) -> F:
    """Gives a command the options ``--waivers`` and ``--baseline``; ``measure_of`` tells what was chosen."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def measure_of(context: click.Context) -> Measure:
    measure: Measure = context.meta.get(_KEY, Measure())
    return measure


def waivers_from(path: Path, spec: Spec) -> tuple[Waiver, ...]:
    """The waivers of a TOML file, one table ``[[waiver]]`` each. Raises ValueError, and OSError."""
    try:
        with path.open("rb") as file:
            body = tomllib.load(file)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}. Correct it there.") from error
    rows = body.get("waiver")
    if set(body) - {"waiver"} or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError(f"{path} has {', '.join(body) or 'nothing'}; expected tables [[waiver]]. Correct it.")
    waivers = tuple(_waiver(f"{path}: waiver {number}", row, spec) for number, row in enumerate(rows, start=1))
    ids = [waiver.requirement for waiver in waivers]
    if twice := next((id for id in ids if ids.count(id) > 1), ""):
        raise ValueError(f"{path} waives {twice} twice; keep one of the two.")
    return waivers


def _waiver(where: str, row: dict[str, object], spec: Spec) -> Waiver:
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
    if set(told) != set(_ENTRIES) or not all(isinstance(value, str) and value.strip() for value in told.values()):
        raise ValueError(f"{where} has {', '.join(row) or 'nothing'}; expected texts for {', '.join(_ENTRIES)}.")
    waiver = Waiver(**{name: str(value).strip() for name, value in told.items()})
    if waiver.requirement not in spec.requirement:
        raise ValueError(f'{where} is about "{waiver.requirement}", which {spec.name} has not; correct or remove it.')
    if not _is_day(waiver.expires):
        raise ValueError(f'{where} expires "{waiver.expires}"; expected a day such as 2030-12-31. Correct it.')
    return waiver


def _is_day(text: str) -> bool:
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _keep(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    measure = measure_of(context)
    context.meta[_KEY] = replace(measure, **{str(parameter.name).removeprefix("measure_"): value})


_OPTIONS = (
    click.option(
        "--waivers", "measure_waivers", type=click.Path(exists=True, dir_okay=False, path_type=Path),
        expose_value=False, callback=_keep,
        help="TOML file of [[waiver]]: requirement, owner, reason, expires. One that is stale or not needed fails.",
    ),
    click.option(
        "--baseline", "measure_baseline", type=click.Path(exists=True, path_type=Path), expose_value=False,
        callback=_keep, help="An earlier run (folder, ledger or bundle): say what changed, and exit with 1 if worse.",
    ),
)  # fmt: skip
