"""The drop-in estimator: scikit-learn's own checks, its answers, and its quality on labelled data."""

import csv
import pickle
import warnings
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from sklearn.ensemble import IsolationForest as ScikitLearnForest
from sklearn.exceptions import NotFittedError
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from daatgal.forest.estimator import IsolationForest
from tests.forest_walk import claims_like

ADBENCH = Path(__file__).parents[2] / "shared" / "data" / "adbench"


@parametrize_with_checks([IsolationForest(n_estimators=5, random_state=0)])
def test_scikit_learns_checks(estimator, check):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="max_samples \\(.*\\) is greater than")
        check(estimator)


@pytest.mark.parametrize("contamination", ["auto", 0.1])
def test_answers_are_scikit_learns(contamination):
    rows = claims_like(2000, 5, seed=0)
    options = {"n_estimators": 30, "contamination": contamination, "max_features": 0.6, "random_state": 7}
    ours, theirs = IsolationForest(**options).fit(rows), ScikitLearnForest(**options).fit(rows)
    assert np.abs(ours.score_samples(rows) - theirs.score_samples(rows)).max() < 1e-12
    assert np.abs(ours.decision_function(rows) - theirs.decision_function(rows)).max() < 1e-12
    assert np.array_equal(ours.predict(rows), theirs.predict(rows))
    assert ours.offset_ == pytest.approx(theirs.offset_, abs=1e-12)
    assert ours.max_samples_ == theirs.max_samples_


def test_takes_arrow_and_polars_and_checks_their_names():
    rows = claims_like(500, 3, seed=1)
    table = pa.table({name: rows[:, column] for column, name in enumerate("abc")})
    estimator = IsolationForest(n_estimators=10, random_state=0).fit(table)
    assert estimator.feature_names_in_.tolist() == ["a", "b", "c"]
    expected = ScikitLearnForest(n_estimators=10, random_state=0).fit(rows).score_samples(rows)
    assert np.abs(estimator.score_samples(table) - expected).max() < 1e-12
    assert np.array_equal(estimator.score_samples(pl.from_arrow(table)), estimator.score_samples(table))
    assert np.array_equal(estimator.predict(table), np.where(expected < -0.5, -1, 1))
    with pytest.raises(ValueError, match="feature names should match"):
        estimator.score_samples(table.rename_columns(["a", "b", "d"]))
    with pytest.raises(ValueError, match="'b', row 2: NaN"):
        estimator.score_samples(pa.table({"a": [1.0] * 3, "b": [1.0, 2.0, np.nan], "c": [0.0] * 3}))


def test_a_forest_fitted_elsewhere_is_taken_over():
    rows = claims_like(500, 3, seed=2)
    fitted = ScikitLearnForest(n_estimators=10, random_state=0, contamination=0.2).fit(rows)
    ours = IsolationForest.of_fitted(fitted)
    assert np.abs(ours.score_samples(rows) - fitted.score_samples(rows)).max() < 1e-12
    assert ours.offset_ == fitted.offset_
    assert ours.get_params()["contamination"] == 0.2
    assert ours.n_features_in_ == 3
    with pytest.raises(NotFittedError):
        IsolationForest.of_fitted(ScikitLearnForest())


def test_a_fitted_estimator_survives_pickling_and_any_number_of_threads():
    rows = claims_like(40_000, 3, seed=3)
    estimator = IsolationForest(n_estimators=10, random_state=0).fit(rows)
    scores = estimator.score_samples(rows)
    again = pickle.loads(pickle.dumps(estimator))
    for threads in (None, 1, 2, -1, -2):
        assert np.array_equal(again.set_params(n_jobs=threads).score_samples(rows), scores)


def test_reasons_add_up_to_the_score():
    rows = claims_like(300, 4, seed=4)
    estimator = IsolationForest(n_estimators=10, random_state=0).fit(rows)
    reasons = estimator.reasons(rows)
    left = -np.log2(-estimator.score_samples(rows)) - 1.0
    assert np.abs(left - reasons.sum(axis=1) / estimator.forest_.sample_path).max() < 1e-9
    with pytest.raises(ValueError, match="'x1', row 0: inf"):
        estimator.reasons(np.array([[0.0, np.inf, 0.0, 0.0]]))


@pytest.mark.parametrize("contamination", [0.0, 0.6, "none", -1])
def test_a_contamination_out_of_range_is_refused(contamination):
    with pytest.raises(ValueError, match="contamination is"):
        IsolationForest(contamination=contamination).fit(np.zeros((5, 2)))


def reference():
    if not ADBENCH.exists():
        return []
    with (ADBENCH / "iforest_sklearn_reference.csv").open() as file:
        return [row for row in csv.DictReader(file) if (ADBENCH / f"{row['dataset']}.npz").exists()]


@pytest.mark.skipif(not ADBENCH.exists(), reason=f"{ADBENCH} holds the labelled data; it is not there")
@pytest.mark.parametrize("row", reference(), ids=lambda row: row["dataset"])
def test_auc_is_within_the_seed_spread_of_the_reference(row):
    with np.load(ADBENCH / f"{row['dataset']}.npz", allow_pickle=False) as data:
        rows, labels = data["X"], data["y"]
    seeds = range(int(row["seeds"]))
    auc = [
        roc_auc_score(labels, -IsolationForest(random_state=seed).fit(rows).score_samples(rows))
        for seed in seeds
    ]
    spread = float(row["auc_max"]) - float(row["auc_min"])
    assert abs(np.mean(auc) - float(row["auc_mean"])) <= spread
