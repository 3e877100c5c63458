"""Totals and their variances from a sample: stratified, combined ratio, unequal probabilities.

In: what was drawn and found, as plain arrays. Out: `Estimate`: a total, its variance, the degrees of freedom. Every sum
runs over the rows in the order they come in, so callers sort first. No kernel lives here. Source: audit.md §5.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class Strata(NamedTuple):
    """What was found in each stratum; arrays of equal length, one entry a stratum."""

    frame: I64
    """N_h: cases of the frame"""
    found: I64
    """n_h: cases drawn and answered, 1 … N_h"""
    mean: F64
    """mean of the answered cases"""
    variance: F64
    """their variance s², divisor n − 1; 0 where a single case was drawn"""


class Estimate(NamedTuple):
    """An estimated total."""

    total: float
    variance: float
    """of the total; NaN where no stratum allows one"""
    degrees: float
    """of freedom; 0 where nothing was left to chance, NaN where the variance is unknown"""

    @property
    def standard_error(self) -> float:
        """The root of the variance."""
        return float(np.sqrt(self.variance))


def strata_of(values: F64, stratum: I64, frame: I64) -> Strata:
    """Means and variances by stratum: `stratum` holds positions in `frame`, each met at least once."""
    found = np.bincount(stratum, minlength=frame.size).astype(np.int64)
    mean = np.bincount(stratum, weights=values, minlength=frame.size) / found
    squares = np.bincount(stratum, weights=(values - mean[stratum]) ** 2, minlength=frame.size)
    return Strata(frame, found, mean, squares / np.maximum(found - 1, 1))


def variance_parts(strata: Strata) -> F64:
    """`N_h² (1 − n_h/N_h) s_h² / n_h`; 0 where all were taken, NaN where one case of several was."""
    frame, found = strata.frame.astype(np.float64), strata.found.astype(np.float64)
    parts = frame * (frame - found) * strata.variance / found
    return np.where((strata.found == 1) & (strata.frame > 1), np.nan, parts)


def stratified(strata: Strata, *, satterthwaite: bool = False) -> Estimate:
    """`T̂ = Σ N_h ȳ_h`, its variance, and n − H degrees of freedom over the strata left to chance."""
    total = float(np.sum(strata.frame * strata.mean))
    return Estimate(total, *_spread(strata, variance_parts(strata), satterthwaite=satterthwaite))


def combined_ratio(
    values: F64, sizes: F64, stratum: I64, frame: I64, frame_size: float, *, satterthwaite: bool = False
) -> Estimate:
    """`T̂ = R̂ X` with `R̂ = Σ N_h ȳ_h / Σ N_h x̄_h`; the variance is that of the residuals `y − R̂ x`.

    `sizes` is each case's x (its amount), `frame_size` the frame's X.
    """
    y, x = strata_of(values, stratum, frame), strata_of(sizes, stratum, frame)
    estimated_size = float(np.sum(frame * x.mean))
    ratio = float(np.sum(frame * y.mean)) / estimated_size if estimated_size else 0.0
    residuals = strata_of(values - ratio * sizes, stratum, frame)
    spread = _spread(residuals, variance_parts(residuals), satterthwaite=satterthwaite)
    return Estimate(ratio * frame_size, *spread)


def unequal(values: F64, probability: F64, stratum: I64, frame: I64, *, hajek: bool = False) -> Estimate:
    """Horvitz–Thompson `Σ y/π` or Hájek `N Σ y/π / Σ 1/π` in each stratum, with Deville's variance.

    `V̂ = Σ c_i (e_i/π_i − A)²`, `c_i = n/(n−1) (1 − π_i)`, `A = Σ c e/π / Σ c`; e is y, for Hájek its residual from
    the mean. Cases that were certain (π = 1) add nothing and are not counted in n.
    """
    total = variance = degrees = 0.0
    for place in range(frame.size):
        y, pi = values[stratum == place], probability[stratum == place]
        by_chance = pi < 1.0
        count = int(by_chance.sum())
        if hajek:
            certain = float(np.sum(y[~by_chance]))
            rest = float(frame[place]) - (y.size - count)
            weights = float(np.sum(1.0 / pi[by_chance]))
            mean = float(np.sum(y[by_chance] / pi[by_chance])) / weights if count else 0.0
            total += certain + rest * mean
            scale, e = (rest / weights if count else 0.0), y[by_chance] - mean
        else:
            total += float(np.sum(y / pi))
            scale, e = 1.0, y[by_chance]
        if count == 0:
            continue
        variance += scale**2 * _deville(e, pi[by_chance])
        degrees += count - 1
    return Estimate(total, variance, degrees if np.isfinite(variance) else np.nan)


def _deville(residuals: F64, probability: F64) -> float:
    count = residuals.size
    if count == 1:
        return float("nan")
    c = count / (count - 1) * (1.0 - probability)
    expanded = residuals / probability
    centre = float(np.sum(c * expanded)) / float(np.sum(c))
    return float(np.sum(c * (expanded - centre) ** 2))


def _spread(strata: Strata, parts: F64, *, satterthwaite: bool) -> tuple[float, float]:
    """The variance and its degrees of freedom."""
    by_chance = strata.found < strata.frame
    variance = float(np.sum(parts[by_chance]))
    if not np.isfinite(variance):
        return float("nan"), float("nan")
    free = (strata.found - 1)[by_chance]
    degrees = float(np.sum(free))
    if satterthwaite and variance > 0.0:
        degrees = variance**2 / float(np.sum(parts[by_chance] ** 2 / free))
    return variance, degrees
