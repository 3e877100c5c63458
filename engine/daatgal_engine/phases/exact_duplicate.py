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
WORDS = np.int64(12)
INSTANT_WORDS = np.int64(1)


@kernel
def collect_simultaneous(block: Records, rules: Records, low_high: tuple[Int, Int], scratch: Scratch) -> Int:
    """Payable claims that start at the very instant at which another one does."""
    count = ZERO
    if low_high[1] - low_high[0] < 2:
        return count
    for i in range(low_high[0], low_high[1]):
        if payable(block, i) and is_on(rules, RULE, block.epoch[i]):
            scratch.pick[count] = i
            scratch.key[count, 0] = block.start_s[i]
            count += 1
    find_firsts(scratch.key, count, INSTANT_WORDS, scratch.table, scratch.first)
    return keep_shared(scratch.pick, scratch.first, count, scratch.tally)


@kernel
def note_keys(block: Records, scratch: Scratch, count: Int) -> None:
    """Write all that must be equal of each picked claim."""
    key = scratch.key
    for k in range(count):
        i = scratch.pick[k]
        key[k, 0] = block.start_s[i]
        key[k, 1] = block.end_s[i]
        key[k, 2] = block.facility[i]
        key[k, 3] = block.care_type[i]
        key[k, 4] = np.int64(block.icd10[i])
        key[k, 5] = block.drg[i]
        key[k, 6] = block.service[i]
        key[k, 7] = block.department[i]
        key[k, 8] = block.quantity[i]
        key[k, 9] = block.billed_mnt[i]
        key[k, 10] = block.site[i]
        key[k, 11] = block.procedure_set[i]


@kernel
def exact_duplicate(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Deny a claim equal to an earlier one in all that is paid for; nulls are equal.

    Key: facility, care type, start and end instant, icd10, DRG used, service, department, quantity, billed, site,
    set of procedures. Most claims are alone at their instant, and need no key.
    """
    for p in range(people.stays.size):
        count = collect_simultaneous(block, rules, (people.first[p], people.first[p + 1]), scratch)
        if count == 0:
            continue
        note_keys(block, scratch, count)
        find_firsts(scratch.key, count, WORDS, scratch.table, scratch.first)
        for k in range(count):
            if scratch.first[k] != k:
                deny_for(block, scratch.pick[k], REASON, scratch.pick[scratch.first[k]])
