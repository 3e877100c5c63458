"""Which readable values a claim may not have: dates out of range, periods, negative values, care types.

In: the decoded but unchecked values of each row. Out: fault bits. A row map. Source: contract, quarantine codes.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import FIRST_DAY, I8, I16, I32, I64, LAST_DAY, MESSAGE_CANCELLATION, U8, U64
from daatgal_engine.written_values import ABSENT

START_OUT_OF_RANGE = np.uint64(1 << 0)
END_OUT_OF_RANGE = np.uint64(1 << 1)
SUBMITTED_OUT_OF_RANGE = np.uint64(1 << 2)
END_BEFORE_START = np.uint64(1 << 3)
QUANTITY_NEGATIVE = np.uint64(1 << 4)
BILLED_NEGATIVE = np.uint64(1 << 5)
CARE_TYPE_NOT_IN_FORCE = np.uint64(1 << 6)

_FIRST_S = FIRST_DAY * 86_400
_AFTER_LAST_S = (LAST_DAY + 1) * 86_400


class Unchecked(NamedTuple):
    """Values of `m` rows as read; ABSENT where null or unreadable."""

    message: I8
    start_s: I64
    end_s: I64
    submitted_s: I64
    quantity: I64
    billed_mnt: I64
    care_type: I16
    """index into the care types; -1: null or in no period of the book"""


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
def _out_of_range(second: int) -> bool:
    return second != ABSENT and not _FIRST_S <= second < _AFTER_LAST_S


@kernel
def _in_force(periods: CareTypePeriods, care_type: int, day: int) -> bool:
    for k in range(periods.offset[care_type], periods.offset[care_type + 1]):
        if periods.from_day[k] <= day <= periods.to_day[k]:
            return True
    return False


@kernel
def check_claims(rows: Unchecked, periods: CareTypePeriods, faults: U64) -> None:
    """Set the fault bits of each row in `faults` uint64[m]; a cancellation has none of these."""
    for i in range(faults.size):
        if rows.message[i] == MESSAGE_CANCELLATION:
            continue
        start_s, end_s = rows.start_s[i], rows.end_s[i]
        found = np.uint64(0)
        if _out_of_range(start_s):
            found |= START_OUT_OF_RANGE
        if _out_of_range(end_s):
            found |= END_OUT_OF_RANGE
        if _out_of_range(rows.submitted_s[i]):
            found |= SUBMITTED_OUT_OF_RANGE
        if start_s != ABSENT and end_s != ABSENT and end_s < start_s:
            found |= END_BEFORE_START
        if rows.quantity[i] != ABSENT and rows.quantity[i] < 0:
            found |= QUANTITY_NEGATIVE
        if rows.billed_mnt[i] != ABSENT and rows.billed_mnt[i] < 0:
            found |= BILLED_NEGATIVE
        care_type = rows.care_type[i]
        if care_type >= 0:
            priced_s = end_s if periods.stay[care_type] else start_s
            if priced_s != ABSENT and not _in_force(periods, care_type, priced_s // 86_400):
                found |= CARE_TYPE_NOT_IN_FORCE
        faults[i] |= found
