"""``threedd certify pms`` over an interface beside REST: the command line, or VDDS media."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from conformance.command.choices import abilities_of, chosen_of, profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.measure import measure_of
from conformance.command.voice import voice_of

if TYPE_CHECKING:
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
    from conformance.command.certify_cli import COMMAND_LINE
    from conformance.command.certify_vdds import VDDS_MEDIA
    from conformance.command.certifying_beside import Wish, carry_out
    from conformance.command.operating import split_command
    from conformance.spec.scenarios import command_line_scenarios, vdds_scenarios

    asked = context.params
    _check(asked, interface)
    if asked["driver"] and (asked["run"] or asked["after_s"] is not None):
        raise click.UsageError("--run and --for are for watching; leave them out, or --driver.")
    if asked["driver"] and asked["watch"] is not None:
        raise click.UsageError("--watch looks on while others act; leave it out, or --driver.")
    spec = spec_from(asked["spec_folder"])
    scenarios = command_line_scenarios if interface == CLI else vdds_scenarios
    chosen = COMMAND_LINE if interface == CLI else VDDS_MEDIA
    profile = chosen.profile if asked["profile"] == PROFILE else asked["profile"]
    voice, measure = voice_of(context), measure_of(context)
    with told_plainly():
        yardstick, waivers = measure.yardstick(spec), measure.waivers_for(spec)
        tells = yardstick.after(voice.tell, to_stderr=voice.as_json)
        if asked["watch"] is not None:
            watch = _looked_on(asked, spec, profile_of(spec, profile), chosen_of(scenarios(spec), asked["only"]))
            return yardstick.exit_code(_look_on(replace(watch, waivers=waivers, tells=tells), console))
        wish = Wish(
            spec,
            profile_of(spec, profile),
            chosen_of(scenarios(spec), asked["only"]),
            split_command(asked["driver"]) if asked["driver"] else (),
            split_command(asked["run"]) if asked["run"] else (),
            asked["after_s"],
            asked["subject"],
            asked["seed"],
            asked["strict"],
            asked["raw"],
            asked["out"],
            datetime.now(UTC),
            (sys.stdin, sys.stdout) if asked["manual"] else None,
            abilities_of(asked["supports"], chosen.abilities) if asked["supports"] is not None else None,
            waivers,
            tells,
        )
        try:
            return yardstick.exit_code(carry_out(chosen, wish, console))
        except DriverError as wrong:
            raise SetUpFailure(str(wrong)) from wrong


def _check(asked: Mapping[str, Any], interface: str) -> None:
    """Raises UsageError for what goes with REST alone, and for two ways to tell the PMS."""
    if asked["port"] is not None:
        raise click.UsageError(f"--interface {interface} has no port to be called at; leave out --port.")
    if asked["resume"] is not None:
        kept = "keeps nothing to go on with, since all of its scenarios are soon played"
        raise click.UsageError(f"a run by --interface {interface} {kept}; play what is left by --only.")
    if asked["manual"] and (asked["driver"] or asked["run"] or asked["after_s"] is not None or asked["watch"]):
        raise click.UsageError("--manual has a person use the PMS; leave out --driver, --run, --for and --watch.")
    if asked["supports"] is not None and not asked["manual"]:
        raise click.UsageError("--supports goes with --manual; a driver says itself what it can do.")


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
