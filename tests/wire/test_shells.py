"""What a shell passes on of its line."""

import pytest

from conformance.wire.shells import within_shell

PATH = '"C:\\Program Files\\X.exe"'


@pytest.mark.parametrize(
    ("line", "inner"),
    [
        (f'cmd /c "{PATH} -a=1"', f"{PATH} -a=1"),
        (f'CMD.EXE /s /c "{PATH} -a=1"', f"{PATH} -a=1"),
        (f'"C:\\Windows\\System32\\cmd.exe" /d /c "{PATH} -a=1 -b="x y""', f'{PATH} -a=1 -b="x y"'),
        ('C:\\Windows\\cmd.exe /k X.exe -a="x & y"', 'X.exe -a="x & y"'),
        (f"cmd /c {PATH} -a=1", f"{PATH} -a=1"),
        ('cmd /c "C:\\X.exe" -a=1', "C:\\X.exe -a=1"),
        (f"cmd /s /c {PATH} -a=1", "C:\\Program Files\\X.exe -a=1"),
        (f'cmd /c {PATH} -a="1"', 'C:\\Program Files\\X.exe" -a="1'),
        (f'start "" {PATH} -a=1', f"{PATH} -a=1"),
        (f'start "Dental Desktop" /wait /min {PATH} -a=1', f"{PATH} -a=1"),
        (f'start "" /d "C:\\Some where" {PATH} -a=1', f"{PATH} -a=1"),
        ("start X.exe -a=1", "X.exe -a=1"),
        (f"start {PATH} -a=1", "-a=1"),
        (f'cmd /c start "" {PATH} -a=1', f"{PATH} -a=1"),
    ],
)
def test_a_line_within_a_line_is_known(line, inner):
    assert within_shell(line) == inner


@pytest.mark.parametrize(
    "line",
    ["cmd", "cmd /q", "cmd /c X.exe -a=%NAME%", "cmd /c X.exe -a=1 & Y.exe", "cmd /c X.exe -a=x^ y", "start X.exe | Y"],
)
def test_what_depends_on_the_computer_is_not(line):
    assert not within_shell(line)


@pytest.mark.parametrize("line", [f"{PATH} -a=1", "", "X.exe cmd /c Y.exe", "cmdx /c Y.exe", "starter.exe -a=1", "-a"])
def test_other_lines_have_none_within(line):
    assert within_shell(line) is None


@pytest.mark.parametrize(
    "line", ['"' + "\\" * 100_000, "cmd" + " /" * 100_000, "start " + '"' * 100_001, " " * 100_000]
)
def test_long_ones_are_read_in_no_time(line):
    within_shell(line)
