"""What the options of a run choose from a spec: its profile, its scenarios, and what a person says the PMS can do."""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformance.command.failure import SetUpFailure

if TYPE_CHECKING:
    from conformance.certify.pms import Step
    from conformance.spec import Profile, Spec
    from conformance.spec.scenarios import Scenario


def profile_of(spec: Spec, name: str) -> Profile:
    """Raises SetUpFailure for one that the spec does not have."""
    if name not in spec.profile:
        known = ", ".join(spec.profile) or "none at all"
        raise SetUpFailure(f'profile "{name}" is not in {spec.name}; expected {known}.')
    return spec.profile[name]


def chosen_of(scenarios: tuple[Scenario, ...], only: str) -> tuple[Scenario, ...]:
    """Those whose names fit one of the globs in ``only``. Raises SetUpFailure when none does."""
    globs = [glob.strip() for glob in only.split(",") if glob.strip()]
    chosen = tuple(each for each in scenarios if any(fnmatch.fnmatch(each.name, glob) for glob in globs))
    if not chosen:
        known = ", ".join(each.name for each in scenarios)
        raise SetUpFailure(f'--only "{only}" fits no scenario; expected a glob over {known}.')
    return chosen


def abilities_of(supports: str, known: Mapping[Step, str]) -> frozenset[str]:
    """The steps in ``supports``. Raises SetUpFailure for one that is not known."""
    able = frozenset(word.strip() for word in supports.split(",") if word.strip())
    unknown = sorted(able - set(known))
    if unknown:
        raise SetUpFailure(f'--supports "{unknown[0]}" is no step; expected {", ".join(known)}.')
    return able
