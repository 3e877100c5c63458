"""What the codes of a claim mean, and which values a claim may not have.

In: codes and values of each row as read, what each code means. Out: meanings, what was ignored, fault bits. Row maps.
Source: contract, quarantine codes.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.clinical_codes import NOT_GIVEN
from daatgal_engine.columns import (
    FIRST_DAY,
    I8,
    I16,
    I32,
    I64,
    LAST_DAY,
    MESSAGE_CANCELLATION,
    MESSAGE_ORIGINAL,
    NO_CODE,
    NO_DAY,
    SEX_UNKNOWN,
    U8,
    U64,
    ZERO,
    Element,
    Int,
)
from daatgal_engine.written_values import ABSENT

START_OUT_OF_RANGE = np.uint64(1 << 0)
END_OUT_OF_RANGE = np.uint64(1 << 1)
SUBMITTED_OUT_OF_RANGE = np.uint64(1 << 2)
END_BEFORE_START = np.uint64(1 << 3)
QUANTITY_NEGATIVE = np.uint64(1 << 4)
BILLED_NEGATIVE = np.uint64(1 << 5)
CARE_TYPE_UNKNOWN = np.uint64(1 << 6)
FACILITY_UNKNOWN = np.uint64(1 << 7)
ICD10_MALFORMED = np.uint64(1 << 8)
MESSAGE_UNKNOWN = np.uint64(1 << 9)
CLAIM_MISSING = np.uint64(1 << 10)
INSURED_MISSING = np.uint64(1 << 11)
FACILITY_MISSING = np.uint64(1 << 12)
CARE_TYPE_MISSING = np.uint64(1 << 13)
ICD10_MISSING = np.uint64(1 << 14)
START_MISSING = np.uint64(1 << 15)
END_MISSING = np.uint64(1 << 16)

UNKNOWN = -2
"""What a text means that is given and in no list; NO_CODE is a null."""
OUTSIDE_LIST = -1
"""The same of sex, test result and message, where a null means something."""
_FIRST_S = FIRST_DAY * 86_400
_AFTER_LAST_S = (LAST_DAY + 1) * 86_400
_FARTHEST_DAY = 2**31 - 1


class Codes(NamedTuple):
    """The repeated text of `m` rows as codes, -1: null."""

    message: I32
    facility: I32
    care_type: I32
    icd10: I32
    claimed_drg: I32
    sex: I32
    exemption: I32
    test_result: I32


class Meanings(NamedTuple):
    """What each code of a column means, the last entry being what a null means; or what each row's code does."""

    message: I8
    facility: I32
    care_type: I16
    icd10: U64
    claimed_drg: I32
    sex: I8
    exemption: I16
    test_result: I8


class Unchecked(NamedTuple):
    """Values of `m` rows as read; times and numbers are ABSENT where null or unreadable."""

    claim_offset: I64
    """m + 1: an id without bytes is null"""
    insured_offset: I64
    start_s: I64
    end_s: I64
    submitted_s: I64
    quantity: I64
    billed_mnt: I64
    birth_day: I64
    secondary_malformed: U8
    procedure_malformed: U8


class Checked(NamedTuple):
    """What the check of `m` rows finds."""

    start_day: I32
    birth_day: I32
    ignored: U8
    faults: U64


class CareTypePeriods(NamedTuple):
    """When each of the book's care types is in force."""

    stay: U8
    """1: priced on the day of the end"""
    offset: I64
    """care types + 1"""
    from_day: I32
    to_day: I32
    """inclusive"""


@kernel
def give_meanings(codes: Codes, meanings: Meanings, given: Meanings) -> None:
    """Write what the codes of each row mean into `given`, m entries each."""
    message, facility, care_type, icd10, claimed_drg, sex, exemption, test_result = codes
    of_message, of_facility, of_care_type, of_icd10, of_drg, of_sex, of_exemption, of_result = meanings
    for i in range(message.size):
        given.message[i] = of_message[message[i]]
        given.facility[i] = of_facility[facility[i]]
        given.care_type[i] = of_care_type[care_type[i]]
        given.icd10[i] = of_icd10[icd10[i]]
        given.claimed_drg[i] = of_drg[claimed_drg[i]]
        given.sex[i] = of_sex[sex[i]]
        given.exemption[i] = of_exemption[exemption[i]]
        given.test_result[i] = of_result[test_result[i]]


@kernel
def _out_of_range(second: Int) -> bool:
    return second != ABSENT and not _FIRST_S <= second < _AFTER_LAST_S


@kernel
def _time_faults(start_s: Int, end_s: Int, submitted_s: Int) -> np.uint64:
    found = np.uint64(0)
    if start_s == ABSENT:
        found |= START_MISSING
    if end_s == ABSENT:
        found |= END_MISSING
    if _out_of_range(start_s):
        found |= START_OUT_OF_RANGE
    if _out_of_range(end_s):
        found |= END_OUT_OF_RANGE
    if _out_of_range(submitted_s):
        found |= SUBMITTED_OUT_OF_RANGE
    if start_s != ABSENT and end_s != ABSENT and end_s < start_s:
        found |= END_BEFORE_START
    return found


@kernel
def _listed_faults(facility: Element, care_type: Element, icd10: Element) -> np.uint64:
    """What a facility, a care type and a diagnosis have against them."""
    found = np.uint64(0)
    if facility < 0:
        found |= FACILITY_MISSING if facility == NO_CODE else FACILITY_UNKNOWN
    if care_type < 0:
        found |= CARE_TYPE_MISSING if care_type == NO_CODE else CARE_TYPE_UNKNOWN
    if icd10 <= NOT_GIVEN:
        found |= ICD10_MISSING if icd10 == NOT_GIVEN else ICD10_MALFORMED
    return found


@kernel
def _number_faults(quantity: Int, billed_mnt: Int) -> np.uint64:
    found = np.uint64(0)
    if ABSENT < quantity < 0:
        found |= QUANTITY_NEGATIVE
    if ABSENT < billed_mnt < 0:
        found |= BILLED_NEGATIVE
    return found


@kernel
def check_claims(rows: Unchecked, given: Meanings, periods: CareTypePeriods, checked: Checked) -> None:
    """Set the faults of each row, and ignore what is not essential. Of a cancellation only its id can be missing.

    Writes: every column of `checked`; in `given`, the value of a null where a text is in no list.
    """
    # Unpacked once: a column taken from its tuple within the loop costs an atomic count.
    claim_offset, insured_offset, start_s, end_s, submitted_s, quantity, billed_mnt = rows[:7]
    birth_day, secondary_malformed, procedure_malformed = rows[7:]
    message, facility, care_type, icd10, _, sex, _, test_result = given
    stay, period_offset, from_day, to_day = periods
    start_day, kept_birth_day, ignored, faults = checked
    for i in range(faults.size):
        day = ZERO
        if start_s[i] != ABSENT:
            day = max(-_FARTHEST_DAY, min(start_s[i] // 86_400, _FARTHEST_DAY))
        start_day[i] = day
        born_later = birth_day[i] != ABSENT and birth_day[i] > day
        kept_birth_day[i] = NO_DAY if born_later or birth_day[i] == ABSENT else birth_day[i]
        drops = born_later or sex[i] == OUTSIDE_LIST or test_result[i] == OUTSIDE_LIST
        drops = drops or secondary_malformed[i] == 1 or procedure_malformed[i] == 1
        ignored[i] = drops and message[i] != MESSAGE_CANCELLATION
        found = CLAIM_MISSING if claim_offset[i] == claim_offset[i + 1] else np.uint64(0)
        if message[i] != MESSAGE_CANCELLATION:
            found |= _time_faults(start_s[i], end_s[i], submitted_s[i])
            found |= _listed_faults(facility[i], care_type[i], icd10[i])
            found |= _number_faults(quantity[i], billed_mnt[i])
            if insured_offset[i] == insured_offset[i + 1]:
                found |= INSURED_MISSING
            if message[i] == OUTSIDE_LIST:
                found |= MESSAGE_UNKNOWN
            own = care_type[i]
            if own >= 0:
                priced_s = end_s[i] if stay[own] == 1 else start_s[i]
                k, end = period_offset[own], period_offset[own + 1]
                while k < end and not from_day[k] <= priced_s // 86_400 <= to_day[k]:
                    k += 1
                if k == end and priced_s != ABSENT:
                    found |= CARE_TYPE_UNKNOWN
        faults[i] = found
        message[i] = max(message[i], MESSAGE_ORIGINAL)
        facility[i] = max(facility[i], NO_CODE)
        care_type[i] = max(care_type[i], NO_CODE)
        sex[i] = max(sex[i], SEX_UNKNOWN)
        test_result[i] = max(test_result[i], 0)
