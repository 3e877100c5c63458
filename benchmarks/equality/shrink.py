"""A batch on which two sides differ in, the smallest batch that still shows it out."""

from collections.abc import Callable

from benchmarks.equality.batch import Batch
from benchmarks.equality.compare import differ
from benchmarks.equality.sides import Side

Shows = Callable[[list[int]], bool]


def shrink(batch: Batch, one: Side, other: Side, claim_id: object) -> Batch:
    """Only rows of which none can be left out; looked for first among those that could bear on `claim_id`."""

    def shows(rows: list[int]) -> bool:
        part = batch.of_rows(rows)
        return differ(one(part), other(part))

    near = connected(batch, claim_id)
    return batch.of_rows(smallest(near if shows(near) else list(range(batch.claims.num_rows)), shows))


def connected(batch: Batch, claim_id: object) -> list[int]:
    """The rows of the claim's person, and of all that messages connect with these."""
    claims = batch.claims
    names = ("claim_id", "insured_id", "replaces_claim_id")
    columns = [
        claims[name].to_pylist() if name in claims.column_names else [None] * len(claims) for name in names
    ]
    keys = [
        {("claim", own), ("person", person), ("claim", target)} - {("person", None), ("claim", None)}
        for own, person, target in zip(*columns, strict=True)
    ]
    reached = {("claim", claim_id)}
    while True:
        rows = [row for row, key in enumerate(keys) if key & reached]
        wider = reached.union(*(keys[row] for row in rows))
        if wider == reached:
            return rows
        reached = wider


def smallest(rows: list[int], shows: Shows) -> list[int]:
    """Leave out ever smaller pieces of `rows` for as long as what is left still shows the difference."""
    size = max(1, len(rows) // 2)
    while True:
        begin, left_out = 0, False
        while begin < len(rows):
            rest = rows[:begin] + rows[begin + size :]
            if rest and shows(rest):
                rows, left_out = rest, True
            else:
                begin += size
        if size == 1 and not left_out:
            return rows
        size = max(1, size // 2)
