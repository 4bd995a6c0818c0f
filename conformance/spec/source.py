"""A spec folder as files: found, read, parsed and fingerprinted.

YAML is read as OpenAPI 3.1 and JSON understand it: only true and false are Booleans, a date is
text, and a key written twice is an error, not a silent overwrite.
"""

import hashlib
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from conformance.spec.errors import SpecError

_Fast: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Fast):  # type: ignore[misc]  # libyaml's loader where there is one, five times faster
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # a list as key is refused by the loader itself
            if key.value in seen:
                raise _Duplicate(key.value, key.start_mark.line + 1)
            seen.add(key.value)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in _Fast.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


class _Duplicate(Exception):
    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


@dataclass(frozen=True)
class Source:
    """The files of one spec folder."""

    folder: Path

    def label(self, name: str) -> str:
        """How errors and requirements call the file ``name``: the same on every machine for a folder under specs/."""
        if self.folder.parent.name == "specs":
            return f"specs/{self.folder.name}/{name}"
        return (self.folder / name).as_posix()

    def names(self, *patterns: str) -> list[str]:
        """Files that match, relative to the folder, sorted."""
        found = {path for pattern in patterns for path in self.folder.glob(pattern) if path.is_file()}
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    def value(self, name: str) -> object:
        """The parsed content of one YAML file; None for an empty one."""
        path = self.folder / name
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise SpecError(self.label(name), "", "is missing", "restore it, or name another folder of specs") from None
        except UnicodeDecodeError as wrong:
            problem = f"is not UTF-8 at byte {wrong.start}"
            raise SpecError(self.label(name), "", problem, "save it as UTF-8") from None
        try:
            parsed: object = yaml.load(text, Loader=_Loader)  # derives from the safe loader
        except _Duplicate as twice:
            problem = f'line {twice.line} writes the key "{twice.key}" a second time'
            raise SpecError(self.label(name), "", problem, "remove one of the two") from None
        except yaml.YAMLError as wrong:
            raise SpecError(self.label(name), "", _where(wrong), "correct the YAML there") from None
        return parsed

    def digest(self) -> str:
        """SHA-256 over names and contents of all files; the same for CRLF and LF checkouts."""
        whole = hashlib.sha256()
        for name, content in self.contents():
            whole.update(f"{name}\0{len(content)}\0".encode())
            whole.update(content)
        return whole.hexdigest()

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Name and content of every file that the digest is made of, with LF at the ends of lines."""
        for name in self.names("**/*"):
            if not any(part.startswith((".", "__")) for part in name.split("/")):
                yield name, (self.folder / name).read_bytes().replace(b"\r\n", b"\n")


def has_aliases(text: bytes) -> bool:
    """True for YAML in which something stands for something else: a page of it can unfold to gigabytes.

    True as well for what is no YAML. Specs from strangers are asked this before they are loaded.
    """
    try:
        return any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return True


def _where(wrong: yaml.YAMLError) -> str:
    mark = getattr(wrong, "problem_mark", None)
    what = getattr(wrong, "problem", None) or "cannot be parsed"
    return f"is not YAML at line {mark.line + 1}: {what}" if mark else f"is not YAML: {what}"
