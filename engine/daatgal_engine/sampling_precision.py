"""What a design can say before anything is drawn: variances under the draw, from the frame alone.

In: a value of every case of the frame, its stratum and its inclusion probability. Out: the variance of the estimated
total by stratum. Kind: batch draw, whole arrays at once with NumPy. Source: audit.md §4, §5.
"""

import numpy as np

from daatgal_engine.columns import F64, I64

Z_90 = 1.6448536269514722
"""Two-sided 90 % of a normal distribution."""
Z_99 = 2.5758293035489004
"""Two-sided 99 %."""


def variance_of_total(value: F64, stratum: I64, probability: F64, strata: int) -> F64:
    """V(Σ y/π) by stratum under the design: m/(m − 1) · Σ π(1 − π)(y/π − A)², A = Σ(1 − π)y / Σπ(1 − π).

    m counts the cases with π < 1; those with π = 1 add nothing. With equal probabilities this is exactly
    N²(1 − n/N)S²/n; with unequal ones it is Hájek's approximation. Reads: value f64[n], stratum i64[n], probability
    f64[n] in (0, 1]. Writes: f64[strata].
    """
    open_weight = probability * (1.0 - probability)
    by_value = np.bincount(stratum, (1.0 - probability) * value, strata)
    by_weight = np.bincount(stratum, open_weight, strata)
    middle = by_value / np.where(by_weight > 0, by_weight, 1.0)
    squares = np.bincount(stratum, open_weight * (value / probability - middle[stratum]) ** 2, strata)
    cases = np.bincount(stratum, probability < 1.0, strata)
    return np.where(cases > 1, squares * cases / np.maximum(cases - 1.0, 1.0), 0.0)


def half_width_of_rate(rate: float, probability: F64) -> float:
    """Half of the two-sided 90 % interval of an error rate that is the same everywhere: z·√(p(1 − p)·Σ(1/π − 1))/N.

    Reads: probability f64[n] in (0, 1]. For n of N by simple random sampling: z·√(p(1 − p)(1 − n/N)/n).
    """
    spread = float((1.0 / probability - 1.0).sum())
    return Z_90 * float(np.sqrt(rate * (1.0 - rate) * spread)) / probability.size
