"""Feature values turned into ranks among the forest's thresholds, one byte each.

In: a `Forest`, and blocks of float32 columns. Out: for every row and feature how many thresholds are below the value,
counted within each group of trees that has at most 255 of them. A node then asks whether a byte is greater than a
byte. Row map, called by `forest_score`.

A rank is found in three steps, each over all rows of the block: a table on the float's leading bits says where to
start, a few halvings count on from there without branches, and a second table turns the rank among all thresholds
into the four ranks of four groups at once.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.columns import F32, U8, U32
from daatgal_engine.forest import Forest
from daatgal_engine.forest_lanes import LANES, find_positions, unpack_ranks

BLOCK_ROWS = 2048
"""Rows that go through the forest together: their ranks of a dozen features stay in the processor's first cache."""
GROUP_THRESHOLDS = 255
PACKED_GROUPS = 4
MOST_BUCKETS = 4096
ENOUGH_HALVINGS = 2
NO_FEATURE = -1

_SIGN = np.uint32(0x80000000)
_MAGNITUDE = np.uint32(0x7FFFFFFF)
_INFINITE = np.uint32(0x7F800000)


class RankTables(NamedTuple):
    """How to rank a value of each feature."""

    lowest: U32
    """features: the key of the least threshold; a key is a float's bits, in an order that is the floats'"""
    shift: U32
    """features: a value's bucket is (key − lowest) >> shift, at most `buckets` − 1"""
    buckets: U32
    halvings: U32
    """features: a bucket has fewer than 2^halvings thresholds"""
    bucket_start: U32
    """features + 1: where a feature's buckets begin in `bucket_rank`"""
    bucket_rank: U32
    """buckets: thresholds in earlier buckets"""
    key_start: U32
    """features + 1: where a feature's keys begin in `key`"""
    key: U32
    """thresholds: ascending and distinct in a feature, then the greatest key 2^halvings times"""
    packed_start: U32
    """features + 1: where a feature's ranks begin in a row of `packed_rank`"""
    packed_rank: U32
    """packs of four groups × (thresholds + 1): the rank in each group, the first group's in the lowest byte"""


def float_keys(value: F32) -> U32:
    """The values' keys: unsigned integers in the floats' order. −0 and 0 differ, so thresholds are never −0."""
    bits = np.ascontiguousarray(value).view(np.uint32)
    return np.where(bits & _SIGN, ~bits, bits | _SIGN)


def group_trees(forest: Forest, narrow: list[bool]) -> tuple[list[list[int]], list[int]]:
    """The narrow trees in groups that compare with at most 255 thresholds of each feature; and all other trees."""
    groups: list[list[int]] = []
    too_wide: list[int] = []
    union: list[set[int]] = []
    keys = float_keys(forest.threshold)
    for tree in range(forest.tree_start.size - 1):
        nodes = np.arange(forest.tree_start[tree], forest.tree_start[tree + 1])
        inner = nodes[forest.left[nodes] != nodes]
        own: list[set[int]] = [set() for _ in range(forest.features)]
        for feature, key in zip(forest.feature[inner].tolist(), keys[inner].tolist(), strict=True):
            own[feature].add(key)
        if not narrow[tree] or max(map(len, own)) > GROUP_THRESHOLDS:
            too_wide.append(tree)
            continue
        together = [old | new for old, new in zip(union, own, strict=True)] if union else own
        if groups and max(map(len, together)) <= GROUP_THRESHOLDS:
            groups[-1].append(tree)
            union = together
        else:
            groups.append([tree])
            union = own
    return groups, too_wide


def rank_tables(forest: Forest, groups: list[list[int]]) -> tuple[RankTables, U8]:
    """The tables for all groups, and each node's rank: how many of its group's thresholds are below its own."""
    nodes = np.arange(forest.left.size)
    inner = forest.left != nodes
    group = np.full(forest.left.size, -1, dtype=np.int64)
    for number, trees in enumerate(groups):
        for tree in trees:
            group[forest.tree_start[tree] : forest.tree_start[tree + 1]] = number
    keys = float_keys(forest.threshold)
    rank = np.zeros(forest.left.size, dtype=np.uint8)
    packs = -(-len(groups) // PACKED_GROUPS)
    searches: list[tuple[int, int, U32, U32]] = []
    packed: list[npt.NDArray[np.uint32]] = []
    for feature in range(forest.features):
        mine = nodes[inner & (group >= 0) & (forest.feature == feature)]
        key = np.unique(keys[mine])
        searches.append(_search_table(key))
        table = np.zeros((packs, key.size + 1), dtype=np.uint32)
        for number in range(len(groups)):
            in_group = mine[group[mine] == number]
            own = np.unique(keys[in_group])
            rank[in_group] = np.searchsorted(own, keys[in_group])
            below = np.searchsorted(own, np.append(key, 0xFFFFFFFF)).astype(np.uint32)
            below[-1] = own.size
            table[number // PACKED_GROUPS] |= below << np.uint32(8 * (number % PACKED_GROUPS))
        packed.append(table)
    return _joined(searches, packed), rank


def _search_table(key: U32) -> tuple[int, int, U32, U32]:
    """Lowest key, shift, thresholds before each bucket, keys: the smallest table that needs few halvings."""
    lowest = int(key[0]) if key.size else 0
    width = int(key[-1]) - lowest if key.size else 0
    best: tuple[int, int, U32] | None = None
    buckets = 64
    while buckets <= MOST_BUCKETS:
        shift = max(0, (width // buckets).bit_length())
        bucket = ((key - np.uint32(lowest)) >> np.uint32(shift)).astype(np.int64)
        filled = np.bincount(bucket, minlength=1)
        halvings = int(filled.max()).bit_length()
        if best is None or halvings < best[1]:
            before = np.concatenate([[0], np.cumsum(filled)])[: filled.size].astype(np.uint32)
            best = (shift, halvings, before)
        if halvings <= ENOUGH_HALVINGS:
            break
        buckets *= 2
    assert best is not None
    shift, halvings, before = best
    padded = np.concatenate([key, np.full(2**halvings, 0xFFFFFFFF, dtype=np.uint32)])
    return lowest, shift, before, padded


def _joined(searches: list[tuple[int, int, U32, U32]], packed: list[U32]) -> RankTables:
    """The features' tables one after the other."""

    def starts(sizes: list[int]) -> U32:
        return np.cumsum([0, *sizes]).astype(np.uint32)

    def column(values: list[int]) -> U32:
        return np.array(values, dtype=np.uint32)

    thresholds = [table.shape[1] - 1 for table in packed]
    return RankTables(
        column([search[0] for search in searches]),
        column([search[1] for search in searches]),
        column([search[2].size for search in searches]),
        column(
            [
                (search[3].size - count).bit_length() - 1
                for search, count in zip(searches, thresholds, strict=True)
            ]
        ),
        starts([search[2].size for search in searches]),
        np.concatenate([search[2] for search in searches]),
        starts([search[3].size for search in searches]),
        np.concatenate([search[3] for search in searches]),
        starts([table.shape[1] for table in packed]),
        np.ascontiguousarray(np.concatenate(packed, axis=1)),
    )


@kernel
def rank_feature(tables: RankTables, feature: int, bits: U32, padded: U32, position: U32) -> bool:
    """How many of the feature's thresholds each value is above; False where a value is NaN or infinite.

    Reads: `bits` (rows; float32 values as integers). Writes: `padded` (rows of a block; scratch), `position` (rows
    of a block; beyond the rows given, of the last one).
    """
    rows = np.uint64(bits.size)
    lanes = (rows + np.uint64(LANES - 1)) // np.uint64(LANES) * np.uint64(LANES)
    greatest = np.uint32(0)
    for row in range(rows):
        value = bits[row]
        padded[row] = value
        greatest = max(greatest, np.uint32(value & _MAGNITUDE))
    for row in range(rows, lanes):
        padded[row] = bits[rows - np.uint64(1)]
    search = (
        np.uint64(tables.lowest[feature]),
        np.uint64(tables.shift[feature]),
        np.uint64(tables.buckets[feature] - np.uint32(1)),
        np.uint64(tables.halvings[feature]),
        np.uint64(tables.bucket_start[feature]),
        np.uint64(tables.key_start[feature]),
    )
    find_positions(padded, search, tables.bucket_rank, tables.key, position, lanes)
    return bool(greatest < _INFINITE)


@kernel
def unpack_features(tables: RankTables, pack: int, position: U32, rank: U8, rows: int) -> None:
    """Every feature's ranks in the four groups of a pack.

    Reads: `position` (features × rows of a block). Writes: `rank` (4 × features × rows of a block).
    `rows`: a multiple of LANES.
    """
    features = np.uint64(position.shape[0])
    block = np.uint64(BLOCK_ROWS)
    packed, ranks = tables.packed_rank[pack], rank.reshape(-1)
    for feature in range(features):
        start = np.uint64(tables.packed_start[feature])
        unpack_ranks(
            packed, start, position[feature], ranks, feature * block, features * block, np.uint64(rows)
        )
