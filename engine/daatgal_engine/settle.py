"""Settle: the payment rules over one bucket of people after another. A group scan.

In: a batch that is priced, and the rows of a bucket. Out: the outcome of each claim, written to its row of `Outcome`.
People are independent, so buckets run in any order and on any thread. Source: rules.md §3, whose order
is the table `PHASES`.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.block import CLAIM, Batch, first_of_case, gather, gather_assessed, new_scratch
from daatgal_engine.book import Records
from daatgal_engine.columns import I8, I64, U64
from daatgal_engine.people import Arrival, arrange
from daatgal_engine.phases.bundled import bundled_in_stay
from daatgal_engine.phases.caps import diagnostics_cap, year_limit
from daatgal_engine.phases.copayment import copayment, deduct, visit_copay
from daatgal_engine.phases.entitled import coverage, eligibility, order_required
from daatgal_engine.phases.exact_duplicate import exact_duplicate
from daatgal_engine.phases.flags import (
    overlapping_stay,
    paired_diagnosis_missing,
    suspect_duplicate,
    visit_too_short,
)
from daatgal_engine.phases.rehabilitation import rehab_sessions
from daatgal_engine.phases.repeats import once_a_year, positive_already, repeat_test, repeat_visit
from daatgal_engine.phases.stays import minimum_stay, ward_transfer
from daatgal_engine.reasons import Decision


class Outcome(NamedTuple):
    """What became of each claim: `n` rows, writable."""

    decision: I8
    reasons: U64
    related: I64
    """row, -1"""
    case: I64
    """row of the first claim of the case"""
    fund_mnt: I64
    copay_mnt: I64
    excess_mnt: I64
    deducted_mnt: I64


def voided_outcome(reasons: U64, related: I64) -> Outcome:
    """Every row voided, each its own case, which settling overwrites for the rows that stand."""
    rows = reasons.size
    return Outcome(
        decision=np.full(rows, Decision.VOIDED, np.int8),
        reasons=reasons.copy(),
        related=related.copy(),
        case=np.arange(rows, dtype=np.int64),
        fund_mnt=np.zeros(rows, np.int64),
        copay_mnt=np.zeros(rows, np.int64),
        excess_mnt=np.zeros(rows, np.int64),
        deducted_mnt=np.zeros(rows, np.int64),
    )


PHASES = (
    eligibility,
    coverage,
    order_required,
    exact_duplicate,
    ward_transfer,
    minimum_stay,
    bundled_in_stay,
    repeat_visit,
    positive_already,
    repeat_test,
    rehab_sessions,
    once_a_year,
    diagnostics_cap,
    visit_copay,
    copayment,
    year_limit,
    overlapping_stay,
    visit_too_short,
    suspect_duplicate,
    paired_diagnosis_missing,
    deduct,
)
"""The phases in their order; each looks only at claims still payable after the one before."""


@kernel
def scatter(block: Records, outcome: Outcome) -> None:
    """Write a block's outcome to the rows it came from."""
    for i in range(block.row.size):
        row = block.row[i]
        outcome.decision[row] = block.decision[i]
        outcome.reasons[row] = block.reasons[i]
        outcome.related[row] = block.related[i]
        outcome.case[row] = block.row[first_of_case(block, i)]
        outcome.fund_mnt[row] = block.fund_mnt[i]
        outcome.copay_mnt[row] = block.copay_mnt[i]
        outcome.excess_mnt[row] = block.excess_mnt[i]
        outcome.deducted_mnt[row] = block.deducted_mnt[i]


def settle_bucket(arrival: Arrival, batch: Batch, rows: I64, rules: Records, outcome: Outcome) -> None:
    """Settle the people whose standing claims are `rows`.

    The kernels are called one after the other from here: a kernel that called them all would be compiled with all of
    them inside, which takes longer than a night.
    """
    block = np.recarray(rows.size, CLAIM)
    arranged, person = arrange(arrival, rows)
    gather(batch.columns, batch.stay, arranged, block)
    gather_assessed(batch.related, (batch.place, batch.priced, batch.terms), arranged, block)
    scratch = new_scratch(rows.size)
    for phase in PHASES:
        phase(block, person, rules, scratch)
    scatter(block, outcome)
