"""How long values of VDDS media are. No length of the interface's own text is known: these rows are advice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from conformance.rules.catalogue import HANDOVER, rule
from conformance.rules.vdds_answers import ASKED, LISTED, NOTHING, ONE, answer
from conformance.rules.verdict import Verdict, judged
from conformance.spec import Spec
from conformance.spec.vdds_media import VddsKey
from conformance.trace import Handover, History, Sketch, handed
from conformance.trace.handing import back, copies, information, patient

WITHIN = "no more characters than real programs take"
Made = Callable[[Spec], Sketch]


def _call(role: str, more: int = 0) -> Made:
    """A call in which that value has as many characters as may be, or more."""
    return lambda spec: handed(patient(**{role: "1" * (_longest(spec, "patient_import", role) + more)}))


def _described(more: int = 0) -> Made:
    def made(spec: Spec) -> Sketch:
        assert spec.vdds is not None
        number = "1" * (spec.vdds.objects.keys.by_role["object"].longest + more)
        return handed(ASKED, back(information(), objects=[ONE | {"object": number}]))

    return made


def _longest(spec: Spec, call: str, role: str) -> int:
    assert spec.vdds is not None
    return spec.vdds.call[call].keys.by_role[role].longest


@rule(
    "VDDS-028",
    judges=HANDOVER,
    accepts=[_call("last_name"), _call("person"), handed(information())],
    rejects=[_call("last_name", 1), _call("person", 1), handed(information(person="1" * 40))],
    ignores=[handed(back(patient()))],
)
def a_call_has_no_longer_values_than_programs_take(history: History, seen: Handover, spec: Spec) -> Verdict | None:
    """What is cut off at a patient number makes another patient. Not triggered by keys of which no length is known."""
    if spec.vdds is None or not seen.is_call or not seen.kind:
        return None
    known = _known(spec.vdds.call[seen.kind].keys.all, seen.values)
    wrong = [key for key in known if key.role in seen.fact("too-long")]
    return judged(not wrong, WITHIN, _told(wrong), seen) if known else None


@rule(
    "VDDS-067",
    judges=HANDOVER,
    accepts=[handed(ASKED, LISTED), _described()],
    rejects=[_described(1)],
    ignores=[handed(ASKED, NOTHING), handed(copies("1"))],
)
def a_description_has_no_longer_values_than_programs_keep(
    history: History, seen: Handover, spec: Spec
) -> Verdict | None:
    """An id that is cut off fetches nothing."""
    if spec.vdds is None or not answer(seen, spec) or seen.kind != "image_information":
        return None
    keys = spec.vdds.objects.keys.all
    known = [key for item in seen.items for key in _known(keys, item.values)]
    wrong = [key for item in seen.items for key in keys if key.role in item.fact("too-long")]
    return judged(not wrong, WITHIN, _told(list(dict.fromkeys(wrong))), seen) if known else None


def _known(keys: Sequence[VddsKey], values: Mapping[str, str]) -> list[VddsKey]:
    """Those that are there, and of which a length is known."""
    return [key for key in keys if key.longest and values.get(key.role)]


def _told(keys: Sequence[VddsKey]) -> str:
    return "more in " + ", ".join(f"{key.name} (seen to be taken: {key.longest})" for key in keys)
