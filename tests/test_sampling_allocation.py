"""Shares of a sample: they add up, keep their bounds, and are those of the largest remainder."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal_engine.sampling_allocation import allocate
from tests import plain_sampling
from tests.scale import scaled


@st.composite
def problems(draw):
    cases = draw(st.lists(st.integers(1, 400), min_size=1, max_size=12))
    weights = draw(st.lists(st.integers(0, 10**12), min_size=len(cases), max_size=len(cases)))
    least = [min(2, count) for count in cases]
    total = draw(st.integers(sum(least), sum(cases)))
    return total, weights, least, cases


@settings(max_examples=scaled(400))
@given(problems())
def test_shares_add_up_and_keep_their_bounds(problem):
    total, weights, least, most = problem
    shares = allocate(total, weights, least, most)
    assert sum(shares) == total
    assert all(a <= share <= b for a, share, b in zip(least, shares, most, strict=True))


@settings(max_examples=scaled(400))
@given(problems())
def test_shares_are_one_proportion_clamped(problem):
    """No stratum strictly inside its bounds is off from another's proportion by a whole case."""
    total, weights, least, most = problem
    shares = allocate(total, weights, least, most)
    inside = [h for h in range(len(shares)) if least[h] < shares[h] < most[h] and weights[h]]
    for a in inside:
        for b in inside:
            assert Fraction(shares[a] - 1, weights[a]) < Fraction(shares[b] + 1, weights[b])


@settings(max_examples=scaled(200))
@given(problems())
def test_the_plain_way_agrees(problem):
    total, weights, least, most = problem
    if any(weights):
        weights = [weight or 1 for weight in weights]
    assert allocate(total, weights, least, most) == plain_sampling.share_out(total, weights, least, most)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (7, [50, 30, 20], [4, 2, 1]),
        (21, [53, 24, 23], [11, 5, 5]),
        (3, [10**18 + 1, 10**18, 10**18], [1, 1, 1]),
        (2, [1, 1, 1], [1, 1, 0]),
    ],
)
def test_largest_remainders(total, weights, expected):
    assert allocate(total, weights, [0] * 3, [100] * 3) == expected


def test_remainders_are_compared_as_whole_numbers():
    """The third remainder is larger by one part in 10**20: floats do not see it, whole numbers do."""
    weights = [10**20, 10**20, 10**20 + 1]
    assert allocate(4, weights, [0] * 3, [9] * 3) == [1, 1, 2]


def test_bounds_are_met_before_proportion():
    assert allocate(20, [1, 1, 98], [2, 2, 2], [100, 100, 10]) == [5, 5, 10]
    assert allocate(10, [0, 0, 100], [2, 2, 2], [50, 50, 50]) == [2, 2, 6]


def test_strata_without_weight_share_what_no_other_can_take():
    assert allocate(50, [10, 0, 0], [2, 2, 2], [5, 30, 60]) == [5, 15, 30]


@pytest.mark.parametrize("total", [3, 13])
def test_what_cannot_be_shared_out_is_refused(total):
    with pytest.raises(ValueError, match=f"cannot share {total} out: expected 4 to 12"):
        allocate(total, [1, 1], [2, 2], [6, 6])
