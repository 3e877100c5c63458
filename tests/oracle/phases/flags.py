"""Phase 17: flags on paid and reduced claims, never money."""

from datetime import timedelta
from itertools import combinations

from tests.oracle.claim import Claim, both_midnight
from tests.oracle.phases.judged import amount, judged, listed, on
from tests.oracle.phases.stays import payable_stays
from tests.oracle.registers import Registers


def overlapping_stay(person: list[Claim], registers: Registers) -> None:
    """Two stays in two facilities that overlap: both are flagged."""
    rule = "OVERLAPPING_STAY"
    stays = [stay for stay in payable_stays(person, registers) if on(rule, stay.paid, registers)]
    for a, b in combinations(stays, 2):
        if a.paid.facility_id != b.paid.facility_id and a.start_at < b.end_at and b.start_at < a.end_at:
            a.paid.flags.add(rule)
            b.paid.flags.add(rule)


def visit_too_short(person: list[Claim], registers: Registers) -> None:
    """An outpatient visit of under ten minutes, unless it has dates without times."""
    rule = "VISIT_TOO_SHORT"
    for claim in judged(rule, person, registers):
        minutes = timedelta(minutes=amount(rule, "minutes", claim, registers))
        if (
            claim.care_type == "outpatient"
            and claim.end_at - claim.start_at < minutes
            and not both_midnight(claim.start_at, claim.end_at)
        ):
            claim.flags.add(rule)


def suspect_duplicate(person: list[Claim], registers: Registers) -> None:
    """A claim that starts after one much like it, their periods touching."""
    rule = "SUSPECT_DUPLICATE"
    claims = sorted(judged(rule, person, registers), key=lambda claim: claim.by_start)
    for position, claim in enumerate(claims):
        first = next((other for other in claims[:position] if _much_alike(other, claim)), None)
        if first is not None:
            claim.flags.add(rule)
            if claim.related is None:
                claim.related = first.claim_id


def _much_alike(a: Claim, b: Claim) -> bool:
    touching = a.start_at <= b.end_at and b.start_at <= a.end_at
    return touching and _likeness(a) == _likeness(b)


def _likeness(claim: Claim) -> tuple:
    what = (claim.service_code, claim.site) if claim.by_item else (claim.icd10,)
    return claim.facility_id, claim.care_type, claim.department_id, claim.by_item, what


def paired_diagnosis_missing(person: list[Claim], registers: Registers) -> None:
    """A cancer day service without a C code among all diagnoses."""
    rule = "PAIRED_DIAGNOSIS_MISSING"
    for claim in judged(rule, person, registers):
        diagnoses = [claim.icd10, *claim.icd10_secondary]
        if listed(claim.care_type, rule, "care_types", claim, registers) and not any(
            code.startswith("C") for code in diagnoses
        ):
            claim.flags.add(rule)
