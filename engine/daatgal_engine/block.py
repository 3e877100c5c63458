"""One block of people, gathered: what the phases read and write.

In: the columns of a batch and a list of its rows, arranged by person and claim order. Out: a block of CLAIM records
whose *positions* stand in that order, so that a phase scans neighbours in memory and "first" means the lower position;
`person` holds where each person's claims begin (people + 1). Source: rules.md §1, §3.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.alike import KEY_WORDS
from daatgal_engine.book import Records
from daatgal_engine.columns import I8, I16, I32, I64, U8, U64, ClaimColumns
from daatgal_engine.reasons import UNPRICED, Decision

PAID = np.int8(Decision.PAID)
REDUCED = np.int8(Decision.REDUCED)
MERGED = np.int8(Decision.MERGED)
DENIED = np.int8(Decision.DENIED)


class PhaseColumns(NamedTuple):
    """The columns of `ClaimColumns` that only the phases read, and the sets of procedures."""

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
    procedure_set: I32
    """equal codes: equal sets of procedures"""


def phase_columns(claims: ClaimColumns, procedure_set: I32) -> PhaseColumns:
    """The same arrays, fewer of them."""
    return PhaseColumns(*(getattr(claims, name) for name in PhaseColumns._fields[:-1]), procedure_set)


class Batch(NamedTuple):
    """What the phases read of a batch, by row."""

    columns: PhaseColumns
    related: I64
    place: Records
    """PLACE"""
    priced: Records
    """PRICED"""
    terms: Records
    """TERMS"""
    stay: U8
    """by care type"""


CLAIM = np.dtype(
    [
        ("row", "i8"),  # row in the batch
        ("start_s", "i8"),
        ("end_s", "i8"),
        ("icd10", "u8"),
        ("billed_mnt", "i8"),
        ("gross_mnt", "i8"),
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
"""A claim of a block: what the phases read and write, in one record so that a person's claims are neighbours."""


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
def gather(columns: PhaseColumns, stay: U8, rows: I64, block: Records) -> None:
    """Copy what decode says of `rows` into `block`."""
    for i in range(rows.size):
        row = rows[i]
        claim = block[i]
        claim.row = row
        claim.start_s = columns.start_s[row]
        claim.end_s = columns.end_s[row]
        claim.case_start_s = columns.start_s[row]
        claim.case_end_s = columns.end_s[row]
        claim.facility = columns.facility[row]
        claim.care_type = columns.care_type[row]
        claim.stay = stay[columns.care_type[row]]
        claim.department = columns.department[row]
        claim.specialty = columns.specialty[row]
        claim.service = columns.service[row]
        claim.site = columns.site[row]
        claim.icd10 = columns.icd10[row]
        claim.quantity = columns.quantity[row]
        claim.billed_mnt = columns.billed_mnt[row]
        claim.positive = columns.positive[row]
        claim.ordered = columns.ordered[row]
        claim.coverage = columns.coverage[row]
        claim.death_day = columns.death_day[row]
        claim.procedure_set = columns.procedure_set[row]


@kernel
def gather_assessed(related: I64, assessed: tuple[Records, Records, Records], rows: I64, block: Records) -> None:
    """Copy what placing, pricing and entitlement say of `rows`; a claim without a price is denied already."""
    places, prices, all_terms = assessed
    for i in range(rows.size):
        row = rows[i]
        claim, place, priced, terms = block[i], places[row], prices[row], all_terms[row]
        claim.epoch = place.epoch
        claim.start_month = place.start_month
        claim.level = place.level
        claim.placed = 1 if place.period >= 0 else 0
        claim.gross_mnt = priced.gross_mnt
        claim.drg = priced.drg
        claim.by_item = priced.by_item
        claim.reasons = priced.reasons
        claim.decision = DENIED if priced.reasons & UNPRICED != 0 else PAID
        claim.related = related[row]
        claim.eligible = terms.eligible
        claim.cancer = terms.cancer
        claim.order_listed = terms.order_listed
        claim.screening = terms.screening
        claim.rate_bp = terms.rate_bp
        claim.fixed_mnt = terms.fixed_mnt
        claim.exempt = terms.exempt
        claim.case = i
        claim.fund_mnt = 0
        claim.copay_mnt = 0
        claim.excess_mnt = 0
        claim.deducted_mnt = 0


@kernel
def payable(block: Records, i: int) -> bool:
    """Whether the claim at position `i` is neither denied nor merged so far."""
    return block.decision[i] <= REDUCED


@kernel
def deny(block: Records, i: int, reason: np.uint64) -> None:
    """Deny the claim at position `i`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason


@kernel
def deny_for(block: Records, i: int, reason: np.uint64, evidence: int) -> None:
    """Deny the claim at position `i` because of the claim at position `evidence`."""
    block.decision[i] = DENIED
    block.reasons[i] |= reason
    block.related[i] = block.row[evidence]


@kernel
def merge_into(block: Records, i: int, reason: np.uint64, paid: int) -> None:
    """Merge the claim at position `i` into the case paid at position `paid`."""
    block.decision[i] = MERGED
    block.reasons[i] |= reason
    block.related[i] = block.row[paid]


@kernel
def first_of_case(block: Records, i: int) -> int:
    """The position of the first claim of the case that position `i` belongs to."""
    while block.case[i] != i:
        i = block.case[i]
    return i


@kernel
def unite(block: Records, a: int, b: int) -> None:
    """Make the cases of two claims one; its first claim is the earlier of their first ones."""
    a, b = first_of_case(block, a), first_of_case(block, b)
    block.case[max(a, b)] = min(a, b)


@kernel
def new_scratch(claims: int) -> Scratch:
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
