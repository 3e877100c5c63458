"""All features of the claims of buckets of people. A group scan.

In: buckets of people's claims. Out: features of the scored claims, a row each. Most people have few claims: for them
every claim looks back once, over all windows together; the claims of others are counted window by window, in time
linear in their number.
"""

import numpy as np

from daatgal_engine._jit import allocating_kernel, kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, Ids
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
    count_window,
    find_previous,
    find_readmissions,
)
from daatgal_engine.features.visits import Room, arrange_visits, number_visitors

FEW = 32
"""Up to so many claims of a person, looking back from each is quicker than a window's two ends."""


@allocating_kernel
def look_back(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """Count the claims of each person with few of them, and find the previous ones: all windows in one look back.

    A claim is added to the narrowest window that holds it; a wider window then has what the narrower one has, too.
    """
    met, column_of_age, longest = memory.met, memory.column_of_age, np.int64(memory.longest_gap_days)
    sums = np.zeros(values.shape[1], np.int32)
    widest = column_of_age.size
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        if end - low > FEW:
            continue
        high = low
        for k in range(low, end):
            out, day, start_s, group = block[k].scored, block[k].start_day, block[k].start_s, block[k].group
            if out < 0:
                continue
            high = max(high, k + 1)
            while high < end and block[high].start_day == day:
                high += 1
            sums[:] = 0
            previous, same = longest, longest
            for j in range(high - 1, low - 1, -1):
                age = np.int64(day) - block[j].start_day
                if age >= widest and age >= longest:
                    break
                if j != k and block[j].start_s <= start_s:
                    previous = min(previous, age)
                    same = min(same, age) if block[j].group == group else same
                if age < widest:
                    column, facility = column_of_age[age], block[j].facility
                    sums[column + CLAIMS] += 1
                    sums[column + FACILITIES] += 1 if met[facility] != out + 1 else 0
                    met[facility] = out + 1
                    sums[column + TESTS] += block[j].test
                    sums[column + INPATIENT_DAYS] += block[j].nights
            sums[PREVIOUS], sums[SAME_GROUP] = previous, same
            for column in range(FIRST_WINDOW + WINDOW_COLUMNS, sums.size):
                sums[column] += sums[column - WINDOW_COLUMNS]
            for column in range(sums.size):
                values[k, column] = sums[column]


@kernel
def scan_long(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """The same of each person with many claims."""
    windows_days = memory.windows_days
    for p in range(person.size - 1):
        low_high = (person[p], person[p + 1])
        if person[p + 1] - person[p] > FEW:
            for w in range(windows_days.size):
                column = FIRST_WINDOW + WINDOW_COLUMNS * w
                count_window(block, low_high, (windows_days[w], column), memory.seen, values)
            find_previous(block, low_high, memory, values)


@allocating_kernel
def scan_stays(block: Records, person: I64, values: F32) -> None:
    """Mark the readmissions of each person with at least two stays."""
    size = block.size
    keys = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    for p in range(person.size - 1):
        stays = 0
        for k in range(person[p], person[p + 1]):
            stays += block[k].stay
        if stays > 1:
            find_readmissions(block, (person[p], person[p + 1]), keys, values)


@kernel
def hand_out(block: Records, near: F32, values: F32) -> None:
    """Copy the features of a block's scored claims to where they belong, far apart: with nothing else to do meanwhile,
    many such writes are under way at once."""
    for k in range(block.size):
        out = block[k].scored
        if out >= 0:
            for column in range(near.shape[1]):
                values[out, column] = near[k, column]


@allocating_kernel
def scan_buckets(
    visits: Records, begin: I64, ids: Ids, room_memory: tuple[Room, Memory], values: F32
) -> None:
    """Arrange and scan bucket after bucket, `visits[begin[b] : begin[b + 1]]`: records are costly to hand over.

    Writes: values float32[m, columns].
    """
    room, memory = room_memory
    for b in range(begin.size - 1):
        bucket = visits[begin[b] : begin[b + 1]]
        people = number_visitors(bucket, ids, room)
        begins = np.zeros(people + 2, np.int64)
        arrange_visits(bucket, begins, room)
        person = begins[: people + 1]
        block, near = room.block[: bucket.size], room.features[: bucket.size]
        near[:] = 0
        look_back(block, person, memory, near)
        scan_long(block, person, memory, near)
        scan_stays(block, person, near)
        hand_out(block, near, values)
