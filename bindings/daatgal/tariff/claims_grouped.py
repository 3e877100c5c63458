"""Which map rows a batch of claims is grouped by, for checking a book against claims.

In: a book and claims in the contract's columns. Out: how often each row of drg_map.csv led a claim to its group, and
how many claims found none. Claims that cannot be read, are not priced by group, or are cancellations are left out:
they choose no row.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from daatgal.tariff.cells import ICD10, PROCEDURE, normalised_code
from daatgal.tariff.grouping import Subject, in_range, meets, rank

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from daatgal.tariff.book import TariffBook
    from daatgal.tariff.rows import CareTypeRow, DrgMapRow, ItemRow

_EPOCH = date(1970, 1, 1)
_normalised = lru_cache(2**16)(normalised_code)
_COLUMNS = (
    "care_type",
    "icd10",
    "icd10_secondary",
    "procedures",
    "drg_code",
    "service_code",
    "sex",
    "message",
)
_DATES = ("start_at", "end_at", "birth_date")


class Grouped(NamedTuple):
    """How a batch was grouped: by how many claims each row, by its line, was chosen; how many found no group."""

    chosen: Counter[int]
    without_group: int

    @property
    def claims(self) -> int:
        """The claims that were looked at."""
        return self.without_group + self.chosen.total()


def group_claims(book: TariffBook, claims: pa.Table) -> Grouped:
    """Group every claim of `claims` that is priced by group, by the rules of the book alone.

    Sex and birth date are those of the claims; they are not filled from the insured. A claim that names a group is
    counted for the row of that group where it is a candidate, as it is paid.
    """
    chooser = _Chooser(book)
    chosen: Counter[int] = Counter()
    without = 0
    for claim in _claims(claims, book.timezone):
        subject = _subject(claim)
        if subject is None or not chooser.is_by_group(claim):
            continue
        row = chooser.choose(claim, subject)
        if row is None:
            without += 1
        else:
            chosen[row.line] += 1
    return Grouped(chosen, without)


class _Chooser:
    """The book's rows, arranged for looking up one claim after the other."""

    def __init__(self, book: TariffBook) -> None:
        self._stay = book.is_stay
        self._care_types: defaultdict[str, list[CareTypeRow]] = defaultdict(list)
        self._items: defaultdict[tuple[str, str], list[ItemRow]] = defaultdict(list)
        self._map: defaultdict[str, list[DrgMapRow]] = defaultdict(list)
        self._by_code: dict[tuple[str, str], list[DrgMapRow]] = {}
        for care_type in book.care_types:
            self._care_types[care_type.care_type].append(care_type)
        for item in book.items:
            self._items[item.care_type, item.service_code].append(item)
        for row in sorted(book.drg_map, key=lambda row: (rank(row), row.line)):
            self._map[row.care_type].append(row)

    def is_by_group(self, claim: dict[str, Any]) -> bool:
        """Whether the claim's care type is in force on its pricing date, and neither it nor its code is an item."""
        day = self._pricing_day(claim)
        if day is None or (claim["message"] or "original") == "cancellation":
            return False
        by = [row.priced_by for row in self._care_types[claim["care_type"]] if _in_force(row, day)]
        items = self._items.get((claim["care_type"], claim["service_code"] or ""), [])
        return by == ["drg"] and not any(_in_force(item, day) for item in items)

    def choose(self, claim: dict[str, Any], subject: Subject) -> DrgMapRow | None:
        """The row that leads the claim to its group: the claimed group's if it is a candidate, else the first."""
        day = self._pricing_day(claim)
        key = claim["care_type"], subject.icd10
        if key not in self._by_code:
            # "[" is after every sign of a code: the two comparisons are quick, and let through what may be in range.
            near = (row for row in self._map[key[0]] if row.icd10_from <= key[1] <= row.icd10_to + "[")
            self._by_code[key] = [row for row in near if in_range(row, key[1])]
        first = None
        for row in self._by_code[key]:
            if day is not None and _in_force(row, day) and meets(row, subject):
                if claim["drg_code"] is None or row.drg_code == claim["drg_code"]:
                    return row
                first = first or row
        return first

    def _pricing_day(self, claim: dict[str, Any]) -> int | None:
        at = claim["end_at"] if self._stay.get(claim["care_type"], False) else claim["start_at"]
        return None if at is None else (at - _EPOCH).days


def _in_force(row: CareTypeRow | ItemRow | DrgMapRow, day: int) -> bool:
    return row.valid_from_day <= day <= row.valid_to_day


def _subject(claim: dict[str, Any]) -> Subject | None:
    code = _normalised(claim["icd10"] or "")
    start: date | None = claim["start_at"]
    if not ICD10.fullmatch(code) or start is None:
        return None
    born: date | None = claim["birth_date"]
    age = None
    if born is not None and born <= start:
        age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
    sex = claim["sex"] if claim["sex"] in {"m", "f"} else None
    procedures = _codes(claim["procedures"], PROCEDURE)
    return Subject(code, procedures, _codes(claim["icd10_secondary"], ICD10), age, sex)


def _codes(cell: str | list[str | None] | None, well_formed: re.Pattern[str]) -> tuple[str, ...]:
    parts = cell.split("|") if isinstance(cell, str) else cell or []
    codes = (_normalised(part or "") for part in parts)
    return tuple(code for code in codes if well_formed.fullmatch(code))


def _claims(claims: pa.Table, timezone: str) -> Iterator[dict[str, Any]]:
    """The claims one by one, with the columns that grouping looks at; a missing column is null."""
    columns = {name: _values(claims, name) for name in _COLUMNS}
    columns |= {name: _days(claims, name, timezone) for name in _DATES}
    for cells in zip(*columns.values(), strict=True):
        yield {name: None if cell == "" else cell for name, cell in zip(columns, cells, strict=True)}


def _values(claims: pa.Table, name: str) -> list[Any]:
    return claims[name].to_pylist() if name in claims.column_names else [None] * claims.num_rows


def _days(claims: pa.Table, name: str, timezone: str) -> list[date | None]:
    if name not in claims.column_names:
        return [None] * claims.num_rows
    column = claims[name]
    if pa.types.is_timestamp(column.type):
        if column.type.tz is not None:
            column = pc.call_function(
                "local_timestamp", [column.cast(pa.timestamp("s", tz=timezone), safe=False)]
            )
        column = pc.call_function("floor_temporal", [column], pc.RoundTemporalOptions(unit="day")).cast(
            pa.date32()
        )
    return [_day(cell) for cell in column.to_pylist()]


def _day(cell: object) -> date | None:
    """The date of a cell: dates as they are, of a text its first ten characters, of anything else none."""
    if isinstance(cell, date):
        return cell.date() if isinstance(cell, datetime) else cell
    try:
        return date.fromisoformat(str(cell)[:10])
    except ValueError:
        return None
