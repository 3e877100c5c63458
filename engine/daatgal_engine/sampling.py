"""The draw: from permanent random numbers to the cases that are in the sample.

In: for each case its stratum, its permanent random number and, for unequal probabilities, its size; for each stratum
how many are to be drawn. Out: which cases are drawn, and each one's inclusion probability. Kind: batch draw. It is one
sort over all cases, which NumPy does already: there is no loop here that a kernel would make faster.

Nothing depends on the order of the cases but ties between equal numbers, which the caller settles by giving the cases
in the order of their ids. Source: audit.md §4.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine.columns import F64, I64, U64

Bool = npt.NDArray[np.bool_]

TWO_64 = 2.0**64


class Ranks(NamedTuple):
    """How unequal probabilities order the cases of their strata."""

    rank: F64
    """f64[n]: the smallest of a stratum are drawn; below 0 where the case is taken in any event"""
    probability: F64
    """f64[n]: inclusion probability; exactly 1 where the case is taken in any event"""


def smallest_of_each(stratum: I64, number: U64 | F64, drawn: I64) -> Bool:
    """Whether each case is among the `drawn[stratum]` smallest numbers of its stratum.

    Reads: stratum i64[n] in 0 … H − 1, number u64[n] or f64[n], drawn i64[H]. Writes: bool[n]. Cases with equal
    numbers are taken in the order in which they are given.
    """
    order = np.lexsort((number, stratum))
    cases = np.bincount(stratum, minlength=drawn.size)
    first = np.cumsum(cases) - cases
    place = np.arange(stratum.size) - first[stratum[order]]
    chosen = np.zeros(stratum.size, np.bool_)
    chosen[order[place < drawn[stratum[order]]]] = True
    return chosen


def equal_probabilities(stratum: I64, drawn: I64) -> F64:
    """n_h / N_h of each case's stratum. Reads: stratum i64[n], drawn i64[H]. Writes: f64[n]."""
    cases = np.bincount(stratum, minlength=drawn.size)
    return (drawn / np.maximum(cases, 1))[stratum]


def take_all_first(size: I64, drawn: int) -> F64:
    """λ = n·x/Σx of each case, where those that reach 1 are taken and the rest share what is left to draw.

    Reads: size i64[n] > 0, `drawn` ≤ n cases to draw. Writes: f64[n] in (0, 1], 1 where the case is taken in any event.
    """
    probability = np.zeros(size.size, np.float64)
    left = np.arange(size.size)
    while left.size and drawn > 0:
        if drawn >= left.size:
            probability[left] = 1.0
            break
        share = float(drawn) * size[left].astype(np.float64) / float(size[left].sum())
        probability[left] = np.minimum(share, 1.0)
        taken = share >= 1.0
        if not taken.any():
            break
        drawn -= int(taken.sum())
        left = left[~taken]
    return probability


def pareto_rank(number: U64, probability: F64) -> F64:
    """u(1 − λ) / (λ(1 − u)), and −1 for cases taken in any event. Reads: u64[n], f64[n]. Writes: f64[n]."""
    u = number / TWO_64
    rank = np.full(number.size, -1.0)
    # A number next to 2**64 is 1 as a float: it is drawn last, as the limit of the formula has it.
    open_ = probability < 1.0
    with np.errstate(divide="ignore"):
        rank[open_] = (u * (1.0 - probability))[open_] / (probability * (1.0 - u))[open_]
    return rank


def pareto_ranks(stratum: I64, number: U64, size: I64, drawn: I64) -> Ranks:
    """Pareto sampling with probabilities proportional to size, stratum by stratum.

    Reads: stratum i64[n], number u64[n], size i64[n] > 0, drawn i64[H]. Writes: `Ranks`, for `smallest_of_each`. The
    probabilities are λ, which those of Pareto sampling meet to within a few thousandths (audit.md §4).
    """
    probability = np.zeros(stratum.size, np.float64)
    order = np.argsort(stratum, kind="stable")
    ends = np.cumsum(np.bincount(stratum, minlength=drawn.size))
    for h, end in enumerate(ends):
        members = order[(ends[h - 1] if h else 0) : end]
        probability[members] = take_all_first(size[members], int(drawn[h]))
    return Ranks(pareto_rank(number, probability), probability)
