"""How a map row meets a claim and which of several comes first, one claim at a time and in plain Python.

In: a map row and what it looks at in a claim. Out: whether they meet, and the row's rank. It is here for checking a
book, where clarity is worth more than speed; claims are priced by the compiled tables.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from daatgal.tariff.rows import DrgMapRow

_THIRD = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Subject(NamedTuple):
    """What a map row looks at in a claim; codes are normalised and well formed, None is unknown."""

    icd10: str
    procedures: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    age: int | None = None
    sex: str | None = None


def in_range(row: DrgMapRow, code: str) -> bool:
    """Whether the code, cut to each bound's length, is not before the one and not after the other."""
    return code[: len(row.icd10_from)] >= row.icd10_from and code[: len(row.icd10_to)] <= row.icd10_to


def asks_age(row: DrgMapRow) -> bool:
    """Whether the row asks for an age at all: if so an unknown age does not meet it."""
    return row.age_from is not None or row.age_to is not None


def meets(row: DrgMapRow, subject: Subject) -> bool:
    """Whether the row is a candidate for such a claim, its period aside."""
    return (
        in_range(row, subject.icd10)
        and (row.procedure is None or any(code.startswith(row.procedure) for code in subject.procedures))
        and (row.paired_icd10 is None or any(code.startswith(row.paired_icd10) for code in subject.secondary))
        and (row.sex is None or row.sex == subject.sex)
        and (not asks_age(row) or _age_is_within(row, subject.age))
    )


def rank(row: DrgMapRow) -> tuple[int, bool, int, str]:
    """The row with the least rank is chosen: priority, a procedure asked for, the narrowest range, the code."""
    return (
        -row.priority,
        row.procedure is None,
        _category(row.icd10_to) - _category(row.icd10_from),
        row.drg_code,
    )


def _age_is_within(row: DrgMapRow, age: int | None) -> bool:
    if age is None:
        return False
    return (row.age_from is None or age >= row.age_from) and (row.age_to is None or age <= row.age_to)


def _category(code: str) -> int:
    return (ord(code[0]) * 10 + int(code[1])) * len(_THIRD) + _THIRD.index(code[2])
