"""The register of the insured: who is covered from when to when, and what a claim need not repeat.

In: any Arrow source. Out: `Insured`, the periods by person as arrays. Source: contract, `insured`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import frozen, pieces_of
from daatgal.decode.fixed import read_day_column
from daatgal.decode.identity import (
    first_rows,
    is_integer_column,
    partition_bits,
    partitioned,
    read_id_column,
    take_ids,
)
from daatgal.decode.text import read_coded_column
from daatgal.errors import InputError
from daatgal.sources import read_table
from daatgal_engine.columns import I8, I32, I64, NO_DAY, NO_DEATH_DAY, SEX_FEMALE, SEX_MALE, SEX_UNKNOWN, Ids
from daatgal_engine.insured_periods import INSURED_PERIOD
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    from daatgal.sources import Source
    from daatgal_engine.book import Records

_OPEN_FROM, _OPEN_TO = -(2**31), 2**31 - 1
SEXES: Final = {"m": SEX_MALE, "f": SEX_FEMALE}


@dataclass(frozen=True)
class Insured:
    """The persons of a run and their periods."""

    ids: Ids
    """the persons, as they first appear"""
    integers: bool
    """whether the ids are int64"""
    column: pa.Array
    """string or int64: the persons' ids"""
    offset: I64
    """persons + 1"""
    period: Records
    """INSURED_PERIOD, by person, then by beginning"""
    exemptions: tuple[str, ...]


def load_insured(source: Source) -> Insured:
    """Read the register of the insured.

    Raises InputError naming the row (never the person): no insured_id, a date that cannot be read, a period that
    ends before it begins, periods of one person that overlap.
    """
    table = read_table(source, kind="insured")
    if "insured_id" not in table.column_names:
        raise InputError(f"insured: found columns {', '.join(table.column_names)}, expected also insured_id")
    rows = table.num_rows
    integers = is_integer_column(table["insured_id"])
    persons = read_id_column(pieces_of(table["insured_id"], 0), rows, integers=integers)
    absent = np.flatnonzero(np.diff(persons.ids.offset) == 0)
    if len(absent):
        raise InputError(f"insured row {absent[0]}: found no insured_id, expected text or an integer")
    from_day = _days(table, "covered_from", _OPEN_FROM)
    to_day = _days(table, "covered_to", _OPEN_TO)
    backward = np.flatnonzero(to_day < from_day)
    if len(backward):
        raise InputError(
            f"insured row {backward[0]}: found covered_to before covered_from, expected a period that ends later"
        )
    first = first_rows(partitioned(persons.ids, partition_bits(rows)), rows)
    if first is None:
        first = np.arange(rows, dtype=np.int64)
    order = np.lexsort((from_day, first))
    same = first[order][1:] == first[order][:-1]
    overlap = np.flatnonzero(same & (from_day[order][1:] <= to_day[order][:-1]))
    if len(overlap):
        row, other = order[overlap[0] + 1], order[overlap[0]]
        raise InputError(
            f"insured row {row}: found a period that overlaps that of row {other} of the same person"
        )
    begins = np.flatnonzero(np.concatenate([np.ones(min(rows, 1), np.bool_), ~same]))
    sex = _sexes(table)
    exemption = _coded(table, "exemption")
    period = np.recarray(rows, INSURED_PERIOD)
    period.from_day, period.to_day = from_day[order], to_day[order]
    period.death_day = _days(table, "death_date", int(NO_DEATH_DAY))[order]
    period.birth_day = _birth_days(table)[order]
    period.exemption, period.sex = exemption[0][order], sex[order]
    return Insured(
        ids=take_ids(persons.ids, order[begins]),
        integers=integers,
        column=persons.column.combine_chunks().take(pa.array(order[begins])),
        offset=np.append(begins, rows).astype(np.int64),
        period=frozen(period),
        exemptions=exemption[1],
    )


def _days(table: pa.Table, column: str, null: int) -> I32:
    if column not in table.column_names:
        return np.full(table.num_rows, null, np.int32)
    days = read_day_column(pieces_of(table[column], 0), table.num_rows, "UTC")
    if days.unreadable is not None:
        row = int(np.flatnonzero(days.unreadable)[0])
        found = table[column][row].as_py()
        raise InputError(f"insured row {row}: found {column} {found!r}, expected a date such as 2024-03-01")
    return np.where(days.values == ABSENT, null, days.values).astype(np.int32)


def _birth_days(table: pa.Table) -> I32:
    """A birth date that cannot be read is unknown."""
    if "birth_date" not in table.column_names:
        return np.full(table.num_rows, NO_DAY, np.int32)
    days = read_day_column(pieces_of(table["birth_date"], 0), table.num_rows, "UTC")
    return np.where(days.values == ABSENT, int(NO_DAY), days.values).astype(np.int32)


def _coded(table: pa.Table, column: str) -> tuple[I32, tuple[str, ...]]:
    if column not in table.column_names:
        return np.full(table.num_rows, -1, np.int32), ()
    coded = read_coded_column(pieces_of(table[column], 0), table.num_rows)
    return coded.codes, tuple(coded.values.to_pylist())


def _sexes(table: pa.Table) -> I8:
    """A sex outside the list is unknown."""
    codes, values = _coded(table, "sex")
    known = np.array([*(SEXES.get(value, SEX_UNKNOWN) for value in values), SEX_UNKNOWN], np.int8)
    return known[codes]
