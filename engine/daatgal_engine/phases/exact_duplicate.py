"""EXACT_DUPLICATE: the same claim under another id.

In: a block. Out: the later of two equal claims denied, with the first as evidence.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import find_firsts
from daatgal_engine.block import Scratch, deny_for, payable
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, ZERO
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, is_on

RULE = np.int64(Rule.EXACT_DUPLICATE)
REASON = bit(Reason.EXACT_DUPLICATE)
WORDS = np.int64(12)


@kernel
def exact_duplicate(block: Records, person: I64, rules: Records, scratch: Scratch) -> None:
    """Deny a claim equal to an earlier one in all that is paid for; nulls are equal.

    Key: facility, care type, start and end instant, icd10, DRG used, service, department, quantity, billed, site,
    set of procedures.
    """
    key = scratch.key
    for p in range(person.size - 1):
        low, high = person[p], person[p + 1]
        if high - low < 2:
            continue
        count = ZERO
        for i in range(low, high):
            if not payable(block, i) or not is_on(rules, RULE, block.epoch[i]):
                continue
            scratch.pick[count] = i
            key[count, 0] = block.start_s[i]
            key[count, 1] = block.end_s[i]
            key[count, 2] = block.facility[i]
            key[count, 3] = block.care_type[i]
            key[count, 4] = np.int64(block.icd10[i])
            key[count, 5] = block.drg[i]
            key[count, 6] = block.service[i]
            key[count, 7] = block.department[i]
            key[count, 8] = block.quantity[i]
            key[count, 9] = block.billed_mnt[i]
            key[count, 10] = block.site[i]
            key[count, 11] = block.procedure_set[i]
            count += 1
        if count < 2:
            continue
        find_firsts(key, count, WORDS, scratch.table, scratch.first)
        for k in range(count):
            if scratch.first[k] != k:
                deny_for(block, scratch.pick[k], REASON, scratch.pick[scratch.first[k]])
