"""What the register of VDDS media says of a 3DD once its integration was enabled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec, VddsFacts
from conformance.trace import Handover, History, Sketch, handed
from conformance.trace.handing import Hand, patient
from conformance.wire.vdds_ini import Ini

SECTION, PROGRAM = "A_BVS", "C:\\BVS\\VDDS.EXE"


def entered(facts: VddsFacts, program: str = PROGRAM) -> Ini:
    """A register with one BVS that offers all calls."""
    register = facts.register
    ini = Ini().written(register.pvs_index, f"{register.index_key}1", "A_PVS").written("A_PVS", register.name, "A")
    ini = ini.written(register.bvs_index, f"{register.index_key}1", SECTION)
    for call in facts.calls:
        ini = ini.written(SECTION, call.key, program).written(SECTION, f"{call.key}{register.os_suffix}", register.os)
    ini = ini.written(SECTION, register.version, facts.version)
    return ini.written(SECTION, register.stages, "".join(call.stage for call in facts.calls))


Change = Callable[[Ini, VddsFacts], Ini]


def seen_as(
    change: Change = lambda ini, facts: ini, program: str = PROGRAM, there: str = "exists"
) -> Callable[[Spec], Sketch]:
    """The register with a change, after the look at its programs."""

    def make(spec: Spec) -> Sketch:
        if spec.vdds is None:
            raise ValueError(f"{spec.name} has no VDDS media; take another spec for these witnesses.")
        content = change(entered(spec.vdds, program), spec.vdds).encode()
        return handed(
            Hand("", {}, "register", content=content, section=SECTION, files={program: (there,)}, path="C:\\X.INI")
        )

    return make


def _after(change: Change) -> Callable[[Spec], Sketch]:
    """The register beside what it was before the BVS was entered."""

    def make(spec: Spec) -> Sketch:
        if spec.vdds is None:
            raise ValueError(f"{spec.name} has no VDDS media; take another spec for these witnesses.")
        register = spec.vdds.register
        before = entered(spec.vdds).without_section(SECTION).without_key(register.bvs_index, f"{register.index_key}1")
        content = change(entered(spec.vdds), spec.vdds).encode()
        return handed(Hand("", {}, "register", content=content, section=SECTION, before=before.encode()))

    return make


def _unindexed(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.without_key(facts.register.bvs_index, f"{facts.register.index_key}1")


def _dangling(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.without_section(SECTION)


def _offers_less(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.written(SECTION, facts.calls[-1].key, "")


def _other_version(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.written(SECTION, facts.register.version, "9.9")


def _other_stages(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.written(SECTION, facts.register.stages, "")


def _renamed_other(ini: Ini, facts: VddsFacts) -> Ini:
    return ini.written("A_PVS", facts.register.name, "B")


def _same(ini: Ini, facts: VddsFacts) -> Ini:
    return ini


def _called(changed: tuple[str, str]) -> Sketch:
    """A call by a PVS that has changed the register so."""
    return handed(replace(patient(), register=("A_PVS", SECTION), changed=changed))


@rule(
    "VDDS-080",
    judges=HANDOVER,
    accepts=[_called((SECTION, SECTION)), _called(("1=A_PVS", "4=A_PVS"))],
    rejects=[_called((SECTION, "B_BVS")), _called((SECTION, SECTION.lower()))],
    ignores=[handed(patient()), _called(("", ""))],
)
def a_pvs_leaves_to_others_what_is_theirs(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Real programs have dropped entries and written names in other letters. What is added is nobody's harm."""
    if not seen.is_call or not (seen.has("others-kept") or seen.has("others-lost")):
        return None
    return judged(seen.has("others-kept"), "the entries of others as before", "some changed, or gone", seen)


@rule(
    "VDDS-070",
    judges=HANDOVER,
    accepts=[seen_as()],
    rejects=[seen_as(_unindexed), seen_as(_dangling)],
)
def the_3dd_stands_in_the_register(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The index names a section, and the section is there."""
    if seen.direction != "register":
        return None
    kept = not seen.flaw and seen.has("indexed") and seen.has("entered")
    return judged(kept, "a section that the index names", seen.flaw or "no entry, or no section to it", seen)


@rule("VDDS-071", judges=HANDOVER, accepts=[seen_as()], rejects=[seen_as(_offers_less)], ignores=[seen_as(_dangling)])
def all_three_calls_are_offered(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """An empty path offers nothing."""
    if spec.vdds is None or not seen.has("entered"):
        return None
    missing = [call.key for call in spec.vdds.calls if call.role not in seen.fact("offers")]
    return judged(not missing, "a program for each workflow", f"none for {', '.join(missing)}", seen)


@rule(
    "VDDS-072",
    judges=HANDOVER,
    accepts=[seen_as()],
    rejects=[seen_as(there="missing")],
    ignores=[seen_as(there="unseen")],
)
def its_programs_exist(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered on a computer where nobody could look."""
    if not seen.has("entered") or not (seen.has("exists") or seen.has("missing")):
        return None
    return judged(not seen.has("missing"), "programs that are there", "a path that leads to none", seen)


@rule(
    "VDDS-073",
    judges=HANDOVER,
    accepts=[seen_as()],
    rejects=[seen_as(program="C:\\Program Files\\V.EXE"), seen_as(program='"C:\\V.EXE"')],
    ignores=[seen_as(_dangling)],
)
def its_paths_need_no_quoting(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Known callers start them as one unquoted text."""
    if not seen.has("offers"):
        return None
    return judged(not seen.has("awkward-path"), "paths without blanks and quotation marks", "paths with some", seen)


@rule(
    "VDDS-076",
    judges=HANDOVER,
    accepts=[seen_as(), seen_as(program="\\\\host\\apps\\V.EXE"), seen_as(program="C:\\Windows\\V.EXE")],
    rejects=[seen_as(program=each) for each in ("V.EXE", "%ProgramFiles%\\V.EXE", "C:V.EXE", "C:\\BVS\\")],
    ignores=[seen_as(_dangling)],
)
def its_paths_are_full_paths(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Whoever reads the register starts them from another folder, and replaces nothing in them."""
    if not seen.has("offers"):
        return None
    return judged(not seen.has("no-full-path"), "full paths of programs", "a part of one, or a folder", seen)


@rule(
    "VDDS-074",
    judges=HANDOVER,
    accepts=[seen_as()],
    rejects=[seen_as(_other_version), seen_as(_other_stages)],
    ignores=[seen_as(_dangling)],
)
def version_and_stages_agree(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """A caller may go by either."""
    if not seen.has("entered"):
        return None
    found = [fact.replace("-", " ") for fact in seen.facts if fact.startswith("other-")]
    return judged(not found, "version, system and stages as they are", ", ".join(found), seen)


@rule(
    "VDDS-075",
    judges=HANDOVER,
    accepts=[_after(_same)],
    rejects=[_after(_renamed_other)],
    ignores=[seen_as(_dangling)],
)
def others_stay_as_they_are(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Byte for byte, where the register before is known."""
    if seen.direction != "register" or not seen.has("compared"):
        return None
    return judged(not seen.has("others-changed"), "the entries of others as before", "others changed", seen)
