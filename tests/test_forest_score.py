"""The compiled forest against scikit-learn and against a walk in plain Python."""

import math

import numba
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import IsolationForest

from daatgal.errors import InputError
from daatgal.forest import FeatureColumns, ModelError, Scorer, Tree, from_scikit_learn, from_trees
from daatgal_engine import forest_lanes, forest_lanes_plain, forest_score
from daatgal_engine.forest import mean_path_length
from daatgal_engine.forest_ranks import rank_tables
from tests.forest_walk import claims_like, path_length, walked_scores
from tests.scale import scaled, some_of

pytestmark = pytest.mark.kernels

COMPILED = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT), reason="about the compiled form, which is switched off"
)


def scored(forest, rows, threads=2):
    return Scorer(forest).score(FeatureColumns.of(rows), threads)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (0, 0.0),
        (1, 0.0),
        (2, 1.0),
        (3, 1.207392357590),
        (4, 1.851655907139),
        (8, 3.296251627914),
        (256, 10.244770920120),
        (1024, 13.017373986706),
    ],
)
def test_mean_path_length_of_a_search(rows, expected):
    assert float(mean_path_length(rows)) == pytest.approx(expected, abs=5e-13)
    assert path_length(rows) == pytest.approx(expected, abs=5e-13)


def one_path(depth, rows_left, sample_rows):
    """A forest of one tree whose every row walks `depth` edges to a leaf of `rows_left` training rows."""
    nodes = 2 * depth + 1
    left = [2 * (node // 2) + 2 if node % 2 == 0 and node < 2 * depth else -1 for node in range(nodes)]
    right = [node + 1 if node % 2 == 0 and node < 2 * depth else -1 for node in range(nodes)]
    rows = [rows_left if node == 2 * depth else 1 for node in range(nodes)]
    return from_trees(
        [Tree([0] * nodes, [9.0] * nodes, left, right, rows)], features=1, sample_rows=sample_rows
    )


def test_score_at_depth_four_of_256_rows():
    assert scored(one_path(4, 1, 256), np.zeros((1, 1)))[0] == pytest.approx(0.762895264, abs=5e-10)


def test_score_where_the_path_is_the_mean_path():
    assert scored(one_path(0, 256, 256), np.zeros((1, 1)))[0] == pytest.approx(0.5, abs=1e-12)


SHAPES = [
    {"n_estimators": 100, "max_samples": 256, "features": 12},
    {"n_estimators": 100, "max_samples": 256, "features": 24},
    {"n_estimators": 30, "max_samples": 512, "features": 5},
    {"n_estimators": 20, "max_samples": 1024, "features": 50},
    {"n_estimators": 300, "max_samples": 64, "features": 5},
    {"n_estimators": 7, "max_samples": 1024, "features": 1},
    {"n_estimators": 9, "max_samples": 256, "features": 20, "max_features": 3},
    {"n_estimators": 9, "max_samples": 256, "features": 6, "bootstrap": True},
    {"n_estimators": 1, "max_samples": 2, "features": 3},
    {"n_estimators": 3, "max_samples": 1, "features": 3},
]


@pytest.mark.parametrize("kind", ["claims", "uniform", "signed"])
@pytest.mark.parametrize(
    "shape", some_of(SHAPES, 3), ids=lambda shape: "-".join(str(value) for value in shape.values())
)
def test_equals_scikit_learn(shape, kind):
    options = {name: value for name, value in shape.items() if name != "features"}
    random = np.random.default_rng(5)
    size = (3000, shape["features"])
    rows = {
        "claims": lambda: claims_like(*size, seed=5),
        "uniform": lambda: random.random(size, dtype=np.float32),
        "signed": lambda: random.standard_t(2, size),
    }[kind]()
    fitted = IsolationForest(**options, random_state=3).fit(rows)
    assert np.abs(scored(from_scikit_learn(fitted), rows) + fitted.score_samples(rows)).max() < 1e-12


def test_values_on_and_beside_a_threshold_go_the_right_way():
    random = np.random.default_rng(2)
    rows = np.concatenate([random.normal(size=(2000, 3)), np.zeros((200, 3))])
    fitted = IsolationForest(n_estimators=40, random_state=1).fit(rows)
    thresholds = [tree.tree_.threshold[tree.tree_.children_left >= 0] for tree in fitted.estimators_]
    near = np.concatenate(thresholds).astype(np.float32)
    infinity = np.float32(np.inf)
    extremes = np.array([0.0, -0.0, 1e-45, -1e-45, 3.4e38, -3.4e38, 1e-38], dtype=np.float32)
    values = np.concatenate([near, np.nextafter(near, infinity), np.nextafter(near, -infinity), extremes])
    trial = np.column_stack([random.permutation(values) for _ in range(3)])
    assert np.abs(scored(from_scikit_learn(fitted), trial) + fitted.score_samples(trial)).max() < 1e-12


def deep_tree(inner, features=2):
    """A tree that splits off one row a level: more distinct paths than a byte counts."""
    nodes = 2 * inner + 1
    left = [node + 1 if node % 2 == 0 and node < 2 * inner else -1 for node in range(nodes)]
    right = [node + 2 if node % 2 == 0 and node < 2 * inner else -1 for node in range(nodes)]
    threshold = [float(node) for node in range(nodes)]
    rows = [inner + 1 - node // 2 if node % 2 == 0 else 1 for node in range(nodes)]
    return Tree([node // 2 % features for node in range(nodes)], threshold, left, right, rows)


@pytest.mark.parametrize("inner", [3, 200, 300, 700])
def test_a_tree_too_wide_for_bytes_is_walked(inner):
    trees = [deep_tree(inner), deep_tree(5)]
    forest = from_trees(trees, features=2, sample_rows=inner + 1)
    rows = np.random.default_rng(0).random((300, 2)) * 2 * inner
    assert (forest_score.compile_forest(forest).walked.size > 0) == (inner >= 256)
    assert np.abs(scored(forest, rows) - walked_scores(forest, rows)).max() < 1e-9


@settings(deadline=None)
@given(data=st.data())
def test_random_trees_equal_the_plain_walk(data):
    features = data.draw(st.integers(1, 4))
    trees = []
    for _ in range(data.draw(st.integers(1, 12))):
        inner = data.draw(st.integers(0, 40))
        random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
        left, right, open_leaves = [-1], [-1], [0]
        for _ in range(inner):
            node = open_leaves.pop(random.integers(len(open_leaves)))
            left[node], right[node] = len(left), len(left) + 1
            open_leaves += [len(left), len(left) + 1]
            left += [-1, -1]
            right += [-1, -1]
        size = len(left)
        thresholds = random.choice([-2.5, -1.0, 0.0, -0.0, 0.5, 1.0, 7.0], size)
        trees.append(
            Tree(random.integers(0, features, size), thresholds, left, right, random.integers(1, 9, size))
        )
    goes_left = data.draw(st.sampled_from(["at_most", "below"]))
    forest = from_trees(trees, features=features, sample_rows=64, goes_left=goes_left)
    value = st.sampled_from([-3.0, -2.5, -1.0, -0.0, 0.0, 0.25, 0.5, 1.0, 7.0, 8.0])
    rows = np.array(
        data.draw(st.lists(st.lists(value, min_size=features, max_size=features), min_size=1, max_size=99))
    )
    expected = [walked_scores_of_trees(trees, row, goes_left, 64) for row in rows]
    assert np.abs(scored(forest, rows) - expected).max() < 1e-9


def walked_scores_of_trees(trees, row, goes_left, sample_rows):
    total = 0.0
    for tree in trees:
        node, depth = 0, 0
        while tree.left[node] >= 0:
            value, threshold = row[tree.feature[node]], tree.threshold[node]
            left = value <= threshold if goes_left == "at_most" else value < threshold
            node, depth = (tree.left[node] if left else tree.right[node]), depth + 1
        total += depth + path_length(tree.training_rows[node])
    return 2.0 ** (-total / len(trees) / path_length(sample_rows))


@pytest.fixture(scope="module")
def fitted():
    return IsolationForest(n_estimators=50, random_state=0).fit(claims_like(4000, 8, seed=1))


@pytest.mark.slow
def test_scores_do_not_depend_on_order_blocks_chunks_or_threads(fitted):
    rows = claims_like(max(17_000, scaled(40_000)), 8, seed=2)
    forest = from_scikit_learn(fitted)
    scorer = Scorer(forest)
    scores = scorer.score(FeatureColumns.of(rows), 1)
    order = np.random.default_rng(0).permutation(len(rows))
    assert np.array_equal(scorer.score(FeatureColumns.of(rows[order]), 2), scores[order])
    assert np.array_equal(scorer.score(FeatureColumns.of(np.asfortranarray(rows)), 3), scores)
    for size in (1, 63, 64, 65, 2047, 2049, 16_385):
        assert np.array_equal(scorer.score(FeatureColumns.of(rows[:size]), 2), scores[:size])
    names = [f"f{column}" for column in range(8)]
    whole = pa.table({name: rows[:, column] for column, name in enumerate(names)})
    chunked = pa.concat_tables(
        [whole.slice(0, 17), whole.slice(17, 0), whole.slice(17, 10_000), whole.slice(10_017)]
    )
    shuffled = chunked.select(names[::-1])
    assert np.array_equal(scorer.score(FeatureColumns.of(shuffled, names), 2), scores)


def test_no_rows_have_no_scores(fitted):
    assert scored(from_scikit_learn(fitted), np.empty((0, 8))).shape == (0,)


def test_scores_of_other_number_types(fitted):
    forest = from_scikit_learn(fitted)
    rows = np.floor(claims_like(500, 8, seed=3))
    expected = scored(forest, rows)
    for kind in (np.float64, np.int64, np.int32, np.uint32):
        assert np.array_equal(
            scored(forest, np.minimum(rows, 2e9).astype(kind)), scored(forest, np.minimum(rows, 2e9))
        )
    table = pa.table({f"f{column}": pa.array(rows[:, column]) for column in range(8)})
    assert np.array_equal(scored(forest, table), expected)


@pytest.mark.parametrize(
    ("value", "shown"), [(np.nan, "NaN"), (np.inf, "inf"), (-np.inf, "-inf"), (1e39, "1e\\+39")]
)
@pytest.mark.parametrize("row", [0, 2048, 4_998])
def test_a_value_that_is_not_finite_is_refused_by_name(fitted, value, shown, row):
    rows = claims_like(5_000, 8, seed=4).astype(np.float64)
    rows[row, 5] = value
    table = pa.table({f"f{column}": rows[:, column] for column in range(8)})
    scorer = Scorer(from_scikit_learn(fitted))
    with pytest.raises(InputError, match=f"column 'f5', row {row}: {shown}, expected a finite number"):
        scorer.score(FeatureColumns.of(table), 2)
    with pytest.raises(InputError, match=f"column 'f5', row {row}: {shown}, expected a finite number"):
        scorer.differences(FeatureColumns.of(table), np.array([7, row]), 2)


def test_columns_that_cannot_be_scored_are_named(fitted):
    scorer = Scorer(from_scikit_learn(fitted))
    with pytest.raises(ModelError, match="3 columns to score, expected 8"):
        scorer.score(FeatureColumns.of(np.zeros((4, 3))))
    with pytest.raises(InputError, match="column 'a', row 1: null"):
        FeatureColumns.of(pa.table({"a": [1.0, None]}))
    with pytest.raises(InputError, match="column 'a' is string"):
        FeatureColumns.of(pa.table({"a": ["x"]}))
    with pytest.raises(InputError, match="column 'b' is there 0 times"):
        FeatureColumns.of(pa.table({"a": [1.0]}), ["b"])
    with pytest.raises(InputError, match="shape \\(3,\\)"):
        FeatureColumns.of(np.zeros(3))
    with pytest.raises(InputError, match="2 columns, expected the model's 1"):
        FeatureColumns.of(np.zeros((3, 2)), ["a"])


@COMPILED
@pytest.mark.parametrize("nodes", [1, 2, 3, 4])
def test_a_pass_in_vectors_equals_its_plain_form(nodes):
    random = np.random.default_rng(nodes)
    lanes = forest_lanes
    in_vectors = (lanes.follow_one, lanes.follow_two, lanes.follow_three, lanes.follow_four)[nodes - 1]

    @numba.njit
    def run(rank, place, code, at, slot, rows):
        in_vectors(rank, place, code, np.uint64(at), np.uint64(slot), np.uint64(rows))

    for _ in range(50):
        rank = random.integers(0, 256, 4 * 256, dtype=np.uint8)
        code = random.integers(0, 256, (3, 14), dtype=np.uint32)
        code[:, [0, 3, 6, 9]] = random.permutation(4) * 256
        place = random.integers(0, 4, 512, dtype=np.uint8)
        code[:, 12] = random.integers(0, 4)
        expected = place.copy()
        forest_lanes_plain.follow(nodes)(rank, expected, code, 1, 256, 192)
        run(rank, place, code, 1, 256, 192)
        assert np.array_equal(place, expected)


@COMPILED
def test_ranks_in_vectors_equal_their_plain_form():
    random = np.random.default_rng(0)

    @numba.njit
    def run(bits, search, bucket_rank, threshold, position, packed, rank):
        forest_lanes.find_positions(bits, search, bucket_rank, threshold, position, np.uint64(192))
        forest_lanes.unpack_ranks(
            packed, np.uint64(1), position, rank, np.uint64(5), np.uint64(200), np.uint64(192)
        )

    for scale in (1e-30, 1.0, 1e30):
        values = (random.standard_cauchy(192) * scale).astype(np.float32)
        forest = from_trees([many_thresholds(random, scale)], features=1, sample_rows=99)
        tables, _ = rank_tables(forest, [[0]])
        search = tuple(
            np.uint64(part[0])
            for part in (tables.lowest, tables.shift, tables.buckets - 1, tables.halvings, [0], [0])
        )
        packed = random.integers(0, 2**32, 300, dtype=np.uint32)
        results = []
        for find in ("vectors", "plain"):
            position, rank = np.zeros(192, dtype=np.uint32), np.zeros(900, dtype=np.uint8)
            given = (values.view(np.uint32), search, tables.bucket_rank, tables.key, position)
            if find == "vectors":
                run(*given, packed, rank)
            else:
                forest_lanes_plain.find_positions(*given, 192)
                forest_lanes_plain.unpack_ranks(packed, 1, position, rank, 5, 200, 192)
            results.append((position, rank))
        below = (forest.threshold[forest.left != np.arange(forest.left.size)] < values[:, None]).sum(axis=1)
        assert np.array_equal(results[0][0], below)
        assert np.array_equal(results[1][0], below)
        assert np.array_equal(results[0][1], results[1][1])


def many_thresholds(random, scale):
    tree = deep_tree(200, features=1)
    return Tree(tree.feature, random.normal(size=401) * scale, tree.left, tree.right, tree.training_rows)


@COMPILED
def test_each_kernel_is_compiled_once(fitted):
    forest = from_scikit_learn(fitted)
    scorer = Scorer(forest)
    rows = claims_like(100, 8, seed=0)
    before = set(forest_score.score_columns.signatures)
    for source in (rows, rows.astype(np.float64), np.asfortranarray(rows)):
        scorer.score(FeatureColumns.of(source))
        scorer.differences(FeatureColumns.of(source), np.arange(3))
    # Tests of this process may have entered it with arrays of their own; every source adds the same one form.
    assert len(set(forest_score.score_columns.signatures) - before) <= 1
    assert math.isfinite(scorer.score(FeatureColumns.of(rows)).sum())
