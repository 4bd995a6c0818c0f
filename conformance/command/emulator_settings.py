"""The settings file of ``threedd emulator``: every option of the command line, by its own word.

TOML, ``port = 54321``: the key is the option's name with underscores, a repeatable option is a list, and the command
line wins. The options of the command are all that is known here, so that a new one needs no line in this file. Whatever
is wrong is told with file, key and value, what was expected and what to do.
"""

from __future__ import annotations

import json
import textwrap
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from conformance.command.failure import SetUpFailure

ABOUT_THE_COMMAND = ("settings", "print_settings", "help")
LISTS = "list_"
WIDTH = 100


def take(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
    """For the option that names the file: what it says becomes the defaults of the other options."""
    if path is not None:
        context.default_map = read_settings(path, context.command.params)
    return path


def show(context: click.Context, option: click.Parameter, wanted: bool) -> None:
    """For the option that prints a file to start from."""
    if wanted:
        click.echo(template(context.command.params), nl=False)
        context.exit()


@contextmanager
def blamed(context: click.Context, key: str, path: Path | None) -> Iterator[None]:
    """A ValueError about the value of that key names the file, where the file had it."""
    option = keys(context.command.params)[key]
    said_by_file = context.get_parameter_source(option.name or key) is ParameterSource.DEFAULT_MAP
    try:
        yield
    except ValueError as wrong:
        raise SetUpFailure(f"{path}: {key}: {wrong}" if said_by_file else str(wrong)) from wrong


def keys(parameters: Iterable[click.Parameter]) -> dict[str, click.Option]:
    """The options that a file may hold, by their keys."""
    options = (each for each in parameters if isinstance(each, click.Option))
    named = {max(option.opts, key=len).lstrip("-").replace("-", "_"): option for option in options}
    return {key: option for key, option in named.items() if key not in ABOUT_THE_COMMAND and not key.startswith(LISTS)}


def read_settings(path: Path, parameters: Iterable[click.Parameter]) -> dict[str, object]:
    """What the file says, by the names that the command knows. Raises SetUpFailure."""
    try:
        content = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        raise SetUpFailure(f"{path} is no UTF-8 text (byte {wrong.start}); save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as wrong:
        hint = "texts stand in quotes, Windows paths in single quotes ('C:\\folder'); correct that line."
        raise SetUpFailure(f"{path} is no TOML: {wrong}; {hint}") from None
    known = keys(parameters)
    return {_known(path, key, known).name or key: _value(path, key, content[key], known[key]) for key in content}


def _known(path: Path, key: str, known: Mapping[str, click.Option]) -> click.Option:
    if key not in known:
        from conformance.command.target_values import meant

        raise SetUpFailure(
            f'{path}: "{key}" is not known{meant(key, list(known))}; expected {", ".join(known)}. Correct or remove it.'
        )
    return known[key]


def _value(path: Path, key: str, value: object, option: click.Option) -> object:
    """The value as the command line would have brought it."""
    expected = _expected(option)
    wrong = SetUpFailure(f"{path}: {key} is {_shown(value)}; expected {expected}. Correct it.")
    if not option.multiple:
        return _single(path, value, option, wrong)
    if _is_table(option) and isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        value = [f"{name}={each}" for name, each in value.items()]
    if not isinstance(value, list):
        raise wrong
    return [_single(path, each, option, wrong) for each in value]


def _single(path: Path, value: object, option: click.Option, wrong: SetUpFailure) -> object:
    if not isinstance(value, _python_types(option)) or (isinstance(value, bool) and not option.is_flag):
        raise wrong
    if isinstance(option.type, click.Path):
        value = str(path.parent / str(value))  # as with any file that names another
    try:
        option.type.convert(value, option, None)
    except click.BadParameter:
        raise wrong from None
    return value


def _python_types(option: click.Option) -> tuple[type, ...]:
    if option.is_flag:
        return (bool,)
    if isinstance(option.type, click.types.IntParamType):
        return (int,)
    if isinstance(option.type, click.types.FloatParamType):
        return (int, float)
    return (str,)


def _expected(option: click.Option) -> str:
    single = _expected_once(option)
    if not option.multiple:
        return single
    return "a table of texts, or a list of ID=NAME" if _is_table(option) else f"a list, each {single}"


def _is_table(option: click.Option) -> bool:
    """True for an option whose every value is a pair."""
    return option.metavar is not None and "=" in option.metavar


def _expected_once(option: click.Option) -> str:
    kind = option.type
    if option.is_flag:
        return "true or false, without quotes"
    if isinstance(kind, click.types.IntParamType | click.types.FloatParamType):
        whole = "a whole number" if isinstance(kind, click.types.IntParamType) else "a number"
        least, most = getattr(kind, "min", None), getattr(kind, "max", None)
        bounds = "".join((f" from {least}" if least is not None else "", f" to {most}" if most is not None else ""))
        return f"{whole}{bounds}, without quotes"
    if isinstance(kind, click.Choice):
        return " or ".join(_shown(choice) for choice in kind.choices)
    if isinstance(kind, click.Path):
        there = " that exists" if kind.exists else ""
        return f"the name of a {'file' if not kind.dir_okay else 'folder'}{there}, in quotes"
    return "a text in quotes"


def _shown(value: object) -> str:
    """A value as TOML would have it, shortened."""
    said = json.dumps(value, ensure_ascii=False) if isinstance(value, str | bool) else str(value)
    return said if len(said) <= 80 else f"{said[:77]}..."


# -- the commented file ---------------------------------------------------------------------------------------


def template(parameters: Iterable[click.Parameter]) -> str:
    """A file in which every key stands as a comment, with what it is for and what it is when left out."""
    return "\n".join((*_HEAD, *(line for key, option in keys(parameters).items() for line in _entry(key, option)), ""))


_HEAD = (
    '# Settings of "threedd emulator", for --settings FILE. What the command line says wins.',
    '# Lines that begin with "# " explain; of those with "#" and no blank, take that sign away.',
    "# Files and folders are found from the folder of this file.",
)


def _entry(key: str, option: click.Option) -> Iterator[str]:
    yield ""
    for line in textwrap.wrap(option.help or "", WIDTH):
        yield f"# {line}"
    yield f"#{key} = {_example(option)}"


def _example(option: click.Option) -> str:
    """The default where there is one, else something of the right kind."""
    default = option.default
    if option.is_flag:
        return "true" if default is True else "false"
    if option.multiple:
        return "{}" if _is_table(option) else "[]"
    if isinstance(default, str | int | float):
        return _shown(default)
    if isinstance(option.type, click.types.IntParamType):
        return str(getattr(option.type, "min", None) or 0)
    if isinstance(option.type, click.Choice):
        return _shown(option.type.choices[-1])
    return "'folder'" if isinstance(option.type, click.Path) and option.type.dir_okay else "'file'"
