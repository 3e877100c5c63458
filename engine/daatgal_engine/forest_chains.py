"""A tree rewritten as passes over a block of rows, each a chain of nodes, with one byte a row for its place.

In: a `Forest` and the ranks of its thresholds. Out: `Passes`, which `forest_score` follows. No kernel lives here.

A chain is a node, its left child, that one's left child and so on to a leaf. Rows at the chain's head leave it at
the first node where they go right, else they stay to its end; so one comparison finds the rows that are at the head,
and each node costs one comparison and one selection more. The nodes of a pass are compared from the last to the
first, so that the first one where a row goes right has the last word.
Where a row ends up is one of the tree's few distinct paths (about 16 in a tree of 256 rows), so leaves are numbered
by path, and a node with equal leaves on both sides is left out. Trees are summed in pairs: a table holds the sum for
each pair of numbers.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine.columns import U8, U32, U64
from daatgal_engine.forest import Forest

CHAIN_NODES = 4
"""Most nodes of a pass; a longer chain takes several."""
NODE_FIELDS = 3
"""Of each node of a pass: where its feature's ranks begin in a block, its threshold's rank, where rows go right to."""
HEAD = NODE_FIELDS * CHAIN_NODES
"""The field with the place of rows at the head of the chain."""
STAY = HEAD + 1
"""The field with the place of rows that stay to the end."""
PLACES = 256


class Passes(NamedTuple):
    """What a block of rows goes through, pair of trees by pair of trees."""

    pass_start: U32
    """pairs + 1: where each pair's passes begin"""
    nodes: U8
    """passes: 1 to CHAIN_NODES"""
    tree: U8
    """passes: 0 or 1, which tree of the pair"""
    code: U32
    """passes × (STAY + 1): the fields above"""
    root: U8
    """pairs × 2: the place that every row starts from"""
    table_start: U32
    """pairs + 1: where each pair's table begins"""
    table_width: U32
    """pairs: distinct paths of the second tree"""
    path: U64
    """sums of two trees' paths in units of 2^-40; row by the first tree's place, column by the second's"""


class Chain(NamedTuple):
    """One pass of one tree."""

    head: int
    stay: int
    nodes: list[tuple[int, int]]
    """from the last to the first: a node, and the place of rows that go right there"""


class TreeChains(NamedTuple):
    """One tree rewritten."""

    root: int
    """the place that every row starts from"""
    path: U64
    """the distinct paths; the place of a row that reached its leaf is an index into them"""
    levels: list[list[Chain]]
    """the chains of a level do not depend on each other, and the shortest come first"""


def _path_numbers(forest: Forest, first: int, end: int) -> tuple[U64, list[int]]:
    """The tree's distinct paths, and each node's path number, −1 where the rows of a node end up differently."""
    own = np.arange(first, end)
    leaf = forest.left[first:end] == own
    path, leaf_number = np.unique(forest.leaf_path[first:end][leaf], return_inverse=True)
    number = np.full(end - first, -1, dtype=np.int64)
    number[leaf] = leaf_number
    numbers: list[int] = number.tolist()
    left, right = ((child[first:end] - np.uint32(first)).tolist() for child in (forest.left, forest.right))
    for node in range(end - first - 1, -1, -1):
        if left[node] != node and numbers[left[node]] == numbers[right[node]]:
            numbers[node] = numbers[left[node]]
    return path, numbers


def rewrite_tree(forest: Forest, tree: int) -> TreeChains | None:
    """One tree's chains; None where it needs more places than a byte has."""
    first, end = int(forest.tree_start[tree]), int(forest.tree_start[tree + 1])
    path, number = _path_numbers(forest, first, end)
    free = list(range(PLACES - 1, path.size - 1, -1))
    if not free:
        return None
    if number[0] >= 0:
        return TreeChains(number[0], path, [])
    root = free.pop()
    heads = [(0, root)]
    levels: list[list[Chain]] = []
    while heads:
        chains = [(_chain(forest, first, number, node), head) for node, head in heads]
        heads = []
        levels.append([])
        for chain, head in sorted(chains, key=lambda chain_head: len(chain_head[0])):
            nodes: list[tuple[int, int]] = []
            for node in chain:
                right = int(forest.right[first + node]) - first
                leave = number[right]
                if leave < 0:
                    if not free:
                        return None
                    leave = free.pop()
                    heads.append((right, leave))
                nodes.append((first + node, leave))
            rest = int(forest.left[first + chain[-1]]) - first
            stay = number[rest]
            if stay < 0:
                stay = head
                heads.append((rest, head))
            else:
                free.append(head)
            levels[-1].append(Chain(head, stay, nodes[::-1]))
    return TreeChains(root, path, levels)


def _chain(forest: Forest, first: int, number: list[int], node: int) -> list[int]:
    """The nodes of a chain from its head, as many as a pass takes."""
    chain: list[int] = []
    while number[node] < 0 and len(chain) < CHAIN_NODES:
        chain.append(node)
        node = int(forest.left[first + node]) - first
    return chain


NO_TREE = TreeChains(0, np.zeros(1, dtype=np.uint64), [])
"""Beside the last of an odd number of trees: every row is at its only leaf, whose path is 0."""


def join_pairs(pairs: list[tuple[TreeChains, TreeChains]], rank_column: U32, threshold_rank: U8) -> Passes:
    """The passes of pairs of trees.

    `rank_column` (nodes) is where the ranks of a node's feature begin in a block, `threshold_rank` (nodes) how many
    of its group's thresholds of that feature are below the node's.
    """
    ordered: list[tuple[int, Chain]] = []
    pass_start, table_start = [0], [0]
    tables: list[U64] = []
    for pair in pairs:
        for level in range(max(len(tree.levels) for tree in pair)):
            together = [
                (which, chain)
                for which, tree in enumerate(pair)
                for chain in (tree.levels[level] if level < len(tree.levels) else [])
            ]
            ordered += sorted(together, key=lambda which_chain: len(which_chain[1].nodes))
        tables.append(np.add.outer(pair[0].path, pair[1].path))
        pass_start.append(len(ordered))
        table_start.append(table_start[-1] + tables[-1].size)
    return Passes(
        np.array(pass_start, dtype=np.uint32),
        np.array([len(chain.nodes) for _, chain in ordered], dtype=np.uint8),
        np.array([which for which, _ in ordered], dtype=np.uint8),
        _code([chain for _, chain in ordered], rank_column, threshold_rank),
        np.array([[tree.root for tree in pair] for pair in pairs], dtype=np.uint8).reshape(len(pairs), 2),
        np.array(table_start, dtype=np.uint32),
        np.array([table.shape[1] for table in tables], dtype=np.uint32),
        np.concatenate([np.zeros(0, dtype=np.uint64), *(table.ravel() for table in tables)]),
    )


def _code(chains: list[Chain], rank_column: U32, threshold_rank: U8) -> U32:
    code = np.zeros((len(chains), STAY + 1), dtype=np.uint32)
    for fields, chain in zip(code, chains, strict=True):
        for place, (node, leave) in enumerate(chain.nodes):
            fields[NODE_FIELDS * place : NODE_FIELDS * (place + 1)] = (
                rank_column[node],
                threshold_rank[node],
                leave,
            )
        fields[HEAD], fields[STAY] = chain.head, chain.stay
    return code
