"""All features of the claims of a block of people. A group scan.

In: a block of people's claims, each person's by start. Out: features of the scored claims, a row each. Most people
have few claims: for them every claim looks back once, over all windows together; the claims of others are counted
window by window, in time linear in their number.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I32, I64, Int
from daatgal_engine.features.histories import (
    CLAIMS,
    F32,
    FACILITIES,
    FIRST_WINDOW,
    INPATIENT_DAYS,
    PREVIOUS,
    SAME_GROUP,
    TESTS,
    WINDOW_COLUMNS,
    Memory,
    arrange_visits,
    count_window,
    find_previous,
    find_readmissions,
    order_visits,
)

FEW = 32
"""Up to so many claims of a person, looking back from each is quicker than a window's two ends."""


@kernel
def count_back(block: Records, low_high: tuple[Int, Int], memory: Memory, values: F32) -> None:
    """Count the claims of one person in all windows up to each scored claim's start day.

    A wider window holds what a narrower one does: its counts go on from there.
    """
    low, end = low_high
    seen, windows_days = memory.seen, memory.windows_days
    for k in range(low, end):
        out, day = block[k].scored, block[k].start_day
        if out < 0:
            continue
        high = k + 1
        while high < end and block[high].start_day == day:
            high += 1
        facilities, tests, nights = 0, 0, 0
        j = high - 1
        for w in range(windows_days.size):
            while j >= low and block[j].start_day > day - windows_days[w]:
                facilities += 1 if seen[block[j].facility] == 0 else 0
                seen[block[j].facility] = 1
                tests += block[j].test
                nights += block[j].nights
                j -= 1
            column = FIRST_WINDOW + WINDOW_COLUMNS * w
            values[out, column + CLAIMS] = high - 1 - j
            values[out, column + FACILITIES] = facilities
            values[out, column + TESTS] = tests
            values[out, column + INPATIENT_DAYS] = nights
        for met in range(j + 1, high):
            seen[block[met].facility] = 0


@kernel
def look_back(block: Records, low_high: tuple[Int, Int], memory: Memory, values: F32) -> None:
    """Days back to the previous claim and to that of the same group, as `find_previous` has them."""
    low, end = low_high
    longest = memory.longest_gap_days
    for k in range(low, end):
        out, day = block[k].scored, block[k].start_day
        if out < 0:
            continue
        same = k - 1
        while same >= low and block[same].group != block[k].group:
            same -= 1
        if k > low:
            values[out, PREVIOUS] = min(day - block[k - 1].start_day, longest)
        if same >= low:
            values[out, SAME_GROUP] = min(day - block[same].start_day, longest)
        beside = k + 1
        while beside < end and block[beside].start_s == block[k].start_s:
            values[out, PREVIOUS] = 0
            if block[beside].group == block[k].group:
                values[out, SAME_GROUP] = 0
            beside += 1


@kernel
def scan_people(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """Fill the features of the scored claims of a block of people. Writes: values float32[m, columns]."""
    size, windows_days = block.size, memory.windows_days
    keys = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    for p in range(person.size - 1):
        low_high = (person[p], person[p + 1])
        if person[p + 1] - person[p] <= FEW:
            count_back(block, low_high, memory, values)
            look_back(block, low_high, memory, values)
        else:
            for w in range(windows_days.size):
                column = FIRST_WINDOW + WINDOW_COLUMNS * w
                count_window(block, low_high, (windows_days[w], column), memory.seen, values)
            find_previous(block, low_high, memory, values)
        find_readmissions(block, low_high, keys, values)


class Room(NamedTuple):
    """Where buckets are sorted, one after the other."""

    block: Records
    """as many as the largest bucket has"""
    spare: Records
    number: I32
    """-1 for everyone; a person is in one bucket"""


@kernel
def scan_buckets(visits: Records, begin: I64, room: Room, memory: Memory, values: F32) -> None:
    """Arrange and scan bucket after bucket, `visits[begin[b] : begin[b + 1]]`: records are costly to hand over."""
    for b in range(begin.size - 1):
        bucket = visits[begin[b] : begin[b + 1]]
        block, spare = room.block[: bucket.size], room.spare[: bucket.size]
        person = arrange_visits(bucket, room.number, block)
        order_visits(block, person, spare)
        scan_people(block, person, memory, values)
