"""Repeated text as codes: distinct strings numbered by first appearance.

In: strings, array by array. Out: a code for each row, and the bytes of the distinct values. A row map that keeps a
table of the values seen so far.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U8, U64, ZERO, Int
from daatgal_engine.strings import Strings, is_null, mixed, word

_FIRST_VALUES, _FIRST_BYTES = 512, 8_192
_OF_FIRST, _OF_LAST, _OF_LENGTH = (
    np.uint64(0x9E3779B185EBCA87),
    np.uint64(0xC2B2AE3D27D4EB4F),
    np.uint64(0x165667B19E3779F9),
)
_KEPT = np.array([(1 << 8 * length) - 1 for length in range(9)], np.uint64)
"""Which bits of a word belong to a string of 0 … 8 bytes."""
_LAST, _LENGTH, _KEY = 1, 2, 3
_MARKS = np.uint64(4)


class ValueTable(NamedTuple):
    """The distinct values seen so far; `v` have room."""

    slots: I32
    """2 v, a power of two: the code of a value, -1: free"""
    marks: U64
    """v × 4: the first eight bytes of a value, the last eight of one of more than eight bytes, its length, its hash"""
    offset: I64
    """v + 1"""
    data: U8
    """the bytes of the values, one after the other, and room for more"""


@kernel
def _top_bits(size: Int) -> np.uint64:
    """How far to shift a hash, so that its top bits are one of `size` slots."""
    shift = np.uint64(64)
    while size > 1:
        size >>= 1
        shift -= np.uint64(1)
    return shift


@kernel
def _spread(marks: U64, count: Int, slots: I32) -> None:
    """Enter the first `count` values into an empty table."""
    mask, shift = np.uint64(slots.size - 1), _top_bits(slots.size)
    for code in range(count):
        slot = marks[4 * code + _KEY] >> shift
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code


@kernel
def _number(strings: Strings, table: ValueTable, codes: I32, row: Int, count: Int) -> tuple[Int, Int]:
    """Number the strings from `row` on, `count` values being known, until all are numbered or the table is full.

    Returns the row that comes next and the number of values. Strings of up to 16 bytes are told apart by their first
    and their last word alone. All stands in the loop: a call with an array in it costs two atomic counts.
    """
    data, ends, valid, first_bit = strings
    slots, marks, offset, known = table
    mask, shift = np.uint64(slots.size - 1), _top_bits(slots.size)
    while row < codes.size:
        if is_null(valid, first_bit + row):
            codes[row] = -1
            row += 1
            continue
        begin, end = np.int64(ends[row]), np.int64(ends[row + 1])
        length = end - begin
        first, last = np.uint64(0), np.uint64(0)
        if begin + 8 <= data.size:
            first = word(data, begin) & _KEPT[np.uint64(min(length, 8))]
            last = word(data, end - 8 if length > 8 else begin)
            last = last if length > 8 else np.uint64(0)
        else:
            for k in range(length):
                first |= np.uint64(data[np.uint64(begin + k)]) << np.uint64(8 * k)
        key = (first ^ np.uint64(length) * _OF_LENGTH) * _OF_FIRST ^ last * _OF_LAST
        at = begin + 8
        while length > 16 and at + 8 < end:
            key = mixed(key, word(data, at))
            at += 8
        slot = key >> shift
        code = slots[slot]
        while code >= 0:
            mark = _MARKS * np.uint64(code)
            unlike = (marks[mark] ^ first) | (marks[mark + np.uint64(_LAST)] ^ last)
            if unlike | (marks[mark + np.uint64(_LENGTH)] ^ np.uint64(length)) == 0:
                same = True
                if length > 16:
                    at, other = begin + 8, np.int64(offset[code]) + 8
                    while same and at + 8 < end:
                        same = word(data, at) == word(known, other)
                        at += 8
                        other += 8
                if same:
                    break
            slot = (slot + np.uint64(1)) & mask
            code = slots[slot]
        if code < 0:
            begins = offset[count]
            if count + 1 == offset.size or begins + length > known.size:
                break
            code = np.int32(count)
            slots[slot] = code
            mark = _MARKS * np.uint64(count)
            marks[mark], marks[mark + np.uint64(_LAST)] = first, last
            marks[mark + np.uint64(_LENGTH)], marks[mark + np.uint64(_KEY)] = np.uint64(length), key
            for k in range(length):
                known[begins + k] = data[begin + k]
            count += 1
            offset[count] = begins + length
        codes[row] = code
        row += 1
    return row, count


class ValueCodes:
    """Numbers distinct strings by first appearance, over any number of arrays."""

    def __init__(self) -> None:
        self._count: Int = ZERO
        self._table = ValueTable(
            np.full(2 * _FIRST_VALUES, -1, np.int32),
            np.zeros(4 * _FIRST_VALUES, np.uint64),
            np.zeros(_FIRST_VALUES + 1, np.int64),
            np.empty(_FIRST_BYTES, np.uint8),
        )

    def number(self, strings: Strings, codes: I32) -> None:
        """Write the code of each string into `codes` int32[m], -1 where null."""
        with np.errstate(over="ignore"):  # a hash wraps around, which the interpreter would warn of
            row, self._count = _number(strings, self._table, codes, 0, self._count)
            while row < codes.size:
                self._grow(int(strings.offset[row + 1] - strings.offset[row]))
                row, self._count = _number(strings, self._table, codes, row, self._count)

    def values(self) -> tuple[I64, U8]:
        """Give the distinct values: where each begins, int64[k + 1], and their bytes."""
        offset = self._table.offset[: self._count + 1].copy()
        return offset, self._table.data[: offset[-1]].copy()

    def _grow(self, length: int) -> None:
        """Make room, in values or bytes, for one more of `length` bytes."""
        slots, marks, offset, data = self._table
        room = offset.size - 1
        if self._count == room:
            slots = np.full(8 * room, -1, np.int32)
            marks = np.concatenate((marks, np.empty(12 * room, np.uint64)))
            offset = np.concatenate((offset, np.empty(3 * room, np.int64)))
            _spread(marks, self._count, slots)
        else:
            data = np.concatenate((data, np.empty(3 * data.size + length, np.uint8)))
        self._table = ValueTable(slots, marks, offset, data)
