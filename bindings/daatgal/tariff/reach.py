"""Which rows of drg_map.csv can be chosen at all.

In: the map rows of one care type. Out: for each whether some claim is led by it. A row is tried with the claims that
meet it and hardly anything else: exactly the codes it asks for, age and sex unknown where it asks for none, on every
day and at every diagnosis and age at which the rows that come before it begin or end. If one of those rows meets each
such claim, it meets every claim the row could have led.
"""

from __future__ import annotations

from itertools import product
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING

from daatgal.tariff.cells import MAX_AGE
from daatgal.tariff.grouping import Subject, asks_age, in_range, meets, rank
from daatgal.tariff.periods import Period, day_starts, of, overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daatgal.tariff.rows import DrgMapRow

_SIGNS = (ascii_uppercase, digits) + (digits + ascii_uppercase,) * 5


def rivals_of(row: DrgMapRow, rows: Sequence[DrgMapRow]) -> list[DrgMapRow]:
    """The rows that come before `row` wherever both are candidates, and can both be candidates of one claim."""
    mine = (rank(row), row.line)
    return [
        other
        for other in rows
        if other.icd10_from <= row.icd10_to + "["  # "[" is after every sign of a code
        and row.icd10_from <= other.icd10_to + "["
        and (rank(other), other.line) < mine
        and overlap(of(other), of(row)) is not None
    ]


def can_be_chosen(row: DrgMapRow, rivals: Sequence[DrgMapRow], lives: Sequence[Period]) -> bool:
    """Whether some claim on some day of `lives` meets `row` and none of `rivals`."""
    subjects = list(_subjects(row, rivals))
    for life in lives:
        shared = overlap(of(row), life)
        if shared is None:
            continue
        for day in day_starts(shared, (of(rival) for rival in rivals)):
            in_force = [rival for rival in rivals if rival.valid_from_day <= day <= rival.valid_to_day]
            if not all(any(meets(rival, subject) for rival in in_force) for subject in subjects):
                return True
    return False


def _subjects(row: DrgMapRow, rivals: Sequence[DrgMapRow]) -> Iterator[Subject]:
    procedures = (
        [()] if row.procedure is None else [(code,) for code in _shortest(row.procedure, 2, (digits,) * 2)]
    )
    secondary = (
        [()] if row.paired_icd10 is None else [(code,) for code in _shortest(row.paired_icd10, 3, _SIGNS)]
    )
    for code, age, done, paired in product(
        _code_starts(row, rivals), _age_starts(row, rivals), procedures, secondary
    ):
        yield Subject(code, done, paired, age, row.sex)


def _shortest(prefix: str, least: int, signs: Sequence[str]) -> list[str]:
    """The shortest well-formed codes that begin with a prefix: whatever meets a longer one may not meet these."""
    codes = [prefix]
    for place in range(len(prefix), least):
        codes = [code + sign for code in codes for sign in signs[place]]
    return codes


def _code_starts(row: DrgMapRow, rivals: Sequence[DrgMapRow]) -> list[str]:
    """The codes of the row's range at which the range of a rival begins, or has just ended; and its first."""
    starts = {row.icd10_from}
    for rival in rivals:
        after = _code_after(rival.icd10_to)
        starts.update(code for code in (rival.icd10_from, after) if code is not None and in_range(row, code))
    return sorted(starts)


def _code_after(bound: str) -> str | None:
    """The first well-formed code after all that begin with `bound`; None after the last of all."""
    for place in reversed(range(len(bound))):
        signs = _SIGNS[place]
        if bound[place] != signs[-1]:
            cut = bound[:place] + signs[signs.index(bound[place]) + 1]
            return cut + "0" * (3 - len(cut))
    return None


def _age_starts(row: DrgMapRow, rivals: Sequence[DrgMapRow]) -> Sequence[int | None]:
    if not asks_age(row):
        return (None,)
    first = row.age_from or 0
    last = MAX_AGE if row.age_to is None else row.age_to
    ages = {first}
    for rival in rivals:
        bounds = (rival.age_from, None if rival.age_to is None else rival.age_to + 1)
        ages.update(age for age in bounds if age is not None and first < age <= last)
    return sorted(ages)
