"""Diagnosis and procedure codes as integers whose order is the order of the codes.

In: strings, lists of strings. Out: ICD-10 codes in eight bytes, ICD-9-CM volume 3 codes in four; lists of them per
claim. Row maps.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U8, U32, U64, Int
from daatgal_engine.strings import Strings, is_blank, is_dark, is_null, space_width

MALFORMED = 0
"""A packed code that is not well formed. No well-formed code packs to this or to NOT_GIVEN."""
NOT_GIVEN = 1
"""A packed null or blank."""


class Lists(NamedTuple):
    """`m` lists of packed codes, laid out as Arrow does: list `i` is `packed[begin[i] : begin[i + 1]]`."""

    begin: I32
    """m + 1; `first` is taken off it"""
    first: Int
    """what `begin` counts before the first of `packed`"""
    valid: U8
    """bitmap, as in `Strings`"""
    first_bit: Int
    packed: U64


@kernel
def pack_icd10(strings: Strings, out: U64) -> None:
    """Pack ICD-10 codes: `[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}` once dots and white space are gone and case is upper.

    Writes: out uint64[m], the characters left-justified, the first the most significant; MALFORMED; NOT_GIVEN.
    """
    data, offset, valid, first_bit = strings
    for i in range(out.size):
        at, end = np.int64(offset[i]), np.int64(offset[i + 1])
        if is_null(valid, first_bit + i) or (not is_dark(data, at, end) and is_blank(data, at, end)):
            out[i] = NOT_GIVEN
            continue
        packed, length, good = np.uint64(0), 0, True
        while at < end and good:
            byte = data[np.uint64(at)]
            if byte == 0x2E:
                at += 1
                continue
            if byte <= 0x20 or byte >= 0x80:
                width = space_width(data, at, end)
                at += width
                good = width > 0
                continue
            if 0x61 <= byte <= 0x7A:
                byte -= np.uint8(0x20)
            is_digit, is_letter = 0x30 <= byte <= 0x39, 0x41 <= byte <= 0x5A
            good = length < 7 and (
                is_letter if length == 0 else is_digit if length == 1 else is_digit or is_letter
            )
            packed = packed << np.uint64(8) | np.uint64(byte)
            length += 1
            at += 1
        if good and length >= 3:
            out[i] = packed << np.uint64(8 * (8 - length))
        else:
            out[i] = MALFORMED


@kernel
def pack_procedure(strings: Strings, out: U64) -> None:
    """Pack ICD-9-CM volume 3 codes: `[0-9]{2,4}` once dots and white space are gone.

    Writes: out uint64[m], the digits left-justified in four bytes, the first the most significant; MALFORMED;
    NOT_GIVEN.
    """
    data, offset, valid, first_bit = strings
    for i in range(out.size):
        at, end = np.int64(offset[i]), np.int64(offset[i + 1])
        if is_null(valid, first_bit + i) or (not is_dark(data, at, end) and is_blank(data, at, end)):
            out[i] = NOT_GIVEN
            continue
        packed, length, good = np.uint64(0), 0, True
        while at < end and good:
            byte = data[np.uint64(at)]
            if byte == 0x2E:
                at += 1
                continue
            if byte <= 0x20 or byte >= 0x80:
                width = space_width(data, at, end)
                at += width
                good = width > 0
                continue
            good = length < 4 and 0x30 <= byte <= 0x39
            packed = packed << np.uint64(8) | np.uint64(byte)
            length += 1
            at += 1
        if good and length >= 2:
            out[i] = packed << np.uint64(8 * (4 - length))
        else:
            out[i] = MALFORMED


@kernel
def collect_codes(lists: Lists, offset: I64, codes: U64, malformed: U8) -> None:
    """Keep the well-formed codes of each list, in order, at the front of `codes`.

    Reads: offset[0], what the lists before hold. Writes: offset int64[m + 1]; codes; malformed uint8[m], set to 1 where
    a code was dropped that is neither null nor blank.
    """
    begin, first, valid, first_bit, packed = lists
    before, kept = offset[0], 0
    for i in range(malformed.size):
        if not is_null(valid, first_bit + i):
            for k in range(begin[i] - first, begin[i + 1] - first):
                code = packed[k]
                if code == MALFORMED:
                    malformed[i] = 1
                elif code != NOT_GIVEN:
                    codes[kept] = code
                    kept += 1
        offset[i + 1] = before + kept


@kernel
def sort_procedures(offset: I64, codes: U64, procedures: U32) -> None:
    """Give the distinct codes of each list, ascending, in `procedures`; `offset` int64[m + 1] becomes theirs.

    A list is sorted by insertion, since it is short.
    """
    kept, end = 0, offset[0]
    for i in range(offset.size - 1):
        before, begin, end = kept, end, offset[i + 1]
        for k in range(begin, end):
            code = np.uint32(codes[k])
            place = kept
            while place > before and procedures[place - 1] > code:
                place -= 1
            if place > before and procedures[place - 1] == code:
                continue
            for j in range(kept, place, -1):
                procedures[j] = procedures[j - 1]
            procedures[place] = code
            kept += 1
        offset[i + 1] = kept


@kernel
def lists_differ(offset: I64, codes: U64, other_offset: I64, other_codes: U64, differs: U8) -> None:
    """Set `differs` uint8[m] to 1 where list `i` is not the other list `i`."""
    for i in range(differs.size):
        begin, other = offset[i], other_offset[i]
        length = offset[i + 1] - begin
        same = other_offset[i + 1] - other == length
        j = 0
        while same and j < length:
            same = codes[begin + j] == other_codes[other + j]
            j += 1
        differs[i] = 0 if same else 1


@kernel
def gather_lists(offset: I64, codes: U64, rows: I64, taken_offset: I64, taken: U64) -> None:
    """Copy the lists of the given rows; `taken_offset` int64[rows + 1] says where each begins in `taken`."""
    for k in range(rows.size):
        begin = offset[rows[k]]
        for j in range(taken_offset[k + 1] - taken_offset[k]):
            taken[taken_offset[k] + j] = codes[begin + j]
