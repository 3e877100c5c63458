"""Prices, bills and minutes held against what is usual among peers. A row map.

In: amounts of claims, what is usual in each peer group. Out: (1 + value) / (1 + usual), 1 where either is not known;
their logarithms are taken together, many at a time.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F64, I32, I64, U8, Element

MINUTE_S = 60


class Amounts(NamedTuple):
    """`n` claims."""

    gross_mnt: I64
    billed_mnt: I64
    start_s: I64
    end_s: I64
    stay: U8


class Usual(NamedTuple):
    """Of each peer group; NaN: it has no peers."""

    gross_mnt: F64
    billed_mnt: F64
    stay_minutes: F64


GROSS, BILLED, BILLED_TO_GROSS, STAY, RATIOS = 0, 1, 2, 3, 4
"""Which ratio each row of what comes out is."""


@kernel
def ratio_of(value: Element, usual: Element) -> Element:
    """(1 + value) / (1 + usual); 1 where nothing is usual."""
    return 1.0 if np.isnan(usual) else (1.0 + value) / (1.0 + usual)


@kernel
def compare_amounts(claims: Amounts, rows: I64, peers: I32, usual: Usual, out: F64) -> None:
    """Fill `out` float64[RATIOS, m] for the standing claims `rows`, whose peer groups are `peers`.

    A price or bill of 0 is none; minutes are of stays, unless a stay is of a date without times.
    """
    for i in range(rows.size):
        row, group = rows[i], peers[i]
        gross_mnt, billed_mnt = claims.gross_mnt[row], claims.billed_mnt[row]
        start_s, end_s = claims.start_s[row], claims.end_s[row]
        timed = claims.stay[row] != 0 and (start_s % DAY_S != 0 or start_s != end_s)
        out[GROSS, i] = ratio_of(gross_mnt, usual.gross_mnt[group]) if gross_mnt > 0 else 1.0
        out[BILLED, i] = ratio_of(billed_mnt, usual.billed_mnt[group]) if billed_mnt > 0 else 1.0
        out[STAY, i] = ratio_of((end_s - start_s) // MINUTE_S, usual.stay_minutes[group]) if timed else 1.0
        known = gross_mnt > 0 and billed_mnt > 0
        out[BILLED_TO_GROSS, i] = ratio_of(billed_mnt, np.float64(gross_mnt)) if known else 1.0
