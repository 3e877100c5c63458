"""Why a row is strange: the toy tree of the specification, and additivity against a walk in plain Python."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from daatgal.errors import InputError
from daatgal.forest import FeatureColumns, Scorer, Tree, from_scikit_learn, from_trees, shares
from tests.forest_walk import claims_like, path_length, walked_differences
from tests.scale import scaled

pytestmark = pytest.mark.kernels

TOY = Tree(
    feature=[0, 0, 1, 0, 0],
    threshold=[0.5, 0.0, 0.5, 0.0, 0.0],
    left=[1, -1, 3, -1, -1],
    right=[2, -1, 4, -1, -1],
    training_rows=[4, 1, 3, 1, 2],
)


@pytest.mark.parametrize(
    ("row", "score", "difference"),
    [
        ((0.0, 0.0), 0.687743668, (-0.851655907, 0.0)),
        ((1.0, 0.0), 0.472991353, (0.355736450, -0.207392358)),
        ((1.0, 1.0), 0.325296808, (0.355736450, 0.792607642)),
    ],
)
def test_the_toy_tree(row, score, difference):
    scorer = Scorer(from_trees([TOY], features=2, sample_rows=4))
    columns = FeatureColumns.of(np.array([row]))
    assert scorer.score(columns)[0] == pytest.approx(score, abs=5e-10)
    assert scorer.differences(columns, np.array([0]))[0] == pytest.approx(difference, abs=5e-10)


@pytest.fixture(scope="module")
def forest():
    fitted = IsolationForest(n_estimators=25, max_samples=128, random_state=4).fit(
        claims_like(3000, 6, seed=8)
    )
    return from_scikit_learn(fitted)


def test_differences_equal_the_plain_walk_and_add_up_to_the_score(forest):
    rows = claims_like(120, 6, seed=9)
    columns, every = FeatureColumns.of(rows), np.arange(120)
    scorer = Scorer(forest)
    difference = scorer.differences(columns, every)
    assert np.abs(difference - walked_differences(forest, rows)).max() < 1e-9
    left = -np.log2(scorer.score(columns)) - 1.0
    assert np.abs(left - difference.sum(axis=1) / path_length(128)).max() < 1e-9


def test_differences_of_chosen_rows_do_not_depend_on_the_others(forest):
    count = scaled(5000, at_least=1500)
    rows = claims_like(count, 6, seed=10)
    scorer = Scorer(forest)
    chosen = np.random.default_rng(0).permutation(count)[: count // 2]
    every = scorer.differences(FeatureColumns.of(rows), np.arange(count), 2)
    assert np.array_equal(scorer.differences(FeatureColumns.of(rows), chosen, 1), every[chosen])
    assert np.array_equal(
        scorer.differences(FeatureColumns.of(rows[chosen]), np.arange(count // 2), 2), every[chosen]
    )
    assert scorer.differences(FeatureColumns.of(rows), np.empty(0, dtype=np.int64)).shape == (0, 6)


def test_a_row_that_is_not_there_is_refused(forest):
    with pytest.raises(InputError, match="rows -1 to 3, expected rows of the 4 scored"):
        Scorer(forest).differences(FeatureColumns.of(np.zeros((4, 6))), np.array([3, -1]))
    with pytest.raises(InputError, match="rows 0 to 4, expected rows of the 4 scored"):
        Scorer(forest).differences(FeatureColumns.of(np.zeros((4, 6))), np.array([0, 4]))


def test_shares_are_of_what_makes_a_row_strange():
    share = shares(np.array([[-3.0, 1.0, -1.0], [0.5, 0.0, 2.0], [0.0, 0.0, 0.0]]))
    assert share.tolist() == [[0.75, 0.0, 0.25], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]


def test_the_feature_that_was_tampered_with_ranks_first(forest):
    rows = np.tile(np.median(claims_like(3000, 6, seed=8), axis=0), (6, 1)).astype(np.float32)
    rows[np.arange(6), np.arange(6)] *= 1000
    rows[np.arange(6), np.arange(6)] += 1000
    difference = Scorer(forest).differences(FeatureColumns.of(rows), np.arange(6))
    assert np.array_equal(shares(difference).argmax(axis=1), np.arange(6))
