"""ELIGIBILITY, COVERAGE and ORDER_REQUIRED: what a claim must satisfy by itself.

In: a block. Out: denials. Each looks at one claim at a time.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import People, Scratch, deny, payable
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import COVERAGE_NONE, COVERAGE_UNCHECKED
from daatgal_engine.reasons import Reason, bit
from daatgal_engine.rules import Rule, ever_on, holds, is_on

ELIGIBILITY = np.int64(Rule.ELIGIBILITY)
COVERAGE = np.int64(Rule.COVERAGE)
ORDER_REQUIRED = np.int64(Rule.ORDER_REQUIRED)
NOT_ELIGIBLE = bit(Reason.NOT_ELIGIBLE)
NOT_COVERED = bit(Reason.NOT_COVERED)
AFTER_DEATH = bit(Reason.AFTER_DEATH)
ORDER_MISSING = bit(Reason.ORDER_MISSING)


@kernel
def eligibility(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Deny what the facility may not provide; no facility row in force denies whether the rule is on or off.

    Source: 3.2.1, 3.3.1–3.3.2, 3.4.1–3.4.2, 3.5.1–3.5.2, 3.6.1, 3.7.1, 3.8.1, 3.9.1, 3.10.1, 3.11.1, 3.12.1.
    """
    for i in range(block.size):
        if not payable(block, i):
            continue
        if not block.placed[i] or (is_on(rules, ELIGIBILITY, block.epoch[i]) and not block.eligible[i]):
            deny(block, i, NOT_ELIGIBLE)


@kernel
def coverage(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Deny services to people without cover on the start day, or after their death."""
    if not ever_on(rules, COVERAGE):
        return
    for i in range(block.size):
        epoch = block.epoch[i]
        if (
            block.coverage[i] == COVERAGE_UNCHECKED
            or not payable(block, i)
            or not is_on(rules, COVERAGE, epoch)
        ):
            continue
        if holds(rules.coverage_exempt[epoch], block.care_type[i]):
            continue
        if block.coverage[i] == COVERAGE_NONE:
            deny(block, i, NOT_COVERED)
        elif block.start_s[i] // DAY_S > block.death_day[i]:
            deny(block, i, AFTER_DEATH)


@kernel
def order_required(block: Records, people: People, rules: Records, scratch: Scratch) -> None:  # noqa: ARG001
    """Deny a service that needs a doctor's order and has none."""
    if not ever_on(rules, ORDER_REQUIRED):
        return
    for i in range(block.size):
        epoch = block.epoch[i]
        if block.ordered[i] or not payable(block, i) or not is_on(rules, ORDER_REQUIRED, epoch):
            continue
        if holds(rules.order_care_types[epoch], block.care_type[i]) or block.order_listed[i]:
            deny(block, i, ORDER_MISSING)
