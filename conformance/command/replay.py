"""``threedd replay``: is what a capsule tells of still so?

The same stimulus is played and judged as in any run; of the ledger that comes of it one row counts. Before that, and
where there is nothing to play it on, what was recorded is judged again: so a fault of the subject is told from a rule
that was corrected since.
"""

from __future__ import annotations

from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from enum import Enum
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from conformance import __version__
from conformance.command.failure import SetUpFailure, spec_from, told_plainly
from conformance.judge import OWN_SERVER, Again, Finding, Ledger, Standing, judged_again, ledger_from_json
from conformance.report import Capsule, CapsuleError, capsule_from

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
PMS = "pms"
NAME = "threedd replay CAPSULE"
HARNESS = f"threedd-conformance {__version__}"


class Answer(Enum):
    """What a replay says; the values are exit codes."""

    FIXED = 0
    STILL_FAILING = 1
    CANNOT_REPRODUCE = 2


@click.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
@click.argument("capsule", type=_FILE)
@click.option("--driver", default="", help="The PMS, for a finding about a PMS; see threedd certify pms.")
@click.option("--faultless", is_flag=True, help="The embedded emulator as it should be, without the capsule's fault.")
@click.option("--recorded", is_flag=True, help="Send nothing: judge what was recorded by the rules of this build.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Keep the report; default: none is kept.")
@click.pass_context
def replay(
    context: click.Context, capsule: Path, driver: str, faultless: bool, recorded: bool, out: Path | None
) -> None:
    """Play what CAPSULE tells of once more: FIXED, STILL FAILING or CANNOT REPRODUCE.

    A finding about a server is played against the URL or the --target that follows, or else the threedd.toml of this
    folder, with all options of "threedd certify server" (--allow-writes, --tier, --ca ...); nothing outside the tier is
    sent. With --embedded it is shown on the embedded emulator, with the fault that breaks the same; a finding about
    that emulator needs no option. A finding about a PMS is played with --driver.

    What was recorded is judged again as well. That is all there is to do with --recorded, without --driver, or where
    no fault of the emulator is known; then it is STILL FAILING by the rules of this build, or CANNOT REPRODUCE,
    because the rules have changed.

    Exit code 0: fixed; 1: still failing; 2: cannot reproduce; 3: usage or set-up.
    """
    with told_plainly():
        told = _read(capsule)
    given = _given(told, driver, faultless, context.args)
    if recorded and given.anything:
        raise click.UsageError("--recorded sends nothing; leave out --driver, --faultless and what names a server.")
    if recorded or not _playable(told, given, faultless):
        context.exit(_judged(told).value)
    if out is not None:
        context.exit(_played(told, driver, faultless, context.args, out, keeps=True).value)
    with TemporaryDirectory(prefix="threedd-replay-", ignore_cleanup_errors=True) as scratch:
        context.exit(_played(told, driver, faultless, context.args, Path(scratch), keeps=False).value)


def _read(path: Path) -> Capsule:
    try:
        return capsule_from(path.read_text(encoding="utf-8"))
    except (CapsuleError, UnicodeDecodeError) as wrong:
        raise SetUpFailure(f"{path}: {wrong}") from wrong


@dataclass(frozen=True)
class _Given:
    """What was said of whom to play it on."""

    server: bool = False
    """A URL, a target file, or the threedd.toml of this folder for a finding about a server elsewhere."""
    embedded: bool = False
    anything: bool = False


def _given(capsule: Capsule, driver: str, faultless: bool, more: list[str]) -> _Given:
    """Raises UsageError for options that "threedd certify" does not know, or that do not fit the finding."""
    from conformance.command.certify import server
    from conformance.command.target_file import USUAL_NAME

    if capsule.kind == PMS:
        if more and not driver:
            raise click.UsageError(
                f'the finding is about a PMS; give --driver "EXECUTABLE ARGUMENTS", and not {more[0]}; or --recorded.'
            )
        return _Given(anything=bool(driver or faultless))
    if driver:
        raise click.UsageError("the finding is about a server; leave out --driver, and name the URL or --recorded.")
    with server.make_context(NAME, list(more)) as context:
        asked = context.params
    named = bool(asked["url"] or asked["target_path"])
    embedded = bool(asked["embedded"] or asked["faults"] or faultless)
    if named and faultless:
        raise click.UsageError("--faultless is the embedded emulator; leave out the URL and --target.")
    usual = bool(capsule.against) and not embedded and Path(USUAL_NAME).is_file()
    return _Given(named or usual, embedded, bool(more) or faultless)


def _playable(capsule: Capsule, given: _Given, faultless: bool) -> bool:
    """Whether there is something to play and something to play it on, or nothing recorded to go by instead.

    Raises SetUpFailure where what was given cannot be used: nothing else may take its place.
    """
    if given.anything and not capsule.play:
        raise _nothing_to_play(capsule)
    if capsule.kind == PMS:
        return bool(capsule.play and given.anything) or not capsule.recorded
    if capsule.play and capsule.against and not given.server and not given.embedded:
        raise SetUpFailure(
            f"this finding is about {capsule.against}: name that URL or --target here to see whether it is mended;"
            " --recorded judges what was recorded, --embedded shows the same on the embedded emulator."
        )
    return not capsule.recorded or bool(capsule.play and (given.server or given.embedded or capsule.faults))


def _nothing_to_play(capsule: Capsule) -> SetUpFailure:
    return SetUpFailure(
        f"the capsule of {capsule.requirement} names nothing to play: the traffic was watched or recorded, and not"
        " provoked. Run what its commands say."
    )


def _judged(capsule: Capsule) -> Answer:
    """The answer of the rules of this build to what was recorded."""
    if not capsule.recorded:
        raise SetUpFailure(
            f"the capsule of {capsule.requirement} holds no recording that shows it; judge the journal of its run, or"
            " leave out --recorded."
        )
    again, why = _by_the_rules(capsule)
    answer = Answer.CANNOT_REPRODUCE if again is None else Answer.STILL_FAILING
    _say(capsule, answer, f"{why} Nothing was sent.", again)
    return answer


def _by_the_rules(capsule: Capsule) -> tuple[Finding | None, str]:
    """The finding, if what was recorded brings it about again, and how that is to be said."""
    spec = spec_from(None)
    if capsule.requirement not in spec.requirement:
        return None, f"the rules have changed: {spec.name} has no {capsule.requirement} any more."
    ledger = judged_again(capsule.requirement, capsule.recorded, spec)
    broken = [each for each in ledger.findings if each.requirement == capsule.requirement]
    broken = [each for each in broken if each.standing in (Standing.FAIL, Standing.ADVISORY)]
    same = next((each for each in broken if each.evidence == capsule.evidence), None)
    build = "the same rules" if capsule.spec_digest == spec.digest and capsule.harness == HARNESS else "today's rules"
    if same is not None:
        return same, f"the recorded calls are judged alike by {build}."
    if broken:
        return broken[0], f"the rules have changed: they find it in the recorded events {_numbers(broken[0])} now."
    standing = ledger.row(capsule.requirement).standing.value
    return None, f"the rules have changed: by those of this build the recorded calls leave it {standing}."


def _numbers(finding: Finding) -> str:
    return ", ".join(map(str, finding.evidence))


def _played(capsule: Capsule, driver: str, faultless: bool, more: list[str], out: Path, *, keeps: bool) -> Answer:
    if not capsule.play:
        raise _nothing_to_play(capsule)
    with redirect_stdout(StringIO()) if not keeps and "manual" not in more else nullcontext():
        _run(capsule, driver, faultless, more, out)
    return _told(capsule, _ledger(out))


def _run(capsule: Capsule, driver: str, faultless: bool, more: list[str], out: Path) -> None:
    """Certifies anew, what the capsule names and nothing else."""
    from conformance.command.certify import server
    from conformance.command.certify_pms import pms

    shared = ["--only", capsule.play, "--out", str(out), *(["--seed", capsule.seed] if capsule.seed else [])]
    if capsule.kind == PMS:
        if not driver:
            raise click.UsageError('the finding is about a PMS; give --driver "EXECUTABLE ARGUMENTS".')
        profile = ["--profile", capsule.profile] if capsule.profile else []
        interface = ["--interface", _interface(capsule)]
        words = [*shared, *interface, *profile, "--driver", driver, *more]
        pms.main(words, prog_name=NAME, standalone_mode=False)
    else:
        budget = ["--budget", capsule.budget] if capsule.budget else []
        words = [*more, *shared, *budget, *_embedded(capsule, faultless, more)]
        server.main(words, prog_name=NAME, standalone_mode=False)


def _interface(capsule: Capsule) -> str:
    """The one that the scenario of the capsule is about."""
    from conformance.command.certify_pms_beside import CLI, REST, VDDS
    from conformance.spec.scenarios import command_line_scenarios, vdds_scenarios

    spec = spec_from(None)
    beside = {CLI: command_line_scenarios(spec), VDDS: vdds_scenarios(spec)}
    return next((name for name, known in beside.items() if capsule.play in {each.name for each in known}), REST)


def _embedded(capsule: Capsule, faultless: bool, more: list[str]) -> list[str]:
    """What chooses our own emulator, where neither a URL nor a target file was given."""
    given = _given(capsule, "", faultless, more)
    if given.server:
        return []
    if faultless or not capsule.faults:
        return ["--embedded"]
    return [part for name in capsule.faults for part in ("--emulator-fault", name)]


def _ledger(out: Path) -> Ledger:
    written = sorted(out.glob("*/ledger.json"), key=lambda path: path.stat().st_mtime_ns)
    if not written:
        raise SetUpFailure("the run left no ledger, so that nothing can be said; look at what it printed above.")
    return ledger_from_json(written[-1].read_text(encoding="utf-8"))


def _told(capsule: Capsule, ledger: Ledger) -> Answer:
    row = next((row for row in ledger.rows if row.id == capsule.requirement), None)
    standing = row.standing if row is not None else Standing.NOT_OBSERVED
    answer, why = _answer(capsule, standing, _lacking(capsule, ledger))
    if capsule.against:
        subject = ledger.about.get("subject", OWN_SERVER)
        own = ledger.about.get("server") == OWN_SERVER
        why += f" This was {subject}{f'; it says nothing of {capsule.against}' if own else ''}."
    found = next((each for each in ledger.findings if each.requirement == capsule.requirement), None)
    _say(capsule, answer, why, found if answer is Answer.STILL_FAILING else None)
    if capsule.recorded:
        click.echo(f"  {_by_the_rules(capsule)[1]}")
    return answer


def _say(capsule: Capsule, answer: Answer, why: str, found: Finding | None) -> None:
    click.echo(f"{answer.name.replace('_', ' ')}  {capsule.requirement} ({capsule.text})")
    click.echo(f"  {why}")
    if found is not None:
        click.echo(f"  expected {found.expected}\n  observed {found.observed}")


def _lacking(capsule: Capsule, ledger: Ledger) -> str:
    """Why what the capsule names did not come about; '' where nothing says so."""
    skipped = next((each.reason for each in ledger.skipped if each.play == capsule.play), "")
    row = next((row for row in ledger.rows if row.id == capsule.requirement), None)
    return skipped or (row.reason if row is not None else "")


def _answer(capsule: Capsule, standing: Standing, lacking: str = "") -> tuple[Answer, str]:
    if standing in (Standing.FAIL, Standing.ADVISORY):
        return Answer.STILL_FAILING, f"{capsule.play} broke it once more."
    if standing is not Standing.PASS:
        why = lacking.rstrip(".") or "what it takes did not come about"
        return Answer.CANNOT_REPRODUCE, f"{capsule.play} left it {standing.value}: {why}."
    if capsule.reproducible == Again.NO.value:
        return Answer.CANNOT_REPRODUCE, "it was kept this time, and had not come up again when it was found either."
    return Answer.FIXED, f"{capsule.play} brought it about again, and it was kept."
