"""``threedd keygen``: a key pair for signing bundles."""

from __future__ import annotations

import os
from pathlib import Path

import click

from conformance.command.failure import SetUpFailure, told_plainly

PASSPHRASE = "THREEDD_KEY_PASSPHRASE"


@click.command()
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("threedd-signing.pem"),
    show_default=True,
    help="File of the private key; the public one is written beside it, ending in .pub.pem.",
)
@click.option("--passphrase", is_flag=True, help=f"Ask for a passphrase that protects the key; also {PASSPHRASE}.")
def keygen(out: Path, passphrase: bool) -> None:
    """Make an Ed25519 key pair, with which "threedd bundle --sign" signs.

    The private key can be read by its owner only (on Windows by whoever may read the folder: keep it in your profile).
    Give the public key, and its id by another way, to those who shall verify. Nothing is ever written over.
    """
    from conformance.certify.signing import new_key_files

    secret = os.environ.get(PASSPHRASE, "")
    if passphrase and not secret:
        secret = str(click.prompt("Passphrase of the new key", hide_input=True, confirmation_prompt=True))
    try:
        with told_plainly():
            public, key_id = new_key_files(out, secret)
    except SetUpFailure as failure:
        if isinstance(failure.__cause__, FileExistsError):
            raise SetUpFailure(f"{out} or its public key exists already; name another file with --out.") from None
        raise
    click.echo(f"private key  {out}{' (with a passphrase)' if secret else ' (without a passphrase)'}")
    click.echo(f"public key   {public}")
    click.echo(f"key id       {key_id}")


def passphrase_of(path: Path) -> str:
    """The passphrase of a key, from the environment or a prompt."""
    known = os.environ.get(PASSPHRASE)
    if known is not None:
        return known
    try:
        return str(click.prompt(f"Passphrase of {path}", hide_input=True))
    except click.Abort:
        raise SetUpFailure(f"nobody typed the passphrase of {path}; set {PASSPHRASE}, or use a terminal.") from None
