"""From trees fitted anywhere to a `Forest`.

In: a fitted scikit-learn IsolationForest, or the arrays of trees that another library fitted. Out: a checked
`daatgal_engine.forest.Forest`, whose scores equal the fitting library's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt

from daatgal.forest.check import ModelError, check_nodes
from daatgal_engine.forest import Forest, Nodes, assemble, mean_path_length

if TYPE_CHECKING:
    from sklearn.ensemble import IsolationForest

GoesLeft = Literal["at_most", "below"]


@dataclass(frozen=True)
class Tree:
    """One tree as its library holds it: five arrays over its nodes, of which node 0 is the root.

    `left` and `right` are node numbers, negative in a leaf; `training_rows` counts the rows that reached the node.
    """

    feature: npt.ArrayLike
    threshold: npt.ArrayLike
    left: npt.ArrayLike
    right: npt.ArrayLike
    training_rows: npt.ArrayLike


@dataclass(frozen=True)
class Splits:
    """What the columns say that a forest was fitted on, where they are 1 or 0: that a feature is over a value."""

    feature: npt.NDArray[np.int64]
    """c"""
    value: npt.NDArray[np.float32]
    """c"""
    features: int
    """how many there are"""


def from_scikit_learn(fitted: "IsolationForest", splits: Splits | None = None) -> Forest:
    """Read a fitted sklearn.ensemble.IsolationForest; its `-score_samples(x)` are the forest's scores.

    Subsets of features (`max_features`) are mapped back to the columns the forest was fitted on; with `splits`, to the
    features and values that these columns speak of, so that the forest scores the features themselves. Raises
    scikit-learn's NotFittedError, and `ModelError` where the forest cannot be compiled.
    """
    from sklearn.utils.validation import check_is_fitted

    check_is_fitted(fitted)
    features: int = getattr(fitted, "n_features_in_")  # noqa: B009 - set by fitting, unknown to the type checker
    trees: list[Tree] = []
    for estimator, columns in zip(fitted.estimators_, fitted.estimators_features_, strict=True):
        tree: Any = estimator.tree_
        inner = tree.children_left >= 0
        feature = np.where(inner, np.asarray(columns)[np.where(inner, tree.feature, 0)], 0)
        threshold: npt.ArrayLike = tree.threshold
        if splits is not None:
            feature, threshold = splits.feature[feature], splits.value[feature]
        trees.append(Tree(feature, threshold, tree.children_left, tree.children_right, tree.n_node_samples))
    return from_trees(
        trees, features=splits.features if splits else features, sample_rows=int(fitted.max_samples_)
    )


def from_trees(
    trees: Sequence[Tree], *, features: int, sample_rows: int, goes_left: GoesLeft = "at_most"
) -> Forest:
    """Compile the trees of a forest fitted elsewhere.

    `features` is the number of columns, `sample_rows` the ψ rows each tree was grown on. A row goes left where its
    value is `at_most` the threshold (x ≤ t, as in scikit-learn), or `below` it (x < t). Values are compared as
    float32; a float64 threshold is moved to the float32 that decides alike for every float32 value. Raises
    `ModelError` naming tree and node where the arrays are no trees.
    """
    if not trees:
        raise ModelError("forest: no tree, expected at least one")
    parts = [_in_order(tree, number, goes_left) for number, tree in enumerate(trees)]
    sizes = [0, *(part.feature.size for part in parts)]
    start = np.cumsum(sizes).astype(np.uint32)
    shift = np.repeat(start[:-1], sizes[1:])
    columns = [np.concatenate(column) for column in zip(*(part[1:] for part in parts), strict=True)]
    joined = Nodes(start, *columns)
    nodes = joined._replace(left=joined.left + shift, right=joined.right + shift)
    check_nodes(nodes, features, sample_rows)
    return assemble(nodes, features, sample_rows)


def _in_order(tree: Tree, number: int, goes_left: GoesLeft) -> Nodes:
    """The tree's nodes breadth-first from its root, so that parents precede children; numbered within the tree."""
    left, right = (np.asarray(child).astype(np.int64) for child in (tree.left, tree.right))
    if left.ndim != 1 or left.size == 0 or left.shape != right.shape:
        raise ModelError(
            f"forest: tree {number} has children of shapes {left.shape} and {right.shape}, expected one row each"
        )
    order = _breadth_first(left, right, number)
    place = np.full(left.size, -1, dtype=np.int64)
    place[order] = np.arange(order.size)
    inner = left[order] >= 0
    threshold = _float32_thresholds(np.asarray(tree.threshold)[order], goes_left)
    rows = np.asarray(tree.training_rows)[order]
    own = np.arange(order.size)
    return Nodes(
        np.array([0, order.size], dtype=np.uint32),
        np.where(inner, np.asarray(tree.feature)[order], 0).astype(np.uint16),
        np.where(inner, threshold, np.float32(0)).astype(np.float32),
        np.where(inner, place[left[order]], own).astype(np.uint32),
        np.where(inner, place[right[order]], own).astype(np.uint32),
        rows.astype(np.uint32),
        mean_path_length(rows),
    )


def _breadth_first(
    left: npt.NDArray[np.int64], right: npt.NDArray[np.int64], number: int
) -> npt.NDArray[np.int64]:
    levels = [np.zeros(1, dtype=np.int64)]
    found = 1
    while levels[-1].size:
        inner = levels[-1][left[levels[-1]] >= 0]
        children = np.column_stack([left[inner], right[inner]]).ravel()
        found += children.size
        if found > left.size or (children < 0).any() or (children >= left.size).any():
            raise ModelError(f"forest: tree {number} is no tree: its children meet or lie outside its nodes")
        levels.append(children)
    return np.concatenate(levels)


def _float32_thresholds(threshold: npt.NDArray[Any], goes_left: GoesLeft) -> npt.NDArray[np.float32]:
    """The greatest float32 that still goes left: `x ≤ it` decides as the given threshold does for every float32 x."""
    exact = threshold.astype(np.float64)
    with np.errstate(over="ignore"):
        near = exact.astype(np.float32)
    too_high = near >= exact if goes_left == "below" else near > exact
    lowered = np.where(too_high, np.nextafter(near, np.float32(-np.inf)), near)
    return lowered + np.float32(0)
