"""Buckets of people, and the order of their claims: a pass over rows, then a group scan.

In: hashes of insured ids, the standing rows; then the SEATED records of a bucket. Out: each standing row's seat, where
buckets lie one after the other; the claims of a bucket by person, then in claim order (`presented_s`, `start_s`,
`claim_id`). People are told apart by the bytes of their ids, hashes only find them. Source: rules.md §1.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import Scratch
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, U8, U64, ZERO, Ids, Int
from daatgal_engine.ids import NEXT, same_id
from daatgal_engine.sorting import SHORT_RUN, insert_run, stable_sort
from daatgal_engine.strings import word

CHUNK_BYTES = 8


@kernel
def count_buckets(hashes: U64, standing: U8, shift: int, rows: tuple[int, int], count: I64) -> None:
    """Add up the standing rows of each bucket; a bucket is the leading bits of the hash."""
    for row in range(rows[0], rows[1]):
        if standing[row]:
            count[np.int64(hashes[row] >> np.uint64(shift))] += 1


@kernel
def seat_claims(hashes: U64, standing: U8, shift: int, cursor: I64, seat: I64) -> None:
    """Write each standing row's seat, the next free one of its bucket, and -1 for the others.

    Moves `cursor`, by bucket, behind the seats that were taken.
    """
    for row in range(seat.size):
        seat[row] = -1
        if standing[row]:
            bucket = np.int64(hashes[row] >> np.uint64(shift))
            seat[row] = cursor[bucket]
            cursor[bucket] += 1


@kernel
def find_hashes(claims: Records, alike: I64, table: I64) -> None:
    """Write to `alike[i]` the first position whose insured has the hash of that of position `i`."""
    slots = 2
    while slots < 2 * claims.size:
        slots *= 2
    for slot in range(slots):
        table[slot] = -1
    for i in range(claims.size):
        person_hash = claims[i].person_hash
        slot = np.int64(person_hash & np.uint64(slots - 1))
        while table[slot] >= 0 and claims[table[slot]].person_hash != person_hash:
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            table[slot] = i
        alike[i] = table[slot]


@kernel
def _first_of_its_id(insured: Ids, claims: Records, alike: I64, i: int) -> Int:
    """The first position with the id of position `i`, whose hash another id has too."""
    for k in range(alike[i] + 1, i):
        if (
            alike[k] == k
            and claims[k].person_hash == claims[i].person_hash
            and same_id(insured, claims[i].row, insured, claims[k].row)
        ):
            return np.int64(k)
    return np.int64(i)


@kernel
def tell_apart(insured: Ids, claims: Records, alike: I64, pick: I64) -> None:
    """Where ids differ whose hashes are equal, make `alike[i]` the first position with the id of position `i`.

    The ids lie anywhere in memory, so reads must not wait for one another: what is to be compared is picked first, and
    bytes are compared in the loop, since a call with arrays in it would cost more than all the rest.
    """
    offset, data = insured.offset, insured.data
    count = ZERO
    for i in range(claims.size):
        pick[count] = i
        count += alike[i] != i
    for k in range(count):
        i = pick[k]
        row, other = np.uint64(claims[i].row), np.uint64(claims[alike[i]].row)
        at, end = np.int64(offset[row]), np.int64(offset[row + NEXT])
        other_at, other_end = np.int64(offset[other]), np.int64(offset[other + NEXT])
        unlike = np.uint64((end - at) ^ (other_end - other_at))
        if unlike == 0 and end - at >= 8:
            unlike = word(data, end - 8) ^ word(data, other_end - 8)
            while at + 8 < end:
                unlike |= word(data, at) ^ word(data, other_at)
                at += 8
                other_at += 8
        else:
            while unlike == 0 and at < end:
                unlike = np.uint64(data[np.uint64(at)] ^ data[np.uint64(other_at)])
                at += 1
                other_at += 1
        if unlike != 0:
            alike[i] = _first_of_its_id(insured, claims, alike, i)


@kernel
def number_people(insured: Ids, claims: Records, scratch: Scratch) -> Int:
    """Number the people of a bucket as they appear; how many there are. Writes: `scratch.first`, by position."""
    number = scratch.first
    find_hashes(claims, number, scratch.table)
    tell_apart(insured, claims, number, scratch.tally)
    people = np.int64(0)
    for i in range(claims.size):
        if number[i] == i:
            number[i] = people
            people += 1
        else:
            number[i] = number[number[i]]
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
def order_by_id(claim: Ids, claims: Records, low_high: tuple[Int, Int], scratch: Scratch) -> None:
    """Sort claims that came at the same instant by claim id: chunk by chunk from the last to the first, stable."""
    order, major, minor, spare = scratch.pick, scratch.reach, scratch.tally, scratch.spare
    low, high = low_high
    longest = 0
    for k in range(low, high):
        row = claims[order[k]].row
        size = claim.offset[row + 1] - claim.offset[row]
        longest = max(longest, size)
        major[order[k]] = size
        minor[order[k]] = 0
    stable_sort(order, major, minor, low_high, spare)
    for chunk in range((longest - 1) // CHUNK_BYTES, -1, -1):
        for k in range(low, high):
            major[order[k]] = id_chunk(claim, claims[order[k]].row, chunk)
        stable_sort(order, major, minor, low_high, spare)


@kernel
def order_claims(claim: Ids, claims: Records, first: I64, scratch: Scratch) -> None:
    """Sort each person's stretch of `scratch.pick`, which holds positions, into claim order."""
    order, major, minor = scratch.pick, scratch.major, scratch.minor
    for i in range(claims.size):
        major[i] = claims[i].presented_s
        minor[i] = claims[i].start_s
    for p in range(first.size - 1):
        low, end = first[p], first[p + 1]
        if end - low < 2:
            continue
        if end - low <= SHORT_RUN:
            insert_run(order, major, minor, low, end)
        else:
            stable_sort(order, major, minor, (low, end), scratch.spare)
        for k in range(low + 1, end + 1):
            if k < end and major[order[k]] == major[order[low]] and minor[order[k]] == minor[order[low]]:
                continue
            if k - low > 1:
                order_by_id(claim, claims, (low, k), scratch)
            low = k


@kernel
def arrange(insured: Ids, claim: Ids, claims: Records, first: I64, scratch: Scratch) -> Int:
    """Arrange a bucket's claims by person and claim order; how many people there are.

    Writes: `first`, where each person begins (people + 1); `scratch.pick`, the positions as arranged.
    """
    number, order, cursor = scratch.first, scratch.pick, scratch.tally
    people = number_people(insured, claims, scratch)
    for p in range(people + 1):
        first[p] = 0
    for i in range(claims.size):
        first[number[i] + 1] += 1
    for p in range(people):
        first[p + 1] += first[p]
        cursor[p] = first[p]
    for i in range(claims.size):
        order[cursor[number[i]]] = i
        cursor[number[i]] += 1
    order_claims(claim, claims, first[: people + 1], scratch)
    return people
