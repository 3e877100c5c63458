"""Claims that end exactly where a payment rule turns: the hours of a stay, the sessions of a case, a month's cap.

In: `Facts` and the tariff book, whose rules say where the turns are. Out: float32, 1 for a claim that ends on one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen, in_threads, row_ranges
from daatgal_engine.columns import F32, FIRST_DAY, LAST_DAY
from daatgal_engine.features.thresholds import (
    NO_SUM,
    NOT_ENABLED,
    OF_MONTH,
    OF_SESSIONS,
    Ending,
    Sums,
    Thresholds,
    mark_thresholds,
    sum_cases,
)

if TYPE_CHECKING:
    from daatgal.features.facts import Facts
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import I64

LARGEST_CAP_MNT: Final = 1 << 40
"""A cap above is none that a month of tests could reach; below, no sum is too large for 64 bits."""
_SUMS: Final = {"rehabilitation": OF_SESSIONS, "traditional": OF_SESSIONS, "diagnostics": OF_MONTH}


def on_threshold(facts: Facts, book: TariffBook, rows: I64) -> F32:
    """Whether each of the standing `rows` ends on a threshold; which, its care type says."""
    claims = Ending(
        standing=facts.standing,
        stay=facts.is_stay,
        care_type=facts.care_type.codes,
        start_s=facts.start_s,
        end_s=facts.end_s,
        quantity=facts.quantity,
        gross_mnt=facts.gross_mnt,
        case=facts.case,
    )
    month_mnt = parameter_on(book, "DIAGNOSTICS_CAP", "month_mnt")
    care_types = facts.care_type.values.to_pylist()
    at = Thresholds(
        least_stay_h=frozen(parameter_on(book, "MINIMUM_STAY", "hours")),
        sessions=frozen(parameter_on(book, "REHAB_SESSIONS", "sessions")),
        month_mnt=frozen(np.where(month_mnt > LARGEST_CAP_MNT, NOT_ENABLED, month_mnt)),
        sum_of=frozen(np.array([_SUMS.get(name, NO_SUM) for name in care_types], np.uint8)),
    )
    sums = Sums(np.zeros(facts.rows, np.int64), np.zeros(facts.rows, np.int64))
    sum_cases(claims, at, sums)
    known = Sums(frozen(sums.sessions), frozen(sums.month_mnt))
    out, asked = np.empty(rows.size, np.float32), frozen(rows)

    def mark(limits: tuple[int, int]) -> None:
        own = slice(*limits)
        mark_thresholds(claims, at, known, asked[own], out[own])

    in_threads(mark, row_ranges(rows.size))
    return out


def parameter_on(book: TariffBook, rule: str, parameter: str) -> I64:
    """A whole-number parameter of a rule on each day from FIRST_DAY to LAST_DAY; NOT_ENABLED where the rule is off."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1)
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
