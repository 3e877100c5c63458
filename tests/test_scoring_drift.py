"""Drift: the index and the distance against numbers worked by hand, and when a warning is due."""

import math

import numpy as np
import pytest

from daatgal.scoring.drift import (
    SCHEMA,
    distribution_of,
    drift_row,
    drift_table,
    index_by_chance,
    stability_index,
    warnings_of,
)


def test_the_index_by_hand() -> None:
    # Half a claim is added to each bin: 3/4 and 1/4 against 1/4 and 3/4.
    by_hand = 0.5 * math.log(3.0) - 0.5 * math.log(1.0 / 3.0)
    assert stability_index(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == pytest.approx(by_hand)
    assert stability_index(np.array([40.0, 60.0]), np.array([40.0, 60.0])) == 0.0
    assert stability_index(np.array([400.0, 600.0]), np.array([40.0, 60.0])) == pytest.approx(0.0, abs=1e-4)


def test_the_same_claims_have_not_drifted() -> None:
    values = np.random.default_rng(1).lognormal(0, 2, 5000)
    row = drift_row("price", distribution_of(values), values)
    assert (row["stability_index"], row["ks_distance"], row["warns"]) == (0.0, 0.0, False)
    assert row["median"] == row["training_median"]


def test_the_distance_is_that_of_the_distribution_functions() -> None:
    training = distribution_of(np.arange(1, 101.0))
    row = drift_row("days", training, np.arange(31, 131.0))
    # At 30 the training claims have reached 30 %, those of the batch nothing.
    assert row["ks_distance"] == pytest.approx(0.30)
    assert row["warns"]


def test_a_shifted_batch_warns_and_another_sample_of_the_same_world_does_not() -> None:
    random = np.random.default_rng(2)
    training = distribution_of(random.gamma(2, 3, 20_000))
    assert not drift_row("days", training, random.gamma(2, 3, 3000))["warns"]
    shifted = drift_row("days", training, random.gamma(2, 3, 3000) + 4)
    assert shifted["warns"]
    assert shifted["stability_index"] > 0.25


def test_a_small_batch_warns_only_of_what_chance_does_not_bring() -> None:
    random = np.random.default_rng(3)
    training = distribution_of(random.normal(0, 1, 20_000))
    rows = [drift_row("x", training, random.normal(0, 1, 25)) for _ in range(200)]
    assert sum(row["stability_index"] > 0.25 for row in rows) > 100, "the index alone would cry wolf"
    assert sum(row["warns"] for row in rows) <= 6
    assert drift_row("x", training, random.normal(5, 1, 25))["warns"]
    assert index_by_chance(10, 20_000, 25) > index_by_chance(10, 20_000, 2500)


def test_a_flag_is_compared_by_its_shares() -> None:
    training = distribution_of(np.repeat([0.0, 1.0], [900, 100]))
    same = drift_row("day_off", training, np.repeat([0.0, 1.0], [90, 10]))
    assert same["stability_index"] < 0.02
    other = drift_row("day_off", training, np.repeat([0.0, 1.0], [300, 700]))
    assert other["warns"]
    assert other["ks_distance"] == pytest.approx(0.6)


def test_a_feature_that_never_varied_warns_as_soon_as_it_does() -> None:
    training = distribution_of(np.zeros(500))
    assert drift_row("tests", training, np.zeros(300))["stability_index"] < 0.01
    assert drift_row("tests", training, np.repeat([0.0, 3.0], [200, 100]))["warns"]
    assert drift_row("tests", training, np.repeat([-3.0, 0.0], [100, 200]))["warns"]


def test_a_batch_without_claims_has_not_drifted() -> None:
    row = drift_row("price", distribution_of(np.arange(50.0)), np.empty(0))
    assert (row["stability_index"], row["claims"], row["warns"]) == (0.0, 0, False)


def test_the_table_and_its_warnings_name_what_moved_most_first() -> None:
    training = distribution_of(np.arange(1000.0))
    rows = [
        drift_row("same", training, np.arange(1000.0)),
        drift_row("a_little", training, np.arange(1000.0) + 300),
        drift_row("a_lot", training, np.arange(1000.0) + 700),
    ]
    table = drift_table(rows)
    assert table.schema == SCHEMA
    first, second = warnings_of(table)
    assert first.startswith("a_lot has drifted since training: stability index ")
    assert second.startswith("a_little has drifted")
    assert "median 799 against 499" in second
