"""What each claim looks like beside the other claims of its person. A group scan.

In: the standing claims of a bucket of people. Out: features of the scored ones, each into its own float32 column.
Claims of a person are scanned by start; claims that start at the same instant are treated alike, so the order of rows
never matters. Windows are of whole days and hold the claim's own day: 30 days are the day and the 29 before it.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, U8, Element, Int
from daatgal_engine.sorting import stable_sort

F32 = npt.NDArray[np.float32]

READMITTED_WITHIN_DAYS = 30


class Histories(NamedTuple):
    """`n` claims, by row."""

    person: I64
    """equal numbers: the same person"""
    start_s: I64
    end_s: I64
    facility: I32
    """0 … f − 1 where the claim stands"""
    group: I32
    """0 … g − 1: the DRG, or care type and service"""
    test: U8
    stay: U8
    case: I64
    """equal numbers: one case"""
    scored: I32
    """the place of the claim's features in the columns; −1: it is only part of the history"""


class Tally(NamedTuple):
    """Counts over one window, `m` scored claims each."""

    claims: F32
    facilities: F32
    tests: F32
    inpatient_days: F32


class Gaps(NamedTuple):
    """Days back to other claims, `m` scored claims each."""

    previous: F32
    same_group: F32
    readmitted: F32
    """1: a stay that begins at most 30 days after the end of another"""


class Memory(NamedTuple):
    """What a scan needs beside its bucket; as clean after it as before."""

    seen: I32
    """f zeros"""
    last: I64
    """g times −1: the position of the last claim of each group"""
    longest_gap_days: int


@kernel
def arranged(claims: Histories, rows: I64) -> tuple[I64, I64]:
    """The rows of a bucket by person and start, and where each person begins (people + 1)."""
    size = rows.size
    major, minor, spare = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size, np.int64)
    order, by_start, begins = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size + 1, np.int64)
    for i in range(size):
        order[i] = i
        major[i], minor[i] = claims.person[rows[i]], claims.start_s[rows[i]]
    stable_sort(order, major, minor, (0, size), spare)
    people = 0
    for k in range(size):
        by_start[k] = rows[order[k]]
        if k == 0 or major[order[k]] != major[order[k - 1]]:
            begins[people] = k
            people += 1
    begins[people] = size
    return by_start, begins[: people + 1].copy()


@kernel
def nights_of(claims: Histories, row: Element) -> Int:
    """The nights of a stay, at least one; 0 of what is no stay."""
    if claims.stay[row] == 0:
        return 0
    return max(claims.end_s[row] // DAY_S - claims.start_s[row] // DAY_S, 1)


@kernel
def count_window(
    claims: Histories, order: I64, low_high: tuple[Int, Int], days: int, tally: Tally, seen: I32
) -> None:
    """Count the claims of one person in the `days` days up to each scored claim's start day, it included.

    Both ends of the window only move on, so the cost is linear in the person's claims.
    """
    low, end = low_high
    high = low
    facilities, tests, nights = 0, 0, np.int64(0)
    for k in range(low, end):
        day = claims.start_s[order[k]] // DAY_S
        while high < end and claims.start_s[order[high]] // DAY_S <= day:
            row = order[high]
            facilities += 1 if seen[claims.facility[row]] == 0 else 0
            seen[claims.facility[row]] += 1
            tests += claims.test[row]
            nights += nights_of(claims, row)
            high += 1
        while claims.start_s[order[low]] // DAY_S <= day - days:
            row = order[low]
            seen[claims.facility[row]] -= 1
            facilities -= 1 if seen[claims.facility[row]] == 0 else 0
            tests -= claims.test[row]
            nights -= nights_of(claims, row)
            low += 1
        out = claims.scored[order[k]]
        if out >= 0:
            tally.claims[out] = high - low
            tally.facilities[out] = facilities
            tally.tests[out] = tests
            tally.inpatient_days[out] = nights
    for k in range(low, high):
        seen[claims.facility[order[k]]] = 0


@kernel
def gap_days(claims: Histories, earlier: Element, row: Element, longest: int) -> Int:
    """Days between the starts of two claims, at most `longest`."""
    return min(claims.start_s[row] // DAY_S - claims.start_s[earlier] // DAY_S, longest)


@kernel
def find_previous(
    claims: Histories, order: I64, low_high: tuple[Int, Int], gaps: Gaps, memory: Memory
) -> None:
    """Days back to the latest other claim that starts no later, of any group and of the same."""
    low, end = low_high
    last, longest = memory.last, memory.longest_gap_days
    for k in range(low, end):
        row = order[k]
        group, out = claims.group[row], claims.scored[row]
        if out >= 0:
            if k > low:
                gaps.previous[out] = gap_days(claims, order[k - 1], row, longest)
            if last[group] >= 0:
                gaps.same_group[out] = gap_days(claims, order[last[group]], row, longest)
        last[group] = k
    for k in range(low, end):
        last[claims.group[order[k]]] = -1
    # The first of some claims that start together has the others beside it: back again, to find them.
    for k in range(end - 1, low - 1, -1):
        row = order[k]
        group, out = claims.group[row], claims.scored[row]
        if out >= 0:
            if k + 1 < end and claims.start_s[order[k + 1]] == claims.start_s[row]:
                gaps.previous[out] = 0
            if last[group] >= 0 and claims.start_s[order[last[group]]] == claims.start_s[row]:
                gaps.same_group[out] = 0
        last[group] = k
    for k in range(low, end):
        last[claims.group[order[k]]] = -1


@kernel
def find_readmissions(
    claims: Histories, order: I64, low_high: tuple[Int, Int], readmitted: F32, keys: tuple[I64, I64, I64, I64]
) -> None:
    """Mark the stays that begin within 30 days after the end of a stay of another case.

    Stays are met in the order of their ends; the two latest ends of different cases are all that is remembered.
    """
    by_end, major, minor, spare = keys
    low, end = low_high
    stays = 0
    for k in range(low, end):
        if claims.stay[order[k]] != 0:
            by_end[stays] = stays
            major[stays], minor[stays] = claims.end_s[order[k]], order[k]
            stays += 1
    if stays < 2:
        return
    stable_sort(by_end, major, minor, (0, stays), spare)
    met = 0
    latest, other = np.int64(-1), np.int64(-1)
    for k in range(low, end):
        row = order[k]
        if claims.stay[row] == 0:
            continue
        while met < stays and major[by_end[met]] <= claims.start_s[row]:
            ended = minor[by_end[met]]
            if latest >= 0 and claims.case[latest] != claims.case[ended]:
                other = latest
            latest = ended
            met += 1
        before = latest
        if before >= 0 and claims.case[before] == claims.case[row]:
            before = other
        if before < 0 or claims.scored[row] < 0:
            continue
        if claims.start_s[row] // DAY_S - claims.end_s[before] // DAY_S <= READMITTED_WITHIN_DAYS:
            readmitted[claims.scored[row]] = 1


@kernel
def scan_people(
    claims: Histories,
    rows: I64,
    windows: tuple[I64, tuple[Tally, Tally, Tally, Tally]],
    gaps: Gaps,
    memory: Memory,
) -> None:
    """Fill the features of the scored claims of a bucket: four windows of days, and the days back."""
    order, person = arranged(claims, rows)
    days, (first, second, third, fourth) = windows
    size = rows.size
    keys = (
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
        np.empty(size, np.int64),
    )
    for p in range(person.size - 1):
        low_high = (person[p], person[p + 1])
        count_window(claims, order, low_high, days[0], first, memory.seen)
        count_window(claims, order, low_high, days[1], second, memory.seen)
        count_window(claims, order, low_high, days[2], third, memory.seen)
        count_window(claims, order, low_high, days[3], fourth, memory.seen)
        find_previous(claims, order, low_high, gaps, memory)
        find_readmissions(claims, order, low_high, gaps.readmitted, keys)
