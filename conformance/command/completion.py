"""``threedd completion SHELL``: the script that lets a shell complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_THREEDD_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of SHELL; bash: eval "$(threedd completion bash)" in ~/.bashrc."""
    from conformance.command.main import threedd

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(threedd, {}, "threedd", VARIABLE).source())
