"""Amounts and durations in bins of a thirty-second: counts of bins add up exactly, in any order. A row map.

In: whole numbers ≥ 0. Out: bin numbers. Below 64 every number has its own bin; above, each doubling has 32 bins, so a
bin is at most 1/32 of its least value wide and its middle at most 1/64 off. All of it is integer arithmetic.
"""

from typing import Final

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, Element, Int

BINS_PER_DOUBLING: Final = 32
EXACT_BELOW: Final = 64
FIRST_DOUBLING: Final = 6
"""64 = 2**6"""


@kernel
def highest_bit(value: Int) -> Int:
    """floor(log2(value)) of a value ≥ 1."""
    bit = np.int64(0)
    for step in (32, 16, 8, 4, 2, 1):
        if value >> (bit + step) > 0:
            bit += step
    return bit


@kernel
def bin_of(value: Element) -> Element:
    """The bin of a value; a negative one is taken as 0."""
    value = max(value, 0)
    if value < EXACT_BELOW:
        return value
    doubling = highest_bit(value)
    return (
        (value >> (doubling - 5))
        - BINS_PER_DOUBLING
        + EXACT_BELOW
        + (doubling - FIRST_DOUBLING) * BINS_PER_DOUBLING
    )


@kernel
def bins_of(values: I64, out: I32) -> None:
    """The bin of each value into `out` int32[n]."""
    for i in range(values.size):
        out[i] = bin_of(values[i])


def tops(bins: I32) -> I64:
    """The greatest value of each bin."""
    above = np.maximum(bins.astype(np.int64) - EXACT_BELOW, 0)
    doubling = above // BINS_PER_DOUBLING + FIRST_DOUBLING
    top = ((above % BINS_PER_DOUBLING + BINS_PER_DOUBLING + 1) << (doubling - 5)) - 1
    return np.where(bins < EXACT_BELOW, bins, top)


def middles(bins: I32) -> np.ndarray:
    """float64: the middle of each bin, the value itself where the bin holds only one."""
    above = np.maximum(bins.astype(np.int64) - EXACT_BELOW, 0)
    doubling = above // BINS_PER_DOUBLING + FIRST_DOUBLING
    width = np.exp2(doubling - 5.0)
    middle = (above % BINS_PER_DOUBLING + BINS_PER_DOUBLING) * width + (width - 1.0) / 2.0
    return np.where(bins < EXACT_BELOW, bins.astype(np.float64), middle)
