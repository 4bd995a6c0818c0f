"""Named faults of the emulator, and the registry that finds them."""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

from conformance.emulator.faults.overlay import Fault
from conformance.spec.errors import nearest

__all__ = ["Fault", "faults", "select"]


def faults() -> Mapping[str, Fault]:
    """Every fault of this folder by name, each a fresh object. ValueError when two share a name."""
    found: dict[str, Fault] = {}
    homes: dict[str, str] = {}
    for module in pkgutil.iter_modules(__path__):
        for fault in _of(importlib.import_module(f"{__name__}.{module.name}")):
            if fault.name in found:
                both = f"in {homes[fault.name]}.py and in {module.name}.py"
                raise ValueError(f"two faults are called {fault.name}, {both}; give one of them another name.")
            found[fault.name] = fault
            homes[fault.name] = module.name
    return dict(sorted(found.items()))


def select(*names: str) -> tuple[Fault, ...]:
    """The faults of these names. ValueError for a name that no fault has."""
    known = faults() if names else {}
    for name in names:
        if name not in known:
            listed = f'expected one of the {len(known)} that "threedd emulator --list-faults" prints'
            raise ValueError(f"no fault is called {name!r}{nearest(name, known)}; {listed}.")
    return tuple(known[name] for name in names)


def _of(module: ModuleType) -> Iterator[Fault]:
    for value in vars(module).values():
        if isinstance(value, Fault):
            yield copy.deepcopy(value)
        elif isinstance(value, tuple | list):
            yield from (copy.deepcopy(entry) for entry in value if isinstance(entry, Fault))
        elif inspect.isclass(value) and issubclass(value, Fault) and value.name and value.__module__ == module.__name__:
            yield value()
