"""How often the limits hold: 2,000 seeded draws at error rates where Student's t holds, and where it does not."""

import numpy as np
import pytest

from daatgal.extrapolation.estimators import strata_of, stratified
from daatgal.extrapolation.limits import count_at_least, t_limits
from tests.scale import scaled

DRAWS = 2_000
SIZES = ((60, 60), (400, 80), (1_500, 90), (6_000, 120))
NOMINAL = 0.90


def population(rate: float, rng: np.random.Generator) -> list[np.ndarray]:
    """Overpayments of every case, by stratum: amounts that differ a hundredfold, the whole amount wrong or nothing."""
    return [
        np.where(rng.random(frame) < rate, rng.lognormal(11.0 + 0.3 * place, 0.5, frame), 0.0)
        for place, (frame, _) in enumerate(SIZES)
    ]


def draws(rate: float, seed: int) -> tuple[float, list[tuple[float, float, float, int]]]:
    rng = np.random.default_rng(seed)
    cases = population(rate, rng)
    frame = np.array([size for size, _ in SIZES], np.int64)
    stratum = np.repeat(np.arange(len(SIZES)), [count for _, count in SIZES])
    found = []
    for _ in range(scaled(DRAWS, at_least=500)):
        values = np.concatenate(
            [
                part[np.argpartition(rng.random(size), count - 1)[:count]]
                for part, (size, count) in zip(cases, SIZES, strict=True)
            ]
        )
        limits = t_limits(stratified(strata_of(values, stratum, frame)))
        found.append((limits.one_sided_lower, limits.lower, limits.upper))
    return sum(float(part.sum()) for part in cases), found


@pytest.mark.parametrize(("rate", "least"), [(0.01, 0.60), (0.05, 0.83), (0.20, 0.87), (0.97, 0.87)])
def test_coverage_of_the_t_limits(rate, least):
    """Near the nominal 90 % where enough cases are wrong; far below it at 1 %, which the report warns of."""
    truth, found = draws(rate, seed=int(rate * 1000))
    inside = np.mean([lower <= truth <= upper for _, lower, upper in found])
    below = np.mean([one_sided <= truth for one_sided, _, _ in found])
    assert least <= inside <= 0.94
    assert below >= 0.86, "the limit that is claimed by errs on the facility's side"
    if rate == 0.01:
        assert inside < NOMINAL - 0.05


def simple_draws(frame: int, count: int, rate: float, seed: int) -> tuple[int, np.ndarray]:
    bad = round(frame * rate)
    rng = np.random.default_rng(seed)
    return bad, rng.hypergeometric(bad, frame - bad, count, scaled(DRAWS, at_least=500))


def test_student_fails_where_nearly_all_are_wrong():
    """n = 30, 97 % all-or-nothing: 0.61 of a nominal 0.90."""
    bad, found = simple_draws(1_000, 30, 0.97, seed=5)
    inside = []
    for wrong in found:
        values = np.repeat([1.0, 0.0], [wrong, 30 - wrong])
        limits = t_limits(stratified(strata_of(values, np.zeros(30, np.int64), np.array([1_000], np.int64))))
        inside.append(limits.lower <= bad <= limits.upper)
    assert np.mean(inside) == pytest.approx(0.61, abs=0.04)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.20, 0.97])
@pytest.mark.parametrize("count", [30, 150])
def test_the_exact_bound_holds_at_every_rate(rate, count):
    bad, found = simple_draws(1_000, count, rate, seed=count)
    bound = {wrong: count_at_least(1_000, count, int(wrong), 0.10) for wrong in np.unique(found)}
    holds = np.mean([bound[wrong] <= bad for wrong in found])
    assert holds >= NOMINAL - 0.03
