"""What the register of the insured adds to the claims.

In: the read claims and the register. Out: filled sex, birth day and exemption, coverage and death day of all rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import Piece, frozen, in_threads, row_ranges
from daatgal.decode.identity import partition_bits, partitioned, read_id_column, rows_of
from daatgal.decode.judged import UNKNOWN_EXEMPTION
from daatgal.errors import InputError
from daatgal_engine.columns import COVERAGE_UNCHECKED, NO_CODE, NO_DEATH_DAY, rows_between
from daatgal_engine.insured_periods import InsuredPeriods, Person, fill_persons

if TYPE_CHECKING:
    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.judged import Judged
    from daatgal.insured import Insured
    from daatgal_engine.columns import Ids
    from daatgal_engine.ids import Partitions


def fill_from(
    insured: Insured | None, read: ReadColumns, judged: Judged, categories: tuple[str, ...]
) -> Person:
    """Fill what the claims leave out from the row in force on the start day, else from the latest.

    A birth after the start is unknown; an exemption that the book does not know is none.
    """
    rows = read.rows
    person = Person(
        sex=judged.sex,
        birth_day=judged.birth_day,
        exemption=judged.exemption,
        coverage=np.full(rows, COVERAGE_UNCHECKED, np.int8),
        death_day=np.full(rows, NO_DEATH_DAY, np.int32),
    )
    if insured is not None:
        index = {category: i for i, category in enumerate(categories)}
        known = [index.get(value, UNKNOWN_EXEMPTION) for value in insured.exemptions]
        periods = InsuredPeriods(
            offset=frozen(insured.offset),
            period=insured.period,
            exemption=frozen(np.array([*known, NO_CODE], np.int16)),
        )
        found = frozen(rows_of(_register(insured, read), read.ids["insured_id"].ids))

        def fill(limits: tuple[int, int]) -> None:
            start, stop = limits
            own = rows_between(person, start, stop)
            fill_persons(judged.start_day[start:stop], found[start:stop], periods, own)

        in_threads(fill, row_ranges(rows))
    person.exemption[person.exemption == UNKNOWN_EXEMPTION] = NO_CODE
    return person


def _register(insured: Insured, read: ReadColumns) -> Partitions:
    """The register's ids in the type of the claims' ids, to be looked up."""
    integers = pa.types.is_int64(read.ids["insured_id"].column.type)
    return partitioned(ids_like(insured, integers=integers), partition_bits(len(insured.column)))


def ids_like(insured: Insured, *, integers: bool) -> Ids:
    """The register's ids as whole numbers, or as text. Raises InputError where they are text that is no number."""
    if insured.integers == integers:
        return insured.ids
    rows = len(insured.column)
    read = read_id_column([Piece(insured.column, 0, rows)], rows, integers=integers)
    if read.unreadable is not None:
        raise InputError(
            "insured: found text in insured_id that is no integer, expected integers as in the claims"
        )
    return read.ids
