"""Phases 14 to 16: what the insured pays, and what the fund pays in a year at most."""

from tests.oracle.book import Row, in_force, is_true, number, split
from tests.oracle.claim import Claim
from tests.oracle.codes import normalised
from tests.oracle.money import half_up
from tests.oracle.phases.judged import amount, grouped, judged
from tests.oracle.registers import Registers


def visit_copay(person: list[Claim], registers: Registers) -> None:
    """Phase 14: the rate of the insured's nth outpatient visit of the year."""
    rule = "VISIT_COPAY"
    visits = [claim for claim in judged(rule, person, registers) if claim.care_type == "outpatient"]
    for year in grouped(visits, lambda claim: claim.year):
        for nth, claim in enumerate(year):
            rates = split(registers.book.parameter(rule, "rates_bp", claim.pricing_day))
            claim.visit_rate_bp = int(rates[min(nth, len(rates) - 1)])


def copayment(person: list[Claim], registers: Registers) -> None:
    """Phase 15: of what is left after the cap."""
    for claim in person:
        if claim.payable:
            claim.copay_mnt = _copay_mnt(claim, registers)


def _copay_mnt(claim: Claim, registers: Registers) -> int:
    payable_mnt = claim.gross_mnt - claim.excess_mnt
    row = _copay_row(claim, registers)
    keeps_copay = row is not None and is_true(row["keeps_copay"])
    if _exempt(claim, registers) and not keeps_copay:
        return 0
    if claim.visit_rate_bp is not None:
        return half_up(payable_mnt * claim.visit_rate_bp, 10_000)
    if row is None:
        return 0
    if row["fixed_mnt"] is not None:
        return min(number(row["fixed_mnt"]), payable_mnt)
    return half_up(payable_mnt * number(row["rate_bp"]), 10_000)


def _copay_row(claim: Claim, registers: Registers) -> Row | None:
    """The most specific row: service code before DRG before level."""

    def fits(row: Row) -> bool:
        return (
            in_force(row, claim.pricing_day)
            and row["service_code"] in {"*", claim.service_code}
            and row["drg_code"] in {"*", claim.drg_code}
            and row["level"] in {"*", claim.level}
        )

    rows = [row for row in registers.book.copay.get(claim.care_type, []) if fits(row)]
    return max(
        rows,
        key=lambda row: (row["service_code"] != "*", row["drg_code"] != "*", row["level"] != "*"),
        default=None,
    )


def _exempt(claim: Claim, registers: Registers) -> bool:
    for row in registers.book.exemptions:
        if not in_force(row, claim.pricing_day):
            continue
        if row["kind"] == "category" and row["value"] == claim.exemption:
            return True
        if row["kind"] == "icd10" and claim.icd10.startswith(normalised(row["value"])):
            return True
    return False


def year_limit(person: list[Claim], registers: Registers) -> None:
    """Phase 16: the fund's part of a year, by order, up to the limit."""
    rule = "YEAR_LIMIT"
    for year in grouped(judged(rule, person, registers), lambda claim: claim.year):
        left_mnt = amount(rule, "limit_mnt", year[0], registers)
        for claim in year:
            fund_mnt = claim.gross_mnt - claim.excess_mnt - claim.copay_mnt
            within_mnt = min(fund_mnt, left_mnt)
            left_mnt -= within_mnt
            claim.reduce("OVER_YEAR_LIMIT", fund_mnt - within_mnt)
