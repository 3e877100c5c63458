"""Buckets of people, and the order of their claims: a pass over rows, then a group scan.

In: hashes of insured ids, the standing rows. Out: rows arranged by bucket; within a bucket by person, then in claim
order (`presented_s`, `start_s`, `claim_id`). People are told apart by the bytes of their ids, hashes only find them.
Source: rules.md §1.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import I64, U8, U64, Ids
from daatgal_engine.sorting import stable_sort

CHUNK_BYTES = 8


class Arrival(NamedTuple):
    """What decides the order of claims, by row."""

    insured: Ids
    claim: Ids
    presented_s: I64
    start_s: I64


@kernel
def count_buckets(hashes: U64, standing: U8, shift: int, rows: tuple[int, int], count: I64) -> None:
    """Add up the standing rows of each bucket; a bucket is the leading bits of the hash."""
    for row in range(rows[0], rows[1]):
        if standing[row]:
            count[np.int64(hashes[row] >> np.uint64(shift))] += 1


@kernel
def fill_buckets(hashes: U64, standing: U8, shift: int, rows: tuple[int, int], cursor_out: tuple[I64, I64]) -> None:
    """Write the standing rows to their buckets, each from its cursor on."""
    cursor, out = cursor_out
    for row in range(rows[0], rows[1]):
        if standing[row]:
            bucket = np.int64(hashes[row] >> np.uint64(shift))
            out[cursor[bucket]] = row
            cursor[bucket] += 1


@kernel
def same_bytes(ids: Ids, a: int, b: int) -> bool:
    """Whether two ids have the same bytes."""
    a_begin, b_begin = ids.offset[a], ids.offset[b]
    size = ids.offset[a + 1] - a_begin
    if ids.offset[b + 1] - b_begin != size:
        return False
    for i in range(size):
        if ids.data[a_begin + i] != ids.data[b_begin + i]:
            return False
    return True


@kernel
def number_people(insured: Ids, rows: I64, number: I64) -> int:
    """Number the people of a bucket in order of appearance; how many there are. Writes: `number` per row."""
    slots = 2
    while slots < 2 * rows.size:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    people = 0
    for k in range(rows.size):
        row = rows[k]
        slot = np.int64(insured.hash[row] & np.uint64(slots - 1))
        while table[slot] >= 0:
            other = rows[table[slot]]
            if insured.hash[other] == insured.hash[row] and same_bytes(insured, other, row):
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = k
            number[k] = people
            people += 1
        else:
            number[k] = number[table[slot]]
    return people


@kernel
def id_chunk(ids: Ids, row: int, chunk: int) -> int:
    """Eight bytes of an id as an integer whose order is the order of the bytes; beyond the end they are zero."""
    begin = ids.offset[row] + chunk * CHUNK_BYTES
    end = min(begin + CHUNK_BYTES, ids.offset[row + 1])
    packed = np.uint64(0)
    for i in range(begin, end):
        packed |= np.uint64(ids.data[i]) << np.uint64(8 * (CHUNK_BYTES - 1 - (i - begin)))
    return np.int64(packed ^ np.uint64(1 << 63))


@kernel
def order_by_id(claim: Ids, rows: I64, order: I64, low_high: tuple[int, int], keys: tuple[I64, I64, I64]) -> None:
    """Sort claims that came at the same instant by claim id: chunk by chunk from the last to the first, stable."""
    major, minor, spare = keys
    low, high = low_high
    longest = 0
    for k in range(low, high):
        row = rows[order[k]]
        size = claim.offset[row + 1] - claim.offset[row]
        longest = max(longest, size)
        major[order[k]] = size
        minor[order[k]] = 0
    stable_sort(order, major, minor, low_high, spare)
    for chunk in range((longest - 1) // CHUNK_BYTES, -1, -1):
        for k in range(low, high):
            major[order[k]] = id_chunk(claim, rows[order[k]], chunk)
        stable_sort(order, major, minor, low_high, spare)


@kernel
def order_claims(arrival: Arrival, rows: I64, order: I64, person: I64) -> None:
    """Sort each person's stretch of `order`, which holds places in `rows`, into claim order."""
    major, minor, spare = np.empty(rows.size, np.int64), np.empty(rows.size, np.int64), np.empty(rows.size, np.int64)
    for k in range(rows.size):
        major[k] = arrival.presented_s[rows[k]]
        minor[k] = arrival.start_s[rows[k]]
    for p in range(person.size - 1):
        low, high = person[p], person[p + 1]
        stable_sort(order, major, minor, (low, high), spare)
    for p in range(person.size - 1):
        low = person[p]
        for k in range(low + 1, person[p + 1] + 1):
            tied = (
                k < person[p + 1]
                and arrival.presented_s[rows[order[k]]] == arrival.presented_s[rows[order[low]]]
                and arrival.start_s[rows[order[k]]] == arrival.start_s[rows[order[low]]]
            )
            if not tied:
                if k - low > 1:
                    order_by_id(arrival.claim, rows, order, (low, k), (major, minor, spare))
                low = k


@kernel
def arrange(arrival: Arrival, rows: I64) -> tuple[I64, I64]:
    """The rows of a bucket by person and claim order, and where each person begins (people + 1)."""
    number = np.empty(rows.size, np.int64)
    people = number_people(arrival.insured, rows, number)
    person = np.zeros(people + 1, np.int64)
    for k in range(rows.size):
        person[number[k] + 1] += 1
    for p in range(people):
        person[p + 1] += person[p]
    cursor = person.copy()
    order = np.empty(rows.size, np.int64)
    for k in range(rows.size):
        order[cursor[number[k]]] = k
        cursor[number[k]] += 1
    order_claims(arrival, rows, order, person)
    return rows[order], person
