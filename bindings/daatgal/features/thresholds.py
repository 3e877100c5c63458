"""Claims that end exactly where a payment rule turns: the hours of a stay, the sessions of a case, a month's cap.

In: `Facts` and the tariff book, whose rules say where the turns are. Out: a mark per claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal_engine.calendar import DAY_S
from daatgal_engine.features.keys import add_up

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.features.facts import Facts
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I64

HOUR_S: Final = 3600
UNDER_CAP: Final = 50
"""A month's sum that is less than 1/50 under the cap is on it."""
NOT_ENABLED: Final = -1
LARGEST_CAP_MNT: Final = 1 << 40
"""A cap above is none that a month of tests could reach; below, no sum is too large for 64 bits."""


def on_threshold(facts: Facts, book: TariffBook, rows: I64) -> npt.NDArray[np.bool_]:
    """Whether each of `rows` ends on a threshold; which, its care type says."""
    marked = _stays(facts, book) | _sessions(facts, book) | _diagnostics(facts, book)
    return marked[rows]


def parameter_on(book: TariffBook, rule: str, parameter: str, days: I64) -> I64:
    """A whole-number parameter of a rule on each day; NOT_ENABLED where the rule is off."""
    value = np.full(days.size, NOT_ENABLED, np.int64)
    enabled = np.zeros(days.size, np.bool_)
    for row in book.rules:
        if row.rule != rule or row.parameter not in (parameter, "enabled"):
            continue
        within = (days >= row.valid_from_day) & (days <= row.valid_to_day)
        if row.parameter == "enabled":
            enabled[within] = bool(row.value)
        elif isinstance(row.value, int):
            value[within] = row.value
    return np.where(enabled, value, NOT_ENABLED)


def _stays(facts: Facts, book: TariffBook) -> npt.NDArray[np.bool_]:
    """Stays with times that last the least that is paid, or up to an hour more."""
    rows = np.flatnonzero((facts.is_stay != 0) & (facts.standing != 0))
    start_s, end_s = facts.start_s[rows], facts.end_s[rows]
    hours = parameter_on(book, "MINIMUM_STAY", "hours", end_s // DAY_S)
    over_s = end_s - start_s - hours * HOUR_S
    dates = (start_s % DAY_S == 0) & (end_s % DAY_S == 0)
    marked = np.zeros(facts.rows, np.bool_)
    marked[rows] = (hours != NOT_ENABLED) & ~dates & (over_s >= 0) & (over_s <= HOUR_S)
    return marked


def _of_care_types(facts: Facts, *names: str) -> I64:
    known = facts.care_type.values.to_pylist()
    codes = [known.index(name) for name in names if name in known]
    return np.flatnonzero(np.isin(facts.care_type.codes, codes) & (facts.standing != 0))


def _sums_of_cases(facts: Facts, rows: I64, amounts: I64) -> I64:
    """The sum over the case of each of `rows`, of those rows."""
    total = np.zeros(facts.rows, np.int64)
    case = facts.case[rows].astype(np.int32)
    add_up(frozen(case), frozen(amounts), total)
    return total[case]


def _sessions(facts: Facts, book: TariffBook) -> npt.NDArray[np.bool_]:
    """Rehabilitation cases of exactly the sessions that are asked for."""
    rows = _of_care_types(facts, "rehabilitation", "traditional")
    rows = rows[facts.end_s[rows] - facts.start_s[rows] <= DAY_S]
    sessions = parameter_on(book, "REHAB_SESSIONS", "sessions", facts.start_s[rows] // DAY_S)
    found = _sums_of_cases(facts, rows, facts.quantity[rows].astype(np.int64))
    marked = np.zeros(facts.rows, np.bool_)
    marked[rows] = (sessions != NOT_ENABLED) & (found == sessions)
    return marked


def _diagnostics(facts: Facts, book: TariffBook) -> npt.NDArray[np.bool_]:
    """Months of diagnostics that come up to their cap, and not over it."""
    rows = _of_care_types(facts, "diagnostics")
    cap_mnt = parameter_on(book, "DIAGNOSTICS_CAP", "month_mnt", facts.start_s[rows] // DAY_S)
    cap_mnt = np.where(cap_mnt > LARGEST_CAP_MNT, NOT_ENABLED, cap_mnt)
    # Of each claim no more counts than takes the case over its cap.
    found = _sums_of_cases(facts, rows, np.minimum(facts.gross_mnt[rows], cap_mnt + 1))
    marked = np.zeros(facts.rows, np.bool_)
    marked[rows] = (cap_mnt != NOT_ENABLED) & (found <= cap_mnt) & ((cap_mnt - found) * UNDER_CAP < cap_mnt)
    return marked
