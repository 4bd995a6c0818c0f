"""``threedd init``: a commented target file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.target_file import USUAL_NAME
from conformance.command.template import filled, template
from conformance.spec import Spec

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), default=USUAL_NAME)
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--for-emulator", is_flag=True, help='Fill it in for "threedd emulator" on this computer.')
@click.option("--port", type=click.IntRange(1, 65535), help="With --for-emulator: its port, if not that of the guide.")
def init(path: Path, spec_folder: Path | None, force: bool, for_emulator: bool, port: int | None) -> None:
    """Write a commented target file for "threedd certify server" to PATH (threedd.toml).

    Exit code 3: the file is there already, or cannot be written.
    """
    if port is not None and not for_emulator:
        raise click.UsageError("--port goes with --for-emulator; add it, or write the port into the file.")
    spec = spec_from(spec_folder)
    text = for_the_emulator(spec, port or spec.service.port) if for_emulator else template(spec)
    if path.exists() and not force:
        raise SetUpFailure(f"{path} is there already; name another file, or write over it with --force.")
    with told_plainly():
        path.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"Wrote {path}. Fill it in, then: threedd certify server --target {path}")


def for_the_emulator(spec: Spec, port: int) -> str:
    """The file for the emulator of this build with the data it comes with."""
    from conformance.emulator.declared import declared
    from conformance.emulator.seed import load_seed

    seed = load_seed(spec)
    return filled(spec, port, [user.user for user in seed.users], declared(seed.state))
