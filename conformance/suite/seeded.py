"""Generated calls depend on the seed alone, and leave no files where the user happens to be.

Hypothesis also tries constants that it finds in the source of the program around it, which is every module here that is
not installed among other packages. So a line changed anywhere would change the calls of a seed, a checkout would make
other calls than an installed package, and to read all of that source takes a tenth of a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from unittest.mock import patch

from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

_READS_SOURCE = "_get_local_constants"


@contextmanager
def by_the_seed_alone() -> Iterator[None]:
    """Meanwhile nothing is drawn from source, where Hypothesis reads any, and what it keeps goes with the run."""
    with TemporaryDirectory(prefix="threedd-", ignore_cleanup_errors=True) as scratch:
        set_hypothesis_home_dir(scratch)
        try:
            with ExitStack() as stack:
                if hasattr(providers, _READS_SOURCE):
                    stack.enter_context(patch.object(providers, _READS_SOURCE, Constants))
                yield
        finally:
            set_hypothesis_home_dir(None)
