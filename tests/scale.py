"""How much the tests draw: everything when compiled, less where the interpreter runs the kernels.

``DAATGAL_TEST_SCALE`` (1 unless set) multiplies the sizes that tests ask for; tolerances stay the same.
"""

import os

SCALE = float(os.environ.get("DAATGAL_TEST_SCALE", "1"))


def scaled(size: int, *, at_least: int = 5) -> int:
    """`size` examples or rows, or as many of them as this way of running the tests affords."""
    return max(min(size, at_least), round(size * SCALE))
