"""A person's claims before the claim's day, at the pace of a whole window. A row map.

In: counts in windows, the claim's own day in them. Out: the same, in place, without that day, scaled up where the
history looks back less than the window.
"""

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I64, Int
from daatgal_engine.features.histories import FIRST_WINDOW, WINDOW_COLUMNS

F32 = npt.NDArray[np.float32]


@kernel
def take_paces(rows: I64, start_s: I64, days: I64, first_day: Int, values: F32) -> None:
    """Rewrite the windows of `values` float32[m, columns], of which the first is the claim's own day, `days[0]`.

    `first_day`: the first that the history knows. A history shorter than `days[1]` is taken for one of so many.
    """
    for i in range(rows.size):
        reach = start_s[rows[i]] // DAY_S - first_day + 1
        for window in range(1, days.size):
            scale = days[window] / min(max(reach, days[1]), days[window])
            for what in range(WINDOW_COLUMNS):
                column = FIRST_WINDOW + WINDOW_COLUMNS * window + what
                before = values[i, column] - values[i, FIRST_WINDOW + what]
                values[i, column] = np.float32(np.float64(before) * scale)
