"""What the forest grows on: rungs by hand, the sample it draws from, and scikit-learn's scores of the features."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest

from daatgal.features import FEATURES, Feature
from daatgal.features.catalogue import WINDOWS_DAYS, Strange
from daatgal.forest import FeatureColumns, Scorer, from_scikit_learn
from daatgal.scoring.rungs import CLAIMS_OF_A_RUNG, SAY, drawn, hold, statements


def told(*strange: Strange, alike: int = 1) -> list[Feature]:
    """Features with these ends."""
    return [replace(FEATURES[0], strange=end, alike=alike) for end in strange]


def block_of(*columns) -> np.ndarray:
    return np.array(columns, np.float32)


def counts(claims: int = 10_000) -> np.ndarray:
    """0 for nearly all, 1 for 40, 2 for 9, 7 for one."""
    values = np.zeros(claims, np.float32)
    values[:50] = [1] * 40 + [2] * 9 + [7]
    return values


def test_each_rung_halves_the_share_that_reaches_it():
    """10,000 claims, so one in 100 is ordinary."""
    said = statements(block_of(counts()), told("more"))
    # (n + ½) · 100 · 2^(k−1) ≤ 10,001: 50 claims are on rung 1, 10 on rung 4, 1 on rung 7.
    assert said.rung.tolist() == [1, 2, 3, 4, 5, 6, 7]
    assert said.value.tolist() == [0, 1, 1, 1, 2, 2, 2]
    heights = said.heights(block_of([0, 1, 2, 3, 7, 900]))
    assert heights.tolist() == [[0, 1, 4, 7, 7, 7]]


def test_only_the_strange_end_is_told():
    values = block_of(np.concatenate([counts()[:5000], -counts()[:5000]]))
    for strange, ends in (("more", {1}), ("less", {-1}), ("either", {-1, 1})):
        said = statements(values, told(strange))
        assert set(np.sign(said.rung)) == ends
        low, usual, high = said.heights(block_of([-7, 0, 7]))[0]
        assert (low > 0, usual, high > 0) == (-1 in ends, 0, 1 in ends)


def test_what_many_claims_have_is_ordinary():
    day_off = block_of(np.arange(10_000) % 4 == 0)
    said = statements(day_off, told("more"))
    assert (said.rung.size, said.heights(day_off).max()) == (1, 0), "one statement, of no claim"
    assert hold(said.splits(), day_off).max() == 0


def test_every_end_has_the_same_say_and_higher_rungs_more_of_it():
    said = statements(block_of(counts(), -counts()), told("more", "less"))
    splits = said.splits()
    columns = [int((splits.feature == feature).sum()) for feature in (0, 1)]
    assert columns[0] == columns[1] == pytest.approx(SAY, abs=said.rung.size)
    _, times = np.unique(splits.value[splits.feature == 0], return_counts=True)
    assert times[-1] > times[0]
    third = statements(block_of(counts()), told("more", alike=3)).splits()
    assert third.feature.size == pytest.approx(SAY / 3, abs=said.rung.size)


def test_trees_draw_from_as_many_rare_claims_as_ordinary_ones():
    heights = np.zeros((2, 10_000), np.int64)
    heights[0, :400], heights[1, 300:320] = 1, 5
    chosen = drawn(heights, seed=3)
    highest = heights.max(axis=0)[chosen]
    assert [int((highest == height).sum()) for height in (0, 1, 5)] == [
        CLAIMS_OF_A_RUNG,
        CLAIMS_OF_A_RUNG,
        20,
    ]
    assert np.array_equal(chosen, drawn(heights, seed=3))
    assert not np.array_equal(chosen, drawn(heights, seed=4))


@pytest.mark.parametrize("seed", range(2))
def test_the_compiled_forest_scores_features_as_scikit_learn_scores_statements(seed):
    draw = np.random.default_rng(seed)
    block = block_of(
        draw.normal(size=3000), draw.poisson(0.02, 3000), draw.exponential(size=3000), np.ones(3000)
    )
    said = statements(block, told("either", "more", "less", "more"))
    splits = said.splits()
    fitted = IsolationForest(n_estimators=20, max_samples=256, random_state=seed)
    fitted.fit(hold(splits, block[:, drawn(said.heights(block), seed)]))
    beyond = np.concatenate([block, block_of(*draw.normal(0, 9, size=(4, 500))), block + 1], axis=1)
    columns = FeatureColumns(
        list("abcd"), beyond.shape[1], [[(0, np.ascontiguousarray(row))] for row in beyond]
    )
    ours = Scorer(from_scikit_learn(fitted, splits)).score(columns)
    assert ours == pytest.approx(-fitted.score_samples(hold(splits, beyond)), abs=1e-9)
    assert ours[np.abs(block[0]).argmax()] > np.median(ours)


def test_every_feature_says_which_end_is_strange():
    assert {feature.strange for feature in FEATURES} == {"more", "less", "either"}
    windows = [feature for feature in FEATURES if feature.alike > 1]
    assert {feature.alike for feature in windows} == {len(WINDOWS_DAYS)}
    assert len(windows) == 4 * len(WINDOWS_DAYS)
