"""From diagnosis to DRG: a row map.

In: a claim's care type, codes, age and sex; the book's ICD segments. Out: the DRG and whether the claimed one was
corrected. Source: rules.md §2.3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import DrgMap, Records
from daatgal_engine.calendar import DAY_S, completed_years
from daatgal_engine.columns import I8, I16, I32, I64, NO_CODE, NO_DAY, SEX_UNKNOWN, U8, U32, U64, ClaimColumns

AGE_NOT_COMPUTED = -1_000
AGE_UNKNOWN = -1_001


class CodedClaims(NamedTuple):
    """The columns of `ClaimColumns` that grouping and pricing read."""

    start_s: I64
    care_type: I16
    service: I32
    icd10: U64
    secondary_offset: I64
    secondary: U64
    procedure_offset: I64
    procedure: U32
    claimed_drg: I32
    quantity: I32
    billed_mnt: I64
    sex: I8
    birth_day: I32
    exemption: I16
    ignored: U8


def coded(claims: ClaimColumns) -> CodedClaims:
    """The same arrays, fewer of them: kernels compile faster with fewer arguments."""
    return CodedClaims(*(getattr(claims, name) for name in CodedClaims._fields))


@kernel
def category_of(icd10: np.uint64) -> int:
    """0 … CELLS - 1: the three-character category of a packed, well-formed code."""
    letter = np.int64(icd10 >> np.uint64(56)) - 65
    digit = np.int64((icd10 >> np.uint64(48)) & np.uint64(255)) - 48
    third = np.int64((icd10 >> np.uint64(40)) & np.uint64(255))
    third = third - 48 if third < 58 else third - 55
    return (letter * 10 + digit) * 36 + third


@kernel
def segment_of(drg_map: DrgMap, map_index: int, icd10: np.uint64) -> int:
    """The segment that holds `icd10`: the last that touches its category and begins at or below it."""
    category = category_of(icd10)
    first = drg_map.cell[map_index, category, 0]
    segment = drg_map.cell[map_index, category, 1]
    while segment > first and drg_map.segment.lower[segment] > icd10:
        segment -= 1
    return segment


@kernel
def age_of(claims: CodedClaims, row: int) -> int:
    """Completed years on the start day; AGE_UNKNOWN without a birth date or with one after the start."""
    start_day = claims.start_s[row] // DAY_S
    birth_day = np.int64(claims.birth_day[row])
    if birth_day == NO_DAY or birth_day > start_day:
        return AGE_UNKNOWN
    return completed_years(birth_day, start_day)


@kernel
def has_procedure(claims: CodedClaims, row: int, prefix: np.uint32, mask: np.uint32) -> bool:
    """Whether any procedure of the claim begins with `prefix`."""
    for i in range(claims.procedure_offset[row], claims.procedure_offset[row + 1]):
        if claims.procedure[i] & mask == prefix:
            return True
    return False


@kernel
def has_paired(claims: CodedClaims, row: int, prefix: np.uint64, mask: np.uint64) -> bool:
    """Whether any secondary diagnosis of the claim begins with `prefix`."""
    for i in range(claims.secondary_offset[row], claims.secondary_offset[row + 1]):
        if claims.secondary[i] & mask == prefix:
            return True
    return False


@kernel
def admits(candidates: Records, candidate: int, claims: CodedClaims, row: int, age: int) -> bool:
    """Whether a row of the map takes the claim; an unknown age or sex meets only rows that ask for none."""
    if candidates.asks_age[candidate] and (
        age == AGE_UNKNOWN or age < candidates.age_from[candidate] or age > candidates.age_to[candidate]
    ):
        return False
    if candidates.sex[candidate] != SEX_UNKNOWN and candidates.sex[candidate] != claims.sex[row]:
        return False
    mask = candidates.procedure_mask[candidate]
    if mask != 0 and not has_procedure(claims, row, candidates.procedure[candidate], mask):
        return False
    paired_mask = candidates.paired_mask[candidate]
    return paired_mask == 0 or has_paired(claims, row, candidates.paired[candidate], paired_mask)


@kernel
def group(drg_map: DrgMap, map_index: int, claims: CodedClaims, row: int) -> int:
    """The DRG of a claim: the claimed one if it is a candidate, else the most preferred; NO_CODE without candidates."""
    segment = segment_of(drg_map, map_index, claims.icd10[row])
    claimed = claims.claimed_drg[row]
    age = AGE_NOT_COMPUTED
    chosen = NO_CODE
    for candidate in range(drg_map.segment.begin[segment], drg_map.segment.end[segment]):
        drg = drg_map.candidate.drg[candidate]
        if chosen != NO_CODE and drg != claimed:
            continue
        if age == AGE_NOT_COMPUTED and drg_map.candidate.asks_age[candidate]:
            age = age_of(claims, row)
        if not admits(drg_map.candidate, candidate, claims, row, age):
            continue
        if drg == claimed or claimed == NO_CODE:
            return drg
        if chosen == NO_CODE:
            chosen = drg
    return chosen
