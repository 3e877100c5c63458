"""What the register of the insured says of each claim: coverage, death, and values the claim does not give.

In: claims with the number of their person, the persons' periods. Out: filled columns. A row map.
Source: contract, `insured`.
"""

from typing import NamedTuple

from daatgal_engine._jit import kernel
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
)


class InsuredPeriods(NamedTuple):
    """The periods of each person, by person, then by beginning; they do not overlap."""

    offset: I64
    """persons + 1"""
    from_day: I32
    to_day: I32
    """inclusive"""
    death_day: I32
    sex: I8
    birth_day: I32
    exemption: I16


class Person(NamedTuple):
    """What a claim says of its person, filled in place."""

    sex: I8
    birth_day: I32
    exemption: I16
    """NO_CODE: null; what the book does not know is lower"""
    coverage: I8
    death_day: I32


@kernel
def _last_begun(from_day: I32, begin: int, end: int, day: int) -> int:
    """Find the last period that begins on or before `day`; `begin - 1` if there is none."""
    while begin < end:
        middle = (begin + end) // 2
        if from_day[middle] <= day:
            begin = middle + 1
        else:
            end = middle
    return begin - 1


@kernel
def fill_persons(start_day: I32, person: I64, periods: InsuredPeriods, claim: Person) -> None:
    """Fill null sex, birth day and exemption from the period in force on the start day, else from the latest.

    Reads: start_day int32[m]; person int64[m], -1: not in the register. Writes: `claim`, coverage and death day
    always.
    """
    for i in range(start_day.size):
        claim.coverage[i] = COVERAGE_NONE
        claim.death_day[i] = NO_DEATH_DAY
        if person[i] < 0:
            continue
        begin, end = int(periods.offset[person[i]]), int(periods.offset[person[i] + 1])
        row = _last_begun(periods.from_day, begin, end, int(start_day[i]))
        if row >= begin and start_day[i] <= periods.to_day[row]:
            claim.coverage[i] = COVERAGE_IN_FORCE
            claim.death_day[i] = periods.death_day[row]
        else:
            row = end - 1
        if claim.sex[i] == SEX_UNKNOWN:
            claim.sex[i] = periods.sex[row]
        if claim.birth_day[i] == NO_DAY:
            claim.birth_day[i] = periods.birth_day[row]
        if claim.exemption[i] == NO_CODE:
            claim.exemption[i] = periods.exemption[row]


@kernel
def drop_later_births(start_day: I32, birth_day: I32) -> int:
    """Make a birth after the start unknown, in place; return how many there were."""
    count = 0
    for i in range(start_day.size):
        if birth_day[i] > start_day[i]:
            birth_day[i] = NO_DAY
            count += 1
    return count
