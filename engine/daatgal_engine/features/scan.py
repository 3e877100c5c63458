"""All features of the claims of buckets of people. A group scan.

In: buckets of people's claims. Out: features of the scored claims, a row each. Most people have few claims: for them
every day looks back once, over all windows together; the claims of others are counted window by window, in time
linear in their number.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import F32, I32, I64, Ids, Int
from daatgal_engine.features.histories import (
    CLAIMS,
    COLUMNS,
    FACILITIES,
    FIRST_KEPT,
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
from daatgal_engine.features.visits import Room, arrange_visits

KEPT = COLUMNS - FIRST_KEPT


@kernel
def look_back(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """Count the claims before those of each person with few.

    What lies before a day is the same for all of its claims, so windows are counted once for the first that is scored,
    and each is written when the first claim beyond it is met. A facility that was met on the day counts in no window.
    """
    met, days = memory.met, memory.windows_days
    widest = memory.pace.shape[1] - 1
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        high = low if end - low <= memory.few else end
        while high < end:
            first, lead, day = high, np.int64(-1), np.int64(block[high].start_day)
            while high < end and block[high].start_day == day:
                lead = high if lead < 0 and block[high].scored >= 0 else lead
                high += 1
            if lead < 0:
                continue
            mark = block[lead].scored + 1
            facilities, tests = 0, 0
            for j in range(first, high):
                facilities += 1 if met[block[j].facility] != mark else 0
                met[block[j].facility] = mark
                tests += block[j].test
            values[lead, FACILITIES], values[lead, TESTS] = facilities, tests
            reach = min(max(day - memory.first_day + 1, 0), widest)
            j = first - 1
            claims, facilities, tests, nights = 0, 0, 0, 0
            for window in range(1, WINDOWS):
                while j >= low and day - block[j].start_day < days[window]:
                    claims += 1
                    facilities += 1 if met[block[j].facility] != mark else 0
                    met[block[j].facility] = mark
                    tests += block[j].test
                    nights += block[j].nights
                    j -= 1
                column, pace = WINDOW_COLUMNS * window, memory.pace[window, reach]
                values[lead, column + CLAIMS] = claims * pace
                values[lead, column + FACILITIES] = facilities * pace
                values[lead, column + TESTS] = tests * pace
                values[lead, column + INPATIENT_DAYS] = nights * pace
            for k in range(lead + 1, high):
                if block[k].scored >= 0:
                    for column in range(PREVIOUS):
                        values[k, column] = values[lead, column]


@kernel
def look_around(block: Records, person: I64, few_longest: tuple[Int, Int], values: F32) -> None:
    """Of each person with few claims, count what the claims of a day share, and find the latest other claim that
    starts no later, of any group and of the same. `few_longest`: how many are few; the most days that it is back.
    """
    few, longest = few_longest
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        for k in range(low, end if end - low <= few else low):
            claim = block[k]
            if claim.scored < 0:
                continue
            day, high = claim.start_day, k + 1
            while high < end and block[high].start_day == day:
                high += 1
            visits, facility, cabinet, doctor = 0, 0, 0, 0
            previous, same = longest, longest
            j = high - 1
            while j >= low and block[j].start_day == day:
                other = block[j]
                here = 1 if other.facility == claim.facility else 0
                visits += here if other.test == 0 else 0
                facility += here
                cabinet += here if other.cabinet == claim.cabinet else 0
                doctor += here if other.doctor == claim.doctor else 0
                if j != k and other.start_s <= claim.start_s:
                    previous = 0
                    same = 0 if other.group == claim.group else same
                j -= 1
            if j >= low:
                previous = min(previous, np.int64(day) - block[j].start_day)
            j = j if same > 0 else low - 1
            while j >= low and block[j].group != claim.group:
                j -= 1
            if j >= low:
                same = min(longest, np.int64(day) - block[j].start_day)
            values[k, PREVIOUS], values[k, SAME_GROUP], values[k, READMITTED] = previous, same, 0
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
        if person[p + 1] - person[p] > memory.few:
            values[person[p] : person[p + 1], READMITTED] = 0
            for w in range(WINDOWS):
                column = WINDOW_COLUMNS * w
                count_window(block, low_high, (windows_days[w], column), memory.seen, values)
            take_paces(block, low_high, memory, values)
            find_previous(block, low_high, memory, values)
            count_own_days(block, low_high, keys, values)


@kernel
def scan_stays(
    block: Records, person_stays: tuple[I64, I32], keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """Mark the readmissions of each person with at least two stays. `keys`: room to sort in, as long as the block."""
    person, stays = person_stays
    for p in range(person.size - 1):
        if stays[p] > 1:
            find_readmissions(block, (person[p], person[p + 1]), keys, values)


@kernel
def hand_out(block: Records, near: F32, values: F32) -> None:
    """Copy the features of a block's scored claims to where they belong, far apart: with nothing else to do meanwhile,
    many such writes are under way at once."""
    for k in range(block.size):
        out = block[k].scored
        if out >= 0:
            for column in range(KEPT):
                values[out, column] = near[k, FIRST_KEPT + column]


@kernel
def scan_buckets(
    visits: Records, begin: I64, ids: Ids, room_memory: tuple[Room, Memory], values: F32
) -> None:
    """Arrange and scan bucket after bucket, `visits[begin[b] : begin[b + 1]]`: records are costly to hand over.

    Writes: values float32[m, KEPT].
    """
    room, memory = room_memory
    keys = (room.order, room.major, room.minor, room.spare)
    for b in range(begin.size - 1):
        bucket = visits[begin[b] : begin[b + 1]]
        people = arrange_visits(bucket, ids, room)
        person = room.begin[: people + 1]
        block, near = room.block[: bucket.size], room.features[: bucket.size]
        look_back(block, person, memory, near)
        look_around(block, person, (memory.few, memory.longest_gap_days), near)
        scan_long(block, person, memory, keys, near)
        scan_stays(block, (person, room.stays), keys, near)
        hand_out(block, near, values)
