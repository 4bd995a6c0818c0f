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


@pytest.mark.parametrize(
    ("name", "interface"),
    [("vdds/bad/german-date", "VDDS media"), ("command-lines/bad/fused.txt", "command line")],
)
def test_a_report_of_what_was_kept_is_written_on_request(name, interface, tmp_path):
    result = CliRunner().invoke(judge, [str(FILES.parent / name), "--out", str(tmp_path)])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")

    assert result.exit_code == 1, result.output
    assert "A subject without a name" in page
    assert interface in page
    assert "threedd judge" in page


def test_a_folder_without_any_is_told(tmp_path):
    code, said = judged(tmp_path)

    assert code == 3
    assert "holds nothing to judge" in said
