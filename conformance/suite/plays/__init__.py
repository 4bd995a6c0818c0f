"""The plays: modules are nouns of the guide. Each registers plays, or makes them from the spec in ``plays(spec)``."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from typing import cast

from conformance.spec import Spec
from conformance.suite.play import Play, registered


def collect(spec: Spec) -> tuple[Play, ...]:
    """Every play there is for ``spec``, ordered by name. Raises ValueError when two share a name."""
    made = [play for name in _modules() for play in _made_by(name, spec)]
    found = dict(registered())
    for play in made:
        if play.name in found:
            raise ValueError(f"play {play.name} exists twice; give one of them another name.")
        found[play.name] = play
    return tuple(found[name] for name in sorted(found))


def _modules() -> list[str]:
    return [f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)]


def _made_by(name: str, spec: Spec) -> Iterable[Play]:
    make = getattr(importlib.import_module(name), "plays", None)
    return cast(Callable[[Spec], Iterable[Play]], make)(spec) if make is not None else ()
