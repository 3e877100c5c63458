"""Message lines: which original a replacement or cancellation reaches.

In: the message of each row and the row that it aims at. Out: its original, and whether it reaches one. A batch scan,
linear in the rows: every row is followed once and marked once. Source: rules §0.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I8, I64, MESSAGE_ORIGINAL, Int

UNRESOLVED, REACHES_ORIGINAL, MISSING_TARGET, ON_CYCLE = np.arange(4, dtype=np.int64)
NO_ORIGINAL = np.int64(-1)


@kernel
def _mark(target: I64, row: Int, original: I64, line: I8, outcome: tuple[Int, Int]) -> None:
    """Give every unresolved row of the path from `row` its outcome."""
    while row >= 0 and line[row] == UNRESOLVED:
        line[row] = outcome[0]
        original[row] = outcome[1]
        row = target[row]


@kernel
def resolve_lines(message: I8, target: I64, original: I64, line: I8) -> None:
    """Follow every message to its original.

    Reads: message int8[n]; target int64[n], the row aimed at, -1: none.
    Writes: original int64[n], the line's original (itself for originals, -1 if none is reached); line int8[n].
    """
    for row in range(message.size):
        line[row] = UNRESOLVED
        original[row] = -1
        if message[row] == MESSAGE_ORIGINAL:
            line[row] = REACHES_ORIGINAL
            original[row] = row
    for row in range(message.size):
        if line[row] != UNRESOLVED:
            continue
        # `original` holds the number of the walk (as -2 - row) until the row's own outcome is known.
        walk = -2 - row
        at = row
        while at >= 0 and line[at] == UNRESOLVED and original[at] != walk:
            original[at] = walk
            at = target[at]
        if at >= 0 and line[at] == UNRESOLVED:
            _mark(target, at, original, line, (ON_CYCLE, NO_ORIGINAL))
            _mark(target, row, original, line, (MISSING_TARGET, NO_ORIGINAL))
        elif at >= 0 and line[at] == REACHES_ORIGINAL:
            _mark(target, row, original, line, (REACHES_ORIGINAL, original[at]))
        else:
            _mark(target, row, original, line, (MISSING_TARGET, NO_ORIGINAL))
