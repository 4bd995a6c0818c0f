"""The target file: which server, who calls it, what was prepared there, and how far a run may go.

TOML, read before anything is sent. Whatever is wrong in it is told with file, section, key and value, what was
expected and what to do. A password never stands in it: the file names the environment variable that holds one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from conformance.command import target_values as values
from conformance.command.declared_facts import Entry, FixtureKind, content_of, fitting, fixture_kinds
from conformance.command.target_values import Check, Unfit, meant
from conformance.drive import Tier
from conformance.spec import Spec
from conformance.suite.target import Fixture, Patience

USUAL_NAME = "threedd.toml"
"""Taken when it lies in the current folder and no other is named."""
PASSWORD_VARIABLE, SECOND_PASSWORD_VARIABLE = "THREEDD_PASSWORD", "THREEDD_PASSWORD2"
TOKEN_VARIABLE = "THREEDD_CONTROL_TOKEN"
USUAL_RATE = 50.0
SECRETS = ("password", "token", "pass", "pwd", "secret")


class OperatorKind(StrEnum):
    """Who presses the buttons at the stations."""

    NONE = "none"
    MANUAL = "manual"
    COMMAND = "command"
    EMULATOR = "emulator"


class TargetFileError(ValueError):
    """Something in the file is wrong; the text says where, what, and what to do."""


@dataclass(frozen=True)
class ServerPart:
    """``[server]``: where it is and how it is recognised."""

    url: str = ""
    authority: Path | None = None
    """A certificate file, PEM or DER; found from the folder of the target file."""
    thumbprint: str = ""
    insecure: bool = False


@dataclass(frozen=True)
class UserPart:
    """``[[user]]``: somebody who may call, and which environment variable holds the password."""

    name: str
    password_env: str = ""


@dataclass(frozen=True)
class OperatorPart:
    """``[operator]``."""

    kind: OperatorKind = OperatorKind.NONE
    command: tuple[str, ...] = ()
    """Executable and arguments, for ``command``."""
    control: str = ""
    """Address of the control port, for ``emulator``."""
    token_env: str = TOKEN_VARIABLE
    """The environment variable that holds the token of the control port."""


@dataclass(frozen=True)
class LimitsPart:
    """``[limits]``: how long people and machines may take, and how often a run may call."""

    pick_up_s: float = Patience.pick_up_s
    processing_s: float = Patience.processing_s
    calls_per_s: float = USUAL_RATE


@dataclass(frozen=True)
class WritesPart:
    """``[writes]``."""

    tier: Tier | None = None
    """None when the file does not say."""
    shared: bool = False
    """True when others use the server during the run."""


@dataclass(frozen=True)
class TargetFile:
    """What the file says; everything has a default but what it was written for."""

    path: Path | None = None
    """None when there is no file."""
    server: ServerPart = field(default_factory=ServerPart)
    users: tuple[UserPart, ...] = ()
    operator: OperatorPart = field(default_factory=OperatorPart)
    limits: LimitsPart = field(default_factory=LimitsPart)
    writes: WritesPart = field(default_factory=WritesPart)
    fixtures: tuple[Fixture, ...] = ()


def target_file(named: Path | None, folder: Path, spec: Spec) -> TargetFile:
    """The file of that name, or else the usual one of the folder, or else nothing said.

    Raises TargetFileError or OSError.
    """
    usual = folder / USUAL_NAME
    path = named if named is not None else Path(USUAL_NAME) if usual.is_file() else None
    return read_target_file(path, spec) if path is not None else TargetFile()


def read_target_file(path: Path, spec: Spec) -> TargetFile:
    """Raises TargetFileError, or OSError when it cannot be opened."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise TargetFileError(f"{path} is no UTF-8 text (byte {wrong.start}); save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as wrong:
        raise TargetFileError(f"{path} is no TOML: {wrong}.{_syntax_hint(str(wrong))}") from None
    return _Reader(path, spec).read(content)


def _syntax_hint(told: str) -> str:
    if "escape" in told or "hex value" in told or "\\" in told:
        return " Write Windows paths in single quotes: 'C:\\folder\\file'."
    return " Texts stand in quotes, and each key = value on a line of its own; correct that line."


@dataclass(frozen=True)
class _Table:
    """One table of the file, with its place for what has to be said about it."""

    path: Path
    name: str
    """As written: ``[server]`` or ``[[case]] 2``."""
    content: Mapping[str, Any]

    def texts(self, keys: Mapping[str, Check], required: Sequence[str] = ()) -> dict[str, str]:
        """Every key that is there, checked. Raises TargetFileError."""
        for key in self.content:
            if key not in keys:
                raise self.unknown(key, keys)
        for key in required:
            if key not in self.content:
                raise self.error(f"{key} is missing; every entry needs {' and '.join(required)}. Add it.")
        return {key: self._checked(key, keys[key]) for key in self.content}

    def unknown(self, key: str, keys: Mapping[str, Check]) -> TargetFileError:
        if any(word in key.lower() for word in SECRETS) and not key.lower().endswith("_env"):
            names = " or ".join(each for each in keys if each.endswith("_env")) or "password_env of a [[user]]"
            return self.error(
                f"{key} is not allowed, since no secret stands in a file; remove it, put the secret into an"
                f" environment variable, and name that variable as {names}."
            )
        return self.error(f'"{key}" is not known{meant(key, list(keys))}; expected {", ".join(keys)}. Correct it.')

    def _checked(self, key: str, check: Check) -> str:
        try:
            return check(self.content[key])
        except Unfit as unfit:
            raise self.wrong(key, unfit) from None

    def wrong(self, key: str, unfit: Unfit) -> TargetFileError:
        value = "not a name" if key.endswith("_env") else shown(self.content[key])  # it may be the secret itself
        return self.error(f"{key} is {value}; expected {unfit}. Correct it.")

    def error(self, text: str) -> TargetFileError:
        return TargetFileError(f"{self.path}: {self.name}: {text}")


def shown(value: object) -> str:
    """A value as TOML would have it, shortened."""
    if isinstance(value, str):
        said = f'"{value}"'
    elif isinstance(value, bool):
        said = str(value).lower()
    else:
        said = str(value)
    return said if len(said) <= 80 else f"{said[:77]}..."


_SERVER: Mapping[str, Check] = {
    "url": values.address,
    "authority": values.any_text,
    "thumbprint": values.thumbprint,
    "insecure": values.flag,
}
_USER: Mapping[str, Check] = {"name": values.text, "password_env": values.variable}
_OPERATOR: Mapping[str, Check] = {
    "kind": values.one_of(*(kind.value for kind in OperatorKind)),
    "command": values.words,
    "control": values.address,
    "token_env": values.variable,
}
_LIMITS: Mapping[str, Check] = {
    "pick_up_s": values.seconds,
    "processing_s": values.seconds,
    "calls_per_s": values.rate,
}
_WRITES: Mapping[str, Check] = {"tier": values.one_of(*(tier.value for tier in Tier)), "shared": values.flag}
_OF_KIND = {"command": OperatorKind.COMMAND, "control": OperatorKind.EMULATOR}
"""Key of [operator] -> the kind that needs it."""


class _Reader:
    """Reads one file."""

    def __init__(self, path: Path, spec: Spec) -> None:
        self._path = path
        self._kinds = fixture_kinds(spec)

    def read(self, content: Mapping[str, Any]) -> TargetFile:
        """Raises TargetFileError."""
        self._only_known_sections(content)
        try:
            fixtures = tuple(fitting(list(self._entries(content))))
        except TargetFileError:
            raise
        except ValueError as wrong:
            raise TargetFileError(f"{self._path}: {wrong}") from None
        return TargetFile(
            self._path,
            self._server(self._one(content, "server")),
            tuple(self._user(table) for table in self._many(content, "user")),
            self._operator(self._one(content, "operator")),
            self._limits(self._one(content, "limits")),
            self._writes(self._one(content, "writes")),
            fixtures,
        )

    def _only_known_sections(self, content: Mapping[str, Any]) -> None:
        one, many = ("server", "operator", "limits", "writes"), ("user", *self._kinds)
        for name in content:
            if name not in (*one, *many):
                known = ", ".join((*(f"[{each}]" for each in one), *(f"[[{each}]]" for each in many)))
                raise TargetFileError(
                    f"{self._path}: [{name}] is not known{meant(name, (*one, *many))}; expected {known}."
                    " Correct or remove it."
                )

    def _one(self, content: Mapping[str, Any], name: str) -> _Table:
        table = content.get(name, {})
        if not isinstance(table, dict):
            found = "written several times" if isinstance(table, list) else shown(table)
            raise TargetFileError(f"{self._path}: {name} is {found}; expected one section [{name}]. Correct it.")
        return _Table(self._path, f"[{name}]", table)

    def _many(self, content: Mapping[str, Any], name: str) -> list[_Table]:
        tables = content.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
            raise TargetFileError(f"{self._path}: {name} is one section; write [[{name}]] in double brackets.")
        return [_Table(self._path, f"[[{name}]] {number}", each) for number, each in enumerate(tables, start=1)]

    def _server(self, table: _Table) -> ServerPart:
        if "@" in str(table.content.get("url", "")):  # before anything that would show it
            raise table.error("url holds credentials; remove them, and name the user as [[user]].")
        said = table.texts(_SERVER)
        authority = self._path.parent / said["authority"] if said.get("authority") else None
        if authority is not None and not authority.is_file():
            raise table.wrong("authority", Unfit(f"a certificate file; there is none at {authority}"))
        return ServerPart(
            said.get("url", ""), authority, said.get("thumbprint", ""), said.get("insecure", "no") == "yes"
        )

    def _user(self, table: _Table) -> UserPart:
        return UserPart(**table.texts(_USER, required=("name",)))

    def _operator(self, table: _Table) -> OperatorPart:
        said = table.texts(_OPERATOR)
        kind = OperatorKind(said.get("kind", OperatorKind.NONE))
        for key, needed_by in _OF_KIND.items():
            if kind is needed_by and not said.get(key):
                raise table.error(f'{key} is missing; kind = "{kind}" needs it. Add it, or choose another kind.')
            if said.get(key) and kind is not needed_by:
                raise table.error(
                    f'{key} goes with kind = "{needed_by}", and kind is "{kind}"; correct kind, or remove {key}.'
                )
        command = tuple(table.content.get("command", ()))
        return OperatorPart(kind, command, said.get("control", ""), said.get("token_env", TOKEN_VARIABLE))

    def _limits(self, table: _Table) -> LimitsPart:
        return LimitsPart(**{key: float(text) for key, text in table.texts(_LIMITS).items()})

    def _writes(self, table: _Table) -> WritesPart:
        said = table.texts(_WRITES)
        return WritesPart(Tier(said["tier"]) if "tier" in said else None, said.get("shared", "no") == "yes")

    def _entries(self, content: Mapping[str, Any]) -> Iterator[Entry]:
        for kind in self._kinds.values():
            for table in self._many(content, kind.name):
                yield Entry(kind, table.name, self._facts(kind, table))

    def _facts(self, kind: FixtureKind, table: _Table) -> Fixture:
        if kind.name == "unmapped_patient" and "integration_id" in table.content:
            raise table.error("an unmapped patient has no integration_id; remove it, or make this a [[patient]].")
        facts = table.texts(kind.facts, kind.required)
        try:
            return content_of(self._path.parent, facts)
        except Unfit as unfit:
            raise table.wrong("file", unfit) from None


def with_url(file: TargetFile, url: str) -> TargetFile:
    """The same, with the address that the command line names."""
    return replace(file, server=replace(file.server, url=url)) if url else file
