"""The sample of claims: a function of ids and seed alone."""

import numpy as np
import pytest

from daatgal.scoring.draw import sample_keys, smallest

WORD = (1 << 64) - 1


def _splitmix(state: int) -> int:
    """The output function of splitmix64, by hand."""
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & WORD
    state = (state ^ state >> 27) * 0x94D049BB133111EB & WORD
    return state ^ state >> 31


@pytest.mark.parametrize("seed", [0, 1, 2**40])
def test_a_key_is_splitmix_of_the_hash_and_the_seed(seed: int) -> None:
    hashes = [0, 1, 2**63, WORD, 0x0123456789ABCDEF]
    expected = [_splitmix(hash_ ^ (seed + 1) * 0x9E3779B97F4A7C15 & WORD) for hash_ in hashes]
    assert sample_keys(np.array(hashes, np.uint64), seed).tolist() == expected


def test_the_sample_does_not_depend_on_the_order_or_on_how_claims_are_cut() -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(0, 2**64, 5000, dtype=np.uint64)
    whole = np.sort(hashes[smallest(sample_keys(hashes, 7), 300)])
    assert whole.size == 300
    shuffled = random.permutation(hashes)
    kept = np.empty(0, np.uint64)
    for part in np.array_split(shuffled, 13):
        together = np.concatenate([kept, part])
        kept = together[smallest(sample_keys(together, 7), 300)]
    assert np.array_equal(np.sort(kept), whole)
    assert not np.array_equal(np.sort(hashes[smallest(sample_keys(hashes, 8), 300)]), whole)


def test_equal_keys_are_in_together_and_a_small_batch_is_the_sample() -> None:
    assert smallest(np.array([5, 1, 5, 9, 5], np.uint64), 2).tolist() == [0, 1, 2, 4]
    assert smallest(np.array([5, 1], np.uint64), 2).tolist() == [0, 1]
    assert smallest(np.empty(0, np.uint64), 2).size == 0
