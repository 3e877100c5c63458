"""Months as the command line and manifests write them: YYYY-MM.

In: text. Out: text and dates. No kernel lives here.
"""

from __future__ import annotations

from datetime import date, timedelta

from daatgal.errors import InputError

DECEMBER = 12


def parse_month(month: str) -> date:
    """The first day of a month. Raises InputError unless it is written YYYY-MM."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        first = None
    if first is None or f"{first:%Y-%m}" != month:
        raise InputError(f"month {month!r}: expected a month such as 2026-10")
    return first


def month_after(month: str) -> str:
    """The month that follows."""
    first = parse_month(month)
    return f"{first.year + first.month // DECEMBER:04d}-{first.month % DECEMBER + 1:02d}"


def month_before(month: str) -> str:
    """The month that comes before."""
    return f"{parse_month(month) - timedelta(days=1):%Y-%m}"


def last_day(month: str) -> date:
    """The last day of a month."""
    return parse_month(month_after(month)) - timedelta(days=1)
