"""Nobody is blamed because somebody at the clinic is called by a word of the guide: redaction decides nothing."""

import json
import shutil
from itertools import cycle

import pytest

from conformance.emulator.seed import FILE, default_folder, load_seed
from conformance.spec import load
from tests.honesty.inside import run_inside

SPEC = load()
LISTED = [value for record in SPEC.records for field in record.fields for value in field.values]
SAID = [word.strip(".,()<>") for status in SPEC.statuses for word in status.text.split()]
COMPUTERS = ["FRONT-1", "ROOM-2.clinic", "Scan", "Jaw-PC"]
WORDS = sorted({"Front", "Room", "Scan", "Default", "In-house", *LISTED, *(word for word in SAID if len(word) > 2)})


@pytest.fixture
def clinic(tmp_path):
    """A clinic where patients, users and computers share such words; a patient has two of them, from ``turn`` on."""

    def named(turn):
        rows = json.loads((default_folder() / FILE).read_text(encoding="utf-8"))
        words = cycle((*WORDS[turn:], *WORDS[:turn]))
        for patient in rows["patients"]:
            patient.update(first_name=next(words), last_name=next(words))
        for station, computer in zip(rows["stations"], cycle(COMPUTERS)):
            station["hostname"] = computer
        for user, name in zip(rows["users"], cycle(("Front", "Scan Room", "PC"))):
            user["user"] = name
        place = tmp_path / "seed"
        shutil.copytree(default_folder(), place)
        (place / FILE).write_text(json.dumps(rows), encoding="utf-8")
        return load_seed(SPEC, place)

    return named


@pytest.mark.parametrize("turn", range(0, len(WORDS), 32))
def test_words_of_the_guide_as_names_of_people(clinic, turn):
    run = run_inside(SPEC, seed=turn, share=0.2, prepared=clinic(turn))
    assert run.failed() == set(), run.why()
