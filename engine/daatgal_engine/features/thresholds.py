"""Claims that end exactly where a payment rule turns. A row map, after the sums of cases.

In: claims, what the rules ask for on each day. Out: a mark per claim, 1 where it ends on a threshold.
"""

from typing import NamedTuple

from daatgal_engine._jit import kernel
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import F32, FIRST_DAY, I32, I64, U8

HOUR_S = 3600
UNDER_CAP = 50
"""A month's sum that is less than 1/50 under the cap is on it."""
NOT_ENABLED = -1
NO_SUM, OF_SESSIONS, OF_MONTH = 0, 1, 2
"""Which sum over its case the care type of a claim asks for."""


class Thresholds(NamedTuple):
    """By day from FIRST_DAY to LAST_DAY; NOT_ENABLED where the rule is off."""

    least_stay_h: I64
    sessions: I64
    month_mnt: I64
    """below 2**40, so that no sum of what counts overflows"""
    sum_of: U8
    """by care type: NO_SUM, OF_SESSIONS, OF_MONTH"""


class Ending(NamedTuple):
    """`n` claims."""

    standing: U8
    stay: U8
    care_type: I32
    start_s: I64
    end_s: I64
    quantity: I32
    gross_mnt: I64
    case: I64
    """the row of the case's first claim"""


class Sums(NamedTuple):
    """By case."""

    sessions: I64
    month_mnt: I64


@kernel
def sum_cases(claims: Ending, at: Thresholds, sums: Sums) -> None:
    """Add up the sessions of cases within a day, and the gross of cases of diagnostics.

    Of each claim no more counts than takes the case over its cap.
    """
    for row in range(claims.standing.size):
        care_type = claims.care_type[row]
        if claims.standing[row] == 0 or care_type < 0 or at.sum_of[care_type] == NO_SUM:
            continue
        start_s, case = claims.start_s[row], claims.case[row]
        if at.sum_of[care_type] == OF_MONTH:
            cap_mnt = at.month_mnt[start_s // DAY_S - FIRST_DAY]
            sums.month_mnt[case] += min(claims.gross_mnt[row], cap_mnt + 1)
        elif claims.end_s[row] - start_s <= DAY_S:
            sums.sessions[case] += claims.quantity[row]


@kernel
def mark_thresholds(claims: Ending, at: Thresholds, sums: Sums, rows: I64, out: F32) -> None:
    """Mark a stay with times of the least that is paid or an hour more, a case of exactly the sessions asked for, a
    month that comes up to its cap and not over it.
    """
    for i in range(rows.size):
        row = rows[i]
        start_s, end_s, care_type = claims.start_s[row], claims.end_s[row], claims.care_type[row]
        marked = False
        if claims.stay[row] != 0:
            hours = at.least_stay_h[end_s // DAY_S - FIRST_DAY]
            over_s = end_s - start_s - hours * HOUR_S
            dates = start_s % DAY_S == 0 and end_s % DAY_S == 0
            marked = hours != NOT_ENABLED and not dates and 0 <= over_s <= HOUR_S
        what = at.sum_of[care_type] if care_type >= 0 else NO_SUM
        if what == OF_SESSIONS and end_s - start_s <= DAY_S:
            asked = at.sessions[start_s // DAY_S - FIRST_DAY]
            marked = marked or (asked != NOT_ENABLED and sums.sessions[claims.case[row]] == asked)
        if what == OF_MONTH:
            cap_mnt = at.month_mnt[start_s // DAY_S - FIRST_DAY]
            left_mnt = cap_mnt - sums.month_mnt[claims.case[row]]
            marked = marked or (cap_mnt != NOT_ENABLED and left_mnt >= 0 and left_mnt * UNDER_CAP < cap_mnt)
        out[i] = 1.0 if marked else 0.0
