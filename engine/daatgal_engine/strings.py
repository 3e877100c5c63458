"""Arrow strings as bytes: words of them, hashing and blanks.

In: the buffers of Arrow string arrays. Out: words, hashes, blank marks. Row maps.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U8, Int

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)


class Strings(NamedTuple):
    """`m` strings as Arrow holds them: string `i` is `data[offset[i] : offset[i + 1]]`, where it is given."""

    data: U8
    offset: I32
    """m + 1, counted from the beginning of `data`"""
    valid: U8
    """bitmap, the lowest bit of a byte first, 0: null; empty: all are given"""
    first_bit: Int
    """where the bit of string 0 stands in `valid`"""


@kernel
def is_null(valid: U8, bit: Int) -> bool:
    """Tell whether the row with this bit is null."""
    at = np.uint64(bit)
    return bool(
        valid.size > 0 and (valid[at >> np.uint64(3)] >> np.uint8(at & np.uint64(7))) & np.uint8(1) == 0
    )


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
    data, offset, valid, first_bit = strings
    count = 0
    for i in range(blank.size):
        begin, end = np.int64(offset[i]), np.int64(offset[i + 1])
        blank[i] = 0
        if is_dark(data, begin, end) or is_null(valid, first_bit + i):
            continue
        if is_blank(data, begin, end):
            blank[i] = 1
            count += 1
    return count


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
