"""``threedd certify``: a run against one subject, and the folder that it leaves."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from conformance.command.certify_bvs import vdds_bvs
from conformance.command.certify_pms import pms
from conformance.command.choices import check_globs, profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.measure import measure_of, measured
from conformance.command.repeat import again, option
from conformance.command.shards import Shard, shared_out
from conformance.command.target_values import Unfit, thumbprint
from conformance.command.tiers import granted
from conformance.command.voice import voice_of, voiced
from conformance.drive import OperatorError, Tier, TrustError
from conformance.spec import Profile, Spec
from conformance.suite.ladder import Unready
from conformance.suite.play import Identity
from conformance.suite.target import Patience

if TYPE_CHECKING:  # imported when a run begins, so that help and mistakes answer at once
    from conformance.command.operating import Attendance
    from conformance.command.subject import Subject
    from conformance.command.target_file import TargetFile

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FROM_0, _ABOVE_0 = click.FloatRange(0), click.FloatRange(0, min_open=True)
OPERATORS = ("none", "manual", "command", "emulator")
TIER_NAMES = tuple(tier.value for tier in Tier)
BUDGET_NAMES = ("quick", "standard", "thorough")
PROFILE, READ_ONLY_PROFILE, QUICK_PROFILE = "server", "server-read-only", "server-quick"


@click.group()
def certify() -> None:
    """Certify a server, a PMS, or a BVS of VDDS media: run everything, judge what was recorded, write the report."""


certify.add_command(pms)
certify.add_command(vdds_bvs)


@certify.command()
@voiced("--quiet", "--silent")
@measured
@shared_out
@click.argument("url", default="")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--profile", default="", help="Rows that count; default: server, server-read-only or server-quick.")
@click.option(
    "--emulator-fault", "faults", multiple=True, help="Break the embedded emulator on purpose; repeatable, strict."
)
@click.option("--target", "target_path", type=_FILE, help="Target file; default: threedd.toml in this folder, if any.")
@click.option("--embedded", is_flag=True, help="Certify the embedded emulator, whatever threedd.toml says.")
@click.option("--user", envvar="THREEDD_USER", help="A user of the server; also THREEDD_USER.")
@click.option("--ca", type=_FILE, help="Certificate of the authority that the server's chain ends with (PEM).")
@click.option("--insecure", is_flag=True, help="Take any certificate.")
@click.option("--thumbprint", default="", help="SHA-1 of that authority; default: the one in the spec.")
@click.option("--fixtures", type=_FILE, help="JSON list of what was prepared on the server.")
@click.option("--operator", type=click.Choice(OPERATORS), help="Who presses the buttons; see below.")
@click.option("--operator-command", default="", help="Executable and arguments, told of each dialog in a JSON line.")
@click.option("--control", default="", help="Control address of an emulator that stands for the operator.")
@click.option("--allow-writes", is_flag=True, help="Make patients and start operations; nothing can be deleted again.")
@click.option("--tier", type=click.Choice(TIER_NAMES), help="How far a run may go; default: see above.")
@click.option(
    "--shared", is_flag=True, help="Others use the server meanwhile: what they may have caused is no finding."
)
@click.option("--max-calls", type=click.IntRange(0), default=0, help="Make at most so many calls; 0 for no limit.")
@click.option("--rate", type=_FROM_0, help="Most calls per second to a server; default: 50; 0 for no limit.")
@click.option("--pick-up-limit", type=_ABOVE_0, help="Seconds for a station to take an operation; default: 30.")
@click.option("--processing-limit", type=_ABOVE_0, help="Seconds for an operator to finish it; default: 120.")
@click.option("--strict", is_flag=True, help="Advice counts as well: a broken recommendation fails the run.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same calls.")
@click.option("--budget", type=click.Choice(BUDGET_NAMES), default="standard", show_default=True)
@click.option("--only", default="*", help="Globs over names of plays, separated by commas: run those only.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--raw", is_flag=True, help="Record patients in clear. Passwords never are.")
@click.pass_context
def server(context: click.Context, /, **_: object) -> None:
    """Certify the server at URL or of the target file, or the embedded emulator when neither is given.

    What is given here goes before what the target file says; "threedd init" writes one. The password comes from
    THREEDD_PASSWORD or a prompt; THREEDD_USER2 and THREEDD_PASSWORD2 name another user, and THREEDD_CONTROL_TOKEN the
    token of --control.

    A run may observe; be read-only, which is the default; write own-data, the default with --allow-writes; or go to
    full length and change what was prepared as well. Nothing outside its tier is sent.

    At the stations is nobody (none, the default); a person who is asked here (manual); a command that is told of each
    dialog (command); or an emulator (emulator, the default with --control). Without an operator, rows that need one are
    not observed.

    --shard 1/3, 2/3 and 3/3 play a third each, in jobs of a CI or one after the other; "threedd merge" gives the
    verdict. --workers does all of that here, each worker with an emulator of its own.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: usage or set-up. A shard that broke nothing: 0.
    """
    asked = Asked(**context.params)
    if asked.shard is not None and asked.workers > 1:
        raise click.UsageError("--workers divides a run into shards itself; leave out --shard, or --workers.")
    if (asked.faults or asked.embedded) and (asked.url or asked.target_path):
        option = "--emulator-fault breaks" if asked.faults else "--embedded certifies"
        raise click.UsageError(f"{option} the embedded emulator; leave out the URL and --target.")
    spec = spec_from(asked.spec_folder)
    voice = voice_of(context)
    console = voice.console()
    file = _target_file(asked, spec, console)
    if asked.workers > 1:
        context.exit(_in_workers(context, asked, file, spec, console))
    from conformance.command.running import Order, carry_out

    if file.server.url:
        tier = granted(asked.tier, file.writes.tier, allow_writes=asked.allow_writes)
    else:
        tier = Tier(asked.tier) if asked.tier else Tier.FULL
    read_only = not tier.allows(Tier.OWN_DATA)
    profile = choose_profile(spec, asked.profile, read_only=read_only, quick=asked.budget == "quick")
    now, measure = datetime.now(UTC), measure_of(context)
    with ExitStack() as stack, _set_up():
        _check_selection(asked, spec)
        yardstick, waivers = measure.yardstick(spec), measure.waivers_for(spec)
        subject = _subject(asked, file, tier, spec, now, console, stack)
        order = Order(
            spec,
            profile,
            subject,
            asked.budget,
            asked.only,
            asked.out,
            now,
            asked.raw,
            asked.strict or bool(asked.faults),
            _again(context, file),
            yardstick.after(voice.tell, to_stderr=voice.as_json),
            waivers,
            asked.shard,
            asked.bare,
        )
        exit_code = carry_out(order, console)
    context.exit(yardstick.exit_code(exit_code))


@dataclass(frozen=True)
class Asked:
    """The options of ``certify server``, by the names that the command line gives them."""

    url: str
    spec_folder: Path | None
    profile: str
    faults: tuple[str, ...]
    target_path: Path | None
    embedded: bool
    user: str | None
    ca: Path | None
    insecure: bool
    thumbprint: str
    fixtures: Path | None
    operator: str | None
    operator_command: str
    control: str
    allow_writes: bool
    tier: str | None
    shared: bool
    max_calls: int
    rate: float | None
    pick_up_limit: float | None
    processing_limit: float | None
    seed: int
    budget: str
    only: str
    out: Path
    raw: bool
    strict: bool
    shard: Shard | None
    workers: int
    bare: bool


def _target_file(asked: Asked, spec: Spec, console: Console) -> TargetFile:
    """What the target file says, with the address of the command line; nothing for the embedded emulator."""
    from conformance.command.target_file import TargetFile, target_file, with_url

    if asked.faults or asked.embedded:
        return TargetFile()
    with told_plainly():
        file = target_file(asked.target_path, Path(), spec)
    if file.path is not None:
        console.print(f"target file {file.path}", highlight=False)
        if not asked.url and not file.server.url:
            raise SetUpFailure(f"{file.path}: [server]: url is missing; add it, or give the URL on the command line.")
    return with_url(file, asked.url)


def _check_selection(asked: Asked, spec: Spec) -> None:
    """Raises SetUpFailure where --only selects nothing: before anything is called."""
    from conformance.command.dealing import plays_dealt
    from conformance.suite import preflight, searched, stage

    before = (preflight.PLAY, searched.PLAY, stage.PLAY)  # not dealt, but reports name them
    if asked.only != "*":
        check_globs(asked.only, sorted((*plays_dealt(spec, 1), *before)), "play")


def _in_workers(context: click.Context, asked: Asked, file: TargetFile, spec: Spec, console: Console) -> int:
    from conformance.command.workers import in_workers

    if file.server.url:
        told = f"--workers starts an emulator for each worker, and {file.server.url} is one server"
        raise click.UsageError(f"{told}; certify it with --shard 1/N to N/N, one after the other, or without both.")
    choose_profile(spec, asked.profile, read_only=False, quick=asked.budget == "quick")
    voice, measure = voice_of(context), measure_of(context)
    with _set_up():
        _check_selection(asked, spec)
        yardstick = measure.yardstick(spec)
        tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
        words = ("certify", "server", *(() if asked.faults else ("--embedded",)))
        return yardstick.exit_code(in_workers(context, words, spec, datetime.now(UTC), console, tells))


def _subject(
    asked: Asked, file: TargetFile, tier: Tier, spec: Spec, now: datetime, console: Console, stack: ExitStack
) -> Subject:
    from conformance.command.rungs import shown_on
    from conformance.command.subject import Wishes, at_url, embedded, full_url

    if not file.server.url:
        if asked.operator or asked.operator_command or asked.control:
            raise click.UsageError("the embedded emulator has an operator of its own; give a URL, or no operator.")
        return stack.enter_context(embedded(spec, asked.seed, asked.faults, tier))
    wishes = Wishes(
        url=file.server.url,
        users=_users(asked, file),
        authority=asked.ca or (None if asked.thumbprint or asked.insecure else file.server.authority),
        thumbprint=_thumbprint(asked.thumbprint) or ("" if asked.ca else file.server.thumbprint),
        insecure=asked.insecure or (file.server.insecure and not asked.ca and not asked.thumbprint),
        fixtures=asked.fixtures,
        prepared=file.fixtures,
        attendance=stack.enter_context(_attendance(asked, file, spec, console)),
        tier=tier,
        shared=asked.shared or file.writes.shared,
        patience=_patience(asked, file),
    )
    console.print(f"certifying {full_url(wishes.url, spec)}", highlight=False)
    return at_url(spec, wishes, asked.seed, now, shown_on(console))


def _attendance(asked: Asked, file: TargetFile, spec: Spec, console: Console) -> AbstractContextManager[Attendance]:
    from conformance.command.operating import attendance, chosen
    from conformance.command.target_file import PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE

    part = chosen(asked.operator or "", asked.operator_command, asked.control, file.operator)
    secrets = (PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE, *(user.password_env for user in file.users))
    return attendance(part, spec.name, console, secrets)


def _patience(asked: Asked, file: TargetFile) -> Patience:
    def said(asked: float | None, in_file: float) -> float:
        return in_file if asked is None else asked

    limits = file.limits
    rate = said(asked.rate, limits.calls_per_s)
    return Patience(
        said(asked.pick_up_limit, limits.pick_up_s),
        said(asked.processing_limit, limits.processing_s),
        between_calls_s=1 / rate if rate > 0 else 0.0,
        most_calls=asked.max_calls,
    )


def _thumbprint(text: str) -> str:
    try:
        return thumbprint(text)
    except Unfit as unfit:
        raise SetUpFailure(f'--thumbprint is "{text}"; expected {unfit}. Correct it.') from None


def choose_profile(spec: Spec, name: str, *, read_only: bool, quick: bool = False) -> Profile | None:
    """The profile of that name, or the usual one; None for a spec that has no profiles. Raises SetUpFailure.

    A quick run counts the rows that it covers, where the spec says which those are.
    """
    usual = QUICK_PROFILE if quick and QUICK_PROFILE in spec.profile else PROFILE
    wanted = name or (READ_ONLY_PROFILE if read_only else usual)
    return profile_of(spec, wanted) if name or spec.profiles else None


@contextmanager
def _set_up() -> Iterator[None]:
    with told_plainly():
        try:
            yield
        except (Unready, TrustError, OperatorError) as wrong:
            raise SetUpFailure(str(wrong)) from wrong


def _users(asked: Asked, file: TargetFile) -> tuple[Identity, ...]:
    """Who may call: the users of the file, or those whom the command line and the environment name."""
    from conformance.command.target_file import PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE, UserPart

    named = [*file.users]
    if asked.user and asked.user not in [user.name for user in named[:1]]:
        named[:1] = [UserPart(asked.user)]
    second = os.environ.get("THREEDD_USER2")
    if second and second not in [user.name for user in named]:
        named[1:2] = [UserPart(second)]
    variables = [PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE]
    usual = [*variables, *("" for _ in named[2:])]
    return tuple(
        Identity(user.name, _password(user.password_env or variable, user.name))
        for user, variable in zip(named, usual, strict=False)
    )


def _password(variable: str, user: str) -> str:
    known = os.environ.get(variable) if variable else None
    if known is not None:
        return known
    try:
        if sys.stdin.isatty():
            return str(click.prompt(f"Password of {user}", hide_input=True, default="", show_default=False))
        return _read_password(user)
    except click.Abort:
        where = f"set {variable}" if variable else "name a password_env for this user in the target file"
        raise SetUpFailure(f"nobody typed the password of {user}; {where}, or run this on a terminal.") from None


def _read_password(user: str) -> str:
    """The next line of what is not a terminal: a pipe, or a console that hides nothing. Raises Abort at its end."""
    click.echo(f"Password of {user} (not hidden here): ", nl=False, err=True)
    line = sys.stdin.readline()
    click.echo("", err=True)
    if not line:
        raise click.Abort
    return line.rstrip("\r\n")


def _again(context: click.Context, file: TargetFile) -> str:
    """The command line that repeats this run, but for what it selects and where it writes."""
    found = file.path is not None and context.params["target_path"] is None
    return again(context, "threedd certify server", [option("--target", file.path)] if found else [])
