"""Work that other processes can find by its name, for the tests of what is spread over several."""

import os

DEADLY = 13


def share(common, item):
    """A quotient; 0 is refused, and 13 kills whoever is at it."""
    if item == DEADLY:
        os._exit(1)
    return common // item
