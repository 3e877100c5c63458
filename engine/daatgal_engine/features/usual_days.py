"""A day's counts, a person's own claims taken off, held against what is usual. A row map.

In: counts of scored claims, what of them is the person's own, usual days by facility. Out: float32 per scored claim.
Of the person's own claims one counts everywhere: six visits of one insured are no crowd in a cabinet.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import F32, F64, I32, I64
from daatgal_engine.features.cabinet_days import CABINET, DOCTOR, FACILITY, UNNAMED
from daatgal_engine.features.histories import FIRST_KEPT, OWN_CABINET, OWN_DOCTOR, OWN_FACILITY

CONTINUITY = 0.375


class UsualDays(NamedTuple):
    """Of each facility, on the scale of 2 √(n + ⅜), where chance alone deviates by 1 whatever the number."""

    level: F64
    """of its median day; NaN: the history does not know it"""
    spread: F64
    """a standard deviation of its days, 1 at least"""


class HeldAgainst(NamedTuple):
    """Of `m` scored claims."""

    cabinet: F32
    """people of the cabinet or of the doctor that day, whichever has more"""
    facility: F32
    """standard deviations of the facility's day above its usual one; 0: not known"""


@kernel
def others_and_one(count: np.int32, own: np.float32, neutral: float) -> float:
    """The claims of others, and one; `neutral` where the claim names nobody."""
    return neutral if count == UNNAMED else float(count - own + 1)


@kernel
def hold_against_usual(
    counts: I32, own: F32, usual: tuple[UsualDays, float], facility: tuple[I32, I64], out: HeldAgainst
) -> None:
    """Write both values of each claim, whose facility has the code `facility[0][facility[1][i]]`.

    `counts` int32[m, COUNTS] are of the day, `own` float32[m, KEPT], from FIRST_KEPT on, has the person's among them.
    `usual`: the days of each facility, and the count of a cabinet or doctor that a claim does not name.
    """
    days, neutral = usual
    codes, rows = facility
    for i in range(rows.size):
        cabinet = others_and_one(counts[i, CABINET], own[i, OWN_CABINET - FIRST_KEPT], neutral)
        doctor = others_and_one(counts[i, DOCTOR], own[i, OWN_DOCTOR - FIRST_KEPT], neutral)
        out.cabinet[i] = max(cabinet, doctor)
        claims = float(counts[i, FACILITY] - own[i, OWN_FACILITY - FIRST_KEPT] + 1)
        code = codes[rows[i]]
        deviations = (2.0 * np.sqrt(claims + CONTINUITY) - days.level[code]) / days.spread[code]
        out.facility[i] = 0.0 if np.isnan(deviations) else deviations
