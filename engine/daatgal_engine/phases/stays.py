"""WARD_TRANSFER and MINIMUM_STAY: chains of stays are one case.

In: a block. Out: the claims of a chain merged into its destination, with the case's first start and latest end; cases
that did not last denied.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Scratch, deny, merge_into, payable, place_of, unite
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I64, ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, is_on
from daatgal_engine.sorting import stable_sort

WARD_TRANSFER = np.int64(Rule.WARD_TRANSFER)
MINIMUM_STAY = np.int64(Rule.MINIMUM_STAY)
MERGED_BY_TRANSFER = bit(Reason.WARD_TRANSFER)
STAY_TOO_SHORT = bit(Reason.STAY_TOO_SHORT)


@kernel
def close_chain(block: Records, pick: I64, low: Int, high: Int) -> None:
    """Make the chain `pick[low:high]`, sorted by start, one case, paid at its destination.

    The destination has the latest end, then the latest start, then the last place in the order.
    """
    paid = pick[low]
    for k in range(low + 1, high):
        i = pick[k]
        if (
            block.end_s[i] > block.end_s[paid]
            or (block.end_s[i] == block.end_s[paid] and block.start_s[i] > block.start_s[paid])
            or (block.end_s[i] == block.end_s[paid] and block.start_s[i] == block.start_s[paid] and i > paid)
        ):
            paid = i
    block.case_start_s[paid] = block.start_s[pick[low]]
    block.case_end_s[paid] = block.end_s[paid]
    for k in range(low, high):
        i = pick[k]
        unite(block, i, pick[low])
        if i != paid:
            merge_into(block, i, MERGED_BY_TRANSFER, paid)


@kernel
def ward_transfer(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Join stays of one care type in one facility that follow on one another into chains.

    By (start, order): a stay joins while its start ≤ the latest end so far + its own gap. Source: 3.2.5.
    """
    pick, major = scratch.pick, scratch.major
    count = ZERO
    for p in range(people.stays.size):
        if people.stays[p] < 2:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            if block.stay[i] and payable(block, i) and is_on(rules, WARD_TRANSFER, block.epoch[i]):
                pick[count] = i
                major[i] = place_of(p, block.facility[i], block.care_type[i])
                scratch.minor[i] = block.start_s[i]
                count += 1
    stable_sort(pick, major, scratch.minor, (ZERO, count), scratch.spare)
    low, latest_end_s = ZERO, ZERO
    for k in range(count + 1):
        if 0 < k < count:
            i = pick[k]
            gap_s = rules.transfer_gap_s[block.epoch[i]]
            if major[i] == major[pick[low]] and block.start_s[i] <= latest_end_s + gap_s:
                latest_end_s = max(latest_end_s, block.end_s[i])
                continue
        if k - low > 1:
            close_chain(block, pick, low, k)
        low = k
        if k < count:
            latest_end_s = block.end_s[pick[k]]


@kernel
def minimum_stay(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Deny the destination of a case that lasted `hours` or less from its first start to its latest end.

    Where both are midnight (dates without times) it is denied only if the two dates are equal. Source: 2.1.
    """
    for i in range(block.size):
        epoch = block.epoch[i]
        if not block.stay[i] or not payable(block, i) or not is_on(rules, MINIMUM_STAY, epoch):
            continue
        start_s, end_s = block.case_start_s[i], block.case_end_s[i]
        if start_s % DAY_S == 0 and end_s % DAY_S == 0:
            short = start_s == end_s
        else:
            short = end_s - start_s <= rules.minimum_stay_s[epoch]
        if short:
            deny(block, i, STAY_TOO_SHORT)
