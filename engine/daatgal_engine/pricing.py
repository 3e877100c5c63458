"""Place, group and price: row maps, from a claim's columns to its price.

In: claims, the facilities' periods, the compiled book. Out: PLACE and PRICED records, one of each per claim; those of a
voided row say nothing. Most claims find their price by look-ups alone: day → epoch, facility → rate class, category →
DRG, and then one record, worked out when the book was compiled; grouping.py searches for the rest. Source: rules.md §2.
"""

from typing import NamedTuple, Self

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import (
    AS_BILLED_MNT,
    BY_PERSON,
    CONTESTED,
    HOW_BITS,
    NO_RECORD,
    OLDEST,
    SEARCHED,
    DrgMap,
    Periods,
    Prices,
    Record,
    Records,
)
from daatgal_engine.columns import (
    FIRST_DAY,
    I8,
    I16,
    I32,
    I64,
    NO_CODE,
    NO_DAY,
    NO_MNT,
    U8,
    U64,
    ClaimColumns,
    Int,
    rows_between,
)
from daatgal_engine.grouping import NEXT, GroupedBy, category_of, grouped_by, known_age, search_candidates
from daatgal_engine.money import OVERFLOW_MNT, ten_thousandths, times
from daatgal_engine.placing import Whereabouts, earlier_period, leave_out
from daatgal_engine.reasons import UNPRICED, Reason, bit

NO_PRICE = bit(Reason.NO_PRICE)
HOW_MASK = 2**HOW_BITS - 1
LAST_AGE = np.int64(OLDEST)
ONE_DAY_S = np.uint64(86_400)
DAYS_BEFORE = np.uint64(FIRST_DAY)
DRG_CORRECTED_SHIFT = np.uint64(Reason.DRG_CORRECTED)
IGNORED_VALUE_SHIFT = np.uint64(Reason.IGNORED_VALUE)
ABOVE_SHIFT = np.uint64(Reason.BILLED_ABOVE_TARIFF)
BELOW_SHIFT = np.uint64(Reason.BILLED_BELOW_TARIFF)


class PricedBy(NamedTuple):
    """The columns of `ClaimColumns` that every claim's price depends on, and which claims stand."""

    standing: U8
    """1: the claim takes part; 0: it is voided"""
    start_s: I64
    end_s: I64
    care_type: I16
    facility: I32
    service: I32
    icd10: U64
    procedure_offset: I64
    sex: I8
    birth_day: I32
    claimed_drg: I32
    quantity: I32
    billed_mnt: I64
    ignored: U8


class PricingColumns(NamedTuple):
    """What pricing every claim reads, and what the search among candidates does."""

    priced_by: PricedBy
    grouped_by: GroupedBy

    def between(self, begin: int, end: int) -> Self:
        """Views of the rows `begin : end`."""
        return type(self)(rows_between(self.priced_by, begin, end), rows_between(self.grouped_by, begin, end))


def pricing_columns(claims: ClaimColumns, standing: U8) -> PricingColumns:
    """The same arrays, fewer of them: kernels compile faster with fewer arguments."""
    priced_by = PricedBy(standing, *(getattr(claims, name) for name in PricedBy._fields[1:]))
    return PricingColumns(priced_by, grouped_by(claims))


@kernel
def price_groups(base_mnt: I64, weight_e4: I64, gross_mnt: I64) -> None:
    """half_up(base rate * cost weight, 10 000) of every line of a price list; OVERFLOW_MNT outside int64."""
    for i in range(gross_mnt.size):
        gross_mnt[i] = ten_thousandths(base_mnt[i], weight_e4[i])


@kernel
def price_by_item(claim: Record, quantity: Int, billed_mnt: Int) -> None:
    """unit price * quantity, or the amount as billed; a price list's OVERFLOW_MNT stays."""
    if claim.gross_mnt == AS_BILLED_MNT:
        claim.gross_mnt = billed_mnt
        if billed_mnt == NO_MNT:
            claim.gross_mnt = 0
            claim.reasons = NO_PRICE
            claim.period_day = NO_DAY
    elif claim.gross_mnt != OVERFLOW_MNT:
        claim.gross_mnt = times(claim.gross_mnt, np.int64(quantity))


@kernel
def adjust(claim: Record, claimed: Int, quantity: Int, billed_mnt: Int, ignored: bool) -> None:
    """Make the price of a group or of a unit that of the claim, and say how it compares with what was claimed.

    Conditions are added up: a branch that goes either way costs more than all of them.
    """
    if (claim.gross_mnt < 0) | ((claim.by_item != 0) & (quantity != 1)):
        price_by_item(claim, quantity, billed_mnt)
    gross_mnt, drg, reasons = claim.gross_mnt, claim.drg, claim.reasons
    known = (billed_mnt != NO_MNT) & (reasons & UNPRICED == 0)
    corrected = (claimed != NO_CODE) & (drg != NO_CODE) & (claimed != drg)
    reasons |= np.uint64(corrected) << DRG_CORRECTED_SHIFT
    reasons |= np.uint64(ignored) << IGNORED_VALUE_SHIFT
    reasons |= np.uint64(known & (billed_mnt > gross_mnt)) << ABOVE_SHIFT
    reasons |= np.uint64(known & (billed_mnt < gross_mnt)) << BELOW_SHIFT
    claim.reasons = reasons


@kernel
def price_claims(
    book: tuple[Periods, DrgMap, Prices],
    where: Whereabouts,
    claims: PricedBy,
    people: GroupedBy,
    out: tuple[Records, Records],
) -> Int:
    """Place, group and price the standing claims; the first whose price overflows, or -1.

    Writes: `out`, PLACE and PRICED. Look-ups are made whether needed or not: a branch that goes either way costs more.
    """
    periods, drg_map, prices = book
    place, priced = out
    facility_periods, records = where.period, prices.record
    overflow = np.int64(-1)
    for row in range(np.uint64(claims.standing.size)):
        at, claim = place[row], priced[row]
        at.standing = claims.standing[row]
        if at.standing == 0:
            leave_out(at)
            priced[row] = records[NO_RECORD]
            continue
        care_type = np.uint64(claims.care_type[row])
        start_s, end_s = np.uint64(claims.start_s[row]), np.uint64(claims.end_s[row])
        day = (end_s if periods.stay[care_type] != 0 else start_s) // ONE_DAY_S
        epoch = np.uint64(periods.epoch_by_day[day - DAYS_BEFORE])
        period = np.int64(where.last[np.uint64(claims.facility[row] + 1)])
        period = earlier_period(facility_periods, period, np.int64(day))
        its = facility_periods[np.uint64(period)]
        at.pricing_day, at.epoch = day, epoch
        at.start_month = periods.month_by_day[start_s // ONE_DAY_S - DAYS_BEFORE]
        at.period, at.level, at.ownership = period - 1, its.level, its.ownership

        service = np.uint64(prices.service_of[np.uint64(claims.service[row] + 1)] + 1)
        item = prices.by_service[epoch, care_type, service]
        here = np.uint64(drg_map.map_of[epoch, care_type]) + category_of(claims.icd10[row])
        operated = claims.procedure_offset[row] != claims.procedure_offset[row + NEXT]
        answer = drg_map.answer[np.uint64(operated), here]
        if answer & HOW_MASK == BY_PERSON:
            age = min(known_age(np.int64(start_s), np.int64(claims.birth_day[row])), LAST_AGE)
            answer = drg_map.by_person[
                np.uint64(answer >> HOW_BITS), np.uint64(claims.sex[row]), np.uint64(age + 1)
            ]
        claimed, how = np.int64(claims.claimed_drg[row]), answer & HOW_MASK
        listed = np.int64(prices.by_group[epoch, care_type, np.uint64(its.rate_class)])
        group = listed + (answer >> HOW_BITS)
        other = (claimed != NO_CODE) & (claimed != records[np.uint64(group)].drg)
        if (item < 0) & ((how == SEARCHED) | ((how == CONTESTED) & other)):
            group = listed + search_candidates(drg_map, people, np.uint64(row), here, claimed)

        priced[row] = records[np.uint64(item if item >= 0 else group)]
        adjust(
            claim, claimed, np.int64(claims.quantity[row]), claims.billed_mnt[row], claims.ignored[row] != 0
        )
        if claim.gross_mnt < 0 and overflow < 0:
            overflow = np.int64(row)
    return overflow
