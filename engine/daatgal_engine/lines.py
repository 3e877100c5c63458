"""Message lines: which original a replacement or cancellation reaches.

In: the rows that are messages and the row that each aims at. Out: its original, and whether it reaches one. A batch
scan, linear in the messages: every message is followed once and marked once. Source: rules §0.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I8, I64, Element, Int

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
def resolve_lines(messages: I64, target: I64, original: I64, line: I8) -> None:
    """Follow every message to its original.

    Reads: `messages`, the rows that are; target int64[n], the row aimed at, -1: none.
    Writes, of messages: original int64[n], the line's original, -1 if none is reached; line int8[n]. Of all others they
    are given: the row itself, REACHES_ORIGINAL; messages begin as UNRESOLVED.
    """
    for k in range(messages.size):
        row: Int = messages[k]
        if line[row] != UNRESOLVED:
            continue
        # `original` holds the number of the walk (as -2 - row) until the row's own outcome is known.
        walk = -2 - row
        at: Element = row
        while at >= 0 and line[at] == UNRESOLVED and original[at] != walk:
            original[at] = walk
            at = target[at]
        if at >= 0 and line[at] == UNRESOLVED:
            _mark(target, at, original, line, (ON_CYCLE, NO_ORIGINAL))
            _mark(target, row, original, line, (MISSING_TARGET, NO_ORIGINAL))
        elif at >= 0 and line[at] == REACHES_ORIGINAL:
            reached: Element = original[at]
            _mark(target, row, original, line, (REACHES_ORIGINAL, reached))
        else:
            _mark(target, row, original, line, (MISSING_TARGET, NO_ORIGINAL))
