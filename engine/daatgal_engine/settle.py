"""Settle: the payment rules over one bucket of people after another. A group scan.

In: the CLAIM records of a batch, and the rows of a bucket. Out: the outcome of each claim, in its record.
People are independent, so buckets run in any order and on any thread. Source: rules.md §3, whose order
is the table `PHASES`.
"""

import numpy as np

from daatgal_engine.block import CLAIM, copy_claims, new_scratch, open_cases, write_back
from daatgal_engine.book import Records
from daatgal_engine.columns import I64, Ids
from daatgal_engine.people import arrange
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


def settle_bucket(insured: Ids, claim: Ids, claims: Records, rows: I64, rules: Records) -> None:
    """Settle the people whose standing claims are the `rows` of the CLAIM records `claims`.

    The claims are copied together once, arranged and scanned there, and written back. The kernels are called one after
    the other from here: a kernel that called them all would be compiled with all of them inside, which takes longer
    than a night.
    """
    gathered, block = np.recarray(rows.size, CLAIM), np.recarray(rows.size, CLAIM)
    copy_claims(claims, rows, gathered)
    order, person = arrange(insured, claim, gathered)
    order.setflags(write=False)
    copy_claims(gathered, order, block)
    open_cases(block)
    scratch = new_scratch(rows.size)
    for phase in PHASES:
        phase(block, person, rules, scratch)
    write_back(block, claims)
