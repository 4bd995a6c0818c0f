"""What the options of a run choose from a spec: its profile, its scenarios, and what a person says the PMS can do."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from conformance.command.failure import SetUpFailure
from conformance.spec.errors import nearest

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
    """Those whose names fit one of the globs in ``only``. Raises SetUpFailure for a glob that fits none."""
    check_globs(only, [each.name for each in scenarios], "scenario")
    return tuple(each for each in scenarios if any(fnmatchcase(each.name, glob) for glob in _globs(only)))


def check_globs(only: str, names: Collection[str], what: str) -> None:
    """Raises SetUpFailure when one of the globs in ``only`` fits no name, or when there is none."""
    unfit = [glob for glob in _globs(only) or [""] if not any(fnmatchcase(name, glob) for name in names)]
    if not unfit:
        return
    families = dict.fromkeys(re.split("[.-]", name)[0] for name in names)
    known = ", ".join(names) if len(names) <= FEW else ", ".join(f"{family}*" for family in families)
    hint = nearest(unfit[0].strip("*"), [*names, *families])
    raise SetUpFailure(f'--only "{unfit[0]}" fits no {what}{hint}; expected names or globs over {known}.')


def _globs(only: str) -> list[str]:
    return [glob.strip() for glob in only.split(",") if glob.strip()]


FEW = 15
"""So many names are told whole; of more their first words."""


def abilities_of(supports: str, known: Mapping[Step, str]) -> frozenset[str]:
    """The steps in ``supports``. Raises SetUpFailure for one that is not known."""
    able = frozenset(word.strip() for word in supports.split(",") if word.strip())
    unknown = sorted(able - set(known))
    if unknown:
        raise SetUpFailure(f'--supports "{unknown[0]}" is no step; expected {", ".join(known)}.')
    return able
