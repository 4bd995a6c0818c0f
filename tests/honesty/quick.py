"""Which plays a quick run needs: measured against every fault of the emulator, in two passes.

The first pass plays what aims at the rows that a fault declares, and takes of that enough to find every fault. The
second plays those against every fault, since a play finds more than it aims at, and takes of them the cheapest that
find the share that is wanted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import chain
from math import ceil
from pathlib import Path

from conformance.emulator.faults import select
from conformance.spec import Spec, load
from conformance.suite import quick, scenario
from conformance.suite.plays import collect
from conformance.suite.shortened import LOOKS
from conformance.trace import Event, Recorded, read
from tests.honesty.inside import run_inside
from tests.honesty.killing import all_faults, below_http

SHARE = 0.9
TABLE = Path(quick.__file__)
WHOLE, PROFILE = "server", "profiles/server-quick.yaml"
Stages = dict[str, int]
"""Play -> how many of its stages."""
WIDTH = 120


def faults_of_plays() -> list[str]:
    """The faults that a play can find; those below HTTP are the probes' to find."""
    return [name for name, fault in all_faults().items() if not below_http(fault)]


def stages_in(events: Collection[Event], spec: Spec) -> dict[int, tuple[str, int]]:
    """Number of an event -> its play, and the stage of the play that it belongs to."""
    begun: Counter[str] = Counter()
    found = {}
    for event in events:
        if isinstance(event, Recorded):
            among_others = event.connection.startswith("lane-") and event.connection != "lane-1"
            begun[event.play] += read(event, spec).role != LOOKS and not among_others
            found[event.number] = (event.play, max(1, begun[event.play]))
    return found


def costs(spec: Spec) -> dict[tuple[str, int], int]:
    """Play and stage -> how many calls it takes to its end, on a server without a fault."""
    run = run_inside(spec)
    calls: Counter[str] = Counter()
    found = {}
    for place in stages_in(run.events, spec).values():
        calls[place[0]] += 1
        found[place] = calls[place[0]]
    return found


def seen(name: str, plays: Mapping[str, int] | None = None) -> tuple[str, Stages]:
    """The fault, and which plays find it, each by which stage; of ``plays``, or of those that aim at its rows."""
    spec = load()
    (fault,) = select(name)
    run = run_inside(spec, faults=(fault,), plays=plays, aims=() if plays else fault.breaks)
    places = stages_in(run.events, spec)
    last = dict(places.values())
    found: Stages = {}
    for finding in run.ledger.findings:
        if finding.requirement not in fault.breaks:
            continue
        for play in filter(last.__contains__, finding.plays):
            stages = [places[number][1] for number in finding.exchanges if places.get(number, ("",))[0] == play]
            found[play] = min(found.get(play, last[play]), *stages, last[play])
    return name, found


def cover(found: Mapping[str, Stages], cost: Mapping[tuple[str, int], int], share: float) -> Stages:
    """The plays, and stages of each, that find this share of the faults: the most faults per call first."""
    by_play: dict[str, Stages] = defaultdict(dict)
    for fault, plays in found.items():
        for play, stages in plays.items():
            by_play[play][fault] = stages
    chosen: Stages = {}
    left = {fault for fault, plays in found.items() if plays}
    wanted = min(len(left), ceil(share * len(found)))
    spared = len(left) - wanted
    while len(left) > spared:
        options = (_steps(play, faults, chosen.get(play, 0), left, cost) for play, faults in by_play.items())
        _, play, stages = max(chain.from_iterable(options))
        chosen[play] = stages
        left -= {fault for fault, needed in by_play[play].items() if needed <= stages}
    return _pruned(chosen, by_play)


def _pruned(chosen: Stages, by_play: Mapping[str, Stages]) -> Stages:
    """Without what those that came later have made needless, the longest first."""
    left = dict(chosen)
    for play in sorted(chosen, key=lambda name: (-chosen[name], name)):
        others = {fault for name in left if name != play for fault in _found_by(left[name], by_play[name])}
        needed = [by_play[play][fault] for fault in _found_by(left[play], by_play[play]) if fault not in others]
        left[play] = max(needed, default=0)
    return {play: stages for play, stages in left.items() if stages}


def _found_by(stages: int, faults: Stages) -> list[str]:
    return [fault for fault, needed in faults.items() if needed <= stages]


def _steps(
    play: str, faults: Stages, have: int, left: Collection[str], cost: Mapping[tuple[str, int], int]
) -> list[tuple[float, str, int]]:
    """Faults per call of each way to play more of it."""
    paid = cost.get((play, have), 0)
    options = []
    for stages in sorted({stages for stages in faults.values() if stages > have}):
        new = sum(needed <= stages and fault in left for fault, needed in faults.items())
        if new:
            options.append((new / max(1, cost.get((play, stages), paid + 1) - paid), play, stages))
    return options


def measured(plays: Mapping[str, int] | None = None, workers: int = 2) -> dict[str, Stages]:
    """``seen`` of every fault."""
    with ProcessPoolExecutor(workers) as pool:
        return dict(pool.map(partial(seen, plays=plays), faults_of_plays()))


def choice(workers: int = 2) -> tuple[Stages, dict[str, Stages], Sequence[str]]:
    """The plays of a quick run, what each fault is found by among them, and the rows that they keep in view."""
    cost = costs(load())
    candidates = cover(measured(workers=workers), cost, 1.0)
    chosen = cover(measured(candidates, workers), cost, SHARE)
    return chosen, measured(chosen, workers), rows_seen(chosen)


def calls(plays: Mapping[str, int]) -> int:
    """How many calls these plays make on a server without a fault."""
    return sum(isinstance(event, Recorded) for event in run_inside(load(), plays=plays).events)


BY_CHANCE = frozenset({"PAT-044", "STAT-021"})
"""Rows that those plays decide with the patients and the pace of the emulator, and not with those of every server."""


def rows_seen(plays: Mapping[str, int]) -> list[str]:
    """Mandatory rows of a server of which these plays decide that they are kept."""
    spec = load()
    kept = {row.id for row in run_inside(spec, plays=plays).ledger.rows if row.counts.passed}
    wanted = (kept & spec.profile[WHOLE].mandatory) - BY_CHANCE
    return [row.id for row in spec.requirements if row.id in wanted]


def by_first(found: Mapping[str, Stages], order: Sequence[str]) -> dict[str, list[str]]:
    """Each play with the faults that no play before it finds."""
    first: dict[str, list[str]] = {play: [] for play in order}
    for fault, plays in found.items():
        for play in [play for play in order if play in plays][:1]:
            first[play].append(fault)
    return first


def table(chosen: Mapping[str, int], found: Mapping[str, Stages]) -> str:
    """The module ``conformance.suite.quick``, laid out as the formatter would."""
    known = [play.name for play in (*collect(load()), *scenario.plays(load()))]
    first = by_first(found, [name for name in known if name in chosen])
    head = TABLE.read_text(encoding="utf-8").partition("QUICK: ")[0]
    lines = [f"{head}QUICK: Mapping[str, tuple[int, tuple[str, ...]]] = {{"]
    for play, faults in first.items():
        lines += _entry(play, chosen[play], sorted(faults))
    return "\n".join([*lines, "}", ""])


def _entry(play: str, stages: int, faults: Sequence[str]) -> list[str]:
    names = ", ".join(f'"{fault}"' for fault in faults)
    short = f'    "{play}": ({stages}, ({names}{"," if len(faults) == 1 else ""})),'
    if len(short) <= WIDTH:
        return [short]
    inner = f"        ({names}),"
    within = (
        [inner]
        if len(inner) <= WIDTH
        else ["        (", *(f'            "{fault}",' for fault in faults), "        ),"]
    )
    return [f'    "{play}": (', f"        {stages},", *within, "    ),"]


def profile(rows: Sequence[str]) -> str:
    """The profile of a quick run: the rows of the whole one, of which these must have been seen."""
    whole = (load().folder / "profiles" / f"{WHOLE}.yaml").read_text(encoding="utf-8").splitlines()
    kept = [line for line in whole if line.startswith(("binds:", "include:", "exclude:"))]
    return "\n".join(
        (
            "# Mandatory is what the plays of a quick run decide; renewed by python -m tests.honesty quick --write.",
            "name: server-quick",
            "title: A Dental Desktop server, looked at quickly",
            *kept,
            "mandatory:",
            *(f"  - {row}" for row in rows),
            "",
        )
    )
