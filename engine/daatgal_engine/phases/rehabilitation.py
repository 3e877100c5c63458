"""REHAB_SESSIONS: the sessions of a month are one case.

In: a block. Out: one claim paid and the others merged into it, or all denied when the sessions are too few.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import find_firsts
from daatgal_engine.block import People, Scratch, deny, merge_into, payable, unite
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import ZERO, Int
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, alone, holds, is_on

RULE = np.int64(Rule.REHAB_SESSIONS)
MERGED_SESSIONS = bit(Reason.REHAB_SESSIONS)
TOO_FEW_SESSIONS = bit(Reason.TOO_FEW_SESSIONS)
MONTH_WORDS = np.int64(3)


@kernel
def collect_sessions(block: Records, people: People, rules: Records, scratch: Scratch) -> Int:
    """Payable rehabilitation and traditional claims of at most 24 hours; key: person, facility, month."""
    pick, key = scratch.pick, scratch.key
    among = alone(rules.rehabilitation[0]) | alone(rules.traditional[0])
    count = ZERO
    for p in range(people.stays.size):
        if people.care_types[p] & among == 0:
            continue
        for i in range(people.first[p], people.first[p + 1]):
            if not holds(among, block.care_type[i]) or block.end_s[i] - block.start_s[i] > DAY_S:
                continue
            if payable(block, i) and is_on(rules, RULE, block.epoch[i]):
                pick[count] = i
                key[count, 0] = p
                key[count, 1] = block.facility[i]
                key[count, 2] = block.start_month[i]
                count += 1
    return count


@kernel
def rehab_sessions(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Pay a month's sessions once, at the first rehabilitation claim (the first claim, if there is none).

    The quantities must reach the `sessions` of the month's first claim. Source: 3.9.4.
    """
    pick, first, sessions, paid = scratch.pick, scratch.first, scratch.tally, scratch.reach
    rehabilitation = rules.rehabilitation[0]
    count = collect_sessions(block, people, rules, scratch)
    find_firsts(scratch.key, count, MONTH_WORDS, scratch.table, first)
    for k in range(count):
        if first[k] == k:
            sessions[k] = 0
            paid[k] = pick[k]
        leader = first[k]
        sessions[leader] += block.quantity[pick[k]]
        if block.care_type[paid[leader]] != rehabilitation and block.care_type[pick[k]] == rehabilitation:
            paid[leader] = pick[k]
    for k in range(count):
        i, leader = pick[k], first[k]
        unite(block, i, pick[leader])
        if sessions[leader] < rules.rehab_sessions[block.epoch[pick[leader]]]:
            deny(block, i, TOO_FEW_SESSIONS)
        elif i != paid[leader]:
            merge_into(block, i, MERGED_SESSIONS, paid[leader])
