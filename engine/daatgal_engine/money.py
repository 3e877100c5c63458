"""Integer money: the one rounding there is.

In: whole tögrög, ten-thousandths, basis points. Out: whole tögrög. Functions for row maps and group scans.
Source: rules.md, introduction.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import Int

LARGEST_MNT = np.int64(2**63 - 1)
PER_UNIT = np.int64(10_000)
"""Ten-thousandths in a unit (weights), basis points in a whole (rates)."""
LARGEST_FACTOR_E4 = 2**40
"""Weights and rates are below this bound, which the tariff loader holds: `ten_thousandths` cannot overflow inside."""
OVERFLOW_MNT = np.int64(-2)
"""A product that does not fit into int64: no amount is negative."""
SMALL = np.int64(2**31 - 1)
"""The product of two such numbers fits into int64."""


@kernel
def ten_thousandths(amount_mnt: np.int64, factor_e4: np.int64) -> np.int64:
    """half_up(amount_mnt * factor_e4, 10 000), or OVERFLOW_MNT where that does not fit into int64.

    The amount is split into whole ten-thousands, whose part of the product is exact, and a rest below 10 000, whose
    product with a factor below 2**40 fits: no step overflows unless the result does.
    """
    whole = amount_mnt // PER_UNIT
    rest = amount_mnt - whole * PER_UNIT
    rounded = (2 * rest * factor_e4 + PER_UNIT) // (2 * PER_UNIT)
    if factor_e4 > 0 and whole > (LARGEST_MNT - rounded) // factor_e4:
        return OVERFLOW_MNT
    return whole * factor_e4 + rounded


@kernel
def times(unit_mnt: np.int64, count: np.int64) -> np.int64:
    """unit_mnt * count, or OVERFLOW_MNT where that does not fit into int64; two small factors need no division."""
    if (unit_mnt | count) > SMALL and count > 0 and unit_mnt > LARGEST_MNT // count:
        return OVERFLOW_MNT
    return unit_mnt * count


@kernel
def capped_sum(a_mnt: Int, b_mnt: Int) -> Int:
    """a_mnt + b_mnt, at most the largest int64: exact wherever it is only compared with a cap."""
    return LARGEST_MNT if a_mnt > LARGEST_MNT - b_mnt else a_mnt + b_mnt
