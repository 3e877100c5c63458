"""From diagnosis to DRG: a row map.

In: a claim's care type, codes, age and sex; the book's ICD segments. Out: the DRG of each claim. Source: rules.md §2.3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import DrgMap, Record, Records
from daatgal_engine.calendar import DAY_S, completed_years
from daatgal_engine.columns import (
    I8,
    I16,
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

AGE_UNKNOWN = -1_001


class GroupedBy(NamedTuple):
    """The columns of `ClaimColumns` that grouping reads."""

    start_s: I64
    care_type: I16
    icd10: U64
    secondary_offset: I64
    secondary: U64
    procedure_offset: I64
    procedure: U32
    claimed_drg: I32
    sex: I8
    birth_day: I32


def grouped_by(claims: ClaimColumns) -> GroupedBy:
    """The same arrays, fewer of them: kernels compile faster with fewer arguments."""
    return GroupedBy(*(getattr(claims, name) for name in GroupedBy._fields))


@kernel
def category_of(icd10: np.uint64) -> Int:
    """0 … CELLS - 1: the three-character category of a packed, well-formed code."""
    letter = np.int64(icd10 >> np.uint64(56)) - 65
    digit = np.int64((icd10 >> np.uint64(48)) & np.uint64(255)) - 48
    third = np.int64((icd10 >> np.uint64(40)) & np.uint64(255))
    third = third - 48 if third < 58 else third - 55
    return (letter * 10 + digit) * 36 + third


@kernel
def completed_age(start_s: int, birth_day: int) -> Int:
    """Completed years on the start day; AGE_UNKNOWN without a birth date or with one after the start."""
    start_day = start_s // DAY_S
    if birth_day == NO_DAY or birth_day > start_day:
        return AGE_UNKNOWN
    return completed_years(birth_day, start_day)


@kernel
def any_begins(codes: U64, begin: int, end: int, prefix: np.uint64, mask: np.uint64) -> bool:
    """Whether any of the packed diagnoses `codes[begin:end]` begins with `prefix`."""
    for i in range(begin, end):  # noqa: SIM110 - any() of a generator does not compile
        if codes[i] & mask == prefix:
            return True
    return False


@kernel
def any_procedure_begins(codes: U32, begin: int, end: int, prefix: np.uint32, mask: np.uint32) -> bool:
    """Whether any of the packed procedures `codes[begin:end]` begins with `prefix`."""
    for i in range(begin, end):  # noqa: SIM110 - any() of a generator does not compile
        if codes[i] & mask == prefix:
            return True
    return False


@kernel
def fits_person(candidate: Record, sex: int, start_s: int, birth_day: int) -> bool:
    """Whether age and sex are within a row's bounds; unknown ones meet only rows that ask for none."""
    if candidate.sex != SEX_UNKNOWN and candidate.sex != sex:
        return False
    if candidate.asks_age == 0:
        return True
    age = completed_age(start_s, birth_day)
    return age != AGE_UNKNOWN and candidate.age_from <= age <= candidate.age_to


@kernel
def group_claims(drg_map: DrgMap, claims: GroupedBy, place: Records, priced: Records) -> None:
    """Write the DRG of each standing claim that no item prices.

    The claimed DRG if it is a candidate, else the most preferred candidate; NO_CODE where there is none.
    """
    cell, segments, candidates = drg_map.cell, drg_map.segment, drg_map.candidate
    icd10, claimed_drg, care_type = claims.icd10, claims.claimed_drg, claims.care_type
    procedure, procedure_at = claims.procedure, claims.procedure_offset
    secondary, secondary_at = claims.secondary, claims.secondary_offset
    for row in range(place.size):
        if place[row].standing == 0 or priced[row].by_item != 0:
            continue
        map_index = drg_map.map_of[place[row].epoch, care_type[row]]
        if map_index < 0:
            continue
        category = category_of(icd10[row])
        segment = cell[map_index, category, 1]
        while segment > cell[map_index, category, 0] and segments[segment].lower > icd10[row]:
            segment -= 1
        claimed = claimed_drg[row]
        chosen = np.int32(NO_CODE)
        for k in range(segments[segment].begin, segments[segment].end):
            candidate = candidates[k]
            if chosen != NO_CODE and candidate.drg != claimed:
                continue
            if not fits_person(candidate, claims.sex[row], claims.start_s[row], claims.birth_day[row]):
                continue
            if candidate.procedure_mask != 0 and not any_procedure_begins(
                procedure,
                procedure_at[row],
                procedure_at[row + 1],
                candidate.procedure,
                candidate.procedure_mask,
            ):
                continue
            if candidate.paired_mask != 0 and not any_begins(
                secondary, secondary_at[row], secondary_at[row + 1], candidate.paired, candidate.paired_mask
            ):
                continue
            chosen = candidate.drg
            if chosen == claimed or claimed == NO_CODE:
                break
        priced[row].drg = chosen
