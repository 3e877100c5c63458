"""Prices, bills and minutes held against what is usual among peers. A row map.

In: amounts of claims, what is usual in each peer group. Out: ln((1 + value) / (1 + usual)), float32; 0 where either
is not known.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, U8, Element

F32 = npt.NDArray[np.float32]
F64 = npt.NDArray[np.float64]
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


class Ratios(NamedTuple):
    """Of `m` of the claims."""

    gross: F32
    billed: F32
    stay: F32
    billed_to_gross: F32


@kernel
def log_ratio(value: Element, usual: Element) -> float:
    """ln((1 + value) / (1 + usual)); 0 where nothing is usual."""
    return 0.0 if np.isnan(usual) else np.log((1.0 + value) / (1.0 + usual))


@kernel
def compare_amounts(claims: Amounts, rows: I64, peers: I32, usual: Usual, out: Ratios) -> None:
    """Fill `out` for the standing claims `rows`, whose peer groups are `peers`.

    A price or bill of 0 is none; minutes are of stays, unless a stay is of a date without times.
    """
    for i in range(rows.size):
        row, group = rows[i], peers[i]
        gross_mnt, billed_mnt = claims.gross_mnt[row], claims.billed_mnt[row]
        start_s, end_s = claims.start_s[row], claims.end_s[row]
        timed = claims.stay[row] != 0 and (start_s % DAY_S != 0 or start_s != end_s)
        out.gross[i] = log_ratio(gross_mnt, usual.gross_mnt[group]) if gross_mnt > 0 else 0.0
        out.billed[i] = log_ratio(billed_mnt, usual.billed_mnt[group]) if billed_mnt > 0 else 0.0
        out.stay[i] = log_ratio((end_s - start_s) // MINUTE_S, usual.stay_minutes[group]) if timed else 0.0
        known = gross_mnt > 0 and billed_mnt > 0
        out.billed_to_gross[i] = log_ratio(billed_mnt, np.float64(gross_mnt)) if known else 0.0
