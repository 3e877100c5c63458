"""Why a claim is strange: its leading features, with shares, peers and a sentence in two languages.

In: scored claims at or over a percentile, and each feature's share. Out: the columns `driver` and `reasons` of the
`scores` table. A share is `max(−Δ, 0) / Σ max(−Δ, 0)` over the features (audit.md §2); where nothing makes a claim
strange there is no driver. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.features import FEATURES, compare

if TYPE_CHECKING:
    from daatgal.features import Aggregates, Feature, FeatureTable
    from daatgal_engine.columns import F64, I64

MOST_REASONS = 5
LEAST_SHARE = 0.05
"""A feature with less of the strangeness is not named, unless it leads."""
UNKNOWN = "–"
REASON = pa.struct(
    [
        pa.field("code", pa.string(), nullable=False),
        pa.field("share", pa.float64(), nullable=False),
        pa.field("value", pa.float64()),
        pa.field("peer_median", pa.float64()),
        pa.field("peer_percentile", pa.float64()),
        pa.field("peer_z", pa.float64()),
        pa.field("peer_n", pa.int64()),
        pa.field("peer_shrinkage", pa.float64()),
        pa.field("text_mn", pa.string(), nullable=False),
        pa.field("text_en", pa.string(), nullable=False),
    ]
)
REASONS = pa.list_(REASON)


class Leading(NamedTuple):
    """The features named for `k` claims, `r` in all: claim by claim, the greatest share first."""

    offset: I64
    """k + 1: where the reasons of each claim begin"""
    claim: I64
    """r: 0 … k − 1"""
    feature: I64
    """r: the column of the feature"""
    share: F64
    """r"""


def leading(share: F64) -> Leading:
    """At most MOST_REASONS features of each row of `share` (claims × features), of equal ones the first."""
    order = np.argsort(-share, axis=1, kind="stable")[:, :MOST_REASONS]
    ranked = np.take_along_axis(share, order, axis=1)
    named = ranked >= LEAST_SHARE
    named[:, 0] = ranked[:, 0] > 0.0
    claim, rank = np.nonzero(named)
    offset = np.concatenate([[0], np.cumsum(named.sum(axis=1))])
    return Leading(offset, claim, order[claim, rank], ranked[claim, rank])


def reasons_of(
    found: FeatureTable, places: I64, share: F64, aggregates: Aggregates
) -> tuple[pa.Array, pa.Array]:
    """`driver` and `reasons` of the claims at `places` of `found`, whose shares are given row by row."""
    named = leading(share)
    size = named.feature.size
    compared = {name: np.full(size, np.nan) for name in ("value", "median", "percentile", "z", "shrinkage")}
    peers = np.zeros(size, np.int64)
    for column in np.unique(named.feature):
        own = np.flatnonzero(named.feature == column)
        with_peers = compare(found, aggregates, places[named.claim[own]], FEATURES[column])
        for name, values in compared.items():
            values[own] = getattr(with_peers, name)
        peers[own] = with_peers.n
    alone = peers == 0
    features = [FEATURES[column] for column in named.feature]
    shown = list(
        zip(features, compared["value"].tolist(), compared["median"].tolist(), peers.tolist(), strict=True)
    )
    struct = pa.StructArray.from_arrays(
        [
            pa.array([f"ANOMALY_{feature.name.upper()}" for feature in features], pa.string()),
            pa.array(named.share),
            _known(compared["value"]),
            _known(compared["median"]),
            _known(compared["percentile"]),
            _known(compared["z"]),
            pa.array(peers, mask=alone),
            pa.array(compared["shrinkage"], mask=alone),
            pa.array([_text("mn", *reason) for reason in shown], pa.string()),
            pa.array([_text("en", *reason) for reason in shown], pa.string()),
        ],
        fields=list(REASON),
    )
    first = named.offset[:-1]
    led = np.diff(named.offset) > 0
    names = np.array([feature.name for feature in FEATURES], object)
    drivers = [names[named.feature[place]] if has else None for place, has in zip(first, led, strict=True)]
    lists = pa.ListArray.from_arrays(pa.array(named.offset, pa.int32()), struct)
    return pa.array(drivers, pa.string()), lists.cast(REASONS)


def _known(values: F64) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _text(language: Literal["mn", "en"], feature: Feature, value: float, median: float, peers: int) -> str:
    if np.isnan(value):
        template = feature.text_mn if language == "mn" else feature.text_en
        return template.format(value=UNKNOWN, median=UNKNOWN, n=peers)
    return feature.text(language, value, None if np.isnan(median) else median, peers)
