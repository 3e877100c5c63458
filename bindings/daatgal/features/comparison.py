"""What an auditor is shown beside a feature: the claim's value, and where it stands among its peers.

In: a `FeatureTable`, the aggregates, some of its claims, a feature. Out: arrays, one entry for each claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal.features.catalogue import COLUMN, Feature
from daatgal.features.measures import WHOLE_BP, measured
from daatgal.features.peers import ENOUGH, PeerIndex, Peers, cells_of
from daatgal_engine.features.bins import bins_of

if TYPE_CHECKING:
    from daatgal.features.aggregates import Aggregates
    from daatgal.features.table import FeatureTable
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I64

NORMAL_SPREAD = 1.4826
"""A median absolute deviation of 1 is a standard deviation of so much, where values are normal."""
NO_PEERS = -1
_LEAST_SPREAD = 1.0 / 64
"""Of the median: what bins cannot tell apart is no deviation."""


class PeerComparison(NamedTuple):
    """`k` claims; NaN where the value or its peers are not known, or the feature is not held against peers."""

    value: F64
    """in the feature's unit, as `Feature.text` writes it"""
    median: F64
    z: F64
    """(value − median) / (1.4826 · median absolute deviation)"""
    percentile: F64
    """the share of peers below the value and half of those in its bin, 0 to 100"""
    n: I64
    """claims of the narrowest peer group with at least 30, else of the widest"""
    shrinkage: F64
    """how much of median, deviation and percentile comes from wider groups than the narrowest, 0 to 1"""
    depth: I64
    """which of `peers.DEPTHS` `n` counts; NO_PEERS"""


def compare(table: FeatureTable, aggregates: Aggregates, rows: I64, feature: Feature) -> PeerComparison:
    """Hold the claims at the places `rows` of `table` against their peers."""
    if feature.peers is None:
        return _alone(table, rows, feature)
    facts, claims = table.facts, table.rows[rows]
    value, known = measured(facts, feature.peers)
    cells = cells_of(facts, claims)
    peers = aggregates.once(Peers, feature.peers)
    of_row = cells.of_row
    groups = [group[of_row] for group in peers.groups(aggregates.once(PeerIndex).groups(cells))]
    bins = np.empty(rows.size, np.int32)
    bins_of(frozen(np.where(known, value, 0)[claims]), bins)

    def together(of_depth: list[F64]) -> F64:
        return peers.drawn_together(groups, of_depth)

    depths = list(zip(peers.depths, groups, strict=True))
    median = together([np.append(depth.median(), np.nan)[group] for depth, group in depths])
    spread = together([np.append(depth.spread(), np.nan)[group] for depth, group in depths])
    percentile = together(
        [
            np.where(group >= 0, depth.percentile(np.maximum(group, 0), bins), np.nan)
            if depth.key.size
            else np.full(rows.size, np.nan)
            for depth, group in depths
        ]
    )
    own = np.where(known[claims], value[claims].astype(np.float64), np.nan)
    least = np.maximum(_LEAST_SPREAD * median, 1.0)
    z = (own - median) / (NORMAL_SPREAD * np.maximum(spread, least))
    n, depth = _used(peers, groups)
    scale = 1.0 / WHOLE_BP if feature.peers == "billed_to_tariff" else 1.0
    first = np.append(peers.depths[0].total, 0)[groups[0]]
    return PeerComparison(
        value=own * scale,
        median=median * scale,
        z=z,
        percentile=np.where(np.isnan(own), np.nan, percentile),
        n=n,
        shrinkage=1.0 - np.minimum(first / ENOUGH, 1.0),
        depth=depth,
    )


def _used(peers: Peers, groups: list[I64]) -> tuple[I64, I64]:
    """The claims of the narrowest group that stands by itself, else of the widest; and which that is."""
    n, depth = np.zeros(groups[0].size, np.int64), np.full(groups[0].size, NO_PEERS, np.int64)
    for at in range(len(groups) - 1, -1, -1):
        total = np.append(peers.depths[at].total, 0)[groups[at]]
        better = (total >= ENOUGH) | ((depth == NO_PEERS) & (total > 0))
        n, depth = np.where(better, total, n), np.where(better, at, depth)
    return n, depth


def _alone(table: FeatureTable, rows: I64, feature: Feature) -> PeerComparison:
    value = table.columns.take(rows)[COLUMN[feature.name]].astype(np.float64)
    if feature.unit == "times":
        value = np.exp(value)
    elif feature.name.startswith("rarity_"):
        value = 100.0 * np.exp(-value)
    elif feature.unit == "percent":
        value = 100.0 * value
    unknown, none = np.full(rows.size, np.nan), np.zeros(rows.size, np.int64)
    return PeerComparison(value, unknown, unknown, unknown, none, np.zeros(rows.size), none + NO_PEERS)
