"""What the register of the insured says of each claim: coverage, death, and values the claim does not give.

In: claims with the number of their person, the persons' periods. Out: filled columns. A row map.
Source: contract, `insured`.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.ahead import ask_for
from daatgal_engine.book import Records
from daatgal_engine.columns import (
    COVERAGE_IN_FORCE,
    COVERAGE_NONE,
    I8,
    I16,
    I32,
    I64,
    NO_CODE,
    NO_DAY,
    NO_DEATH_DAY,
    SEX_UNKNOWN,
    ZERO,
    Int,
)

AHEAD = np.int64(12)
"""So many claims before its person is looked up, the periods are asked for; twice as many before, where they begin."""
INSURED_PERIOD = np.dtype(
    [
        ("from_day", "i4"),
        ("to_day", "i4"),  # inclusive
        ("death_day", "i4"),
        ("birth_day", "i4"),
        ("exemption", "i4"),  # index into the register's exemptions, -1: null
        ("sex", "i1"),
    ],
    align=True,
)
"""What the register says of a person in a period: side by side, since a claim finds it anywhere in memory."""


class InsuredPeriods(NamedTuple):
    """The periods of each person, by person, then by beginning; they do not overlap."""

    offset: I64
    """persons + 1"""
    period: Records
    """INSURED_PERIOD"""
    exemption: I16
    """what each of the register's exemptions is in the book, the last entry of a null"""


class Person(NamedTuple):
    """What a claim says of its person, filled in place."""

    sex: I8
    birth_day: I32
    exemption: I16
    """NO_CODE: null; what the book does not know is lower"""
    coverage: I8
    death_day: I32


@kernel
def _last_begun(periods: Records, begin: Int, end: Int, day: Int) -> Int:
    """Find the last period that begins on or before `day`; `begin - 1` if there is none."""
    while begin < end:
        middle = (begin + end) // 2
        if periods[middle].from_day <= day:
            begin = middle + 1
        else:
            end = middle
    return begin - 1


@kernel
def fill_persons(start_day: I32, person: I64, periods: InsuredPeriods, claim: Person) -> None:
    """Fill null sex, birth day and exemption from the period in force on the start day, else from the latest.

    A birth after the start is unknown. Reads: start_day int32[m]; person int64[m], -1: not in the register. Writes:
    `claim`, coverage and death day always.
    """
    offset, records, of_exemption = periods
    sex, birth_day, exemption, coverage, death_day = claim
    last = person.size - 1
    for i in range(start_day.size):
        ask_for(offset, max(person[min(i + 2 * AHEAD, last)], ZERO))
        ask_for(records, offset[max(person[min(i + AHEAD, last)], ZERO)])
        coverage[i] = COVERAGE_NONE
        death_day[i] = NO_DEATH_DAY
        own = person[i]
        if own < 0:
            continue
        begin, end, day = np.int64(offset[own]), np.int64(offset[own + 1]), np.int64(start_day[i])
        row = begin if end == begin + 1 else _last_begun(records, begin, end, day)
        if row >= begin and records[row].from_day <= day <= records[row].to_day:
            coverage[i] = COVERAGE_IN_FORCE
            death_day[i] = records[row].death_day
        else:
            row = end - 1
        known = records[row]
        sex[i] = known.sex if sex[i] == SEX_UNKNOWN else sex[i]
        born = known.birth_day if birth_day[i] == NO_DAY else birth_day[i]
        birth_day[i] = NO_DAY if born > day else born
        exemption[i] = of_exemption[known.exemption] if exemption[i] == NO_CODE else exemption[i]
