"""Arrays that claim to be a forest are checked before a kernel may index by them.

In: `Nodes` from a file or an import. Out: nothing, or a `ModelError` that names what is wrong and where.
"""

import numpy as np
import numpy.typing as npt

from daatgal.errors import DaatgalError
from daatgal_engine.forest import PATH_UNITS, Nodes, node_depths

MOST_FEATURES = 65_535
MOST_NODES = 2**31


class ModelError(DaatgalError):
    """A forest or model file that cannot be read, or does not fit what it is asked to score."""


def check_nodes(nodes: Nodes, features: int, sample_rows: int) -> None:
    """Refuse arrays that are no forest over `features` columns with ψ = `sample_rows`."""
    start = nodes.tree_start.astype(np.int64)
    size = nodes.feature.size
    for name, array in zip(Nodes._fields[1:], nodes[1:], strict=True):
        if array.shape != (size,):
            raise ModelError(f"forest: {name} has shape {array.shape}, expected ({size},), as feature has")
    if not 1 <= features <= MOST_FEATURES:
        raise ModelError(f"forest: {features} features, expected 1 to {MOST_FEATURES}")
    if sample_rows < 1:
        raise ModelError(f"forest: grown on {sample_rows} rows a tree, expected at least 1")
    if start.ndim != 1 or start.size < 2 or start[0] != 0 or start[-1] != size or size >= MOST_NODES:
        raise ModelError(f"forest: tree_start must run from 0 to the {size} nodes of at least one tree")
    if (np.diff(start) < 1).any():
        raise ModelError(f"forest: tree {int(np.argmin(np.diff(start)))} has no node")
    _check_trees(nodes, start)
    _refuse(nodes, nodes.feature >= features, f"compares a feature beyond the {features} of a row")
    _refuse(nodes, np.isnan(nodes.threshold), "has the threshold NaN")
    _refuse(nodes, (nodes.threshold == 0) & np.signbit(nodes.threshold), "has the threshold −0, expected 0")
    _refuse(nodes, ~np.isfinite(nodes.mean_path) | (nodes.mean_path < 0), "has no mean path length of rows")
    longest = np.maximum.reduceat(node_depths(nodes) + nodes.mean_path, start[:-1]).sum()
    if longest * PATH_UNITS >= 2.0**63:
        raise ModelError(f"forest: its paths add up to {longest:.0f} edges, expected less than 2^23")


def _check_trees(nodes: Nodes, start: npt.NDArray[np.int64]) -> None:
    """Children follow their parent within its tree, and every node but a root is one node's child."""
    own = np.arange(nodes.left.size)
    end = np.repeat(start[1:], np.diff(start))
    inner = nodes.left != own
    _refuse(nodes, inner != (nodes.right != own), "has one child, expected two, or itself twice as a leaf")
    for child in (nodes.left, nodes.right):
        _refuse(nodes, inner & ((child <= own) | (child >= end)), "has a child before it or outside its tree")
    children = np.concatenate([nodes.left[inner], nodes.right[inner]])
    parents = np.bincount(children, minlength=own.size)
    parents[start[:-1]] += 1
    _refuse(nodes, parents != 1, "is not the child of exactly one node")


def _refuse(nodes: Nodes, wrong: npt.NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        node = int(np.argmax(wrong))
        tree = int(np.searchsorted(nodes.tree_start, node, side="right")) - 1
        raise ModelError(f"forest: tree {tree}, node {node - int(nodes.tree_start[tree])}: {what}")
