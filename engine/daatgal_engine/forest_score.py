"""Every row's score, a block of rows at a time.

In: a `CompiledForest` and float32 columns. Out: one float64 score a row. Row map: rows may be chunked at will.

A block's values become ranks (`forest_ranks`), the ranks a place in each tree (`forest_chains`, `forest_lanes`), and
each pair of places a sum of two paths. Paths are integers, so the sum does not depend on how the work is divided.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.forest import F32, F64, PATH_UNITS, U8, U32, U64, Forest, walk
from daatgal_engine.forest_chains import NO_TREE, Passes, TreeChains, join_pairs, rewrite_tree
from daatgal_engine.forest_lanes import LANES, follow_four, follow_one, follow_three, follow_two
from daatgal_engine.forest_ranks import (
    BLOCK_ROWS,
    NO_FEATURE,
    PACKED_GROUPS,
    RankTables,
    find_positions,
    group_trees,
    rank_tables,
    unpack_ranks,
)

_HALVES = 0.5 ** np.arange(1076.0)
_EXPONENTIAL = np.log(2.0) ** np.arange(14) / np.cumprod([1.0, *range(1, 14)])


class CompiledForest(NamedTuple):
    """A forest as the scoring kernel reads it."""

    forest: Forest
    tables: RankTables
    passes: Passes
    pack_start: U32
    """packs of four groups + 1: where each one's pairs of trees begin"""
    walked: U32
    """trees too wide for bytes, which are walked row by row"""
    ratio_unit: float
    """what one unit of a row's path sum adds to mean path / c(ψ); 0 where c(ψ) is 0, and every score 0.5"""


class Scratch(NamedTuple):
    """What one thread needs to score, whatever the number of rows."""

    key: U32
    """rows of a block"""
    position: U32
    """features × rows of a block"""
    rank: U8
    """4 × features × rows of a block"""
    place: U8
    """2 × rows of a block"""
    path_sum: U64
    """rows of a block"""


def compile_forest(forest: Forest) -> CompiledForest:
    """Rewrite a forest for the scoring kernel: once, in a fraction of a second for 100 trees."""
    rewritten = [rewrite_tree(forest, tree) for tree in range(forest.tree_start.size - 1)]
    groups, walked = group_trees(forest, [tree is not None for tree in rewritten])
    tables, rank = rank_tables(forest, groups)
    column = np.zeros(forest.left.size, dtype=np.uint32)
    pairs: list[tuple[TreeChains, TreeChains]] = []
    pack_start: list[int] = []
    for number, group in enumerate(groups):
        if number % PACKED_GROUPS == 0:
            pack_start.append(len(pairs))
        for tree in group:
            nodes = slice(int(forest.tree_start[tree]), int(forest.tree_start[tree + 1]))
            place = number % PACKED_GROUPS * forest.features + forest.feature[nodes].astype(np.uint32)
            column[nodes] = place * np.uint32(BLOCK_ROWS)
        chains = [rewritten[tree] or NO_TREE for tree in group] + [NO_TREE] * (len(group) % 2)
        pairs += zip(chains[::2], chains[1::2], strict=True)
    return CompiledForest(
        forest,
        tables,
        join_pairs(pairs, column, rank),
        np.array([*pack_start, len(pairs)], dtype=np.uint32),
        np.array(walked, dtype=np.uint32),
        1.0 / (PATH_UNITS * len(rewritten) * forest.sample_path) if forest.sample_path else 0.0,
    )


def scratch_for(compiled: CompiledForest) -> Scratch:
    """One thread's scratch memory."""
    features = compiled.forest.features
    return Scratch(
        np.zeros(BLOCK_ROWS, dtype=np.uint32),
        np.zeros((features, BLOCK_ROWS), dtype=np.uint32),
        np.zeros((PACKED_GROUPS, features, BLOCK_ROWS), dtype=np.uint8),
        np.zeros(2 * BLOCK_ROWS, dtype=np.uint8),
        np.zeros(BLOCK_ROWS, dtype=np.uint64),
    )


@kernel
def follow_pair(passes: Passes, pair: int, lanes: int, scratch: Scratch) -> None:
    """Move the places of a block's rows from the roots to the leaves of two trees.

    Reads: `scratch.rank`. Writes: `scratch.place`.
    """
    rank = scratch.rank.reshape(-1)
    place = scratch.place
    for row in range(np.uint64(lanes)):
        place[row] = passes.root[pair, 0]
        place[np.uint64(row + np.uint64(BLOCK_ROWS))] = passes.root[pair, 1]
    rows = np.uint64(lanes)
    for at in range(np.uint64(passes.pass_start[pair]), np.uint64(passes.pass_start[pair + 1])):
        slot = np.uint64(passes.tree[at]) * np.uint64(BLOCK_ROWS)
        nodes = passes.nodes[at]
        if nodes == 1:
            follow_one(rank, place, passes.code, at, slot, rows)
        elif nodes == 2:
            follow_two(rank, place, passes.code, at, slot, rows)
        elif nodes == 3:
            follow_three(rank, place, passes.code, at, slot, rows)
        else:
            follow_four(rank, place, passes.code, at, slot, rows)


@kernel
def add_paths(passes: Passes, pair: int, place: U8, path_sum: U64) -> None:
    """Add the paths of the places reached in two trees. Reads: `place` (2 × block). Writes: `path_sum` (rows)."""
    path = passes.path[passes.table_start[pair] : passes.table_start[pair + 1]]
    width = passes.table_width[pair]
    for row in range(np.uint64(path_sum.size)):
        second = place[np.uint64(row + np.uint64(BLOCK_ROWS))]
        path_sum[row] += path[np.uint32(place[row] * width + second)]


@kernel
def score_of_paths(path_sum: U64, ratio_unit: float, score: F64) -> None:
    """`2^(−mean path / c(ψ))` by additions and multiplications alone: the same bits on every machine.

    Reads: `path_sum` (rows). Writes: `score` (rows). Source: audit §1.
    """
    for row in range(np.uint64(score.size)):
        ratio = np.float64(path_sum[row]) * ratio_unit if ratio_unit > 0.0 else 1.0
        whole = np.floor(ratio + 0.5)
        rest = whole - ratio
        power = _EXPONENTIAL[13]
        for term in range(12, -1, -1):
            power = power * rest + _EXPONENTIAL[term]
        score[row] = power * _HALVES[np.uint32(min(whole, 1075.0))]


@kernel
def score_columns(compiled: CompiledForest, column: F32, scratch: Scratch, score: F64) -> int:
    """Score all rows of `column`; −1, or the first feature that has a NaN or infinite value (the scores are then void).

    Reads: `column` (features × rows). Writes: `score` (rows), `scratch`.
    Source: audit §1.
    """
    bits = column.view(np.uint32)
    for first in range(0, score.size, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, score.size - first)
        path_sum = scratch.path_sum[:rows]
        path_sum[:] = 0
        for feature in range(column.shape[0]):
            position = scratch.position[feature, :rows]
            values = bits[feature, first : first + rows]
            if not find_positions(compiled.tables, feature, values, scratch.key[:rows], position):
                return feature
        for pack in range(compiled.pack_start.size - 1):
            for feature in range(column.shape[0]):
                start, end = compiled.tables.packed_start[feature], compiled.tables.packed_start[feature + 1]
                packed = compiled.tables.packed_rank[pack, start:end]
                unpack_ranks(packed, scratch.position[feature, :rows], feature, scratch.rank)
            for pair in range(compiled.pack_start[pack], compiled.pack_start[pack + 1]):
                follow_pair(compiled.passes, pair, (rows + LANES - 1) // LANES * LANES, scratch)
                add_paths(compiled.passes, pair, scratch.place, path_sum)
        if compiled.walked.size:
            walk(compiled.forest, compiled.walked, column, first, path_sum)
        score_of_paths(path_sum, compiled.ratio_unit, score[first : first + rows])
    return NO_FEATURE
