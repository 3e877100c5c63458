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

from daatgal_engine.forest import F32, U8, U32, U64, Forest

CHAIN_NODES = 4
"""Most nodes of a pass; a longer chain takes several."""
NODE_FIELDS = 3
"""Of each node of a pass: where its feature's ranks begin in a block, its threshold's rank, where rows go right to."""
HEAD = NODE_FIELDS * CHAIN_NODES
"""The field with the place of rows at the head of the chain."""
STAY = HEAD + 1
"""The field with the place of rows that stay to the end."""
PLACES = 256


class TooWideError(Exception):
    """A tree that needs more places than a byte has, and must be walked."""


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
