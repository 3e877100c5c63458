"""What outcomes say of the score: by hand, unbiased over many draws, and as a page."""

import numpy as np
import pyarrow as pa
import pytest

from daatgal.errors import InputError
from daatgal.review.learning import learn, precision_recall
from daatgal.review.learning_page import learning_page
from tests.scale import scaled


def tables(percentile, outcome, weight):
    ids = [f"C{place}" for place in range(len(percentile))]
    sample = pa.table({"case_id": ids, "percentile": pa.array(percentile, pa.float64()), "weight": weight})
    frame = pa.table({"percentile": pa.array(percentile, pa.float64()), "amount_mnt": [100] * len(ids)})
    return sample, pa.table({"case_id": ids, "outcome": outcome}), frame


def test_by_hand():
    sample, found, frame = tables(
        [99.5, 98.0, 50.0, 10.0, 97.0, None],
        ["overpaid", "correct", "overpaid", "correct", "cannot_determine", "overpaid"],
        [1.0, 2.0, 10.0, 20.0, 5.0, 9.0],
    )
    learnt = learn(sample, found, frame)
    assert (learnt["labelled"], learnt["bad"], learnt["frame_cases"]) == (4, 2, 6)
    cuts = {row["percentile"]: row for row in learnt["cuts"]}
    assert cuts[90.0] == {
        "percentile": 90.0,
        "cases": 3,
        "amount_mnt": 300,
        "labelled": 2,
        "precision": pytest.approx(1 / 3),
        "recall": pytest.approx(1 / 11),
    }
    assert cuts[0.0]["precision"] == pytest.approx(11 / 33)
    assert cuts[0.0]["recall"] == 1.0
    assert (cuts[99.9]["precision"], cuts[99.9]["recall"]) == (None, 0.0)


def test_precision_among_the_strangest():
    percentile = np.linspace(99, 1, 40)
    outcome = ["overpaid" if place % 4 == 0 else "correct" for place in range(40)]
    learnt = learn(*tables(percentile, outcome, [1.0] * 40))
    assert [(row["k"], row["precision"]) for row in learnt["precision_at"]] == [(10, 0.3), (20, 0.25)]


def test_weights_make_it_unbiased():
    """Half of the cases over the 90th percentile are drawn, one in fifty of the others: the truth is met on average."""
    rng = np.random.default_rng(4)
    percentile = rng.uniform(0, 100, 5_000)
    bad = rng.random(5_000) < np.where(percentile > 90, 0.5, 0.05)
    probability = np.where(percentile > 90, 0.5, 0.02)
    truth = precision_recall(percentile >= 80, bad, np.ones(5_000))
    met, plain = [], []
    for _ in range(scaled(400, at_least=400)):
        drawn = rng.random(5_000) < probability
        flagged = percentile[drawn] >= 80
        met.append(precision_recall(flagged, bad[drawn], 1 / probability[drawn])["precision"])
        plain.append(precision_recall(flagged, bad[drawn], np.ones(int(drawn.sum())))["precision"])
    assert np.mean(met) == pytest.approx(truth["precision"], abs=0.02)
    assert abs(np.mean(plain) - truth["precision"]) > 0.1


def test_nothing_labelled_is_refused():
    with pytest.raises(InputError, match="found no case with both an outcome and a percentile"):
        learn(*tables([None, 5.0], ["overpaid", "cannot_determine"], [1.0, 1.0]))


def test_the_page_loads_nothing_and_escapes():
    learnt = {"month": "<2026-10>"} | learn(*tables([99.0, 5.0], ["overpaid", "correct"], [1.0, 30.0]))
    page = learning_page(learnt)
    assert "&lt;2026-10&gt;" in page
    assert page.count("<polyline") == 2
    assert not any(word in page for word in ("<script", "src=", "href=", "<img", "nan"))
