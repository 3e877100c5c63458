"""Claims that are alike: the first one with the same key, for group scans.

In: integer key words of `count` picked claims, in claim order; where they are the claims of many people, the person is
one of the words. Out: per pick, the first pick with an equal key. An open-addressing table over a mix of the words;
equality is always confirmed word by word, so a collision costs time and nothing else. Linear in the number of picks.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, Int

KEY_WORDS = 13
"""The widest key: exact duplicates."""


@kernel
def mixed(key: I64, pick: Int, words: Int) -> np.uint64:
    """A hash of the first `words` key words; shifts and exclusive ors only, which do not overflow."""
    state = np.uint64(0x9E3779B97F4A7C15)
    for word in range(words):
        state ^= np.uint64(key[pick, word])
        state ^= (state << np.uint64(13)) & np.uint64(0xFFFFFFFFFFFFFFFF)
        state ^= state >> np.uint64(7)
        state ^= (state << np.uint64(17)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    return state ^ (state >> np.uint64(32))


@kernel
def same_key(key: I64, a: Int, b: Int, words: Int) -> bool:
    """Whether picks `a` and `b` have equal words."""
    for word in range(words):  # noqa: SIM110 - all() of a generator does not compile
        if key[a, word] != key[b, word]:
            return False
    return True


@kernel
def find_firsts(key: I64, count: Int, words: Int, table: I64, first: I64) -> None:
    """Write to `first[k]` the first pick whose key equals that of pick `k`; `table` holds at least 2 * count slots."""
    size = 2
    while size < 2 * count:
        size *= 2
    for slot in range(size):
        table[slot] = -1
    for k in range(count):
        slot = np.int64(mixed(key, k, words) & np.uint64(size - 1))
        while table[slot] >= 0 and not same_key(key, table[slot], k, words):
            slot = (slot + 1) & (size - 1)
        if table[slot] < 0:
            table[slot] = k
        first[k] = table[slot]


@kernel
def keep_shared(pick: I64, first: I64, count: Int, mark: I64) -> Int:
    """Keep, in their order, the picks whose key another pick has too; how many these are. Writes: `pick`, `mark`."""
    for k in range(count):
        mark[k] = 0
    for k in range(count):
        if first[k] != k:
            mark[k] = 1
            mark[first[k]] = 1
    kept = np.int64(0)
    for k in range(count):
        if mark[k] != 0:
            pick[kept] = pick[k]
            kept += 1
    return kept
