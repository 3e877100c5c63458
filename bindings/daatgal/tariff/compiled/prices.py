"""Prices compiled: every price that a book can come to, worked out once.

In: drgs.csv, base_rates.csv, items.csv. Out: `Prices`. A *price list* holds the prices of
a care type's DRGs at one base rate; one that returns in a later epoch or for another rate class is stored once. The
loader has bounded amounts and weights, so that nothing here overflows unless a price itself does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal.tariff.compiled.epochs import Dates
from daatgal_engine.book import (
    AS_BILLED_MNT,
    BY_GROUP,
    FIRST_ITEM_RECORD,
    LEVELS,
    NO_ITEM_RECORD,
    NO_RECORD,
    NOT_IN_FORCE_MNT,
    OWNERSHIPS,
    PRICED,
    Prices,
)
from daatgal_engine.columns import I32, I64, NO_CODE, NO_DAY, NO_MNT, OWNERSHIP_PRIVATE, OWNERSHIP_STATE
from daatgal_engine.pricing import price_groups
from daatgal_engine.reasons import Reason, bit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal.tariff.rows import BaseRateRow

Positions = dict[str, dict[str, int]]
"""Per care type, the position of each DRG in its price lists; position 0 is NO_DRG."""
OWNERSHIP_CODES = {"state": OWNERSHIP_STATE, "private": OWNERSHIP_PRIVATE}


def positions_of(book: TariffBook) -> Positions:
    """The DRGs that a care type has a price for, or a row of the map leads to."""
    positions: Positions = {name: {} for name in book.care_type_names}
    for row in (*book.drgs, *book.drg_map):
        of_care_type = positions[row.care_type]
        of_care_type.setdefault(row.drg_code, len(of_care_type) + 1)
    return positions


def service_index(book: TariffBook, services: Sequence[str]) -> I32:
    """Per service code of the batch, shifted by one (0: null): its index in the book's service codes, -1 if absent."""
    known = {code: index for index, code in enumerate(book.service_codes)}
    return np.array([-1, *(known.get(code, -1) for code in services)], np.int32)


def compile_prices(book: TariffBook, epochs: Epochs, positions: Positions) -> Prices:
    """Work out every price, and where each claim finds its own; `service_of` is that of a batch without services."""
    items = _item_records(book)
    by_group, groups = _PriceLists(book, epochs, positions).records(items.size)
    return Prices(
        service_of=service_index(book, ()),
        by_service=_by_service(book, epochs),
        by_group=by_group,
        record=np.concatenate((items, groups)),
    )


def _blank(records: int) -> np.ndarray:
    """PRICED records that say nothing."""
    blank = np.zeros(records, PRICED)
    blank["weight_e4"] = blank["base_mnt"] = NO_MNT
    blank["drg"], blank["period_day"] = NO_CODE, NO_DAY
    return blank


def _item_records(book: TariffBook) -> np.ndarray:
    """NO_RECORD, NO_ITEM_RECORD, then the rows of items."""
    records = _blank(FIRST_ITEM_RECORD + len(book.items))
    records["by_item"][NO_RECORD + 1 :] = 1
    records["reasons"][NO_ITEM_RECORD] = bit(Reason.NO_TARIFF)
    own = records[FIRST_ITEM_RECORD:]
    own["gross_mnt"] = [AS_BILLED_MNT if row.unit_mnt is None else row.unit_mnt for row in book.items]
    own["period_day"] = [row.valid_from_day for row in book.items]
    return records


def _by_service(book: TariffBook, epochs: Epochs) -> I32:
    """Prices.by_service: the row of the service before the `*` row of a care type that is priced by item."""
    care_types = {name: index for index, name in enumerate(book.care_type_names)}
    columns = {code: index + 1 for index, code in enumerate(book.service_codes)}
    table = np.full((len(epochs), len(care_types), len(columns) + 1), BY_GROUP, np.int32)
    for row in book.care_types:
        if row.priced_by == "item":
            for epoch in epochs.of(row):
                table[epoch, care_types[row.care_type]] = NO_ITEM_RECORD
    for number, row in sorted(enumerate(book.items), key=lambda item: item[1].service_code != "*"):
        for epoch in epochs.of(row):
            prices = table[epoch, care_types[row.care_type]]
            if row.service_code != "*":
                prices[columns[row.service_code]] = FIRST_ITEM_RECORD + number
            elif prices[0] != BY_GROUP:
                prices[:] = FIRST_ITEM_RECORD + number
    return table


def _specificity(row: BaseRateRow) -> tuple[bool, bool]:
    """Level before ownership; the most specific row sorts last, so that it is written last."""
    return row.level is not None, row.ownership is not None


class _PriceLists:
    """The price lists of all epochs, care types and rate classes."""

    def __init__(self, book: TariffBook, epochs: Epochs, positions: Positions) -> None:
        self.epochs = epochs
        sizes = np.array([len(of_care_type) + 1 for of_care_type in positions.values()])
        self.begins = np.concatenate(([0], np.cumsum(sizes)))
        begin_of = dict(zip(positions, self.begins[:-1].tolist(), strict=True))
        self.drg = np.full(self.begins[-1], NO_CODE, np.int32)
        index = {code: number for number, code in enumerate(book.drg_codes)}
        for care_type, of_care_type in positions.items():
            begin = begin_of[care_type] + 1
            self.drg[begin : begin + len(of_care_type)] = [index[code] for code in of_care_type]
        shape = (len(epochs), self.drg.size)
        self.total_mnt = np.full(shape, NOT_IN_FORCE_MNT, np.int64)
        self.weight_e4 = np.full(shape, NOT_IN_FORCE_MNT, np.int64)
        self.from_day = np.full(shape, NO_DAY, np.int64)
        places = np.array(
            [begin_of[row.care_type] + positions[row.care_type][row.drg_code] for row in book.drgs], np.int64
        )
        totals = np.array(
            [NOT_IN_FORCE_MNT if r.total_mnt is None else r.total_mnt for r in book.drgs], np.int64
        )
        weights = np.array(
            [NOT_IN_FORCE_MNT if r.weight_e4 is None else r.weight_e4 for r in book.drgs], np.int64
        )
        dates = Dates.of(book.drgs)
        for epoch, start in enumerate(epochs.starts):
            rows = dates.in_force(start)
            if rows.size:
                self.total_mnt[epoch, places[rows]] = totals[rows]
                self.weight_e4[epoch, places[rows]] = weights[rows]
                self.from_day[epoch, places[rows]] = dates.valid_from_day[rows]
        self.base_mnt, self.base_from_day = self._base_rates(book)

    def _base_rates(self, book: TariffBook) -> tuple[I64, I64]:
        """(e, c, rate classes): of the most specific row; level and ownership 0 take only `*` rows."""
        care_types = {name: index for index, name in enumerate(book.care_type_names)}
        shape = (len(self.epochs), len(care_types), LEVELS, OWNERSHIPS)
        base_mnt = np.full(shape, NOT_IN_FORCE_MNT, np.int64)
        from_day = np.full(shape, NO_DAY, np.int64)
        for row in sorted(book.base_rates, key=_specificity):
            level = slice(None) if row.level is None else row.level
            ownership = slice(None) if row.ownership is None else OWNERSHIP_CODES[row.ownership]
            for epoch in self.epochs.of(row):
                cell = epoch, care_types[row.care_type], level, ownership
                base_mnt[cell], from_day[cell] = row.base_mnt, row.valid_from_day
        flat = (len(self.epochs), len(care_types), LEVELS * OWNERSHIPS)
        return base_mnt.reshape(flat), from_day.reshape(flat)

    def records(self, begin: int) -> tuple[I32, np.ndarray]:
        """Prices.by_group, and its records, which are to stand from `begin` on."""
        by_group = np.zeros(self.base_mnt.shape, np.int32)
        begins: dict[tuple[object, ...], int] = {}
        lists: list[np.ndarray] = []
        for epoch, care_type in np.ndindex(*by_group.shape[:2]):
            drgs = epoch, slice(self.begins[care_type], self.begins[care_type + 1])
            columns = (self.total_mnt, self.weight_e4, self.from_day)
            prices = care_type, *(column[drgs].tobytes() for column in columns)
            base_mnt, from_day = self.base_mnt[epoch, care_type], self.base_from_day[epoch, care_type]
            for rate_class, base in enumerate(zip(base_mnt.tolist(), from_day.tolist(), strict=True)):
                key = prices, base
                if key not in begins:
                    begins[key] = begin
                    lists.append(self._price_list(drgs, base))
                    begin += lists[-1].size
                by_group[epoch, care_type, rate_class] = begins[key]
        return by_group, np.concatenate(lists) if lists else _blank(0)

    def _price_list(self, drgs: tuple[int, slice], base: tuple[int, int]) -> np.ndarray:
        """NO_DRG, then the DRGs: a fixed total, or base rate times weight, or NO_TARIFF."""
        total_mnt, weight_e4, from_day = self.total_mnt[drgs], self.weight_e4[drgs], self.from_day[drgs]
        base_mnt, base_from_day = base
        prices = _blank(total_mnt.size)
        prices["drg"] = self.drg[drgs[1]]
        fixed = total_mnt >= 0
        weighed = ~fixed & (weight_e4 >= 0) & (base_mnt >= 0)
        prices["gross_mnt"][fixed] = total_mnt[fixed]
        prices["period_day"][fixed] = from_day[fixed]
        weights, bases = weight_e4[weighed], np.full(np.count_nonzero(weighed), base_mnt, np.int64)
        gross_mnt = np.empty(bases.size, np.int64)
        price_groups(bases, weights, gross_mnt)
        prices["gross_mnt"][weighed] = gross_mnt
        prices["weight_e4"][weighed], prices["base_mnt"][weighed] = weights, base_mnt
        prices["period_day"][weighed] = np.maximum(from_day[weighed], base_from_day)
        prices["reasons"][~(fixed | weighed)] = bit(Reason.NO_TARIFF)
        prices["reasons"][0] = bit(Reason.NO_DRG)
        return prices
