"""Why a row is strange: its path, divided among the features that shaped it.

In: a `Forest` and the chosen rows' columns. Out: for every row and feature the mean over trees of Δ. Row map: rows
may be chunked. Meant for the few rows that are flagged; all rows' scores come from `forest_score`.
"""

from daatgal_engine._jit import kernel
from daatgal_engine.columns import F32, F64
from daatgal_engine.forest import Forest


@kernel
def path_differences(forest: Forest, column: F32, difference: F64) -> None:
    """Divide each row's path among the features: negative makes a row strange.

    At a split on feature f from node to child, Δ_f += 1 + c(n_child) − c(n_node); then the mean over trees. Summed
    over features, Δ is the row's mean path less the mean c(n_root); where every tree grew on ψ rows,
    `−log2 score − 1 = Σ_f Δ_f / c(ψ)`.

    Reads: `column` (features × rows, finite).
    Writes: `difference` (rows × features; edges of a path).
    Source: audit §2.
    """
    trees = forest.tree_start.size - 1
    difference[:] = 0.0
    for tree in range(trees):
        root = forest.tree_start[tree]
        for row in range(difference.shape[0]):
            node = root
            while forest.left[node] != node:
                feature = forest.feature[node]
                child = forest.right[node]
                if column[feature, row] <= forest.threshold[node]:
                    child = forest.left[node]
                difference[row, feature] += 1.0 + forest.mean_path[child] - forest.mean_path[node]
                node = child
    for row in range(difference.shape[0]):
        for feature in range(difference.shape[1]):
            difference[row, feature] /= trees
