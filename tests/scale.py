"""How much the tests draw: everything when compiled, less where the interpreter runs the kernels.

``DAATGAL_TEST_SCALE`` (1 unless set) multiplies the sizes that tests ask for; tolerances stay the same.
"""

import os
from collections.abc import Sequence

SCALE = float(os.environ.get("DAATGAL_TEST_SCALE", "1"))


FEW = 0.1
"""A scale below it is the interpreter's."""


def scaled(size: int, *, at_least: int = 5) -> int:
    """`size` examples or rows, or as many of them as this way of running the tests affords."""
    return max(min(size, at_least), round(size * SCALE))


def some_of(cases: Sequence, every: int) -> Sequence:
    """All cases where kernels are compiled, one in `every` where the interpreter runs them."""
    return cases[::every] if SCALE < FEW else cases
