"""How far a run may go, from what the command line and the target file say of it."""

from __future__ import annotations

import click

from conformance.command.failure import SetUpFailure
from conformance.drive import Tier


def granted(asked: str | None, in_file: Tier | None, *, allow_writes: bool) -> Tier:
    """The tier of a run against a server in use. Nothing is written without ``--allow-writes``, whatever else is said.

    Raises UsageError or SetUpFailure where the two sides contradict each other.
    """
    if asked:
        tier = Tier(asked)
        if tier.allows(Tier.OWN_DATA) and not allow_writes:
            raise click.UsageError(f"--tier {tier} writes to the server; add --allow-writes if that is meant.")
    else:
        tier = in_file or (Tier.OWN_DATA if allow_writes else Tier.READ_ONLY)
    if allow_writes and not tier.allows(Tier.OWN_DATA):
        where = "--tier" if asked else "[writes] tier of the target file"
        raise SetUpFailure(f'{where} is "{tier}" and --allow-writes is given; correct one of them.')
    return tier if allow_writes or not tier.allows(Tier.OWN_DATA) else Tier.READ_ONLY
