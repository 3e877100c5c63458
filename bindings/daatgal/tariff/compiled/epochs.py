"""Epochs: spans of days on which no row of a book begins or ends.

In: the rows of a tariff book. Out: `Epochs`, which turn dated rows into one index per day. The whole book shares one
set of epochs, so that a claim looks its day up once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np

from daatgal_engine.columns import FIRST_DAY, I16, I64, LAST_DAY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from daatgal.tariff.book import TariffBook


class Dated(Protocol):
    """A row with a period, both ends included."""

    @property
    def valid_from_day(self) -> int: ...  # noqa: D102
    @property
    def valid_to_day(self) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class Dates:
    """The periods of rows, as arrays."""

    valid_from_day: I64
    valid_to_day: I64

    @classmethod
    def of(cls, rows: Sequence[Dated]) -> Self:
        """Of rows in their order."""
        return cls(
            np.array([row.valid_from_day for row in rows], np.int64),
            np.array([row.valid_to_day for row in rows], np.int64),
        )

    def in_force(self, day: int) -> I64:
        """The rows that are in force on a day, ascending."""
        return np.flatnonzero((self.valid_from_day <= day) & (day <= self.valid_to_day))


@dataclass(frozen=True)
class Epochs:
    """`starts[i]` is the first day of epoch `i`; the last epoch ends with LAST_DAY."""

    starts: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.starts)

    def by_day(self) -> I16:
        """LAST_DAY - FIRST_DAY + 1 values: the epoch of each day a claim may carry."""
        days = np.arange(FIRST_DAY, LAST_DAY + 1)
        return np.searchsorted(np.array(self.starts), days, side="right").astype(np.int16) - np.int16(1)

    def of(self, row: Dated) -> Iterator[int]:
        """The epochs in which a row is in force."""
        for epoch, start in enumerate(self.starts):
            if row.valid_from_day <= start <= row.valid_to_day:
                yield epoch


def epochs_of(book: TariffBook) -> Epochs:
    """The epochs of a book, over all its tables."""
    tables: tuple[Iterable[Dated], ...] = (
        book.care_types,
        book.base_rates,
        book.drgs,
        book.drg_map,
        book.items,
        book.copay,
        book.exemptions,
        book.eligibility,
        book.rules,
    )
    starts = {FIRST_DAY}
    for rows in tables:
        starts.update(row.valid_from_day for row in rows)
        starts.update(row.valid_to_day + 1 for row in rows)
    return Epochs(tuple(sorted(day for day in starts if FIRST_DAY <= day <= LAST_DAY)))
