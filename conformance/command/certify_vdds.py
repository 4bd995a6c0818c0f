"""``threedd certify pms --interface vdds``: the 3DD is played as a BVS, in a register of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conformance.certify.driver import DriverTerms
from conformance.certify.manual_words import BY_FILES
from conformance.command.connection import Connection, left
from conformance.command.interfaces import HARNESS, Door, Interface
from conformance.command.vdds import REGISTER, launchers
from conformance.emulator.embedded import Embedded
from conformance.emulator.vdds.entry import entered, read_register, write_register
from conformance.spec import Spec, VddsFacts
from conformance.spec.scenarios import vdds_scenarios
from conformance.wire.vdds_ini import Ini

PVS = "THREEDD_PVS"
OTHER, OTHERS_NAME, OTHERS_NUMBER = "THREEDD_OTHER", "Röntgen Müller", 7
"""Who stands in the register besides: behind a gap, as where a program was taken out."""
PATIENCE_S = 8.0
"""How long a PMS waits for an answer here. A program of the emulator's starts within a second or two, and answers at
once; one scenario waits until the end of this."""


def _missing(spec: Spec) -> str:
    return "vdds-media.yaml" if spec.vdds is None else ""


@contextmanager
def _opened(place: Path, running: Embedded) -> Iterator[Door]:
    """A register in which the emulator and the PMS stand; the emulator's launchers pass transfer files on."""
    facts = running.spec.vdds
    assert facts is not None
    found, index = place / "connection.json", facts.register
    with left(found, Connection(running.control_url, running.token)):
        path = place / index.file
        made = launchers(place, [call.role for call in facts.calls], found, place / "out", path)
        programs = {role: str(program) for role, program in made.items()}
        ini = read_register(path).written(index.pvs_index, f"{index.index_key}1", PVS).written(PVS, index.name, PVS)
        write_register(path, _with_others(entered(ini, facts, programs), facts))
        running.emulator.vdds_pvs, running.emulator.vdds_register = PVS, path.read_bytes()
        told = {"register": str(path), "bvs": facts.entry_section, "pvs": PVS}
        terms = DriverTerms(give_up_s=PATIENCE_S, harness=HARNESS, vdds=told)
        blanks = (
            "\nIts path has blanks, at which known callers cut it: name an --out without any."
            if " " in str(path)
            else ""
        )
        yield Door(f"Let the PMS go by the register {path}{blanks}", {REGISTER: str(path)}, terms)


def _with_others(ini: Ini, facts: VddsFacts) -> Ini:
    """The register with programs of others, as every clinic has them; they offer nothing."""
    index = facts.register
    for role, name in ((index.pvs_index, f"{OTHER}_PVS"), (index.bvs_index, f"{OTHER}_BVS")):
        ini = ini.written(role, f"{index.index_key}{OTHERS_NUMBER}", name).written(name, index.name, OTHERS_NAME)
        ini = ini.written(name, index.version, facts.version).written(name, index.stages, "")
    return ini


VDDS_MEDIA = Interface("VDDS media", "vdds-pvs", _missing, vdds_scenarios, BY_FILES, _opened, Ini().holds)
