"""How a command line is quoted: what Windows takes apart is what the PMS meant.

Where only the arguments are known, and not the line, rules about the line are silent; what a wrong quotation did to the
arguments is seen all the same.
"""

from __future__ import annotations

from conformance.rules.catalogue import INVOCATION, rule
from conformance.rules.command_line_sketches import (
    bare,
    changed_beside_arguments,
    example,
    line,
    line_within_marks,
    looks_like_arguments,
    short_name,
    through,
)
from conformance.rules.invoked import known, spelt, split_up, strays, suspects
from conformance.rules.verdict import Verdict, breaks, holds, judged, undecided
from conformance.spec import Spec
from conformance.trace import History, Invocation, Note, NoteKind, done, invoke, order, typed
from conformance.trace.invocations import ENDS_IN_BACKSLASH, THROUGH_SHELL, UNSEEN
from conformance.wire.file_paths import may_be_short


@rule(
    "CLI-001",
    judges=INVOCATION,
    accepts=[
        line("-last_name=Fox"),
        typed("PROGRAM -last_name=Fox"),
        short_name,
        through("cmd.exe /c"),
        through('start ""'),
        through('cmd /c start "" /wait'),
    ],
    rejects=[
        typed("OTHER.exe -last_name=Fox"),
        typed("OTHER~1.EXE -last_name=Fox"),
        typed("cmd /c OTHER.exe -last_name=Fox"),
        through("start"),
    ],
    ignores=[invoke("-last_name=Fox"), bare],
)
def the_program_is_that_of_the_guide(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """With or without its extension, in any letter case, in any folder, also by its short name.

    A shell may start it. What another program makes of its line is not known.
    """
    facts = spec.command_line
    if invocation.has(UNSEEN):
        return undecided("another program is told to start it, and by which line is not known", invocation)
    if facts is None or not invocation.executable or split_up(invocation):
        return None
    wanted = facts.executable.casefold()
    name = invocation.executable.casefold()
    kept = name.partition(".")[0] == wanted.partition(".")[0] or may_be_short(name, wanted)
    return judged(kept, facts.executable, f"another program: {invocation.executable}", invocation)


@rule(
    "CLI-002",
    judges=INVOCATION,
    accepts=[line("-last_name=Fox"), through("cmd.exe /c")],
    rejects=[bare, line_within_marks],
    ignores=[typed("PROGRAM -last_name=Fox"), invoke("-last_name=Fox"), through("OTHER.exe")],
)
def a_path_with_blanks_is_quoted(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Not triggered where the path has no blanks, or is not known."""
    if invocation.has("split-program"):
        return breaks("the path of the program in quotation marks", "a path with blanks that falls apart", invocation)
    return holds(invocation) if invocation.has("quoted-program") and not split_up(invocation) else None


@rule(
    "CLI-003",
    judges=INVOCATION,
    accepts=[line('-last_name="van Fox"')],
    rejects=[
        line('-last_name="van Fox'),
        line('-integration_id="1 -last_name=Fox'),
        typed('"PROGRAM -last_name=Fox'),
    ],
    ignores=[invoke("-last_name=Fox"), line('-last_name="Fox\\" -patient_id="1"')],
)
def quotations_are_closed(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Judged where the line is known. One that a backslash keeps open is left to the rule about backslashes."""
    if invocation.has("unclosed-program"):
        return breaks("a quotation mark behind the path of the program", "none", invocation)
    if '"' not in invocation.line or any(each.has("escaped") for each in invocation.arguments):
        return None
    open_ = any(each.has("unclosed") for each in invocation.arguments)
    return judged(not open_, "every quotation closed", "one that goes on to the end of the line", invocation)


@rule(
    "CLI-004",
    judges=INVOCATION,
    accepts=[example("as-meant"), invoke("-integration_id=A", "-first_name=B")],
    rejects=[
        example("as-printed"),
        invoke("-integration_id=A-first_name=B"),
        invoke("-integration_id=-last_name=Fox"),
        line('-integration_id=A "-last_name=Fox -birth_date=19700228"'),
    ],
    ignores=[invoke("-integration_id=A"), invoke(), looks_like_arguments],
)
def arguments_stand_apart(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """The guide's own example has two without a blank between them: the second becomes part of the first."""
    causes = ("fused", "enclosed")
    fused = [role for each in suspects(history, invocation, spec) for cause in causes for role in each.fact(cause)]
    if fused:
        observed = f"{spelt(fused[0], spec)} as a part of the value before it"
        return breaks("a blank outside quotation marks before each argument", observed, invocation)
    return holds(invocation) if len(known(invocation, spec)) > 1 else None


@rule(
    "CLI-005",
    judges=(INVOCATION, NoteKind.ORDER),
    accepts=[
        line('-last_name="Fox\\\\" -patient_id="1"'),
        line("-last_name=Fox\\ -patient_id=1"),
        invoke("-last_name=Fox\\"),
        looks_like_arguments,
        order("send_by_command_line", last_name="Fox\\") + done("refused"),
        order("send_by_command_line", last_name="Fox\\") + invoke("-last_name=Fox\\ ") + done(),
    ],
    rejects=[
        line('-last_name="Fox\\" -patient_id="1"'),
        line('-patient_id="1" -last_name="Fox\\"'),
        invoke('-last_name=Fox" -patient_id=1'),
    ],
    ignores=[
        line('-last_name="Fox"'),
        line('-last_name="the \\"Fox\\""'),
        order("send_by_command_line", last_name="Fox") + done("refused"),
        order("send_by_command_line", last_name="Fox\\") + done(),
        changed_beside_arguments,
    ],
)
def a_backslash_at_the_end_swallows_nothing(history: History, seen: Invocation | Note, spec: Spec) -> Verdict | None:
    """Triggered by a value that ends in one, or by what comes of it; one that is refused keeps it too."""
    if isinstance(seen, Note):
        told = history.orders.told_by(seen)
        refused = told is not None and told.end is seen and told.answer == "refused" and not told.used
        return holds(seen) if told is not None and refused and told.data.get(ENDS_IN_BACKSLASH) else None
    return _nothing_swallowed(history, seen, spec)


def _nothing_swallowed(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    eaten = [role for each in suspects(history, invocation, spec) for role in each.fact("swallowed")]
    if eaten:
        observed = f"{spelt(eaten[0], spec)} as a part of the value before it"
        return breaks("each argument by itself", observed, invocation)
    if any(each.has("escaped") and each.has("unclosed") for each in invocation.arguments):
        return breaks("a doubled backslash before the closing quotation mark", "one that makes it literal", invocation)
    told = history.orders.of(invocation)
    recorded = told is not None and bool(told.data.get(ENDS_IN_BACKSLASH))
    sent = any(each.has("ends-in-backslash") for each in known(invocation, spec))
    return holds(invocation) if sent or recorded else None


@rule(
    "CLI-006",
    judges=INVOCATION,
    accepts=[line('-last_name="van der Fox"'), line('"-last_name=van der Fox"'), invoke("-last_name=van der Fox")],
    rejects=[line("-last_name=van der Fox"), invoke("-last_name=van", "Fox"), invoke("Fox")],
    ignores=[line("-last_name=Fox"), invoke("-last_name", "Fox"), bare, line("-last_name=\u201cvan Fox\u201d")],
)
def a_value_with_blanks_stays_whole(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """What stands alone is a part of the value before it. Wrong quotation marks have a rule of their own."""
    arguments = invocation.arguments
    if split_up(invocation) or any(each.has("typographic-marks") for each in arguments):
        return None
    if strays(invocation, spec):
        return breaks("every word with its argument", "a word that stands alone", invocation)
    return holds(invocation) if any(" " in each.value.strip() for each in known(invocation, spec)) else None


@rule(
    "CLI-007",
    judges=INVOCATION,
    accepts=[line('-last_name="Fox"'), invoke("-last_name=O\u2019Fox"), invoke("-last_name='t Fox")],
    rejects=[
        line("-last_name=\u201cFox\u201d"),
        line("-last_name=\u201evan Fox\u201c"),
        invoke("-last_name=\u2018Fox\u2019"),
        invoke("-last_name='Fox'"),
        invoke("-last_name=&quot;Fox&quot;"),
    ],
    ignores=[invoke()],
)
def quotation_marks_are_straight(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """An apostrophe within a name is part of it."""
    if not known(invocation, spec):
        return None
    curly = any(each.has("typographic-marks") for each in suspects(history, invocation, spec))
    observed = "other marks, as a part of the value"
    return judged(not curly, "straight double quotation marks", observed, invocation)


@rule(
    "CLI-008",
    judges=INVOCATION,
    accepts=[line('-last_name="Fox" -patient_id=""')],
    rejects=[line('-last_name="the ""Fox"" of" -patient_id="1"')],
    ignores=[invoke("-last_name=Fox"), line("-last_name=Fox")],
)
def every_splitter_reads_it_alike(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Judged where the line is known and quotes anything."""
    if '"' not in invocation.line:
        return None
    expected = '\\" for a quotation mark within a value'
    return judged(not invocation.has("ambiguous"), expected, '"", which splitters read in two ways', invocation)


@rule(
    "CLI-009",
    judges=INVOCATION,
    accepts=[
        invoke("-last_name=Fox"),
        lambda spec: typed("x ".ljust(spec.requirement["CLI-009"].limit("characters") - 1, "a")),
    ],
    rejects=[
        lambda spec: typed("x ".ljust(spec.requirement["CLI-009"].limit("characters"), "a")),
        typed("PROGRAM -last_name=Fo\0x"),
        invoke("-last_name=Fo\ud800x"),
    ],
    ignores=[],
)
def windows_can_pass_it_on(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Fewer characters than the limit, since the mark at the end counts; no NUL, nor half a character."""
    limit = spec.requirement["CLI-009"].limit("characters")
    length = max((int(text) for text in invocation.fact("length")), default=0)
    if length >= limit:
        return breaks(f"fewer than {limit} characters", f"{length}", invocation)
    facts = {fact for each in invocation.arguments for fact in each.facts} | set(invocation.facts)
    bad = not facts.isdisjoint({"nul", "lone-surrogate"})
    return judged(not bad, "text that Windows can pass on", "a NUL, or half a character", invocation)


@rule(
    "CLI-045",
    judges=INVOCATION,
    accepts=[line("-last_name=Fox")],
    rejects=[through("cmd.exe /c"), through('start ""'), through("OTHER.exe"), typed("cmd /c PROGRAM -last_name=%X%")],
    ignores=[invoke("-last_name=Fox")],
)
def no_shell_stands_between(history: History, invocation: Invocation, spec: Spec) -> Verdict | None:
    """Advice: what arrives is the same as long as no value has a sign that the shell reads. Judged by the line."""
    if invocation.has(THROUGH_SHELL):
        return breaks("the program started by the PMS itself", "another program that is told to start it", invocation)
    return holds(invocation) if invocation.line and known(invocation, spec) else None
