"""Every row's score, a block of rows at a time.

In: a `CompiledForest` and float32 columns. Out: one float64 score a row. Row map: rows may be chunked at will.

A block's values become ranks (`forest_ranks`), the ranks a place in each tree (`forest_chains`, `forest_lanes`), and
each pair of places a sum of two paths. Paths are integers, so the sum does not depend on how the work is divided.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.columns import F32, F64, U8, U32, U64
from daatgal_engine.forest import PATH_UNITS, U16, Forest, walk
from daatgal_engine.forest_chains import NO_TREE, Passes, TreeChains, join_pairs, rewrite_tree
from daatgal_engine.forest_lanes import LANES, follow_four, follow_one, follow_three, follow_two
from daatgal_engine.forest_ranks import (
    BLOCK_ROWS,
    NO_FEATURE,
    PACKED_GROUPS,
    RankTables,
    group_trees,
    rank_feature,
    rank_tables,
    unpack_features,
)

PAIRS_TOGETHER = 4
"""Pairs of trees whose paths are added in one pass over the block; a group's last ones may be no trees."""
TREES_TOGETHER = 2 * PAIRS_TOGETHER

_HALVES = np.ldexp(1.0, -np.arange(1076))
_LN_2 = 0.6931471805599453
_EXPONENTIAL = np.cumprod([1.0, *([_LN_2] * 13)]) / np.cumprod([1.0, *range(1, 14)])
"""2^x = Σ (x ln 2)^k / k!: exact to the last bits for |x| ≤ 0.5"""


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

    padded: U32
    """rows of a block"""
    position: U32
    """features × rows of a block"""
    rank: U8
    """4 × features × rows of a block"""
    place: U8
    """2 × rows of a block"""
    number: U16
    """pairs together × rows of a block"""
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
        chains = [rewritten[tree] or NO_TREE for tree in group] + [NO_TREE] * (-len(group) % TREES_TOGETHER)
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
        _on_cache_lines((BLOCK_ROWS,), np.uint32),
        _on_cache_lines((features, BLOCK_ROWS), np.uint32),
        _on_cache_lines((PACKED_GROUPS, features, BLOCK_ROWS), np.uint8),
        _on_cache_lines((2 * BLOCK_ROWS,), np.uint8),
        _on_cache_lines((PAIRS_TOGETHER, BLOCK_ROWS), np.uint16),
        _on_cache_lines((BLOCK_ROWS,), np.uint64),
    )


def _on_cache_lines(shape: tuple[int, ...], kind: type[np.unsignedinteger[Any]]) -> npt.NDArray[Any]:
    """Zeros that begin on a cache line: a vector that lies across two lines is loaded twice."""
    size = int(np.prod(shape)) * np.dtype(kind).itemsize
    room = np.zeros(size + LANES, dtype=np.uint8)
    first = -room.ctypes.data % LANES
    return room[first : first + size].view(kind).reshape(shape)


@kernel
def follow_pair(passes: Passes, pair: int, scratch: Scratch, rows: int) -> None:
    """Move the places of a block's rows from the roots to the leaves of two trees.

    Reads: `scratch.rank`. Writes: `scratch.place`. `rows`: a multiple of LANES.
    """
    rank, place, block = scratch.rank.reshape(-1), scratch.place, np.uint64(BLOCK_ROWS)
    lanes = np.uint64(rows)
    place[:rows] = passes.root[pair, 0]
    place[BLOCK_ROWS : BLOCK_ROWS + rows] = passes.root[pair, 1]
    for at in range(np.uint64(passes.pass_start[pair]), np.uint64(passes.pass_start[pair + 1])):
        slot = np.uint64(passes.tree[at]) * block
        nodes = passes.nodes[at]
        if nodes == 1:
            follow_one(rank, place, passes.code, at, slot, lanes)
        elif nodes == 2:
            follow_two(rank, place, passes.code, at, slot, lanes)
        elif nodes == 3:
            follow_three(rank, place, passes.code, at, slot, lanes)
        else:
            follow_four(rank, place, passes.code, at, slot, lanes)


@kernel
def number_pair(place: U8, width: int, number: U16) -> None:
    """Where each row's pair of places is in the pair's table. Reads: `place` (2 × block). Writes: `number` (rows)."""
    first, second = place[:BLOCK_ROWS], place[BLOCK_ROWS:]
    for row in range(np.uint64(number.size)):
        number[row] = np.uint16(first[row] * width + second[row])


@kernel
def add_pairs(passes: Passes, pair: int, number: U16, path_sum: U64) -> None:
    """Add the paths in the trees of PAIRS_TOGETHER pairs, of which `pair` is the first.

    Reads: `number` (pairs together × block). Writes: `path_sum` (rows).
    """
    path, start = passes.path, passes.table_start
    first, second = path[start[pair] : start[pair + 1]], path[start[pair + 1] : start[pair + 2]]
    third, fourth = path[start[pair + 2] : start[pair + 3]], path[start[pair + 3] : start[pair + 4]]
    for row in range(np.uint64(path_sum.size)):
        one_half = first[number[0, row]] + second[number[1, row]]
        path_sum[row] += one_half + (third[number[2, row]] + fourth[number[3, row]])


@kernel
def add_pack(compiled: CompiledForest, pack: int, scratch: Scratch, rows: int) -> None:
    """Add the paths of a block's rows in all trees of a pack.

    Reads: `scratch.position`. Writes: `scratch.path_sum`. `rows`: a multiple of LANES.
    """
    passes = compiled.passes
    unpack_features(compiled.tables, pack, scratch.position, scratch.rank, rows)
    for pair in range(compiled.pack_start[pack], compiled.pack_start[pack + 1], PAIRS_TOGETHER):
        for which in range(PAIRS_TOGETHER):
            follow_pair(passes, pair + which, scratch, rows)
            number_pair(scratch.place, passes.table_width[pair + which], scratch.number[which, :rows])
        add_pairs(passes, pair, scratch.number, scratch.path_sum[:rows])


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
    features = column.shape[0]
    for first in range(0, score.size, BLOCK_ROWS):
        rows = min(BLOCK_ROWS, score.size - first)
        lanes = (rows + LANES - 1) // LANES * LANES
        scratch.path_sum[:] = 0
        for feature in range(features):
            values = bits[feature, first : first + rows]
            if not rank_feature(compiled.tables, feature, values, scratch.padded, scratch.position[feature]):
                return feature
        for pack in range(compiled.pack_start.size - 1):
            add_pack(compiled, pack, scratch, lanes)
        path_sum = scratch.path_sum[:rows]
        if compiled.walked.size:
            walk(compiled.forest, compiled.walked, column, first, path_sum)
        score_of_paths(path_sum, compiled.ratio_unit, score[first : first + rows])
    return NO_FEATURE
