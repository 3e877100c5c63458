"""The model file: the same model comes back, and nothing else is accepted."""

import hashlib
import json

import numpy as np
import pyarrow as pa
import pytest
from sklearn.ensemble import IsolationForest

from daatgal.forest import (
    FeatureColumns,
    ModelError,
    Scorer,
    TrainingWindow,
    Tree,
    describe,
    from_scikit_learn,
    from_trees,
    load,
    save,
)
from daatgal.forest.model import _SEAL, _SEAL_BYTES, unseal
from tests.forest_walk import claims_like

WINDOW = TrainingWindow("2025-01-01", "2025-12-31", 1500)


@pytest.fixture(scope="module")
def model():
    rows = claims_like(1500, 3, seed=0)
    forest = from_scikit_learn(IsolationForest(n_estimators=3, max_samples=16, random_state=0).fit(rows))
    scores = Scorer(forest).score(FeatureColumns.of(rows))
    return describe(forest, ["price", "stay_days", "нас"], ["1", "1", "2"], WINDOW, scores)


def test_a_model_comes_back_as_it_was(model, tmp_path):
    digest = save(model, tmp_path / "model.arrow")
    back = load(tmp_path / "model.arrow", digest)
    for name, array in model.forest._asdict().items():
        assert np.array_equal(getattr(back.forest, name), array), name
    assert np.array_equal(back.score_quantile, model.score_quantile)
    assert (back.feature_names, back.feature_versions) == (("price", "stay_days", "нас"), ("1", "1", "2"))
    assert back.window == WINDOW
    assert save(back, tmp_path / "again.arrow") == digest
    assert (tmp_path / "again.arrow").read_bytes() == (tmp_path / "model.arrow").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.arrow", "model.arrow"]


def test_any_arrow_reader_opens_a_model_file(model, tmp_path):
    save(model, tmp_path / "model.arrow")
    with (tmp_path / "model.arrow").open("rb") as file:
        table = pa.ipc.open_stream(file).read_all()
    assert table.column("threshold").combine_chunks().flatten().to_pylist() == model.forest.threshold.tolist()


def test_every_changed_byte_is_refused(model, tmp_path):
    path = tmp_path / "model.arrow"
    save(model, path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << place % 8
        with pytest.raises(ModelError):
            unseal(bytes(changed), path)
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(ModelError, match="the file was changed"):
        load(path)
    for shorter in (whole[:-1], whole[:100], b"", whole + b"\n"):
        path.write_bytes(shorter)
        with pytest.raises(ModelError, match="no seal at its end"):
            load(path)


def test_another_model_is_refused(model, tmp_path):
    digest = save(model, tmp_path / "model.arrow")
    other = hashlib.sha256(b"").hexdigest()
    with pytest.raises(ModelError, match=f"model {digest}, expected model {other}"):
        load(tmp_path / "model.arrow", other)


def sealed(path, stream):
    path.write_bytes(stream + _SEAL + hashlib.sha256(stream).hexdigest().encode() + b"\n")


def forged(model, path, **changes):
    """A model file with other arrays or metadata under a right seal."""
    save(model, path)
    table = pa.ipc.open_stream(path.read_bytes()[:-_SEAL_BYTES]).read_all()
    metadata = json.loads(table.schema.metadata[b"daatgal-forest"])
    arrays = {name: table.column(name).to_pylist()[0] for name in table.column_names}
    for name, value in changes.items():
        (arrays if name in arrays else metadata)[name] = value
    schema = table.schema.with_metadata({b"daatgal-forest": json.dumps(metadata).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.table({name: [values] for name, values in arrays.items()}, schema=schema))
    sealed(path, sink.getvalue().to_pybytes())


def replaced(values, place, value):
    return [*values[:place], value, *values[place + 1 :]]


def test_a_right_seal_does_not_make_a_forest(model, tmp_path):
    path = tmp_path / "model.arrow"
    forest = model.forest
    nodes = len(forest.left)
    size = int(forest.tree_start[1])
    quantile = model.score_quantile.tolist()
    cases = [
        (
            {"left": replaced(forest.left.tolist(), 0, nodes + 5)},
            "tree 0, node 0: has a child before it or outside",
        ),
        (
            {"left": replaced(forest.left.tolist(), 0, size)},
            "tree 0, node 0: has a child before it or outside",
        ),
        (
            {"right": replaced(forest.right.tolist(), 0, int(forest.left[0]))},
            "not the child of exactly one node",
        ),
        ({"left": replaced(forest.left.tolist(), 0, 0)}, "tree 0, node 0: has one child"),
        ({"feature": replaced(forest.feature.tolist(), 0, 3)}, "compares a feature beyond the 3"),
        (
            {"threshold": replaced(forest.threshold.tolist(), size, float("nan"))},
            "tree 1, node 0: has the threshold NaN",
        ),
        ({"threshold": replaced(forest.threshold.tolist(), 0, -0.0)}, "has the threshold −0"),
        (
            {"mean_path": replaced(forest.mean_path.tolist(), 1, float("inf"))},
            "tree 0, node 1: has no mean path",
        ),
        ({"mean_path": replaced(forest.mean_path.tolist(), 1, 1e12)}, "add up to 1[0-9]{12} edges"),
        ({"tree_start": [0, nodes + 1]}, "tree_start must run from 0"),
        ({"tree_start": []}, "tree_start must run from 0"),
        ({"tree_start": [0, 4, 4, nodes]}, "tree 1 has no node"),
        ({"left": forest.left.tolist()[:-1]}, "left has shape"),
        ({"score_quantile": quantile[::-1]}, "1001 finite, ascending"),
        ({"score_quantile": quantile[1:]}, "1001 finite, ascending"),
        ({"features": []}, "0 features, expected 1"),
        ({"features": ["a", "a", "b"]}, "2 feature names, expected 3 distinct"),
        ({"features": ["a", 1, "b"]}, "name or version is no text"),
        ({"feature_versions": ["1"]}, "1 feature versions, expected 3"),
        ({"sample_rows": 0}, "grown on 0 rows a tree"),
        ({"sample_rows": "many"}, "not a forest model of this version"),
        ({"window": {"day": 1}}, "not a forest model of this version"),
    ]
    for changes, message in cases:
        forged(model, path, **changes)
        with pytest.raises(ModelError, match=message):
            load(path)


def test_a_sealed_file_of_something_else_is_refused(model, tmp_path):
    path = tmp_path / "model.arrow"
    sealed(path, b"\x80\x04cos\nsystem\n")
    with pytest.raises(ModelError, match="sealed, but not a forest model"):
        load(path)
    sink = pa.BufferOutputStream()
    schema = pa.schema(
        [("left", pa.int8())],
        metadata={
            "daatgal-forest": json.dumps(
                {"features": ["a"], "feature_versions": ["1"], "sample_rows": 2, "window": vars(WINDOW)}
            )
        },
    )
    with pa.ipc.new_stream(sink, schema) as writer:
        writer.write_table(pa.table({"left": pa.array([1], pa.int8())}, schema=schema))
    sealed(path, sink.getvalue().to_pybytes())
    with pytest.raises(ModelError, match="expected one row with a list of uint32 in column tree_start"):
        load(path)


def test_percentiles_come_from_the_training_scores_alone(model):
    quantile = model.score_quantile
    assert model.percentile(np.array([0.0, quantile[0] - 1e-9, quantile[-1], 1.0])).tolist() == [
        0,
        0,
        100,
        100,
    ]
    scores = np.random.default_rng(0).uniform(quantile[0], quantile[-1], 500)
    together = model.percentile(scores)
    assert np.array_equal(
        np.concatenate([model.percentile(scores[at : at + 1]) for at in range(500)]), together
    )
    order = np.argsort(scores)
    assert (np.diff(together[order]) >= 0).all()


def test_a_percentile_is_the_share_of_training_rows_up_to_a_score(model):
    training = np.random.default_rng(1).beta(2, 5, 20_000)
    described = describe(model.forest, ["a", "b", "c"], ["1", "1", "1"], WINDOW, training)
    scores = np.random.default_rng(2).random(300)
    share = np.array([100.0 * np.mean(training <= score) for score in scores])
    assert np.abs(described.percentile(scores) - share).max() < 0.1


def test_equal_training_scores_have_a_percentile():
    forest = from_trees([Tree([0], [0.0], [-1], [-1], [4])], features=1, sample_rows=4)
    model = describe(forest, ["a"], ["1"], WINDOW, np.full(10, 0.5))
    assert model.percentile(np.array([0.4, 0.5, 0.6])).tolist() == [0.0, 100.0, 100.0]


def test_a_model_needs_training_scores(model):
    with pytest.raises(ModelError, match="no training scores"):
        describe(model.forest, ["a", "b", "c"], ["1", "1", "1"], WINDOW, np.empty(0))


def test_broken_trees_are_refused_with_tree_and_node():
    def imported(left, right, feature=(0, 0, 0), threshold=(0.0, 0.0, 0.0)):
        trees = [Tree([0], [0.0], [-1], [-1], [4]), Tree(feature, threshold, left, right, [4, 2, 2])]
        return from_trees(trees, features=1, sample_rows=4)

    assert imported([1, -1, -1], [2, -1, -1]).features == 1
    with pytest.raises(ModelError, match="tree 1 is no tree"):
        imported([1, 0, -1], [2, 2, -1])
    with pytest.raises(ModelError, match="tree 1 is no tree"):
        imported([1, -1, -1], [7, -1, -1])
    with pytest.raises(ModelError, match="tree 1, node 0: compares a feature beyond the 1"):
        imported([1, -1, -1], [2, -1, -1], feature=(1, 0, 0))
    with pytest.raises(ModelError, match="tree 1, node 0: has the threshold NaN"):
        imported([1, -1, -1], [2, -1, -1], threshold=(float("nan"), 0.0, 0.0))
    with pytest.raises(ModelError, match="tree 0 has children of shapes"):
        from_trees([Tree([0], [0.0], [-1, -1], [-1], [4])], features=1, sample_rows=4)
    with pytest.raises(ModelError, match="no tree"):
        from_trees([], features=1, sample_rows=4)
