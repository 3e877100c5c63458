"""Manual decisions override the outcome of their claim after all phases (rules.md §4)."""

from tests.oracle.claim import Claim


def decide_by_hand(claims: list[Claim], decisions: list[dict]) -> None:
    """Apply, of each claim's decisions, the latest by `at`, unless it is withdrawn."""
    by_id = {claim.claim_id: claim for claim in claims}
    latest = {}
    for decision in decisions:
        _check(decision)
        earlier = latest.get(decision["claim_id"])
        if earlier is None or _wins(decision, earlier):
            latest[decision["claim_id"]] = decision
    for claim_id, decision in latest.items():
        claim = by_id.get(claim_id)
        if claim is not None and claim.decision != "voided" and not decision.get("withdrawn"):
            _apply(claim, decision)


def _wins(decision: dict, other: dict) -> bool:
    """At one instant a withdrawal wins, then the least fund part, then the least copayment."""
    if decision["at"] != other["at"]:
        return decision["at"] > other["at"]
    withdrawn = bool(decision.get("withdrawn"))
    if withdrawn != bool(other.get("withdrawn")):
        return withdrawn
    if _amounts(decision) != _amounts(other):
        return _amounts(decision) < _amounts(other)
    return decision["decision"] > other["decision"]


def _amounts(decision: dict) -> tuple[int, int]:
    return decision.get("fund_mnt") or 0, decision.get("copay_mnt") or 0


def _check(decision: dict) -> None:
    if decision["decision"] not in {"paid", "reduced", "denied"}:
        raise ValueError(
            f"decision on {decision['claim_id']}: {decision['decision']!r} is not paid, reduced or denied"
        )
    if not decision.get("withdrawn") and None in (decision.get("fund_mnt"), decision.get("copay_mnt")):
        raise ValueError(f"decision on {decision['claim_id']}: an amount is missing")
    if min(_amounts(decision)) < 0:
        raise ValueError(f"decision on {decision['claim_id']}: an amount is below 0")


def _apply(claim: Claim, decision: dict) -> None:
    fund_mnt, copay_mnt = _amounts(decision)
    if fund_mnt + copay_mnt > claim.gross_mnt:
        raise ValueError(
            f"decision on {claim.claim_id}: fund and copay are over the gross of {claim.gross_mnt}"
        )
    claim.decision = decision["decision"]
    claim.fund_mnt = fund_mnt
    claim.copay_mnt = copay_mnt
    claim.excess_mnt = 0
    claim.deducted_mnt = claim.gross_mnt - fund_mnt - copay_mnt
    claim.deciding = ["MANUAL", *claim.deciding]
