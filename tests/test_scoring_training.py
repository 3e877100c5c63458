"""A model is a function of the claims, the seed and nothing else."""

import numpy as np
import pyarrow as pa
import pytest

import daatgal
from daatgal.scoring.settings import Scoring
from daatgal.scoring.training import NothingToLearnFromError
from tests.scoring_nights import SEED, batch, model, registers, settled, shuffled, whole


def test_the_same_claims_give_the_same_model_in_any_order():
    again = daatgal.train([settled(shuffled(batch().claims, 4, chunks=5))], **registers(), seed=SEED)
    assert again.sha256 == model().sha256
    for name, array in again.forest.forest._asdict().items():
        assert np.array_equal(array, getattr(model().forest.forest, name)), name


def test_a_small_sample_is_order_free_too_and_the_seed_chooses_it():
    one = daatgal.train([whole()], **registers(), seed=3, sample_claims=60)
    two = daatgal.train(
        [settled(shuffled(batch().claims, 9, chunks=2))], **registers(), seed=3, sample_claims=60
    )
    assert one.sha256 == two.sha256
    assert one.distributions["score"].claims == 60
    assert one.forest.window.rows == model().forest.window.rows, (
        "the window is of all claims, not of the sample"
    )
    other = daatgal.train([whole()], **registers(), seed=4, sample_claims=60)
    assert other.sha256 != one.sha256
    assert not np.array_equal(other.distributions["score"].percentile, one.distributions["score"].percentile)


def test_the_model_says_what_it_was_trained_on():
    about = model().describe()
    ends = whole().ledger.filter(pa.compute.not_equal(whole().ledger["decision"].cast(pa.string()), "voided"))
    days = pa.compute.min_max(ends["end_at"]).as_py()
    assert about["first_day"] == days["min"].date().isoformat()
    assert about["last_day"] == days["max"].date().isoformat()
    assert about["training_claims"] == ends.num_rows
    assert about["on_itself"] is False
    assert about["trees"] == 100
    assert set(about["trained_by"]) == {"scikit-learn"}
    assert about["features"]["billed_to_tariff"] == "1"


def test_one_claim_is_nothing_to_learn_from():
    with pytest.raises(NothingToLearnFromError, match="found 1 claims that stand, expected at least 2"):
        daatgal.train([settled(batch().claims.slice(0, 1))], **registers())
    with pytest.raises(NothingToLearnFromError, match="found 0 claims"):
        daatgal.train([], **registers())


def test_what_the_results_depend_on_is_in_the_identity():
    own = Scoring().parameters()
    assert own == {"scoring": True, "reasons_percentile": 99, "seed": 0, "sample_claims": 1 << 16}
    assert "seed" not in Scoring(model=batch, reasons_percentile=95).parameters()
