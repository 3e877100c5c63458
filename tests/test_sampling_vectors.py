"""The numbers that the draw has to meet: permanent random numbers, Pareto sampling, what is taken in any event."""

import hashlib
import hmac

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daatgal.sampling.draw import random_numbers
from daatgal_engine.sampling import (
    equal_probabilities,
    pareto_rank,
    pareto_ranks,
    smallest_of_each,
    take_all_first,
)
from tests import plain_sampling
from tests.scale import scaled

KEY = b"2026-10|mn-hi|v1"
IDS = [f"C{i:06d}" for i in range(1, 11)]
ONE_STRATUM = np.zeros(10, np.int64)


def test_three_of_ten():
    numbers = random_numbers(KEY, IDS)
    drawn = smallest_of_each(ONE_STRATUM, numbers, np.array([3]))
    ranked = sorted((int(numbers[i]), IDS[i]) for i in np.flatnonzero(drawn))
    assert ranked == [
        (2782651505396166083, "C000004"),
        (2967663507859997317, "C000008"),
        (3139860827658776511, "C000003"),
    ]
    assert equal_probabilities(ONE_STRATUM, np.array([3])).tolist() == [0.3] * 10


@given(st.binary(max_size=200), st.lists(st.text(max_size=30), max_size=5))
def test_numbers_are_those_of_the_standard_library(key: bytes, texts: list[str]):
    texts = [text.encode(errors="ignore").decode() for text in texts]
    expected = [hmac.new(key, text.encode(), hashlib.sha256).digest()[:8] for text in texts]
    assert random_numbers(key, texts).tolist() == [int.from_bytes(digest, "big") for digest in expected]
    assert random_numbers(key, texts).tolist() == [plain_sampling.number(key, text) for text in texts]


def test_what_is_taken_in_any_event():
    size = np.array([*range(1, 11), 100, 150])
    probability = take_all_first(size, 6)
    assert np.flatnonzero(probability == 1.0).tolist() == [10, 11]
    weights = 1 / probability
    assert weights[[3, 7, 8, 9]] == pytest.approx([3.4375, 1.71875, 55 / 36, 1.375], abs=1e-12)
    assert probability.sum() == pytest.approx(6)


def test_all_of_a_stratum_are_certain_whatever_their_size():
    assert take_all_first(np.array([1, 2**60, 3]), 3).tolist() == [1.0, 1.0, 1.0]


def test_pareto_sampling_meets_its_probabilities():
    """Within 200,000 draws' Monte-Carlo error of the known probabilities, which are not quite λ."""
    wanted = np.array([0.2, 0.7, 0.8, 0.5, 0.4, 0.4])
    draws = scaled(200_000, at_least=20_000)
    rng = np.random.default_rng(7)
    numbers = rng.integers(0, 2**64, (draws, 6), np.uint64)
    ranks = pareto_rank(numbers.ravel(), np.tile(wanted, draws))
    stratum = np.repeat(np.arange(draws), 6)
    drawn = smallest_of_each(stratum, ranks, np.full(draws, 3)).reshape(draws, 6)
    assert (drawn.sum(1) == 3).all()
    known = np.array([0.194, 0.708, 0.805, 0.501, 0.397, 0.396])
    error = np.sqrt(known * (1 - known) / draws)
    assert np.abs(drawn.mean(0) - known).max() < 0.0005 + 4.5 * error.max()


def test_the_ends_of_the_numbers_are_drawn_first_and_last():
    numbers = np.array([0, 2**64 - 1, 2**63], np.uint64)
    rank = pareto_rank(numbers, np.full(3, 0.5))
    assert rank.tolist() == [0.0, np.inf, 1.0]
    ranks = pareto_ranks(np.zeros(3, np.int64), numbers, np.array([1, 1, 10]), np.array([2]))
    assert ranks.probability[2] == 1.0
    assert ranks.rank[2] == -1.0


def test_equal_numbers_go_by_the_order_that_is_given():
    numbers = np.array([5, 5, 5, 1], np.uint64)
    assert smallest_of_each(np.zeros(4, np.int64), numbers, np.array([2])).tolist() == [
        True,
        False,
        False,
        True,
    ]


def test_an_empty_stratum_and_one_that_is_all_drawn():
    stratum = np.array([0, 0, 2, 2])
    numbers = np.array([4, 3, 2, 1], np.uint64)
    drawn = smallest_of_each(stratum, numbers, np.array([0, 0, 2]))
    assert drawn.tolist() == [False, False, True, True]
