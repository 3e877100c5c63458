"""Completed years, on and around birthdays: the quotient of days and the calendar tell the same age."""

from datetime import date, timedelta

import pytest

from daatgal_engine.calendar import completed_years

UNIX = date(1970, 1, 1)
BIRTHS = [
    date(1890, 3, 1),
    date(1896, 2, 29),
    date(1899, 12, 31),
    date(1904, 2, 29),
    date(1970, 1, 1),
    date(2000, 2, 29),
]


def age_on(birth: date, day: date) -> int:
    """By the calendar alone."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


@pytest.mark.parametrize("birth", BIRTHS, ids=str)
def test_an_age_is_right_on_every_day_near_a_birthday(birth):
    for years in range(2101 - birth.year):
        about = birth.replace(year=birth.year + years, day=min(birth.day, 28))
        for days in range(-5, 7):
            day = about + timedelta(days)
            told = completed_years((birth - UNIX).days, (day - UNIX).days)
            assert told == age_on(birth, day), f"born {birth}, on {day}"


def test_a_whole_life_day_by_day():
    birth = date(1996, 2, 29)
    for days in range(3_000):
        day = birth + timedelta(days)
        assert completed_years((birth - UNIX).days, (day - UNIX).days) == age_on(birth, day)
