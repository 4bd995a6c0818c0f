"""Texts that a careless server takes for one another: in pairs, and around an id that somebody has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def near_misses(base: str) -> Iterator[tuple[str, str]]:
    """Pairs of different texts with the same beginning, each of which some shortcut takes for one."""
    for number, (first, second) in enumerate((*COMMON_MISSES, *RARE_MISSES)):
        yield f"{base}{number}{first}", f"{base}{number}{second}"
    yield base, "0" + base


def common_misses(base: str) -> Iterator[tuple[str, str]]:
    """The likelier half of them."""
    for number, (first, second) in enumerate(COMMON_MISSES):
        yield f"{base}{number}{first}", f"{base}{number}{second}"


COMMON_MISSES = (
    ("a", "A"),
    ("é", "É"),
    ("e", "é"),
    ("😀", "😁"),
    (" 1", "%201"),
    ("+1", " 1"),
    ("&a=1", "&a=2"),
    ("#1", "#2"),
    ("<i>", "&lt;i&gt;"),
    ("'", "''"),
    ("x", "%"),
    ("1", "1.0"),
)
RARE_MISSES = (
    ("ss", "ß"),
    ("i", "ı"),
    ("1", "１"),
    ("o", "о"),
    ("%2B", "+"),
    (";1", ";2"),
    (",1", ",2"),
    ("/1", "\\1"),
    ("\\1", "1"),
    ('"1', "1"),
    ('"1', '"2'),
    ("x", "_"),
    ("x", "*"),
    ("x", "?"),
    ("-1", "1"),
    ("a b", "a  b"),
    ("\u200b1", "1"),
    ("<i>1", "<b>1"),
)


def long_pairs(base: str) -> Iterator[tuple[str, str]]:
    """Pairs of long texts that differ in their last character only."""
    for length in (33, 51, 60, 65, 101, 129, 256):
        stem = (base + "-" + "x" * length)[: length - 1]
        yield stem + "1", stem + "2"


AKIN = (
    ("a", "A"),
    ("é", "e"),
    ("'", "''"),
    ("x", "%"),
    ("y", "_"),
    (" ", "  "),
    ("1", "１"),
    ("-", ""),
    ("o", "о"),
    ("ß", "ss"),
    ("+", " "),
    ("&a=", "&b="),
    ("#", "#2"),
    ("<i>", "&lt;i&gt;"),
    ("😀", "😁"),
)
"""Pieces of one id, and what stands in the place of each in another one, the likeliest mistake first."""
LIKELY = 10


def akin(base: str, number: str) -> Iterator[tuple[str, Sequence[str]]]:
    """Ids for somebody to have, each with ids that nobody has, but careless comparisons find: the likeliest first.

    They fold letters, read patterns, stop early or late, or take what is all digits for a number.
    """
    pieces = [piece for piece, _ in AKIN]
    whole = base + "".join(pieces)
    others = [base + "".join([*pieces[:at], other, *pieces[at + 1 :]]) for at, (_, other) in enumerate(AKIN)]
    yield whole, (whole[:-1], f"{whole}1", f"{base}%", *others)
    yield f"{base}-{'x' * 60}1", (f"{base}-{'x' * 60}2",)
    yield number, (f"0{number}", f"{number}.0", f"+{number}")


WIDE = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
"""ASCII to the letters of the same look that East Asian keyboards write."""
ACCENTS = str.maketrans("aeiouAEIOU", "áéíóúÁÉÍÓÚ")


def alike(known: str) -> Sequence[str]:
    """An id in letters that careless comparisons take for its own; it comes back where it has none of those."""
    letters = "".join(letter for letter in known if letter.isalnum())
    return (known.swapcase(), known.translate(WIDE), known.translate(ACCENTS), letters, known.replace("'", "''"))
