"""A person's claims before the claim's day, at the pace of a whole window. A row map.

In: counts in windows, the claim's own day in them. Out: the same, in place, without that day, scaled up where the
history looks back less than the window.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.features.histories import F32, FIRST_WINDOW, WINDOW_COLUMNS, Memory


@kernel
def take_paces(block: Records, memory: Memory, values: F32) -> None:
    """Rewrite the windows of the block's scored claims, of which the first is the claim's own day.

    A history shorter than the second window is taken for one of so many days.
    """
    days, first_day = memory.windows_days, memory.first_day
    for k in range(block.size):
        if block[k].scored < 0:
            continue
        reach = block[k].start_day - first_day + 1
        for window in range(1, days.size):
            scale = days[window] / min(max(reach, days[1]), days[window])
            for what in range(WINDOW_COLUMNS):
                column = FIRST_WINDOW + WINDOW_COLUMNS * window + what
                before = values[k, column] - values[k, FIRST_WINDOW + what]
                values[k, column] = np.float32(np.float64(before) * scale)
