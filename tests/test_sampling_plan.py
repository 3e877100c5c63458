"""A month's design, worked out: against plain Python, and piece by piece."""

import random
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal.errors import InputError
from daatgal.sampling.draw import draw
from daatgal.sampling.frame import build_frame, frame_sha256, texts_of
from daatgal.sampling.months import last_day
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.places import places_on
from daatgal.sampling.plan import plan_sample, sample_size
from daatgal.sampling.standing_month import standing_month
from daatgal.sampling.strata import merged
from daatgal_engine.sampling_precision import variance_of_total
from tests import plain_sampling
from tests.sampling_nights import MONTH, a_design, default_design, facilities, month_of_claims, write_night
from tests.scale import scaled

CLAIMS = 900
CHANGES = {
    "size__floor": 90,
    "strata__smallest": 8,
    "certainty__percentile": 99.0,
    "certainty__amount_mnt": 50_000,
}


@pytest.fixture(scope="module")
def frames(tmp_path_factory):
    """The frame of a month, by unit; 900 claims, all scored."""
    folder = tmp_path_factory.mktemp("nights") / "n"
    ledger, scores = month_of_claims(CLAIMS)
    write_night(folder, ledger, scores=scores)
    standing = standing_month(nights_on_disk([folder]), MONTH, "settlement")
    places = places_on(facilities(), last_day(MONTH))
    return {unit: build_frame(standing, MONTH, unit, places) for unit in ("case", "claim")}


def plain_cases(frame):
    return [
        {
            "id": text,
            "percentile": None if np.isnan(percentile) else float(percentile),
            "amount": int(amount),
            "region": region,
            "level": level,
            "care_type": care_type,
        }
        for text, percentile, amount, region, level, care_type in zip(
            texts_of(frame.case_id),
            frame.percentile,
            frame.amount_mnt,
            frame.region.to_pylist(),
            frame.level.to_pylist(),
            frame.care_type.to_pylist(),
            strict=True,
        )
    ]


DESIGNS = [
    {},
    {"risk__allocation": "proportional", "baseline__allocation": "neyman"},
    {"risk__percentile_cuts": [80.0, 90.0, 97.0], "risk__factors": [1, 3, 9], "baseline__share_bp": 5000},
    {"risk__amount_cuts_mnt": [], "risk__within": [], "baseline__within": []},
    {"baseline__within": ["amount", "level", "region", "care_type"], "strata__smallest": 1},
    {"strata__minimum": 3, "size__floor": 45},
    {"size__floor": 5000},
    {"certainty__percentile": 50.0, "certainty__amount_mnt": 0},
    {"risk__percentile_cuts": [100.0], "risk__factors": [1]},
]


@pytest.mark.parametrize("unit", ["case", "claim"])
@pytest.mark.parametrize("changes", DESIGNS, ids=str)
def test_the_plain_way_agrees_on_every_drawn_row(frames, unit, changes):
    frame, content = frames[unit], default_design(**(CHANGES | changes))
    design = a_design(**(CHANGES | changes))
    plan = plan_sample(frame, design)
    cases = plain_cases(frame)
    strata = plain_sampling.plan(cases, frame.month_claims, content)
    assert {s.name: (int(n), s.cases) for s, n in zip(plan.strata, plan.drawn, strict=True)} == {
        name: (count, len(ids)) for name, (count, ids) in strata.items()
    }
    secret = b"secret of the month"
    key = plain_sampling.key_of(secret, [case["id"] for case in cases])
    sample = draw(plan, key)
    wanted = plain_sampling.draw(strata, secret)
    found = {
        row["case_id"]: (row["stratum"], Fraction(row["inclusion_probability"]), row["u"])
        for row in sample.to_pylist()
    }
    assert {
        case: (stratum, Fraction(float(chance)), u) for case, (stratum, chance, u) in wanted.items()
    } == found


def test_the_frozen_frame_is_hashed_as_sorted_lines(frames):
    import hashlib

    texts = texts_of(frames["case"].case_id)
    assert texts == sorted(texts)
    assert frame_sha256(texts) == hashlib.sha256(("\n".join(texts) + "\n").encode()).hexdigest()


@pytest.mark.parametrize(
    ("claims", "rate_bp", "floor", "size"),
    [(1_000_000, 40, 100, 4000), (125, 40, 1, 1), (374, 40, 1, 1), (375, 40, 1, 2), (10, 40, 7, 7)],
)
def test_the_size_is_half_up_or_the_floor(claims, rate_bp, floor, size):
    design = a_design(size__rate_bp=rate_bp, size__floor=floor)
    assert sample_size(claims, design) == size
    assert plain_sampling.size_of(claims, default_design(size__rate_bp=rate_bp, size__floor=floor)) == size


def test_certain_cases_are_at_most_half_of_the_sample(frames):
    plan = plan_sample(frames["case"], a_design(**(CHANGES | DESIGNS[7])))
    assert plan.size == 90
    (certain,) = [stratum for stratum in plan.strata if stratum.source == "certainty"]
    assert certain.cases == 45
    assert plan.drawn[0] == 45
    taken = plan.index == 0
    others = np.isfinite(frames["case"].percentile) & ~taken
    assert frames["case"].percentile[taken].min() >= frames["case"].percentile[others].max()
    assert any("more than half of the sample" in note for note in plan.notes)


def test_every_stratum_has_two_or_all_and_the_sizes_add_up(frames):
    for changes in DESIGNS:
        plan = plan_sample(frames["case"], a_design(**(CHANGES | changes)))
        cases = np.array([stratum.cases for stratum in plan.strata])
        assert plan.drawn.sum() == plan.size
        assert (plan.drawn >= np.minimum(cases, 2)).all()
        assert (plan.drawn <= cases).all()
        assert cases.sum() == frames["case"].cases
        assert (np.bincount(plan.index) == cases).all()
        assert plan.probability.sum() == pytest.approx(plan.size)


def test_risk_is_oversampled(frames):
    plan = plan_sample(frames["case"], a_design(**CHANGES))
    share = {source: [0, 0] for source in ("certainty", "risk", "random")}
    for stratum, drawn in zip(plan.strata, plan.drawn, strict=True):
        share[stratum.source][0] += int(drawn)
        share[stratum.source][1] += stratum.cases
    rate = {source: drawn / cases for source, (drawn, cases) in share.items()}
    assert rate["certainty"] == 1.0
    assert rate["risk"] > 5 * rate["random"]


def test_a_sample_too_small_for_its_parts_is_refused(frames):
    with pytest.raises(
        InputError, match=r"leaves 3 for cases at risk and the random rest, expected at least 4"
    ):
        plan_sample(
            frames["case"],
            a_design(**(CHANGES | {"size__floor": 3, "size__rate_bp": 1, "certainty__percentile": 100.0})),
        )


def test_pareto_takes_the_largest_and_follows_amounts(frames):
    frame = frames["case"]
    plan = plan_sample(frame, a_design(**CHANGES, draw__method="pareto"))
    simple = plan_sample(frame, a_design(**CHANGES))
    assert (plan.drawn == simple.drawn).all()
    assert plan.probability.sum() == pytest.approx(plan.size)
    assert plan.expected.amount_half_width_mnt < 0.2 * simple.expected.amount_half_width_mnt
    for h in range(len(plan.strata)):
        members = np.flatnonzero(plan.index == h)
        order = np.argsort(frame.amount_mnt[members], kind="stable")
        assert (np.diff(plan.probability[members][order]) >= -1e-12).all()
    sample = draw(plan, b"key")
    assert sample.num_rows == plan.size
    taken = {frame.case_id[int(i)].as_py() for i in np.flatnonzero(plan.probability == 1.0)}
    assert taken <= set(sample["case_id"].to_pylist())


def test_expected_precision_is_that_of_a_national_month():
    """N = 1 m, n = 4,000, 5 %: ± 0.57 points; N = 5 m, 20,000: ± 0.25 (audit.md §4)."""
    from daatgal_engine.sampling_precision import half_width_of_rate

    assert half_width_of_rate(0.05, np.full(1_000_000, 0.004)) == pytest.approx(0.0057, abs=0.00005)
    assert half_width_of_rate(0.05, np.full(5_000_000, 0.004)) == pytest.approx(0.0025, abs=0.00005)


def test_the_variance_of_equal_probabilities_is_the_textbook_one():
    rng = np.random.default_rng(3)
    value, stratum = rng.lognormal(10, 1, 60), np.repeat([0, 1], [40, 20])
    drawn = np.array([7, 20])
    probability = (drawn / np.array([40, 20]))[stratum]
    found = variance_of_total(value, stratum, probability, 2)
    assert found[0] == pytest.approx(40**2 * (1 - 7 / 40) * value[:40].var(ddof=1) / 7)
    assert found[1] == 0.0


@settings(max_examples=scaled(150))
@given(
    st.dictionaries(st.tuples(*[st.sampled_from("abc")] * 3), st.integers(1, 30), min_size=1, max_size=27),
    st.integers(1, 40),
    st.integers(1, 30),
)
def test_merging_keeps_levels_and_ends(cells, smallest, most):
    home = merged(cells, smallest, most)
    assert set(home) == set(cells)
    sizes: Counter[tuple[str, ...]] = Counter()
    for key, now in home.items():
        sizes[now] += cells[key]
        own = sum(1 for label in now if label != "*")
        assert now == key[:own] + ("*",) * (len(key) - own)
    assert len(sizes) <= most or len(sizes) == 1
    small = [key for key, size in sizes.items() if size < smallest]
    assert small in ([], [("*", "*", "*")])


def test_nothing_depends_on_the_order_or_the_nights_of_claims(tmp_path):
    """The same month in one night and in three, rows shuffled: the same frame and the same sample."""
    ledger, scores = month_of_claims(300, seed=5)
    write_night(tmp_path / "one", ledger, scores=scores)
    rng = random.Random(1)
    rng.shuffle(ledger)
    nights, before = [], None
    for part in range(3):
        rows = ledger[part::3]
        names = {row["claim_id"] for row in rows}
        own = [row for row in scores if row["claim_id"] in names]
        rng.shuffle(own)
        folder = tmp_path / f"night{part}"
        before = write_night(folder, rows, as_of=f"2026-10-{10 + part}", scores=own, previous=before)
        nights.append(folder)
    design = a_design(size__floor=40)
    places = places_on(facilities(), last_day(MONTH))
    samples = []
    for folders in ([tmp_path / "one"], nights):
        standing = standing_month(nights_on_disk(folders), MONTH, "settlement")
        plan = plan_sample(build_frame(standing, MONTH, "case", places), design)
        samples.append(draw(plan, b"key"))
    assert samples[0].equals(samples[1])
    assert samples[0].num_rows == 40
