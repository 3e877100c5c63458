"""Claims as records, and blocks of people: what the phases read and write.

In: what decode, the lines, placing, pricing and entitlement say of each claim. Out: one CLAIM record a claim; and
blocks of them, arranged by person and claim order, so that a phase scans neighbours in memory and "first" means the
lower position. `person` holds where each person's claims begin (people + 1). Source: rules.md §1, §3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import KEY_WORDS
from daatgal_engine.book import Records
from daatgal_engine.columns import I8, I16, I32, I64, U8, U64, ClaimColumns, Element, Int
from daatgal_engine.reasons import UNPRICED, Decision

PAID = np.int8(Decision.PAID)
REDUCED = np.int8(Decision.REDUCED)
MERGED = np.int8(Decision.MERGED)
DENIED = np.int8(Decision.DENIED)
VOIDED = np.int8(Decision.VOIDED)


CLAIM = np.dtype(
    [
        ("row", "i8"),  # row in the batch
        ("person_hash", "u8"),  # of the insured id
        ("presented_s", "i8"),
        ("start_s", "i8"),
        ("end_s", "i8"),
        ("icd10", "u8"),
        ("billed_mnt", "i8"),
        ("gross_mnt", "i8"),
        ("weight_e4", "i8"),  # NO_MNT: null; for the ledger, as are the next and `period_day`
        ("base_mnt", "i8"),  # NO_MNT: null
        ("fixed_mnt", "i8"),  # copayment, where `rate_bp` is NO_CODE
        ("reasons", "u8"),  # written by the phases, as are all columns down to `case_end_s`
        ("related", "i8"),  # row in the batch, -1
        ("case", "i8"),  # position of an earlier claim of the case; a case's first claim has its own
        ("fund_mnt", "i8"),
        ("copay_mnt", "i8"),
        ("excess_mnt", "i8"),
        ("deducted_mnt", "i8"),
        ("case_start_s", "i8"),  # of the paid claim of a case: the first start and the latest end in it
        ("case_end_s", "i8"),
        ("start_month", "i4"),
        ("facility", "i4"),
        ("department", "i4"),
        ("specialty", "i4"),
        ("service", "i4"),
        ("site", "i4"),
        ("procedure_set", "i4"),
        ("drg", "i4"),
        ("period_day", "i4"),  # NO_DAY: null
        ("quantity", "i4"),
        ("death_day", "i4"),
        ("rate_bp", "i4"),  # also written by VISIT_COPAY
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
    ],
    align=True,
)
"""What the phases read and write of a claim, in one record: a person's claims are copied together and scanned there."""


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


class Scratch(NamedTuple):
    """Working memory of a block of `m` positions."""

    pick: I64
    """positions under consideration"""
    first: I64
    """per pick, the first pick with an equal key"""
    key: I64
    """(m, KEY_WORDS)"""
    table: I64
    major: I64
    """by position, as is `minor`: sort keys"""
    minor: I64
    spare: I64
    reach: I64
    """per pick: the latest end so far"""
    tally: I64
    """per pick: a running number"""


@kernel
def note_decoded(columns: PhaseColumns, stay: U8, begin: Int, claims: Records) -> None:
    """Write what decode says of each claim; row `begin` is the first."""
    for i in range(claims.size):
        claim = claims[i]
        claim.row = begin + i
        claim.person_hash = columns.person_hash[i]
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


@kernel
def note_lines(reasons: U64, related: I64, presented_s: I64, begin: Int, claims: Records) -> None:
    """Write what its line makes of each claim: voided and a case of its own, which settling overwrites if it stands."""
    for i in range(claims.size):
        claim = claims[i]
        claim.decision = VOIDED
        claim.reasons = reasons[i]
        claim.related = related[i]
        claim.presented_s = presented_s[i]
        claim.case = begin + i
        claim.fund_mnt = 0
        claim.copay_mnt = 0
        claim.excess_mnt = 0
        claim.deducted_mnt = 0


@kernel
def note_assessed(places: Records, prices: Records, all_terms: Records, claims: Records) -> None:
    """Write what placing, pricing and entitlement say of each claim; without a price it is denied already."""
    for i in range(claims.size):
        claim, place, priced, terms = claims[i], places[i], prices[i], all_terms[i]
        claim.gross_mnt = priced.gross_mnt
        claim.weight_e4 = priced.weight_e4
        claim.base_mnt = priced.base_mnt
        claim.period_day = priced.period_day
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
        if place.standing != 0:
            claim.reasons = priced.reasons
            claim.decision = DENIED if priced.reasons & UNPRICED != 0 else PAID


@kernel
def copy_claims(source: Records, rows: I64, out: Records) -> None:
    """out[i] = source[rows[i]]"""
    for i in range(rows.size):
        out[i] = source[rows[i]]


@kernel
def open_cases(block: Records) -> None:
    """Make every claim of a block a case of its own, by position."""
    for i in range(block.size):
        block[i].case = i


@kernel
def write_back(block: Records, claims: Records) -> None:
    """Copy each claim of a block to its row, with the row of its case's first claim in place of the position."""
    for i in range(block.size):
        row = block[i].row
        first = block[first_of_case(block, i)].row
        claims[row] = block[i]
        claims[row].case = first


@kernel
def payable(block: Records, i: Int) -> bool:
    """Whether the claim at position `i` is neither denied nor merged so far."""
    return block.decision[i] <= REDUCED


@kernel
def deny(block: Records, i: Int, reason: np.uint64) -> None:
    """Deny the claim at position `i`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason


@kernel
def deny_for(block: Records, i: Int, reason: np.uint64, evidence: Element) -> None:
    """Deny the claim at position `i` because of the claim at position `evidence`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason
    block.related[i] = block[evidence].row


@kernel
def merge_into(block: Records, i: Int, reason: np.uint64, paid: Element) -> None:
    """Merge the claim at position `i` into the case paid at position `paid`."""
    block.decision[i] = MERGED
    block.reasons[i] |= reason
    block.related[i] = block[paid].row


@kernel
def first_of_case(block: Records, i: Int) -> Int:
    """The position of the first claim of the case of position `i`; the way to it is halved for who asks next."""
    while block.case[i] != i:
        block.case[i] = block.case[block.case[i]]
        i = block.case[i]
    return i


@kernel
def unite(block: Records, a: Int, b: Element) -> None:
    """Make the cases of two claims one; its first claim is the earlier of their first ones."""
    a, b = first_of_case(block, a), first_of_case(block, b)
    block.case[max(a, b)] = min(a, b)


@kernel
def new_scratch(claims: Int) -> Scratch:
    """Working memory for a block of `claims` positions."""
    slots = 2
    while slots < 2 * claims:
        slots *= 2
    return Scratch(
        np.empty(claims, np.int64),
        np.empty(claims, np.int64),
        np.empty((claims, KEY_WORDS), np.int64),
        np.empty(slots, np.int64),
        np.empty(claims, np.int64),
        np.empty(claims, np.int64),
        np.empty(claims, np.int64),
        np.empty(claims, np.int64),
        np.empty(claims, np.int64),
    )
