"""A person's claims brought together: records in buckets of people, then by person and start. A group scan.

In: the standing claims, by row. Out: blocks of records, a person's claims next to each other in the order of their
starts. Ties stay as they are, and nothing depends on them.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Record, Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F32, I32, I64, U8, ZERO, Ids, Int
from daatgal_engine.ids import same_id
from daatgal_engine.sorting import SHORT_RUN, insert_run, stable_sort
from daatgal_engine.strings import last_word

VISIT = np.dtype(
    [
        ("person_hash", "u8"),
        ("last_word", "u8"),  # of the insured's id
        ("start_s", "u4"),  # which last to 2106
        ("end_s", "u4"),
        ("row", "i4"),
        ("case", "i4"),  # equal numbers: one case
        ("scored", "i4"),  # the place of its features in the columns; -1: it is only part of the history
        ("facility", "i4"),  # 0 … f - 1
        ("cabinet", "i4"),  # -1: none; likewise the doctor
        ("doctor", "i4"),
        ("group", "i4"),  # 0 … g - 1: the DRG, or care type and service
        ("start_day", "i4"),
        ("nights", "i4"),  # of a stay, at least one; 0 of what is no stay
        ("id_bytes", "u1"),  # at most LONG_ID_BYTES
        ("test", "u1"),
        ("stay", "u1"),
    ],
    align=True,
)
"""What the scan reads of a claim, in 64 bytes: a person's claims are copied together and scanned there."""
HALF = np.uint64(32)
"""Of the bits of a hash."""
LONG_ID_BYTES = 17
"""Ids of so many bytes or more are told apart by bytes, shorter ones by hash, last word and length."""


class VisitColumns(NamedTuple):
    """`n` claims, by row."""

    standing: U8
    start_s: I64
    end_s: I64
    case: I64
    facility: I32
    cabinet: I32
    doctor: I32
    group: I32
    test: U8
    stay: U8
    scored: I32


class Room(NamedTuple):
    """Where buckets are arranged, one after the other: each as long as the largest bucket, but for what says more."""

    block: Records
    begin: I64
    """one more: where each person begins in the block, and the end of the last"""
    stays: I32
    """of each person"""
    slots: I64
    """one more than a power of two that is no less than the largest bucket"""
    order: I64
    major: I64
    minor: I64
    spare: I64
    features: F32
    """a row for each claim of the block"""


@kernel
def spread_visits(
    columns: VisitColumns, ids: Ids, part: tuple[Int, Int, Int], cursor: I64, visits: Records
) -> None:
    """Write the standing claims of some rows to their buckets, each from its cursor on.

    `part`: first row, last row, not included, and 64 less the bits of the hash that choose a bucket. Rows are read in
    their order and each bucket is written in its order: nothing is fetched from afar.
    """
    begin, end, shift = part
    for i in range(begin, end):
        if columns.standing[i] == 0:
            continue
        bucket = np.int64(ids.hash[i] >> np.uint64(shift))
        visit = visits[cursor[bucket]]
        cursor[bucket] += 1
        start_day = columns.start_s[i] // DAY_S
        visit.start_s = columns.start_s[i]
        visit.end_s = columns.end_s[i]
        visit.person_hash = ids.hash[i]
        visit.last_word = last_word(ids.data, ids.offset[i], ids.offset[i + 1])
        visit.id_bytes = min(ids.offset[i + 1] - ids.offset[i], LONG_ID_BYTES)
        visit.row = i
        visit.case = columns.case[i]
        visit.scored = columns.scored[i]
        visit.facility = columns.facility[i]
        visit.cabinet = columns.cabinet[i]
        visit.doctor = columns.doctor[i]
        visit.group = columns.group[i]
        visit.start_day = start_day
        visit.nights = max(columns.end_s[i] // DAY_S - start_day, 1) if columns.stay[i] != 0 else 0
        visit.test = columns.test[i]
        visit.stay = columns.stay[i]


@kernel
def same_person(one: Record, other: Record, ids: Ids) -> bool:
    """Tell whether two claims are of one person.

    Every round of the hash can be undone, so ids of up to two words that have the same length, hash and last word are
    the same; longer ones are settled by bytes.
    """
    same = one.person_hash == other.person_hash and one.last_word == other.last_word
    if not same or one.id_bytes != other.id_bytes:
        return False
    return one.id_bytes < LONG_ID_BYTES or same_id(ids, int(one.row), ids, int(other.row))


@kernel
def order_visits(visits: Records, room: Room) -> None:
    """Order the claims of a bucket by hash, those of equal hash by start. Writes: `room.order`, `room.major`.

    The halves of the hash change places, since its leading bits are those that chose the bucket. Claims are counted
    into as many slots by its bits as there are claims, so that few are left to be sorted.
    """
    slots, shift = 2, 62
    while slots < visits.size:
        slots *= 2
        shift -= 1
    order, major, minor, ends = room.order, room.major, room.minor, room.slots[: slots + 1]
    ends[:] = 0
    for k in range(visits.size):
        turned = visits[k].person_hash << HALF | visits[k].person_hash >> HALF
        major[k], minor[k] = np.int64(turned >> np.uint64(1)), visits[k].start_s
        ends[(major[k] >> shift) + 1] += 1
    longest = ZERO
    for slot in range(slots):
        longest = max(longest, ends[slot + 1])
        ends[slot + 1] += ends[slot]
    for k in range(visits.size):
        slot = major[k] >> shift
        order[ends[slot]] = k
        ends[slot] += 1
    if longest > SHORT_RUN:
        for slot in range(slots):
            low = ends[slot - 1] if slot > 0 else ZERO
            if ends[slot] - low > SHORT_RUN:
                stable_sort(order, major, minor, (low, ends[slot]), room.spare)
    insert_run(order, major, minor, ZERO, visits.size)


@kernel
def part_people(visits: Records, ids: Ids, room: Room) -> None:
    """Bring each person's claims together where ids that differ have the same hash; starts stay in their order."""
    order, major, spare = room.order, room.major, room.spare
    low = 0
    while low < visits.size:
        end = low + 1
        while end < visits.size and major[order[end]] == major[order[low]]:
            end += 1
        while low < end:
            first, own, others = visits[order[low]], low, 0
            for at in range(low, end):
                k = order[at]
                if same_person(first, visits[k], ids):
                    order[own] = k
                    own += 1
                else:
                    spare[others] = k
                    others += 1
            for at in range(others):
                order[own + at] = spare[at]
            low = own


@kernel
def lay_out(visits: Records, ids: Ids, room: Room) -> tuple[Int, bool]:
    """Copy the claims of a bucket into `room.block` in their order. Writes: `room.begin`, `room.stays`.

    Returns how many people there are, if no two of them have the same hash; and whether some have.
    """
    people, mixed = ZERO, False
    hash_before = np.int64(-1)
    for k in range(visits.size):
        at = room.order[k]
        room.block[k] = visits[at]
        same_hash = room.major[at] == hash_before
        if not same_hash or not same_person(room.block[k - 1], visits[at], ids):
            mixed = mixed or same_hash
            hash_before = room.major[at]
            room.begin[people] = k
            room.stays[people] = 0
            people += 1
        room.stays[people - 1] += visits[at].stay
    room.begin[people] = visits.size
    return people, mixed


@kernel
def arrange_visits(visits: Records, ids: Ids, room: Room) -> Int:
    """Arrange the claims of a bucket by person and start: how many people they are of."""
    order_visits(visits, room)
    people, mixed = lay_out(visits, ids, room)
    if mixed:
        part_people(visits, ids, room)
        people, mixed = lay_out(visits, ids, room)
    return people
