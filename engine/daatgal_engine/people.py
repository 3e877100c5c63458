"""Buckets of people, and the order of their claims: a pass over rows, then a group scan.

In: hashes of insured ids, the standing rows. Out: rows arranged by bucket; within a bucket by person, then in claim
order (`presented_s`, `start_s`, `claim_id`). People are told apart by the bytes of their ids, hashes only find them.
Source: rules.md §1.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, U8, U64, Ids, Int
from daatgal_engine.sorting import stable_sort

CHUNK_BYTES = 8


@kernel
def count_buckets(hashes: U64, standing: U8, shift: int, rows: tuple[int, int], count: I64) -> None:
    """Add up the standing rows of each bucket; a bucket is the leading bits of the hash."""
    for row in range(rows[0], rows[1]):
        if standing[row]:
            count[np.int64(hashes[row] >> np.uint64(shift))] += 1


@kernel
def fill_buckets(
    hashes: U64, standing: U8, shift: int, rows: tuple[int, int], cursor_out: tuple[I64, I64]
) -> None:
    """Write the standing rows to their buckets, each from its cursor on."""
    cursor, out = cursor_out
    for row in range(rows[0], rows[1]):
        if standing[row]:
            bucket = np.int64(hashes[row] >> np.uint64(shift))
            out[cursor[bucket]] = row
            cursor[bucket] += 1


@kernel
def number_people(insured: Ids, block: Records, number: I64) -> int:
    """Number the people of a block in order of appearance; how many there are. Writes: `number` by position."""
    slots = 2
    while slots < 2 * block.size:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    data, offset = insured.data, insured.offset
    people = 0
    for i in range(block.size):
        person_hash, begin, end = block[i].person_hash, offset[block[i].row], offset[block[i].row + 1]
        slot = np.int64(person_hash & np.uint64(slots - 1))
        while table[slot] >= 0:
            other = block[table[slot]]
            at = offset[other.row]
            if other.person_hash == person_hash and offset[other.row + 1] - at == end - begin:
                same = begin
                while same < end and data[same] == data[at + same - begin]:
                    same += 1
                if same == end:
                    break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = i
            number[i] = people
            people += 1
        else:
            number[i] = number[table[slot]]
    return people


@kernel
def id_chunk(ids: Ids, row: int, chunk: int) -> Int:
    """Eight bytes of an id as an integer whose order is the order of the bytes; beyond the end they are zero."""
    begin = ids.offset[row] + chunk * CHUNK_BYTES
    end = min(begin + CHUNK_BYTES, ids.offset[row + 1])
    packed = np.uint64(0)
    for i in range(begin, end):
        packed |= np.uint64(ids.data[i]) << np.uint64(8 * (CHUNK_BYTES - 1 - (i - begin)))
    return np.int64(packed ^ np.uint64(1 << 63))


@kernel
def order_by_id(
    claim: Ids, block: Records, order: I64, low_high: tuple[int, int], keys: tuple[I64, I64, I64]
) -> None:
    """Sort claims that came at the same instant by claim id: chunk by chunk from the last to the first, stable."""
    major, minor, spare = keys
    low, high = low_high
    longest = 0
    for k in range(low, high):
        row = block[order[k]].row
        size = claim.offset[row + 1] - claim.offset[row]
        longest = max(longest, size)
        major[order[k]] = size
        minor[order[k]] = 0
    stable_sort(order, major, minor, low_high, spare)
    for chunk in range((longest - 1) // CHUNK_BYTES, -1, -1):
        for k in range(low, high):
            major[order[k]] = id_chunk(claim, block[order[k]].row, chunk)
        stable_sort(order, major, minor, low_high, spare)


@kernel
def order_claims(claim: Ids, block: Records, order: I64, person: I64) -> None:
    """Sort each person's stretch of `order`, which holds positions of the block, into claim order."""
    major, minor = np.empty(block.size, np.int64), np.empty(block.size, np.int64)
    spare = np.empty(block.size, np.int64)
    for i in range(block.size):
        major[i] = block[i].presented_s
        minor[i] = block[i].start_s
    for p in range(person.size - 1):
        low = person[p]
        if person[p + 1] - low < 2:
            continue
        stable_sort(order, major, minor, (low, person[p + 1]), spare)
        for k in range(low + 1, person[p + 1] + 1):
            if k < person[p + 1]:
                this, first = order[k], order[low]
                if major[this] == major[first] and minor[this] == minor[first]:
                    continue
            if k - low > 1:
                order_by_id(
                    claim, block, order, (low, k), (np.empty_like(major), np.empty_like(minor), spare)
                )
            low = k


@kernel
def arrange(insured: Ids, claim: Ids, block: Records) -> tuple[I64, I64]:
    """The positions of a block by person and claim order, and where each person begins (people + 1)."""
    number = np.empty(block.size, np.int64)
    people = number_people(insured, block, number)
    person = np.zeros(people + 1, np.int64)
    for i in range(block.size):
        person[number[i] + 1] += 1
    for p in range(people):
        person[p + 1] += person[p]
    cursor = person.copy()
    order = np.empty(block.size, np.int64)
    for i in range(block.size):
        order[cursor[number[i]]] = i
        cursor[number[i]] += 1
    order_claims(claim, block, order, person)
    return order, person
