"""A person's claims before the claim's day, at the pace of a whole window. A row map.

In: counts in windows, the claim's own day in them. Out: the same, in place, without that day, scaled up where the
history looks back less than the window.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.columns import F32, F64, I64, Int
from daatgal_engine.features.histories import WINDOW_COLUMNS, WINDOWS, Memory


def paces(days: I64) -> F64:
    """float64[WINDOWS, days[-1] + 1]: by window and days that the history looks back, what counts are multiplied by.

    A history shorter than the second window, `days[1]`, is taken for one of so many days.
    """
    reach = np.arange(days[-1] + 1)
    looked_back = np.minimum(np.maximum(reach, days[1]), days[:, np.newaxis])
    return days[:, np.newaxis] / looked_back


@kernel
def take_paces(block: Records, low_high: tuple[Int, Int], memory: Memory, values: F32) -> None:
    """Rewrite the windows of a person's claims, of which the first is the claim's own day."""
    widest = memory.pace.shape[1] - 1
    for k in range(low_high[0], low_high[1]):
        reach = min(max(np.int64(block[k].start_day) - memory.first_day + 1, 0), widest)
        for window in range(1, WINDOWS):
            for what in range(WINDOW_COLUMNS):
                column = WINDOW_COLUMNS * window + what
                before = values[k, column] - values[k, what]
                values[k, column] = np.float64(before) * memory.pace[window, reach]
