"""EXACT_DUPLICATE: the same claim under another id.

In: a block. Out: the later of two equal claims denied, with the first as evidence.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import find_firsts, keep_shared
from daatgal_engine.block import People, Scratch, deny_for, payable
from daatgal_engine.book import Records
from daatgal_engine.columns import ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, is_on

RULE = np.int64(Rule.EXACT_DUPLICATE)
REASON = bit(Reason.EXACT_DUPLICATE)
INSTANT_WORDS, WORDS = np.array([2, 13])
"""Of the keys below."""


@kernel
def collect_simultaneous(block: Records, people: People, rules: Records, scratch: Scratch) -> Int:
    """Payable claims that start at the very instant at which another one of their person does.

    Writes: `scratch.pick`; `scratch.major`, the person by position.
    """
    pick, key, person = scratch.pick, scratch.key, scratch.major
    count = ZERO
    for p in range(people.stays.size):
        for i in range(people.first[p], people.first[p + 1]):
            if payable(block, i) and is_on(rules, RULE, block.epoch[i]):
                pick[count] = i
                person[i] = p
                key[count, 0] = p
                key[count, 1] = block.start_s[i]
                count += 1
    find_firsts(key, count, INSTANT_WORDS, scratch.table, scratch.first)
    return keep_shared(pick, scratch.first, count, scratch.tally)


@kernel
def exact_duplicate(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny a claim equal to an earlier one in all that is paid for; nulls are equal.

    Key: person, facility, care type, start and end instant, icd10, DRG used, service, department, quantity, billed,
    site, set of procedures. Most claims are alone at their instant, and need no key.
    """
    key, pick = scratch.key, scratch.pick
    count = collect_simultaneous(block, people, rules, scratch)
    for k in range(count):
        i = pick[k]
        key[k, 0] = scratch.major[i]
        key[k, 1] = block.start_s[i]
        key[k, 2] = block.end_s[i]
        key[k, 3] = block.facility[i]
        key[k, 4] = block.care_type[i]
        key[k, 5] = np.int64(block.icd10[i])
        key[k, 6] = block.drg[i]
        key[k, 7] = block.service[i]
        key[k, 8] = block.department[i]
        key[k, 9] = block.quantity[i]
        key[k, 10] = block.billed_mnt[i]
        key[k, 11] = block.site[i]
        key[k, 12] = block.procedure_set[i]
    find_firsts(key, count, WORDS, scratch.table, scratch.first)
    for k in range(count):
        if scratch.first[k] != k:
            deny_for(block, pick[k], REASON, pick[scratch.first[k]])
