"""The facilities table, strictly read: who may be paid, from when to when, at which level.

In: any Arrow source. Out: `Facilities`, the periods by facility as arrays. Source: contract, `facilities`.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import frozen, pieces_of
from daatgal.decode.fixed import read_day_column, read_whole_column
from daatgal.decode.lists import as_text_lists
from daatgal.decode.text import read_text_column
from daatgal.errors import InputError
from daatgal.sources import read_table
from daatgal_engine.columns import OWNERSHIP_PRIVATE, OWNERSHIP_STATE, FacilityColumns
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    from daatgal.sources import Source
    from daatgal.tariff.book import TariffBook

_REQUIRED: Final = ("facility_id", "level", "ownership", "facility_type")
_LEVELS: Final = (1, 2, 3)
_OWNERSHIP: Final = {"state": OWNERSHIP_STATE, "private": OWNERSHIP_PRIVATE}
_OPEN_FROM, _OPEN_TO = -(2**31), 2**31 - 1
_MOST_CARE_TYPES: Final = 64


@dataclass(frozen=True)
class Facilities:
    """The facilities of a run."""

    columns: FacilityColumns
    ids: pa.Array
    """string[f]: the id of each facility, sorted by UTF-8 bytes"""
    facility_types: tuple[str, ...]
    """what `columns.facility_type` points into, sorted"""
    aimag: pa.Array
    """string[p], for each period; null: not given"""
    name: pa.Array
    """string[p], for each period; null: not given"""


class _Rows:
    """The columns of the table as lists, with errors that name the row."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.count = table.num_rows

    def refuse(self, row: int, found: str, expected: str) -> InputError:
        facility = self.texts("facility_id")[row]
        return InputError(f"facilities row {row} (facility {facility!r}): found {found}, expected {expected}")

    def texts(self, column: str) -> list[str | None]:
        if column not in self.table.column_names:
            return [None] * self.count
        values, unreadable = read_text_column(pieces_of(self.table[column], 0), self.count)
        if unreadable is not None:
            row = int(np.flatnonzero(unreadable)[0])
            kind = self.table.schema.field(column).type
            raise InputError(f"facilities row {row}: found {column} of type {kind}, expected text")
        return values.to_pylist()

    def days(self, column: str, null: int) -> list[int]:
        if column not in self.table.column_names:
            return [null] * self.count
        days = read_day_column(pieces_of(self.table[column], 0), self.count, "UTC")
        if days.unreadable is not None:
            row = int(np.flatnonzero(days.unreadable)[0])
            found = self.table[column][row].as_py()
            raise self.refuse(row, f"{column} {found!r}", "a date such as 2024-03-01")
        return [null if day == ABSENT else int(day) for day in days.values]

    def levels(self) -> list[int]:
        levels = read_whole_column(pieces_of(self.table["level"], 0), self.count, 127)
        for row, level in enumerate(levels.values):
            if level not in _LEVELS:
                raise self.refuse(row, f"level {self.table['level'][row].as_py()!r}", "1, 2 or 3")
        return [int(level) for level in levels.values]

    def lists(self, column: str) -> list[list[str] | None]:
        if column not in self.table.column_names:
            return [None] * self.count
        found: list[list[str] | None] = []
        for chunk in self.table[column].chunks:
            lists, unreadable = as_text_lists(chunk)
            if unreadable is not None:
                raise InputError(f"facilities: found {column} of type {chunk.type}, expected lists of text")
            found.extend(
                None if names is None else [name for name in names if name is not None and name.strip()]
                for names in lists.to_pylist()
            )
        return found


def load_facilities(source: Source, book: TariffBook) -> Facilities:
    """Read the facilities, strictly.

    Raises InputError naming facility and row: a missing column or id, a level or ownership that is none, periods
    of one facility that overlap or end before they begin, a date that cannot be read.
    """
    table = read_table(source, kind="facilities")
    missing = [column for column in _REQUIRED if column not in table.column_names]
    if missing:
        found = ", ".join(table.column_names) or "none"
        raise InputError(f"facilities: found columns {found}, expected also {', '.join(missing)}")
    rows = _Rows(table)
    ids = rows.texts("facility_id")
    for row, facility in enumerate(ids):
        if facility is None:
            raise InputError(f"facilities row {row}: found no facility_id, expected one")
    from_day, to_day = rows.days("valid_from", _OPEN_FROM), rows.days("valid_to", _OPEN_TO)
    order = sorted(range(rows.count), key=lambda row: (ids[row] or "", from_day[row], row))
    _refuse_bad_periods(rows, order, from_day, to_day)
    return _arranged(rows, order, from_day, to_day, book)


def _refuse_bad_periods(rows: _Rows, order: list[int], from_day: list[int], to_day: list[int]) -> None:
    ids = rows.texts("facility_id")
    for row in order:
        if to_day[row] < from_day[row]:
            raise rows.refuse(row, "valid_to before valid_from", "a period that ends after it begins")
    for before, row in itertools.pairwise(order):
        if ids[before] == ids[row] and from_day[row] <= to_day[before]:
            raise rows.refuse(row, f"a period that overlaps that of row {before}", "periods that do not")


def _arranged(
    rows: _Rows, order: list[int], from_day: list[int], to_day: list[int], book: TariffBook
) -> Facilities:
    ids, kinds = rows.texts("facility_id"), rows.texts("facility_type")
    ownership = rows.texts("ownership")
    for row in range(rows.count):
        if ownership[row] not in _OWNERSHIP:
            raise rows.refuse(row, f"ownership {ownership[row]!r}", "state or private")
    names = sorted({ids[row] or "" for row in range(rows.count)})
    # A facility without a type is of the type "", which no book lists: it is eligible for nothing that needs one.
    types = tuple(sorted({kind or "" for kind in kinds}))
    type_index = {kind: i for i, kind in enumerate(types)}
    name_index = {name: i for i, name in enumerate(names)}
    offset = np.zeros(len(names) + 1, np.int64)
    counts = np.bincount([name_index[ids[row] or ""] for row in order], minlength=len(names))
    np.cumsum(counts[: len(names)], out=offset[1:])
    contracted = _contracted(rows, book)
    levels = rows.levels()

    def column(values: list[Any], dtype: type[np.generic]) -> Any:
        return frozen(np.array([values[row] for row in order], dtype))

    columns = FacilityColumns(
        offset=frozen(offset),
        valid_from_day=column(from_day, np.int32),
        valid_to_day=column(to_day, np.int32),
        level=column(levels, np.int8),
        ownership=column([_OWNERSHIP.get(owner or "", 0) for owner in ownership], np.int8),
        facility_type=column([type_index[kind or ""] for kind in kinds], np.int16),
        contract_from_day=column(rows.days("contract_from", _OPEN_FROM), np.int32),
        contract_to_day=column(rows.days("contract_to", _OPEN_TO), np.int32),
        contracted=column([bits or 0 for bits in contracted], np.uint64),
        lists_contracts=column([bits is not None for bits in contracted], np.uint8),
    )
    aimag, name = rows.texts("aimag"), rows.texts("name")
    return Facilities(
        columns=columns,
        ids=pa.array(names, pa.string()),
        facility_types=types,
        aimag=pa.array([aimag[row] for row in order], pa.string()),
        name=pa.array([name[row] for row in order], pa.string()),
    )


def _contracted(rows: _Rows, book: TariffBook) -> list[int | None]:
    names = book.care_type_names
    if len(names) > _MOST_CARE_TYPES:
        raise InputError(
            f"tariff book: found {len(names)} care types, expected at most {_MOST_CARE_TYPES} for contracts"
        )
    index = {name: i for i, name in enumerate(names)}
    found: list[int | None] = []
    for listed in rows.lists("contracted_care_types"):
        # A care type that this book does not have yet, or any more, is no care type that a claim can name.
        known = None if listed is None else {index[name] for name in listed if name in index}
        found.append(None if known is None else sum(1 << position for position in known))
    return found
