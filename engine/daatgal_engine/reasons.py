"""Decisions and reason codes, in the order in which a ledger row lists them.

In: nothing. Out: IntEnums. A kernel sets bit `1 << code` in a claim's `reasons`; the ledger writes the set bits in
ascending order, which is the order rules.md asks for: deciding codes by phase, then DRG_CORRECTED, then flags.
"""

from enum import IntEnum

import numpy as np


class Decision(IntEnum):
    """What became of a claim. Payable means `<= REDUCED`."""

    PAID = 0
    REDUCED = 1
    MERGED = 2
    DENIED = 3
    VOIDED = 4


class Reason(IntEnum):
    """Every reason code a ledger row can carry."""

    MANUAL = 0
    REPLACED = 1
    CANCELLED = 2
    NO_DRG = 3
    NO_TARIFF = 4
    NO_PRICE = 5
    NOT_ELIGIBLE = 6
    NOT_COVERED = 7
    AFTER_DEATH = 8
    ORDER_MISSING = 9
    EXACT_DUPLICATE = 10
    WARD_TRANSFER = 11
    STAY_TOO_SHORT = 12
    BUNDLED_IN_STAY = 13
    REPEAT_VISIT = 14
    POSITIVE_ALREADY = 15
    REPEAT_TEST = 16
    REHAB_SESSIONS = 17
    TOO_FEW_SESSIONS = 18
    ONCE_A_YEAR = 19
    OVER_CAP = 20
    OVER_YEAR_LIMIT = 21
    DRG_CORRECTED = 22
    IGNORED_VALUE = 23
    BILLED_ABOVE_TARIFF = 24
    BILLED_BELOW_TARIFF = 25
    OVERLAPPING_STAY = 26
    VISIT_TOO_SHORT = 27
    SUSPECT_DUPLICATE = 28
    PAIRED_DIAGNOSIS_MISSING = 29


def bit(reason: Reason) -> np.uint64:
    """The bit of `reason` in a claim's `reasons` column."""
    return np.uint64(1 << reason)


UNPRICED = bit(Reason.NO_DRG) | bit(Reason.NO_TARIFF) | bit(Reason.NO_PRICE)
"""A claim with any of these bits was denied without a price."""
