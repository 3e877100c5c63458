"""BUNDLED_IN_STAY: what is part of a stay is not paid beside it.

In: a block. Out: services denied that start within a payable case of a care type that bundles theirs, with the case's
paid claim as evidence. Containers are sorted by start once per pass and carry the latest end so far. Where a person
has many, the first that reaches a service is found by binary search, so that thousands of stays and visits stay at
O(k log k).
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import PERSON_SHIFT, People, Scratch, deny_for, payable, place_of
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I64, ZERO, Element, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import BOUNDARY_DAYS, BOUNDARY_INNER_DAYS, Rule, holds, is_on
from daatgal_engine.sorting import stable_sort

RULE = np.int64(Rule.BUNDLED_IN_STAY)
REASON = bit(Reason.BUNDLED_IN_STAY)
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
def collect_containers(block: Records, people: People, rules: Records, stays: Int, scratch: Scratch) -> Int:
    """Payable cases that can bundle others, sorted by (person, facility and care type, start, order).

    Writes: `scratch.pick`; `scratch.major`, person, facility and care type by position; `scratch.reach`, per pick.
    """
    pick, major, minor, reach = scratch.pick, scratch.major, scratch.minor, scratch.reach
    containers = rules.containers[0]
    count = ZERO
    for p in range(people.stays.size):
        held = people.care_types[p]
        if held & containers == 0 or held & (held - np.uint64(1)) == 0:
            continue  # nothing that bundles, or one care type only
        for i in range(people.first[p], people.first[p + 1]):
            care_type = block.care_type[i]
            if block.stay[i] != stays or not holds(containers, care_type) or not payable(block, i):
                continue
            if is_on(rules, RULE, block.epoch[i]):
                pick[count] = i
                major[i] = place_of(p, block.facility[i], care_type)
                minor[i] = block.case_start_s[i]
                count += 1
    stable_sort(pick, major, minor, (ZERO, count), scratch.spare)
    for k in range(count):
        reach_s = block.case_end_s[pick[k]]
        if k > 0 and major[pick[k]] == major[pick[k - 1]]:
            reach_s = max(reach_s, reach[k - 1])
        reach[k] = reach_s
    return count


@kernel
def precedes(block: Records, a: Int, b: Int) -> bool:
    """Whether case `a` comes before case `b`, by (case start, order); any case comes before none, which is -1."""
    if b < 0:
        return True
    a_start_s: int = block.case_start_s[a]
    b_start_s: int = block.case_start_s[b]
    if a_start_s != b_start_s:
        return a_start_s < b_start_s
    return bool(a < b)


@kernel
def first_container(
    block: Records, scratch: Scratch, low_high: tuple[Int, Int], group: Int, span_s: tuple[Int, Int]
) -> Int:
    """The first container of `group` that starts by `span_s[0]` and ends from `span_s[1]` on; -1 if none does.

    Within a group the latest end so far never falls, so the first one to reach `span_s[1]` ends there itself.
    """
    pick, major, reach = scratch.pick, scratch.major, scratch.reach
    low, high = low_high
    while low < high:
        middle = (low + high) // 2
        at = major[pick[middle]]
        if at < group or (at == group and reach[middle] < span_s[1]):
            low = middle + 1
        else:
            high = middle
    if low < low_high[1] and major[pick[low]] == group and block.case_start_s[pick[low]] <= span_s[0]:
        return pick[low]
    return -1


@kernel
def first_of_many(
    block: Records,
    bundlers: np.uint64,
    scratch: Scratch,
    among: tuple[Int, Int, Int],
    span_s: tuple[Int, Int],
) -> Int:
    """What `first_of_few` finds, by a binary search for each care type that bundles."""
    low, high, i = among
    person: Element = scratch.major[scratch.pick[low]] >> PERSON_SHIFT
    best = -1
    other = 0
    while bundlers != 0:
        if bundlers & np.uint64(1) != 0:
            group = place_of(person, block.facility[i], other)
            found = first_container(block, scratch, (low, high), group, span_s)
            if found >= 0 and precedes(block, found, best):
                best = found
        bundlers >>= np.uint64(1)
        other += 1
    return best


@kernel
def first_of_few(
    block: Records, bundlers: np.uint64, pick: I64, among: tuple[Int, Int, Int], span_s: tuple[Int, Int]
) -> Int:
    """The case among `pick[low:high]` that bundles the claim at position `i`; -1 for none. `among` is low, high, i.

    It is the first by (case start, order) that is of a care type in `bundlers` and meets `span_s`, see `window`.
    """
    low, high, i = among
    best = -1
    for k in range(low, high):
        case: Int = pick[k]
        if (
            block.facility[case] == block.facility[i]
            and holds(bundlers, block.care_type[case])
            and block.case_start_s[case] <= span_s[0]
            and block.case_end_s[case] >= span_s[1]
            and precedes(block, case, best)
        ):
            best = case
    return best


@kernel
def judge_person(
    block: Records, claims: tuple[Int, Int], rules: Records, containers: tuple[Int, Int], scratch: Scratch
) -> None:
    """Judge a person's claims against the person's containers, which are `scratch.pick[low:high]`."""
    low, high = containers
    held = np.uint64(0)
    for k in range(low, high):
        held |= np.uint64(1) << np.uint64(block.care_type[scratch.pick[k]])
    for i in range(claims[0], claims[1]):
        epoch = block.epoch[i]
        care_type = block.care_type[i]
        bundlers = rules.bundled_in[epoch, care_type] & held & ~(np.uint64(1) << np.uint64(care_type))
        if bundlers == 0 or not payable(block, i) or not is_on(rules, RULE, epoch):
            continue
        if holds(rules.bundle_exempt_long[epoch], care_type) and block.end_s[i] - block.start_s[i] > DAY_S:
            continue
        span_s = window(rules.bundle_boundary[epoch], block.start_s[i])
        if high - low <= FEW:
            case = first_of_few(block, bundlers, scratch.pick, (low, high, i), span_s)
        else:
            case = first_of_many(block, bundlers, scratch, (low, high, i), span_s)
        if case >= 0:
            deny_for(block, i, REASON, case)


@kernel
def bundled_in_stay(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny what starts within a case that bundles it: first within chains of stays, then within other claims.

    The containers of a pass are found before it, so one denied in a pass is still a container in that pass.
    Source: 3.2.4, 3.2.6, 3.4.3.
    """
    pick, major = scratch.pick, scratch.major
    for stays in (1, 0):
        count = collect_containers(block, people, rules, stays, scratch)
        low = ZERO
        while low < count:
            p = np.int64(major[pick[low]] >> PERSON_SHIFT)
            high = low + 1
            while high < count and major[pick[high]] >> PERSON_SHIFT == p:
                high += 1
            claims = (people.first[p], people.first[p + 1])
            judge_person(block, claims, rules, (low, high), scratch)
            low = high
