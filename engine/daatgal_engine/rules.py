"""The payment rules of a book, compiled: which are on in each epoch, and their parameters.

In: nothing. Out: the `Rule` numbering and the RULES layout, one record per epoch (see book.py). Sets of care types are
bit masks.
"""

from enum import IntEnum

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import U64, Int


class Rule(IntEnum):
    """Every rule that a book can switch."""

    ELIGIBILITY = 0
    COVERAGE = 1
    ORDER_REQUIRED = 2
    EXACT_DUPLICATE = 3
    WARD_TRANSFER = 4
    MINIMUM_STAY = 5
    BUNDLED_IN_STAY = 6
    REPEAT_VISIT = 7
    POSITIVE_ALREADY = 8
    REPEAT_TEST = 9
    REHAB_SESSIONS = 10
    ONCE_A_YEAR = 11
    DIAGNOSTICS_CAP = 12
    VISIT_COPAY = 13
    YEAR_LIMIT = 14
    OVERLAPPING_STAY = 15
    VISIT_TOO_SHORT = 16
    SUSPECT_DUPLICATE = 17
    PAIRED_DIAGNOSIS_MISSING = 18


BOUNDARY_DAYS, BOUNDARY_INNER_DAYS, BOUNDARY_TIME = 0, 1, 2
CARE_TYPES = 64
"""A care type is a bit of a mask; the loader holds a book to 63."""
VISITS = 64
"""How many visits of a year can have a rate of their own; the last rate holds for all further ones."""

RULES = np.dtype(
    [
        ("on", "u4"),  # bit `Rule` is set where the rule is enabled
        ("outpatient", "i4"),  # the care type of this name, -1 if the book has none; as are the next three
        ("diagnostics", "i4"),
        ("rehabilitation", "i4"),
        ("traditional", "i4"),
        ("containers", "u8"),  # every care type that any other is bundled in, in any epoch
        ("bundled_in", "u8", (CARE_TYPES,)),  # by care type
        ("coverage_exempt", "u8"),
        ("order_care_types", "u8"),
        ("transfer_gap_s", "i8"),
        ("minimum_stay_s", "i8"),
        ("bundle_boundary", "i1"),  # BOUNDARY_*
        ("bundle_exempt_long", "u8"),
        ("repeat_visit_care_types", "u8"),
        ("repeat_visit_one_per_month", "u1"),
        ("repeat_visit_icd10_mask", "u8"),
        ("repeat_test_care_types", "u8"),
        ("rehab_sessions", "i8"),
        ("once_a_year_care_types", "u8"),
        ("cap_month_mnt", "i8"),
        ("cap_quarter_mnt", "i8"),
        ("visit_rate_bp", "i4", (VISITS,)),
        ("year_limit_mnt", "i8"),
        ("visit_minimum_s", "i8"),
        ("paired_care_types", "u8"),
    ],
    align=True,
)


@kernel
def is_on(rules: Records, rule: Int, epoch: int) -> bool:
    """Whether `rule` is enabled in `epoch`."""
    return (rules.on[epoch] >> np.uint32(rule)) & np.uint32(1) != 0


@kernel
def holds(care_types: np.uint64, care_type: int) -> bool:
    """Whether a care type is in a mask."""
    return (care_types >> np.uint64(care_type)) & np.uint64(1) != 0


@kernel
def ever_on(rules: Records, rule: Int) -> bool:
    """Whether `rule` is enabled in any epoch."""
    for epoch in range(rules.size):  # noqa: SIM110 - any() of a generator does not compile
        if is_on(rules, rule, epoch):
            return True
    return False


@kernel
def ever_among(rules: Records, rule: Int, care_types: U64) -> np.uint64:
    """All that `care_types`, by epoch, holds where `rule` is enabled: who has none of these is passed over."""
    among = np.uint64(0)
    for epoch in range(rules.size):
        if is_on(rules, rule, epoch):
            among |= care_types[epoch]
    return among


@kernel
def alone(care_type: Int) -> np.uint64:
    """The mask of one care type; empty for one that the book does not have."""
    return np.uint64(1) << np.uint64(care_type) if care_type >= 0 else np.uint64(0)
