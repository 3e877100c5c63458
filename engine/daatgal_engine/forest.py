"""The isolation forest as arrays: what a model file holds and every forest kernel reads.

In: the trees of a fitted forest, as a binding read them. Out: `Forest`, checked. The kernel of this module is a row
map: it walks rows down trees one at a time, and is the plain form that the fast kernel of `forest_score` must equal.

A row's path in a tree is the depth of its leaf plus c(n) for the n training rows that share the leaf, where
`c(n) = 0 (n ≤ 1), 1 (n = 2), 2(ln(n−1) + γ) − 2(n−1)/n (n > 2)`; its score is `2^(−mean path / c(ψ))`, between 0 and
1, and higher is stranger. Paths are held as whole multiples of 2^-40, so that their sum is exact:
the same in any order of rows, blocks and threads, and on any machine.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.columns import F32, F64, U32, U64

U16 = npt.NDArray[np.uint16]

PATH_UNITS = 2.0**40
"""Paths are rounded to multiples of 2^-40: a forest may have 2^23 / (longest path) trees, and a score errs by 1e-12."""


class Nodes(NamedTuple):
    """The trees one after the other, each in an order in which a parent precedes its children: a model file's arrays.

    A row goes left where its float32 value is at most the threshold. A leaf's children are the leaf itself.
    """

    tree_start: U32
    """trees + 1: where each tree's nodes begin; its first node is its root"""
    feature: U16
    """nodes: the column that an inner node compares; 0 in a leaf"""
    threshold: F32
    """nodes: 0 in a leaf; never NaN, never −0"""
    left: U32
    """nodes: index into the nodes; the leaf itself in a leaf. Likewise `right`"""
    right: U32
    training_rows: U32
    """nodes: training rows that reached the node"""
    mean_path: F64
    """nodes: c(training rows)"""


class Forest(NamedTuple):
    """What the kernels read: the columns of `Nodes`, and what follows from them. All arrays are read-only."""

    tree_start: U32
    feature: U16
    threshold: F32
    left: U32
    right: U32
    training_rows: U32
    mean_path: F64
    leaf_path: U64
    """nodes: (depth + c(training rows)) in units of 2^-40; 0 in an inner node"""
    features: int
    """columns that a row has"""
    sample_rows: int
    """ψ: training rows that each tree was grown on"""
    sample_path: float
    """c(ψ)"""


def mean_path_length(rows: npt.ArrayLike) -> F64:
    """c(n): the mean path of an unsuccessful search in a binary tree of `rows` rows (audit §1)."""
    count = np.atleast_1d(np.asarray(rows, dtype=np.float64))
    path = np.where(count == 2.0, 1.0, 0.0)
    many = count > 2.0
    less_one = count[many] - 1.0
    path[many] = 2.0 * (np.log(less_one) + np.euler_gamma) - 2.0 * less_one / count[many]
    return path.reshape(np.shape(rows))


def assemble(nodes: Nodes, features: int, sample_rows: int) -> Forest:
    """The forest of `nodes` with ψ = `sample_rows`; the arrays are copied, contiguous and frozen."""
    frozen = Nodes(*(_frozen(array) for array in nodes))
    leaf_path = _frozen(_leaf_paths(frozen))
    return Forest(*frozen, leaf_path, features, sample_rows, float(mean_path_length(sample_rows)))


def _frozen(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    own = np.array(array, order="C")
    own.flags.writeable = False
    return own


def node_depths(nodes: Nodes | Forest) -> npt.NDArray[np.int64]:
    """Edges from the root to each node."""
    depth = np.zeros(nodes.left.size, dtype=np.int64)
    reached = nodes.tree_start[:-1].astype(np.int64)
    while reached.size:
        inner = reached[nodes.left[reached] != reached]
        children = np.concatenate([nodes.left[inner], nodes.right[inner]]).astype(np.int64)
        depth[children] = np.concatenate([depth[inner], depth[inner]]) + 1
        reached = children
    return depth


def _leaf_paths(nodes: Nodes) -> U64:
    path = np.rint((node_depths(nodes) + nodes.mean_path) * PATH_UNITS).astype(np.uint64)
    path[nodes.left != np.arange(nodes.left.size)] = 0
    return path


@kernel
def walk(forest: Forest, trees: U32, column: F32, first: int, path_sum: U64) -> None:
    """Add each row's paths in the listed trees to its sum: one row, one tree, one node at a time.

    Reads: `trees` (any number, indices of trees), `column` (features × rows, finite) from its row `first` on.
    Writes: `path_sum` (rows; multiples of 2^-40), added to.
    Source: audit §1.
    """
    for tree in trees:
        root = forest.tree_start[tree]
        for row in range(path_sum.size):
            node = root
            while forest.left[node] != node:
                if column[forest.feature[node], first + row] <= forest.threshold[node]:
                    node = forest.left[node]
                else:
                    node = forest.right[node]
            path_sum[row] += forest.leaf_path[node]
