"""walk"""
import numpy as np
from daatgal_engine.forest import F32, F64, Forest, walk, PATH_UNITS

def compile_forest(forest: Forest):
    return forest

def score_rows(forest, column, score) -> int:
    bad = ~np.isfinite(column).all(axis=1)
    if bad.any():
        return int(np.argmax(bad))
    s = np.zeros(score.size, np.uint64)
    trees = np.arange(forest.tree_start.size - 1, dtype=np.uint32)
    walk(forest, trees, column, s)
    c = forest.sample_path
    score[:] = 2.0 ** -(s / PATH_UNITS / trees.size / c) if c else 0.5
    return -1
