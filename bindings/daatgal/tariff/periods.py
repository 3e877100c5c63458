"""Whole days in force: overlaps, gaps, and days that nothing covers.

In: periods as (first day, last day), both included. Out: the pairs that overlap or leave a gap, or the days
of one period that others do not cover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class InForce(Protocol):
    """Anything with a period."""

    @property
    def valid_from_day(self) -> int: ...  # noqa: D102
    @property
    def valid_to_day(self) -> int: ...  # noqa: D102


R = TypeVar("R", bound=InForce)


class Period(NamedTuple):
    """The days from `first` to `last`, both included."""

    first: int
    last: int


def breaks(rows: Iterable[R]) -> Iterator[tuple[R, R]]:
    """Of the rows of one key, neighbours in time that do not follow each other day on day.

    If the later begins before the earlier has ended the two overlap, else there is a gap between them.
    """
    by_day = sorted(rows, key=lambda row: (row.valid_from_day, row.valid_to_day))
    if not by_day:
        return
    longest = by_day[0]
    for row in by_day[1:]:
        if row.valid_from_day != longest.valid_to_day + 1:
            yield longest, row
        if row.valid_to_day > longest.valid_to_day:
            longest = row


def overlap(one: Period, other: Period) -> Period | None:
    """The days that two periods share, if any."""
    shared = Period(max(one.first, other.first), min(one.last, other.last))
    return shared if shared.first <= shared.last else None


def joined(periods: Iterable[Period]) -> list[Period]:
    """The same days as few periods, in order; periods that touch become one."""
    out: list[Period] = []
    for period in sorted(periods):
        if out and period.first <= out[-1].last + 1:
            out[-1] = Period(out[-1].first, max(out[-1].last, period.last))
        else:
            out.append(period)
    return out


def uncovered(whole: Iterable[Period], cover: Iterable[Period]) -> list[Period]:
    """The days of `whole` that no period of `cover` has, in order."""
    covering = joined(cover)
    out: list[Period] = []
    for period in joined(whole):
        first = period.first
        for piece in covering:
            if piece.last < first or piece.first > period.last:
                continue
            if piece.first > first:
                out.append(Period(first, piece.first - 1))
            first = piece.last + 1
        if first <= period.last:
            out.append(Period(first, period.last))
    return out


def day_starts(whole: Period, others: Iterable[Period]) -> list[int]:
    """The days of `whole` on which what is in force may change: between two of them nothing does."""
    days = {whole.first}
    for other in others:
        days.update(day for day in (other.first, other.last + 1) if whole.first < day <= whole.last)
    return sorted(days)


def of(row: InForce) -> Period:
    """The period of a row."""
    return Period(row.valid_from_day, row.valid_to_day)
