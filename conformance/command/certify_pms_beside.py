"""``threedd certify pms`` over an interface beside REST: the command line, or VDDS media."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from conformance.command.choices import abilities_of, chosen_of, profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.measure import measure_of
from conformance.command.repeat import again
from conformance.command.voice import voice_of

if TYPE_CHECKING:
    from conformance.command.interfaces import Interface, Wish
    from conformance.command.kept import Kept, Options
    from conformance.command.watching_exchange import Watch
    from conformance.spec import Profile, Spec
    from conformance.spec.scenarios import Scenario

PROFILE = "pms"
"""The profile of REST, in whose place each interface has its own."""
REST, CLI, VDDS = "rest", "cli", "vdds"
INTERFACES = (REST, CLI, VDDS)


def carry_out_beside(context: click.Context, interface: str, console: Console) -> int:
    """A run over the command line or VDDS media."""
    from conformance.certify.pms import DriverError
    from conformance.command.certifying_beside import carry_out

    asked = context.params
    _check(asked, interface)
    voice, measure = voice_of(context), measure_of(context)
    with told_plainly():
        options, kept = _options(asked, interface)
        spec = spec_from(Path(options.spec) if options.spec else None)
        yardstick, waivers = measure.yardstick(spec), measure.waivers_for(spec)
        tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
        if asked["watch"] is not None:
            watch = _looked_on(asked, spec, profile_of(spec, options.profile), _scenarios(spec, options))
            return yardstick.exit_code(_look_on(replace(watch, waivers=waivers, tells=tells), console))
        repeat = again(context, "threedd certify pms")
        wish = replace(_wish(asked, spec, options, kept, repeat), waivers=waivers, tells=tells)
        try:
            return yardstick.exit_code(carry_out(_interface(interface), wish, console))
        except DriverError as wrong:
            raise SetUpFailure(str(wrong)) from wrong


def interface_of(folder: Path) -> str:
    """What the run in that folder is about. Raises ValueError where there is none to go on with."""
    from conformance.command.kept import found

    return found(folder)[1].interface


def _check(asked: Mapping[str, Any], interface: str) -> None:
    """Raises UsageError for what goes with REST alone, and for two ways to tell the PMS."""
    if asked["port"] is not None:
        raise click.UsageError(f"--interface {interface} has no port to be called at; leave out --port.")
    watching = asked["run"] or asked["after_s"] is not None
    if asked["manual"] and (asked["driver"] or watching or asked["watch"]):
        raise click.UsageError("--manual has a person use the PMS; leave out --driver, --run, --for and --watch.")
    if asked["supports"] is not None and not asked["manual"]:
        raise click.UsageError("--supports goes with --manual; a driver says itself what it can do.")
    if asked["driver"] and watching:
        raise click.UsageError("--run and --for are for watching; leave them out, or --driver.")
    if asked["driver"] and asked["watch"] is not None:
        raise click.UsageError("--watch looks on while others act; leave it out, or --driver.")


def _interface(name: str) -> Interface:
    from conformance.command.certify_cli import COMMAND_LINE
    from conformance.command.certify_vdds import VDDS_MEDIA

    return COMMAND_LINE if name == CLI else VDDS_MEDIA


def _options(asked: Mapping[str, Any], interface: str) -> tuple[Options, Kept | None]:
    """How the run is started, or how the one was that is to go on."""
    from conformance.command import kept as keeping
    from conformance.command.kept import Options

    if asked["resume"] is not None:
        kept, options = keeping.found(asked["resume"])
        return keeping.told_as_before(options, asked["resume"], asked["manual"], asked["driver"]), kept
    names = ("manual", "driver", "only", "seed", "strict", "raw", "subject")
    folder = str(asked["spec_folder"].resolve()) if asked["spec_folder"] is not None else ""
    profile = _interface(interface).profile if asked["profile"] == PROFILE else asked["profile"]
    words = {name: asked[name] for name in names}
    return Options(**words, profile=profile, spec=folder, port=0, interface=interface), None


def _scenarios(spec: Spec, options: Options) -> tuple[Scenario, ...]:
    return chosen_of(_interface(options.interface).scenarios(spec), options.only)


def _wish(asked: Mapping[str, Any], spec: Spec, options: Options, kept: Kept | None, repeat: str) -> Wish:
    from conformance.command.interfaces import Wish
    from conformance.command.operating import split_command

    supports = asked["supports"]
    return Wish(
        spec,
        profile_of(spec, options.profile),
        _scenarios(spec, options),
        options,
        kept.run.parent if kept is not None else asked["out"],
        datetime.now(UTC),
        repeat,
        split_command(options.driver) if options.driver else (),
        split_command(asked["run"]) if asked["run"] else (),
        asked["after_s"],
        (sys.stdin, sys.stdout) if options.manual else None,
        abilities_of(supports, _interface(options.interface).abilities) if supports is not None else None,
        kept,
    )


def _looked_on(asked: Mapping[str, Any], spec: Spec, profile: Profile, scenarios: tuple[Scenario, ...]) -> Watch:
    """A watch over the exchange folder of a PMS and a BVS that is not ours."""
    from conformance import __version__
    from conformance.command.operating import split_command
    from conformance.command.watching_exchange import Watch

    subject = asked["subject"] or "a PMS that is watched"
    return Watch(
        spec,
        profile,
        asked["watch"],
        {"harness": f"threedd-conformance {__version__}", "subject": subject, "interface": "VDDS media"},
        scenarios,
        split_command(asked["run"]) if asked["run"] else (),
        asked["after_s"],
        asked["strict"],
        asked["raw"],
        asked["out"],
        datetime.now(UTC),
    )


def _look_on(watch: Watch, console: Console) -> int:
    from conformance.command import watching_exchange

    return watching_exchange.watch(watch, console)
