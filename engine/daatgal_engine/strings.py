"""Arrow strings as bytes: hashing, blanks, and numbering of repeated values.

In: the buffers of Arrow string arrays. Out: hashes, blank marks, codes by first appearance. Row maps (`encode` also
keeps a table of the values seen so far).
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U8, U64, Int

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)
_FIRST_VALUES = 512


class Strings(NamedTuple):
    """`m` strings as Arrow holds them: string `i` is `data[offset[i] : offset[i + 1]]`, where it is given."""

    data: U8
    offset: I32
    """m + 1, counted from the beginning of `data`"""
    given: U8
    """m, 0: null; empty: all are given"""


class ValueTable(NamedTuple):
    """The distinct values seen so far, found by hash. `v` values have room, in twice as many slots."""

    slots: I32
    """2 v, a power of two: the code of a value, -1: free"""
    hash: U64
    """v"""
    first: I64
    """v: the first row that has the value"""


@kernel
def word(data: U8, begin: Int) -> np.uint64:
    """Eight bytes from `begin` as one little-endian word (the compiler makes it one load)."""
    at = np.uint64(begin)
    return (
        np.uint64(data[at])
        | np.uint64(data[at + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[at + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[at + np.uint64(3)]) << np.uint64(24)
        | np.uint64(data[at + np.uint64(4)]) << np.uint64(32)
        | np.uint64(data[at + np.uint64(5)]) << np.uint64(40)
        | np.uint64(data[at + np.uint64(6)]) << np.uint64(48)
        | np.uint64(data[at + np.uint64(7)]) << np.uint64(56)
    )


@kernel
def _half_word(data: U8, begin: Int) -> np.uint64:
    """Four bytes from `begin` as one little-endian word."""
    at = np.uint64(begin)
    return (
        np.uint64(data[at])
        | np.uint64(data[at + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[at + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[at + np.uint64(3)]) << np.uint64(24)
    )


@kernel
def last_word(data: U8, begin: Int, end: Int) -> np.uint64:
    """Take the last eight bytes of `data[begin:end]`; of a shorter run a word that differs wherever it does."""
    length = end - begin
    if length >= 8:
        return word(data, end - 8)
    if length >= 4:
        return _half_word(data, begin) | _half_word(data, end - 4) << np.uint64(32)
    if length == 0:
        return np.uint64(0)
    first, middle, last = np.uint64(begin), np.uint64(begin + (length >> 1)), np.uint64(end - 1)
    return (
        np.uint64(data[first])
        | np.uint64(data[middle]) << np.uint64(8)
        | np.uint64(data[last]) << np.uint64(16)
    )


@kernel
def opened(length: Int) -> np.uint64:
    """Begin the hash of `length` bytes."""
    return np.uint64(length) * _PRIME_3 + _PRIME_5


@kernel
def mixed(state: np.uint64, eight_bytes: np.uint64) -> np.uint64:
    """One round of a hash: multiply, rotate, multiply."""
    eight_bytes = eight_bytes * _PRIME_2
    eight_bytes = (eight_bytes << np.uint64(31)) | (eight_bytes >> np.uint64(33))
    state = state ^ (eight_bytes * _PRIME_1)
    state = (state << np.uint64(27)) | (state >> np.uint64(37))
    return state * _PRIME_1 + _PRIME_4


@kernel
def closed(state: np.uint64) -> np.uint64:
    """End a hash with an avalanche: every bit of the bytes moves every bit of the hash."""
    state = (state ^ (state >> np.uint64(33))) * _PRIME_2
    state = (state ^ (state >> np.uint64(29))) * _PRIME_3
    return state ^ (state >> np.uint64(32))


@kernel
def space_width(data: U8, at: Int, end: Int) -> Int:
    """Count the bytes of the white space at `at`; 0 if there is none. White space is what Unicode calls so."""
    byte = data[at]
    if byte < 0x80:
        return 1 if byte == 0x20 or 0x09 <= byte <= 0x0D or 0x1C <= byte <= 0x1F else 0
    if byte == 0xC2 and at + 1 < end:
        return 2 if data[at + 1] == 0x85 or data[at + 1] == 0xA0 else 0
    if at + 2 >= end:
        return 0
    second, third = data[at + 1], data[at + 2]
    if byte == 0xE1:
        return 3 if second == 0x9A and third == 0x80 else 0
    if byte == 0xE3:
        return 3 if second == 0x80 and third == 0x80 else 0
    if byte == 0xE2 and second == 0x80:
        return 3 if third <= 0x8A or third == 0xA8 or third == 0xA9 or third == 0xAF else 0
    if byte == 0xE2 and second == 0x81:
        return 3 if third == 0x9F else 0
    return 0


@kernel
def is_blank(data: U8, begin: Int, end: Int) -> bool:
    """Tell whether nothing but white space stands in `data[begin:end]`."""
    at = begin
    while at < end:
        width = space_width(data, at, end)
        if width == 0:
            return False
        at += width
    return True


@kernel
def is_dark(data: U8, begin: Int, end: Int) -> bool:
    """Tell whether the first character is visible ASCII, so that most strings need no search for white space."""
    return bool(begin < end and 0x20 < data[np.uint64(begin)] < 0x7F)


@kernel
def mark_blanks(strings: Strings, blank: U8) -> Int:
    """Write 1 where a given string is empty or blank, else 0; return how many are."""
    data, offset, given = strings
    count = 0
    for i in range(blank.size):
        begin, end = np.int64(offset[i]), np.int64(offset[i + 1])
        blank[i] = 0
        if is_dark(data, begin, end) or (given.size > 0 and given[i] == 0):
            continue
        if is_blank(data, begin, end):
            blank[i] = 1
            count += 1
    return count


@kernel
def _spread(hashes: U64, count: Int, slots: I32) -> None:
    """Enter the first `count` values into an empty table."""
    mask = np.uint64(slots.size - 1)
    for code in range(count):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code


@kernel
def _encode(strings: Strings, table: ValueTable, codes: I32, row: Int, count: Int) -> tuple[Int, Int]:
    """Number the strings from `row` on, `count` values being known, until all are numbered or the table is full.

    Returns the row that comes next and the number of values. Hash and comparison stand in the loop: a call with an
    array in it costs two atomic counts.
    """
    data, offset, given = strings
    slots, hashes, first = table
    mask = np.uint64(slots.size - 1)
    while row < codes.size and count < first.size:
        if given.size > 0 and given[row] == 0:
            codes[row] = -1
            row += 1
            continue
        begin, end = np.int64(offset[row]), np.int64(offset[row + 1])
        tail = last_word(data, begin, end)
        key = opened(end - begin)
        at = begin
        while at + 8 < end:
            key = mixed(key, word(data, at))
            at += 8
        key = closed(mixed(key, tail))
        slot = key & mask
        code = slots[slot]
        while code >= 0:
            if hashes[code] == key:
                other = np.int64(offset[first[code]])
                same = offset[first[code] + 1] - other == end - begin
                same = same and last_word(data, other, other + end - begin) == tail
                at = begin
                while same and at + 8 < end:
                    same = word(data, at) == word(data, other + at - begin)
                    at += 8
                if same:
                    break
            slot = (slot + np.uint64(1)) & mask
            code = slots[slot]
        if code < 0:
            code = np.int32(count)
            slots[slot] = code
            hashes[count] = key
            first[count] = row
            count += 1
        codes[row] = code
        row += 1
    return row, count


def encode(strings: Strings, codes: I32) -> I64:
    """Number the distinct strings by first appearance.

    Writes: codes int32[m], -1 where null. Returns: int64[k], the first row of each of the k distinct strings.
    """
    room = _FIRST_VALUES
    table = ValueTable(np.full(2 * room, -1, np.int32), np.empty(room, np.uint64), np.empty(room, np.int64))
    row, count = _encode(strings, table, codes, 0, 0)
    while row < codes.size:
        hashes = np.concatenate((table.hash, np.empty(3 * room, np.uint64)))
        first = np.concatenate((table.first, np.empty(3 * room, np.int64)))
        room *= 4
        table = ValueTable(np.full(2 * room, -1, np.int32), hashes, first)
        _spread(hashes, count, table.slots)
        row, count = _encode(strings, table, codes, row, count)
    return table.first[:count].copy()


@kernel
def first_appearance(codes: I32, first: I64) -> None:
    """Write the first row of each code into `first` int64[k], -1 for a code that no row has."""
    first[:] = -1
    for i in range(codes.size):
        code = codes[i]
        if code >= 0 and first[code] < 0:
            first[code] = i


@kernel
def recode(codes: I32, new_code: I32) -> None:
    """Replace every code by `new_code[code]`, in place; -1 stays."""
    for i in range(codes.size):
        if codes[i] >= 0:
            codes[i] = new_code[codes[i]]
