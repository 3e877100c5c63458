"""Which claim of each line stands: a pass over the messages, which are few.

In: the claims and, per row, the original of its line (lines.py). Out: `Lines`: what is voided, by what, and when each
standing claim counts as presented. Source: rules.md §0, §1.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import allocating_kernel, kernel
from daatgal_engine.columns import (
    I64,
    MESSAGE_CANCELLATION,
    MESSAGE_ORIGINAL,
    NEVER_S,
    U8,
    U64,
    ClaimColumns,
    Ids,
)
from daatgal_engine.reasons import Reason, bit

REPLACED = bit(Reason.REPLACED)
CANCELLED = bit(Reason.CANCELLED)


class Lines(NamedTuple):
    """`n` rows."""

    standing: U8
    """1: the claim takes part in all that follows; 0: voided"""
    reasons: U64
    """of voided rows"""
    related: I64
    """row of the deciding message, or of what a deciding message aims at; -1"""
    presented_s: I64
    """of standing rows: `submitted_s`, or `end_s` where that is null; a replacement keeps its original's"""


@kernel
def id_precedes(ids: Ids, a: int, b: int) -> bool:
    """Whether the bytes of id `a` come before those of id `b`."""
    a_begin: int
    b_begin: int
    a_begin, b_begin = ids.offset[a], ids.offset[b]
    a_size, b_size = ids.offset[a + 1] - a_begin, ids.offset[b + 1] - b_begin
    for i in range(min(a_size, b_size)):
        if ids.data[a_begin + i] != ids.data[b_begin + i]:
            return ids.data[a_begin + i] < ids.data[b_begin + i]
    return a_size < b_size


@kernel
def last_messages(claims: ClaimColumns, original: I64, last: I64) -> bool:
    """Per original, the row of the last message of its line, -1 for none; whether there is any message.

    Last by (`submitted_s`, `claim_id`), nulls last. Writes: `last`.
    """
    found = False
    for row in range(claims.message.size):
        last[row] = -1
    for row in range(claims.message.size):
        if claims.message[row] == MESSAGE_ORIGINAL:
            continue
        found = True
        line: int = original[row]
        other = last[line]
        if (
            other < 0
            or claims.submitted_s[row] > claims.submitted_s[other]
            or (
                claims.submitted_s[row] == claims.submitted_s[other] and id_precedes(claims.claim, other, row)
            )
        ):
            last[line] = row
    return found


@allocating_kernel
def decide_lines(claims: ClaimColumns, target: I64, original: I64, lines: Lines) -> None:
    """Let only the last message of each line decide.

    Reads: message, submitted_s, end_s, claim ids; `target` and `original` (row numbers, from lines.py).
    Writes: all of `lines`.
    """
    rows = claims.message.size
    last = np.empty(rows, np.int64)
    last_messages(claims, original, last)
    for row in range(rows):
        line = original[row]
        deciding = last[line]
        lines.related[row] = -1
        lines.reasons[row] = 0
        lines.standing[row] = 1
        if deciding >= 0 and deciding != row:
            lines.standing[row] = 0
            lines.related[row] = deciding
            cancelled = claims.message[deciding] == MESSAGE_CANCELLATION
            lines.reasons[row] = CANCELLED if cancelled else REPLACED
        elif deciding == row:
            lines.related[row] = target[row]
            if claims.message[row] == MESSAGE_CANCELLATION:
                lines.standing[row] = 0
                lines.reasons[row] = CANCELLED
        submitted_s = claims.submitted_s[line]
        lines.presented_s[row] = submitted_s if submitted_s != NEVER_S else claims.end_s[line]
