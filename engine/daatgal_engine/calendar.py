"""Days, months and completed years.

In: days since 1970-01-01. Out: calendar months as `12 * year + month - 1` (a quarter is a third of it, a year a
twelfth), ages in completed years. Functions for row maps; the month table is made once per process by NumPy.
"""

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.columns import FIRST_DAY, I32, LAST_DAY, Int

DAY_S = np.int64(86_400)
YEAR_DAYS_E4 = np.int64(3_652_425)
NEAR_BIRTHDAY_E4 = np.int64(30_000)


def months_by_day() -> I32:
    """LAST_DAY - FIRST_DAY + 1 values: the calendar month of each day a claim may carry."""
    days = np.arange(FIRST_DAY, LAST_DAY + 1, dtype=np.int64).astype("datetime64[D]")
    months = days.astype("datetime64[M]").astype(np.int32) + np.int32(12 * 1970)
    months.setflags(write=False)
    return months


@kernel
def civil_date(day: Int) -> tuple[Int, Int]:
    """Year, and month and day as `32 * month + day`, of a day since 1970-01-01 (proleptic Gregorian).

    Years begin on 1 March, so that the leap day is a year's last; eras are 400 years.
    """
    shifted = day + 719_468
    era = shifted // 146_097
    day_of_era = shifted - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted_month = (5 * day_of_year + 2) // 153
    day_of_month = day_of_year - (153 * shifted_month + 2) // 5 + 1
    month = shifted_month + 3 if shifted_month < 10 else shifted_month - 9
    year = year_of_era + era * 400 + (1 if month <= 2 else 0)
    return year, 32 * month + day_of_month


@kernel
def completed_years(birth_day: Int, day: Int) -> Int:
    """Age on `day`; a birthday on 29 February completes on 1 March in common years.

    A year is 365.2425 days, and no birthday is three days away from that: but for the days around it the quotient is
    the age, and the calendar need not be asked.
    """
    days_e4 = (np.int64(day) - np.int64(birth_day)) * 10_000
    years = (days_e4 - NEAR_BIRTHDAY_E4) // YEAR_DAYS_E4
    if years == (days_e4 + NEAR_BIRTHDAY_E4) // YEAR_DAYS_E4:
        return years
    birth_year, birth_month_day = civil_date(np.int64(birth_day))
    year, month_day = civil_date(np.int64(day))
    return year - birth_year - (1 if month_day < birth_month_day else 0)
