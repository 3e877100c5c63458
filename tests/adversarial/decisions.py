"""A ledger in, manual decisions on some of its claims out: corrected, withdrawn, on voided claims, on strangers."""

import random
from datetime import datetime, timedelta

FIRST = datetime.fromisoformat("2024-05-01")


def decisions(ledger: list[dict], seed: int, share: float = 0.05) -> list[dict]:
    """Amounts are within the claim's gross, so that none is refused."""
    rng = random.Random(seed)
    rows = []
    for outcome in ledger:
        if rng.random() >= share:
            continue
        for number in range(rng.choice((1, 1, 2, 3))):
            fund_mnt = rng.randrange(outcome["gross_mnt"] + 1)
            decision = rng.choice(("paid", "reduced", "denied"))
            rows.append(
                {
                    "claim_id": outcome["claim_id"],
                    "decision": decision,
                    "fund_mnt": 0 if decision == "denied" else fund_mnt,
                    "copay_mnt": rng.randrange(outcome["gross_mnt"] - fund_mnt + 1)
                    if decision != "denied"
                    else 0,
                    "who": "auditor",
                    "why": "reviewed",
                    "at": FIRST + timedelta(days=number),
                    "withdrawn": number > 0 and rng.random() < 0.5,
                }
            )
    rng.shuffle(rows)
    return rows
