"""pytest runs the run: an item per stimulus, and last an item per requirement whose outcome follows the ledger.

Registered for one call of ``pytest.main`` by ``execute``; never loaded by itself. Nothing is collected from files, so
a project that happens to lie in the current folder has no say.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import allure
import pytest

from conformance.judge import REST, SEVERITIES, Finding, Ledger, Row, Standing, gravity
from conformance.spec import Axis, Requirement
from conformance.suite.budget import FUZZ, MACHINE
from conformance.suite.oracle import rows
from conformance.suite.run import AGAIN_ALONE, PROBES, Broken, Crashed, Run, Skipped, phrase
from conformance.trace.events import to_json

RUN = pytest.StashKey[Run]()
PLAYED = "What was played"
"""Where Allure shows the stimuli: apart from the requirements of the interface."""
NOT_INHERITED = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")


class Group(pytest.Collector):
    """A name under which items stand."""

    def collect(self) -> Sequence[pytest.Item]:
        """Nothing: its items are made by the plugin."""
        return ()


class StimulusItem(pytest.Item):
    """One play, scenario, probe or generator."""

    act: Callable[[], object]

    @classmethod
    def of(cls, parent: Group, name: str, act: Callable[[], object], aims: Sequence[str]) -> StimulusItem:
        item = cls.from_parent(parent, name=name)
        item.act = act
        _label(item, epic=PLAYED, parentSuite=PLAYED, suite=parent.name, feature=parent.name)
        for row in aims:
            _label(item, tag=row)
        return item

    def runtest(self) -> None:
        try:
            self.act()
        except Skipped as skipped:
            pytest.skip(str(skipped))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, Broken):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style="long" if isinstance(excinfo.value, Crashed) else style)

    def reportinfo(self) -> tuple[str, None, str]:
        return self.parent.name if self.parent else "", None, self.name


class RequirementFailed(AssertionError):
    """What the ledger says of a requirement that was broken."""

    __module__ = "builtins"  # Allure and JUnit would print the path of this file before what it says


class RequirementItem(pytest.Item):
    """One row of the profile; sends nothing."""

    requirement: Requirement
    run: Run
    obj: SimpleNamespace
    """Where Allure looks for a title."""
    funcargs: dict[str, object]
    """What it expects beside; there are none."""

    @classmethod
    def of(cls, parent: Group, requirement: Requirement, run: Run) -> RequirementItem:
        item = cls.from_parent(parent, name=requirement.id)
        item.requirement, item.run = requirement, run
        graveness = gravity(requirement.obligation.value, requirement.harm, requirement.axis.value)
        heading = requirement.heading
        _label(item, epic=REST, feature=heading, severity=SEVERITIES[graveness])
        _label(item, parentSuite=REST, suite=heading, tag=f"axis {requirement.axis}")
        item.add_marker(pytest.mark.allure_description(_described(requirement)))
        item.obj = SimpleNamespace(__allure_display_name__=f"{requirement.id} {requirement.text}")
        item.funcargs = {}
        return item

    def runtest(self) -> None:
        ledger = self.run.finish()
        row = ledger.row(self.requirement.id)
        for finding in ledger.findings:
            if finding.requirement == row.id:
                _attach(finding, self.run)
        if row.standing in (Standing.FAIL, Standing.ERROR):
            raise RequirementFailed(explain(row, ledger, self.run.again))
        if row.standing is not Standing.PASS:
            pytest.skip(f"{row.standing}: {row.reason}" if row.reason else row.standing.value)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, RequirementFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        return "requirements", None, self.name


def _described(requirement: Requirement) -> str:
    rests = "the guide" if requirement.axis is Axis.GUIDE else "what the field shows"
    harm = f", harm: {requirement.harm}" if requirement.harm else ""
    return f"{requirement.text}\n\n{requirement.heading}; {requirement.obligation}, from {rests}{harm}."


def _attach(finding: Finding, run: Run) -> None:
    """Puts what a finding rests on beside it, as recorded: patients are stand-ins."""
    events = {exchange.number: exchange.event for exchange in run.oracle.monitor.history.exchanges}
    for number in finding.evidence:
        if number in events:
            name = f"event {number}" + (" (judged)" if number == finding.evidence[-1] else "")
            text = json.dumps(to_json(events[number]), indent=1, ensure_ascii=False)
            allure.attach(text, name=name, attachment_type=allure.attachment_type.JSON)


def explain(row: Row, ledger: Ledger, again: str) -> str:
    """Requirement and heading, expected, observed, evidence, and how to see it again."""
    findings = [finding for finding in ledger.findings if finding.requirement == row.id]
    told = [f"{row.id} {row.standing} ({row.heading}): {row.text}"]
    for finding in findings:
        told += _explained(finding)
    plays = sorted({play for finding in findings for play in finding.plays if play})
    if again and plays:
        told.append(f"to see it again: {again} --only {plays[0]}")
    return "\n".join(told)


def _explained(finding: Finding) -> list[str]:
    events = ", ".join(map(str, finding.evidence))
    times = "once" if finding.occurrences == 1 else f"{finding.occurrences} times"
    return [
        f"  {phrase('expected', finding.expected)}",
        f"  {phrase('observed', finding.observed)}",
        f"  seen {times}, first at events {events}; provoked once more: {finding.reproducible.value}",
    ]


class Plugin:
    """Collects the items of one run and hands them to pytest."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._broken: dict[str, tuple[str, ...]] = {}
        """What each stimulus saw broken, until that is told."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[RUN] = self._run

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> bool:
        """Takes the place of pytest's own collection."""
        session.items = list(items(session, self._run))
        session.testscollected = len(session.items)
        session.config.hook.pytest_collection_modifyitems(session=session, config=session.config, items=session.items)
        session.config.hook.pytest_collection_finish(session=session)
        return True

    def pytest_internalerror(self, excrepr: object) -> None:
        """pytest itself broke down: nobody else would tell."""
        self._run.crashed.append(f"pytest broke down: {excrepr}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Keeps what was broken; the report is left to pytest."""
        if call.excinfo is not None and isinstance(call.excinfo.value, Broken):
            self._broken[item.nodeid] = rows(call.excinfo.value.breaches)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Tells how each item ended, once."""
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self._run.on_result(report.nodeid, report.outcome, self._broken.pop(report.nodeid, ()))


def items(session: pytest.Session, run: Run) -> Iterator[pytest.Item]:
    """Plays, scenarios, probes and generators in this order; then the requirements, which end the history."""
    plays = _group(session, "plays")
    for play in run.plays():
        yield StimulusItem.of(plays, play.name, lambda play=play: run.perform(play), play.aims)  # type: ignore[misc]
    scenarios = _group(session, "scenarios")
    for play in run.scenarios():
        yield StimulusItem.of(scenarios, play.name, lambda play=play: run.perform(play), play.aims)  # type: ignore[misc]
    if run.wanted(AGAIN_ALONE):
        yield StimulusItem.of(scenarios, AGAIN_ALONE, run.look_again, ())
    if run.wanted(PROBES):
        yield StimulusItem.of(_group(session, "probes"), PROBES, run.probe, ())
    generated = _group(session, "generated")
    if run.wanted(FUZZ):
        yield StimulusItem.of(generated, FUZZ, run.fuzz, ())
    if run.wanted(MACHINE):
        yield StimulusItem.of(generated, MACHINE, run.explore, ())
    profile = run.oracle.monitor.terms.profile
    chosen = run.spec.requirements if profile is None else [run.spec.requirement[row] for row in profile.requirements]
    requirements = _group(session, "requirements")
    for requirement in chosen:
        yield RequirementItem.of(requirements, requirement, run)


def _group(session: pytest.Session, name: str) -> Group:
    return Group.from_parent(session, name=name, nodeid=name)


def _label(item: pytest.Item, **labels: str) -> None:
    for kind, text in labels.items():
        item.add_marker(pytest.mark.allure_label(text, label_type=kind))


def execute(run: Run, folder: Path) -> int:
    """Runs everything in this process and leaves junit.xml and allure-results in ``folder``; pytest's exit code.

    What the ledger says is asked of ``run.finish()``: pytest's exit code tells only whether it got through.
    """
    ini = folder / "pytest.ini"
    ini.write_text("[pytest]\naddopts =\njunit_family = xunit2\n", encoding="utf-8", newline="\n")
    arguments = [
        f"--rootdir={folder}",
        f"-c={ini}",
        "--noconftest",
        "--disable-plugin-autoload",
        "--capture=no",
        "--strict-config",
        f"--junitxml={folder / 'junit.xml'}",
        f"--alluredir={folder / 'allure-results'}",
        *("-p", "no:cacheprovider"),
        *("-p", "no:terminal"),
        *("-p", "no:warnings"),
        *("-p", "no:unraisableexception"),  # walks all that is in memory five times at the end
        *("-p", "allure_pytest.plugin"),
    ]
    try:
        with _undisturbed():
            return int(pytest.main(arguments, plugins=[Plugin(run)]))
    finally:
        ini.unlink(missing_ok=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the options and plugins that the user set for tests of his own."""
    set_aside = {name: os.environ.pop(name) for name in NOT_INHERITED if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(set_aside)
