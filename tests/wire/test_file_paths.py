"""Paths and names of files as strangers write them for Windows."""

import pytest

from conformance.wire.file_paths import may_be_short, path_flaws


@pytest.mark.parametrize(
    ("path", "flaws"),
    [
        ("C:\\OUT\\1.jpg", ()),
        ("c:/out/1.jpg", ()),
        ("C:\\PROGRA~1\\OUT\\IMG000~1.JPG", ()),
        ("C:\\Program Files\\OUT\\a b.jpg", ()),
        ("C:\\Windows\\Temp\\1.jpg", ()),
        ("/tmp/1.jpg", ()),
        ("", ("empty",)),
        ("1.jpg", ("relative",)),
        ("C:1.jpg", ("relative",)),
        ("\\OUT\\1.jpg", ("relative",)),
        ("%TEMP%\\1.jpg", ("relative",)),
        ("\\\\host\\share\\1.jpg", ("network",)),
        ("//host/share/1.jpg", ("network",)),
        ("C:\\OUT\\..\\1.jpg", ("traversal",)),
        ("C:\\OUT\\nul.jpg", ("device",)),
        ("C:\\OUT\\1.jpg:x", ("stream",)),
        ("C:\\OUT\\", ("folder",)),
        ("c:/windows/System32/x.dll", ("system",)),
        ('"C:\\OUT\\1.jpg"', ("quoted",)),
    ],
)
def test_what_is_wrong_with_a_path_is_named(path, flaws):
    assert path_flaws(path) == flaws


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("DENTAL~1.EXE", True),
        ("dental~12.exe", True),
        ("DE1A2B~1.EXE", True),
        ("DENTAL~1", False),
        ("DENTAX~1.EXE", False),
        ("DENTAL~1.COM", False),
        ("DentalDesktopCmd.exe", False),
        ("DE~1.EXE", False),
    ],
)
def test_a_short_name_is_told_from_others(name, may):
    assert may_be_short(name, "DentalDesktopCmd.exe") is may


@pytest.mark.parametrize(("name", "long"), [("AB~1.TXT", "a b.txt"), ("VDDSSE~1", "VddsServer")])
def test_blanks_are_left_out_of_a_short_name_and_an_extension_may_lack(name, long):
    assert may_be_short(name, long)
