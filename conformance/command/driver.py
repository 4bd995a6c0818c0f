"""``threedd driver``: try a driver for a PMS, or begin one from a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.command.failure import SetUpFailure, spec_from, told_plainly

if TYPE_CHECKING:
    from rich.console import Console

    from conformance.certify.driver import DriverPms
    from conformance.certify.trial import Tried
    from conformance.spec import Spec

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
STARTED: Mapping[str, str] = {"python": "python {}", "javascript": "node {}"}
"""Name of a language -> how its driver is started; a program of any other is built first, as its template says."""
LANGUAGES: Mapping[str, str] = {"python": "driver.py.txt", "javascript": "driver.mjs.txt", "csharp": "driver.cs.txt"}
"""Name of a language -> file of its template."""
FLAWS_SHOWN = 3


@click.group()
def driver() -> None:
    """Try a driver for a PMS, or begin one from a template."""


@driver.command()
@click.argument("command", nargs=-1, required=True, metavar="CMD")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--poll", "poll_s", type=click.FloatRange(0.001), default=0.05, show_default=True, help="Seconds.")
@click.option(
    "--give-up", "give_up_s", type=click.FloatRange(0.1), default=20.0, show_default=True, help="Patience of the PMS."
)
@click.option(
    "--answer", "answer_s", type=click.FloatRange(0.1), help="Seconds for one step; default: three times --give-up."
)
def check(
    command: tuple[str, ...], spec_folder: Path | None, poll_s: float, give_up_s: float, answer_s: float | None
) -> None:
    """Try every step of the driver that CMD starts, against an embedded emulator.

    CMD is one text with its arguments, or the words of the command behind "--". It says whether the driver speaks the
    protocol, not whether the PMS conforms: that is what "threedd certify pms" is for.

    Exit code 3: the driver does not speak the protocol, or cannot be started.
    """
    from rich.console import Console

    from conformance import __version__
    from conformance.certify.driver import DriverPms, DriverTerms

    spec, console = spec_from(spec_folder), Console(highlight=False)
    with told_plainly():
        harness = f"threedd-conformance {__version__}"
        terms = DriverTerms(poll_s, give_up_s, answer_s or 3 * give_up_s, harness=harness, died="mend what it wrote")
        pms = DriverPms(_arguments(command), _passing_on(console), terms)
    tried, death = _tried(spec, pms, console)
    mistakes = [mistake for each in tried for mistake in each.mistakes]
    for mistake in mistakes:
        console.print(f"  {mistake}", markup=False)
    if death:
        raise SetUpFailure(death)
    if mistakes:
        raise SetUpFailure(f"{len(mistakes)} mistakes in what the driver says; mend them, and try it again.")
    console.print(f"The driver speaks the protocol, and supports {_supported(tried)}.", markup=False)
    console.print("Whether the PMS conforms: threedd certify pms --driver CMD")


@driver.command()
@click.argument("language", type=click.Choice(list(LANGUAGES)))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to this file.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def template(language: str, out: Path | None, force: bool) -> None:
    """Write a commented driver that answers "unsupported" to every step until it is filled in."""
    from importlib.resources import files

    text = files("conformance.certify").joinpath("templates", LANGUAGES[language]).read_text(encoding="utf-8")
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists() and not force:
        raise SetUpFailure(f"{out} is there already; name another file, or write over it with --force.")
    with told_plainly():
        out.write_text(text, encoding="utf-8", newline="\n")
    named = f'"{out}"' if " " in str(out) else str(out)
    command = f"-- {STARTED[language].format(named)}" if language in STARTED else "CMD"
    click.echo(f"Wrote {out}. Fill it in, then: threedd driver check {command}")


def _arguments(command: Sequence[str]) -> tuple[str, ...]:
    from conformance.drive import arguments_of

    return arguments_of(command[0]) if len(command) == 1 else tuple(command)


def _passing_on(console: Console) -> Callable[[str], None]:
    return lambda line: console.print(f"driver: {line}", markup=False)


def _tried(spec: Spec, pms: DriverPms, console: Console) -> tuple[list[Tried], str]:
    """Every step that was tried, printed as a table, and why it could not go on, or ''."""
    import secrets
    import tempfile

    from conformance.certify.pms import DriverError
    from conformance.certify.trial import Trial
    from conformance.emulator.embedded import Embedded
    from conformance.trace import Recorder, Redactor
    from conformance.trace.events import Event

    events: list[Event] = []
    recorder = Recorder(spec, Redactor(spec, secrets.token_bytes(32)), [events.append])
    tried: list[Tried] = []
    death = ""
    with tempfile.TemporaryDirectory(prefix="threedd-driver-") as folder, Embedded(spec, recorder=recorder) as running:
        try:
            for each in Trial(pms, running, events, _flaws(spec)).steps(Path(folder) / "pms"):
                tried.append(each)
        except DriverError as wrong:
            death = str(wrong)
        finally:
            pms.end()
    if tried:
        console.print(_table(tried))
    return tried, death


def _supported(tried: Sequence[Tried]) -> str:
    from conformance.certify.trial import HELLO, NOT_SUPPORTED

    steps = {each.step for each in tried} - {HELLO}
    missing = {each.step for each in tried if each.answer == NOT_SUPPORTED}
    told = f"{len(steps - missing)} of {len(steps)} steps"
    return told if steps - missing else f"{told}: list what your PMS can do, as the template shows"


def _flaws(spec: Spec) -> Callable[[Mapping[str, object]], list[str]]:
    """What the schema finds wrong with an answer: where, and what."""
    import json

    import jsonschema_rs

    schema = json.loads((spec.folder / "driver.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for({"$ref": "#/$defs/answer", "$defs": schema["$defs"]})

    def flaws(answer: Mapping[str, object]) -> list[str]:
        found = validator.iter_errors(dict(answer))
        told = [f"{'.'.join(map(str, each.instance_path)) or 'the answer'}: {each.message}" for each in found]
        return [f"{text}. The protocol is driver.schema.json." for text in told[:FLAWS_SHOWN]]

    return flaws


def _table(tried: Sequence[Tried]) -> object:
    from rich.table import Table
    from rich.text import Text

    table = Table("step", "answer", "what the user was shown", "calls")
    for each in tried:
        calls = ", ".join(f"{name} x {times}" if times > 1 else name for name, times in each.calls.items())
        table.add_row(*(Text(cell) for cell in (each.step, each.answer, each.message, calls)))
    return table
