"""What clean tries prove: little, and how little can be said in numbers."""

from __future__ import annotations

CONFIDENCE = 0.95


def bound(clean: int) -> float:
    """The greatest share of breaches that ``clean`` tries without one still allow, with 95 % confidence.

    About 3/n for many independent tries; 1 for none. Calls of one generated sequence depend on each other, so that
    it is rather a lower limit of what is allowed.
    """
    return 1 - (1 - CONFIDENCE) ** (1 / clean) if clean else 1.0


def told(clean: int) -> str:
    """The bound as a percentage for a table; '' where nothing was tried."""
    if not clean:
        return ""
    percent = 100 * bound(clean)
    return f"{percent:.0f} %" if percent >= 10 else f"{percent:.2g} %"
