"""Limits of what was estimated: Student's t for totals, the exact hypergeometric bound for counts.

In: an estimate, or a count found in a sample. Out: limits. No kernel lives here. Source: audit.md §5.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from daatgal.errors import DaatgalError

if TYPE_CHECKING:
    from daatgal.extrapolation.estimators import Estimate

CONFIDENCE = 0.90
"""Of the two-sided interval, and of the one-sided lower limit."""


class Limits(NamedTuple):
    """Limits of a total; None where the sample allows none."""

    t_one_sided: float | None
    """the quantile that the one-sided limit used"""
    t_two_sided: float | None
    one_sided_lower: float | None
    lower: float | None
    upper: float | None


def t_limits(estimate: Estimate, confidence: float = CONFIDENCE) -> Limits:
    """The one-sided lower limit and the two-sided interval by Student's t."""
    from scipy.special import stdtrit

    if not math.isfinite(estimate.variance):
        return Limits(None, None, None, None, None)
    if estimate.degrees == 0:
        return Limits(None, None, estimate.total, estimate.total, estimate.total)
    one, two = (float(stdtrit(estimate.degrees, p)) for p in (confidence, (1.0 + confidence) / 2.0))
    error = estimate.standard_error
    return Limits(
        one,
        two,
        estimate.total - one * error,
        estimate.total - two * error,
        estimate.total + two * error,
    )


def final_lower(limit: float | None, found: float) -> float:
    """What may be claimed back: never less than what the sample itself holds, never negative."""
    return max(found, 0.0) if limit is None else max(limit, found, 0.0)


def count_at_least(frame: int, drawn: int, found: int, alpha: float) -> int:
    """The smallest M with `P(Hypergeometric(frame, M, drawn) ≥ found) > alpha`: exact, whatever the share is.

    With confidence 1 − alpha at least so many of the frame's cases are like the `found` among those drawn.
    """
    from scipy.stats import hypergeom

    if not 0 <= found <= drawn <= frame:
        raise DaatgalError(
            f"exact bound: found {found} of {drawn} drawn of {frame}, expected 0 ≤ found ≤ drawn ≤ frame"
        )
    low, high = found, frame - (drawn - found)
    while low < high:
        middle = (low + high) // 2
        if hypergeom.sf(found - 1, frame, middle, drawn) > alpha:
            high = middle
        else:
            low = middle + 1
    return low


def count_at_most(frame: int, drawn: int, found: int, alpha: float) -> int:
    """The largest M with `P(Hypergeometric(frame, M, drawn) ≤ found) > alpha`."""
    return frame - count_at_least(frame, drawn, drawn - found, alpha)
