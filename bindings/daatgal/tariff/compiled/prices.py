"""Prices compiled: DRGs, base rates and items by epoch.

In: drgs.csv, base_rates.csv, items.csv; the service codes of a batch. Out: `Prices`. The loader has bounded amounts
and weights, so that the pricing kernel cannot overflow unless the price itself does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from daatgal_engine.book import AS_BILLED_MNT, DRG_PRICE, NOT_IN_FORCE_MNT, UNIT_PRICE, Prices
from daatgal_engine.columns import I32, NO_DAY, OWNERSHIP_PRIVATE, OWNERSHIP_STATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal.tariff.rows import BaseRateRow
    from daatgal_engine.book import Records

_NO_DRG_PRICE = np.array((NOT_IN_FORCE_MNT, NOT_IN_FORCE_MNT, NO_DAY), DRG_PRICE)
_NO_UNIT_PRICE = np.array((NOT_IN_FORCE_MNT, NO_DAY), UNIT_PRICE)
LEVELS = 4
"""0: no facility row is in force; 1–3."""
OWNERSHIPS = {"state": OWNERSHIP_STATE, "private": OWNERSHIP_PRIVATE}


def service_index(book: TariffBook, services: Sequence[str]) -> I32:
    """Per service code of the batch, shifted by one (0: null): its index in the book's service codes, -1 if absent."""
    known = {code: index for index, code in enumerate(book.service_codes)}
    return np.array([-1, *(known.get(code, -1) for code in services)], np.int32)


def compile_prices(book: TariffBook, epochs: Epochs, services: Sequence[str]) -> Prices:
    """Lay prices out by epoch."""
    care_types = {name: index for index, name in enumerate(book.care_type_names)}
    drgs = {code: index for index, code in enumerate(book.drg_codes)}
    pairs = {
        key: index for index, key in enumerate(dict.fromkeys((r.care_type, r.drg_code) for r in book.drgs))
    }
    drg_pair = np.full((len(care_types), max(len(drgs), 1)), -1, np.int32)
    for (care_type, code), index in pairs.items():
        drg_pair[care_types[care_type], drgs[code]] = index
    drg = np.full((len(epochs), max(len(pairs), 1)), _NO_DRG_PRICE)
    for row in book.drgs:
        pair = pairs[row.care_type, row.drg_code]
        for epoch in epochs.of(row):
            total_mnt = NOT_IN_FORCE_MNT if row.total_mnt is None else row.total_mnt
            weight_e4 = NOT_IN_FORCE_MNT if row.weight_e4 is None else row.weight_e4
            drg[epoch, pair] = (total_mnt, weight_e4, row.valid_from_day)
    by_item = np.zeros((len(epochs), len(care_types)), np.uint8)
    for row in book.care_types:
        for epoch in epochs.of(row):
            by_item[epoch, care_types[row.care_type]] = row.priced_by == "item"
    item_of, item = _items(book, epochs, care_types)
    return Prices(
        drg_pair=drg_pair,
        drg=drg,
        base=_base_rates(book, epochs, care_types),
        by_item=by_item,
        service_of=service_index(book, services),
        item_of=item_of,
        item=item,
    )


def _specificity(row: BaseRateRow) -> tuple[bool, bool]:
    """Level before ownership; the most specific row sorts last, so that it is written last."""
    return row.level is not None, row.ownership is not None


def _base_rates(book: TariffBook, epochs: Epochs, care_types: dict[str, int]) -> Records:
    """(e, c, LEVELS, 3): each cell holds the most specific row; level and ownership 0 take only `*` rows."""
    shape = (len(epochs), len(care_types), LEVELS, len(OWNERSHIPS) + 1)
    base = np.full(shape, _NO_UNIT_PRICE)
    for row in sorted(book.base_rates, key=_specificity):
        levels = slice(None) if row.level is None else row.level
        ownerships = slice(None) if row.ownership is None else OWNERSHIPS[row.ownership]
        for epoch in epochs.of(row):
            base[epoch, care_types[row.care_type], levels, ownerships] = (row.base_mnt, row.valid_from_day)
    return base


def _items(book: TariffBook, epochs: Epochs, care_types: dict[str, int]) -> tuple[I32, Records]:
    """(c, services + 1) item indexes, the last column for `*`; (e, items) prices."""
    column = {code: index for index, code in enumerate((*book.service_codes, "*"))}
    keys = {
        key: index
        for index, key in enumerate(dict.fromkeys((r.care_type, r.service_code) for r in book.items))
    }
    item_of = np.full((len(care_types), len(column)), -1, np.int32)
    for (care_type, code), index in keys.items():
        item_of[care_types[care_type], column[code]] = index
    item = np.full((len(epochs), max(len(keys), 1)), _NO_UNIT_PRICE)
    for row in book.items:
        for epoch in epochs.of(row):
            unit_mnt = AS_BILLED_MNT if row.unit_mnt is None else row.unit_mnt
            item[epoch, keys[row.care_type, row.service_code]] = (unit_mnt, row.valid_from_day)
    return item_of, item
