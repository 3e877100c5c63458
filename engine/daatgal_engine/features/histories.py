"""What each claim looks like beside the other claims of its person. A group scan.

In: the standing claims of a bucket of people. Out: features of the scored ones, float32, a row each:
a claim is met where its person is, and its features are written together.
Claims of a person are scanned by start; claims that start at the same instant are treated alike, so the order of rows
never matters. Windows are of whole days and hold the claim's own day: 30 days are the day and the 29 before it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, U8, U64, Int
from daatgal_engine.sorting import stable_sort

F32 = npt.NDArray[np.float32]

READMITTED_WITHIN_DAYS = 30


VISIT = np.dtype(
    [
        ("start_s", "i8"),
        ("end_s", "i8"),
        ("case", "i8"),  # equal numbers: one case
        ("person", "i4"),  # equal numbers: the same person
        ("scored", "i4"),  # the place of its features in the columns; -1: it is only part of the history
        ("facility", "i4"),  # 0 … f - 1
        ("group", "i4"),  # 0 … g - 1: the DRG, or care type and service
        ("start_day", "i4"),
        ("end_day", "i4"),
        ("nights", "i4"),  # of a stay, at least one; 0 of what is no stay
        ("test", "u1"),
        ("stay", "u1"),
    ],
    align=True,
)
"""What the scan reads of a claim, in one record: a person's claims are copied together and scanned there."""


class VisitColumns(NamedTuple):
    """`n` claims, by row."""

    standing: U8
    person_hash: U64
    start_s: I64
    end_s: I64
    case: I64
    person: I64
    facility: I32
    group: I32
    test: U8
    stay: U8
    scored: I32


PREVIOUS, SAME_GROUP, READMITTED, FIRST_WINDOW = 0, 1, 2, 3
"""Columns of the features of a person: days back to the previous claim and to that of the same group; 1: a stay that
begins at most 30 days after the end of another."""
CLAIMS, FACILITIES, TESTS, INPATIENT_DAYS, WINDOW_COLUMNS = 0, 1, 2, 3, 4
"""Of each window, from FIRST_WINDOW on."""


class Memory(NamedTuple):
    """What a scan needs beside its block; as clean after it as before."""

    seen: I32
    """f zeros"""
    last: I64
    """g times −1: the position of the last claim of each group"""
    longest_gap_days: int
    windows_days: I64
    """ascending"""


@kernel
def spread_visits(columns: VisitColumns, bits: int, cursor: I64, visits: Records) -> None:
    """Write the standing claims as records to their buckets, the leading bits of the hash, each from its cursor on.

    Rows are read in their order and each bucket is written in its order: nothing is fetched from afar.
    """
    shift = np.uint64(64 - bits)
    for i in range(columns.standing.size):
        if columns.standing[i] == 0:
            continue
        bucket = np.int64(columns.person_hash[i] >> shift)
        visit = visits[cursor[bucket]]
        cursor[bucket] += 1
        start_day, end_day = columns.start_s[i] // DAY_S, columns.end_s[i] // DAY_S
        visit.start_s = columns.start_s[i]
        visit.end_s = columns.end_s[i]
        visit.case = columns.case[i]
        visit.person = columns.person[i]
        visit.scored = columns.scored[i]
        visit.facility = columns.facility[i]
        visit.group = columns.group[i]
        visit.start_day = start_day
        visit.end_day = end_day
        visit.test = columns.test[i]
        visit.stay = columns.stay[i]
        visit.nights = max(end_day - start_day, 1) if columns.stay[i] != 0 else 0


@kernel
def arrange_visits(visits: Records, number: I32, block: Records) -> I64:
    """Copy the claims of a bucket into `block` by person. Returns: where each person begins (people + 1).

    `number` holds −1 for everyone who is met here, and people are numbered in it.
    """
    size = visits.size
    begins = np.zeros(size + 2, np.int64)
    people = 0
    for k in range(size):
        person = visits[k].person
        if number[person] < 0:
            number[person] = people
            people += 1
        begins[number[person] + 2] += 1
    for p in range(people):
        begins[p + 2] += begins[p + 1]
    for k in range(size):
        at = begins[number[visits[k].person] + 1]
        begins[number[visits[k].person] + 1] += 1
        block[at] = visits[k]
    return begins[: people + 1].copy()


@kernel
def order_visits(block: Records, person: I64, spare: Records) -> None:
    """Sort each person's claims by start; ties stay as they are, and nothing depends on them."""
    order, start = np.empty(block.size, np.int64), np.empty(block.size, np.int64)
    same, more = np.zeros(block.size, np.int64), np.empty(block.size, np.int64)
    for p in range(person.size - 1):
        low, high = person[p], person[p + 1]
        in_order = True
        for k in range(low, high):
            order[k], start[k] = k, block[k].start_s
            in_order = in_order and (k == low or start[k - 1] <= start[k])
        if in_order:
            continue
        stable_sort(order, start, same, (low, high), more)
        for k in range(low, high):
            spare[k] = block[order[k]]
        for k in range(low, high):
            block[k] = spare[k]


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
        out = block[k].scored
        if out >= 0:
            values[out, column + CLAIMS] = high - low
            values[out, column + FACILITIES] = facilities
            values[out, column + TESTS] = tests
            values[out, column + INPATIENT_DAYS] = nights
    for k in range(low, high):
        seen[block[k].facility] = 0


@kernel
def find_previous(block: Records, low_high: tuple[Int, Int], memory: Memory, values: F32) -> None:
    """Days back to the latest other claim that starts no later, of any group and of the same."""
    low, end = low_high
    last, longest = memory.last, memory.longest_gap_days
    for k in range(low, end):
        group, out = block[k].group, block[k].scored
        if out >= 0:
            if k > low:
                values[out, PREVIOUS] = min(block[k].start_day - block[k - 1].start_day, longest)
            if last[group] >= 0:
                values[out, SAME_GROUP] = min(block[k].start_day - block[last[group]].start_day, longest)
        last[group] = k
    for k in range(low, end):
        last[block[k].group] = -1
    # The first of some claims that start together has the others beside it: back again, to find them.
    for k in range(end - 1, low - 1, -1):
        group, out = block[k].group, block[k].scored
        if out >= 0:
            if k + 1 < end and block[k + 1].start_s == block[k].start_s:
                values[out, PREVIOUS] = 0
            if last[group] >= 0 and block[last[group]].start_s == block[k].start_s:
                values[out, SAME_GROUP] = 0
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
        if block[k].start_day - block[before].end_day <= READMITTED_WITHIN_DAYS:
            values[block[k].scored, READMITTED] = 1
