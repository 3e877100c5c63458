"""BUNDLED_IN_STAY: what is part of a stay is not paid beside it.

In: a block. Out: services denied that start within a payable case of a care type that bundles theirs, with the case's
paid claim as evidence. Containers are sorted by start once per pass and carry the latest end so far; the first
container that reaches a service is then found by binary search, so a person with thousands of stays and visits stays
at O(k log k).
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Scratch, deny_for, payable
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I64, ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import BOUNDARY_DAYS, BOUNDARY_INNER_DAYS, Rule, holds, is_on
from daatgal_engine.sorting import stable_sort

RULE = np.int64(Rule.BUNDLED_IN_STAY)
REASON = bit(Reason.BUNDLED_IN_STAY)
CARE_TYPE_BITS = 6
"""A book has at most 63 care types."""
FEW = 8
"""Up to this many containers, looking at each is faster than searching."""


@kernel
def window(boundary: Int, start_s: Int) -> tuple[Int, Int]:
    """The latest start and the earliest end of a container that takes a service starting at `start_s`.

    `days`: start day within first to last day, both included; `inner_days`: both excluded; `time`: start ≤ instant <
    end.
    """
    midnight_s = start_s // DAY_S * DAY_S
    if boundary == BOUNDARY_DAYS:
        return midnight_s + DAY_S - 1, midnight_s
    if boundary == BOUNDARY_INNER_DAYS:
        return midnight_s - 1, midnight_s + DAY_S
    return start_s, start_s + 1


@kernel
def collect_containers(
    block: Records, rules: Records, low_high: tuple[Int, Int], stays: Int, scratch: Scratch
) -> Int:
    """Payable cases that can bundle others, sorted by (facility and care type, start, order); `reach` per pick."""
    pick = scratch.pick
    count = ZERO
    for i in range(low_high[0], low_high[1]):
        care_type = block.care_type[i]
        if block.stay[i] != stays or not holds(rules.containers[0], care_type) or not payable(block, i):
            continue
        if is_on(rules, RULE, block.epoch[i]):
            pick[count] = i
            scratch.major[i] = (np.int64(block.facility[i]) << CARE_TYPE_BITS) | care_type
            scratch.minor[i] = block.case_start_s[i]
            count += 1
    stable_sort(pick, scratch.major, scratch.minor, (ZERO, count), scratch.spare)
    for k in range(count):
        reach_s = block.case_end_s[pick[k]]
        if k > 0 and scratch.major[pick[k]] == scratch.major[pick[k - 1]]:
            reach_s = max(reach_s, scratch.reach[k - 1])
        scratch.reach[k] = reach_s
    return count


@kernel
def first_container(block: Records, scratch: Scratch, count: Int, group: Int, span_s: tuple[Int, Int]) -> Int:
    """The first container of `group` that starts by `span_s[0]` and ends from `span_s[1]` on; -1 if none does.

    Within a group the latest end so far never falls, so the first one to reach `span_s[1]` ends there itself.
    """
    pick, major, reach = scratch.pick, scratch.major, scratch.reach
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        at = major[pick[middle]]
        if at < group or (at == group and reach[middle] < span_s[1]):
            low = middle + 1
        else:
            high = middle
    if low < count and major[pick[low]] == group and block.case_start_s[pick[low]] <= span_s[0]:
        return pick[low]
    return -1


@kernel
def first_of_few(
    block: Records, bundlers: np.uint64, pick: I64, count_at: tuple[Int, Int], span_s: tuple[Int, Int]
) -> Int:
    """What `container_of` finds, by looking at each of a few containers."""
    count, i = count_at
    facility = block.facility[i]
    best = -1
    for k in range(count):
        case: int = pick[k]
        if (
            block.facility[case] == facility
            and holds(bundlers, block.care_type[case])
            and block.case_start_s[case] <= span_s[0]
            and block.case_end_s[case] >= span_s[1]
            and (
                best < 0
                or block.case_start_s[case] < block.case_start_s[best]
                or (block.case_start_s[case] == block.case_start_s[best] and case < best)
            )
        ):
            best = case
    return best


@kernel
def container_of(
    block: Records, bundlers: np.uint64, scratch: Scratch, count_at: tuple[Int, Int], span_s: tuple[Int, Int]
) -> Int:
    """The case that bundles the claim at position `count_at[1]`: the first by (case start, order); -1 for none."""
    count, i = count_at
    if count <= FEW:
        return first_of_few(block, bundlers, scratch.pick, count_at, span_s)
    best = -1
    other = 0
    while bundlers != 0:
        if bundlers & np.uint64(1) != 0:
            group = (np.int64(block.facility[i]) << CARE_TYPE_BITS) | other
            found = first_container(block, scratch, count, group, span_s)
            if found >= 0 and (
                best < 0
                or block.case_start_s[found] < block.case_start_s[best]
                or (block.case_start_s[found] == block.case_start_s[best] and found < best)
            ):
                best = found
        bundlers >>= np.uint64(1)
        other += 1
    return best


@kernel
def judge_pass(
    block: Records, rules: Records, low_high: tuple[Int, Int], count: Int, scratch: Scratch
) -> None:
    """Judge every payable claim of a person against the containers at once, then deny."""
    found: I64 = scratch.tally
    low, high = low_high
    containers = np.uint64(0)
    for k in range(count):
        containers |= np.uint64(1) << np.uint64(block.care_type[scratch.pick[k]])
    for i in range(low, high):
        found[i] = -1
        epoch = block.epoch[i]
        care_type = block.care_type[i]
        bundlers = rules.bundled_in[epoch, care_type] & containers & ~(np.uint64(1) << np.uint64(care_type))
        if bundlers == 0 or not payable(block, i) or not is_on(rules, RULE, epoch):
            continue
        if holds(rules.bundle_exempt_long[epoch], care_type) and block.end_s[i] - block.start_s[i] > DAY_S:
            continue
        span_s = window(rules.bundle_boundary[epoch], block.start_s[i])
        found[i] = container_of(block, bundlers, scratch, (count, i), span_s)
    for i in range(low, high):
        if found[i] >= 0:
            deny_for(block, i, REASON, found[i])


@kernel
def bundled_in_stay(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny what starts within a case that bundles it: first within chains of stays, then within other claims.

    One denied in a pass is still a container in that pass. Source: 3.2.4, 3.2.6, 3.4.3.
    """
    for p in range(people.stays.size):
        low_high = (people.first[p], people.first[p + 1])
        held = people.care_types[p]
        if held & rules.containers[0] == 0 or held & (held - np.uint64(1)) == 0:
            continue  # nothing that bundles, or one care type only
        for stays in (1, 0):
            if stays == 1 and people.stays[p] == 0:
                continue
            count = collect_containers(block, rules, low_high, stays, scratch)
            if count > 0:
                judge_pass(block, rules, low_high, count, scratch)
