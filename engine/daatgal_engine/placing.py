"""When and where: the epoch of each claim's pricing date and the facility row in force on it. A row map.

In: the claims, the facilities, the book's periods. Out: PLACE records, one per claim. Source: rules.md §2.1.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Periods, Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import FIRST_DAY, I16, I32, I64, NO_CODE, U8, ClaimColumns, FacilityColumns

PLACE = np.dtype(
    [
        ("pricing_day", "i4"),
        ("start_month", "i4"),  # calendar month of the start: 12 * year + month - 1
        ("period", "i4"),  # row of FacilityColumns in force on the pricing date, -1
        ("epoch", "i2"),  # of the pricing date
        ("standing", "u1"),  # 1: the claim takes part; 0: it is voided
        ("level", "u1"),  # of the facility row, 0 without one
        ("ownership", "u1"),  # OWNERSHIP_*, 0 without a row
    ],
    align=True,
)


class PlacedBy(NamedTuple):
    """The columns of `ClaimColumns` that placing reads."""

    start_s: I64
    end_s: I64
    care_type: I16
    facility: I32


def placed_by(claims: ClaimColumns) -> PlacedBy:
    """The same arrays, fewer of them."""
    return PlacedBy(*(getattr(claims, name) for name in PlacedBy._fields))


@kernel
def period_in_force(facilities: FacilityColumns, facility: int, day: int) -> int:
    """The row of `facility` in force on `day`, -1 where none is; a facility has few rows."""
    if facility == NO_CODE:
        return -1
    for period in range(facilities.offset[facility], facilities.offset[facility + 1]):
        if facilities.valid_from_day[period] <= day <= facilities.valid_to_day[period]:
            return period
    return -1


@kernel
def place_claims(claims: PlacedBy, facilities: FacilityColumns, periods: Periods, place: Records) -> None:
    """Fill `place` for the standing claims. Stays are read by the date of their end, all else by that of the start."""
    start_s, end_s, care_type, facility = claims.start_s, claims.end_s, claims.care_type, claims.facility
    for row in range(place.size):
        if not place.standing[row]:
            continue
        start_day = start_s[row] // DAY_S
        day = end_s[row] // DAY_S if periods.stay[care_type[row]] else start_day
        place.pricing_day[row] = day
        place.epoch[row] = periods.epoch_by_day[day - FIRST_DAY]
        place.start_month[row] = periods.month_by_day[start_day - FIRST_DAY]
        period = period_in_force(facilities, facility[row], day)
        place.period[row] = period
        if period >= 0:
            place.level[row] = facilities.level[period]
            place.ownership[row] = facilities.ownership[period]


def unplaced(standing: U8) -> Records:
    """PLACE records of claims that are still to be placed."""
    place = np.zeros(standing.size, PLACE).view(np.recarray)
    place.standing[:] = standing
    place.period[:] = -1
    return place
