"""Group and price: a row map.

In: coded claims, where they were provided, the compiled book. Out: PRICED records, one per claim; a voided row keeps
zeros and nulls. Source: rules.md §2.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import AS_BILLED_MNT, NOT_IN_FORCE_MNT, DrgMap, Prices, Records
from daatgal_engine.columns import NO_CODE, NO_DAY, NO_MNT
from daatgal_engine.grouping import CodedClaims, group
from daatgal_engine.money import OVERFLOW_MNT, ten_thousandths, times
from daatgal_engine.reasons import UNPRICED, Reason, bit

NO_DRG = bit(Reason.NO_DRG)
NO_TARIFF = bit(Reason.NO_TARIFF)
NO_PRICE = bit(Reason.NO_PRICE)
DRG_CORRECTED = bit(Reason.DRG_CORRECTED)
IGNORED_VALUE = bit(Reason.IGNORED_VALUE)
BILLED_ABOVE_TARIFF = bit(Reason.BILLED_ABOVE_TARIFF)
BILLED_BELOW_TARIFF = bit(Reason.BILLED_BELOW_TARIFF)
NOT_BY_ITEM, NO_ITEM = -2, -1

PRICED = np.dtype(
    [
        ("gross_mnt", "i8"),  # OVERFLOW_MNT: outside int64, the run stops
        ("weight_e4", "i8"),  # NO_MNT: null
        ("base_mnt", "i8"),  # NO_MNT: null
        ("reasons", "u8"),
        ("drg", "i4"),  # NO_CODE: null
        ("period_day", "i4"),  # NO_DAY: null
        ("by_item", "u1"),
    ],
    align=True,
)


def unpriced(rows: int) -> Records:
    """PRICED records that say nothing yet."""
    priced = np.zeros(rows, PRICED).view(np.recarray)
    priced.drg[:] = NO_CODE
    priced.weight_e4[:] = NO_MNT
    priced.base_mnt[:] = NO_MNT
    priced.period_day[:] = NO_DAY
    return priced


@kernel
def item_of(prices: Prices, epoch: int, care_type: int, service: int) -> int:
    """The item that prices a claim, NO_ITEM where no row is in force, NOT_BY_ITEM where none has to be."""
    if service >= 0:
        item = prices.item_of[care_type, service]
        if item >= 0 and prices.item.mnt[epoch, item] != NOT_IN_FORCE_MNT:
            return item
    if not prices.by_item[epoch, care_type]:
        return NOT_BY_ITEM
    item = prices.item_of[care_type, prices.item_of.shape[1] - 1]
    if item >= 0 and prices.item.mnt[epoch, item] != NOT_IN_FORCE_MNT:
        return item
    return NO_ITEM


@kernel
def price_item(prices: Prices, epoch_item: tuple[int, int], claims: CodedClaims, row: int, priced: Records) -> None:
    """unit price * quantity, or the amount as billed."""
    epoch, item = epoch_item
    priced.by_item[row] = 1
    if item == NO_ITEM:
        priced.reasons[row] |= NO_TARIFF
        return
    unit_mnt = prices.item.mnt[epoch, item]
    if unit_mnt == AS_BILLED_MNT:
        if claims.billed_mnt[row] == NO_MNT:
            priced.reasons[row] |= NO_PRICE
            return
        priced.gross_mnt[row] = claims.billed_mnt[row]
    else:
        priced.gross_mnt[row] = times(unit_mnt, np.int64(claims.quantity[row]))
    priced.period_day[row] = prices.item.from_day[epoch, item]


@kernel
def price_drg(prices: Prices, drg: int, place: Records, row_care_type: tuple[int, int], priced: Records) -> None:
    """The fixed total of the DRG, or half_up(base rate * cost weight, 10 000)."""
    row, care_type = row_care_type
    epoch, level, ownership = place.epoch[row], place.level[row], place.ownership[row]
    priced.drg[row] = drg
    pair = prices.drg_pair[care_type, drg]
    if pair < 0:
        priced.reasons[row] |= NO_TARIFF
        return
    if prices.drg.total_mnt[epoch, pair] >= 0:
        priced.gross_mnt[row] = prices.drg.total_mnt[epoch, pair]
        priced.period_day[row] = prices.drg.from_day[epoch, pair]
        return
    weight_e4 = prices.drg.weight_e4[epoch, pair]
    base_mnt = prices.base.mnt[epoch, care_type, level, ownership]
    if weight_e4 < 0 or base_mnt < 0:
        priced.reasons[row] |= NO_TARIFF
        return
    priced.gross_mnt[row] = ten_thousandths(base_mnt, weight_e4)
    priced.weight_e4[row] = weight_e4
    priced.base_mnt[row] = base_mnt
    base_from_day = prices.base.from_day[epoch, care_type, level, ownership]
    priced.period_day[row] = max(base_from_day, prices.drg.from_day[epoch, pair])


@kernel
def group_and_price(
    drg_map: DrgMap, prices: Prices, claims: CodedClaims, place: Records, row_priced: tuple[int, Records]
) -> None:
    """Price one claim by its item, or by the DRG it groups to."""
    row, priced = row_priced
    epoch = place.epoch[row]
    care_type = np.int64(claims.care_type[row])
    item = item_of(prices, epoch, care_type, np.int64(prices.service_of[claims.service[row] + 1]))
    if item != NOT_BY_ITEM:
        price_item(prices, (np.int64(epoch), np.int64(item)), claims, row, priced)
        return
    map_index = drg_map.map_of[epoch, care_type]
    drg = np.int64(group(drg_map, map_index, claims, row)) if map_index >= 0 else np.int64(NO_CODE)
    if drg == NO_CODE:
        priced.reasons[row] |= NO_DRG
        return
    claimed = claims.claimed_drg[row]
    if claimed != NO_CODE and claimed != drg:
        priced.reasons[row] |= DRG_CORRECTED
    price_drg(prices, drg, place, (row, care_type), priced)


@kernel
def price(
    tables: tuple[DrgMap, Prices], claims: CodedClaims, place: Records, rows: tuple[int, int], priced: Records
) -> int:
    """Group and price the standing claims `rows[0] : rows[1]`; the first row that overflows, or -1.

    Reads: every column that rules.md §2 names. Writes: all of `priced`.
    """
    drg_map, prices = tables
    overflow = -1
    for row in range(rows[0], rows[1]):
        if not place.standing[row]:
            continue
        group_and_price(drg_map, prices, claims, place, (row, priced))
        if priced.gross_mnt[row] == OVERFLOW_MNT and overflow < 0:
            overflow = row
        if claims.ignored[row]:
            priced.reasons[row] |= IGNORED_VALUE
        if claims.billed_mnt[row] != NO_MNT and priced.reasons[row] & UNPRICED == 0:
            if claims.billed_mnt[row] > priced.gross_mnt[row]:
                priced.reasons[row] |= BILLED_ABOVE_TARIFF
            elif claims.billed_mnt[row] < priced.gross_mnt[row]:
                priced.reasons[row] |= BILLED_BELOW_TARIFF
    return overflow
