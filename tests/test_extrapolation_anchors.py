"""The estimators against figures worked out elsewhere, to the printed digits, and against exact arithmetic."""

import math
from fractions import Fraction

import numpy as np
import pytest

from daatgal.errors import DaatgalError
from daatgal.extrapolation.estimators import Strata, combined_ratio, strata_of, stratified, unequal
from daatgal.extrapolation.limits import count_at_least, count_at_most, final_lower, t_limits

ONE = [(3078, 300, 297897.0466666667, 344551.89475666196**2)]
FOUR = [
    (220, 21, 97629.80952380953, 7647472708.161904),
    (1054, 103, 300504.1553398058, 29618183543.28936),
    (1382, 135, 211315.04444444444, 53587487856.19204),
    (422, 41, 662295.512195122, 396185950266.2561),
]
THREE = [
    (4421, 100, 416.78, 27576.880404040403),
    (755, 50, 1320.7, 450339.9285714286),
    (1018, 50, 832.48, 156307.27510204082),
]
TAKE_ALL = [
    (25, 25, 10045, 623**2),
    (250, 50, 8756, 401**2),
    (450, 38, 4265, 211**2),
    (800, 32, 809, 75**2),
    (2000, 30, 53, 45**2),
]


def strata(rows):
    frame, found, mean, variance = zip(*rows, strict=True)
    return Strata(
        np.array(frame, np.int64), np.array(found, np.int64), np.array(mean, float), np.array(variance, float)
    )


@pytest.mark.parametrize(
    ("rows", "total", "error", "one_sided", "lower", "upper"),
    [
        (ONE, "916927109.64", "58169381.17", "842214976.08", "820949622.00", "1012904597.28"),
        (FOUR, "909736035.39", "50417248.25", "844979205.40", "826546681.22", "992925389.56"),
        (THREE, "3687177.52", "114641.7152", "3539763.90", "3497717.73", "3876637.31"),
        (TAKE_ALL, "5112575", "27422.01", "5077272.54", "5067181.77", None),
    ],
    ids=["one stratum", "four strata", "three strata", "take-all first"],
)
def test_the_stratified_total_and_its_limits(rows, total, error, one_sided, lower, upper):
    estimate = stratified(strata(rows))
    limits = t_limits(estimate)
    found = (
        estimate.total,
        estimate.standard_error,
        limits.one_sided_lower,
        limits.lower,
        limits.upper,
    )
    for value, printed in zip(found, (total, error, one_sided, lower, upper), strict=True):
        if printed is not None:
            digits = len(printed.partition(".")[2])
            assert f"{value:.{digits}f}" == printed


def test_degrees_of_freedom_leave_out_what_was_taken_whole():
    assert stratified(strata(TAKE_ALL)).degrees == 146
    assert stratified(strata(ONE)).degrees == 299


def test_satterthwaite_by_its_formula():
    rows = FOUR
    parts = [n * (n - k) * s / k for n, k, _, s in rows]
    by_hand = sum(parts) ** 2 / sum(part**2 / (k - 1) for part, (_, k, _, _) in zip(parts, rows, strict=True))
    plain, careful = stratified(strata(rows)), stratified(strata(rows), satterthwaite=True)
    assert careful.degrees == pytest.approx(by_hand, rel=1e-12)
    assert careful.degrees < plain.degrees
    assert careful.variance == plain.variance


def test_satterthwaite_of_one_stratum_is_n_less_one():
    assert stratified(strata(ONE), satterthwaite=True).degrees == pytest.approx(299, rel=1e-12)


def test_all_taken_leaves_nothing_to_chance():
    estimate = stratified(strata([(3, 3, 10.0, 4.0), (2, 2, 5.0, 1.0)]))
    limits = t_limits(estimate)
    assert (estimate.total, estimate.variance, estimate.degrees) == (40.0, 0.0, 0.0)
    assert (limits.one_sided_lower, limits.lower, limits.upper) == (40.0, 40.0, 40.0)


def test_one_case_of_several_allows_no_limits():
    estimate = stratified(strata([(30, 5, 10.0, 4.0), (20, 1, 5.0, 0.0)]))
    assert estimate.total == 400.0
    assert math.isnan(estimate.variance)
    assert t_limits(estimate).one_sided_lower is None


@pytest.mark.parametrize(
    ("limit", "found", "final"),
    [(100.0, 30, 100.0), (10.0, 30, 30), (-5.0, 0, 0), (-5.0, -3, 0), (None, 30, 30), (None, -3, 0)],
)
def test_the_final_lower_limit_is_never_less_than_what_was_found(limit, found, final):
    assert final_lower(limit, found) == final


@pytest.mark.parametrize(
    ("frame", "drawn", "found", "alpha", "bound"),
    [
        (1000, 30, 15, 0.05, 341),
        (1000, 30, 15, 0.10, 372),
        (1000, 30, 20, 0.10, 536),
        (10000, 100, 5, 0.10, 246),
        (1000, 100, 100, 0.10, 979),
    ],
)
def test_the_exact_bound(frame, drawn, found, alpha, bound):
    assert count_at_least(frame, drawn, found, alpha) == bound


def at_least(frame: int, bad: int, drawn: int, found: int) -> Fraction:
    """P(Hypergeometric ≥ found) by counting."""
    ways = sum(math.comb(bad, k) * math.comb(frame - bad, drawn - k) for k in range(found, drawn + 1))
    return Fraction(ways, math.comb(frame, drawn))


@pytest.mark.parametrize("frame", [1, 7, 24])
@pytest.mark.parametrize("alpha", [Fraction(1, 20), Fraction(1, 10)])
def test_the_exact_bound_by_counting_every_sample(frame, alpha):
    for drawn in range(frame + 1):
        for found in range(drawn + 1):
            by_hand = next(bad for bad in range(frame + 1) if at_least(frame, bad, drawn, found) > alpha)
            assert count_at_least(frame, drawn, found, float(alpha)) == by_hand
            most = max(bad for bad in range(frame + 1) if 1 - at_least(frame, bad, drawn, found + 1) > alpha)
            assert count_at_most(frame, drawn, found, float(alpha)) == most


def test_the_exact_bound_refuses_an_impossible_sample():
    with pytest.raises(DaatgalError, match="found 5 of 4 drawn of 10"):
        count_at_least(10, 4, 5, 0.1)


RATIO_FRAME = np.array([200, 100], np.int64)
STRATUM = np.array([0, 0, 0, 1, 1], np.int64)
SIZES = np.array([100.0, 200.0, 300.0, 1000.0, 3000.0])
BAD = np.array([10.0, 0.0, 60.0, 500.0, 900.0])


def test_the_combined_ratio_by_its_formula():
    ratio = (200 * 70 / 3 + 100 * 700) / (200 * 200 + 100 * 2000)
    residual = BAD - ratio * SIZES
    parts = [
        n * (n - k) / k * np.var(residual[h == STRATUM], ddof=1)
        for h, (n, k) in enumerate([(200, 3), (100, 2)])
    ]
    estimate = combined_ratio(BAD, SIZES, STRATUM, RATIO_FRAME, 230_000.0)
    assert estimate.total == pytest.approx(ratio * 230_000, rel=1e-12)
    assert estimate.variance == pytest.approx(sum(parts), rel=1e-12)
    assert estimate.degrees == 3


def test_the_ratio_of_what_is_proportional_is_certain():
    estimate = combined_ratio(SIZES / 4, SIZES, STRATUM, RATIO_FRAME, 230_000.0)
    assert estimate.total == pytest.approx(57_500)
    assert estimate.variance == pytest.approx(0, abs=1e-12)


def test_equal_probabilities_are_simple_random_sampling():
    """Deville's variance with one π is `N² (1 − n/N) s²/n`, whether by Horvitz–Thompson or by Hájek."""
    values = np.array([3.0, 0.0, 8.0, 1.0, 0.0, 7.0])
    stratum, frame = np.zeros(6, np.int64), np.array([40], np.int64)
    simple = stratified(strata_of(values, stratum, frame))
    for hajek in (False, True):
        other = unequal(values, np.full(6, 6 / 40), stratum, frame, hajek=hajek)
        assert other.total == pytest.approx(simple.total)
        assert other.variance == pytest.approx(simple.variance)
        assert other.degrees == simple.degrees


def test_unequal_probabilities_by_the_formula():
    values = np.array([5.0, 20.0, 0.0, 70.0])
    pi = np.array([0.2, 0.5, 0.4, 1.0])
    c = 3 / 2 * (1 - pi[:3])
    expanded = values[:3] / pi[:3]
    centre = np.sum(c * expanded) / np.sum(c)
    estimate = unequal(values, pi, np.zeros(4, np.int64), np.array([12], np.int64))
    assert estimate.total == pytest.approx(25 + 40 + 0 + 70)
    assert estimate.variance == pytest.approx(np.sum(c * (expanded - centre) ** 2))
    assert estimate.degrees == 2


def test_what_was_certain_is_not_extrapolated():
    values, pi = np.array([5.0, 9.0]), np.array([1.0, 1.0])
    for hajek in (False, True):
        estimate = unequal(values, pi, np.zeros(2, np.int64), np.array([2], np.int64), hajek=hajek)
        assert tuple(estimate) == (14.0, 0.0, 0.0)
