"""Overlaps, gaps and uncovered days, against the plainest way of saying the same: sets of days."""

import itertools
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from daatgal.tariff.periods import Period, breaks, day_starts, joined, overlap, uncovered


class Row(NamedTuple):
    valid_from_day: int
    valid_to_day: int


periods = st.tuples(st.integers(0, 30), st.integers(0, 8)).map(lambda p: Period(p[0], p[0] + p[1]))
some_periods = st.lists(periods, max_size=7)


def days(*given_periods: Period) -> set[int]:
    return {day for first, last in given_periods for day in range(first, last + 1)}


@given(some_periods)
def test_rows_break_where_their_days_overlap_or_leave_a_gap(given_periods: list[Period]) -> None:
    covered = days(*given_periods)
    twice = sum(last - first + 1 for first, last in given_periods) > len(covered)
    gap = bool(covered) and len(covered) < max(covered) - min(covered) + 1
    found = list(breaks(Row(*period) for period in given_periods))
    assert bool(found) == (twice or gap)
    assert any(after.valid_from_day <= before.valid_to_day for before, after in found) == twice
    assert any(after.valid_from_day > before.valid_to_day + 1 for before, after in found) == gap


@given(some_periods, some_periods)
def test_uncovered_days_are_those_of_the_one_and_not_of_the_others(
    whole: list[Period], cover: list[Period]
) -> None:
    found = uncovered(whole, cover)
    assert days(*found) == days(*whole) - days(*cover)
    assert found == sorted(found)


@given(some_periods)
def test_joined_periods_have_the_same_days_and_never_touch(given_periods: list[Period]) -> None:
    found = joined(given_periods)
    assert days(*found) == days(*given_periods)
    assert all(later.first > earlier.last + 1 for earlier, later in itertools.pairwise(found))


@given(periods, periods)
def test_overlap_is_the_days_of_both(one: Period, other: Period) -> None:
    shared = overlap(one, other)
    assert (days(shared) if shared else set()) == days(one) & days(other)


@given(periods, some_periods)
def test_between_two_starts_the_same_periods_are_in_force(whole: Period, others: list[Period]) -> None:
    starts = day_starts(whole, others)
    for day in range(whole.first, whole.last + 1):
        start = max(start for start in starts if start <= day)
        assert [day in days(other) for other in others] == [start in days(other) for other in others]
