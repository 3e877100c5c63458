"""REPEAT_VISIT, POSITIVE_ALREADY, REPEAT_TEST and ONCE_A_YEAR: what was already done is not paid again.

In: a block. Out: the later ones denied, with the first as evidence.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import find_firsts
from daatgal_engine.block import People, Scratch, deny_for, payable
from daatgal_engine.book import Records
from daatgal_engine.columns import NO_CODE, ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, alone, ever_among, ever_on, holds, is_on

REPEAT_VISIT = np.int64(Rule.REPEAT_VISIT)
POSITIVE_ALREADY = np.int64(Rule.POSITIVE_ALREADY)
REPEAT_TEST = np.int64(Rule.REPEAT_TEST)
ONCE_A_YEAR = np.int64(Rule.ONCE_A_YEAR)
VISIT_REPEATED = bit(Reason.REPEAT_VISIT)
KNOWN_POSITIVE = bit(Reason.POSITIVE_ALREADY)
TEST_REPEATED = bit(Reason.REPEAT_TEST)
SECOND_IN_A_YEAR = bit(Reason.ONCE_A_YEAR)
MONTHS = 12
VISIT_WORDS, CODE_WORDS, TEST_WORDS, YEAR_WORDS = np.array([6, 2, 6, 3])
"""Of the keys below."""


@kernel
def repeat_visit(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny a later visit for the same diagnosis in another cabinet of the same specialty in the same month.

    Key: person, care type, facility, specialty, month, icd10 cut to `icd10_chars`. In the same cabinet a follow-up is a
    case of its own (3.3.5), or is denied too where the first visit's `same_cabinet` is one_per_month. Source: 3.3.6.
    """
    key, pick = scratch.key, scratch.pick
    visits = ever_among(rules, REPEAT_VISIT, rules.repeat_visit_care_types)
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & visits == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            epoch = block.epoch[i]
            if not holds(rules.repeat_visit_care_types[epoch], block.care_type[i]) or not payable(block, i):
                continue
            if (
                block.specialty[i] == NO_CODE
                or block.department[i] == NO_CODE
                or not is_on(rules, REPEAT_VISIT, epoch)
            ):
                continue
            pick[count] = i
            key[count, 0] = p
            key[count, 1] = block.facility[i]
            key[count, 2] = block.start_month[i]
            key[count, 3] = np.int64(block.icd10[i] & rules.repeat_visit_icd10_mask[epoch])
            key[count, 4] = block.specialty[i]
            key[count, 5] = block.care_type[i]
            count += 1
    find_firsts(key, count, VISIT_WORDS, scratch.table, scratch.first)
    for k in range(count):
        first, i = pick[scratch.first[k]], pick[k]
        elsewhere = block.department[i] != block.department[first]
        if i != first and (elsewhere or rules.repeat_visit_one_per_month[block.epoch[first]]):
            deny_for(block, i, VISIT_REPEATED, first)


@kernel
def collect_tests(block: Records, people: People, rules: Records, scratch: Scratch) -> Int:
    """Tests of listed codes that are payable, or positive whatever became of them; key: person, service."""
    pick, key = scratch.pick, scratch.key
    tests = alone(rules.diagnostics[0]) if ever_on(rules, POSITIVE_ALREADY) else np.uint64(0)
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & tests == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            if block.care_type[i] != rules.diagnostics[0] or not block.screening[i]:
                continue
            if (payable(block, i) or block.positive[i]) and is_on(rules, POSITIVE_ALREADY, block.epoch[i]):
                pick[count] = i
                key[count, 0] = p
                key[count, 1] = block.service[i]
                count += 1
    return count


@kernel
def positive_already(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny a screening test that starts after a registered positive of the same code, at any time, anywhere.

    A registered positive counts whether or not its claim is paid. Source: 3.5.7.
    """
    pick, first, earliest = scratch.pick, scratch.first, scratch.tally
    count = collect_tests(block, people, rules, scratch)
    find_firsts(scratch.key, count, CODE_WORDS, scratch.table, first)
    for k in range(count):
        earliest[k] = -1
    for k in range(count):
        i, best = pick[k], earliest[first[k]]
        if block.positive[i] and (best < 0 or block.start_s[i] < block.start_s[best]):
            earliest[first[k]] = i
    for k in range(count):
        i, best = pick[k], earliest[first[k]]
        if best < 0 or not payable(block, i):
            continue
        if block.start_s[best] < block.start_s[i] or (block.start_s[best] == block.start_s[i] and best < i):
            deny_for(block, i, KNOWN_POSITIVE, best)


@kernel
def repeat_test(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny the same test again in the same month in a facility of the same level.

    Key: person, care type, service, month, level, site. Source: 3.5.8.
    """
    key, pick = scratch.key, scratch.pick
    tests = ever_among(rules, REPEAT_TEST, rules.repeat_test_care_types)
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & tests == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            epoch = block.epoch[i]
            if (
                not holds(rules.repeat_test_care_types[epoch], block.care_type[i])
                or block.service[i] == NO_CODE
            ):
                continue
            if payable(block, i) and is_on(rules, REPEAT_TEST, epoch):
                pick[count] = i
                key[count, 0] = p
                key[count, 1] = block.service[i]
                key[count, 2] = block.start_month[i]
                key[count, 3] = block.level[i]
                key[count, 4] = block.site[i]
                key[count, 5] = block.care_type[i]
                count += 1
    find_firsts(key, count, TEST_WORDS, scratch.table, scratch.first)
    for k in range(count):
        if scratch.first[k] != k:
            deny_for(block, pick[k], TEST_REPEATED, pick[scratch.first[k]])


@kernel
def once_a_year(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny a second claim of a care type in a calendar year."""
    key, pick = scratch.key, scratch.pick
    yearly = ever_among(rules, ONCE_A_YEAR, rules.once_a_year_care_types)
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & yearly == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            epoch = block.epoch[i]
            if not holds(rules.once_a_year_care_types[epoch], block.care_type[i]) or not payable(block, i):
                continue
            if is_on(rules, ONCE_A_YEAR, epoch):
                pick[count] = i
                key[count, 0] = p
                key[count, 1] = block.care_type[i]
                key[count, 2] = block.start_month[i] // MONTHS
                count += 1
    find_firsts(key, count, YEAR_WORDS, scratch.table, scratch.first)
    for k in range(count):
        if scratch.first[k] != k:
            deny_for(block, pick[k], SECOND_IN_A_YEAR, pick[scratch.first[k]])
