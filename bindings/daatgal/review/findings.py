"""What stands of many outcomes: the latest word on each case, claim by claim where it was given so.

In: outcomes in the order in which they were stored. Out: the findings that totals are estimated from, and the amounts
found wrong by claim. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from daatgal.review.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daatgal.review.outcomes import Id, Reviewed

Standing = dict["Id", dict["Id | None", "Reviewed"]]
"""By case, then by claim (None: the case as a whole)."""


def standing_reviews(reviews: Iterable[Reviewed]) -> Standing:
    """The latest outcome of each case; one of the whole case sets aside those of its claims, and those set it aside."""
    standing: Standing = {}
    for review in reviews:
        add_review(standing, review)
    return standing


def add_review(standing: Standing, review: Reviewed) -> None:
    """Put one more outcome on top."""
    if review.claim_id is None:
        standing[review.case_id] = {None: review}
    else:
        parts = standing.setdefault(review.case_id, {})
        parts.pop(None, None)
        parts[review.claim_id] = review


def findings_table(standing: Standing, ids: pa.DataType) -> pa.Table:
    """One row a reviewed case: case_id, outcome, overpaid_mnt, underpaid_mnt; in the order of first review.

    Of several claims the amounts are summed; the case is overpaid (underpaid) where the sums say so, and cannot be
    determined where nothing was found and one claim cannot.
    """
    rows = [(case, *_of_case(parts)) for case, parts in standing.items()]
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return pa.table(
        {
            "case_id": pa.array(columns[0], ids),
            "outcome": pa.array(columns[1], pa.string()),
            "overpaid_mnt": pa.array(columns[2], pa.int64()),
            "underpaid_mnt": pa.array(columns[3], pa.int64()),
        }
    )


def _of_case(parts: dict[Id | None, Reviewed]) -> tuple[str, int, int]:
    over = sum(review.amount_mnt for review in parts.values() if review.outcome is Outcome.OVERPAID)
    under = sum(review.amount_mnt for review in parts.values() if review.outcome is Outcome.UNDERPAID)
    if over > under:
        outcome = Outcome.OVERPAID
    elif under > 0:
        outcome = Outcome.UNDERPAID
    elif any(review.outcome is Outcome.CANNOT_DETERMINE for review in parts.values()):
        outcome = Outcome.CANNOT_DETERMINE
    else:
        outcome = Outcome.CORRECT
    return str(outcome), over, under
