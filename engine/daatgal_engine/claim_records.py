"""Claims as records: what is known of a claim before it is settled, and what the phases read and write of it.

In: what decode, the lines, placing, pricing and entitlement say of each claim. Out: one SEATED record a standing claim,
at the seat that its person's bucket has for it, which the group scan unfolds into a CLAIM. A row map. Source: rules.md
§0–§2.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.ahead import ask_for
from daatgal_engine.book import Record, Records
from daatgal_engine.columns import I8, I16, I32, I64, NEVER_S, U8, U64, ClaimColumns, Int
from daatgal_engine.reasons import UNPRICED, Decision

PAID = np.int8(Decision.PAID)
REDUCED = np.int8(Decision.REDUCED)
MERGED = np.int8(Decision.MERGED)
DENIED = np.int8(Decision.DENIED)

AHEAD = np.int64(12)
"""So many claims before it is written, a record is asked for."""

_MARKS = [
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
]
"""What is yes, no or little of a claim, the same before and while it is settled."""

SEATED = np.dtype(
    [
        # the first cache line: by what people are told apart and their claims put in order, and more
        ("person_hash", "u8"),  # of the insured id
        ("icd10", "u8"),
        ("gross_mnt", "i8"),
        ("reasons", "u8"),
        ("presented_s", "u4"),  # every time that a claim may carry fits
        ("start_s", "u4"),
        ("end_s", "u4"),
        ("row", "i4"),  # row in the batch
        ("facility", "i4"),
        ("department", "i4"),
        ("service", "i4"),
        ("epoch", "i2"),
        ("care_type", "i2"),
        # the second
        ("billed_mnt", "i8"),
        ("fixed_mnt", "i8"),  # copayment, where `rate_bp` is NO_CODE
        ("specialty", "i4"),
        ("site", "i4"),
        ("procedure_set", "i4"),
        ("drg", "i4"),
        ("quantity", "i4"),
        ("rate_bp", "i4"),
        ("related", "i4"),  # row in the batch, -1
        ("death_day", "i4"),
        ("start_month", "i2"),
        ("decision", "i1"),
        *_MARKS,
    ],
    align=True,
)
"""What is known of a claim before it is settled: two cache lines, since it is written once anywhere in memory."""

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
        *_MARKS,
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
        soon = seat[min(i + AHEAD, seat.size - 1)]
        if soon >= 0:
            ask_for(claims, soon)
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


@kernel
def unfold(seated: Record, claim: Record) -> None:
    """Write a claim as the phases see it, from what was known of it: nothing paid yet, a case of its own."""
    claim.start_s = seated.start_s
    claim.end_s = seated.end_s
    claim.icd10 = seated.icd10
    claim.facility = seated.facility
    claim.department = seated.department
    claim.service = seated.service
    claim.start_month = seated.start_month
    claim.epoch = seated.epoch
    claim.care_type = seated.care_type
    claim.decision = seated.decision
    claim.coverage = seated.coverage
    claim.level = seated.level
    claim.stay = seated.stay
    claim.placed = seated.placed
    claim.eligible = seated.eligible
    claim.by_item = seated.by_item
    claim.ordered = seated.ordered
    claim.order_listed = seated.order_listed
    claim.positive = seated.positive
    claim.screening = seated.screening
    claim.cancer = seated.cancer
    claim.exempt = seated.exempt
    claim.row = seated.row
    claim.person_hash = seated.person_hash
    claim.presented_s = seated.presented_s
    claim.gross_mnt = seated.gross_mnt
    claim.reasons = seated.reasons
    claim.related = seated.related
    claim.specialty = seated.specialty
    claim.site = seated.site
    claim.billed_mnt = seated.billed_mnt
    claim.fixed_mnt = seated.fixed_mnt
    claim.rate_bp = seated.rate_bp
    claim.procedure_set = seated.procedure_set
    claim.drg = seated.drg
    claim.quantity = seated.quantity
    claim.death_day = seated.death_day
    claim.case_start_s = seated.start_s
    claim.case_end_s = seated.end_s
    claim.fund_mnt = 0
    claim.copay_mnt = 0
    claim.excess_mnt = 0
