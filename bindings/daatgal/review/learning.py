"""What outcomes say of the score: precision among the strangest, and what each cut would find.

In: the sample with weights and percentiles, the findings, the month's frame. Out: precision at k, and a row for each
cut: cases and money over it in the frame, unbiased precision and recall. No kernel lives here. Source: audit.md §6.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.review.outcomes import Outcome

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

    from daatgal.extrapolation.estimators import F64

    Flags = npt.NDArray[np.bool_]

TOP = (10, 20, 50, 100, 200, 500, 1_000)
CUTS = (0.0, *range(10, 90, 10), *range(90, 99), 99.0, 99.5, 99.9, 99.99)


def learn(sample: pa.Table, findings: pa.Table, frame: pa.Table) -> dict[str, Any]:
    """Measure the score on labelled cases: those with an outcome other than `cannot_determine`, and a percentile.

    `sample`: case_id, percentile, weight; `findings`: case_id, outcome; `frame`: percentile, amount_mnt. Raises
    InputError where no case is labelled.
    """
    row = pc.index_in(sample["case_id"], value_set=findings["case_id"].combine_chunks())
    outcome = findings["outcome"].combine_chunks().take(row.combine_chunks())
    known = pc.and_(pc.is_valid(outcome), pc.is_valid(sample["percentile"].combine_chunks()))
    known = pc.and_(known, pc.fill_null(pc.not_equal(outcome, Outcome.CANNOT_DETERMINE), False))
    labelled = sample.append_column("outcome", outcome).filter(known)
    if labelled.num_rows == 0:
        raise InputError(
            "results: found no case with both an outcome and a percentile, expected at least one"
        )
    labelled = labelled.sort_by([("percentile", "descending"), ("case_id", "ascending")])
    percentile = np.asarray(labelled["percentile"].to_numpy(), np.float64)
    weight = np.asarray(labelled["weight"].to_numpy(), np.float64)
    bad: Flags = pc.equal(labelled["outcome"], Outcome.OVERPAID).to_numpy()
    scored = frame.filter(pc.is_valid(frame["percentile"]))
    of_frame = np.asarray(scored["percentile"].to_numpy(), np.float64)
    amount_mnt = scored["amount_mnt"].to_numpy()
    return {
        "labelled": labelled.num_rows,
        "bad": int(bad.sum()),
        "frame_cases": frame.num_rows,
        "precision_at": [{"k": k, "precision": float(bad[:k].mean())} for k in TOP if k <= labelled.num_rows],
        "cuts": [
            {
                "percentile": float(cut),
                "cases": int((of_frame >= cut).sum()),
                "amount_mnt": int(amount_mnt[of_frame >= cut].sum()),
                "labelled": int((percentile >= cut).sum()),
                **precision_recall(percentile >= cut, bad, weight),
            }
            for cut in CUTS
        ],
    }


def precision_recall(flagged: Flags, bad: Flags, weight: F64) -> dict[str, float | None]:
    """Unbiased over labelled rows: `Σ w·flag·bad` over `Σ w·flag` and over `Σ w·bad`; None where nothing divides."""
    hit = math.fsum(weight[flagged & bad])
    over, wrong = math.fsum(weight[flagged]), math.fsum(weight[bad])
    return {"precision": hit / over if over else None, "recall": hit / wrong if wrong else None}
