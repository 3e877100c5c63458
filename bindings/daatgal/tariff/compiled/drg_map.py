"""The DRG map compiled: ICD-10 ranges cut into segments, each with its candidates in order of preference.

In: the rows of drg_map.csv. Out: `DrgMap`. Preference (rules.md §2.3): the highest priority, then a row that asks for
a procedure before one that does not, then the narrowest range, then the lowest DRG code.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from daatgal.tariff.compiled.epochs import Dates
from daatgal_engine.book import (
    AGES,
    BY_PERSON,
    CANDIDATE,
    CELLS,
    CONTESTED,
    HOW_BITS,
    OLDEST,
    OUTRIGHT,
    SEARCHED,
    SEGMENT,
    SEXES,
    DrgMap,
)
from daatgal_engine.columns import SEX_FEMALE, SEX_MALE, SEX_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal.tariff.compiled.prices import Positions
    from daatgal.tariff.rows import DrgMapRow
    from daatgal_engine.columns import I32, I64, U64

_ICD10_BYTES = 8
_PROCEDURE_BYTES = 4
_LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SEXES = {None: SEX_UNKNOWN, "m": SEX_MALE, "f": SEX_FEMALE}
_ANY_AGE = 2**31 - 1
BEHIND_ALL = 2**64 - 1
"""Above every packed code."""
A00 = int.from_bytes(b"A00".ljust(_ICD10_BYTES, b"\0"), "big")


def packed(code: str, width: int = _ICD10_BYTES) -> int:
    """A code as an integer whose order is the order of the text: left-justified, zero-padded bytes."""
    return int.from_bytes(code.encode().ljust(width, b"\0"), "big")


def prefix_mask(code: str, width: int = _ICD10_BYTES) -> int:
    """All ones over the bytes of `code`, zeros behind them."""
    return int.from_bytes((b"\xff" * len(code)).ljust(width, b"\0"), "big")


def prefix_interval(lower: str, upper: str) -> tuple[int, int]:
    """The packed codes whose beginnings lie between two bounds, each compared over its own length."""
    return packed(lower), packed(upper) | ~prefix_mask(upper) & (2**64 - 1)


@cache
def categories() -> U64:
    """CELLS values: the packed first code of each three-character category, ascending."""
    return np.array(
        [
            packed(letter + digit + third)
            for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            for digit in "0123456789"
            for third in _LETTERS_AND_DIGITS
        ],
        np.uint64,
    )


def by_third_character(cells: I32) -> I32:
    """CELLS values by category in the order that kernels read them in (grouping.category_of)."""
    return cells.reshape(26, 10, 36).transpose(2, 0, 1).ravel()


def packed_all(codes: Iterable[str], width: int = _ICD10_BYTES) -> tuple[U64, U64]:
    """`packed` and `prefix_mask` of many codes of at most `width` characters."""
    texts = np.array([code.encode() for code in codes], f"S{width}")
    values = texts.view(f">u{width}").astype(np.uint64)
    masks = np.array([prefix_mask("-" * length, width) for length in range(width + 1)], np.uint64)
    return values, masks[np.strings.str_len(texts)]


def categories_of(codes: U64) -> I64:
    """0 … CELLS - 1: category_index of packed codes."""
    letter, digit, third = (
        (codes >> np.uint64(shift) & np.uint64(255)).astype(np.int64) for shift in (56, 48, 40)
    )
    return ((letter - 65) * 10 + digit - 48) * 36 + np.where(third < 58, third - 48, third - 55)


def preferred(rows: Sequence[DrgMapRow]) -> list[DrgMapRow]:
    """Rows in order of preference, the best first: those that ask alike and lead to one group in the book's order."""
    widths = categories_of(packed_all(row.icd10_to for row in rows)[0])
    widths -= categories_of(packed_all(row.icd10_from for row in rows)[0])
    keys = [
        (-row.priority, row.procedure is None, width, row.drg_code)
        for row, width in zip(rows, widths.tolist(), strict=True)
    ]
    return [rows[number] for number in sorted(range(len(rows)), key=keys.__getitem__)]


class _Builder:
    """Collects the maps of all epochs and care types; a map that returns is stored once, and so are candidate lists."""

    def __init__(self, book: TariffBook, positions: Positions) -> None:
        self.rows = preferred(book.drg_map)
        self.position = [positions[row.care_type][row.drg_code] for row in self.rows]
        self.lower = packed_all(row.icd10_from for row in self.rows)[0].tolist()
        upper, mask = packed_all(row.icd10_to for row in self.rows)
        self.upper = (upper | ~mask).tolist()
        self.asks = [_asks(row) for row in self.rows]
        self.maps: dict[tuple[int, ...], int] = {}
        self.answers: tuple[list[I32], list[I32]] = [], []
        self.segments_of: list[I32] = []
        self.segments: list[tuple[int, int, int]] = []
        self.spans: dict[tuple[int, ...], tuple[int, int]] = {}
        self.candidates: list[int] = []
        self.lines: dict[tuple[int, ...], int] = {}
        self.by_person: list[I32] = []
        self.map_of(())

    def map_of(self, rows: tuple[int, ...]) -> int:
        """Where the map made of these of `self.rows` begins."""
        if rows not in self.maps:
            self.maps[rows] = len(self.maps) * CELLS
            self._add_map(rows)
        return self.maps[rows]

    def _span(self, rows: tuple[int, ...]) -> tuple[int, int]:
        if rows not in self.spans:
            begin = len(self.candidates)
            self.candidates.extend(rows)
            self.spans[rows] = (begin, len(self.candidates))
        return self.spans[rows]

    def _answer(self, rows: tuple[int, ...], operated: bool) -> int:
        """What a claim whose candidates are `rows` can be told at once; without procedures some are none."""
        if not operated:
            rows = tuple(row for row in rows if self.rows[row].procedure is None)
        if not rows:
            return OUTRIGHT
        if not self.asks[rows[0]]:
            return self._answer_for(rows, rows[0])
        asking = tuple(takewhile(self.asks.__getitem__, rows))
        if not all(_asks_person_alone(self.rows[row]) for row in asking):
            return SEARCHED
        if rows not in self.lines:
            self.lines[rows] = len(self.by_person)
            self.by_person.append(self._line(rows, asking))
        return self.lines[rows] << HOW_BITS | BY_PERSON

    def _answer_for(self, rows: tuple[int, ...], chosen: int) -> int:
        """The answer to whoever claims nothing else."""
        position = self.position[chosen]
        contested = any(self.position[row] != position for row in rows)
        return position << HOW_BITS | (CONTESTED if contested else OUTRIGHT)

    def _line(self, rows: tuple[int, ...], asking: tuple[int, ...]) -> I32:
        """(SEXES, AGES): the answer by person where `asking`, the first of `rows`, ask for sex and age alone."""
        others = rows[len(asking) :]
        line = np.full((SEXES, AGES), self._answer_for(rows, others[0]) if others else OUTRIGHT, np.int32)
        for number in reversed(asking):
            row, answer = self.rows[number], self._answer_for(rows, number)
            ages = slice(
                0 if row.age_from is None else row.age_from + 1,
                None if row.age_to is None else row.age_to + 2,
            )
            if row.age_from is None and row.age_to is not None:
                ages = slice(1, ages.stop)
            line[slice(None) if row.sex is None else _SEXES[row.sex], ages] = answer
        return line

    def _add_map(self, rows: tuple[int, ...]) -> None:
        """Append the segments of a map, and per category the first of them and the answer, if it has but one."""
        bounds = {self.lower[row] for row in rows} | {self.upper[row] + 1 for row in rows}
        lowers = [A00, *sorted(bound for bound in bounds if A00 < bound < BEHIND_ALL)]
        alive: list[list[int]] = [[] for _ in lowers]
        for row in rows:
            for k in range(bisect_left(lowers, self.lower[row]), bisect_left(lowers, self.upper[row] + 1)):
                alive[k].append(row)
        begin = len(self.segments)
        lists = [tuple(rows) for rows in alive]
        self.segments += [(lower, *self._span(rows)) for lower, rows in zip(lowers, lists, strict=True)]
        self.segments.append((BEHIND_ALL, 0, 0))
        first, last = _first_and_last(np.array(lowers, np.uint64))
        for operated, of_cells in enumerate(self.answers):
            answers = np.array([self._answer(rows, bool(operated)) for rows in lists], np.int32)
            of_cells.append(by_third_character(np.where(first == last, answers[first], np.int32(SEARCHED))))
        self.segments_of.append(by_third_character((first + begin).astype(np.int32)))


def _first_and_last(lowers: U64) -> tuple[I64, I64]:
    """CELLS each: the first and the last of the segments from `lowers` on that touch a category."""
    starts = categories()
    begun = np.bincount(np.searchsorted(starts, lowers), minlength=CELLS + 1)[:CELLS].cumsum()
    begun_within = np.bincount(np.searchsorted(starts, lowers, side="right"), minlength=CELLS + 1).cumsum()
    return begun - 1, begun_within[1:] - 1


def _asks(row: DrgMapRow) -> bool:
    """Whether a row asks for more than a diagnosis."""
    return (row.procedure, row.paired_icd10, row.age_from, row.age_to, row.sex) != (None,) * 5


def _asks_person_alone(row: DrgMapRow) -> bool:
    """Whether a row asks for sex and age alone, at ages that are told apart."""
    ages = [age for age in (row.age_from, row.age_to) if age is not None]
    return row.procedure is None and row.paired_icd10 is None and all(age < OLDEST for age in ages)


def compile_drg_map(book: TariffBook, epochs: Epochs, positions: Positions) -> DrgMap:
    """Cut the map of each epoch and care type into segments; `positions` are those of the price lists."""
    builder = _Builder(book, positions)
    rows_of = Dates.of(builder.rows)
    care_type_of = np.array([book.care_type_names.index(row.care_type) for row in builder.rows], np.int64)
    map_of = np.zeros((len(epochs), len(book.care_type_names)), np.int32)
    for epoch, start in enumerate(epochs.starts):
        in_force = rows_of.in_force(start)
        for care_type in np.unique(care_type_of[in_force]):
            rows = in_force[care_type_of[in_force] == care_type]
            map_of[epoch, care_type] = builder.map_of(tuple(rows.tolist()))
    return _arrays(book, builder, map_of)


def _arrays(book: TariffBook, builder: _Builder, map_of: np.ndarray) -> DrgMap:
    drg_index = {code: index for index, code in enumerate(book.drg_codes)}
    rows = [builder.rows[number] for number in builder.candidates]
    candidate = np.zeros(len(rows), CANDIDATE)
    candidate["paired"], candidate["paired_mask"] = packed_all(row.paired_icd10 or "" for row in rows)
    candidate["procedure"], candidate["procedure_mask"] = packed_all(
        (row.procedure or "" for row in rows), _PROCEDURE_BYTES
    )
    candidate["drg"] = [drg_index[row.drg_code] for row in rows]
    candidate["position"] = [builder.position[number] for number in builder.candidates]
    candidate["age_from"] = [row.age_from or 0 for row in rows]
    candidate["age_to"] = [_ANY_AGE if row.age_to is None else row.age_to for row in rows]
    candidate["asks_age"] = [(row.age_from, row.age_to) != (None, None) for row in rows]
    candidate["sex"] = [_SEXES[row.sex] for row in rows]
    return DrgMap(
        map_of=map_of,
        answer=np.array([np.concatenate(of_cells) for of_cells in builder.answers]),
        by_person=np.array(builder.by_person or [np.zeros((SEXES, AGES))], np.int32),
        segment_of=np.concatenate(builder.segments_of),
        segment=np.array(builder.segments, SEGMENT),
        candidate=candidate,
    )
