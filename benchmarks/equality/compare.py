"""Two ledgers in, the rows of each column that differ out."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.equality.sides import Judged
from benchmarks.sql.inputs import LEDGER

Marks = npt.NDArray[np.bool_]


def differing(one: Judged, other: Judged) -> dict[str, Marks]:
    """By column, which rows differ; ledgers of unequal length differ in every row."""
    if one.ledger.num_rows != other.ledger.num_rows:
        rows = max(one.ledger.num_rows, other.ledger.num_rows)
        return {column: np.ones(rows, np.bool_) for column in LEDGER}
    return {column: _unequal(one.ledger[column], other.ledger[column]) for column in LEDGER}


def same_quarantine(one: Judged, other: Judged) -> bool:
    """Whether two sides set aside the same rows for the same reasons; true where a side reads none itself."""
    return one.quarantine is None or other.quarantine is None or one.quarantine == other.quarantine


def differ(one: Judged, other: Judged) -> bool:
    """Whether two sides disagree on anything."""
    return not same_quarantine(one, other) or any(marks.any() for marks in differing(one, other).values())


def _unequal(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Marks:
    one, other = _plain(one), _plain(other)
    if one.type != other.type:
        other = other.cast(one.type)
    nulls = pc.xor(pc.is_null(one), pc.is_null(other))
    values = pc.fill_null(pc.not_equal(one, other), fill_value=False)
    return np.asarray(pc.or_(nulls, values).to_numpy(), np.bool_)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Values that Arrow compares: lists as joined texts, dictionaries as what they stand for."""
    if pa.types.is_list(column.type):
        return pc.binary_join(column, "|")
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
