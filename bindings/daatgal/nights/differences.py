"""Where a column is not what it was.

In: two columns, row for row: as it is now, and as an earlier night left it. Out: the rows on which they differ. No
kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy as np


def differs(now: pa.ChunkedArray, before: pa.ChunkedArray) -> np.ndarray:
    """Where two columns differ, a null being like a null alone; text may be a dictionary on either side."""
    if pa.types.is_list(now.type):
        now, before = (pc.binary_join(column.cast(pa.list_(pa.string())), "|") for column in (now, before))
    now, before = (
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in (now, before)
    )
    one_null = pc.xor(pc.is_null(now), pc.is_null(before))
    return pc.or_(pc.fill_null(pc.not_equal(now, before), False), one_null).to_numpy()
