"""Phases 4, 8, 9, 10 and 12: what is done or billed again."""

from tests.oracle.claim import Claim
from tests.oracle.phases.judged import grouped, judged, listed, on
from tests.oracle.registers import Registers


def exact_duplicate(person: list[Claim], registers: Registers) -> None:
    """Phase 4: alike in everything; the later is denied."""
    claims = judged("EXACT_DUPLICATE", person, registers)
    for first, *later in grouped(claims, _all_of_it):
        for claim in later:
            claim.deny("EXACT_DUPLICATE", first)


def _all_of_it(claim: Claim) -> tuple:
    return (
        claim.facility_id,
        claim.care_type,
        claim.start_at,
        claim.end_at,
        claim.icd10,
        claim.drg_code,
        claim.service_code,
        claim.department_id,
        claim.quantity,
        claim.billed_mnt,
        claim.site,
        frozenset(claim.procedures),
    )


def repeat_visit(person: list[Claim], registers: Registers) -> None:
    """Phase 8: a later visit of the month for the same diagnosis in another cabinet than the first."""
    rule = "REPEAT_VISIT"
    claims = [
        claim
        for claim in judged(rule, person, registers)
        if listed(claim.care_type, rule, "care_types", claim, registers)
        and claim.specialty is not None
        and claim.department_id is not None
    ]

    def visit(claim: Claim) -> tuple:
        characters = registers.book.parameter(rule, "icd10_chars", claim.pricing_day)
        icd10 = claim.icd10 if characters is None else claim.icd10[: int(characters)]
        return claim.care_type, claim.facility_id, claim.specialty, claim.month, icd10

    for first, *later in grouped(claims, visit):
        mode = registers.book.parameter(rule, "same_cabinet", first.pricing_day)
        for claim in later:
            if claim.department_id != first.department_id or mode == "one_per_month":
                claim.deny(rule, first)


def positive_already(person: list[Claim], registers: Registers) -> None:
    """Phase 9: a test after a registered positive of the same code, at any time, anywhere."""
    rule = "POSITIVE_ALREADY"

    def is_test(claim: Claim) -> bool:
        return (
            claim.care_type == "diagnostics"
            and on(rule, claim, registers)
            and listed(claim.service_code, rule, "service_codes", claim, registers)
        )

    positives = [claim for claim in person if is_test(claim) and claim.test_result == "positive"]
    tests = [claim for claim in person if is_test(claim) and claim.payable]
    for test in tests:
        earlier = [
            positive
            for positive in positives
            if positive.service_code == test.service_code and positive.by_start < test.by_start
        ]
        if earlier:
            test.deny(rule, min(earlier, key=lambda positive: positive.by_start))


def repeat_test(person: list[Claim], registers: Registers) -> None:
    """Phase 10: the same test in a month at facilities of one level."""
    rule = "REPEAT_TEST"
    claims = [
        claim
        for claim in judged(rule, person, registers)
        if listed(claim.care_type, rule, "care_types", claim, registers) and claim.service_code is not None
    ]

    def test(claim: Claim) -> tuple:
        return claim.care_type, claim.service_code, claim.month, claim.level, claim.site

    for first, *later in grouped(claims, test):
        for claim in later:
            claim.deny(rule, first)


def once_a_year(person: list[Claim], registers: Registers) -> None:
    """Phase 12."""
    rule = "ONCE_A_YEAR"
    claims = [
        claim
        for claim in judged(rule, person, registers)
        if listed(claim.care_type, rule, "care_types", claim, registers)
    ]
    for first, *later in grouped(claims, lambda claim: (claim.care_type, claim.year)):
        for claim in later:
            claim.deny(rule, first)
