"""The DRG map compiled: ICD-10 ranges cut into segments, each with its candidates in order of preference.

In: the rows of drg_map.csv. Out: `DrgMap`. Preference (rules.md §2.3): the highest priority, then a row that asks for
a procedure before one that does not, then the narrowest range, then the lowest DRG code.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from daatgal_engine.book import CANDIDATE, CELLS, SEGMENT, DrgMap
from daatgal_engine.columns import SEX_FEMALE, SEX_MALE, SEX_UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.compiled.epochs import Epochs
    from daatgal.tariff.rows import DrgMapRow
    from daatgal_engine.columns import I32, U64

_ICD10_BYTES = 8
_PROCEDURE_BYTES = 4
_LETTERS_AND_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SEXES = {None: SEX_UNKNOWN, "m": SEX_MALE, "f": SEX_FEMALE}
_OLDEST = 2**31 - 1


def packed(code: str, width: int = _ICD10_BYTES) -> int:
    """A code as an integer whose order is the order of the text: left-justified, zero-padded bytes."""
    return int.from_bytes(code.encode().ljust(width, b"\0"), "big")


def prefix_mask(code: str, width: int = _ICD10_BYTES) -> int:
    """All ones over the bytes of `code`, zeros behind them."""
    return int.from_bytes((b"\xff" * len(code)).ljust(width, b"\0"), "big")


def prefix_interval(lower: str, upper: str) -> tuple[int, int]:
    """The packed codes whose beginnings lie between two bounds, each compared over its own length."""
    return packed(lower), packed(upper) | ~prefix_mask(upper) & (2**64 - 1)


def category_index(code: str) -> int:
    """0 … CELLS - 1: the position of a code's first three characters among all."""
    return ((ord(code[0]) - 65) * 10 + int(code[1])) * 36 + _LETTERS_AND_DIGITS.index(code[2])


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


def preference(row: DrgMapRow) -> tuple[int, bool, int, str]:
    """Rows sort by preference with this key, the best first."""
    width = category_index(row.icd10_to) - category_index(row.icd10_from)
    return -row.priority, row.procedure is None, width, row.drg_code


class _Builder:
    """Collects the maps of all epochs and care types; a map that returns is stored once."""

    def __init__(self, drg_index: dict[str, int]) -> None:
        self.drg_index = drg_index
        self.starts = categories()
        self.maps: dict[tuple[DrgMapRow, ...], int] = {}
        self.cells: list[I32] = []
        self.segments: list[tuple[int, int, int]] = []
        self.candidate_lists: dict[tuple[DrgMapRow, ...], tuple[int, int]] = {}
        self.candidates: list[DrgMapRow] = []

    def map_of(self, rows: Sequence[DrgMapRow]) -> int:
        """The index of the map made of `rows`."""
        ordered = tuple(sorted(rows, key=preference))
        if ordered not in self.maps:
            self.maps[ordered] = len(self.maps)
            self.cells.append(self._add_map(ordered))
        return self.maps[ordered]

    def _span(self, rows: tuple[DrgMapRow, ...]) -> tuple[int, int]:
        if rows not in self.candidate_lists:
            begin = len(self.candidates)
            self.candidates.extend(rows)
            self.candidate_lists[rows] = (begin, len(self.candidates))
        return self.candidate_lists[rows]

    def _add_map(self, ordered: tuple[DrgMapRow, ...]) -> I32:
        """Append the segments of a map; (CELLS, 2): the first and the last segment of each category."""
        intervals = [prefix_interval(row.icd10_from, row.icd10_to) for row in ordered]
        bounds = {lower for lower, _ in intervals} | {upper + 1 for _, upper in intervals}
        lowers = sorted({int(self.starts[0])} | {bound for bound in bounds if bound >= self.starts[0]})
        alive: list[list[DrgMapRow]] = [[] for _ in lowers]
        for row, (lower, upper) in zip(ordered, intervals, strict=True):
            for k in range(bisect_left(lowers, lower), bisect_left(lowers, upper + 1)):
                alive[k].append(row)
        begin = len(self.segments)
        for lower, rows in zip(lowers, alive, strict=True):
            self.segments.append((lower, *self._span(tuple(rows))))
        edges = np.array(lowers, np.uint64)
        first = np.searchsorted(edges, self.starts, side="right") - 1
        last = np.append(np.searchsorted(edges, self.starts[1:], side="left"), edges.size) - 1
        return (np.column_stack((first, last)) + begin).astype(np.int32)


def compile_drg_map(book: TariffBook, epochs: Epochs) -> DrgMap:
    """Cut the map of each epoch and care type into segments."""
    drg_index = {code: index for index, code in enumerate(book.drg_codes)}
    builder = _Builder(drg_index)
    care_types = book.care_type_names
    map_of = np.full((len(epochs), len(care_types)), -1, np.int32)
    for column, care_type in enumerate(care_types):
        rows = [row for row in book.drg_map if row.care_type == care_type]
        for epoch, start in enumerate(epochs.starts):
            in_force = [row for row in rows if row.valid_from_day <= start <= row.valid_to_day]
            if in_force:
                map_of[epoch, column] = builder.map_of(in_force)
    return _arrays(builder, map_of)


def _arrays(builder: _Builder, map_of: np.ndarray) -> DrgMap:
    segment = np.zeros(len(builder.segments), SEGMENT)
    for index, (lower, begin, end) in enumerate(builder.segments):
        segment[index] = (lower, begin, end)
    candidate = np.zeros(len(builder.candidates), CANDIDATE)
    for record, row in zip(candidate, builder.candidates, strict=True):
        record["drg"] = builder.drg_index[row.drg_code]
        record["procedure"] = packed(row.procedure or "", _PROCEDURE_BYTES)
        record["procedure_mask"] = prefix_mask(row.procedure or "", _PROCEDURE_BYTES)
        record["paired"] = packed(row.paired_icd10 or "")
        record["paired_mask"] = prefix_mask(row.paired_icd10 or "")
        record["age_from"] = 0 if row.age_from is None else row.age_from
        record["age_to"] = _OLDEST if row.age_to is None else row.age_to
        record["asks_age"] = row.age_from is not None or row.age_to is not None
        record["sex"] = _SEXES[row.sex]
    cell = np.array(builder.cells, np.int32) if builder.cells else np.zeros((1, CELLS, 2), np.int32)
    return DrgMap(map_of=map_of, cell=cell, segment=segment, candidate=candidate)
