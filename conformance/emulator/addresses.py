"""Which method a request means: by the path of its target."""

from __future__ import annotations

from urllib.parse import unquote

from conformance.emulator.readings import METHOD_NAME_CASE
from conformance.model.readings import Readings
from conformance.spec import Method, Spec


class Addresses:
    """The methods of one server by path."""

    def __init__(self, spec: Spec, readings: Readings) -> None:
        self._exact = readings[METHOD_NAME_CASE] == "exact"
        base = spec.service.base_path
        self._paths = {self._key(f"{base}/{method.name}"): method for method in spec.methods}

    def method(self, path: str) -> Method | None:
        """The method of that path; None when there is none."""
        return self._paths.get(self._key(unquote(path) if "%" in path else path))

    def _key(self, path: str) -> str:
        return path if self._exact else path.casefold()


def local(target: str) -> tuple[str, str]:
    """The path and the query of a target, also of one in absolute form as a proxy sends it."""
    if not target.startswith("/"):
        _, scheme, rest = target.partition("://")
        target = "/" + rest.partition("/")[2] if scheme else target
    path, _, query = target.partition("?")
    return path, query
