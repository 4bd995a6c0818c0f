"""Generated calls depend on the seed alone.

Hypothesis also tries constants that it finds in the source of the program around it, which is every module here that is
not installed among other packages. So a line changed anywhere would change the calls of a seed, a checkout would make
other calls than an installed package, and to read all of that source takes a tenth of a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

_READS_SOURCE = "_get_local_constants"


@contextmanager
def by_the_seed_alone() -> Iterator[None]:
    """Meanwhile nothing is drawn from source; without effect where Hypothesis does not read any."""
    if not hasattr(providers, _READS_SOURCE):
        yield
        return
    with patch.object(providers, _READS_SOURCE, Constants):
        yield
