"""Claims as records: what the phases read and write of a claim, and what the ledger reads of it.

In: what decode, the lines, placing, pricing and entitlement say of each claim. Out: one CLAIM record a standing claim,
at the seat that its person's bucket has for it, and one OUTCOME record a row. Row maps. Source: rules.md §0–§2.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import I8, I16, I32, I64, NEVER_S, U8, U64, ClaimColumns, Int
from daatgal_engine.reasons import UNPRICED, Decision
from daatgal_engine.standing import Told

PAID = np.int8(Decision.PAID)
REDUCED = np.int8(Decision.REDUCED)
MERGED = np.int8(Decision.MERGED)
DENIED = np.int8(Decision.DENIED)
VOIDED = np.int8(Decision.VOIDED)

CLAIM = np.dtype(
    [
        # the first cache line: what most phases look at
        ("start_s", "i8"),
        ("end_s", "i8"),
        ("icd10", "u8"),
        ("facility", "i4"),
        ("department", "i4"),
        ("service", "i4"),
        ("start_month", "i4"),
        ("epoch", "i2"),
        ("care_type", "i2"),
        ("decision", "i1"),  # written by the phases
        ("coverage", "i1"),
        ("level", "u1"),
        ("stay", "u1"),
        ("placed", "u1"),  # 1: a facility row is in force
        ("eligible", "u1"),
        ("by_item", "u1"),
        ("ordered", "u1"),
        ("order_listed", "u1"),
        ("positive", "u1"),
        ("screening", "u1"),
        ("cancer", "u1"),
        ("exempt", "u1"),
        ("row", "i4"),  # row in the batch
        # the second
        ("person_hash", "u8"),  # of the insured id
        ("presented_s", "i8"),
        ("gross_mnt", "i8"),
        ("reasons", "u8"),  # written by the phases, as are the next four
        ("case_start_s", "i8"),  # of the paid claim of a case: the first start and the latest end in it
        ("case_end_s", "i8"),
        ("related", "i4"),  # row in the batch, -1
        ("case", "i4"),  # position of an earlier claim of the case; a case's first claim has its own
        ("specialty", "i4"),
        ("site", "i4"),
        # the third
        ("billed_mnt", "i8"),
        ("fixed_mnt", "i8"),  # copayment, where `rate_bp` is NO_CODE
        ("fund_mnt", "i8"),  # written by the phases, as are the next two
        ("copay_mnt", "i8"),
        ("excess_mnt", "i8"),
        ("rate_bp", "i4"),  # also written by VISIT_COPAY
        ("procedure_set", "i4"),
        ("drg", "i4"),
        ("quantity", "i4"),
        ("death_day", "i4"),
    ],
    align=True,
)
"""What the phases read and write of a claim: three cache lines."""

OUTCOME = np.dtype(
    [
        # the first cache line: what settling writes
        ("fund_mnt", "i8"),
        ("copay_mnt", "i8"),
        ("excess_mnt", "i8"),
        ("deducted_mnt", "i8"),
        ("reasons", "u8"),
        ("related", "i8"),  # row in the batch, -1
        ("case", "i8"),  # row of the case's first claim
        ("decision", "i1"),
        # what pricing writes, row after row
        ("drg", "i4"),
        ("gross_mnt", "i8"),
        ("weight_e4", "i8"),  # NO_MNT: null
        ("base_mnt", "i8"),  # NO_MNT: null
        ("period_day", "i4"),  # NO_DAY: null
    ],
    align=True,
)
"""What the ledger says of a row."""


class PhaseColumns(NamedTuple):
    """The columns of `ClaimColumns` that the phases read, and what goes with them, by row."""

    start_s: I64
    end_s: I64
    facility: I32
    care_type: I16
    department: I32
    specialty: I32
    service: I32
    site: I32
    icd10: U64
    quantity: I32
    billed_mnt: I64
    positive: U8
    ordered: U8
    coverage: I8
    death_day: I32
    submitted_s: I64
    person_hash: U64
    procedure_set: I32
    """equal codes: equal sets of procedures"""


def phase_columns(claims: ClaimColumns, procedure_set: I32) -> PhaseColumns:
    """The same arrays, fewer of them."""
    return PhaseColumns(
        *(getattr(claims, name) for name in PhaseColumns._fields[:-2]),
        person_hash=claims.insured.hash,
        procedure_set=procedure_set,
    )


@kernel
def note_claims(
    columns: PhaseColumns,
    stay: U8,
    assessed: tuple[Records, Records, Records],
    seating: tuple[Int, I64],
    claims: Records,
) -> None:
    """Write what is known of each standing claim at its seat, once; without a price it is denied already.

    `assessed` are the PLACE, PRICED and TERMS records; `seating` the first row and the seat of each, -1 for none.
    """
    begin, seat = seating
    places, prices, all_terms = assessed
    for i in range(seat.size):
        if seat[i] < 0:
            continue
        claim, place, priced, terms = claims[seat[i]], places[i], prices[i], all_terms[i]
        claim.row = begin + i
        claim.person_hash = columns.person_hash[i]
        submitted_s = columns.submitted_s[i]
        claim.presented_s = submitted_s if submitted_s != NEVER_S else columns.end_s[i]
        claim.related = -1
        claim.start_s = columns.start_s[i]
        claim.end_s = columns.end_s[i]
        claim.case_start_s = columns.start_s[i]
        claim.case_end_s = columns.end_s[i]
        claim.facility = columns.facility[i]
        claim.care_type = columns.care_type[i]
        claim.stay = stay[columns.care_type[i]]
        claim.department = columns.department[i]
        claim.specialty = columns.specialty[i]
        claim.service = columns.service[i]
        claim.site = columns.site[i]
        claim.icd10 = columns.icd10[i]
        claim.quantity = columns.quantity[i]
        claim.billed_mnt = columns.billed_mnt[i]
        claim.positive = columns.positive[i]
        claim.ordered = columns.ordered[i]
        claim.coverage = columns.coverage[i]
        claim.death_day = columns.death_day[i]
        claim.procedure_set = columns.procedure_set[i]
        claim.decision = DENIED if priced.reasons & UNPRICED != 0 else PAID
        claim.reasons = priced.reasons
        claim.gross_mnt = priced.gross_mnt
        claim.drg = priced.drg
        claim.by_item = priced.by_item
        claim.epoch = place.epoch
        claim.start_month = place.start_month
        claim.level = place.level
        claim.placed = 1 if place.period >= 0 else 0
        claim.eligible = terms.eligible
        claim.cancer = terms.cancer
        claim.order_listed = terms.order_listed
        claim.screening = terms.screening
        claim.rate_bp = terms.rate_bp
        claim.fixed_mnt = terms.fixed_mnt
        claim.exempt = terms.exempt
        claim.fund_mnt = 0
        claim.copay_mnt = 0
        claim.excess_mnt = 0


@kernel
def note_outcomes(prices: Records, begin: Int, outcomes: Records) -> None:
    """Write what pricing says of each row: voided, a case of its own. Settling overwrites what stands."""
    for i in range(outcomes.size):
        outcome, priced = outcomes[i], prices[i]
        outcome.gross_mnt = priced.gross_mnt
        outcome.weight_e4 = priced.weight_e4
        outcome.base_mnt = priced.base_mnt
        outcome.drg = priced.drg
        outcome.period_day = priced.period_day
        outcome.decision = VOIDED
        outcome.reasons = 0
        outcome.related = -1
        outcome.case = begin + i
        outcome.fund_mnt = 0
        outcome.copay_mnt = 0
        outcome.excess_mnt = 0
        outcome.deducted_mnt = 0


@kernel
def note_told(told: Told, begin: Int, seat: I64, claims: Records, outcomes: Records) -> None:
    """Write over it what messages say of some of the rows, which are counted from `begin`."""
    for k in range(told.row.size):
        i = told.row[k] - begin
        outcomes[i].reasons = told.reasons[k]
        outcomes[i].related = told.related[k]
        if seat[i] >= 0:
            claims[seat[i]].related = told.related[k]
            claims[seat[i]].presented_s = told.presented_s[k]
