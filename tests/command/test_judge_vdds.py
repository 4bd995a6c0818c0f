"""``threedd judge`` for transfer files of VDDS media that somebody kept."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from conformance.command.judge import judge

FILES = Path(__file__).parents[2] / "fixtures" / "vdds"


def judged(path):
    result = CliRunner().invoke(judge, [str(path)])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("good/patient", 0, "PASS"),
        ("good/list", 2, "INCOMPLETE"),
        ("bad/german-date", 1, "VDDS-007"),
        ("bad/german-date/1.call.ini", 1, "VDDS-007"),
        ("bad/never-ready", 0, "VDDS-040"),
        ("bad/register-dangling/VDDS_MMI.INI", 1, "VDDS-070"),
    ],
)
def test_a_folder_or_a_file_is_judged(name, code, said):
    found = judged(FILES / name)

    assert found[0] == code, found[1]
    assert said in found[1]


def test_a_folder_without_any_is_told(tmp_path):
    code, said = judged(tmp_path)

    assert code == 3
    assert "holds nothing to judge" in said
