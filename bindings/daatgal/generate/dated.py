"""The rows of a tariff book that are in force on a day, and how long they stay the same.

In flow rows with a period and a day; out flow answers in days since 1970. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daatgal.tariff.book import TariffBook


class Dated(Protocol):
    """A row with a period, both ends included."""

    @property
    def valid_from_day(self) -> int:
        """The first day, since 1970."""
        ...

    @property
    def valid_to_day(self) -> int:
        """The last day."""
        ...


def in_force(row: Dated, day: int) -> bool:
    """Whether the row holds on the day."""
    return row.valid_from_day <= day <= row.valid_to_day


def same_rows_window(book: TariffBook, day: int) -> tuple[int, int]:
    """The days around `day`, both included, on which the same prices, groups and services are in force."""
    tables: tuple[Iterable[Dated], ...] = (
        book.care_types,
        book.base_rates,
        book.drgs,
        book.drg_map,
        book.items,
    )
    begins = [row.valid_from_day for table in tables for row in table]
    ends = [row.valid_to_day for table in tables for row in table]
    first = max([b for b in begins if b <= day] + [e + 1 for e in ends if e < day], default=-(2**31))
    last = min([e for e in ends if e >= day] + [b - 1 for b in begins if b > day], default=2**31 - 1)
    return first, last
