"""VISIT_COPAY and the copayment: the insured's part.

In: a block, with the copayment terms that entitlement.py found. Out: `copay_mnt` and `fund_mnt` of payable claims.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Scratch, payable
from daatgal_engine.book import Records
from daatgal_engine.columns import NO_CODE, ZERO
from daatgal_engine.money import ten_thousandths
from daatgal_engine.rules import VISITS, Rule, ever_on, is_on
from daatgal_engine.sorting import stable_sort

VISIT_COPAY = np.int64(Rule.VISIT_COPAY)
YEAR_MONTHS = 12


@kernel
def visit_copay(block: Records, people: People, rules: Records, scratch: Scratch) -> None:
    """Set the rate of an insured's nth payable outpatient claim of the year, in claim order.

    It replaces rate and fixed amount of the copayment row; exemption and `keeps_copay` hold as they are.
    """
    if not ever_on(rules, VISIT_COPAY):
        return
    pick, year = scratch.pick, scratch.major
    for p in range(people.stays.size):
        count = ZERO
        for i in range(people.first[p], people.first[p + 1]):
            if block.care_type[i] != rules.outpatient[0] or not payable(block, i):
                continue
            if is_on(rules, VISIT_COPAY, block.epoch[i]):
                pick[count] = i
                year[i] = block.start_month[i] // YEAR_MONTHS
                scratch.minor[i] = 0
                count += 1
        stable_sort(pick, year, scratch.minor, (ZERO, count), scratch.spare)
        visit = 0
        for k in range(count):
            i = pick[k]
            visit = visit + 1 if k > 0 and year[i] == year[pick[k - 1]] else 0
            block.rate_bp[i] = rules.visit_rate_bp[block.epoch[i], min(visit, VISITS - 1)]


@kernel
def copayment(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """fund = payable - copay, on payable = gross - excess.

    copay = 0 if exempt, a fixed amount at most `payable`, else half_up(payable * rate_bp, 10 000). Source: 3.2.3.
    """
    for i in range(block.size):
        if not payable(block, i):
            continue
        payable_mnt = block.gross_mnt[i] - block.excess_mnt[i]
        if block.exempt[i]:
            copay_mnt = np.int64(0)
        elif block.rate_bp[i] == NO_CODE:
            copay_mnt = min(block.fixed_mnt[i], payable_mnt)
        else:
            copay_mnt = ten_thousandths(payable_mnt, np.int64(block.rate_bp[i]))
        block.copay_mnt[i] = copay_mnt
        block.fund_mnt[i] = payable_mnt - copay_mnt
