"""What the claims of a person with many of them look like beside each other. A group scan.

In: a person's claims by start. Out: features of the scored ones, float32, in the row of a claim's place in its block.
Claims that start at the same instant are treated alike, so the order of rows never matters. Windows are of whole days
and hold the claim's own day: 30 days are the day and the 29 before it.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F32, F64, I32, I64, Int
from daatgal_engine.sorting import stable_sort

READMITTED_WITHIN_DAYS = 30

WINDOWS = 4
CLAIMS, INPATIENT_DAYS, FACILITIES, TESTS, WINDOW_COLUMNS = 0, 1, 2, 3, 4
"""Columns of the features of a person, of each window, of which the first is the claim's own day."""
PREVIOUS = WINDOWS * WINDOW_COLUMNS
SAME_GROUP, READMITTED = PREVIOUS + 1, PREVIOUS + 2
"""Further columns: days back to the previous claim and to that of the same group; 1: a stay that begins at most 30 days
after the end of another."""
VISITS, OWN_FACILITY, OWN_CABINET, OWN_DOCTOR = READMITTED + 1, READMITTED + 2, READMITTED + 3, READMITTED + 4
"""Further columns, of the claims on the claim's start day: at its facility without tests and other items, at its
facility, there in its cabinet, there with its doctor."""
COLUMNS = OWN_DOCTOR + 1
"""How many there are, known when kernels are compiled: short loops over columns become a few wide instructions."""
FIRST_KEPT = FACILITIES
"""The column from which they are handed out: claims and nights of the day are only taken off the wider windows."""


class Memory(NamedTuple):
    """What a scan needs beside its block; `seen` and `last` are as clean after a person as before."""

    seen: I32
    """f zeros"""
    met: I32
    """f: the scored claim, counted from 1, that has last met each facility; zeros before the first"""
    last: I64
    """g times −1: the position of the last claim of each group"""
    longest_gap_days: Int
    few: Int
    """up to so many claims of a person, looking back from each day is quicker than a window's two ends"""
    first_day: Int
    """that the history knows"""
    windows_days: I64
    """WINDOWS, ascending; the first is the claim's own day"""
    pace: F64
    """WINDOWS × days that the history looks back, at most the widest window: what counts before the day are taken by"""


@kernel
def count_window(
    block: Records, low_high: tuple[Int, Int], days_column: tuple[Int, Int], seen: I32, values: F32
) -> None:
    """Count the claims of one person in the `days` days up to each scored claim's start day, it included.

    Both ends of the window only move on, so the cost is linear in the person's claims.
    """
    low, end = low_high
    days, column = days_column
    high = low
    facilities, tests, nights = 0, 0, 0
    for k in range(low, end):
        day = block[k].start_day
        while high < end and block[high].start_day <= day:
            facilities += 1 if seen[block[high].facility] == 0 else 0
            seen[block[high].facility] += 1
            tests += block[high].test
            nights += block[high].nights
            high += 1
        while block[low].start_day <= day - days:
            seen[block[low].facility] -= 1
            facilities -= 1 if seen[block[low].facility] == 0 else 0
            tests -= block[low].test
            nights -= block[low].nights
            low += 1
        if block[k].scored >= 0:
            values[k, column + CLAIMS] = high - low
            values[k, column + FACILITIES] = facilities
            values[k, column + TESTS] = tests
            values[k, column + INPATIENT_DAYS] = nights
    for k in range(low, high):
        seen[block[k].facility] = 0


@kernel
def find_previous(block: Records, low_high: tuple[Int, Int], memory: Memory, values: F32) -> None:
    """Days back to the latest other claim that starts no later, of any group and of the same."""
    low, end = low_high
    last, longest = memory.last, memory.longest_gap_days
    for k in range(low, end):
        group = block[k].group
        if block[k].scored >= 0:
            values[k, PREVIOUS], values[k, SAME_GROUP] = longest, longest
            if k > low:
                values[k, PREVIOUS] = min(block[k].start_day - block[k - 1].start_day, longest)
            if last[group] >= 0:
                values[k, SAME_GROUP] = min(block[k].start_day - block[last[group]].start_day, longest)
        last[group] = k
    for k in range(low, end):
        last[block[k].group] = -1
    # The first of some claims that start together has the others beside it: back again, to find them.
    for k in range(end - 1, low - 1, -1):
        group = block[k].group
        if block[k].scored >= 0:
            if k + 1 < end and block[k + 1].start_s == block[k].start_s:
                values[k, PREVIOUS] = 0
            if last[group] >= 0 and block[last[group]].start_s == block[k].start_s:
                values[k, SAME_GROUP] = 0
        last[group] = k
    for k in range(low, end):
        last[block[k].group] = -1


@kernel
def find_readmissions(
    block: Records, low_high: tuple[Int, Int], keys: tuple[I64, I64, I64, I64], values: F32
) -> None:
    """Mark the stays that begin within 30 days after the end of a stay of another case.

    Stays are met in the order of their ends; the two latest ends of different cases are all that is remembered.
    """
    by_end, major, minor, spare = keys
    low, end = low_high
    stays = 0
    for k in range(low, end):
        if block[k].stay != 0:
            by_end[stays] = stays
            major[stays], minor[stays] = block[k].end_s, k
            stays += 1
    if stays < 2:
        return
    stable_sort(by_end, major, minor, (0, stays), spare)
    met = 0
    latest, other = np.int64(-1), np.int64(-1)
    for k in range(low, end):
        if block[k].stay == 0:
            continue
        while met < stays and major[by_end[met]] <= block[k].start_s:
            ended = minor[by_end[met]]
            if latest >= 0 and block[latest].case != block[ended].case:
                other = latest
            latest = ended
            met += 1
        before = latest
        if before >= 0 and block[before].case == block[k].case:
            before = other
        if before < 0 or block[k].scored < 0:
            continue
        if block[k].start_day - block[before].end_s // DAY_S <= READMITTED_WITHIN_DAYS:
            values[k, READMITTED] = 1
