"""A person's claims brought together: records in buckets of people, then by person and start. A group scan.

In: the standing claims, by row. Out: blocks of records, a person's claims next to each other in the order of their
starts. Ties stay as they are, and nothing depends on them.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F32, I32, I64, U8, Ids, Int
from daatgal_engine.ids import same_id
from daatgal_engine.sorting import SHORT_RUN, stable_sort
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
    """Where buckets are sorted, one after the other: each as long as the largest bucket, but for `slots`."""

    block: Records
    slots: I32
    """a power of two, of at least twice the largest bucket"""
    number: I32
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
def number_visitors(visits: Records, ids: Ids, room: Room) -> Int:
    """Number the people of a bucket in order of appearance; how many there are. Writes: `room.number`.

    Every round of the hash can be undone, so ids of up to two words that have the same length, hash and last word are
    the same; longer ones are settled by bytes.
    """
    slots = 2
    while slots < 2 * visits.size:
        slots *= 2
    room.slots[:slots] = -1
    people = 0
    for k in range(visits.size):
        visit = visits[k]
        slot = np.int64(visit.person_hash & np.uint64(slots - 1))
        other = room.slots[slot]
        while other >= 0:
            known = visits[other]
            same = known.person_hash == visit.person_hash and known.last_word == visit.last_word
            if same and known.id_bytes == visit.id_bytes:
                if visit.id_bytes < LONG_ID_BYTES:
                    break
                if same_id(ids, int(known.row), ids, int(visit.row)):
                    break
            slot = (slot + 1) & (slots - 1)
            other = room.slots[slot]
        if other < 0:
            room.slots[slot] = k
            room.number[k] = people
            people += 1
        else:
            room.number[k] = room.number[other]
    return people


@kernel
def arrange_visits(visits: Records, begins: I64, room: Room) -> None:
    """Copy the claims of a bucket into `room.block` by person and start.

    Writes: `begins` (zero before), people + 2: where each person begins, and the end of the last, twice.
    """
    people = begins.size - 2
    order, start_s = room.order, room.major
    for k in range(visits.size):
        start_s[k] = visits[k].start_s
        begins[room.number[k] + 2] += 1
    for p in range(people):
        begins[p + 2] += begins[p + 1]
    for k in range(visits.size):
        at = begins[room.number[k] + 1]
        begins[room.number[k] + 1] = at + 1
        order[at] = k
    for p in range(people):
        low, high = begins[p], begins[p + 1]
        if high - low > SHORT_RUN:
            room.minor[:] = 0
            stable_sort(order, start_s, room.minor, (low, high), room.spare)
            continue
        for i in range(low + 1, high):
            moving = order[i]
            j = i
            while j > low and start_s[order[j - 1]] > start_s[moving]:
                order[j] = order[j - 1]
                j -= 1
            order[j] = moving
    for k in range(visits.size):
        room.block[k] = visits[order[k]]
