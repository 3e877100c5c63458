"""When and where: the epoch of a claim's pricing date and the facility row in force on it. Part of a row map.

In: the facilities. Out: the layout of PLACE records, one per claim, and the facilities' periods as records, so that a
claim finds all that pricing asks of its facility in one place. Source: rules.md §2.1.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import OWNERSHIPS, Record, Records
from daatgal_engine.columns import I32, NO_CODE, FacilityColumns, Int

PLACE = np.dtype(
    [
        ("pricing_day", "i4"),
        ("start_month", "i4"),  # calendar month of the start: 12 * year + month - 1
        ("period", "i4"),  # row of FacilityColumns in force on the pricing date, -1
        ("epoch", "i2"),  # of the pricing date
        ("standing", "u1"),  # 1: the claim takes part; 0: it is voided, and the rest says nothing
        ("level", "u1"),  # of the facility row, 0 without one
        ("ownership", "u1"),  # OWNERSHIP_*, 0 without a row
    ],
    align=True,
)

PERIOD = np.dtype(
    [
        ("valid_from_day", "i4"),
        ("valid_to_day", "i4"),  # inclusive
        ("first", "i4"),  # index of the facility's first period
        ("level", "u1"),
        ("ownership", "u1"),
        ("rate_class", "u1"),  # level * OWNERSHIPS + ownership
    ],
    align=True,
)


class Whereabouts(NamedTuple):
    """The facilities' periods, `p` in all."""

    last: I32
    """f + 1: per facility + 1 (0: NO_CODE) the index of its last period, or 0"""
    period: Records
    """p + 1 PERIOD; 0 is no facility row: always in force, where no other is"""


def whereabouts(facilities: FacilityColumns) -> Whereabouts:
    """Lay the periods out as records."""
    period = np.zeros(facilities.level.size + 1, PERIOD)
    period["valid_from_day"] = np.concatenate(([-(2**31)], facilities.valid_from_day))
    period["valid_to_day"] = np.concatenate(([2**31 - 1], facilities.valid_to_day))
    counts = np.diff(facilities.offset)
    period["first"][1:] = np.repeat(facilities.offset[:-1] + 1, counts)
    period["level"][1:] = facilities.level
    period["ownership"][1:] = facilities.ownership
    period["rate_class"] = period["level"] * OWNERSHIPS + period["ownership"]
    last = np.concatenate(([0], np.where(counts > 0, facilities.offset[1:], 0))).astype(np.int32)
    for array in (last, period):
        array.setflags(write=False)
    return Whereabouts(last, period.view(np.recarray))


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
def earlier_period(periods: Records, at: Int, day: Int) -> Int:
    """The index of the facility's period in force on `day`, at `at` or before it; 0 where none is."""
    first = np.int64(periods[at].first)
    while at > 0 and (day < periods[at].valid_from_day or day > periods[at].valid_to_day):
        at = at - 1 if at > first else np.int64(0)
    return at


@kernel
def leave_out(at: Record) -> None:
    """The place of a voided claim."""
    at.pricing_day = 0
    at.start_month = 0
    at.period = -1
    at.epoch = 0
    at.level = 0
    at.ownership = 0
