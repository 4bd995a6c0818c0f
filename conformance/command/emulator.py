"""``threedd emulator``: a 3DD to build against, in the foreground."""

from __future__ import annotations

import json
from pathlib import Path

import click

from conformance.command.failure import spec_from, told_plainly
from conformance.emulator.faults import faults
from conformance.emulator.listener import LOOPBACK
from conformance.emulator.serve import FREEDOMS, PICK_UP_S, PROCESSING_S, Settings, serve

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; anything else is your wish.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: the port of the guide; 0: any free one.")
@click.option("--control-port", type=click.IntRange(0, 65535), default=0, help="Always on loopback; 0: any free one.")
@click.option("--hostname", "hostnames", multiple=True, help="A name under which clients will call; repeatable.")
@click.option("--fault", "names", multiple=True, help="Misbehave on purpose; repeatable. See --list-faults.")
@click.option("--reading", "readings", multiple=True, help="ID=NAME: how to read a doubtful point; repeatable.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of every free choice.")
@click.option("--quiet", is_flag=True, help="Use no freedom of the guide: the same answer each time.")
@click.option("--ask", is_flag=True, help="Dialogs wait for a decision through the control port.")
@click.option("--pick-up", type=click.FloatRange(0), default=PICK_UP_S, show_default=True, help="Seconds.")
@click.option("--processing", type=click.FloatRange(0), default=PROCESSING_S, show_default=True, help="Seconds.")
@click.option("--certificates", type=click.Path(file_okay=False, path_type=Path), help="Keep them in this folder.")
@click.option("--data", type=_FOLDER, help="A folder with a seed.json of your own.")
@click.option("--list-faults", is_flag=True, help="Print every fault as JSON and stop.")
def emulator(
    spec_folder: Path | None,
    host: str,
    port: int | None,
    control_port: int,
    hostnames: tuple[str, ...],
    names: tuple[str, ...],
    readings: tuple[str, ...],
    seed: int,
    quiet: bool,
    ask: bool,
    pick_up: float,
    processing: float,
    certificates: Path | None,
    data: Path | None,
    list_faults: bool,
) -> None:
    """Serve an emulated Dental Desktop until Ctrl-C. It is no 3DD and not for clinical use.

    Exit code 3: the port is taken, or an option is wrong.
    """
    if list_faults:
        click.echo(catalogue())
        return
    spec = spec_from(spec_folder)
    with told_plainly():
        settings = Settings(
            host=host,
            port=port,
            control_port=control_port,
            faults=names,
            readings=dict(map(_reading, readings)),
            seed=seed,
            freedoms=frozenset() if quiet else FREEDOMS,
            asks=ask,
            pick_up_delay_s=pick_up,
            processing_delay_s=processing,
            certificates=certificates,
            data=data,
            hostnames=hostnames,
        )
        serve(spec, settings, say=click.echo)


def catalogue() -> str:
    """Every fault as JSON: name, what it does, the rows it breaks."""
    rows = [{"name": each.name, "does": each.does, "breaks": list(each.breaks)} for each in faults().values()]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _reading(text: str) -> tuple[str, str]:
    point, equals, name = text.partition("=")
    if not equals or not point or not name:
        raise ValueError(f"--reading {text!r} is no reading; write ID=NAME, for example XML-BOM=present.")
    return point, name
