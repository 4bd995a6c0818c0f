"""``threedd init``: a commented target file to start from."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.target_file import PASSWORD_VARIABLE, TOKEN_VARIABLE, USUAL_NAME
from conformance.command.template import filled, started, template
from conformance.spec import Spec

HIGHEST_PORT = 65535
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
    served = port or spec.service.port
    text = for_the_emulator(spec, served) if for_emulator else template(spec)
    if path.exists() and not force:
        raise SetUpFailure(f"{path} is there already; name another file, or write over it with --force.")
    with told_plainly():
        path.write_text(text, encoding="utf-8", newline="\n")
    if for_emulator:
        click.echo("\n".join(_first_look(spec, served, path)))
    else:
        click.echo(f"Wrote {path}. Fill it in, then: threedd certify server --target {path}")


def _first_look(spec: Spec, port: int, path: Path) -> list[str]:
    from conformance.emulator.seed import load_seed

    user = load_seed(spec).users[0]
    target = "" if path.name == USUAL_NAME else f" --target {path}"
    return [
        f"Wrote {path}, filled in. In its folder start the emulator, which goes on until Ctrl-C:",
        f"  {started(spec, port, control_port(port))}",
        "and in another terminal set two variables, the token being what its line control says after Bearer:",
        f"  {PASSWORD_VARIABLE}   {user.password}   (of {user.user})",
        f"  {TOKEN_VARIABLE}   the token",
        f"Then: threedd certify server --allow-writes --tier full{target}",
    ]


def control_port(port: int) -> int:
    """Of the emulator that serves at that port."""
    return port + 1 if port < HIGHEST_PORT else port - 1


def for_the_emulator(spec: Spec, port: int) -> str:
    """The file for the emulator of this build with the data it comes with."""
    from conformance.emulator.declared import declared
    from conformance.emulator.seed import load_seed

    seed = load_seed(spec)
    return filled(spec, port, control_port(port), [user.user for user in seed.users], declared(seed.state))
