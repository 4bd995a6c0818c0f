"""The long checks: ``python -m tests.honesty COMMAND``.

kill                            every fault of the emulator breaks what it declares, and nothing else
kill --write                    renews the committed matrix
pms-kill                        every faulty miniature PMS breaks what it declares, and nothing else
pms-kill --write                renews the committed matrix of them
sound FIRST LAST [SHARE]        random policies and readings, that share of the plays: nobody is blamed
canaries NUMBER                 so many words planted into calls, command lines and transfer files, and into what
                                says them back; then whole runs of every interface full of them: none is kept
repeat TIMES                    the same ledger each time
foreign KIND FILE [DEFECT...]   what is found in a foreign server with each defect; appends to FILE
foreign table FILE              writes the committed table of it
"""

import json
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

from conformance.spec import default_folder, load
from conformance.suite.budget import STAGES
from tests.honesty import canary_runs, quick
from tests.honesty.canaries import (
    Cage,
    Heard,
    hostile,
    hostile_files,
    hostile_lines,
    judged,
    leaks,
    leave,
    listening,
    notes,
    verdicts,
)
from tests.honesty.foreign import certified, defects, table
from tests.honesty.inside import run_inside
from tests.honesty.killing import all_faults, broken_by, matrix
from tests.honesty.pms_killing import PMS_MATRIX, pms_matrix, seen_of, sinners
from tests.honesty.sound import blamed, random_run

REPORTS = Path(__file__).parents[2] / "reports"
MATRIX = REPORTS / "kill-matrix.md"
FOREIGN = REPORTS / "foreign-servers.md"


def broken(name: str) -> tuple[str, set[str]]:
    return name, broken_by(name, load())


def heard(seed: int, share: float) -> tuple[int, list[str], int]:
    """Seed, rows that blame somebody, and how many events were judged."""
    run = random_run(load(), seed, share)
    return seed, blamed(run), len(run.events)


def ledger(seed: int) -> str:
    return run_inside(load(), seed=seed).ledger.to_json()


def kill(write: bool) -> int:
    known = all_faults()
    if write:
        MATRIX.write_text(matrix(known), encoding="utf-8", newline="\n")
        return 0
    wrong = []
    with ProcessPoolExecutor(2) as workers:
        for name, rows in workers.map(broken, known):
            declared = set(known[name].breaks)
            if rows != declared:
                wrong.append(name)
                print(f"{name}: missing {sorted(declared - rows)}, besides {sorted(rows - declared)}", flush=True)
    print(f"{len(known)} faults, {len(known) - len(wrong)} break exactly what they declare")
    return 1 if wrong else 0


def quick_run() -> int:
    found = quick.measured(STAGES)
    missed = sorted(fault for fault, plays in found.items() if not plays)
    share = 1 - len(missed) / len(found)
    print(f"not found: {', '.join(missed)}")
    print(f"{len(found)} faults, {share:.1%} found in {quick.calls(STAGES)} calls")
    return 0 if share >= quick.SHARE else 1


def choose_quick() -> int:
    chosen, found, rows = quick.choice()
    quick.TABLE.write_text(quick.table(chosen, found), encoding="utf-8", newline="\n")
    (default_folder() / quick.PROFILE).write_text(quick.profile(rows), encoding="utf-8", newline="\n")
    return 0


def pms_kill(write: bool) -> int:
    if write:
        PMS_MATRIX.write_text(pms_matrix(), encoding="utf-8", newline="\n")
        return 0
    known, wrong = sinners(), []
    with ProcessPoolExecutor(2) as workers:
        for name, seen in workers.map(seen_of, known):
            declared = set(known[name].breaks)
            if set(seen) != declared:
                wrong.append(name)
                missing, besides = sorted(declared - set(seen)), sorted(set(seen) - declared)
                print(f"{name}: missing {missing}, besides {[f'{row} in {seen[row]}' for row in besides]}", flush=True)
    print(f"{len(known)} programs, {len(known) - len(wrong)} break exactly what they declare")
    return 1 if wrong else 0


def sound(first: int, last: int, share: float) -> int:
    events = wrong = 0
    began = time.perf_counter()
    with ProcessPoolExecutor(2) as workers:
        for seed, found, count in workers.map(partial(heard, share=share), range(first, last)):
            events += count
            wrong += bool(found)
            if found:
                print(f"seed {seed}: {found}", flush=True)
    took = time.perf_counter() - began
    print(f"{last - first} seeds, {events} events, {wrong} with somebody blamed, {took:.0f} s")
    return 1 if wrong else 0


def repeat(times: int) -> int:
    with ProcessPoolExecutor(4) as workers:
        ledgers = set(workers.map(ledger, [7] * times))
    print(f"{times} runs, {len(ledgers)} different ledgers")
    return 0 if len(ledgers) == 1 else 1


def found(kind: str, name: str) -> dict[str, object]:
    """What a run against a foreign server with this defect found."""
    outcome = certified(load(), kind, "--defect", name)
    rows = outcome.failed()
    return {"server": kind, "defect": name, "rows": rows, "calls": outcome.calls, "ours": list(outcome.crashed)}


def foreign(kind: str, file: Path, names: list[str]) -> int:
    chosen = names or [each["name"] for each in defects(kind)]
    with ProcessPoolExecutor(2) as workers, file.open("a", encoding="utf-8", newline="\n") as out:
        for row in workers.map(partial(found, kind), chosen):
            out.write(json.dumps(row) + "\n")
            out.flush()
    return 0


def write_table(file: Path) -> int:
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    FOREIGN.write_text(
        table({(line["server"], line["defect"]): line["rows"] for line in lines}), encoding="utf-8", newline="\n"
    )
    return 0


def canaries(number: int) -> int:
    spec, cage = load(), Cage(Random(number))
    with listening(Heard()) as heard:
        run_inside(spec)
    planted = [*notes(cage), *hostile(spec, cage, number)]
    planted += [*hostile_lines(spec, cage, number), *hostile_files(spec, cage, number)]
    events = heard.but(planted).events(spec)
    raw, redacted = judged(heard.events(spec, raw=True), spec), judged(heard.events(spec), spec)
    other = [row for row, verdict in verdicts(raw).items() if verdicts(redacted)[row] != verdict]
    with tempfile.TemporaryDirectory() as folder:
        leave(events, judged(events, spec), spec, Path(folder))
        found = leaks(Path(folder))
    told = f"{cage.made} canaries and a run of {len(events)} events: {len(found)} found"
    print(f"{told}; judged otherwise: {other}", flush=True)
    wrong = [*found, *other]
    for name, run in canary_runs.RUNS.items():
        with tempfile.TemporaryDirectory() as folder:
            left = run(spec, Path(folder))
        wrong += [*left.leaks, *left.otherwise]
        told = f"{len(left.heard.said)} recorded, {len(left.leaks)} found; judged otherwise: {left.otherwise}"
        print(f"a run of {name}: {told}", flush=True)
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


def main(arguments: list[str]) -> int:
    match arguments:
        case ["kill"]:
            return kill(write=False)
        case ["kill", "--write"]:
            return kill(write=True)
        case ["quick"]:
            return quick_run()
        case ["quick", "--write"]:
            return choose_quick()
        case ["pms-kill"]:
            return pms_kill(write=False)
        case ["pms-kill", "--write"]:
            return pms_kill(write=True)
        case ["sound", first, last, *share]:
            return sound(int(first), int(last), float(share[0]) if share else 1.0)
        case ["foreign", "table", file]:
            return write_table(Path(file))
        case ["foreign", kind, file, *names]:
            return foreign(kind, Path(file), names)
        case ["canaries", number]:
            return canaries(int(number))
        case ["repeat", times]:
            return repeat(int(times))
    print(__doc__, file=sys.stderr)
    return 3


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
