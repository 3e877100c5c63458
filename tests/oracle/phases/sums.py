"""Phases 11 and 13: cases that are sums over a month."""

from tests.oracle.claim import ONE_DAY, Claim, join_case
from tests.oracle.phases.judged import amount, grouped, judged
from tests.oracle.registers import Registers


def rehab_sessions(person: list[Claim], registers: Registers) -> None:
    """Phase 11: a month's sessions are one rehabilitation case if there are enough of them."""
    rule = "REHAB_SESSIONS"
    claims = [
        claim
        for claim in judged(rule, person, registers)
        if claim.care_type in {"rehabilitation", "traditional"} and claim.end_at - claim.start_at <= ONE_DAY
    ]
    for month in grouped(claims, lambda claim: (claim.facility_id, claim.month)):
        join_case(month)
        if sum(claim.quantity for claim in month) < amount(rule, "sessions", month[0], registers):
            for claim in month:
                claim.deny("TOO_FEW_SESSIONS")
            continue
        paid = next((claim for claim in month if claim.care_type == "rehabilitation"), month[0])
        for claim in month:
            if claim is not paid:
                claim.merge(rule, paid)


def diagnostics_cap(person: list[Claim], registers: Registers) -> None:
    """Phase 13: a month's diagnostics up to a cap, which one month of each quarter may pass."""
    claims = [
        claim for claim in judged("DIAGNOSTICS_CAP", person, registers) if claim.care_type == "diagnostics"
    ]
    for quarter in grouped(claims, lambda claim: (claim.facility_id, claim.quarter)):
        used_mnt = 0
        extension_used = False
        for month in sorted(grouped(quarter, lambda claim: claim.month), key=lambda month: month[0].month):
            join_case(month)
            month_cap = amount("DIAGNOSTICS_CAP", "month_mnt", month[0], registers)
            quarter_left = amount("DIAGNOSTICS_CAP", "quarter_mnt", month[0], registers) - used_mnt
            total_mnt = sum(claim.gross_mnt for claim in month)
            if total_mnt <= month_cap:
                allowed_mnt = min(total_mnt, quarter_left)
            elif not extension_used:
                allowed_mnt = min(total_mnt, quarter_left)
                extension_used = True
            else:
                allowed_mnt = min(total_mnt, month_cap, quarter_left)
            allowed_mnt = max(0, allowed_mnt)
            used_mnt += allowed_mnt
            _fill(month, allowed_mnt)


def _fill(month: list[Claim], allowed_mnt: int) -> None:
    """Lines are filled by order: what does not fit is over the cap."""
    for claim in month:
        within_mnt = min(claim.gross_mnt, allowed_mnt)
        allowed_mnt -= within_mnt
        claim.reduce("OVER_CAP", claim.gross_mnt - within_mnt)
