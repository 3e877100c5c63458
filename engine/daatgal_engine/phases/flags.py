"""Flags on paid and reduced claims: for people to look at, never money.

In: a block. Out: reason bits. Overlaps are found by one sweep over sorted starts.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import find_firsts, keep_shared
from daatgal_engine.block import People, Scratch, payable, place_of
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, ever_among, holds, is_on
from daatgal_engine.sorting import stable_sort

OVERLAPPING_STAY = np.int64(Rule.OVERLAPPING_STAY)
VISIT_TOO_SHORT = np.int64(Rule.VISIT_TOO_SHORT)
SUSPECT_DUPLICATE = np.int64(Rule.SUSPECT_DUPLICATE)
PAIRED_DIAGNOSIS_MISSING = np.int64(Rule.PAIRED_DIAGNOSIS_MISSING)
OVERLAPS = bit(Reason.OVERLAPPING_STAY)
TOO_SHORT = bit(Reason.VISIT_TOO_SHORT)
SUSPECT = bit(Reason.SUSPECT_DUPLICATE)
UNPAIRED = bit(Reason.PAIRED_DIAGNOSIS_MISSING)
SUSPECT_WORDS = np.int64(4)
NO_SITE = np.int64(-2)
"""Where a claim is not priced by item: none of the codes that a site has, -1 for a null among them."""
BEFORE_ALL_S = np.int64(-(2**62))


@kernel
def flag_overlaps(block: Records, scratch: Scratch, count: Int) -> None:
    """Flag each picked case that overlaps one of another facility.

    Sorted by start, empty cases first, a case overlaps an earlier one of another facility if any of those ends after
    its start, so the latest end and the latest end of any other facility are carried along; and it overlaps a later
    one if the next case of another facility starts before its end.
    """
    pick, following = scratch.pick, scratch.tally
    latest_s, runner_up_s = BEFORE_ALL_S, BEFORE_ALL_S
    latest_facility = np.int64(-1)
    for k in range(count):
        i = pick[k]
        facility = np.int64(block.facility[i])
        elsewhere_s = runner_up_s if facility == latest_facility else latest_s
        if elsewhere_s > block.case_start_s[i]:
            block.reasons[i] |= OVERLAPS
        end_s = block.case_end_s[i]
        if facility == latest_facility:
            latest_s = max(latest_s, end_s)
        elif end_s > latest_s:
            runner_up_s = latest_s
            latest_s, latest_facility = end_s, facility
        else:
            runner_up_s = max(runner_up_s, end_s)
    for back in range(count):
        k = count - 1 - back
        i = pick[k]
        following[k] = count
        if k + 1 < count:
            following[k] = k + 1 if block.facility[pick[k + 1]] != block.facility[i] else following[k + 1]
        if following[k] < count and block.case_start_s[pick[following[k]]] < block.case_end_s[i]:
            block.reasons[i] |= OVERLAPS


@kernel
def overlapping_stay(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Flag the paid claims of two cases of stays in two facilities at the same time."""
    for p in range(people.stays.size):
        if people.stays[p] < 2:
            continue
        count = ZERO
        for i in range(people.first[p], people.first[p + 1]):
            if block.stay[i] and payable(block, i) and is_on(rules, OVERLAPPING_STAY, block.epoch[i]):
                scratch.pick[count] = i
                scratch.major[i] = block.case_start_s[i]
                scratch.minor[i] = 0 if block.case_start_s[i] == block.case_end_s[i] else 1
                count += 1
        if count > 1:
            stable_sort(scratch.pick, scratch.major, scratch.minor, (ZERO, count), scratch.spare)
            flag_overlaps(block, scratch, count)


@kernel
def visit_too_short(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Flag an outpatient visit shorter than `minutes`, unless both ends are midnight (dates without times)."""
    for i in range(block.size):
        epoch = block.epoch[i]
        if (
            block.care_type[i] != rules.outpatient[0]
            or not payable(block, i)
            or not is_on(rules, VISIT_TOO_SHORT, epoch)
        ):
            continue
        dated_only = block.start_s[i] % DAY_S == 0 and block.end_s[i] % DAY_S == 0
        if not dated_only and block.end_s[i] - block.start_s[i] < rules.visit_minimum_s[epoch]:
            block.reasons[i] |= TOO_SHORT


@kernel
def group_shared(block: Records, scratch: Scratch, count: Int) -> Int:
    """Bring the picks that share a key together, key by key, each by (start, order); how many these are.

    Writes: `scratch.pick`; `scratch.major`, the group by position.
    """
    pick, first, group, start_s = scratch.pick, scratch.first, scratch.major, scratch.minor
    for k in range(count):
        group[pick[k]] = first[k]
        start_s[pick[k]] = block.start_s[pick[k]]
    count = keep_shared(pick, first, count, scratch.tally)
    stable_sort(pick, group, start_s, (ZERO, count), scratch.spare)
    return count


@kernel
def flag_suspects(block: Records, scratch: Scratch, count: Int) -> None:
    """Among picks sorted by (group, start, order), flag each that an earlier one of its group touches or overlaps.

    Evidence: the first such, found by binary search on the latest end so far, unless there is evidence already.
    """
    pick, major, reach_s = scratch.pick, scratch.major, scratch.reach
    group_low = 0
    for k in range(count):
        i = pick[k]
        if k == 0 or major[i] != major[pick[k - 1]]:
            group_low = k
            reach_s[k] = block.end_s[i]
            continue
        reach_s[k] = max(reach_s[k - 1], block.end_s[i])
        if reach_s[k - 1] < block.start_s[i]:
            continue
        block.reasons[i] |= SUSPECT
        low, high = group_low, k - 1
        while low < high:
            middle = (low + high) // 2
            if reach_s[middle] < block.start_s[i]:
                low = middle + 1
            else:
                high = middle
        if block.related[i] < 0:
            block.related[i] = block.row[pick[low]]


@kernel
def suspect_duplicate(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Flag a claim for what seems the same service as an earlier one at the same time.

    Key: person, facility, care type, department, way of pricing and, by item, service and site, by DRG, icd10.
    """
    key, pick = scratch.key, scratch.pick
    count = ZERO
    for p in range(people.stays.size):
        if people.first[p + 1] - people.first[p] < 2:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            if not payable(block, i) or not is_on(rules, SUSPECT_DUPLICATE, block.epoch[i]):
                continue
            by_item = block.by_item[i] != 0
            pick[count] = i
            key[count, 0] = place_of(p, block.facility[i], block.care_type[i])
            key[count, 1] = block.department[i]
            key[count, 2] = block.service[i] if by_item else np.int64(block.icd10[i])
            key[count, 3] = block.site[i] if by_item else NO_SITE
            count += 1
    find_firsts(key, count, SUSPECT_WORDS, scratch.table, scratch.first)
    flag_suspects(block, scratch, group_shared(block, scratch, count))


@kernel
def paired_diagnosis_missing(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Flag a cancer day treatment without a C code among all its diagnoses."""
    unpaired = ever_among(rules, PAIRED_DIAGNOSIS_MISSING, rules.paired_care_types)
    for i in range(block.size):
        if not holds(unpaired, block.care_type[i]) or block.cancer[i] or not payable(block, i):
            continue
        epoch = block.epoch[i]
        if is_on(rules, PAIRED_DIAGNOSIS_MISSING, epoch) and holds(
            rules.paired_care_types[epoch], block.care_type[i]
        ):
            block.reasons[i] |= UNPAIRED
