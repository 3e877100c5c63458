"""Whether a facility has more of the dear claims of a DRG family than its peers: upcoding, one claim at a time.

In: `Facts` and the aggregates' `families`. Out: float32 per claim. A claim is dear above the upper quartile of its
family's prices at its facility level.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal.features.facility_history import places_of
from daatgal.features.numbering import find_keys, numbered_rows
from daatgal.features.peers import ENOUGH, distribution
from daatgal_engine.features.bins import tops
from daatgal_engine.features.combinations import LEVEL_BITS, PLACE_BITS, family_keys, where_dear
from daatgal_engine.features.keys import NO_KEY

if TYPE_CHECKING:
    import pyarrow as pa

    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import F32, I64, U64

UPPER_QUARTILE: Final = (3, 4)
_NEVER: Final = np.int64(2**63 - 1)
"""No claim is dear where the family is not known."""


class DearClaims(NamedTuple):
    """What the history says of `g` families at a facility level, `-1` being a family that it does not know."""

    family: pa.Array
    facility: pa.Array
    key: U64
    """g, ascending: family and level"""
    usual_mnt: I64
    """g + 1: the greatest price of the bin that holds the upper quartile; claims above it are dear"""
    claims: I64
    """g + 1; of all facilities"""
    dear: I64
    pair: U64
    """k, ascending: place among the g, and facility"""
    own_claims: I64
    """k + 1; of one facility"""
    own_dear: I64


def dear_claims(aggregates: Aggregates) -> DearClaims:
    """The sums of the aggregates' `families`."""
    table = aggregates.tables["families"]
    family = table["family"].combine_chunks().dictionary_encode()
    facility = table["facility_id"].combine_chunks().dictionary_encode()
    bins, claims = table["bin"].to_numpy(), table["claims"].to_numpy()
    key = _with_level(family.indices.to_numpy(), table["level"].to_numpy())
    of_family = distribution(key, bins, claims)
    group = of_family.find(key)
    quartile = of_family.quantile_bin(*UPPER_QUARTILE)
    dear = np.where(bins > quartile[group], claims, 0)
    pair, place = np.unique(_with_facility(group, facility.indices.to_numpy()), return_inverse=True)
    return DearClaims(
        family.dictionary,
        facility.dictionary,
        of_family.key,
        np.append(tops(quartile), _NEVER),
        _sums(group, claims, of_family.key.size),
        _sums(group, dear, of_family.key.size),
        pair,
        _sums(place, claims, pair.size),
        _sums(place, dear, pair.size),
    )


def _sums(place: I64, claims: I64, size: int) -> I64:
    total = np.zeros(size + 1, np.int64)
    np.add.at(total, place, claims)
    return total


def _with_level(family: np.ndarray, level: np.ndarray) -> U64:
    return family.astype(np.uint64) << np.uint64(LEVEL_BITS) | level.astype(np.uint64)


def _with_facility(group: np.ndarray, facility: np.ndarray) -> U64:
    return group.astype(np.uint64) << np.uint64(PLACE_BITS) | facility.astype(np.uint64)


def high_weight_shares(facts: Facts, aggregates: Aggregates, rows: I64) -> F32:
    """Of dear claims: the facility's share of them in the family, drawn towards its peers', less that share."""
    known, places, gross_mnt = aggregates.once(dear_claims), facts.places, facts.gross_mnt
    number, distinct = numbered_rows(rows, lambda own, keys: family_keys(own, places, gross_mnt, keys))
    of_family = distinct != NO_KEY
    group, share = _shares_over_peers(facts, known, distinct[of_family])
    usual_mnt, shares = np.full(distinct.size, _NEVER), np.zeros(distinct.size, np.float32)
    usual_mnt[of_family], shares[of_family] = known.usual_mnt[group], share
    out = number.view(np.float32)  # in the place of the numbers, which nobody needs any longer
    where_dear((frozen(rows), gross_mnt), frozen(usual_mnt), frozen(shares), frozen(number), out)
    return out


def _shares_over_peers(facts: Facts, known: DearClaims, distinct: U64) -> tuple[I64, F64]:
    """For each family, level and facility of this batch: the group of the history, -1 if none, and the share."""
    code = (distinct & np.uint64((1 << PLACE_BITS) - 1)).astype(np.int64)
    of_family = (distinct >> np.uint64(PLACE_BITS + LEVEL_BITS)).astype(np.int64)
    level = distinct >> np.uint64(PLACE_BITS) & np.uint64((1 << LEVEL_BITS) - 1)
    family = places_of(facts.family.values, known.family)[of_family]
    group = find_keys(known.key, _with_level(family, level))
    group = np.where(family >= 0, group, -1)
    facility = places_of(facts.facility.values, known.facility)[code]
    pair = find_keys(known.pair, _with_facility(group, facility))
    mine = np.where((group >= 0) & (facility >= 0), pair, -1)
    few, few_dear = known.own_claims[mine], known.own_dear[mine]
    peers, peers_dear = known.claims[group] - few, known.dear[group] - few_dear
    usual = np.divide(peers_dear, peers, out=np.zeros(mine.size), where=peers > 0)
    drawn = (few_dear + ENOUGH * usual) / (few + ENOUGH)
    return group, np.where((group >= 0) & (peers > 0), drawn - usual, 0.0)
