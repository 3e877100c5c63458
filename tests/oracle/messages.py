"""Decoded claims in; the message faults, the standing claims and the voided ones out (rules.md §0)."""

from collections import defaultdict

from tests.oracle.claim import Claim


def resolve(claims: list[Claim]) -> list[Claim]:
    """Mark MESSAGE_CYCLE and MISSING_TARGET, void what a later message overtakes, return the claims that stand."""
    readable = {claim.claim_id: claim for claim in claims if not claim.faults}
    lines = defaultdict(list)
    for claim in readable.values():
        original = _original(claim, readable)
        if original is not None:
            lines[original.claim_id].append(claim)
    standing = []
    for original_id, line in lines.items():
        survivor = _settle_line(readable[original_id], line)
        if survivor is not None:
            standing.append(survivor)
    return standing


def _original(claim: Claim, readable: dict[object, Claim]) -> Claim | None:
    """The original that a message reaches; None, and a fault, where it reaches none."""
    seen = []
    reached = claim
    while reached.message != "original":
        seen.append(reached)
        reached = readable.get(reached.replaces_claim_id)
        if reached is claim:
            claim.faults.add(("MESSAGE_CYCLE", "replaces_claim_id"))
            return None
        if reached is None or reached in seen:
            claim.faults.add(("MISSING_TARGET", "replaces_claim_id"))
            return None
    return reached


def _settle_line(original: Claim, line: list[Claim]) -> Claim | None:
    """Void all of a line but the claim that stands, which is returned: None where a cancellation came last."""
    messages = [claim for claim in line if claim is not original]
    if not messages:
        original.presented_at = original.submitted_at or original.end_at
        return original
    last = max(
        messages, key=lambda claim: (claim.submitted_at is None, claim.submitted_at or 0, claim.id_key)
    )
    cancelled = last.message == "cancellation"
    for claim in line:
        if claim is not last or cancelled:
            claim.decision = "voided"
            claim.deciding = ["CANCELLED" if cancelled else "REPLACED"]
            claim.related = last.claim_id
    last.related = last.replaces_claim_id
    if cancelled:
        return None
    last.presented_at = original.submitted_at or original.end_at
    return last
