"""``threedd certify``: a run against one subject, and the folder that it leaves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.drive import OperatorError, TrustError
from conformance.spec import Profile, Spec
from conformance.suite.target import Patience

if TYPE_CHECKING:  # imported when a run begins, so that help and mistakes answer at once
    from conformance.command.subject import Subject

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
BUDGET_NAMES = ("quick", "standard", "thorough")
PROFILE, READ_ONLY_PROFILE = "server", "server-read-only"


@click.group()
def certify() -> None:
    """Certify a server: run everything, judge what was recorded, write the report."""


@certify.command()
@click.argument("url", default="")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--profile", default="", help="Rows that count; default: server, or server-read-only.")
@click.option("--emulator-fault", "faults", multiple=True, help="Break the embedded emulator on purpose; repeatable.")
@click.option("--user", envvar="THREEDD_USER", help="A user of the server; also THREEDD_USER.")
@click.option("--ca", type=_FILE, help="Certificate of the authority that the server's chain ends with (PEM).")
@click.option("--insecure", is_flag=True, help="Take any certificate.")
@click.option("--thumbprint", default="", help="SHA-1 of that authority; default: the one in the spec.")
@click.option("--fixtures", type=_FILE, help="JSON list of what was prepared on the server.")
@click.option("--control", default="", help="Control address of an emulator that stands for the operator.")
@click.option("--allow-writes", is_flag=True, help="Make patients and start operations; nothing can be deleted again.")
@click.option("--rate", default=50.0, show_default=True, help="Most calls per second to a server; 0 for no limit.")
@click.option("--pick-up-limit", default=30.0, show_default=True, help="Seconds for a station to take an operation.")
@click.option("--processing-limit", default=120.0, show_default=True, help="Seconds for an operator to finish it.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same calls.")
@click.option("--budget", type=click.Choice(BUDGET_NAMES), default="standard", show_default=True)
@click.option("--only", default="*", help="Glob over names of plays: run those only.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--raw", is_flag=True, help="Record patients in clear. Passwords never are.")
@click.pass_context
def server(context: click.Context, /, **_: object) -> None:
    """Certify the server at URL, or the embedded emulator when there is none.

    The password comes from THREEDD_PASSWORD or a prompt; THREEDD_USER2 and THREEDD_PASSWORD2 name another user, and
    THREEDD_CONTROL_TOKEN the token of --control.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: usage or set-up.
    """
    from conformance.command.running import Order, carry_out

    asked = Asked(**context.params)
    if asked.faults and asked.url:
        raise click.UsageError("--emulator-fault breaks the embedded emulator; leave out the URL.")
    spec = spec_from(asked.spec_folder)
    profile = choose_profile(spec, asked.profile, read_only=bool(asked.url) and not asked.allow_writes)
    now = datetime.now(UTC)
    with ExitStack() as stack, _set_up():
        subject = _subject(asked, spec, now, stack)
        order = Order(spec, profile, subject, asked.budget, asked.only, asked.out, now, asked.raw, _again(context))
        exit_code = carry_out(order, Console())
    context.exit(exit_code)


@dataclass(frozen=True)
class Asked:
    """The options of ``certify server``, by the names that the command line gives them."""

    url: str
    spec_folder: Path | None
    profile: str
    faults: tuple[str, ...]
    user: str | None
    ca: Path | None
    insecure: bool
    thumbprint: str
    fixtures: Path | None
    control: str
    allow_writes: bool
    rate: float
    pick_up_limit: float
    processing_limit: float
    seed: int
    budget: str
    only: str
    out: Path
    raw: bool


def _subject(asked: Asked, spec: Spec, now: datetime, stack: ExitStack) -> Subject:
    from conformance.command.subject import Wishes, at_url, embedded

    if not asked.url:
        return stack.enter_context(embedded(spec, asked.seed, asked.faults))
    between_calls_s = 1 / asked.rate if asked.rate > 0 else 0.0
    wishes = Wishes(
        url=asked.url,
        user=asked.user or "",
        password=_password("THREEDD_PASSWORD", asked.user),
        second=_second_user(),
        authority=asked.ca,
        thumbprint=asked.thumbprint,
        insecure=asked.insecure,
        fixtures=asked.fixtures,
        control_url=asked.control,
        control_token=os.environ.get("THREEDD_CONTROL_TOKEN", ""),
        allow_writes=asked.allow_writes,
        patience=Patience(asked.pick_up_limit, asked.processing_limit, between_calls_s=between_calls_s),
    )
    return at_url(spec, wishes, asked.seed, now)


def choose_profile(spec: Spec, name: str, *, read_only: bool) -> Profile | None:
    """The profile of that name, or the usual one; None for a spec that has no profiles. Raises SetUpFailure."""
    wanted = name or (READ_ONLY_PROFILE if read_only else PROFILE)
    if wanted in spec.profile:
        return spec.profile[wanted]
    if not name and not spec.profiles:
        return None
    known = ", ".join(spec.profile) or "none at all"
    raise SetUpFailure(f'profile "{wanted}" is not in {spec.name}; expected {known}.')


@contextmanager
def _set_up() -> Iterator[None]:
    with told_plainly():
        try:
            yield
        except (TrustError, OperatorError) as wrong:
            raise SetUpFailure(str(wrong)) from wrong


def _password(variable: str, user: str | None) -> str:
    if not user:
        return ""
    known = os.environ.get(variable)
    if known is not None:
        return known
    return str(click.prompt(f"Password of {user}", hide_input=True, default="", show_default=False))


def _second_user() -> tuple[str, str] | None:
    user = os.environ.get("THREEDD_USER2")
    return (user, os.environ.get("THREEDD_PASSWORD2", "")) if user else None


def _again(context: click.Context) -> str:
    """The command line that repeats this run, but for what it selects and where it writes."""
    parts = ["threedd certify server"]
    for parameter in context.command.params:
        value = context.params.get(str(parameter.name))
        source = context.get_parameter_source(str(parameter.name))
        if source is not click.core.ParameterSource.COMMANDLINE or parameter.name in ("only", "out"):
            continue
        if isinstance(parameter, click.Argument):
            parts.append(str(value))
        elif isinstance(parameter, click.Option):
            parts += _option(parameter, value)
    return " ".join(parts)


def _option(option: click.Option, value: object) -> list[str]:
    if option.is_flag:
        return [option.opts[0]]
    values = value if isinstance(value, tuple) else (value,)
    return [f'{option.opts[0]} "{each}"' if " " in str(each) else f"{option.opts[0]} {each}" for each in values]
