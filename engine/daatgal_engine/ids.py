"""Identifiers found by hash and settled by bytes: equal ids within a batch, and ids of one batch in another.

In: `Ids`. Out: for each id the first row that has the same, or the row of another batch. The rows are first spread
over partitions by hash, so that a partition's table fits the cache; partitions are independent.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.ahead import ask_for
from daatgal_engine.columns import I64, U8, U64, ZERO, Ids, Int
from daatgal_engine.strings import Strings, closed, is_blank, is_dark, is_null, last_word, mixed, opened, word

ROWS_PER_PARTITION = 16_384
NEXT = np.uint64(1)
AHEAD = np.uint64(12)
"""So many ids before it is compared, what is known of one is asked for."""


class Partitions(NamedTuple):
    """The rows of some ids, by the leading bits of their hash: partition `p` is `begin[p] : begin[p + 1]`."""

    ids: Ids
    row: I64
    """ascending within a partition; ids without bytes (nulls) are left out"""
    hash: U64
    """of the same rows, so that a search stays within the partition"""
    begin: I64
    """2**k + 1"""


class Share(NamedTuple):
    """The partitions that one thread takes, and its table."""

    first_partition: int
    last_partition: int
    """not included"""
    slots: I64
    """a power of two, at least twice the rows of the largest partition; -1: free"""
    match: I64
    """room for the largest partition of what is sought"""


@kernel
def hash_ids(strings: Strings, offset: I64, hashes: U64) -> Int:
    """Hash each id and say where its bytes stand once the bytes of all are put behind those before them.

    Reads: offset[0], where the bytes of the first go. Writes: offset int64[m + 1]; hashes uint64[m], but for ids of
    less than eight bytes. Returns how many rows `hash_short_ids` has to look at: a call with an array in it would cost
    this loop two atomic counts.
    The hash: eight-byte words, the last one overlapping, then an avalanche. It decides buckets that outlive a run: it
    never changes.
    """
    data, ends, valid, first_bit = strings
    ahead = offset[0] - ends[0]
    nothing = closed(mixed(opened(ZERO), np.uint64(0)))
    others = 0
    for i in range(hashes.size):
        at, end = np.int64(ends[i]), np.int64(ends[i + 1])
        offset[i + 1] = end + ahead
        null = is_null(valid, first_bit + i)
        if end - at < 8:
            hashes[i] = nothing
            others += at < end or not null
            continue
        others += null or not 0x20 < data[np.uint64(at)] < 0x7F
        tail = word(data, end - 8)
        state = opened(end - at)
        while at + 8 < end:
            state = mixed(state, word(data, at))
            at += 8
        hashes[i] = closed(mixed(state, tail))
    return others


@kernel
def hash_short_ids(strings: Strings, hashes: U64) -> Int:
    """Hash the ids of less than eight bytes.

    Returns how many rows are given but blank, or null but not without bytes: these have to be made plain nulls first.
    """
    data, ends, valid, first_bit = strings
    stray = 0
    for i in range(hashes.size):
        at, end = np.int64(ends[i]), np.int64(ends[i + 1])
        if end - at < 8:
            hashes[i] = closed(mixed(opened(end - at), last_word(data, at, end)))
        if is_null(valid, first_bit + i):
            stray += end > at
        elif not is_dark(data, at, end) and is_blank(data, at, end):
            stray += 1
    return stray


@kernel
def partition_of(key: np.uint64, bits: int) -> int:
    """Take the leading bits of a hash."""
    return int(np.int64(key >> np.uint64(64 - bits))) if bits > 0 else 0


@kernel
def count_partitions(ids: Ids, bits: int, rows: tuple[int, int], count: I64) -> None:
    """Add up the rows from, the rows to, of each partition: `count` int64[2**bits]."""
    offset, hashes = ids.offset, ids.hash
    for i in range(rows[0], rows[1]):
        if offset[i + 1] > offset[i]:
            count[partition_of(hashes[i], bits)] += 1


@kernel
def spread_rows(ids: Ids, bits: int, rows: tuple[int, int], place: I64, spread: tuple[I64, U64]) -> None:
    """Write some rows and their hashes, in order, where `place` int64[2**bits] says, which moves on with them."""
    offset, hashes = ids.offset, ids.hash
    row, spread_hash = spread
    for i in range(rows[0], rows[1]):
        if offset[i + 1] > offset[i]:
            partition = partition_of(hashes[i], bits)
            row[place[partition]] = i
            spread_hash[place[partition]] = hashes[i]
            place[partition] += 1


@kernel
def same_id(left: Ids, i: int, right: Ids, k: int) -> bool:
    """Tell whether two ids have the same bytes; words are compared without a branch, so that no read waits."""
    begin, other = left.offset[i], right.offset[k]
    length = left.offset[i + 1] - begin
    if right.offset[k + 1] - other != length:
        return False
    at = ZERO
    if length >= 8:
        unlike = word(left.data, begin + length - 8) ^ word(right.data, other + length - 8)
        while at + 8 < length:
            unlike |= word(left.data, begin + at) ^ word(right.data, other + at)
            at += 8
        return bool(unlike == 0)
    same = True
    while same and at < length:
        same = left.data[begin + at] == right.data[other + at]
        at += 1
    return same


@kernel
def _cleared(slots: I64, rows: int) -> np.uint64:
    """Free the slots that a partition of `rows` rows needs; return the mask of its table."""
    size = 16
    while size < 2 * rows:
        size *= 2
    slots[:size] = -1
    return np.uint64(size - 1)


@kernel
def first_equal(batch: Partitions, share: Share, first: I64) -> int:
    """Write 1 + the first row with the same id into `first` int64[n], for rows that are not the first themselves.

    Returns how many there are.
    """
    row, hashes, begin, slots = batch.row, batch.hash, batch.begin, share.slots
    repeats = 0
    for p in range(share.first_partition, share.last_partition):
        mask = _cleared(slots, begin[p + 1] - begin[p])
        for k in range(begin[p], begin[p + 1]):
            key = hashes[k]
            slot = key & mask
            while slots[slot] >= 0:
                other = slots[slot]
                if hashes[other] == key and same_id(batch.ids, int(row[other]), batch.ids, int(row[k])):
                    first[row[k]] = row[other] + 1
                    repeats += 1
                    break
                slot = (slot + np.uint64(1)) & mask
            if slots[slot] < 0:
                slots[slot] = k
    return repeats


@kernel
def _enter(hashes: U64, begin: int, end: int, slots: I64, mask: np.uint64) -> None:
    """Enter the rows of a partition into a free table."""
    for k in range(begin, end):
        slot = hashes[k] & mask
        while slots[slot] >= 0:
            slot = (slot + np.uint64(1)) & mask
        slots[slot] = k


@kernel
def _find_among_equal_hashes(
    built: Partitions, sought: Partitions, k: int, slots: I64, mask: np.uint64
) -> Int:
    """The first row of the table with the bytes of the id `k` that is sought; -1: none."""
    key = sought.hash[k]
    slot = key & mask
    while slots[slot] >= 0:
        other = slots[slot]
        row = int(built.row[other])
        if built.hash[other] == key and same_id(built.ids, row, sought.ids, int(sought.row[k])):
            return np.int64(row)
        slot = (slot + np.uint64(1)) & mask
    return np.int64(-1)


@kernel
def _write_matches(built: Partitions, sought: Partitions, p: int, match: I64, found: I64) -> Int:
    """Write what `match` says of partition `p`, unless the bytes differ: -2 is left there.

    Returns how many differ. Bytes lie anywhere in memory: in this loop no row waits for another, and nothing is called
    with an array in it, which would cost more than all the rest.
    """
    offset, data, built_offset, built_data = (
        sought.ids.offset,
        sought.ids.data,
        built.ids.offset,
        built.ids.data,
    )
    rows, built_rows, begin = sought.row, built.row, np.uint64(sought.begin[p])
    differ, count = ZERO, np.uint64(sought.begin[p + 1]) - begin
    for k in range(count):
        soon = np.uint64(rows[begin + min(k + AHEAD, count - NEXT)])
        ask_for(offset, soon)
        ask_for(found, soon)
        if match[k] < 0:
            continue
        other = np.uint64(built_rows[np.uint64(match[k])])
        row = np.uint64(rows[begin + k])
        at, end = offset[row], offset[row + NEXT]
        other_at, other_end = built_offset[other], built_offset[other + NEXT]
        unlike = np.uint64((end - at) ^ (other_end - other_at))
        if unlike == 0 and end - at >= 8:
            unlike = word(data, end - 8) ^ word(built_data, other_end - 8)
            while at + 8 < end:
                unlike |= word(data, at) ^ word(built_data, other_at)
                at += 8
                other_at += 8
        else:
            while unlike == 0 and at < end:
                unlike = np.uint64(data[np.uint64(at)] ^ built_data[np.uint64(other_at)])
                at += 1
                other_at += 1
        match[k] = -2 if unlike != 0 else match[k]
        differ += unlike != 0
        found[row] = np.int64(other) if unlike == 0 else found[row]
    return differ


@kernel
def find_rows(built: Partitions, sought: Partitions, share: Share, found: I64) -> None:
    """Write into `found` int64[sought ids] the first row of `built` with the same id; what has none is not written.

    Both sides have the same number of partitions. Hashes are looked up first, bytes compared in a pass of their own.
    """
    hashes, begin, slots, match = built.hash, built.begin, share.slots, share.match
    keys = sought.hash
    for p in range(share.first_partition, share.last_partition):
        first, last = sought.begin[p], sought.begin[p + 1]
        if first == last:
            continue
        mask = _cleared(slots, begin[p + 1] - begin[p])
        _enter(hashes, begin[p], begin[p + 1], slots, mask)
        for k in range(first, last):
            slot = keys[k] & mask
            while slots[slot] >= 0 and hashes[slots[slot]] != keys[k]:
                slot = (slot + NEXT) & mask
            match[k - first] = slots[slot]
        if _write_matches(built, sought, p, match, found) == 0:
            continue
        for k in range(first, last):
            if match[k - first] == -2:
                row = _find_among_equal_hashes(built, sought, k, slots, mask)
                found[sought.row[k]] = row if row >= 0 else found[sought.row[k]]


@kernel
def gather_ids(ids: Ids, rows: I64, offset: I64, data: U8) -> None:
    """Copy the bytes of the given rows into `data`; `offset` int64[rows + 1] says where each begins."""
    source_offset, source = ids.offset, ids.data
    for k in range(rows.size):
        begin = source_offset[rows[k]]
        for j in range(offset[k + 1] - offset[k]):
            data[offset[k] + j] = source[begin + j]
