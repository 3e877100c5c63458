"""Which claim of each line stands: a row map over all claims, then a pass over the messages, which are few.

In: the claims and, per row, the original of its line (lines.py). Out: `Lines`: what is voided, by what, and when each
standing claim counts as presented. Source: rules.md §0, §1.
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
def stand(submitted_s: I64, end_s: I64, lines: Lines) -> None:
    """Let every claim stand, presented on its own: what is so of all rows but those of lines with messages.

    A row map. Writes: all of `lines`.
    """
    standing, reasons, related, presented_s = lines
    for row in range(np.uint64(standing.size)):
        standing[row] = 1
        reasons[row] = 0
        related[row] = -1
        presented_s[row] = submitted_s[row] if submitted_s[row] != NEVER_S else end_s[row]


@kernel
def comes_later(claims: ClaimColumns, row: int, other: int) -> bool:
    """Whether message `row` comes after message `other`, by (`submitted_s`, `claim_id`), nulls last."""
    if claims.submitted_s[row] != claims.submitted_s[other]:
        return claims.submitted_s[row] > claims.submitted_s[other]
    return id_precedes(claims.claim, other, row)


@kernel
def decide_lines(claims: ClaimColumns, target: I64, original: I64, messages: I64, lines: Lines) -> None:
    """Let only the last message of each line decide.

    Reads: message, submitted_s, claim ids; `target` and `original` (row numbers, from lines.py); `messages`, the rows
    of all messages, line by line. Writes: the rows of lines with messages, where so far every row stands.
    """
    begin = 0
    while begin < messages.size:
        line: Element = original[messages[begin]]
        end, deciding = begin, messages[begin]
        while end < messages.size and original[messages[end]] == line:
            if comes_later(claims, messages[end], deciding):
                deciding = messages[end]
            end += 1
        cancelled = claims.message[deciding] == MESSAGE_CANCELLATION
        reason = CANCELLED if cancelled else REPLACED
        lines.standing[line] = 0
        lines.reasons[line] = reason
        lines.related[line] = deciding
        for k in range(begin, end):
            row = messages[k]
            lines.presented_s[row] = lines.presented_s[line]
            lines.related[row] = target[row] if row == deciding else deciding
            if row != deciding or cancelled:
                lines.standing[row] = 0
                lines.reasons[row] = reason
        begin = end
