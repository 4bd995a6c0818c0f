"""What the emulator can do wrong, or is free to do, when it answers a transfer file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What the program does with the transfer file."""

    ANSWER = "answer"  # writes the answer in one go
    SILENCE = "silence"  # leaves the file as it is
    DELETE = "delete"  # removes the file
    LOCK = "lock"  # holds the file open and writes nothing until the caller has given up
    EARLY = "early"  # says that it is ready, and writes the rest afterwards
    COPIES_LATE = "copies-late"  # writes the answer first and the copies afterwards
    LATER = "later"  # waits, and asks again what to do


@dataclass(frozen=True)
class VddsFault:
    does: str
    breaks: tuple[str, ...]
    """Requirements that break; () for what a conforming BVS may do."""
    deed: Deed = Deed.ANSWER


FAULTS: Mapping[str, VddsFault] = {
    "never-ready": VddsFault("The answer is never written.", ("VDDS-040",), Deed.SILENCE),
    "file-gone": VddsFault("The transfer file is removed.", ("VDDS-041",), Deed.DELETE),
    "file-locked": VddsFault("The transfer file is held open and never answered.", ("VDDS-040",), Deed.LOCK),
    "ready-early": VddsFault(
        "READY is written before the rest.", ("VDDS-045", "VDDS-055", "VDDS-056", "VDDS-058"), Deed.EARLY
    ),
    "copies-late": VddsFault(
        "The answer names copies that are written afterwards.", ("VDDS-054", "VDDS-058"), Deed.COPIES_LATE
    ),
    "one-at-a-time": VddsFault(
        "A call that comes while another is being answered is never answered.", ("VDDS-065",), Deed.LATER
    ),
    "wrong-encoding": VddsFault("The answer is UTF-8, whatever the call was.", ("VDDS-057",)),
    "keys-lost": VddsFault("The answer holds the handshake alone.", ("VDDS-042",)),
    "name-changed": VddsFault("A value of the call is changed.", ("VDDS-042",)),
    "level-in-words": VddsFault("The error level is a word.", ("VDDS-043",)),
    "untold-error": VddsFault("Every call ends with an error without a text.", ("VDDS-044",)),
    "no-list": VddsFault("Descriptions come without their list.", ("VDDS-045",)),
    "miscounted": VddsFault("The list tells one object too many.", ("VDDS-046",)),
    "same-id": VddsFault("All objects have one id.", ("VDDS-047",)),
    "undated": VddsFault("Objects have no date.", ("VDDS-048",)),
    "untimed": VddsFault("Objects have no time.", ("VDDS-049",)),
    "partial-untold": VddsFault("The copy in the middle is left out, and no error is told.", ("VDDS-055",)),
    "copy-empty": VddsFault("The copies are empty.", ("VDDS-054",)),
    "path-outside": VddsFault("The paths lead out of the folder of the copies.", ("VDDS-053",)),
    "everybodys-images": VddsFault("Whoever is asked about, the objects of everybody are listed.", ("VDDS-068",)),
    "nobody-taken": VddsFault("Every patient who is handed over is turned down.", ("VDDS-069",)),
    "all-or-none": VddsFault("No copy is handed out where one of the ids is not known.", ("VDDS-077",)),
    "copies-shifted": VddsFault("Each of several ids brings the image of the next one.", ("VDDS-079",)),
    "section-twice": VddsFault("The section of the call stands in its answer twice.", ("VDDS-078",)),
    "refused": VddsFault("Every call is refused, and the reason is told.", ()),
    "partial": VddsFault("The copy in the middle is left out, and an error is told.", ()),
    "several-instances": VddsFault("Several instances are open: calls are refused until all but one are closed.", ()),
    "login-time-out": VddsFault("Nobody logs in: calls are refused as after the time for it.", ()),
    "late": VddsFault("The answer takes a while, and calls that come meanwhile are answered as well.", (), Deed.LATER),
}
"""By name."""


def checked(name: str) -> str:
    """The name, when there is such a fault; '' stays ''. ValueError otherwise."""
    if name and name not in FAULTS:
        raise ValueError(f"no VDDS fault is called {name!r}; expected one of {', '.join(FAULTS)}.")
    return name
