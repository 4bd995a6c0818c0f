"""``threedd certify pms``: what a PMS does when it is used, and what it understands, against the emulator."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource
from rich.console import Console

from conformance.command.certify_pms_beside import INTERFACES, PROFILE, REST, VDDS, carry_out_beside, interface_of
from conformance.command.choices import abilities_of, chosen_of, profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.measure import measure_of, measured
from conformance.command.repeat import again
from conformance.command.shards import Shard, shared_out
from conformance.command.voice import voice_of, voiced

if TYPE_CHECKING:
    from conformance.certify.manual import ManualPms
    from conformance.certify.pms import PmsActor
    from conformance.command.certifying_pms import Order
    from conformance.command.kept import Kept, Options
    from conformance.command.watching_pms import Occasion
    from conformance.spec import Spec
    from conformance.spec.scenarios import Scenario
    from conformance.trace import Event

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@voiced("--quiet", "--silent")
@measured
@shared_out
@click.option("--driver", "driver", default="", help="Executable and arguments that speak the driver protocol.")
@click.option("--interface", type=click.Choice(INTERFACES), default=REST, show_default=True, help="What it speaks.")
@click.option("--manual", is_flag=True, help="A person at the terminal is told what to do in the PMS.")
@click.option("--supports", metavar="STEP,...", help="With --manual: what the PMS can do; default: you are asked.")
@click.option("--resume", type=_FOLDER, help="Go on with the run of this folder, which was stopped or killed.")
@click.option("--run", "run", default="", help="Start this, watch what it calls, and end when it ends.")
@click.option("--for", "after_s", type=click.FloatRange(0), help="Watch for so many seconds; default: until Ctrl-C.")
@click.option("--watch", type=_FOLDER, help="With --interface vdds: only look at what two others exchange here.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="While watching, where to be called; default: that of the guide."
)
@click.option("--no-situations", is_flag=True, help="While watching, bring no situations about.")
@click.option("--subject", default="", help="Name of the PMS, for the report; a driver says its own.")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--profile", default=PROFILE, show_default=True, help="Rows that count.")
@click.option("--only", default="*", help="Globs over names of scenarios, separated by commas: play those only.")
@click.option("--seed", default=0, show_default=True, help="Same seed, same patients and same choices.")
@click.option("--strict", is_flag=True, help="Advice counts as well: a broken recommendation fails the run.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--raw", is_flag=True, help="Record patients in clear. Passwords never are.")
@click.pass_context
def pms(context: click.Context, /, **_: object) -> None:
    """Certify a PMS: tell it what to do, play the 3DD around it, and judge its calls and what it understood.

    --driver names a program that stands between this one and the PMS; "threedd driver template" writes one to start
    from, "threedd driver check" tries it. Everything else is embedded.

    --manual is for a PMS that only has a user interface: each task is said in plain words, and you say what the PMS
    shows. q stops; --resume goes on another day, also with the run of a driver that was killed, whatever its interface.
    Until a run ends, its folder "resume" holds what that takes: the made-up patients in clear, and in resume.key,
    readable by you alone, what makes the tokens of the journal. It is removed at the end.

    Without either the emulator waits to be called and watches, while somebody uses the PMS or --run starts its own
    tests (told by THREEDD_URL, THREEDD_USER, THREEDD_PASSWORD, THREEDD_CA and THREEDD_THUMBPRINT where to call).
    Between calls it brings situations about, and says what to do next; what was not seen is listed at the end.

    --interface cli is about the command line: the run says where its program lies, has the driver start it for one
    patient after the other (step "send_by_command_line"), or watches who starts it (--run: THREEDD_COMMAND_LINE).

    --interface vdds is about VDDS media, the PMS being the PVS: the run says where its register is, has the driver hand
    patients over and fetch images (steps "send_by_vdds", "image_info_by_vdds", "images_by_vdds"), or watches who goes
    by the register (--run: THREEDD_VDDS_REGISTER). With --watch FOLDER nothing is played: the PMS and another BVS, such
    as a 3DD, exchange their files in that folder, and the run looks at them until --for, --run or Ctrl-C ends it.

    --shard 1/3, 2/3 and 3/3 play a third each, in jobs of a CI or one after the other; "threedd merge" gives the
    verdict. --workers does all of that here: each worker starts the driver once more, with a data folder and an
    emulator of its own.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: usage or set-up. A shard that broke nothing: 0.
    """
    asked, console = context.params, voice_of(context).console()
    interface = _interface(context)
    if interface != REST:
        context.exit(carry_out_beside(context, interface, console))
    _check(context, asked["driver"], asked["manual"])
    if asked["workers"] > 1:
        context.exit(_in_workers(context, console))
    told = asked["driver"] or asked["manual"] or asked["resume"] is not None
    context.exit(_certified(context, console) if told else _watch(context, console))


def _interface(context: click.Context) -> str:
    """What is certified. Raises UsageError for what goes with no interface, or with another one."""
    asked, interface = context.params, str(context.params["interface"])
    if measure_of(context).waivers is not None and asked["resume"] is not None:
        raise click.UsageError("--resume takes the waivers from the run; leave out --waivers.")
    _check_shards(asked["shard"], asked["workers"], interface, asked["driver"])
    if asked["watch"] is not None and interface != VDDS:
        raise click.UsageError("--watch looks at transfer files; it goes with --interface vdds.")
    return interface if asked["resume"] is None else _of_the_run(context, asked["resume"])


def _certified(context: click.Context, console: Console) -> int:
    """The exit code of a run in which the PMS is told what to do."""
    from conformance.certify.pms import DriverError
    from conformance.command.certifying_pms import carry_out

    voice, measure, asked = voice_of(context), measure_of(context), context.params
    with told_plainly():
        try:
            order = _order(context, console)
            if asked["shard"] is not None:
                order = _of_shard(order, asked["shard"])
            yardstick = measure.yardstick(order.spec)
            tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
            order = replace(order, tells=tells, waivers=measure.waivers_for(order.spec), bare=asked["bare"])
            return yardstick.exit_code(carry_out(order, console))
        except DriverError as wrong:
            raise SetUpFailure(str(wrong)) from wrong


def _check_shards(shard: Shard | None, workers: int, interface: str, driver: str) -> None:
    """Raises UsageError where a run cannot be divided."""
    if shard is None and workers == 1:
        return
    if shard is not None and workers > 1:
        raise click.UsageError("--workers divides a run into shards itself; leave out --shard, or --workers.")
    if not driver or interface != REST:
        raise click.UsageError("--shard and --workers go with --driver over REST; leave them out.")


def _in_workers(context: click.Context, console: Console) -> int:
    from conformance.command.workers import in_workers

    voice, measure, asked = voice_of(context), measure_of(context), context.params
    spec = spec_from(asked["spec_folder"])
    profile_of(spec, asked["profile"])
    with told_plainly():
        yardstick = measure.yardstick(spec)
        tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
        return yardstick.exit_code(in_workers(context, ("certify", "pms"), spec, datetime.now(UTC), console, tells))


def _of_shard(order: Order, shard: Shard) -> Order:
    """The order with the scenarios of this shard. They are kept by name: a run that goes on needs not deal again."""
    from conformance.command.dealing import scenarios_dealt

    own, elsewhere = scenarios_dealt(order.only, shard)
    if not own:
        raise SetUpFailure(f"shard {shard} has nothing to play, of {len(order.only)} scenarios; take fewer shards.")
    options = replace(order.options, only=",".join(scenario.name for scenario in own))
    return replace(order, only=own, options=options, shard=shard, elsewhere=elsewhere)


def _of_the_run(context: click.Context, resume: Path) -> str:
    """What the run that is to go on is about. Raises UsageError for options that it has already."""
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    if given - {"resume", "driver", "manual", "supports"}:
        raise click.UsageError("--resume takes all options from the run; leave out all but --driver or --manual.")
    with told_plainly():
        return interface_of(resume)


def _check(context: click.Context, driver: str, manual: bool) -> None:
    """Raises UsageError for options that do not go together."""
    given = {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}
    asked = context.params
    if driver and manual:
        raise click.UsageError("--driver and --manual are two ways to tell the PMS; leave one out.")
    if asked["supports"] is not None and not manual:
        raise click.UsageError("--supports goes with --manual; a driver says itself what it can do.")
    watching = sorted(given & {"run", "after_s", "no_situations", *(() if manual else ("port", "subject"))})
    if (driver or manual) and watching:
        raise click.UsageError("--run, --for, --no-situations, --port and --subject are for watching; leave them out.")


def _order(context: click.Context, console: Console) -> Order:
    """What is to be done, from the options, or from the run that is to go on."""
    from conformance.command import kept as keeping
    from conformance.command.certifying_pms import Order
    from conformance.command.kept import Options

    asked, kept = context.params, None
    if asked["resume"] is not None:
        kept, options = keeping.found(asked["resume"])
        options = keeping.told_as_before(options, asked["resume"], asked["manual"], asked["driver"])
    else:
        names = ("manual", "driver", "profile", "only", "seed", "strict", "raw", "subject")
        words = {name: asked[name] for name in names}
        folder = str(asked["spec_folder"].resolve()) if asked["spec_folder"] is not None else ""
        options = Options(**words, spec=folder, port=asked["port"] or 0, interface=REST)
    spec = spec_from(Path(options.spec) if options.spec else None)
    if options.manual and asked["port"] is None and kept is None:
        options = replace(options, port=spec.service.port)
    person, hears = _person(spec, options, asked["supports"], kept) if options.manual else (None, ())
    return Order(
        spec,
        profile_of(spec, options.profile),
        person if person is not None else _actor(options.driver, console),
        _scenarios(spec, options.only),
        kept.run.parent if kept is not None else asked["out"],
        datetime.now(UTC),
        options,
        again(context, "threedd certify pms"),
        person,
        kept,
        hears,
        selection=options.only,
    )


def _person(
    spec: Spec, options: Options, supports: str | None, kept: Kept | None
) -> tuple[ManualPms, tuple[Callable[[Event], object], ...]]:
    """The person at this terminal, and what has to hear of every event for it."""
    from conformance.certify.manual import ManualPms
    from conformance.certify.manual_words import ABILITIES
    from conformance.certify.sightings import Sightings
    from conformance.command.past import past_of

    seen = Sightings(spec)
    able = abilities_of(supports, ABILITIES) if supports is not None else None
    if able is None and kept is not None:
        able = past_of(kept.journal, spec).declared or None
    return ManualPms(sys.stdin, sys.stdout, seen, options.subject, able), (seen.hear,)


def _watch(context: click.Context, console: Console) -> int:
    """The exit code of a run that looks at what somebody does."""
    from conformance.command.watching_pms import watch

    voice, measure, asked = voice_of(context), measure_of(context), context.params
    spec = spec_from(asked["spec_folder"])
    with told_plainly():
        yardstick = measure.yardstick(spec)
        tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
        occasion = _occasion(context, spec, _scenarios(spec, asked["only"]), datetime.now(UTC))
        occasion = replace(occasion, waivers=measure.waivers_for(spec), tells=tells)
        return yardstick.exit_code(watch(occasion, console))


def _occasion(context: click.Context, spec: Spec, chosen: tuple[Scenario, ...], now: datetime) -> Occasion:
    """What is watched, from the options. Raises SetUpFailure."""
    from conformance.command.operating import split_command
    from conformance.command.watching_pms import Occasion
    from conformance.emulator.embedded import Ports

    asked = context.params
    port = spec.service.port if asked["port"] is None else asked["port"]
    return Occasion(
        spec,
        profile_of(spec, asked["profile"]),
        asked["subject"],
        chosen,
        not asked["no_situations"],
        Ports(port=port),
        split_command(asked["run"]) if asked["run"] else (),
        asked["after_s"],
        asked["seed"],
        asked["out"],
        now,
        asked["raw"],
        asked["strict"],
        again(context, "threedd certify pms"),
    )


def _actor(driver: str, console: Console) -> PmsActor:
    from conformance import __version__
    from conformance.certify.driver import DriverPms, DriverTerms
    from conformance.command.operating import split_command

    def tell(line: str) -> None:
        console.print(f"  driver: {line}", markup=False, highlight=False, soft_wrap=True)

    return DriverPms(split_command(driver), tell, DriverTerms(harness=f"threedd-conformance {__version__}"))


def _scenarios(spec: Spec, only: str) -> tuple[Scenario, ...]:
    from conformance.spec.scenarios import pms_scenarios

    return chosen_of(pms_scenarios(spec), only)
