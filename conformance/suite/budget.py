"""How much a run may spend: which plays, and how much generated traffic beside them.

Apart from what spends it, since what generates takes long to import, and a quick run has no use for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from conformance.suite.play import Play
from conformance.suite.quick import QUICK
from conformance.suite.shortened import shortened

MACHINE = "machine"
FUZZ = "schemathesis"
"""What the two producers of generated calls are called: by who selects stimuli, and in the record."""


@dataclass(frozen=True)
class Search:
    """How much the machine may spend."""

    examples: int
    steps: int
    tries: int
    """Shorter lists to try for each rule that was broken."""


@dataclass(frozen=True)
class Budget:
    """How much generated traffic a run may spend beside its plays."""

    name: str
    search: Search
    fuzz_calls: int
    plays: Mapping[str, int] = field(default_factory=dict)
    """The plays and scenarios to be played, with how many stages of each; empty for all of them as a whole."""

    def leaves_out(self, play: str) -> bool:
        """True for a play or scenario that has no place in it."""
        return bool(self.plays) and play not in self.plays

    def share_of(self, play: Play) -> Play:
        """As much of the play as it has room for."""
        return shortened(play, self.plays[play.name]) if play.name in self.plays else play


STAGES: Mapping[str, int] = {play: stages for play, (stages, _) in QUICK.items()}
BUDGETS: Mapping[str, Budget] = {
    "quick": Budget("quick", Search(examples=0, steps=0, tries=0), fuzz_calls=0, plays=STAGES),
    "standard": Budget("standard", Search(examples=20, steps=30, tries=80), fuzz_calls=200),
    "thorough": Budget("thorough", Search(examples=150, steps=40, tries=200), fuzz_calls=2000),
}
