"""Identifiers found by hash and settled by bytes: equal ids within a batch, and ids of one batch in another.

In: `Ids`. Out: for each id the first row that has the same, or the row of another batch. The rows are first spread
over partitions by hash, so that a partition's table fits the cache; partitions are independent.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, U8, U64, Ids
from daatgal_engine.strings import equal_bytes, hash_bytes

ROWS_PER_PARTITION = 4096


class Partitions(NamedTuple):
    """The rows of some ids, by the leading bits of their hash: partition `p` is `row[begin[p] : begin[p + 1]]`."""

    ids: Ids
    row: I64
    """ascending within a partition; ids without bytes (nulls) are left out"""
    begin: I64
    """2**k + 1"""


@kernel
def hash_ids(data: U8, offset: I64, out: U64) -> None:
    """Write the hash of each id `data[offset[i] : offset[i + 1]]` into `out` uint64[m]."""
    for i in range(out.size):
        out[i] = hash_bytes(data, offset[i], offset[i + 1])


@kernel
def count_partitions(ids: Ids, bits: int, begin: I64) -> None:
    """Write where each partition begins: `begin` int64[2**bits + 1]."""
    begin[:] = 0
    shift = np.uint64(64 - bits)
    for i in range(ids.hash.size):
        if ids.offset[i + 1] > ids.offset[i]:
            partition = np.int64(ids.hash[i] >> shift) if bits > 0 else 0
            begin[partition + 1] += 1
    for p in range(begin.size - 1):
        begin[p + 1] += begin[p]


@kernel
def spread_rows(ids: Ids, bits: int, begin: I64, row: I64) -> None:
    """Write the rows of each partition, in order, into `row` int64[begin[-1]]."""
    next_place = begin.copy()
    shift = np.uint64(64 - bits)
    for i in range(ids.hash.size):
        if ids.offset[i + 1] > ids.offset[i]:
            partition = np.int64(ids.hash[i] >> shift) if bits > 0 else 0
            row[next_place[partition]] = i
            next_place[partition] += 1


@kernel
def same_id(left: Ids, i: int, right: Ids, k: int) -> bool:
    """Tell whether two ids have the same bytes."""
    length = left.offset[i + 1] - left.offset[i]
    if right.offset[k + 1] - right.offset[k] != length:
        return False
    return equal_bytes(left.data, left.offset[i], right.data, right.offset[k], length)


@kernel
def _empty_table(rows: int) -> I64:
    """Make a table of at least twice as many slots as rows; -1: free."""
    slots = 16
    while slots < 2 * rows:
        slots *= 2
    return np.full(slots, -1, np.int64)


@kernel
def _slot(slots: I64, built: Ids, sought: Ids, i: int) -> int:
    """Find the slot of an id equal to `sought[i]`, or the free slot where it would stand."""
    mask = np.uint64(slots.size - 1)
    slot = sought.hash[i] & mask
    while slots[slot] >= 0:
        row = slots[slot]
        if built.hash[row] == sought.hash[i] and same_id(built, row, sought, i):
            break
        slot = (slot + np.uint64(1)) & mask
    return np.int64(slot)


@kernel
def first_equal(batch: Partitions, first_partition: int, last_partition: int, first: I64) -> int:
    """Write the first row with the same id into `first` int64[n], for the rows of partitions `first_ : last_`.

    Rows without an id are not written. Returns how many rows have an earlier equal.
    """
    repeats = 0
    for p in range(first_partition, last_partition):
        rows = batch.row[batch.begin[p] : batch.begin[p + 1]]
        slots = _empty_table(rows.size)
        for row in rows:
            slot = _slot(slots, batch.ids, batch.ids, row)
            if slots[slot] < 0:
                slots[slot] = row
            else:
                repeats += 1
            first[row] = slots[slot]
    return repeats


@kernel
def find_rows(
    built: Partitions, sought: Partitions, first_partition: int, last_partition: int, found: I64
) -> None:
    """Write into `found` int64[sought ids] the first row of `built` with the same id; what has none is not written.

    Both sides have the same number of partitions.
    """
    for p in range(first_partition, last_partition):
        begin, end = sought.begin[p], sought.begin[p + 1]
        if begin == end:
            continue
        rows = built.row[built.begin[p] : built.begin[p + 1]]
        slots = _empty_table(rows.size)
        for row in rows:
            slot = _slot(slots, built.ids, built.ids, row)
            if slots[slot] < 0:
                slots[slot] = row
        for i in sought.row[begin:end]:
            row = slots[_slot(slots, built.ids, sought.ids, i)]
            if row >= 0:
                found[i] = row


@kernel
def gather_ids(ids: Ids, rows: I64, offset: I64, data: U8) -> None:
    """Copy the bytes of the given rows into `data`; `offset` int64[rows + 1] says where each begins."""
    for k in range(rows.size):
        begin = ids.offset[rows[k]]
        for j in range(offset[k + 1] - offset[k]):
            data[offset[k] + j] = ids.data[begin + j]
