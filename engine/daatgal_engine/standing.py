"""Which claim of each line stands: a pass over the messages, which are few.

In: the claims and, per row, the original of its line (lines.py). Out: `Lines`: what is voided, by what, and when a
standing replacement counts as presented. Source: rules.md §0, §1.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import (
    I64,
    MESSAGE_CANCELLATION,
    NEVER_S,
    U8,
    U64,
    ClaimColumns,
    Element,
    Ids,
    Int,
)
from daatgal_engine.reasons import Reason, bit

REPLACED = bit(Reason.REPLACED)
CANCELLED = bit(Reason.CANCELLED)
NOTHING = np.uint64(0)


class Told(NamedTuple):
    """What the messages say of the rows of their lines, `k` rows."""

    row: I64
    reasons: U64
    """of voided rows"""
    related: I64
    """row of the deciding message; of that message, the row that it aims at"""
    presented_s: I64
    """of a standing replacement: that of its original"""


class Lines(NamedTuple):
    """`n` rows, of which few are of lines with messages."""

    standing: U8
    """n; 1: the claim takes part in all that follows; 0: voided"""
    told: Told
    """ascending; all other rows stand for themselves"""


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
def comes_later(claims: ClaimColumns, row: int, other: int) -> bool:
    """Whether message `row` comes after message `other`, by (`submitted_s`, `claim_id`), nulls last."""
    if claims.submitted_s[row] != claims.submitted_s[other]:
        return claims.submitted_s[row] > claims.submitted_s[other]
    return id_precedes(claims.claim, other, row)


@kernel
def presented_s(claims: ClaimColumns, row: int) -> Int:
    """When a claim counts as presented: `submitted_s`, or `end_s` where that is null."""
    return claims.submitted_s[row] if claims.submitted_s[row] != NEVER_S else claims.end_s[row]


@kernel
def decide_lines(claims: ClaimColumns, target: I64, messages: I64, original: I64, lines: Lines) -> Int:
    """Let only the last message of each line decide; returns how many rows that tells of.

    Reads: message, submitted_s, end_s, claim ids; `target` by row; `messages`, the rows of all messages, line by line,
    and the `original` of each. Writes: `standing` of the rows of these lines; `told`, line by line. Rows lie anywhere
    in memory: what is read there is written on and not branched on, so that no row waits for another.
    """
    standing, told = lines
    begin, count = 0, 0
    while begin < messages.size:
        line: Element = original[begin]
        end, deciding = begin, messages[begin]
        while end < messages.size and original[end] == line:
            if end > begin and comes_later(claims, messages[end], deciding):
                deciding = messages[end]
            end += 1
        cancelled = claims.message[deciding] == MESSAGE_CANCELLATION
        for k in range(begin - 1, end):
            row = line if k < begin else messages[k]
            stands = (row == deciding) & (not cancelled)
            standing[row] = stands
            told.row[count] = row
            told.reasons[count] = NOTHING if stands else (CANCELLED if cancelled else REPLACED)
            told.related[count] = target[row] if row == deciding else deciding
            told.presented_s[count] = presented_s(claims, line)
            count += 1
        begin = end
    return count
