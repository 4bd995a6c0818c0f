"""INI files of VDDS media: nothing is lost, and a change changes nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import Malformed
from conformance.wire.vdds_ini import (
    LONGEST_LINE,
    MOST_BYTES,
    MOST_LINES,
    MOST_SECTIONS,
    Ini,
    in_windows_1252,
    parse_ini,
)

REGISTER = b"; ours\r\n[BVS]\r\nNAME1=ONE\r\nname3=Three\r\n\r\n[ONE]\nNAME=M\xfcller \x81\nX = 1"


def parsed(content):
    ini = parse_ini(content)
    assert isinstance(ini, Ini)
    return ini


@given(st.binary(max_size=200))
def test_what_can_be_read_is_written_back_byte_for_byte(content):
    ini = parse_ini(content)

    assert isinstance(ini, Malformed) or ini.encode() == content


@given(st.text(max_size=60), st.sampled_from([b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]))
def test_marked_text_is_written_back_byte_for_byte(text, mark):
    encoding = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}[mark]
    content = mark + text.encode(encoding)
    ini = parse_ini(content)

    assert isinstance(ini, Malformed) or ini.encode() == content


@given(
    st.lists(st.sampled_from(["[A]", "[b]", "X=1", "y = 2", "; z", "", "stray", "x=3"])), st.text("aZ =;[]", max_size=9)
)
def test_a_written_value_is_read_again_and_all_other_lines_stay(lines, value):
    ini = parsed("\r\n".join(lines).encode())
    changed = ini.written("A", "X", value)

    assert changed.get("a", "x") == value.strip()
    kept = [line.text for line in changed.lines if line.pair is None or line.pair[0].casefold() != "x"]
    assert [text for text in kept if text != "[A]"] == [
        text for text in (line.text for line in ini.lines) if text not in ("[A]", "X=1", "x=3")
    ]


def test_an_edit_keeps_foreign_bytes_comments_and_line_ends():
    assert parsed(REGISTER).written("BVS", "NAME2", "TWO").encode() == REGISTER.replace(
        b"name3=Three\r\n", b"name3=Three\r\nNAME2=TWO\r\n"
    )


def test_a_section_that_was_added_and_removed_leaves_the_file_as_it_was():
    content = REGISTER + b"\r\n"
    changed = parsed(content).written("TWO", "NAME", "Second").written("TWO", "STAGES", "134")

    assert changed.without_section("two").encode() == content


def test_keys_are_found_in_any_letter_case():
    assert parsed(REGISTER).get("bvs", "NAME3") == "Three"


def test_of_repeated_keys_and_sections_the_first_counts():
    assert parsed(b"[A]\nX=1\nX=2\n[a]\nX=3\nY=4\n").pairs("A") == (("X", "1"),)


def test_backslashes_and_equals_signs_in_values_are_literal():
    assert parsed(b"[A]\nX=C:\\new\\t=1\n").get("A", "X") == "C:\\new\\t=1"


def test_utf_16_with_a_mark_is_read():
    ini = parsed("[A]\r\nX=Жанна\r\n".encode("utf-16"))

    assert ini.get("A", "X") == "Жанна"
    assert ini.marked


def test_a_sign_that_the_encoding_lacks_becomes_a_question_mark():
    ini = parsed(b"[A]\r\n")

    assert not ini.holds("Ж")
    assert ini.written("A", "X", "Ж").encode() == b"[A]\r\nX=?\r\n"


@pytest.mark.parametrize(
    ("content", "flaw"),
    [
        (b"[A]\nX=1\n", "lone-line-ends"),
        (b"[A]\r\nX=1\n", "mixed-line-ends"),
        (b"[A]\r\nX=\xc3\xbc\r\n", "utf-8-without-mark"),
        (b"[A]\r\nX = 1\r\n", "blanks-around"),
        (b"[A]\r\nx=1\r\n", "lower-case-key"),
        (b"[A]\r\nX=1\r\nX=2\r\n", "repeated-key"),
        (b"[A]\r\n[a]\r\n", "repeated-section"),
        (b'[A]\r\nX="1"\r\n', "quoted-value"),
        (b"[A]\r\nword\r\n", "stray-line"),
    ],
)
def test_what_is_odd_about_the_writing_is_told(content, flaw):
    assert parsed(content).flaws == (flaw,)


def test_plain_writing_has_no_flaws():
    assert parsed(b"; c\r\n[A]\r\nX=M\xfcller\r\n\r\n").flaws == ()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\0" * 100, "binary"),
        (b"MZ\x90\0\x03", "binary"),
        (b"[A]\n" + b"x" * (LONGEST_LINE + 1), "a line longer"),
        (b"[A]\n" * (MOST_SECTIONS + 1), "sections"),
        (b"\n" * (MOST_LINES + 1), "lines"),
        (b"x" * (MOST_BYTES + 1), "larger"),
        (b"\xef\xbb\xbf[A]\nX=\xff", "no utf-8"),
        (b"\xff\xfe[", "no utf-16"),
    ],
    ids=["nul", "program", "line", "sections", "lines", "bytes", "utf-8", "utf-16"],
)
def test_a_file_that_is_none_is_malformed(content, reason):
    ini = parse_ini(content)

    assert isinstance(ini, Malformed)
    assert reason in ini.reason


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\0b"])
def test_a_value_that_would_break_the_line_is_refused(text):
    with pytest.raises(ValueError, match="does not fit on one line"):
        parsed(REGISTER).written("BVS", "X", text)


def test_lines_that_say_a_key_once_more_are_found_where_they_differ():
    ini = parse_ini(b"[A]\r\nX=1\r\nx=2\r\nY=1\r\nY=1\r\n[B]\r\nX=3\r\n[a]\r\nY=4\r\nZ=5\r\n")

    assert ini.further("A") == (("x", "2"), ("Y", "4"))


def test_signs_that_windows_1252_lacks_become_question_marks():
    assert in_windows_1252("Dvo\u0159ák") == "Dvo?ák"
