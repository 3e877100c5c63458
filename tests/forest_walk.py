"""Isolation-forest scores and reasons by a walk in plain Python: the yardstick of the kernels, and test data."""

import itertools
import math

import numpy as np


def path_length(rows):
    if rows <= 1:
        return 0.0
    if rows == 2:
        return 1.0
    return 2.0 * (math.log(rows - 1.0) + 0.5772156649015329) - 2.0 * (rows - 1.0) / rows


def walked_path(forest, tree, row):
    """The nodes from the root to the leaf."""
    node = int(forest.tree_start[tree])
    path = [node]
    while forest.left[node] != node:
        goes_left = np.float32(row[forest.feature[node]]) <= forest.threshold[node]
        node = int(forest.left[node] if goes_left else forest.right[node])
        path.append(node)
    return path


def walked_scores(forest, rows):
    trees = len(forest.tree_start) - 1
    scores = []
    for row in rows:
        total = 0.0
        for tree in range(trees):
            path = walked_path(forest, tree, row)
            total += len(path) - 1 + path_length(int(forest.training_rows[path[-1]]))
        scores.append(2.0 ** (-total / trees / path_length(forest.sample_rows)))
    return np.array(scores)


def walked_differences(forest, rows):
    """Δ of every row and feature: at each split 1 + c(child) − c(node), then the mean over trees."""
    trees = len(forest.tree_start) - 1
    difference = np.zeros((len(rows), forest.features))
    for number, row in enumerate(rows):
        for tree in range(trees):
            path = walked_path(forest, tree, row)
            for node, child in itertools.pairwise(path):
                step = (
                    1.0
                    + path_length(int(forest.training_rows[child]))
                    - path_length(int(forest.training_rows[node]))
                )
                difference[number, forest.feature[node]] += step / trees
    return difference


def claims_like(rows, features, seed):
    """Heavy-tailed features: amounts and counts."""
    random = np.random.default_rng(seed)
    columns = []
    for feature in range(features):
        kinds = (
            lambda: random.lognormal(0.0, 2.0, rows),
            lambda: random.negative_binomial(1, 0.2, rows),
            lambda: random.lognormal(10.0, 1.2, rows),
            lambda: random.poisson(random.gamma(0.5, 4.0, rows)),
        )
        columns.append(kinds[feature % 4]())
    return np.column_stack(columns).astype(np.float32)
