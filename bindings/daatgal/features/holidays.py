"""Days off: weekends and the public holidays of Mongolia that have a fixed date.

In: days. Out: whether each is a day off. Tsagaan Sar, Buddha's Day and Chinggis Khaan's birthday move with the lunar
calendar and are not here: they need a table of dates from a source that is kept. Source: Public_holidays_in_Mongolia
(Wikipedia) and holidays 0.8 (Mongolia), after the Law on Public Holidays and Days of Celebration.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal_engine.columns import FIRST_DAY, LAST_DAY

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal_engine.columns import I64, U8


class Holiday(NamedTuple):
    """A public holiday."""

    month: int
    day: int
    first_year: int
    name_mn: str
    name_en: str


_ALWAYS: Final = 1990
HOLIDAYS: Final = (
    Holiday(1, 1, _ALWAYS, "Шинэ жил", "New Year's Day"),
    Holiday(3, 8, _ALWAYS, "Олон улсын эмэгтэйчүүдийн өдөр", "International Women's Day"),
    Holiday(6, 1, _ALWAYS, "Хүүхдийн баяр", "Children's Day"),
    Holiday(7, 11, _ALWAYS, "Наадам", "Naadam"),
    Holiday(7, 12, _ALWAYS, "Наадам", "Naadam"),
    Holiday(7, 13, _ALWAYS, "Наадам", "Naadam"),
    Holiday(7, 14, 2004, "Наадам", "Naadam"),
    Holiday(7, 15, 2004, "Наадам", "Naadam"),
    Holiday(11, 26, 2004, "Бүгд Найрамдах Улс тунхагласан өдөр", "Republic Day"),
    Holiday(12, 29, 2007, "Үндэсний эрх чөлөө, тусгаар тогтнолын өдөр", "Independence Day"),
)
_SATURDAY: Final = 5
_THURSDAY: Final = 3
"""1970-01-01, counted from Monday."""


def is_day_off(days: I64) -> npt.NDArray[np.bool_]:
    """Whether each day (since 1970-01-01) is a Saturday, a Sunday or one of `HOLIDAYS`."""
    if days.size == 0:
        return np.zeros(0, np.bool_)
    first = days.min()
    distinct = np.arange(first, days.max() + 1)
    months = distinct.astype("datetime64[D]").astype("datetime64[M]")
    day_of_month = distinct - months.astype("datetime64[D]").astype(np.int64) + 1
    month, year = months.astype(np.int64) % 12 + 1, months.astype(np.int64) // 12 + 1970
    off = (distinct + _THURSDAY) % 7 >= _SATURDAY
    for holiday in HOLIDAYS:
        off |= (month == holiday.month) & (day_of_month == holiday.day) & (year >= holiday.first_year)
    return off[days - first]


@cache
def days_off() -> U8:
    """By day from FIRST_DAY to LAST_DAY: 1 for a day off."""
    return frozen(is_day_off(np.arange(FIRST_DAY, LAST_DAY + 1)).view(np.uint8))
