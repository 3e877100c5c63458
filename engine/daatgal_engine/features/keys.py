"""Combinations numbered, so that each is looked up once however many claims share it. Row maps.

In: a packed key per row. Out: the number of its combination by first appearance, and the distinct keys. The numbers
depend on the order of rows; what is looked up for a combination does not.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I32, I64, U64, Int

_MIX = np.uint64(0x9E3779B97F4A7C15)


@kernel
def slot_of(key: np.uint64, shift: np.uint64) -> Int:
    """Where the search for a key begins: the leading bits of a multiplicative hash."""
    mixed = (key ^ (key >> np.uint64(32))) * _MIX
    return np.int64(mixed >> shift)


@kernel
def filled(distinct: U64, count: int, bits: int) -> I32:
    """A table of `2**bits` slots that holds the first `count` distinct keys; -1: free."""
    table = np.full(1 << bits, -1, np.int32)
    shift, last = np.uint64(64 - bits), (1 << bits) - 1
    for k in range(count):
        slot = slot_of(distinct[k], shift)
        while table[slot] >= 0:
            slot = (slot + 1) & last
        table[slot] = k
    return table


@kernel
def number_keys(keys: U64, numbers: I32) -> U64:
    """Number the distinct keys in order of appearance. Writes: `numbers` int32[n]. Returns: the distinct keys."""
    bits = 10
    distinct = np.empty(1 << (bits - 1), np.uint64)
    table = filled(distinct, 0, bits)
    count = 0
    for i in range(keys.size):
        key = keys[i]
        slot, last = slot_of(key, np.uint64(64 - bits)), (1 << bits) - 1
        while table[slot] >= 0 and distinct[table[slot]] != key:
            slot = (slot + 1) & last
        if table[slot] < 0:
            if count == distinct.size:
                bits += 1
                wider = np.empty(1 << (bits - 1), np.uint64)
                wider[:count] = distinct
                distinct = wider
                table = filled(distinct, count, bits)
                slot, last = slot_of(key, np.uint64(64 - bits)), (1 << bits) - 1
                while table[slot] >= 0:
                    slot = (slot + 1) & last
            distinct[count] = key
            table[slot] = count
            count += 1
        numbers[i] = table[slot]
    return distinct[:count].copy()


@kernel
def add_up(numbers: I32, amounts: I64, total: I64) -> None:
    """total[numbers[i]] += amounts[i]; a negative number belongs nowhere."""
    for i in range(numbers.size):
        if numbers[i] >= 0:
            total[numbers[i]] += amounts[i]


@kernel
def greatest_of_lists(offset: I64, values: np.ndarray, out: np.ndarray) -> None:
    """out[i] = the greatest of `values[offset[i] : offset[i + 1]]`; an empty list leaves what is there."""
    for i in range(out.size):
        for k in range(offset[i], offset[i + 1]):
            if k == offset[i] or values[k] > out[i]:
                out[i] = values[k]
