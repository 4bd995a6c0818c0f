"""``threedd certify vdds-bvs``: how a BVS, such as a 3DD, answers by VDDS media."""

from __future__ import annotations

import secrets
import shlex
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from conformance import __version__
from conformance.command.choices import profile_of
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.command.measure import measure_of, measured
from conformance.command.voice import voice_of, voiced

if TYPE_CHECKING:
    from conformance.judge import Ledger, Waiver
    from conformance.spec import Profile, Spec
    from conformance.trace import Recorder
    from conformance.wire.vdds_ini import Ini

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
PROFILE = "vdds-bvs"
PVS = "THREEDD_PVS"


@dataclass(frozen=True)
class Wish:
    """Which BVS is asked, and how."""

    spec: Spec
    profile: Profile
    register: Path | None
    section: str
    command: Sequence[str]
    """Starts the program for every call; empty to go by the register."""
    person: str
    writes: bool
    folder: Path | None
    limit_s: float
    subject: str
    strict: bool
    raw: bool
    out: Path
    now: datetime
    waivers: tuple[Waiver, ...] = ()
    tells: Callable[[Ledger], object] = lambda ledger: None
    """Told of the ledger when everything is written."""


@click.command("vdds-bvs")
@voiced("--quiet", "--silent")
@measured
@click.option("--ini", "register", type=_FILE, help="The register that lists the BVS; its programs are started.")
@click.option("--section", default="", help="The BVS in the register; default: the one that was entered last.")
@click.option(
    "--command", "command", default="", help="Start this for every call, with the path of the file behind it."
)
@click.option(
    "--patient", "person", default="", help="Number of a patient who has images; without it none are fetched."
)
@click.option("--allow-writes", is_flag=True, help="Hand a made-up patient over; nobody can remove one again.")
@click.option(
    "--watch", "watched", type=_FOLDER, help="Call nothing: only look at the exchange of two other programs here."
)
@click.option("--for", "after_s", type=click.FloatRange(0), help="Watch for so many seconds; default: until Ctrl-C.")
@click.option("--exchange", "folder", type=_FOLDER, help="Where transfer files go; default: a folder that is removed.")
@click.option("--limit", "limit_s", type=click.FloatRange(0, min_open=True), default=30.0, show_default=True)
@click.option("--subject", default="", help="Name of the BVS, for the report.")
@click.option("--spec", "spec_folder", type=_FOLDER, help="Folder of the spec; default: the one of this build.")
@click.option("--profile", default=PROFILE, show_default=True, help="Rows that count.")
@click.option("--strict", is_flag=True, help="Advice counts as well: a broken recommendation fails the run.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reports"), show_default=True)
@click.option("--raw", is_flag=True, help="Record patients in clear.")
@click.pass_context
def vdds_bvs(context: click.Context, /, **asked: object) -> None:
    """Certify a BVS of VDDS media: call it as a PVS does, and judge what it answers.

    The BVS is found by its register (--ini), or its program is named (--command). Only questions are asked, unless
    --allow-writes has a made-up patient handed over. Each call waits --limit seconds for its answer; give it more where
    somebody has to log in.

    With --watch FOLDER nothing is called: a PVS and the BVS exchange their files in that folder, and the run looks at
    them, and at the entry in the register if --ini names one, until --for or Ctrl-C ends it.

    Exit code 0: conforms; 1: violated; 2: undecided or void; 3: usage or set-up.
    """
    from conformance.command.operating import split_command

    values = context.params
    _check(values)
    spec = spec_from(values["spec_folder"])
    voice, measure = voice_of(context), measure_of(context)
    with told_plainly():
        yardstick = measure.yardstick(spec)
        wish = Wish(
            spec,
            profile_of(spec, values["profile"]),
            values["register"],
            values["section"],
            split_command(values["command"]) if values["command"] else (),
            values["person"],
            values["allow_writes"],
            values["folder"],
            values["limit_s"],
            values["subject"],
            values["strict"],
            values["raw"],
            values["out"],
            datetime.now(UTC),
            measure.waivers_for(spec),
            yardstick.after(voice.tell, to_stderr=voice.as_json),
        )
        if values["watched"] is not None:
            exit_code = look_on(wish, values["watched"], values["after_s"], voice.console())
        else:
            exit_code = carry_out(wish, voice.console())
    context.exit(yardstick.exit_code(exit_code))


def _check(values: Mapping[str, Any]) -> None:
    """Raises UsageError for options that do not go together."""
    calling = [values["command"], values["person"], values["allow_writes"], values["folder"]]
    if values["watched"] is not None and any(calling):
        raise click.UsageError("--watch calls nothing; leave out --command, --patient, --allow-writes and --exchange.")
    if values["watched"] is None and values["after_s"] is not None:
        raise click.UsageError("--for is for watching; leave it out, or name the folder by --watch.")
    if values["watched"] is None and values["register"] is None and not values["command"]:
        raise click.UsageError("name the BVS: --ini FILE for a register, or --command for its program.")


def look_on(wish: Wish, watched: Path, after_s: float | None, console: Console) -> int:
    """The exit code of a watch. Raises SetUpFailure, ValueError for what is no register, or OSError."""
    from conformance.command.watching_exchange import Watch, watch
    from conformance.emulator.vdds.entry import read_register

    ini = read_register(wish.register) if wish.register is not None else None
    section = _section(wish, ini)
    subject = wish.subject or section or "a BVS that is watched"

    def first(recorder: Recorder) -> None:
        if ini is not None and wish.register is not None:
            _note_register(wish.register, ini, section, wish.spec, recorder)

    about = {"harness": f"threedd-conformance {__version__}", "subject": subject, "interface": "VDDS media"}
    asked = Watch(
        wish.spec,
        wish.profile,
        watched,
        about,
        after_s=after_s,
        strict=wish.strict,
        raw=wish.raw,
        out=wish.out,
        now=wish.now,
        first=first,
        waivers=wish.waivers,
        tells=wish.tells,
    )
    return watch(asked, console)


def carry_out(wish: Wish, console: Console) -> int:
    """The exit code. Raises SetUpFailure, ValueError for what is no register, or OSError."""
    from conformance.command.closing import leave_report
    from conformance.command.folder import JOURNAL, new_folder
    from conformance.emulator.vdds.entry import read_register
    from conformance.judge import Monitor, Terms, about_from, journal_header
    from conformance.trace import Recorder, Redactor
    from conformance.trace.journal import Journal

    if wish.spec.vdds is None:
        raise SetUpFailure(f"{wish.spec.name} has no vdds-media.yaml; certify by a spec that has one.")
    ini = read_register(wish.register) if wish.register is not None else None
    section = _section(wish, ini)
    commands = {"": wish.command} if wish.command else _programs(wish, ini, section)
    terms = Terms(
        profile=wish.profile,
        waivers=wish.waivers,
        not_applicable=_out_of_reach(wish),
        strict=wish.strict,
        on=f"{wish.now:%Y-%m-%d}",
    )
    title = wish.subject or section or "a BVS without a name"
    header = journal_header(wish.spec, terms, _about(wish, title, section))
    monitor = Monitor(wish.spec, terms=terms, about=about_from(header))
    folder = new_folder(wish.out, title, wish.now)
    recorder = Recorder(wish.spec, Redactor(wish.spec, secrets.token_bytes(32), raw=wish.raw))
    made_up = f"ZZ-{secrets.token_hex(3).upper()}" if wish.writes else ""
    with Journal(folder / JOURNAL, header) as journal:
        recorder.listeners[:] = [journal.append, monitor.feed]
        if ini is not None and wish.register is not None:
            _note_register(wish.register, ini, section, wish.spec, recorder)
        _visit(wish, section, made_up, commands, recorder, console)
        ledger = monitor.finish()
        journal.close(ledger.verdict.value)
    leave_report(ledger, wish.spec, folder, console, tells_left=False)
    wish.tells(ledger)
    if made_up:
        console.print(f"left in the BVS: the made-up patient {made_up}", highlight=False)
    return ledger.exit_code


def _about(wish: Wish, title: str, section: str) -> dict[str, str]:
    from conformance.judge import IN_CLEAR, RAW

    about = {"harness": f"threedd-conformance {__version__}", "subject": title, "interface": "VDDS media"}
    return about | {"repeat": _again(wish, section), **({RAW: IN_CLEAR} if wish.raw else {})}


def _out_of_reach(wish: Wish) -> dict[str, str]:
    """Rows that a run cannot show which is not allowed to try, with what keeps it from that."""
    lacking = {
        "fixtures": "" if wish.person else "no patient who has images was named (--patient)",
        "writes": "" if wish.writes else "nobody was to be handed over (--allow-writes)",
    }
    rows = (row for row in wish.spec.requirements if row.id in wish.profile.requirements)
    return {row.id: lacking[need] for row in rows for need in row.needs if lacking.get(need)}


def _visit(
    wish: Wish,
    section: str,
    made_up: str,
    commands: Mapping[str, Sequence[str]],
    recorder: Recorder,
    console: Console,
) -> None:
    """Calls the BVS, which may be stopped: what was seen until then is judged."""
    from conformance.certify.vdds import Visit, carry_out
    from conformance.drive.handover import NotStarted, Patience, Pvs, by_programs
    from conformance.emulator.temporary import temporary_folder

    facts, begun_s = wish.spec.vdds, time.monotonic()
    assert facts is not None
    with ExitStack() as stack:
        place = wish.folder or stack.enter_context(temporary_folder())
        programs, patience = by_programs(commands), Patience(wish.limit_s)
        pvs = Pvs(wish.spec, recorder, place, programs, lambda: time.monotonic() - begun_s, time.sleep, patience)
        visit = Visit(facts, PVS, section or facts.entry_section, wish.person, made_up)
        try:
            console.print(f"  {carry_out(visit, pvs)} calls", highlight=False)
        except NotStarted as wrong:
            if wish.command:
                raise
            told = f"{wrong.filename}: {wrong.strerror}. The register names it; what it says is judged."
            console.print(told, markup=False, highlight=False, soft_wrap=True)
        except KeyboardInterrupt:
            console.print("Stopped. What was seen until then is judged; it is a few calls to begin anew.")


def _again(wish: Wish, section: str) -> str:
    """The command that asks the same once more; the patient's number is left to whoever types it."""
    named = f'--ini "{wish.register}" --section "{section}"' if wish.register is not None else ""
    words = [named, f'--command "{shlex.join(wish.command)}"' if wish.command else ""]
    words += ["--patient NUMBER" if wish.person else "", "--allow-writes" if wish.writes else ""]
    return " ".join(["threedd certify vdds-bvs", *(word for word in words if word)])


def _section(wish: Wish, ini: Ini | None) -> str:
    """The section of the BVS; '' where no register says. Raises SetUpFailure for one that is not there."""
    from conformance.trace.registers import listed

    facts = wish.spec.vdds
    if facts is None or ini is None:
        return wish.section
    names = listed(ini, facts.register.bvs_index, facts)
    if not names:
        raise SetUpFailure(f"{wish.register} lists no BVS; enable the integration, or name another register.")
    if wish.section and wish.section.casefold() not in {name.casefold() for name in names}:
        raise SetUpFailure(f'--section "{wish.section}" is not in {wish.register}; expected {", ".join(names)}.')
    return wish.section or names[-1]


def _programs(wish: Wish, ini: Ini | None, section: str) -> dict[str, tuple[str, ...]]:
    """The program of each call, as the register has it."""
    facts = wish.spec.vdds
    assert facts is not None
    assert ini is not None
    found = {call.role: (ini.get(section, call.key) or "").strip('"') for call in facts.calls}
    commands = {role: _launched(path) for role, path in found.items() if path}
    if not commands:
        raise SetUpFailure(f"{wish.register}: [{section}] names no program; enable the integration, or give --command.")
    return commands


def _launched(path: str) -> tuple[str, ...]:
    """A path as it is started; without a shell, so that blanks in it do no harm."""
    return (sys.executable, path) if path.endswith(".py") else (path,)


def _note_register(path: Path, ini: Ini, section: str, spec: Spec, recorder: Recorder) -> None:
    from conformance.trace import Handed
    from conformance.trace.handovers import REGISTER
    from conformance.trace.seen_files import look_at

    assert spec.vdds is not None
    programs = {ini.get(section, call.key) or "" for call in spec.vdds.calls} - {""}
    files = {each: look_at(each)[:1] for each in sorted(programs)}
    recorder.handover(Handed(ini.encode(), str(path), REGISTER, section=section, files=files), 0.0, "suite")
