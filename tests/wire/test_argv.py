"""Windows command lines: the tables of public documentation, and the way there and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire.argv import Splitter, quote, quoted, split, split_arguments

BOTH = (Splitter.RUNTIME, Splitter.SHELL)

# Microsoft, "Parsing C command-line arguments": both splitters agree on these.
AGREED = [
    (r'"abc" d e', ["abc", "d", "e"]),
    (r'a\\b d"e f"g h', [r"a\\b", "de fg", "h"]),
    (r"a\\\"b c d", [r"a\"b", "c", "d"]),
    (r'a\\\\"b c" d e', [r"a\\b c", "d", "e"]),
    (r'"ab\"c" "\\" d', ['ab"c', "\\", "d"]),
    ("a\tb  c", ["a", "b", "c"]),
    ('"" x', ["", "x"]),
    ("", []),
    ("   ", []),
    ("'a b'", ["'a", "b'"]),
    ("a^b&c|d%e%", ["a^b&c|d%e%"]),
    (r'-lastname="C:\" -patientid="1"', ['-lastname=C:" -patientid=1']),
    ('-integrationid="A"-firstName="B" -c=""', ["-integrationid=A-firstName=B", "-c="]),
    ('-lastname="van der Berg"', ["-lastname=van der Berg"]),
]
# Quotation marks in a row, which they read in two ways.
RUNTIME = [
    ('a"b"" c d', ['ab" c d']),
    ('"a""b c" d', ['a"b c', "d"]),
    ('"""a b"""', ['"a b"']),
]
SHELL = [
    ('a"b"" c d', ['ab"', "c", "d"]),
    ('"a""b c" d', ['a"b', "c d"]),
    ('"""a b"""', ['"a', 'b"']),
    ('""""a b"" c', ['"a b"', "c"]),
]
PROGRAMS = [
    (r'"C:\Program Files\x.exe" a', r"C:\Program Files\x.exe"),
    (r'"C:\folder\" a', "C:\\folder\\"),
    (r"C:\x.exe a", r"C:\x.exe"),
    ("", ""),
    (" a", ""),
]
texts = st.text(st.sampled_from('a"\\ \t=–“ü'), max_size=12)


def arguments(line, splitter):
    return [piece.text for piece in split(f"x {line}", splitter).arguments]


@pytest.mark.parametrize("splitter", BOTH)
@pytest.mark.parametrize(("line", "expected"), AGREED)
def test_both_splitters_take_a_line_apart_alike(line, expected, splitter):
    assert arguments(line, splitter) == expected


@pytest.mark.parametrize(("line", "expected"), RUNTIME)
def test_the_runtime_goes_on_after_doubled_marks(line, expected):
    assert arguments(line, Splitter.RUNTIME) == expected


@pytest.mark.parametrize(("line", "expected"), SHELL)
def test_the_shell_ends_a_quotation_with_every_third_mark(line, expected):
    assert arguments(line, Splitter.SHELL) == expected


@pytest.mark.parametrize(("line", "program"), PROGRAMS)
def test_the_program_knows_no_backslashes(line, program):
    assert split(line).program.text == program


@pytest.mark.parametrize("splitter", BOTH)
@given(st.lists(texts, max_size=4))
def test_what_is_quoted_comes_back(splitter, given_arguments):
    line = quote(r"C:\Program Files\x.exe", given_arguments)

    assert [piece.text for piece in split(line, splitter).arguments] == given_arguments


@given(st.text(max_size=60))
def test_no_character_of_a_line_is_lost(line):
    pieces = split_arguments(line)

    assert "".join(piece.raw for piece in pieces) == "".join(_outside(line, pieces))


def _outside(line, pieces):
    """The raw texts, looked up in the line one after the other."""
    place = 0
    for piece in pieces:
        place = line.index(piece.raw, place)
        yield line[place : place + len(piece.raw)]
        place += len(piece.raw)


@pytest.mark.parametrize(
    ("line", "fact"),
    [('"a b', "unclosed"), ('"a"b', "goes_on"), (r"a\"b", "escaped"), ('"a""b"', "doubled")],
)
def test_how_an_argument_was_quoted_is_told(line, fact):
    [piece] = split_arguments(line)

    assert getattr(piece, fact)


def test_a_plain_argument_is_quoted_by_nothing():
    assert quoted("-lastname=Fox") == "-lastname=Fox"


def test_a_backslash_at_the_end_is_doubled_where_a_mark_follows():
    assert quoted("a b\\") == r'"a b\\"'


def test_no_program_has_a_quotation_mark():
    with pytest.raises(ValueError, match="no path has one"):
        quote('a"b', [])
