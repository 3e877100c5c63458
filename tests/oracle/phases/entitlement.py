"""Phases 1 to 3: may this facility bill this, for this person, without an order?"""

from tests.oracle.book import in_force, is_true
from tests.oracle.claim import Claim
from tests.oracle.phases.judged import judged, listed, on
from tests.oracle.registers import Registers


def eligibility(person: list[Claim], registers: Registers) -> None:
    """Phase 1. No facility row in force is NOT_ELIGIBLE whether the rule is on or off."""
    for claim in person:
        if not claim.payable:
            continue
        if claim.facility is None or (
            on("ELIGIBILITY", claim, registers) and not _eligible(claim, registers)
        ):
            claim.deny("NOT_ELIGIBLE")


def _eligible(claim: Claim, registers: Registers) -> bool:
    day, facility = claim.pricing_day, claim.facility
    if not in_force(facility, day, "contract_from", "contract_to"):
        return False
    table = [row for row in registers.book.eligibility if in_force(row, day)]
    triple = (facility["facility_type"], facility["ownership"], claim.care_type)
    found = [row for row in table if (row["facility_type"], row["ownership"], row["care_type"]) == triple]
    if table and not found:
        return False
    needs_contract = bool(table) and is_true(found[0]["needs_contract"])
    contracted = facility["contracted_care_types"]
    if contracted is None:
        return not needs_contract
    return claim.care_type in contracted


def coverage(person: list[Claim], registers: Registers) -> None:
    """Phase 2, only with an `insured` table."""
    if registers.insured is None:
        return
    for claim in judged("COVERAGE", person, registers):
        if listed(claim.care_type, "COVERAGE", "exempt_care_types", claim, registers):
            continue
        row = registers.coverage(claim)
        if row is None:
            claim.deny("NOT_COVERED")
        elif row["death_date"] is not None and claim.start_day > row["death_date"]:
            claim.deny("AFTER_DEATH")


def order_required(person: list[Claim], registers: Registers) -> None:
    """Phase 3."""
    for claim in judged("ORDER_REQUIRED", person, registers):
        asked = listed(claim.care_type, "ORDER_REQUIRED", "care_types", claim, registers) or listed(
            claim.service_code, "ORDER_REQUIRED", "service_codes", claim, registers
        )
        if asked and claim.order_no is None:
            claim.deny("ORDER_MISSING")
