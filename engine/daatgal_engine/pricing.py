"""Price: a row map, before and after grouping.

In: claims, where they were provided, the compiled book. Out: PRICED records, one per claim; a voided row keeps
zeros and nulls. Source: rules.md §2.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import AS_BILLED_MNT, NOT_IN_FORCE_MNT, Prices, Record, Records
from daatgal_engine.columns import I16, I32, I64, NO_CODE, NO_DAY, NO_MNT, U8, ClaimColumns
from daatgal_engine.money import OVERFLOW_MNT, ten_thousandths, times
from daatgal_engine.reasons import UNPRICED, Reason, bit

NO_DRG = bit(Reason.NO_DRG)
NO_TARIFF = bit(Reason.NO_TARIFF)
NO_PRICE = bit(Reason.NO_PRICE)
DRG_CORRECTED = bit(Reason.DRG_CORRECTED)
IGNORED_VALUE = bit(Reason.IGNORED_VALUE)
BILLED_ABOVE_TARIFF = bit(Reason.BILLED_ABOVE_TARIFF)
BILLED_BELOW_TARIFF = bit(Reason.BILLED_BELOW_TARIFF)
NO_ITEM = -1

PRICED = np.dtype(
    [
        ("gross_mnt", "i8"),  # OVERFLOW_MNT: outside int64, the run stops
        ("weight_e4", "i8"),  # NO_MNT: null
        ("base_mnt", "i8"),  # NO_MNT: null
        ("reasons", "u8"),
        ("drg", "i4"),  # NO_CODE: null
        ("period_day", "i4"),  # NO_DAY: null
        ("item_row", "i4"),  # NO_ITEM
        ("by_item", "u1"),
    ],
    align=True,
)


class PricedBy(NamedTuple):
    """The columns of `ClaimColumns` that pricing reads."""

    care_type: I16
    service: I32
    claimed_drg: I32
    quantity: I32
    billed_mnt: I64
    ignored: U8


def priced_by(claims: ClaimColumns) -> PricedBy:
    """The same arrays, fewer of them."""
    return PricedBy(*(getattr(claims, name) for name in PricedBy._fields))


def unpriced(rows: int) -> Records:
    """PRICED records that say nothing yet."""
    priced = np.zeros(rows, PRICED).view(np.recarray)
    priced.drg[:] = NO_CODE
    priced.weight_e4[:] = NO_MNT
    priced.base_mnt[:] = NO_MNT
    priced.period_day[:] = NO_DAY
    return priced


@kernel
def find_items(prices: Prices, claims: PricedBy, place: Records, priced: Records) -> None:
    """Write the item that prices each standing claim, NO_ITEM where a claim priced by item has none.

    By item is a claim whose care type is priced so, or whose service has a row for the care type on that day; the row
    of the service before the `*` row.
    """
    items, item_of, service_of, by_item = prices.item, prices.item_of, prices.service_of, prices.by_item
    any_service = item_of.shape[1] - 1
    for row in range(place.size):
        priced[row].item_row = NO_ITEM
        if place[row].standing == 0:
            continue
        epoch, care_type = place[row].epoch, claims.care_type[row]
        service = service_of[claims.service[row] + 1]
        item = item_of[care_type, service] if service >= 0 else np.int32(NO_ITEM)
        if item >= 0 and items[epoch, item].mnt == NOT_IN_FORCE_MNT:
            item = np.int32(NO_ITEM)
        if item < 0 and by_item[epoch, care_type] == 0:
            continue
        priced[row].by_item = 1
        if item < 0:
            item = item_of[care_type, any_service]
        if item >= 0 and items[epoch, item].mnt != NOT_IN_FORCE_MNT:
            priced[row].item_row = item


@kernel
def price_item(unit: Record, billed_mnt: int, quantity: int, claim: Record) -> None:
    """unit price * quantity, or the amount as billed."""
    if unit.mnt != AS_BILLED_MNT:
        claim.gross_mnt = times(unit.mnt, np.int64(quantity))
    elif billed_mnt != NO_MNT:
        claim.gross_mnt = billed_mnt
    else:
        claim.reasons |= NO_PRICE
        return
    claim.period_day = unit.from_day


@kernel
def price_drg(drg: Record, base: Record, claim: Record) -> None:
    """The fixed total of the DRG, or half_up(base rate * cost weight, 10 000)."""
    if drg.total_mnt >= 0:
        claim.gross_mnt = drg.total_mnt
        claim.period_day = drg.from_day
    elif drg.weight_e4 >= 0 and base.mnt >= 0:
        claim.gross_mnt = ten_thousandths(base.mnt, drg.weight_e4)
        claim.weight_e4 = drg.weight_e4
        claim.base_mnt = base.mnt
        claim.period_day = max(base.from_day, drg.from_day)
    else:
        claim.reasons |= NO_TARIFF


@kernel
def price_claims(prices: Prices, claims: PricedBy, place: Records, priced: Records) -> int:
    """Price the standing claims, whose item or DRG is known; the first that overflows, or -1."""
    items, drgs, bases, drg_pair = prices.item, prices.drg, prices.base, prices.drg_pair
    overflow = -1
    for row in range(place.size):
        at, claim = place[row], priced[row]
        if at.standing == 0:
            continue
        billed_mnt = claims.billed_mnt[row]
        if claim.by_item != 0:
            if claim.item_row == NO_ITEM:
                claim.reasons |= NO_TARIFF
            else:
                price_item(items[at.epoch, claim.item_row], billed_mnt, claims.quantity[row], claim)
        elif claim.drg == NO_CODE:
            claim.reasons |= NO_DRG
        else:
            care_type = claims.care_type[row]
            pair = drg_pair[care_type, claim.drg]
            if pair < 0:
                claim.reasons |= NO_TARIFF
            else:
                price_drg(drgs[at.epoch, pair], bases[at.epoch, care_type, at.level, at.ownership], claim)
            claimed = claims.claimed_drg[row]
            if claimed != NO_CODE and claimed != claim.drg:
                claim.reasons |= DRG_CORRECTED
        if claim.gross_mnt == OVERFLOW_MNT and overflow < 0:
            overflow = row
        if claims.ignored[row] != 0:
            claim.reasons |= IGNORED_VALUE
        if billed_mnt != NO_MNT and claim.reasons & UNPRICED == 0:
            if billed_mnt > claim.gross_mnt:
                claim.reasons |= BILLED_ABOVE_TARIFF
            elif billed_mnt < claim.gross_mnt:
                claim.reasons |= BILLED_BELOW_TARIFF
    return overflow
