"""The whole of it: claims in, ledger and quarantine out, in the order of the rules."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from tests.oracle.book import Book, read_book
from tests.oracle.claim import Claim
from tests.oracle.decisions import decide_by_hand
from tests.oracle.decode import decode
from tests.oracle.messages import resolve
from tests.oracle.phases import PHASES
from tests.oracle.pricing import price
from tests.oracle.registers import Registers, read_registers

FLAGS = (
    "IGNORED_VALUE",
    "BILLED_ABOVE_TARIFF",
    "BILLED_BELOW_TARIFF",
    "OVERLAPPING_STAY",
    "VISIT_TOO_SHORT",
    "SUSPECT_DUPLICATE",
    "PAIRED_DIAGNOSIS_MISSING",
)


@dataclass(frozen=True)
class Result:
    ledger: list[dict]
    quarantine: list[dict]


def judge(
    claims: list[dict],
    *,
    facilities: list[dict],
    book: Path | Book,
    insured: list[dict] | None = None,
    decisions: list[dict] | None = None,
) -> Result:
    """The ledger of a set of claims, and the rows of it that cannot be read as a claim."""
    if isinstance(book, Path):
        book = read_book(book)
    registers = read_registers(book, facilities, insured)
    decoded = decode(claims, book, registers.facility_ids)
    standing = resolve(decoded)
    good = [claim for claim in decoded if not claim.faults]
    for claim in good:
        claim.case = [claim]
        claim.chain = [claim]
    for claim in standing:
        registers.fill_from_insured(claim)
        price(claim, registers)
    for person in _people(standing):
        _settle(person, registers)
    decide_by_hand(good, decisions or [])
    quarantine = [_quarantine_row(claim) for claim in decoded if claim.faults]
    ledger = [_ledger_row(claim, book) for claim in good]
    assert len(ledger) + len(quarantine) == len(claims)
    return Result(ledger, quarantine)


def _people(standing: list[Claim]) -> list[list[Claim]]:
    """Each insured person's claims, first to later."""
    by_person = defaultdict(list)
    for claim in standing:
        by_person[claim.insured_id].append(claim)
    for person in by_person.values():
        person.sort(key=lambda claim: (claim.presented_at, claim.start_at, claim.id_key))
        for place, claim in enumerate(person):
            claim.place = place
    return list(by_person.values())


def _settle(person: list[Claim], registers: Registers) -> None:
    for phase in PHASES:
        phase(person, registers)
    for claim in person:
        if claim.payable:
            claim.fund_mnt = claim.gross_mnt - claim.copay_mnt - claim.excess_mnt
        else:
            claim.deducted_mnt = claim.gross_mnt


def _reasons(claim: Claim) -> list[str]:
    """The deciding codes in phase order, then DRG_CORRECTED, then the flags; a voided row has only its own."""
    if claim.decision == "voided":
        return claim.deciding
    corrected = ["DRG_CORRECTED"] if claim.drg_corrected else []
    return claim.deciding + corrected + [flag for flag in FLAGS if flag in claim.flags]


def _ledger_row(claim: Claim, book: Book) -> dict:
    amounts = (claim.fund_mnt, claim.copay_mnt, claim.excess_mnt, claim.deducted_mnt)
    assert claim.gross_mnt == sum(amounts)
    assert min(amounts) >= 0
    difference = None
    if claim.priced and claim.billed_mnt is not None:
        difference = claim.billed_mnt - claim.gross_mnt
    return {
        "claim_id": claim.claim_id,
        "insured_id": claim.insured_id,
        "facility_id": claim.facility_id,
        "care_type": claim.care_type,
        "start_at": claim.start_at,
        "end_at": claim.end_at,
        "decision": claim.decision,
        "drg_code": claim.drg_code,
        "weight_e4": claim.weight_e4,
        "base_mnt": claim.base_mnt,
        "gross_mnt": claim.gross_mnt,
        "fund_mnt": claim.fund_mnt,
        "copay_mnt": claim.copay_mnt,
        "excess_mnt": claim.excess_mnt,
        "deducted_mnt": claim.deducted_mnt,
        "billing_difference_mnt": difference,
        "reasons": _reasons(claim),
        "related_claim_id": claim.related,
        "case_id": min(claim.case, key=lambda other: other.place).claim_id,
        "tariff": book.name,
        "tariff_period": claim.tariff_period,
    }


def _quarantine_row(claim: Claim) -> dict:
    return {
        "row": claim.row,
        "error_codes": sorted({code for code, _ in claim.faults}),
        "error_columns": sorted({column for _, column in claim.faults}),
    }
