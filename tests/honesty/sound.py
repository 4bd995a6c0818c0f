"""Histories that the model makes under random policies and readings, for the test that nobody is blamed for them."""

from collections.abc import Mapping
from random import Random

from conformance.emulator.embedded import brisk_policy
from conformance.emulator.policy import Freedom, Policy
from conformance.emulator.readings import UNDERSTOOD
from conformance.spec import Spec
from conformance.suite.budget import Search
from tests.honesty.inside import Inside, run_inside

SEARCH = Search(examples=2, steps=25, tries=0)
BLAMED = frozenset({"FAIL", "ERROR", "ADVISORY"})


def random_run(spec: Spec, seed: int, share: float) -> Inside:
    """That share of the plays and some generated sequences, under a policy and readings that depend on the seed only.

    With every other seed the plays take turns.
    """
    policy = random_policy(spec, seed)
    return run_inside(spec, policy=policy, seed=seed, share=share, lanes=1 + 3 * (seed % 2), search=SEARCH)


def blamed(run: Inside) -> list[str]:
    """Rows for which somebody is blamed, and plays that broke down."""
    return [row.id for row in run.ledger.rows if row.standing.value in BLAMED] + run.crashed


def random_readings(spec: Spec, random: Random) -> Mapping[str, str]:
    """A conforming name for each point that the emulator acts on; half of the points stay at their default."""
    return {
        point: random.choice([name for name in spec.reading[point].conforming if name in names])
        for point, names in UNDERSTOOD.items()
        if point in spec.reading and random.random() < 0.5
    }


def random_policy(spec: Spec, seed: int) -> Policy:
    """A policy that depends on the seed only."""
    random = Random(f"sound/{seed}")
    quiet = brisk_policy(seed)
    freedoms = frozenset(freedom for freedom in sorted(Freedom) if random.random() < 0.5)
    return Policy(
        seed=seed,
        pick_up_delay_s=random.choice((0.0, 0.5, 1.5, 4.0)),
        processing_delay_s=random.choice((0.0, 0.5, 1.5, 4.0)),
        silence_limit_s=quiet.silence_limit_s,
        zone_minutes=random.choice((-480, 0, 60, 120, 345, 720)),
        readings=random_readings(spec, random),
        freedoms=freedoms,
    )
