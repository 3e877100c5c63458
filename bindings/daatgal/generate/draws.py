"""Randomness that depends on nothing but its name.

In flow a seed and the name of a stream (what is drawn, for which block of people, in which month); out flow raw bits
of a counter-based generator (Philox 4×64), and integers, chances and table look-ups made from those bits by plain
arithmetic. NumPy promises the bits for ever and its distributions not, so none of them is used.
"""

from __future__ import annotations

import hashlib
from functools import cache
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.generate.rows import F64, I32, I64, U64, Bools

TABLE_BITS = 14
TABLE_SIZE = 1 << TABLE_BITS
"""Entries of a choice table: a probability is kept to 1/16384."""

_ID_BITS = np.uint64(55)
_ID_MASK = np.uint64((1 << 55) - 1)


class Draws:
    """One stream: the same seed and name give the same draws, whatever was drawn elsewhere."""

    def __init__(self, seed: int, *name: str | int) -> None:
        digest = hashlib.sha256("|".join(map(str, (seed, *name))).encode()).digest()
        self._bits = np.random.Philox(key=np.frombuffer(digest[:16], dtype="<u8"))

    def bits(self, n: int) -> U64:
        """`n` words of 64 random bits."""
        return np.asarray(self._bits.random_raw(n), dtype=np.uint64)

    def unit(self, n: int) -> F64:
        """`n` numbers in [0, 1), multiples of 2^-53."""
        return (self.bits(n) >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def chance(self, n: int, probability: float | F64) -> Bools:
        """`n` coins that show true with the given probability (one for all, or one for each)."""
        return self.unit(n) < probability

    def below(self, n: int, bound: int | I64 | I32) -> I64:
        """`n` integers from 0 up to but without `bound` (one for all, or one for each; at most 2^31)."""
        high = self.bits(n) >> np.uint64(32)
        return ((high * np.asarray(bound).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)

    def pick(self, n: int, table: I32) -> I32:
        """`n` entries of a choice table."""
        return table[self.bits(n) >> np.uint64(64 - TABLE_BITS)]

    def pick_row(self, tables: I32, row: I64) -> I32:
        """One entry of table `row[i]` for each i; `tables` is (tables, TABLE_SIZE)."""
        column = (self.bits(row.size) >> np.uint64(64 - TABLE_BITS)).astype(np.int64)
        return tables.reshape(-1)[row.astype(np.int64) * TABLE_SIZE + column]

    def sample(self, population: int, size: int) -> I64:
        """`size` different numbers below `population`, in random order; all of them if it is smaller."""
        return np.argsort(self.bits(population), kind="stable")[:size]

    def count(self, expected: float) -> int:
        """A whole number whose mean is `expected`: rounded up with the chance of its fraction."""
        return int(expected + self.unit(1)[0])


def choice_table(weights: Sequence[float] | F64) -> I32:
    """TABLE_SIZE indices into `weights`, each as often as its weight asks (largest remainder)."""
    share = np.asarray(weights, dtype=np.float64)
    exact = share / share.sum() * TABLE_SIZE
    times = np.floor(exact).astype(np.int64)
    short = TABLE_SIZE - int(times.sum())
    times[np.argsort(times - exact, kind="stable")[:short]] += 1
    return np.repeat(np.arange(share.size, dtype=np.int32), times)


@cache
def _normal_quantiles() -> F64:
    normal = NormalDist()
    return np.array([normal.inv_cdf((i + 0.5) / TABLE_SIZE) for i in range(TABLE_SIZE)])


def lognormal_table(median: float, sigma: float, low: float, high: float) -> I32:
    """TABLE_SIZE whole quantiles of a lognormal law, cut at `low` and `high`."""
    return np.clip(median * np.exp(sigma * _normal_quantiles()), low, high).astype(np.int32)


def scramble(counter: I64, seed: int, domain: str) -> U64:
    """A permutation of the numbers below 2^55, one for each seed and domain: distinct in, distinct and shuffled out."""
    key = hashlib.sha256(f"{seed}|{domain}".encode()).digest()
    x = counter.astype(np.uint64) ^ (np.uint64(int.from_bytes(key[:8], "big")) & _ID_MASK)
    for position in (8, 16):
        odd = np.uint64(int.from_bytes(key[position : position + 8], "big") | 1) & _ID_MASK
        x ^= x >> (_ID_BITS // np.uint64(2))
        x = (x * odd) & _ID_MASK
    return x ^ (x >> (_ID_BITS // np.uint64(2)))
