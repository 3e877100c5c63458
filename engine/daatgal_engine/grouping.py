"""From diagnosis to DRG: part of the row map `price_claims`.

In: a claim's codes, age and sex; the book's ICD segments. Out: the position of its DRG among a care type's prices.
Source: rules.md §2.3.
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
    Int,
)

AGE_UNKNOWN = np.int64(-1)
NO_POSITION = np.int64(0)
"""Where a price list says NO_DRG."""
NEXT = np.uint64(1)
BYTE = np.uint64(255)
FIRST_SHIFT, SECOND_SHIFT, THIRD_SHIFT = np.uint64(56), np.uint64(48), np.uint64(40)
NINE = np.uint64(ord("9"))
LETTERS_BEHIND_DIGITS = np.uint64(ord("A") - ord("9") - 1)
PER_THIRD, PER_LETTER = np.uint64(260), np.uint64(10)
A00 = np.uint64(ord("0") * 260 + ord("A") * 10 + ord("0"))


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
    """0 … CELLS - 1: the three-character category of a packed, well-formed code, by its third character first.

    Nearly all third characters are digits, so that the categories in use stand close together.
    """
    third = (icd10 >> THIRD_SHIFT) & BYTE
    if third > NINE:
        third -= LETTERS_BEHIND_DIGITS
    return third * PER_THIRD + (icd10 >> FIRST_SHIFT) * PER_LETTER + ((icd10 >> SECOND_SHIFT) & BYTE) - A00


@kernel
def known_age(start_s: Int, birth_day: Int) -> Int:
    """Completed years on the start day; AGE_UNKNOWN without a birth date or with one after the start."""
    start_day = start_s // DAY_S
    if birth_day == NO_DAY or birth_day > start_day:
        return AGE_UNKNOWN
    return completed_years(birth_day, start_day)


@kernel
def fits_person(candidate: Record, sex: Int, age: Int) -> bool:
    """Whether age and sex are within a row's bounds; unknown ones meet only rows that ask for none."""
    fits_sex = (candidate.sex == SEX_UNKNOWN) | (candidate.sex == sex)
    fits_age = (age != AGE_UNKNOWN) & (candidate.age_from <= age) & (age <= candidate.age_to)
    return fits_sex & (fits_age | (candidate.asks_age == 0))


@kernel
def search_candidates(
    drg_map: DrgMap, claims: GroupedBy, row: np.uint64, here: np.uint64, claimed_drg: Int
) -> Int:
    """The position of the claimed DRG if it is a candidate, else of the most preferred candidate; NO_POSITION.

    `here` is the place of the claim's category in the map in force. Codes are compared in place: an array handed on to
    another kernel is counted in and out, which costs as much as a look-up.
    """
    segments, candidates = drg_map.segment, drg_map.candidate
    secondary, secondary_at = claims.secondary, claims.secondary_offset
    procedure, procedure_at = claims.procedure, claims.procedure_offset
    segment = np.int64(drg_map.segment_of[here])
    while segments[segment + 1].lower <= claims.icd10[row]:
        segment += 1
    sex, age = np.int64(claims.sex[row]), known_age(claims.start_s[row], np.int64(claims.birth_day[row]))
    chosen = NO_POSITION
    for k in range(segments[segment].begin, segments[segment].end):
        candidate = candidates[k]
        if chosen != NO_POSITION and candidate.drg != claimed_drg:
            continue
        if not fits_person(candidate, sex, age):
            continue
        meets = candidate.procedure_mask == 0
        for j in range(procedure_at[row], procedure_at[row + NEXT]):
            if procedure[j] & candidate.procedure_mask == candidate.procedure:
                meets = True
                break
        if meets and candidate.paired_mask != 0:
            meets = False
            for j in range(secondary_at[row], secondary_at[row + NEXT]):
                if secondary[j] & candidate.paired_mask == candidate.paired:
                    meets = True
                    break
        if meets:
            chosen = np.int64(candidate.position)
            if claimed_drg == NO_CODE or candidate.drg == claimed_drg:
                break
    return chosen
