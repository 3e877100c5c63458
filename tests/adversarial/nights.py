"""A batch in, the same rows in several nights out, as rules.md §4 allows nights to be split."""

import random


def split_into_nights(rows: list[dict], nights: int, seed: int) -> list[list[dict]]:
    """No message comes before its target, and rows that share a claim_id come together; a night may be empty."""
    rng = random.Random(seed)
    by_id: dict[object, list[int]] = {}
    for position, row in enumerate(rows):
        by_id.setdefault(row["claim_id"], []).append(position)
    night = [rng.randrange(nights) for _ in rows]
    changed = True
    while changed:
        changed = False
        for position, row in enumerate(rows):
            bound = [] if row["claim_id"] is None else list(by_id[row["claim_id"]])
            if row.get("message") not in {None, "original"}:
                bound += by_id.get(row.get("replaces_claim_id"), [])
            latest = max((night[other] for other in bound), default=night[position])
            if latest > night[position]:
                night[position] = latest
                changed = True
    return [[row for row, one in zip(rows, night, strict=True) if one == number] for number in range(nights)]
