"""How long a visit lasted, and whether it began on a day off. A row map.

In: starts and ends, a table of days. Out: float32 for each row asked for.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F32, FIRST_DAY, I64, U8

MINUTE_S = 60


class Times(NamedTuple):
    """`n` claims."""

    stay: U8
    start_s: I64
    end_s: I64


class VisitTimes(NamedTuple):
    """Of `m` of the claims."""

    minutes: F32
    day_off: F32


@kernel
def time_visits(claims: Times, rows: I64, off: U8, limits: tuple[float, float], out: VisitTimes) -> None:
    """Fill `out`. `off`: by day from FIRST_DAY, 1 for a day off.

    `limits`: the minutes of what is no visit or has no times, and the most that count.
    """
    unknown, most = limits
    for i in range(rows.size):
        row = rows[i]
        start_s, end_s = claims.start_s[row], claims.end_s[row]
        timed = start_s % DAY_S != 0 or end_s != start_s
        lasted = min(np.float64((end_s - start_s) // MINUTE_S), most)
        out.minutes[i] = lasted if timed and claims.stay[row] == 0 else unknown
        out.day_off[i] = off[start_s // DAY_S - FIRST_DAY]
