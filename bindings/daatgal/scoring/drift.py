"""Has the world moved since training? Features and scores of a batch against those of the training claims.

In: the distribution of each feature (and of the score) when the model was trained, and a sample of the batch. Out: the
`drift` table: the population stability index over the training deciles, `Σ (q − p) ln(q / p)`, the greatest distance
between the two distribution functions (Kolmogorov–Smirnov) at the training percentiles, and whether to warn. No kernel
lives here.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

F64 = npt.NDArray[np.float64]

PERCENTS = 101
WARNS_OVER = 0.25
"""The index over which a distribution counts as another one; the usual threshold in credit scoring."""
HALF_A_CLAIM = 0.5
"""Added to every bin on both sides, so that an empty one does not weigh without bound."""
_CHANCE_Z = 3.0902
"""The normal quantile of 99.9 %."""
SCHEMA = pa.schema(
    [
        pa.field("feature", pa.string(), nullable=False),
        pa.field("stability_index", pa.float64(), nullable=False),
        pa.field("ks_distance", pa.float64(), nullable=False),
        pa.field("training_median", pa.float64(), nullable=False),
        pa.field("median", pa.float64(), nullable=False),
        pa.field("training_claims", pa.int64(), nullable=False),
        pa.field("claims", pa.int64(), nullable=False),
        pa.field("warns", pa.bool_(), nullable=False),
    ]
)


class Distribution(NamedTuple):
    """How the training claims were distributed over one feature, or over the score."""

    percentile: F64
    """PERCENTS values of training claims, ascending, from the least to the greatest"""
    reached: F64
    """PERCENTS: the share of training claims at or below each"""
    claims: int


def distribution_of(values: npt.NDArray[np.floating]) -> Distribution:
    """The distribution of at least one value."""
    ordered = np.sort(np.asarray(values, np.float64))
    percentile = np.quantile(ordered, np.linspace(0.0, 1.0, PERCENTS), method="inverted_cdf")
    return Distribution(percentile, _reached(ordered, percentile), ordered.size)


def drift_row(name: str, training: Distribution, values: npt.NDArray[np.floating]) -> dict[str, object]:
    """One row of the drift table; a batch without claims has not drifted."""
    ordered = np.sort(np.asarray(values, np.float64))
    if ordered.size == 0:
        index = distance = 0.0
        median, warns = float(training.percentile[PERCENTS // 2]), False
    else:
        edges, reached = _edges(training)
        expected = np.diff(reached, prepend=0.0, append=1.0) * training.claims
        found = np.diff(_reached(ordered, edges), prepend=0.0, append=1.0) * ordered.size
        index = stability_index(expected, found)
        distance = float(np.abs(_reached(ordered, training.percentile) - training.reached).max())
        median = float(np.quantile(ordered, 0.5, method="inverted_cdf"))
        warns = index > max(WARNS_OVER, index_by_chance(expected.size, training.claims, ordered.size))
    return {
        "feature": name,
        "stability_index": index,
        "ks_distance": distance,
        "training_median": float(training.percentile[PERCENTS // 2]),
        "median": median,
        "training_claims": training.claims,
        "claims": ordered.size,
        "warns": bool(warns),
    }


def _edges(training: Distribution) -> tuple[F64, F64]:
    """The distinct deciles, upper ends of the bins, and the share of training claims at or below each.

    Where all deciles are one value, the claims below it have a bin of their own: below, there and above.
    """
    deciles, first = np.unique(training.percentile[10:100:10], return_index=True)
    reached = training.reached[10:100:10][first]
    if deciles.size > 1:
        return deciles, reached
    value = deciles[0]
    below = training.reached[training.percentile < value].max(initial=0.0)
    return np.array([np.nextafter(value, -np.inf), value]), np.array([below, reached[0]])


def stability_index(expected: F64, found: F64) -> float:
    """`Σ (q − p) ln(q / p)` over bins of claims: 0 where the shares are alike; over 0.25, another population."""
    p, q = (
        (claims + HALF_A_CLAIM) / (claims.sum() + HALF_A_CLAIM * claims.size) for claims in (expected, found)
    )
    return float(np.sum((q - p) * np.log(q / p)))


def index_by_chance(bins: int, training_claims: int, claims: int) -> float:
    """The index that two samples of one population stay under in 999 cases of 1,000.

    The index is about χ² with `bins − 1` degrees of freedom, times `1/n + 1/m`; its quantile by Wilson and Hilferty.
    """
    freedom = max(bins - 1, 1)
    spread = 2.0 / (9.0 * freedom)
    return freedom * (1.0 - spread + _CHANCE_Z * spread**0.5) ** 3 * (1.0 / training_claims + 1.0 / claims)


def drift_table(rows: list[dict[str, object]]) -> pa.Table:
    """The rows as the table that a run writes."""
    return pa.Table.from_pylist(rows, SCHEMA)


def warnings_of(drift: pa.Table) -> list[str]:
    """What moved, as a sentence each, the largest index first."""
    moved = [row for row in drift.to_pylist() if row["warns"]]
    moved.sort(key=lambda row: (-row["stability_index"], row["feature"]))
    return [
        f"{row['feature']} has drifted since training: stability index {row['stability_index']:.2f} "
        f"(over {WARNS_OVER}), median {row['median']:g} against {row['training_median']:g}"
        for row in moved
    ]


def _reached(ordered: F64, values: F64) -> F64:
    return np.searchsorted(ordered, values, side="right") / ordered.size
