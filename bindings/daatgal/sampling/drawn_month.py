"""A drawn month as its folder has it.

In: the folder of a drawn month. Out: its tables, and its frame once more, as a design reads it. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from daatgal.sampling.frame import Frame

if TYPE_CHECKING:
    from daatgal.sampling.frame import F64


def frame_again(table: pa.Table, month: str, month_claims: int) -> Frame:
    """The frame that the table `frame` was written from, but for the claims of its cases."""
    whole = table.combine_chunks()

    def floats(name: str) -> F64:
        return np.asarray(whole[name].to_numpy(), np.float64)

    return Frame(
        month=month,
        month_claims=month_claims,
        case_id=whole["case_id"].combine_chunks(),
        facility_id=whole["facility_id"].combine_chunks(),
        care_type=whole["care_type"].combine_chunks(),
        region=whole["region"].combine_chunks(),
        level=whole["level"].combine_chunks(),
        amount_mnt=whole["amount_mnt"].to_numpy(),
        gross_mnt=whole["gross_mnt"].to_numpy(),
        score=floats("score"),
        percentile=floats("percentile"),
        claims=pa.table({}),
        offset=np.zeros(table.num_rows + 1, np.int64),
    )
