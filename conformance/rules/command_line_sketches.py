"""Command lines that the witnesses are made of.

Roles stand for the names of arguments and PROGRAM for the program; see ``sketch.invoke``.
"""

from __future__ import annotations

from collections.abc import Callable

from conformance.spec import CommandLineFacts, Spec
from conformance.trace import Sketch, done, invoke, order, typed


def line(arguments: str) -> Callable[[Spec], Sketch]:
    """A line that begins with the guide's program where it usually lies, in quotation marks."""
    return lambda spec: typed(f'"{_facts(spec).default_path}" {arguments}')


def bare(spec: Spec) -> Sketch:
    """A line with the same path, without quotation marks."""
    return typed(f"{_facts(spec).default_path} -last_name=Fox")


def short_name(spec: Spec) -> Sketch:
    """The program by the name that Windows gives it for old programs."""
    stem, _, ending = _facts(spec).executable.upper().rpartition(".")
    return typed(f"C:\\3SHAPE~1\\{stem[:6]}~1.{ending} -last_name=Fox")


def through(shell: str) -> Callable[[Spec], Sketch]:
    """A line on which another program is told to start that of the guide."""
    return lambda spec: typed(f'{shell} "{_facts(spec).default_path}" -last_name=Fox')


def line_within_marks(spec: Spec) -> Sketch:
    """A line for a shell that takes the first and the last quotation mark away."""
    return typed(f'cmd /c "{_facts(spec).default_path}" -last_name="Fox"')


def example(name: str) -> Callable[[Spec], Sketch]:
    """The guide's own example: ``as-printed`` or ``as-meant``."""
    return lambda spec: typed(_facts(spec).examples[name])


def looks_like_arguments(spec: Spec) -> Sketch:
    """A last name of the record that reads like another argument, and arrives as it is."""
    last_name = f'Fox" -{_facts(spec).by_role["patient_id"].name}=1\\'
    return order("send_by_command_line", last_name=last_name) + invoke(f"-last_name={last_name}")


def changed_beside_arguments(spec: Spec) -> Sketch:
    """The same name in other letters."""
    last_name = f'Fox" -{_facts(spec).by_role["patient_id"].name}=1'
    return order("send_by_command_line", last_name=last_name) + invoke(f"-last_name={last_name.upper()}")


def sent(used: Sketch, name: str = "1", person: str = "17", **record: str) -> Sketch:
    """The PMS is told to send this record, uses the command line so, and says that it is done."""
    return order("send_by_command_line", name, person=person, **record) + used + done(name=name)


def sent_with(*arguments: str, name: str = "1", person: str = "17", **record: str) -> Sketch:
    """The same, with these arguments, which arrive as they are."""
    return sent(invoke(*arguments), name, person, **record)


def _facts(spec: Spec) -> CommandLineFacts:
    if spec.command_line is None:
        raise ValueError(f"{spec.name} has no command line; take another spec for these witnesses.")
    return spec.command_line
