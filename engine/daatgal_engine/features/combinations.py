"""What claims are looked up by, packed into keys; and what was found, handed back to the claims. Row maps.

In: codes of claims, the rows asked for. Out: a key for each row, or the float32 value of each row's key.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S, completed_years
from daatgal_engine.columns import F32, FIRST_DAY, I8, I32, I64, NO_DAY, U32, U64, Element
from daatgal_engine.features.keys import NO_KEY

PLACE_BITS, LEVEL_BITS = 28, 8
HALF_BITS = 32
CATEGORY_SHIFT = np.uint64(40)
"""Of a packed ICD-10 code, so that its first three characters are left."""
SEX_BITS = 2
DAYS_OF_400_YEARS = 146_097
NO_PROCEDURE = np.uint32(0)


class Places(NamedTuple):
    """Where `n` claims belong: codes, -1 where null."""

    facility: I32
    group: I32
    family: I32
    region: I32
    level: I8


class Patients(NamedTuple):
    """Of `n` claims, what rarity reads."""

    icd10: U64
    start_s: I64
    birth_day: I32
    """NO_DAY: unknown"""
    sex: I8


@kernel
def cell_keys(rows: I64, places: Places, out: U64) -> None:
    """28 bits of group, 8 of facility level, 28 of region."""
    for i in range(out.size):
        row = rows[i]
        group, level = np.uint64(places.group[row]), np.uint64(places.level[row])
        out[i] = (group << np.uint64(LEVEL_BITS) | level) << np.uint64(PLACE_BITS) | np.uint64(
            places.region[row]
        )


@kernel
def group_and_facility_keys(rows: I64, places: Places, out: U64) -> None:
    """32 bits of facility, 32 of group."""
    for i in range(out.size):
        row = rows[i]
        out[i] = np.uint64(places.facility[row]) << np.uint64(HALF_BITS) | np.uint64(places.group[row])


@kernel
def family_keys(rows: I64, places: Places, gross_mnt: I64, out: U64) -> None:
    """28 bits of family, 8 of facility level, 28 of facility. NO_KEY: the claim has no family, or no price."""
    for i in range(out.size):
        row = rows[i]
        out[i] = NO_KEY
        if places.family[row] >= 0 and gross_mnt[row] > 0:
            family, level = np.uint64(places.family[row]), np.uint64(places.level[row])
            out[i] = (family << np.uint64(LEVEL_BITS) | level) << np.uint64(PLACE_BITS) | np.uint64(
                places.facility[row]
            )


@kernel
def month_keys(rows: I64, facility: I32, start_s: I64, month_by_day: I32, out: U64) -> None:
    """32 bits of facility, 32 of the month of the start."""
    for i in range(out.size):
        row = rows[i]
        month = month_by_day[start_s[row] // DAY_S - FIRST_DAY]
        out[i] = np.uint64(facility[row]) << np.uint64(HALF_BITS) | np.uint64(month)


@kernel
def years_between(birth_day: Element, day: Element) -> Element:
    """Completed years. Dates are only looked at within four days of a birthday: no count of years is further off its
    average length."""
    days = np.int64(day) - birth_day
    least = (days - 4) * 400 // DAYS_OF_400_YEARS
    if least == (days + 4) * 400 // DAYS_OF_400_YEARS:
        return least
    return completed_years(birth_day, day)


@kernel
def people_keys(rows: I64, patients: Patients, band_of_age: I8, out: U64) -> None:
    """32 bits of ICD-10 category, then the band of age plus one, 2 bits of sex. Ages above the last are of its band."""
    oldest = band_of_age.size - 1
    for i in range(out.size):
        row = rows[i]
        birth_day, band = patients.birth_day[row], 0
        if birth_day != NO_DAY:
            age = years_between(birth_day, patients.start_s[row] // DAY_S)
            band = band_of_age[min(max(age, 0), oldest)] + 1
        person = np.uint64(band) << np.uint64(SEX_BITS) | np.uint64(patients.sex[row])
        out[i] = patients.icd10[row] >> CATEGORY_SHIFT << np.uint64(HALF_BITS) | person


@kernel
def list_procedures(rows: I64, offset: I64, out: I64) -> None:
    """Where the procedures of each row begin, end to end, an empty list being as long as one. Writes: int64[m + 1]."""
    out[0] = 0
    for i in range(rows.size):
        out[i + 1] = out[i] + max(offset[rows[i] + 1] - offset[rows[i]], 1)


@kernel
def procedure_keys(rows: I64, icd10: U64, offset: I64, procedure: U32, out: U64) -> None:
    """32 bits of ICD-10 category, 32 of procedure, for each procedure; NO_PROCEDURE for an empty list."""
    at = 0
    for i in range(rows.size):
        row = rows[i]
        category = icd10[row] >> CATEGORY_SHIFT << np.uint64(HALF_BITS)
        begin, end = offset[row], offset[row + 1]
        if begin == end:
            out[at] = category | np.uint64(NO_PROCEDURE)
            at += 1
        for k in range(begin, end):
            out[at] = category | np.uint64(procedure[k])
            at += 1


@kernel
def hand_back(values: F32, numbers: I32, out: F32) -> None:
    """out[i] = values[numbers[i]]"""
    for i in range(out.size):
        out[i] = values[numbers[i]]


@kernel
def of_facilities(values: F32, facility: I32, rows: I64, out: F32) -> None:
    """out[i] = values[facility[rows[i]]]"""
    for i in range(out.size):
        out[i] = values[facility[rows[i]]]


@kernel
def greatest(values: F32, numbers: I32, offset: I64, out: F32) -> None:
    """out[i] = the greatest of the values of `numbers[offset[i] : offset[i + 1]]`, which are never none."""
    for i in range(out.size):
        out[i] = values[numbers[offset[i]]]
        for k in range(offset[i] + 1, offset[i + 1]):
            out[i] = max(out[i], values[numbers[k]])


@kernel
def where_dear(amounts: tuple[I64, I64], usual_mnt: I64, values: F32, numbers: I32, out: F32) -> None:
    """The value of the number where an amount, `amounts[1][amounts[0][i]]`, is above what is usual; else 0."""
    rows, gross_mnt = amounts
    for i in range(out.size):
        number = numbers[i]
        out[i] = values[number] if gross_mnt[rows[i]] > usual_mnt[number] else 0.0
