"""The features to score, as columns of float32 blocks, wherever they come from.

In: a NumPy array (rows × features) or anything with `__arrow_c_stream__` (Table, RecordBatch reader, polars frame).
Out: `FeatureColumns`, from which any range of rows is copied into a block (features × rows) of float32. Nothing
else is copied, so memory does not grow with the rows.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from daatgal.errors import InputError

Piece = tuple[int, npt.NDArray[Any]]
"""A stretch of one column: its first row, its values."""


class FeatureColumns:
    """`rows` rows of the named features."""

    def __init__(self, names: Sequence[str], rows: int, pieces: Sequence[Sequence[Piece]]) -> None:
        self.names = tuple(names)
        self.rows = rows
        self._pieces = [list(column) for column in pieces]

    @classmethod
    def of(cls, source: Any, names: Sequence[str] | None = None) -> "FeatureColumns":
        """Read `source`; Arrow columns are chosen by `names` in their order, NumPy columns take them by place.

        Raises `InputError` naming the column that is absent, null or not numeric.
        """
        if hasattr(source, "__arrow_c_stream__"):
            return cls._of_table(pa.table(source), names)
        return cls._of_array(np.asarray(source), names)

    @classmethod
    def _of_table(cls, table: pa.Table, names: Sequence[str] | None) -> "FeatureColumns":
        names = table.column_names if names is None else names
        columns: list[list[Piece]] = []
        for name in names:
            if table.column_names.count(name) != 1:
                raise InputError(
                    f"features: column {name!r} is there {table.column_names.count(name)} times, expected once"
                )
            column = table.column(name)
            kind = column.type
            if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
                raise InputError(
                    f"features: column {name!r} is {kind}, expected float32, float64 or an integer"
                )
            if column.null_count:
                row = column.is_null().index(pa.scalar(True)).as_py()
                raise InputError(f"features: column {name!r}, row {row}: null, expected a finite number")
            first = 0
            pieces: list[Piece] = []
            for chunk in column.chunks:
                pieces.append((first, chunk.to_numpy(zero_copy_only=True)))
                first += len(chunk)
            columns.append(pieces)
        return cls(names, table.num_rows, columns)

    @classmethod
    def _of_array(cls, array: npt.NDArray[Any], names: Sequence[str] | None) -> "FeatureColumns":
        if array.ndim != 2 or array.dtype.kind not in "fiu":
            raise InputError(
                f"features: an array of shape {array.shape} and type {array.dtype}, expected rows × features, numeric"
            )
        given = [f"x{column}" for column in range(array.shape[1])] if names is None else names
        if len(given) != array.shape[1]:
            raise InputError(f"features: {array.shape[1]} columns, expected the model's {len(given)}")
        return cls(given, array.shape[0], [[(0, array[:, column])] for column in range(array.shape[1])])

    def copy_rows(self, first: int, block: npt.NDArray[np.float32]) -> None:
        """Fill `block` (features × m, float32) with the m rows from `first`; too large a value becomes infinite."""
        end = first + block.shape[1]
        with np.errstate(over="ignore"):
            for column, pieces in zip(block, self._pieces, strict=True):
                for start, values in pieces:
                    low, high = max(first, start), min(end, start + values.size)
                    if low < high:
                        column[low - first : high - first] = values[low - start : high - start]

    def take(self, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        """The chosen rows as a new block (features × rows chosen)."""
        block = np.empty((len(self.names), rows.size), dtype=np.float32)
        with np.errstate(over="ignore"):
            for column, pieces in zip(block, self._pieces, strict=True):
                for start, values in pieces:
                    inside = (rows >= start) & (rows < start + values.size)
                    column[inside] = values[rows[inside] - start]
        return block

    def value(self, column: int, row: int) -> float:
        """One value as it was given."""
        pieces = self._pieces[column]
        return next(
            float(values[row - start]) for start, values in pieces if start <= row < start + values.size
        )
