"""A PMS that only has a user interface: a person at the terminal is told what to do in it, and says what it shows.

What is seen on the wire is told to the person, and ends a task by itself after a while. But what the PMS told its user
can only be said by the person: a task that ended by itself has no such answer, and no rule judges one. Questions about
what the PMS shows are put only where a plain yes says what a program would have said in data.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from conformance.certify.keyboard import EndOfInput, Keyboard
from conformance.certify.manual_questions import Untold, understood
from conformance.certify.manual_words import ABILITIES, Teller
from conformance.certify.pms import LOCAL, UNSAID, About, Answer, Interrupted, LeftOut, Reply, Server, Step, Task
from conformance.certify.sightings import Sight, Sightings
from conformance.spec.scenarios import Actor, Origin, Scenario

KEYS = "Enter: it shows that it is done   n: it shows nothing   r: refused   f: went wrong   ?: all keys"
ALL_KEYS = (
    "Enter or d   the PMS shows its user that it is done",
    "n            it seems to be over, and the PMS shows nothing",
    "r [text]     the PMS shows that it was refused, with that text",
    "f [text]     the PMS shows that something went wrong, with that text",
    "u            this PMS cannot do that; it is not asked for again",
    "s            leave this scenario out",
    "b            say it again",
    "p            pause",
    "q            stop here, and go on another day",
)
PAUSED = "Paused. Touch nothing in the PMS. Enter: go on   q: stop, and go on another day"
SKIPPED = "the person at the terminal left it out"
STOPPED = "the person at the terminal stopped"
ENDED = "the input of the terminal ended"
TICK_S = 0.2
LINGER_S = 20.0
"""After what was seen, how long to wait for what the person says."""
MINUTES_PER_TASK = 0.75
ALWAYS = frozenset({*LOCAL, Step.AWAIT_OPERATION, Step.RESTART, Step.CONFIGURE, Step.RESET})
"""What a person can do with every PMS."""


@dataclass
class ManualPms:
    """A PmsActor. Speaks on ``output`` and reads lines from ``input``."""

    input: TextIO
    output: TextIO
    seen: Sightings
    name: str = ""
    supports: frozenset[str] | None = None
    """Which of ABILITIES the PMS has; None asks the person."""
    clock: Callable[[], float] = time.monotonic
    linger_s: float = LINGER_S
    abilities: Mapping[Step, str] = field(default_factory=lambda: ABILITIES)
    """What a PMS may be able to do over the interface, in words."""
    reached: Sequence[str] = ()
    """How the PMS gets to the other side, where that is not by an address."""
    about: About | None = field(default=None, init=False)
    _teller: Teller = field(default_factory=Teller, init=False)
    _tasks: int = field(default=0, init=False)
    _doubted: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._keyboard = Keyboard(self.input)

    # -- PmsActor ---------------------------------------------------------------------------------------------

    def begin(self, server: Server, folder: Path, *, resumed: bool) -> About:
        """Says how the PMS has to be set up, and asks what it can do. Raises Interrupted."""
        again = "as before" if resumed else "like this"
        self._say(f"Set the PMS up {again}:", *(self.reached or _address(server)))
        supports = self.supports if self.supports is not None else self._abilities()
        self._key("Enter: it is set up   q: stop", "q")
        self.about = About(self.name, "", "", frozenset(supports) | ALWAYS)
        return self.about

    def take(self, task: Task) -> Reply:
        """Tells it, and waits as long as it takes. Raises Interrupted or LeftOut."""
        lines = self._teller.told(task)
        self._tasks += 1
        self._doubted = False
        first, *others = lines
        self._say("", f"{self._tasks}. {first}", *(f"   {line}" for line in others), KEYS)
        return self._answered(task, lines)

    def configure(self, server: Server) -> Reply:
        self._say("", "The clinic has changed its set-up. Set the PMS up like this:", *_address(server))
        self._key("Enter: it is set up   q: stop", "q")
        return Reply(Answer.DONE)

    def restart(self) -> About:
        """Raises Interrupted."""
        assert self.about is not None, "begin() first"
        self._say("", "Close the PMS wholly, and start it again.")
        self._key("Enter: it runs again   q: stop", "q")
        return self.about

    def end(self) -> None:
        """Nothing to do."""

    # -- around the tasks -------------------------------------------------------------------------------------

    def brief(self, left: Sequence[Scenario], through: int) -> None:
        """Says before the start how much there will be to do. Raises Interrupted."""
        tasks = sum(map(tasks_of, left))
        minutes = max(1, round(tasks * MINUTES_PER_TASK))
        before = f"; {through} were played before" if through else ""
        scenarios, about = _counted(len(left), "scenario"), _counted(tasks, "task")
        self._say(
            "",
            f"{scenarios} to play, {about}, about {_counted(minutes, 'minute')}{before}.",
            "First what is ordinary, then what goes wrong, at last wrong certificates; all stations run by themselves.",
            "Do in the PMS what is asked and nothing else. Made-up patients only. Stop and go on as you like (q).",
        )
        self._key("Enter: begin   q: stop", "q")

    def scene(self, scenario: Scenario, number: int, total: int) -> None:
        """Says which scenario begins."""
        self._say("", f"-- scenario {number} of {total}: {scenario.title}")

    # -- one task ---------------------------------------------------------------------------------------------

    def _answered(self, task: Task, lines: list[str]) -> Reply:
        sight: Sight | None = None
        until_s = 0.0
        while True:
            line = self._line()
            if line is None:
                sight, until_s = self._watched(task, sight, until_s)
                if sight is not None and self.clock() >= until_s:
                    self._say("Going on; what the PMS showed of it is not judged.")
                    return Reply(UNSAID, data=self._operation(task), untold=True)
                continue
            reply = self._obeyed(line, task, lines)
            if reply is not None:
                return reply

    def _watched(self, task: Task, sight: Sight | None, until_s: float) -> tuple[Sight | None, float]:
        """What was seen first of its end, told once, and until when the person may say more."""
        if sight is not None:
            return sight, until_s
        found = self.seen.look(task)
        if found is None:
            return None, 0.0
        self._say(f"seen: {found.words}. What does the PMS show? (goes on by itself in {self.linger_s:g} s)")
        return found, self.clock() + self.linger_s

    def _obeyed(self, line: str, task: Task, lines: list[str]) -> Reply | None:
        """The reply that ``line`` makes; None when there is none yet."""
        key, _, text = line.partition(" ")
        key = key.lower()
        if key in ("", "d"):
            return self._done(task) if self._believed(task) else None
        if key == "n":
            return self._silent(task)
        if key in ("r", "f"):
            answer = Answer.REFUSED if key == "r" else Answer.FAILED
            return Reply(answer, message=text or self._asked("What does it say? (Enter: nothing)"), untold=True)
        if key == "u":
            start = "With --supports" if self.supports is None else f"With {task.does} left out of --supports"
            self._say(f"Not asked for again. {start} at the start what depends on it is not applicable.")
            return Reply(Answer.UNSUPPORTED)
        self._aside(key, line, lines)
        return None

    def _aside(self, key: str, line: str, lines: list[str]) -> None:
        """What is no answer."""
        if key == "s":
            raise LeftOut(SKIPPED)
        if key == "q":
            raise Interrupted(STOPPED)
        if key == "b":
            self._say(*lines, KEYS)
        elif key == "?":
            self._say(*ALL_KEYS)
        elif key == "p":
            self._key(PAUSED, "q")
            self._say("Going on with:", *lines, KEYS)
        else:
            self._say(f'"{_shown(line)}" is not known.', *ALL_KEYS)

    def _done(self, task: Task) -> Reply:
        if not task.wait:
            return Reply(Answer.STARTED, data=self._operation(task))
        try:
            data = understood(task, self.seen, self._asked)
        except Untold:
            return Reply(Answer.DONE, message="shown as done", untold=True)
        return Reply(Answer.DONE, message="shown as done", data={**data, **self._operation(task)})

    def _believed(self, task: Task) -> bool:
        """True when what the PMS shows fits what was seen, or was said twice: typing ahead is no finding."""
        if self._doubted or not self.seen.expects(task) or self.seen.look(task) is not None:
            return True
        self._doubted = True
        self._say("The end of it was not seen yet. Enter again: the PMS shows that it is done all the same")
        return False

    def _silent(self, task: Task) -> Reply:
        """Over, and the user was told nothing: a success that was kept quiet, or a failure that was."""
        sight = self.seen.look(task)
        answer = Answer.DONE if sight is not None and sight.processed else Answer.FAILED
        return Reply(answer, data=self._operation(task), untold=True)

    def _operation(self, task: Task) -> dict[str, Any]:
        operation = self.seen.operation(task)
        return {"operation": str(operation)} if operation is not None else {}

    # -- the terminal -----------------------------------------------------------------------------------------

    def _abilities(self) -> frozenset[str]:
        self._say("", "What can this PMS do? Enter: yes   n: no")
        return frozenset(
            step.value for step, words in self.abilities.items() if self._key(f"Can it {words}?", "nq") != "n"
        )

    def _key(self, question: str, known: str) -> str:
        """One of ``known``, or '' for Enter and y."""
        self._say(question)
        while True:
            key = self._asked("").lower()
            if key == "q":
                raise Interrupted(STOPPED)
            if key in ("", "y") or key in known:
                return "" if key == "y" else key
            self._say(f'"{_shown(key)}" is not known. {question}')

    def _asked(self, question: str) -> str:
        """The line that answers it; waits as long as it takes."""
        if question:
            self._say(question)
        while True:
            line = self._line()
            if line is not None:
                return line

    def _line(self) -> str | None:
        try:
            return self._keyboard.line(TICK_S)
        except EndOfInput as end:
            raise Interrupted(ENDED) from end

    def _say(self, *lines: str) -> None:
        text = "".join(f"{line}\n" for line in lines)
        encoding = getattr(self.output, "encoding", None) or "utf-8"
        self.output.write(text.encode(encoding, "backslashreplace").decode(encoding))
        self.output.flush()


def tasks_of(scenario: Scenario) -> int:
    """How often the person is told something in it."""
    given = sum(person.origin in (Origin.MAPPED, Origin.PICTURED) for person in scenario.persons)
    return given + sum(step.actor is Actor.PMS for step in scenario.steps)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _address(server: Server) -> list[str]:
    return [
        f"  address      {server.url}",
        f"  user         {server.user}   password {server.password}",
        f"  authority    {server.ca_file}   (trust this certificate)",
        f"  thumbprint   {server.thumbprint}",
    ]


def _shown(text: str) -> str:
    """What was typed, without what a terminal would obey."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text[:60])
