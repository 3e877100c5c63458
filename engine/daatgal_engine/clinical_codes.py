"""Diagnosis and procedure codes as integers whose order is the order of the codes.

In: strings. Out: ICD-10 codes in eight bytes, ICD-9-CM volume 3 codes in four; lists of them per claim. Row maps.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, U8, U32, U64
from daatgal_engine.strings import Strings, is_blank, is_dark, space_width

MALFORMED = 0
"""A packed code that is not well formed. No well-formed code packs to this or to NOT_GIVEN."""
NOT_GIVEN = 1
"""A packed null or blank."""


@kernel
def pack_icd10(strings: Strings, out: U64) -> None:
    """Pack ICD-10 codes: `[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}` once dots and white space are gone and case is upper.

    Writes: out uint64[m], the characters left-justified, the first the most significant; MALFORMED; NOT_GIVEN.
    """
    data, offset, given = strings
    for i in range(out.size):
        at, end = np.int64(offset[i]), np.int64(offset[i + 1])
        if (given.size > 0 and given[i] == 0) or (not is_dark(data, at, end) and is_blank(data, at, end)):
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
def pack_procedure(strings: Strings, out: U32) -> None:
    """Pack ICD-9-CM volume 3 codes: `[0-9]{2,4}` once dots and white space are gone.

    Writes: out uint32[m], the digits left-justified, the first the most significant; MALFORMED; NOT_GIVEN.
    """
    data, offset, given = strings
    for i in range(out.size):
        at, end = np.int64(offset[i]), np.int64(offset[i + 1])
        if (given.size > 0 and given[i] == 0) or (not is_dark(data, at, end) and is_blank(data, at, end)):
            out[i] = NOT_GIVEN
            continue
        packed, length, good = np.uint32(0), 0, True
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
            packed = packed << np.uint32(8) | np.uint32(byte)
            length += 1
            at += 1
        if good and length >= 2:
            out[i] = packed << np.uint32(8 * (4 - length))
        else:
            out[i] = MALFORMED


@kernel
def collect_secondary(list_offset: I64, packed: U64, count: I64, malformed: U8) -> int:
    """Keep the well-formed codes of each list, in order, at the front of `packed` itself.

    Reads: list_offset int64[m + 1], counted within `packed`. Writes: packed, in place; count int64[m]; malformed
    uint8[m], set to 1 where a code was dropped. Returns how many codes are kept.
    """
    kept = 0
    for i in range(count.size):
        before = kept
        for k in range(list_offset[i], list_offset[i + 1]):
            code = packed[k]
            if code == MALFORMED:
                malformed[i] = 1
            elif code != NOT_GIVEN:
                packed[kept] = code
                kept += 1
        count[i] = kept - before
    return kept


@kernel
def collect_procedures(list_offset: I64, packed: U32, count: I64, malformed: U8) -> int:
    """Keep the distinct well-formed codes of each list, ascending, at the front of `packed` itself.

    As `collect_secondary`; a list is sorted by insertion, since it is short.
    """
    kept = 0
    for i in range(count.size):
        before = kept
        for k in range(list_offset[i], list_offset[i + 1]):
            code = packed[k]
            if code == MALFORMED:
                malformed[i] = 1
                continue
            if code == NOT_GIVEN:
                continue
            place = kept
            while place > before and packed[place - 1] > code:
                place -= 1
            if place > before and packed[place - 1] == code:
                continue
            for j in range(kept, place, -1):
                packed[j] = packed[j - 1]
            packed[place] = code
            kept += 1
        count[i] = kept - before
    return kept


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
