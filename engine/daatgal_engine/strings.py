"""Arrow strings as bytes: hashing, blanks, and numbering of repeated values.

In: the buffers of Arrow string arrays. Out: hashes, blank marks, codes by first appearance. Row maps (`encode` also
keeps a table of the values seen so far).
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U8, U64

_PRIME_1 = np.uint64(0x9E3779B185EBCA87)
_PRIME_2 = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME_3 = np.uint64(0x165667B19E3779F9)
_PRIME_4 = np.uint64(0x85EBCA77C2B2AE63)
_PRIME_5 = np.uint64(0x27D4EB2F165667C5)
_FIRST_SLOTS = 1024


class Strings(NamedTuple):
    """`m` strings as Arrow holds them: string `i` is `data[offset[i] : offset[i + 1]]`, where it is valid."""

    data: U8
    offset: I32
    """m + 1, counted from the beginning of `data`"""
    valid_bits: U8
    """bit `first_bit + i` is 1 where string `i` is given; empty: all are"""
    first_bit: int


@kernel
def is_given(strings: Strings, i: int) -> bool:
    """Tell whether string `i` is not null."""
    if strings.valid_bits.size == 0:
        return True
    bit = strings.first_bit + i
    return (strings.valid_bits[bit >> 3] >> (bit & 7)) & 1 == 1


@kernel
def _word(data: U8, begin: int) -> np.uint64:
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
def _half_word(data: U8, begin: int) -> np.uint64:
    """Four bytes from `begin` as one little-endian word."""
    at = np.uint64(begin)
    return (
        np.uint64(data[at])
        | np.uint64(data[at + np.uint64(1)]) << np.uint64(8)
        | np.uint64(data[at + np.uint64(2)]) << np.uint64(16)
        | np.uint64(data[at + np.uint64(3)]) << np.uint64(24)
    )


@kernel
def _mixed(state: np.uint64, word: np.uint64) -> np.uint64:
    """One round: multiply, rotate, multiply."""
    word = word * _PRIME_2
    word = (word << np.uint64(31)) | (word >> np.uint64(33))
    state = state ^ (word * _PRIME_1)
    state = (state << np.uint64(27)) | (state >> np.uint64(37))
    return state * _PRIME_1 + _PRIME_4


@kernel
def hash_bytes(data: U8, begin: int, end: int) -> np.uint64:
    """Hash `data[begin:end]`: eight-byte words, the last one overlapping, then an avalanche of the bits.

    The hash decides buckets that outlive a run, so it never changes.
    """
    length = end - begin
    state = np.uint64(length) * _PRIME_3 + _PRIME_5
    if length >= 8:
        at = begin
        while at + 8 < end:
            state = _mixed(state, _word(data, at))
            at += 8
        state = _mixed(state, _word(data, end - 8))
    elif length >= 4:
        state = _mixed(state, _half_word(data, begin) | _half_word(data, end - 4) << np.uint64(32))
    elif length > 0:
        first, middle, last = data[begin], data[begin + (length >> 1)], data[end - 1]
        state = _mixed(
            state, np.uint64(first) | np.uint64(middle) << np.uint64(8) | np.uint64(last) << np.uint64(16)
        )
    state = (state ^ (state >> np.uint64(33))) * _PRIME_2
    state = (state ^ (state >> np.uint64(29))) * _PRIME_3
    return state ^ (state >> np.uint64(32))


@kernel
def equal_bytes(left: U8, left_begin: int, right: U8, right_begin: int, length: int) -> bool:
    """Tell whether two runs of `length` bytes are the same."""
    k = 0
    while k < length and left[left_begin + k] == right[right_begin + k]:
        k += 1
    return k == length


@kernel
def space_width(data: U8, at: int, end: int) -> int:
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
def is_blank(data: U8, begin: int, end: int) -> bool:
    """Tell whether nothing but white space stands in `data[begin:end]`."""
    at = begin
    while at < end:
        width = space_width(data, at, end)
        if width == 0:
            return False
        at += width
    return True


@kernel
def mark_blanks(strings: Strings, blank: U8) -> int:
    """Write 1 where a given string is empty or blank, else 0; return how many are."""
    count = 0
    for i in range(blank.size):
        blank[i] = 0
        if is_given(strings, i) and is_blank(strings.data, strings.offset[i], strings.offset[i + 1]):
            blank[i] = 1
            count += 1
    return count


@kernel
def _spread(hashes: U64, count: int, slots: I32) -> None:
    """Enter the first `count` values into an empty table."""
    mask = np.uint64(slots.size - 1)
    for code in range(count):
        slot = hashes[code] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = code


@kernel
def encode(strings: Strings, codes: I32) -> I64:
    """Number the distinct strings by first appearance.

    Writes: codes int32[m], -1 where null. Returns: int64[k], the first row of each of the k distinct strings.
    """
    data, offset = strings.data, strings.offset
    slots = np.full(_FIRST_SLOTS, -1, np.int32)
    hashes = np.empty(_FIRST_SLOTS // 2, np.uint64)
    first = np.empty(_FIRST_SLOTS // 2, np.int64)
    count = 0
    for i in range(codes.size):
        if not is_given(strings, i):
            codes[i] = -1
            continue
        begin, end = offset[i], offset[i + 1]
        key = hash_bytes(data, begin, end)
        mask = np.uint64(slots.size - 1)
        slot = key & mask
        code = slots[slot]
        while code >= 0:
            other = first[code]
            if (
                hashes[code] == key
                and offset[other + 1] - offset[other] == end - begin
                and equal_bytes(data, begin, data, offset[other], end - begin)
            ):
                break
            slot = (slot + np.uint64(1)) & mask
            code = slots[slot]
        if code < 0:
            if count == first.size:
                hashes = np.concatenate((hashes, np.empty(count, np.uint64)))
                first = np.concatenate((first, np.empty(count, np.int64)))
                slots = np.full(slots.size * 2, -1, np.int32)
                _spread(hashes, count, slots)
                mask = np.uint64(slots.size - 1)
                slot = key & mask
                while slots[slot] >= 0:
                    slot = (slot + np.uint64(1)) & mask
            code = np.int32(count)
            slots[slot] = code
            hashes[count] = key
            first[count] = i
            count += 1
        codes[i] = code
    return first[:count].copy()


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
