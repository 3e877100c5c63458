"""From diagnosis to DRG, for the claims whose category alone does not say: part of the row map `price_claims`.

In: a claim's codes, age and sex; the book's ICD segments. Out: the position of its DRG. Source: rules.md §2.3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import DrgMap, Record
from daatgal_engine.calendar import DAY_S, completed_years
from daatgal_engine.columns import (
    I8,
    I32,
    I64,
    NO_CODE,
    NO_DAY,
    SEX_UNKNOWN,
    U32,
    U64,
    ClaimColumns,
    Element,
    Int,
)

NO_POSITION = np.int64(0)
"""Where a price list says NO_DRG."""
NEXT = np.uint64(1)
BYTE = np.uint64(255)
FIRST_SHIFT, SECOND_SHIFT, THIRD_SHIFT = np.uint64(56), np.uint64(48), np.uint64(40)
NINE = np.uint64(ord("9"))
LETTERS_BEHIND_DIGITS = np.uint64(ord("A") - ord("9") - 1)
PER_LETTER, PER_DIGIT = np.uint64(360), np.uint64(36)
A00 = np.uint64(ord("A") * 360 + ord("0") * 36 + ord("0"))


class GroupedBy(NamedTuple):
    """The columns of `ClaimColumns` that a search among candidates reads."""

    start_s: I64
    icd10: U64
    secondary_offset: I64
    secondary: U64
    procedure_offset: I64
    procedure: U32
    sex: I8
    birth_day: I32


def grouped_by(claims: ClaimColumns) -> GroupedBy:
    """The same arrays, fewer of them: kernels compile faster with fewer arguments."""
    return GroupedBy(*(getattr(claims, name) for name in GroupedBy._fields))


@kernel
def category_of(icd10: np.uint64) -> np.uint64:
    """0 … CELLS - 1: the three-character category of a packed, well-formed code."""
    third = (icd10 >> THIRD_SHIFT) & BYTE
    if third > NINE:
        third -= LETTERS_BEHIND_DIGITS
    return (icd10 >> FIRST_SHIFT) * PER_LETTER + ((icd10 >> SECOND_SHIFT) & BYTE) * PER_DIGIT + third - A00


@kernel
def any_begins(codes: U64, begin: Int, end: Int, prefix: np.uint64, mask: np.uint64) -> bool:
    """Whether any of the packed diagnoses `codes[begin:end]` begins with `prefix`."""
    for i in range(begin, end):  # noqa: SIM110 - any() of a generator does not compile
        if codes[i] & mask == prefix:
            return True
    return False


@kernel
def any_procedure_begins(codes: U32, begin: Int, end: Int, prefix: np.uint32, mask: np.uint32) -> bool:
    """Whether any of the packed procedures `codes[begin:end]` begins with `prefix`."""
    for i in range(begin, end):  # noqa: SIM110 - any() of a generator does not compile
        if codes[i] & mask == prefix:
            return True
    return False


@kernel
def fits_person(candidate: Record, sex: Int, start_s: Int, birth_day: Int) -> bool:
    """Whether age and sex are within a row's bounds; unknown ones meet only rows that ask for none."""
    if candidate.sex != SEX_UNKNOWN and candidate.sex != sex:
        return False
    if candidate.asks_age == 0:
        return True
    start_day = start_s // DAY_S
    if birth_day == NO_DAY or birth_day > start_day:
        return False
    return candidate.age_from <= completed_years(birth_day, start_day) <= candidate.age_to


@kernel
def search_candidates(
    drg_map: DrgMap, claims: GroupedBy, row: np.uint64, here: np.uint64, claimed_drg: Element
) -> Int:
    """The position of the claimed DRG if it is a candidate, else of the most preferred candidate; NO_POSITION.

    `here` is the place of the claim's category in the map in force. What a claim seldom has is asked for first.
    """
    segments, candidates = drg_map.segment, drg_map.candidate
    segment = np.int64(drg_map.segment_of[here])
    while segments[segment + 1].lower <= claims.icd10[row]:
        segment += 1
    procedure_begin, procedure_end = claims.procedure_offset[row], claims.procedure_offset[row + NEXT]
    chosen = NO_POSITION
    for k in range(segments[segment].begin, segments[segment].end):
        candidate = candidates[k]
        if chosen != NO_POSITION and candidate.drg != claimed_drg:
            continue
        if candidate.procedure_mask != 0 and not any_procedure_begins(
            claims.procedure, procedure_begin, procedure_end, candidate.procedure, candidate.procedure_mask
        ):
            continue
        if not fits_person(candidate, claims.sex[row], claims.start_s[row], claims.birth_day[row]):
            continue
        if candidate.paired_mask != 0 and not any_begins(
            claims.secondary,
            claims.secondary_offset[row],
            claims.secondary_offset[row + NEXT],
            candidate.paired,
            candidate.paired_mask,
        ):
            continue
        chosen = np.int64(candidate.position)
        if claimed_drg == NO_CODE or candidate.drg == claimed_drg:
            break
    return chosen
