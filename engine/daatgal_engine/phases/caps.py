"""DIAGNOSTICS_CAP and YEAR_LIMIT: what is over a limit is not the fund's.

In: a block. Out: `excess_mnt`, decision REDUCED. Sums are compared with caps only, so they may saturate.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Scratch, payable, place_of, unite
from daatgal_engine.book import Records
from daatgal_engine.claim_records import REDUCED
from daatgal_engine.columns import ZERO, Int
from daatgal_engine.money import capped_sum
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, alone, ever_on, is_on
from daatgal_engine.sorting import stable_sort

DIAGNOSTICS_CAP = np.int64(Rule.DIAGNOSTICS_CAP)
YEAR_LIMIT = np.int64(Rule.YEAR_LIMIT)
OVER_CAP = bit(Reason.OVER_CAP)
OVER_YEAR_LIMIT = bit(Reason.OVER_YEAR_LIMIT)
QUARTER_MONTHS = 3
YEAR_MONTHS = 12


@kernel
def allowed_in_month(
    month_mnt: Int, caps_mnt: tuple[Int, Int], used_mnt: Int, extended: bool | np.bool_
) -> tuple[Int, bool | np.bool_]:
    """What the fund takes of a month's gross, and whether the quarter's one extension is used by now.

    A month within its cap is limited by what the quarter has left; one over it may once a quarter take all the
    quarter has left, and is cut to its cap otherwise. Source: 3.5.5 a, b.
    """
    month_cap_mnt, quarter_cap_mnt = caps_mnt
    left_mnt = max(quarter_cap_mnt - used_mnt, 0)
    if month_mnt <= month_cap_mnt:
        return min(month_mnt, left_mnt), extended
    if not extended:
        return min(month_mnt, left_mnt), True
    return min(month_mnt, month_cap_mnt, left_mnt), True


@kernel
def cut_month(block: Records, scratch: Scratch, low: Int, high: Int, allowed_mnt: Int) -> None:
    """Fill the month's claims `pick[low:high]` in order with `allowed_mnt`; the rest of each is excess."""
    for k in range(low, high):
        i = scratch.pick[k]
        unite(block, i, scratch.pick[low])
        taken_mnt = min(block.gross_mnt[i], allowed_mnt)
        allowed_mnt -= taken_mnt
        if taken_mnt < block.gross_mnt[i]:
            block.excess_mnt[i] = block.gross_mnt[i] - taken_mnt
            block.decision[i] = REDUCED
            block.reasons[i] |= OVER_CAP


@kernel
def cap_months(block: Records, rules: Records, scratch: Scratch, count: Int) -> None:
    """Go through the picked claims, sorted by (person and facility, month, order), month by month."""
    pick, major, minor = scratch.pick, scratch.major, scratch.minor
    used_mnt = ZERO
    extended = np.bool_(False)
    low = ZERO
    while low < count:
        first = pick[low]
        before = pick[low - 1] if low > 0 else first
        same_quarter = minor[before] // QUARTER_MONTHS == minor[first] // QUARTER_MONTHS
        if major[before] != major[first] or not same_quarter:
            used_mnt = ZERO
            extended = np.bool_(False)
        month_mnt = ZERO
        high = low
        while high < count and major[pick[high]] == major[first] and minor[pick[high]] == minor[first]:
            month_mnt = capped_sum(month_mnt, block.gross_mnt[pick[high]])
            high += 1
        epoch = block.epoch[first]
        caps_mnt = (rules.cap_month_mnt[epoch], rules.cap_quarter_mnt[epoch])
        allowed_mnt, extended = allowed_in_month(month_mnt, caps_mnt, used_mnt, extended)
        used_mnt = capped_sum(used_mnt, allowed_mnt)
        cut_month(block, scratch, low, high, allowed_mnt)
        low = high


@kernel
def diagnostics_cap(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Cap the diagnostics of one insured in one facility by month and quarter. Source: 3.5.4, 3.5.5."""
    pick, major, minor = scratch.pick, scratch.major, scratch.minor
    diagnostics = rules.diagnostics[0]
    tests = alone(diagnostics) if ever_on(rules, DIAGNOSTICS_CAP) else np.uint64(0)
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & tests == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            if block.care_type[i] != diagnostics or not payable(block, i):
                continue
            if is_on(rules, DIAGNOSTICS_CAP, block.epoch[i]):
                pick[count] = i
                major[i] = place_of(p, block.facility[i], diagnostics)
                minor[i] = block.start_month[i]
                count += 1
    stable_sort(pick, major, minor, (ZERO, count), scratch.spare)
    cap_months(block, rules, scratch, count)


@kernel
def year_limit(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Limit the fund's part per insured and calendar year, in claim order, by the limit of the year's first claim."""
    if not ever_on(rules, YEAR_LIMIT):
        return
    pick, year = scratch.pick, scratch.major
    for p in range(people.stays.size):
        count = ZERO
        for i in range(people.first[p], people.first[p + 1]):
            if payable(block, i) and is_on(rules, YEAR_LIMIT, block.epoch[i]):
                pick[count] = i
                year[i] = block.start_month[i] // YEAR_MONTHS
                scratch.minor[i] = 0
                count += 1
        stable_sort(pick, year, scratch.minor, (ZERO, count), scratch.spare)
        left_mnt = np.int64(0)
        for k in range(count):
            i = pick[k]
            if k == 0 or year[i] != year[pick[k - 1]]:
                left_mnt = rules.year_limit_mnt[block.epoch[i]]
            over_mnt = max(block.fund_mnt[i] - left_mnt, 0)
            left_mnt -= block.fund_mnt[i] - over_mnt
            if over_mnt > 0:
                block.fund_mnt[i] -= over_mnt
                block.excess_mnt[i] += over_mnt
                block.decision[i] = REDUCED
                block.reasons[i] |= OVER_YEAR_LIMIT
