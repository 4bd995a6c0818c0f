"""The calls of a PVS: what a transfer file holds when the program of the BVS is started.

A file that cannot be read, or that belongs to none of the calls, is judged by the first two rules alone: of all
others nothing can be said.
"""

from __future__ import annotations

from dataclasses import replace

from conformance.rules.at_odds import said
from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.verdict import Verdict, breaks, holds, judged
from conformance.spec import Spec, VddsFacts
from conformance.trace import Handover, History, Order, Sketch, done, handed, order
from conformance.trace.handing import back, content_of, copies, information, patient
from conformance.trace.handovers import UNUSABLE
from conformance.wire import DateFormat

LONE = patient()
_KNOWN = order("send_by_vdds", person="17", last_name="Fox", first_name="Ann", birth_date="1984-02-29")
_BARE = order("send_by_vdds", person="17", last_name="Fox")
ENCODED_OTHERWISE = ("utf-8-without-mark", "other-code-page")


def told_by_person(seen: Handover) -> bool:
    """True for the calls that are about one patient."""
    return seen.is_call and seen.kind in ("patient_import", "image_information")


def on_console(seen: Handover, role: str, told: Order) -> bool:
    """True for a name of the record that was written by the code page of consoles."""
    name = told.data.get(role, "")
    return bool(name) and seen.values.get(role) != name and f"{role}:{name}" in seen.fact("on-console")


def well_numbered(seen: Handover) -> bool:
    """True for a call for copies whose ids are numbered from 1 up to the count, none of them empty."""
    numbers = sorted(item.index for item in seen.asked)  # the order of keys is free
    counted = numbers == list(range(1, len(numbers) + 1)) and seen.values.get("count") == str(len(numbers))
    return bool(numbers) and counted and not any(item.has("empty") for item in seen.asked)


def written(content: bytes) -> Sketch:
    """A call of these very bytes."""
    return handed(replace(LONE, content=content))


def _facts(spec: Spec) -> VddsFacts:
    if spec.vdds is None:
        raise ValueError(f"{spec.name} has no VDDS media; take another spec for these witnesses.")
    return spec.vdds


def _both(spec: Spec) -> Sketch:
    one, other = (spec_call.section for spec_call in _facts(spec).calls[:2])
    return written(f"[{one}]\r\n[{other}]\r\n".encode())


def _foreign(spec: Spec) -> Sketch:
    return written(f"[{_facts(spec).wrong_sections[0]}]\r\n".encode())


def _foreign_key(spec: Spec) -> Sketch:
    return handed(patient(**{_facts(spec).wrong_keys[1]: "Fox"}))


def _of_another_code_page(spec: Spec) -> Sketch:
    """With a letter that Windows-1252 lacks, and the code pages of consoles have in its place."""
    return written(content_of(LONE, spec).replace(b"Ann", b"J\x81rg"))


def _turned_round(spec: Spec) -> Sketch:
    """With its keys in the opposite order."""
    heading, *keys = content_of(copies("1", "2"), spec).splitlines(keepends=True)
    return handed(replace(copies("1", "2"), content=heading + b"".join(reversed(keys))))


@rule(
    "VDDS-001",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(information()), handed(copies("1"))],
    rejects=[written(b"[OTHER]\r\nX=1\r\n"), written(b""), _both],
    ignores=[written(b"\0"), handed(back(LONE))],
)
def a_file_is_one_call(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Which program is meant is told by the section alone, since one program may serve all calls."""
    if not seen.is_call or seen.flaw:
        return None
    if not seen.kind:
        return breaks("the section of one of the three calls", "none of them", seen)
    return judged(not seen.has("several-calls"), "the section of one call", "the sections of several", seen)


@rule(
    "VDDS-002",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[written(b"\0\1\2"), written(b"\xef\xbb\xbf\xff"), written(b"[A]\r\n" * 10_001)],
    ignores=[handed(back(LONE))],
)
def a_file_is_text(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """In Windows-1252, or in the encoding whose mark it begins with."""
    if not seen.is_call or seen.has(UNUSABLE):
        return None
    return judged(not seen.flaw, "a text file in the form of an INI file", seen.flaw, seen)


@rule(
    "VDDS-004",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(information())],
    rejects=[handed(patient(person="")), handed(information(person=None))],
    ignores=[handed(copies("1"))],
)
def a_patient_has_a_number(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """By it alone the BVS finds the patient again."""
    return _given(seen, "person", spec) if told_by_person(seen) else None


@rule(
    "VDDS-005",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[handed(patient(last_name=None)), handed(patient(last_name=""))],
    ignores=[handed(information())],
)
def a_patient_has_a_last_name(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not empty either."""
    return _given(seen, "last_name", spec) if _hands_over(seen) else None


@rule(
    "VDDS-006",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[
        handed(patient(first_name=None)),
        handed(patient(birth_date=None)),
        _KNOWN + handed(patient(first_name="")),
        _KNOWN + handed(patient(birth_date=None)),
    ],
    ignores=[
        handed(information()),
        _BARE + handed(patient(first_name=None, birth_date=None)),
        _BARE + done() + handed(patient(first_name=None, birth_date=None)),
    ],
)
def a_patient_is_fully_named(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """By what is known every BVS gets along with these. What the patient's record lacks nobody can give."""
    if not _hands_over(seen):
        return None
    told = history.orders.of(seen) or history.orders.belated(seen)
    record = told.data if told is not None and told.data.get("last_name") else None
    wanted = [role for role in ("first_name", "birth_date") if record is None or record.get(role)]
    missing = [role for role in wanted if not (role in seen.values if record is None else seen.values.get(role))]
    observed = f"no {' and no '.join(_words(missing))}"
    return judged(not missing, "first name and date of birth", observed, seen) if wanted else None


@rule(
    "VDDS-007",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(patient(birth_date="20000229"))],
    rejects=[handed(patient(birth_date=each)) for each in ("29.02.1984", "19830229", "1984-02-29", "840229")],
    ignores=[handed(patient(birth_date=each)) for each in (None, "", "00000000")],
)
def a_date_of_birth_is_a_date(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """An empty one says nothing, and is no date that is wrong; nor is one of zeros, which the next rule is about."""
    if not _hands_over(seen) or not seen.values.get("birth_date"):
        return None
    if seen.has("date-for-none") and "birth_date" in seen.fact("no-date"):
        return None
    kept = "birth_date" not in seen.fact("no-date")
    return judged(kept, "eight figures: year, month and day of a date", _written(seen, "birth_date"), seen)


@rule(
    "VDDS-008",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(patient(birth_date="18991231"))],
    rejects=[handed(patient(birth_date=each)) for each in ("00000000", "00010101", "17530101", "18991230", "19000101")],
    ignores=[handed(patient(birth_date=None))],
)
def an_unknown_date_is_left_out(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The least dates of programs and databases are no dates of birth."""
    if not _hands_over(seen) or not seen.values.get("birth_date"):
        return None
    return judged(not seen.has("date-for-none"), "no date where none is known", "a date that stands for none", seen)


@rule(
    "VDDS-009",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(patient(sex="M"))],
    rejects=[handed(patient(sex=each)) for each in ("F", "w", "D", "1")],
    ignores=[handed(patient(sex=None)), handed(patient(sex=""))],
)
def a_sex_is_one_of_the_letters(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """What is not one of the two is left out."""
    if spec.vdds is None or not _hands_over(seen) or not seen.values.get("sex"):
        return None
    letters = " or ".join(spec.vdds.call["patient_import"].keys.by_role["sex"].values)
    observed = f"something else: sent {said(seen.values['sex'])}"
    return judged("sex" not in seen.fact("not-listed"), f"{letters}, or no such key", observed, seen)


@rule(
    "VDDS-010",
    judges=HANDOVER,
    accepts=[
        handed(copies("1")),
        handed(copies("1", "2")),
        _turned_round,
    ],
    rejects=[
        handed(copies("1", count="2")),
        handed(copies("1", count=None)),
        handed(copies("1", count="one")),
        handed(copies("1", "")),
        handed(replace(copies("1", "2"), writing=("D2", "D3"))),
        handed(copies(count="0")),
    ],
    ignores=[handed(information())],
)
def ids_are_numbered_and_counted(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """From one up to the count, at least one."""
    if not seen.is_call or seen.kind != "image_export":
        return None
    said = seen.values.get("count", "none")
    observed = f"{len(seen.asked)} ids, the count {said}"
    return judged(well_numbered(seen), "ids numbered from 1 up to the count", observed, seen)


@rule(
    "VDDS-011",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[_foreign, _foreign_key],
    ignores=[handed(back(LONE))],
)
def a_file_is_of_this_interface(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Forms of other formats were refused by real programs."""
    if not seen.is_call or seen.flaw:
        return None
    wrong = seen.has("wrong-section") or seen.has("wrong-key")
    return judged(not wrong, "the sections and keys of VDDS media", "those of another format", seen)


@rule(
    "VDDS-013",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[handed(replace(LONE, path="C:\\My files\\a.tmp")), handed(replace(LONE, path="a.tmp"))],
    ignores=[handed(replace(LONE, path=""))],
)
def a_path_needs_no_quoting(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Programs in the field are started without quotation marks, and take them literally."""
    if not seen.is_call or not seen.file:
        return None
    kept = not seen.has("path-with-blanks") and not seen.has("relative-path")
    return judged(kept, "an absolute path without blanks", "a blank in the path, or a relative one", seen)


@rule(
    "VDDS-014",
    judges=HANDOVER,
    accepts=[handed(patient(first_name="Änne"))],
    rejects=[
        handed(replace(patient(first_name="Aenne"), writing=("Ae", "Ã„"))),
        _of_another_code_page,
        order("send_by_vdds", last_name="Göransson") + handed(patient(last_name="G”ransson")),
    ],
    ignores=[handed(LONE)],
)
def a_name_beyond_ascii_is_readable(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered by texts that read alike in every encoding."""
    if not seen.is_call or not seen.kind or not seen.has("beyond-ascii"):
        return None
    wrong = [flaw.replace("-", " ") for flaw in ENCODED_OTHERWISE if flaw in seen.fact("writing")]
    told = history.orders.of(seen)
    if not wrong and told is not None and any(on_console(seen, role, told) for role in ("last_name", "first_name")):
        wrong = ["the code page of a console"]
    return judged(not wrong, "Windows-1252, or the mark of the encoding", "".join(wrong), seen)


@rule(
    "VDDS-015",
    judges=HANDOVER,
    accepts=[handed(LONE)],
    rejects=[
        handed(replace(LONE, writing=("\r\n", "\n"))),
        handed(replace(LONE, writing=("=Fox", " = Fox"))),
        handed(replace(LONE, writing=("=Fox\r\n", "=Fox\r\nSEX=M\r\n"))),
    ],
)
def a_file_is_written_plainly(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Some readers in the field know nothing else."""
    if not seen.is_call or not seen.kind:
        return None
    found = [flaw for flaw in seen.fact("writing") if flaw not in ENCODED_OTHERWISE]
    return judged(not found, "keys in capitals, KEY=value, lines that end in CR LF", ", ".join(found), seen)


@rule(
    "VDDS-023",
    judges=HANDOVER,
    accepts=[handed(LONE), handed(copies("1", "2"))],
    rejects=[handed(patient(WEIGHT="70"))],
)
def only_known_keys_are_used(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """The lists of keys rest on few sources: others may be right."""
    if not seen.is_call or not seen.kind:
        return None
    return judged(not seen.has("unknown-key"), "known keys", "a key that no source knows", seen)


@rule(
    "VDDS-025",
    judges=HANDOVER,
    accepts=[handed(copies("1", wished_format="JPG"))],
    rejects=[handed(copies("1", wished_format=".jpg")), handed(copies("1", wished_format="PSD"))],
    ignores=[handed(copies("1"))],
)
def a_wished_format_is_known(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Not triggered where none is wished for."""
    if spec.vdds is None or not seen.is_call or not seen.values.get("wished_format"):
        return None
    known = ", ".join(spec.vdds.call["image_export"].keys.by_role["wished_format"].values)
    observed = f"another format: sent {said(seen.values['wished_format'])}"
    return judged("wished_format" not in seen.fact("not-listed"), f"one of {known}", observed, seen)


@rule(
    "VDDS-027",
    judges=HANDOVER,
    accepts=[handed(patient(salutation="2")), handed(patient(take_only="0", insurance_status="P"))],
    rejects=[handed(patient(salutation="Frau")), handed(patient(take_only="no"))],
    ignores=[handed(LONE), handed(patient(sex="F")), handed(copies("1", wished_format="PSD"))],
)
def a_coded_value_is_of_its_list(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """Sex and wished format have rows of their own."""
    if spec.vdds is None or not seen.is_call or not seen.kind:
        return None
    keys = spec.vdds.call[seen.kind].keys.all
    coded = {key.role: key for key in keys if key.values and key.role not in ("sex", "wished_format")}
    given = [role for role in coded if seen.values.get(role)]
    wrong = [coded[role].name for role in given if role in seen.fact("not-listed")]
    observed = f"something else as {', '.join(wrong)}"
    return judged(not wrong, "a value of the known list", observed, seen) if given else None


_FORMS = {
    DateFormat.ISO: "a date with hyphens, the year first",
    DateFormat.ISO_TIME: "a date with a time of day",
    DateFormat.LOOSE: "a date with the year first and other signs between",
    DateFormat.NAMED: "a date with the name of the month",
    DateFormat.DOTTED: "a date with the day first",
    DateFormat.INVARIANT: "a date with the month first",
    DateFormat.AMBIGUOUS: "a date of which nobody can tell day from month",
    DateFormat.COMPACT: "eight figures that are no day of the calendar",
}


def _written(seen: Handover, role: str) -> str:
    """How a date was written that is none of this interface."""
    form = form_handed(seen, role)
    if form:
        return f"a date written as {form}"
    forms = [form.partition(":")[2] for form in seen.fact("form") if form.partition(":")[0] == role]
    return _FORMS.get(DateFormat(forms[0]), "something else") if forms else "something else"


def form_handed(seen: Handover, role: str) -> str:
    """How a date was written that is none of this interface, as ``NN.NN.NNNN``; '' where that is not known."""
    told = (form.partition(":") for form in seen.fact("written"))
    return next((form for about, _, form in told if about == role), "")


def _hands_over(seen: Handover) -> bool:
    return seen.is_call and seen.kind == "patient_import"


def _given(seen: Handover, role: str, spec: Spec) -> Verdict | None:
    if spec.vdds is None:
        return None
    name = spec.vdds.call[seen.kind].keys.name(role)
    if role not in seen.values:
        return breaks(f"{name} with a value", f"no {name}", seen)
    return holds(seen) if seen.values[role] else breaks(f"{name} with a value", f"an empty {name}", seen)


def _words(roles: list[str]) -> list[str]:
    return [role.replace("_", " ") for role in roles]
