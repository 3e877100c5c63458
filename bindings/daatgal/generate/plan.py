"""What is to be generated: how many claims of which months, for how many people and facilities.

In flow the caller's wishes; out flows a `Plan`, from which every piece can be made alone. A piece is one block of
people in one month; the full pieces of a small batch are pieces of a larger one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from daatgal.errors import InputError
from daatgal.generate.people import PEOPLE_PER_BLOCK
from daatgal.generate.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from daatgal.tariff.book import TariffBook

CLAIMS_PER_BLOCK = 1 << 16
"""Claims of one full block in one month: with PEOPLE_PER_BLOCK, six a person and year."""
_EPOCH = date(1970, 1, 1)
_MAX_BLOCKS = 1 << 20


class Month(NamedTuple):
    """A calendar month."""

    number: int
    """months since 1970-01"""
    first_day: int
    """days since 1970-01-01"""
    days: int


class Piece(NamedTuple):
    """One block of people in one month."""

    block: int
    month: Month
    claims: int
    people: int


@dataclass(frozen=True)
class Plan:
    """A batch: the same plan gives the same rows, however they are cut into record batches."""

    claims: int
    seed: int
    book: TariffBook
    first_month: str
    months: int = 1
    id_type: str = "string"
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        if self.claims < 0:
            raise InputError(f"claims: found {self.claims}, expected 0 or more")
        if self.months < 1:
            raise InputError(f"months: found {self.months}, expected 1 or more")
        if self.id_type not in {"string", "int64"}:
            raise InputError(f"ids: found {self.id_type!r}, expected 'string' or 'int64'")
        if self.blocks > _MAX_BLOCKS:
            raise InputError(
                f"claims: found {self.claims} in {self.months} months, expected at most {_MAX_BLOCKS << 16} a month"
            )
        if self.month(0).first_day < 7305 or self.month(self.months - 1).first_day > 47_000:
            raise InputError(
                f"first_month: found {self.first_month} with {self.months} months, expected 1990 to 2098"
            )

    def month(self, index: int) -> Month:
        """The batch's month number `index`, from 0."""
        try:
            begin = date.fromisoformat(f"{self.first_month}-01")
        except ValueError as error:
            raise InputError(f"first_month: found {self.first_month!r}, expected YYYY-MM") from error
        number = (begin.year - 1970) * 12 + begin.month - 1 + index
        first, after = (date(1970 + n // 12, n % 12 + 1, 1) for n in (number, number + 1))
        return Month(number, (first - _EPOCH).days, (after - first).days)

    @property
    def blocks(self) -> int:
        """How many blocks of people, the last one perhaps in part."""
        return max(-(-self._most_in_a_month // CLAIMS_PER_BLOCK), 1)

    @property
    def first_day(self) -> int:
        """The first day of the first month."""
        return self.month(0).first_day

    def people_of(self, block: int) -> int:
        """How many insured a block has: two for each claim of a month."""
        mine = min(self._most_in_a_month - block * CLAIMS_PER_BLOCK, CLAIMS_PER_BLOCK)
        return min(max(2 * mine, 1), PEOPLE_PER_BLOCK)

    def pieces(self) -> Iterator[Piece]:
        """All pieces, month after month."""
        for index in range(self.months):
            left = self.claims // self.months + (index < self.claims % self.months)
            month = self.month(index)
            for block in range(self.blocks):
                mine = min(left - block * CLAIMS_PER_BLOCK, CLAIMS_PER_BLOCK)
                if mine > 0:
                    yield Piece(block, month, mine, self.people_of(block))

    @property
    def _most_in_a_month(self) -> int:
        return -(-self.claims // self.months)
