"""An order-free sample: the claims whose keyed hash is smallest.

In: the hashes of claim ids, and a seed. Out: which claims are in the sample. A claim's key is a function of its id and
the seed alone, so the sample is the same for any order, chunks, buckets or nights of the claims. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from daatgal_engine.columns import I64, U64

_GOLDEN = 0x9E3779B97F4A7C15
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_WORD = (1 << 64) - 1


def sample_keys(claim_hashes: U64, seed: int) -> U64:
    """The key of each claim: splitmix64 of its hash and the seed, the same bits on any machine."""
    key = claim_hashes ^ np.uint64((seed + 1) * _GOLDEN & _WORD)
    key = (key ^ (key >> np.uint64(30))) * _FIRST
    key = (key ^ (key >> np.uint64(27))) * _SECOND
    return key ^ (key >> np.uint64(31))


def smallest(keys: U64, count: int) -> I64:
    """The places, ascending, of the `count` smallest keys; keys equal to the last of them are all in."""
    if keys.size <= count:
        return np.arange(keys.size, dtype=np.int64)
    limit: np.uint64 = np.partition(keys, count - 1)[count - 1]
    within: npt.NDArray[np.bool_] = keys <= limit
    return np.flatnonzero(within)
