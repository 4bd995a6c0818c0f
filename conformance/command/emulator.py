"""``threedd emulator``: a 3DD to build against, in the foreground."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from conformance import __version__
from conformance.command.connection import Connection, left, own_file, usual_file
from conformance.command.emulator_settings import blamed, show, take
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.remarks import overhear
from conformance.emulator.dialects import chosen as chosen_dialects
from conformance.emulator.embedded import Embedded
from conformance.emulator.faults import faults, select
from conformance.emulator.listener import LOOPBACK
from conformance.emulator.policies import POLICIES, named
from conformance.emulator.policy import Policy
from conformance.emulator.readings import resolved
from conformance.emulator.serve import FREEDOMS, PICK_UP_S, PROCESSING_S, TLS_VERSIONS, Settings, serve
from conformance.spec import Spec
from conformance.trace import Recorder, Redactor
from conformance.trace.journal import Journal

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_NEW_FOLDER = click.Path(file_okay=False, path_type=Path)
_NEW_FILE = click.Path(dir_okay=False, path_type=Path)
_PICK_UP = "Seconds until a station takes an operation."
_WORK = "Seconds from there until its operator decides."
_POLICY = "Surprise a PMS in this way only; repeatable, quiet for not at all. See --list-policies."
_DIALECT = "Speak like another generation of the service, outside the guide; repeatable. See --list-dialects."
_DATA = "Keep patients, cases and operations in this folder, in clear: for made-up patients only."
_SETTINGS = "Take options from this TOML file; those on the command line win."
_TEMPLATE = "Print a commented file for --settings and stop."


@click.command()
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--host", default=LOOPBACK, show_default=True, help="Address to listen on; others let the network in.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: the port of the guide; 0: any free one.")
@click.option("--control-port", type=click.IntRange(0, 65535), default=0, help="Always on loopback; 0: any free one.")
@click.option("--hostname", "hostnames", multiple=True, help="A name under which clients will call; repeatable.")
@click.option("--fault", "names", multiple=True, help="Misbehave on purpose; repeatable. See --list-faults.")
@click.option("--reading", "readings", multiple=True, metavar="ID=NAME", help="How to read a doubtful point.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same free choices.")
@click.option("--policy", "policies", multiple=True, help=_POLICY)
@click.option("--dialect", "dialects", multiple=True, help=_DIALECT)
@click.option("--plain", is_flag=True, help="Use no freedom of the guide: the same answer each time.")
@click.option("--ask", is_flag=True, help="Dialogs wait for a person at the console, or the control port.")
@click.option("--pick-up", type=click.FloatRange(0), default=PICK_UP_S, show_default=True, help=_PICK_UP)
@click.option("--processing", type=click.FloatRange(0), default=PROCESSING_S, show_default=True, help=_WORK)
@click.option("--tls-min", type=click.Choice(TLS_VERSIONS), help="Lowest TLS version; default: what the guide allows.")
@click.option("--tls-max", type=click.Choice(TLS_VERSIONS), help="Highest TLS version; default: whatever is possible.")
@click.option("--certificates", type=_NEW_FOLDER, help="Keep them in this folder; default: within that of --data.")
@click.option("--seed-data", type=_FOLDER, help="A folder with a seed.json of your own: what there is at the start.")
@click.option("--data", type=_NEW_FOLDER, help=_DATA)
@click.option("--fresh", is_flag=True, help="With --data: forget what is kept there, and begin with the seed data.")
@click.option("--journal", type=_NEW_FILE, help='Record every exchange, redacted, in a new file for "threedd judge".')
@click.option("--settings", type=_FILE, is_eager=True, callback=take, help=_SETTINGS)
@click.option("--print-settings", is_flag=True, is_eager=True, expose_value=False, callback=show, help=_TEMPLATE)
@click.option("--list-faults", is_flag=True, help="Print every fault as JSON and stop.")
@click.option("--list-policies", is_flag=True, help="Print every policy as JSON and stop.")
@click.option("--list-dialects", is_flag=True, help="Print every dialect as JSON and stop.")
@click.pass_context
def emulator(context: click.Context, /, **_: object) -> None:
    """Serve an emulated Dental Desktop until Ctrl-C. It is no 3DD and not for clinical use.

    With --data, patients, cases and operations outlive the process, however it ends: what an answer told is kept. An
    operation in the pool waits there again; one at a station stays there, and its dialogs are asked anew. The folder
    holds everything in clear: use made-up patients only.

    Exit code 3: the port is taken, the data are in use or damaged, or an option is wrong.
    """
    asked = context.params
    if asked["list_faults"] or asked["list_policies"] or asked["list_dialects"]:
        click.echo(_listed(asked))
        return
    if asked["fresh"] and asked["data"] is None:
        raise click.UsageError("--fresh goes with --data; name the folder, or leave it out: then all is new anyway.")
    spec = spec_from(asked["spec_folder"])
    _check_names(context, spec)
    with told_plainly(), ExitStack() as stack:
        chosen = _settings(asked)
        journal = asked["journal"]
        recorder = None if journal is None else stack.enter_context(recording(spec, chosen, journal))
        serve(spec, chosen, say=click.echo, wait=_until_stopped, recorder=recorder, overhear=overhear)


def _listed(asked: Mapping[str, Any]) -> str:
    if asked["list_faults"]:
        return catalogue()
    return policy_catalogue() if asked["list_policies"] else dialect_catalogue(spec_from(asked["spec_folder"]))


def _check_names(context: click.Context, spec: Spec) -> None:
    """Raises SetUpFailure for a fault, reading, policy or dialect that there is not."""
    asked, settings = context.params, context.params["settings"]
    with blamed(context, "fault", settings):
        select(*asked["names"])
    with blamed(context, "reading", settings):
        resolved(spec, dict(map(_reading, asked["readings"])))
    with blamed(context, "policy", settings):
        named(asked["policies"], Policy())
    with blamed(context, "dialect", settings):
        chosen_dialects(spec, asked["dialects"])


def _settings(asked: Mapping[str, Any]) -> Settings:
    """What the emulator serves by. Raises ValueError."""
    same = ("host", "port", "control_port", "seed", "certificates", "seed_data", "hostnames", "policies", "dialects")
    return Settings(
        **{name: asked[name] for name in (*same, "data", "fresh")},
        faults=asked["names"],
        readings=dict(map(_reading, asked["readings"])),
        freedoms=frozenset() if asked["plain"] else FREEDOMS,
        asks=asked["ask"],
        pick_up_delay_s=asked["pick_up"],
        processing_delay_s=asked["processing"],
        tls_minimum=asked["tls_min"] or "",
        tls_maximum=asked["tls_max"] or "",
    )


def _until_stopped(running: Embedded) -> None:
    """Waits; meanwhile the played program of the command line finds this emulator."""
    facts = running.spec.command_line
    if facts is None:
        running.loop.wait()
        return
    with ExitStack() as stack:
        path = usual_file(os.environ)
        try:
            for file in (own_file(path, os.getpid()), path):
                stack.enter_context(left(file, Connection(running.control_url, running.token)))
            click.echo(f"  command line {facts.executable} finds this emulator by {path}")
        except OSError as wrong:
            click.echo(f"  command line {path} cannot be written ({wrong.strerror}): nothing finds this emulator")
        running.loop.wait()


@contextmanager
def recording(spec: Spec, settings: Settings, path: Path) -> Iterator[Recorder]:
    """What writes a new journal there; none is left when the emulator could not be started.

    Raises SetUpFailure where there is a file already, or OSError.
    """
    from conformance.judge import OWN_SERVER, Terms, journal_header

    now = datetime.now().astimezone()
    about = {
        "harness": f"threedd-conformance {__version__}",
        "subject": f"who called the emulator from {now:%Y-%m-%d %H:%M} on",
        "server": OWN_SERVER,
        "seed": str(settings.seed),
        "settings": _told(settings),
    }
    if path.exists():
        raise SetUpFailure(f"{path} is there already, and no journal is written over; name another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with Journal(path, journal_header(spec, Terms(on=f"{now:%Y-%m-%d}"), about)) as journal:
            yield Recorder(spec, Redactor(spec, secrets.token_bytes(32)), [journal.append])
    except (ValueError, OSError):  # what is wrong while it serves is told to clients, and ends nothing
        path.unlink(missing_ok=True)
        raise


def _told(settings: Settings) -> str:
    """What was chosen otherwise than by default, but for paths, which tell who works where."""
    usual = Settings()
    chosen = {each.name: getattr(settings, each.name) for each in fields(settings)}
    told = {name: "..." if isinstance(value, Path) else value for name, value in chosen.items()}
    other = {name: value for name, value in told.items() if value != getattr(usual, name)}
    return json.dumps(other, default=sorted)


def catalogue() -> str:
    """Every fault as JSON: name, what it does, the rows it breaks."""
    rows = [{"name": each.name, "does": each.does, "breaks": list(each.breaks)} for each in faults().values()]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def policy_catalogue() -> str:
    """Every named policy as JSON: name, and which weakness of a PMS it exposes."""
    rows = [{"name": each.name, "exposes": each.why} for each in POLICIES.values()]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def dialect_catalogue(spec: Spec) -> str:
    """Every dialect of the spec as JSON: what it adds, how sure that is, and where it comes from."""
    rows = [
        {
            "name": each.name,
            "title": each.title,
            "mark": f"{each.mark.value}, outside the guide",
            "source": f"field notes {each.source}",
            "methods": [f"{method.verb} {method.name} ({method.mark.value})" for method in each.methods],
        }
        for each in spec.dialects
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _reading(text: str) -> tuple[str, str]:
    point, equals, name = text.partition("=")
    if not equals or not point or not name:
        raise ValueError(f"--reading {text!r} is no reading; write ID=NAME, for example XML-BOM=present.")
    return point, name
