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
from daatgal_engine.features.visits import Room, arrange_visits

FEW = 32
"""Up to so many claims of a person, looking back from each day is quicker than a window's two ends."""


@kernel
def count_own_day(block: Records, day: tuple[Int, Int], k: Int, values: F32) -> None:
    """Count what the claims of a day, `block[day[0] : day[1]]`, share with one of them."""
    visits, facility, cabinet, doctor = 0, 0, 0, 0
    for j in range(day[0], day[1]):
        if block[j].facility == block[k].facility:
            visits += 1 if block[j].test == 0 else 0
            facility += 1
            cabinet += 1 if block[j].cabinet == block[k].cabinet else 0
            doctor += 1 if block[j].doctor == block[k].doctor else 0
    values[k, VISITS], values[k, OWN_FACILITY] = visits, facility
    values[k, OWN_CABINET], values[k, OWN_DOCTOR] = cabinet, doctor


@kernel
def look_for_previous(
    block: Records, low_first: tuple[Int, Int], high_k: tuple[Int, Int], longest: Int, values: F32
) -> None:
    """Find the days back to the latest other claim that starts no later, of any group and of the same.

    The person's claims begin at the first number, those of the day of claim `k` are between the next two.
    """
    low, first = low_first
    high, k = high_k
    start_s, group, day = block[k].start_s, block[k].group, np.int64(block[k].start_day)
    together = k > first or (k + 1 < high and block[k + 1].start_s == start_s)
    before = 0 if together else longest
    if not together and first > low:
        before = min(day - block[first - 1].start_day, longest)
    same = longest
    for j in range(first, high):
        if j != k and block[j].group == group and block[j].start_s <= start_s:
            same = 0
    j = first - 1 if same > 0 else low - 1
    while j >= low:
        if block[j].group == group:
            same = min(day - block[j].start_day, longest)
            break
        j -= 1
    values[k, PREVIOUS], values[k, SAME_GROUP], values[k, READMITTED] = before, same, 0


@kernel
def look_back(block: Records, person: I64, memory: Memory, values: F32) -> None:
    """Count the claims of each person with few of them, and find the previous ones.

    What lies before a day is the same for all of its claims, so windows are counted once for the first that is scored,
    and each is written when the first claim beyond it is met. A facility that was met on the day counts in no window.
    """
    met, days, longest = memory.met, memory.windows_days, np.int64(memory.longest_gap_days)
    widest = memory.pace.shape[1] - 1
    for p in range(person.size - 1):
        low, end = person[p], person[p + 1]
        high = low if end - low <= FEW else end
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
            values[lead, FIRST_WINDOW + FACILITIES], values[lead, FIRST_WINDOW + TESTS] = facilities, tests
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
                column, pace = FIRST_WINDOW + WINDOW_COLUMNS * window, memory.pace[window, reach]
                values[lead, column + CLAIMS] = claims * pace
                values[lead, column + FACILITIES] = facilities * pace
                values[lead, column + TESTS] = tests * pace
                values[lead, column + INPATIENT_DAYS] = nights * pace
            for k in range(lead, high):
                if block[k].scored >= 0:
                    for column in range(FIRST_WINDOW, COLUMNS):
                        values[k, column] = values[lead, column]
                    look_for_previous(block, (low, first), (high, k), longest, values)
                    count_own_day(block, (first, high), k, values)


@kernel
def scan_long(
    block: Records, person: I64, memory: Memory, keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """The same of each person with many claims."""
    windows_days = memory.windows_days
    for p in range(person.size - 1):
        low_high = (person[p], person[p + 1])
        if person[p + 1] - person[p] > FEW:
            values[person[p] : person[p + 1], READMITTED] = 0
            for w in range(WINDOWS):
                column = FIRST_WINDOW + WINDOW_COLUMNS * w
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
            for column in range(COLUMNS):
                values[out, column] = near[k, column]


@kernel
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
        people = arrange_visits(bucket, ids, room)
        person = room.begin[: people + 1]
        block, near = room.block[: bucket.size], room.features[: bucket.size]
        look_back(block, person, memory, near)
        scan_long(block, person, memory, keys, near)
        scan_stays(block, (person, room.stays), keys, near)
        hand_out(block, near, values)
