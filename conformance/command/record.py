"""``threedd record URL``: what a PMS and a real server say to each other, recorded and judged while they say it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from conformance.command.choices import profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.spec import Binds, Profile, Spec

if TYPE_CHECKING:  # imported when a recording begins, so that help and mistakes answer at once
    from conformance.drive import Place, Trust

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
PROFILE = "pms"


@click.command()
@click.argument("url")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others let the network in.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Default: that of the guide, or a free one where it is taken."
)
@click.option("--hostname", "hostnames", multiple=True, help="A name under which the PMS will call; repeatable.")
@click.option(
    "--certificates", type=_NEW_FOLDER, help="Keep them in this folder, so that the PMS goes on trusting them."
)
@click.option("--ca", type=_FILE, help="Certificate of the authority that the server's chain ends with (PEM).")
@click.option("--thumbprint", default="", help="SHA-1 of that authority; default: the one in the spec.")
@click.option("--insecure", is_flag=True, help="Take any certificate of the server.")
@click.option("--rewrite-host", is_flag=True, help="Put the server's name into the Host header, for one that insists.")
@click.option("--shared", is_flag=True, help="Others use the server meanwhile, past this recording.")
@click.option("--for", "seconds", type=click.FloatRange(0, min_open=True), help="End after so many seconds.")
@click.option("--calls", type=click.IntRange(1), help="End after so many calls.")
@click.option("--profile", default="", help="Rows that count; default: those that bind a PMS.")
@click.option("--strict", is_flag=True, help="Advice counts as well: a broken recommendation fails the run.")
@click.option(
    "--out",
    "--journal-folder",
    "out",
    type=_NEW_FOLDER,
    default=Path("reports"),
    show_default=True,
    help="Where the folder of this recording is made.",
)
@click.option("--har", type=click.Path(dir_okay=False, path_type=Path), help="Write the archive to this file as well.")
@click.option("--raw", is_flag=True, help="Record patients in clear. Passwords never are.")
@click.pass_context
def record(
    context: click.Context,
    url: str,
    spec_folder: Path | None,
    host: str,
    port: int | None,
    hostnames: tuple[str, ...],
    certificates: Path | None,
    ca: Path | None,
    thumbprint: str,
    insecure: bool,
    rewrite_host: bool,
    shared: bool,
    seconds: float | None,
    calls: int | None,
    profile: str,
    strict: bool,
    out: Path,
    har: Path | None,
    raw: bool,
) -> None:
    """Stand between a PMS and the server at URL; record and judge what passes, until Ctrl-C.

    The PMS is given the address that is printed, and trusts the authority or the thumbprint beside it. What it sends
    reaches the server byte for byte, and so does what comes back; nothing else is sent. Its password passes through
    and is never stored.

    What the server breaks is told as well, and does not count against the PMS, unless --profile names rows of a server.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: usage or set-up.
    """
    from conformance.command.recording import Door, Ending, Order, carry_out

    spec = spec_from(spec_folder)
    console = Console()
    with told_plainly():
        full, place, trust = _server(url, ca, thumbprint, insecure, spec, console)
        order = Order(
            spec=spec,
            profile=choose_profile(spec, profile),
            url=full,
            place=place,
            trust=trust,
            door=Door(host, port, hostnames, certificates),
            ending=Ending(seconds, calls),
            out=out,
            har=har,
            now=datetime.now(UTC),
            raw=raw,
            shared=shared,
            strict=strict,
            rename_host=rewrite_host,
        )
        exit_code = carry_out(order, console)
    context.exit(exit_code)


def choose_profile(spec: Spec, name: str) -> Profile | None:
    """The profile of that name, or the usual one; None for a spec that has none for a PMS. Raises SetUpFailure."""
    wanted = name or PROFILE
    return profile_of(spec, wanted) if name or any(profile.binds is Binds.PMS for profile in spec.profiles) else None


def _server(
    url: str, ca: Path | None, thumbprint: str, insecure: bool, spec: Spec, console: Console
) -> tuple[str, Place, Trust]:
    """The full address, its parts, and how the server there is recognised. Raises SetUpFailure, ValueError, OSError."""
    from conformance.command.rungs import shown_on
    from conformance.command.subject import authority_text, full_url
    from conformance.command.target_values import Unfit
    from conformance.command.target_values import thumbprint as one_thumbprint
    from conformance.drive import TrustError, place
    from conformance.suite.ladder import Unready
    from conformance.suite.reach import Believed, reach

    full = full_url(url, spec)
    console.print(f"recording {full}", highlight=False, soft_wrap=True)
    try:
        believed = Believed(authority_text(ca) if ca is not None else "", one_thumbprint(thumbprint), insecure)
        return full, place(full), reach(place(full), believed, spec, shown_on(console))
    except Unfit as unfit:
        raise SetUpFailure(f'--thumbprint is "{thumbprint}"; expected {unfit}. Correct it.') from None
    except (Unready, TrustError) as wrong:
        raise SetUpFailure(str(wrong)) from wrong
