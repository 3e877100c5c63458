"""All features of the claims of buckets of people. A group scan.

In: buckets of people's claims. Out: features of the scored claims, a row each. Most people have few claims: for them
every claim looks back once, over all windows together; the claims of others are counted window by window, in time
linear in their number.
"""

import numpy as np

from daatgal_engine._jit import allocating_kernel, kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import F32, I64, ZERO, Ids
from daatgal_engine.features.histories import (
    CLAIMS,
    COLUMNS,
    FACILITIES,
    FIRST_WINDOW,
    INPATIENT_DAYS,
    OWN_CABINET,
    OWN_DOCTOR,
    OWN_FACILITY,
    PREVIOUS,
    READMITTED,
    SAME_GROUP,
    TESTS,
    VISITS,
    WINDOW_COLUMNS,
    WINDOWS,
    Memory,
    count_window,
    find_previous,
    find_readmissions,
)
from daatgal_engine.features.own_days import count_own_days
from daatgal_engine.features.paces import take_paces
from daatgal_engine.features.visits import Room, arrange_visits, number_visitors

FEW = 32
"""Up to so many claims of a person, looking back from each is quicker than a window's two ends."""
NEVER = np.int64(2**62)
"""Days ago: beyond every window and gap."""


@kernel
def look_back(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """Count the claims of each person with few of them, and find the previous ones: all windows in one look back.

    Claims only grow more distant, so each window is written when the first claim beyond it is met. With the claim's own
    day counted, counts begin anew, but for the facilities that were met.
    """
    met, days, longest = memory.met, memory.windows_days, np.int64(memory.longest_gap_days)
    widest = memory.pace.shape[1] - 1
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        high = low
        for k in range(low, end if end - low <= FEW else low):
            scored, day, start_s = block[k].scored, np.int64(block[k].start_day), block[k].start_s
            if scored < 0:
                continue
            high = max(high, k + 1)
            while high < end and block[high].start_day == day:
                high += 1
            reach = min(max(day - memory.first_day + 1, 0), widest)
            previous, same, window = longest, longest, 0
            claims, facilities, tests, nights = 0, 0, 0, 0
            visits, facility, cabinet, doctor = 0, 0, 0, 0
            for j in range(high - 1, low - 2, -1):
                age = day - block[j].start_day if j >= low else NEVER
                while window < WINDOWS and age >= days[window]:
                    column, pace = FIRST_WINDOW + WINDOW_COLUMNS * window, memory.pace[window, reach]
                    values[k, column + CLAIMS] = claims * pace
                    values[k, column + FACILITIES] = facilities * pace
                    values[k, column + TESTS] = tests * pace
                    values[k, column + INPATIENT_DAYS] = nights * pace
                    if window == 0:
                        claims, facilities, tests, nights = 0, 0, 0, 0
                    window += 1
                if age >= longest:
                    break
                if j != k and block[j].start_s <= start_s:
                    previous = min(previous, age)
                    same = min(same, age) if block[j].group == block[k].group else same
                if window < WINDOWS:
                    claims += 1
                    facilities += 1 if met[block[j].facility] != scored + 1 else 0
                    met[block[j].facility] = scored + 1
                    tests += block[j].test
                    nights += block[j].nights
                if window == 0 and block[j].facility == block[k].facility:
                    visits += 1 if block[j].test == 0 else 0
                    facility += 1
                    cabinet += 1 if block[j].cabinet == block[k].cabinet else 0
                    doctor += 1 if block[j].doctor == block[k].doctor else 0
            values[k, PREVIOUS], values[k, SAME_GROUP] = previous, same
            values[k, VISITS], values[k, OWN_FACILITY] = visits, facility
            values[k, OWN_CABINET], values[k, OWN_DOCTOR] = cabinet, doctor


@kernel
def scan_long(
    block: Records, person: I64, memory: Memory, keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """The same of each person with many claims."""
    windows_days = memory.windows_days
    for p in range(person.size - 1):
        low_high = (person[p], person[p + 1])
        if person[p + 1] - person[p] > FEW:
            for w in range(WINDOWS):
                column = FIRST_WINDOW + WINDOW_COLUMNS * w
                count_window(block, low_high, (windows_days[w], column), memory.seen, values)
            take_paces(block, low_high, memory, values)
            find_previous(block, low_high, memory, values)
            count_own_days(block, low_high, keys, values)


@kernel
def scan_stays(block: Records, person: I64, keys: tuple[I64, I64, I64, I64], values: F32) -> None:
    """Mark the readmissions of each person with at least two stays. `keys`: room to sort in, as long as the block."""
    for p in range(person.size - 1):
        stays = ZERO
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
            for column in range(COLUMNS):
                values[out, column] = near[k, column]


@allocating_kernel
def scan_buckets(
    visits: Records, begin: I64, ids: Ids, room_memory: tuple[Room, Memory], values: F32
) -> None:
    """Arrange and scan bucket after bucket, `visits[begin[b] : begin[b + 1]]`: records are costly to hand over.

    Writes: values float32[m, columns].
    """
    room, memory = room_memory
    keys = (room.order, room.major, room.minor, room.spare)
    for b in range(begin.size - 1):
        bucket = visits[begin[b] : begin[b + 1]]
        people = number_visitors(bucket, ids, room)
        begins = np.zeros(people + 2, np.int64)
        arrange_visits(bucket, begins, room)
        person = begins[: people + 1]
        block, near = room.block[: bucket.size], room.features[: bucket.size]
        near[:, READMITTED] = 0
        look_back(block, person, memory, near)
        scan_long(block, person, memory, keys, near)
        scan_stays(block, person, keys, near)
        hand_out(block, near, values)
