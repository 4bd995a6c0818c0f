"""The emulator as an image system of VDDS media: what it answers, and what each of its faults breaks."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from conformance.drive.handover import Patience, Pvs, objects_in, requests
from conformance.emulator.vdds.bvs import Bvs
from conformance.emulator.vdds.entry import entered, taken_out
from conformance.emulator.vdds.faults import FAULTS, Deed
from conformance.emulator.vdds.written import Reply, put
from conformance.judge import Monitor
from conformance.spec import load
from conformance.trace import Recorder, Redactor
from conformance.wire.vdds_ini import Ini, parse_ini

SPEC = load()
FACTS = SPEC.vdds
ASK = requests(FACTS, "A_PVS", FACTS.entry_section)
ANN = {"person": "000417", "last_name": "Fox", "first_name": "Änne", "birth_date": "19840229", "sex": "W"}


class Done:
    def end(self):
        """It is over already."""


class Desk:
    """A PVS and the emulator side by side; the waiting of the one is when the other writes late."""

    def __init__(self, emulator, folder, fault="", record=True):
        self.emulator = emulator
        self.bvs = Bvs(emulator, fault)
        self.monitor = Monitor(SPEC)
        self.folder = folder
        self.late = []
        ticks = itertools.count()
        recorder = Recorder(SPEC, Redactor(SPEC, b"key"), [self.monitor.feed])
        self.pvs = Pvs(SPEC, recorder, folder, self.start, lambda: next(ticks) / 4, self.wait, Patience(5, 0, 0))

    def start(self, role, path):
        self.carry_out(self.bvs.answer(path.read_bytes(), str(self.folder)), path)
        return Done()

    def carry_out(self, answered, path):
        reply = Reply(answered.content, answered.copies, answered.deed, answered.early)
        if reply.deed is Deed.EARLY:
            put(replace(reply, content=reply.early, deed=Deed.ANSWER), path, self.folder, self.wait)
            self.late.append([2, lambda: path.write_bytes(reply.content)])
        elif reply.deed is Deed.COPIES_LATE:
            put(replace(reply, copies=(), deed=Deed.ANSWER), path, self.folder, self.wait)
            whole = replace(reply, deed=Deed.ANSWER)
            self.late.append([2, lambda: put(whole, path, self.folder, self.wait)])
        elif reply.deed is Deed.LATER:
            self.late.append([2, lambda: self.carry_out(self.again(path, answered.slip), path)])
        else:
            put(reply, path, self.folder, lambda seconds: None)

    def again(self, path, slip):
        return self.bvs.answer(path.read_bytes(), str(self.folder), slip=slip)

    def wait(self, seconds):
        for each in self.late:
            each[0] -= 1
        due = [deed for left, deed in self.late if left <= 0]
        self.late = [each for each in self.late if each[0] > 0]
        for deed in due:
            deed()

    def broken(self):
        return {row.id for row in self.monitor.finish().rows if row.counts.failed}


@pytest.fixture
def rich(seed):
    """The integration id of a patient with several images."""
    state = seed.state
    counts = {p.integration_id: sum(len(c.images) for c in state.cases_of(p)) for p in state.patients.values()}
    return max((each for each in counts if each), key=lambda each: counts[each])


@pytest.fixture
def desk(practice, tmp_path):
    return lambda fault="": Desk(practice.emulator, tmp_path, fault)


def visit(desk, person):
    """A patient is handed over; then descriptions are fetched, also of two at once, and copies of images, anew too."""
    desk.pvs.call(ASK.patient(ANN))
    listed = desk.pvs.call(ASK.information(person))
    desk.pvs.call_at_once([ASK.information(person), ASK.information("000417")])
    objects = objects_in(listed.content, FACTS) or ("1", "2")
    copies = desk.pvs.call(ASK.copies(objects))
    for again in (objects[:1], ["no such", *objects[:1]]):
        desk.pvs.call(ASK.copies(again))
    return copies


def test_a_right_visit_breaks_nothing(desk, rich):
    made = desk()
    copies = visit(made, rich)

    assert made.broken() == set()
    assert copies.answer.items


@pytest.mark.parametrize("change", [bytes, bytes.lower, bytes.upper])
def test_objects_are_found_in_whatever_letters_their_keys_are(change):
    content = b"[MMOS]\r\nCOUNT=2\r\n[MMO1]\r\nMMOID=1/2/3\r\n[MMO2]\r\nMMOID=4/5/6\r\n"

    assert objects_in(change(content), FACTS) == ("1/2/3", "4/5/6")


def test_copies_are_the_images_byte_for_byte(desk, rich, practice):
    made = desk()
    visit(made, rich)
    state = practice.emulator.state
    known = {image.content for case in state.cases_of(state.patient(rich)) for image in case.images}

    assert {path.read_bytes() for path in made.folder.iterdir()} == known


def test_a_patient_who_was_handed_over_is_there_for_every_interface(desk, practice):
    desk().pvs.call(ASK.patient(ANN))

    found = practice.emulator.state.patient("000417")
    assert (found.first_name, found.last_name) == ("Änne", "Fox")
    assert practice.records("find_cases", integration_id="000417") == ()


def test_a_second_hand_over_updates(desk, practice):
    made = desk()
    made.pvs.call(ASK.patient(ANN))
    made.pvs.call(ASK.patient(ANN | {"last_name": "Roe"}))

    assert practice.emulator.state.patient("000417").last_name == "Roe"


def test_an_answer_keeps_the_encoding_of_the_call(desk):
    made = desk()
    came = made.pvs.call(requests(FACTS, "A_PVS", "B", "utf-16-le").patient(ANN | {"last_name": "Жуков"}))

    assert came.answer.encoding == "utf-16-le"
    assert made.broken() == set()


def test_a_stranger_is_answered_with_an_empty_list(desk):
    came = desk().pvs.call(ASK.information("nobody"))

    assert came.answer.values["error_level"] == FACTS.handshake.error
    assert came.answer.fact("count") == ("0",)


def test_an_image_that_is_not_there_is_told_by_an_error(desk):
    came = desk().pvs.call(ASK.copies(["no such"]))

    assert came.answer.values["error_level"] == FACTS.handshake.error
    assert came.answer.items == ()


@pytest.mark.parametrize(("seconds", "level"), [(299.0, "0"), (301.0, "1")])
def test_the_user_has_so_long_to_log_in(desk, seconds, level):
    made = desk()
    made.bvs.is_open, made.bvs.login_s = False, seconds

    assert made.pvs.call(ASK.patient(ANN)).answer.values["error_level"] == level


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_breaks_the_rows_that_it_declares_and_no_other(desk, rich, name):
    made = desk(name)
    visit(made, rich)

    assert made.broken() == set(FAULTS[name].breaks)


def test_a_fault_that_does_not_exist_is_refused(desk):
    with pytest.raises(ValueError, match="no VDDS fault is called 'other'"):
        desk("other").bvs.answer(b"[PATIENT]\r\n", "")


def test_what_is_no_transfer_file_is_left_alone(desk, tmp_path):
    made = desk()
    came = made.pvs.call(b"\0\1\2")

    assert came.answer.flaw.startswith("unreadable")
    assert list(tmp_path.iterdir()) == []


# -- the register -----------------------------------------------------------------------------------------------------

OTHERS = b"; by hand\n[PVS]\r\nNAME1=Z1\r\n\r\n[BVS]\r\nNAME2=OLD\r\n[Z1]\r\nNAME=M\xfcller \x81\r\n[OLD]\nNAME = x\r\n"


def register():
    ini = parse_ini(OTHERS)
    assert isinstance(ini, Ini)
    return ini


def test_the_emulator_is_entered_behind_the_others():
    assert entered(register(), FACTS, "C:\\V.EXE").get("BVS", "NAME3") == FACTS.entry_section


def test_entered_twice_is_entered_once():
    once = entered(register(), FACTS, "C:\\V.EXE")

    assert entered(once, FACTS, "C:\\V.EXE").encode() == once.encode()


def test_taken_out_again_leaves_the_register_byte_for_byte():
    assert taken_out(entered(register(), FACTS, "C:\\V.EXE"), FACTS).encode() == OTHERS


# -- hostile ----------------------------------------------------------------------------------------------------------


def test_copies_never_leave_their_folder(tmp_path):
    folder = tmp_path / "copies"
    folder.mkdir()
    path = tmp_path / "t.tmp"
    path.write_bytes(b"call")
    put(Reply(b"answer", (("../../evil.jpg", b"x"), ("/etc/evil.jpg", b"y")), Deed.ANSWER), path, folder, print)

    assert sorted(each.relative_to(tmp_path).as_posix() for each in tmp_path.rglob("*")) == [
        "copies",
        "copies/evil.jpg",
        "t.tmp",
    ]


def linked(place: Path, target: Path):
    try:
        place.symlink_to(target)
    except OSError:
        pytest.skip("this system lets nobody make links")


def test_a_copy_takes_the_place_of_a_link_and_not_of_what_it_leads_to(tmp_path):
    outside = tmp_path / "mine.txt"
    outside.write_bytes(b"mine")
    folder = tmp_path / "copies"
    folder.mkdir()
    linked(folder / "1.jpg", outside)
    path = tmp_path / "t.tmp"
    path.write_bytes(b"call")
    put(Reply(b"answer", (("1.jpg", b"x"),), Deed.ANSWER), path, folder, print)

    assert outside.read_bytes() == b"mine"
    assert (folder / "1.jpg").read_bytes() == b"x"


def test_a_hostile_number_of_a_patient_becomes_no_path(desk, tmp_path):
    made = desk()
    for person in ("..\\..\\evil", "/etc/passwd", "CON", "a" * 3000):
        made.pvs.call(ASK.patient(ANN | {"person": person}))
        made.pvs.call(ASK.copies([person]))

    assert list(tmp_path.iterdir()) == []
