"""Arrow arrays as NumPy views that kernels take, and rows in pieces that threads take.

In: Arrow arrays and chunked arrays. Out: read-only, contiguous, aligned views; pieces with their first row.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from daatgal_engine.ahead import CACHE_LINE
from daatgal_engine.strings import Strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from daatgal_engine.book import Records
    from daatgal_engine.columns import I64

ROWS_PER_PIECE: Final = 1 << 18
_FEW: Final = 8
"""Pieces of less than a so-manieth part of that are put together, at the price of a copy."""
_Scalar = TypeVar("_Scalar", bound=np.generic)
_Result = TypeVar("_Result")
_Task = TypeVar("_Task")


class Piece(NamedTuple):
    """Some rows of a column, and where they stand in the batch."""

    array: pa.Array
    start: int
    stop: int


def frozen(array: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
    """Make an array read-only, contiguous and aligned: the one form that kernels read."""
    view = np.require(array, requirements=["C", "A"]).view()
    view.flags.writeable = False
    return view


def view(buffer: pa.Buffer | None, dtype: type[_Scalar], start: int, count: int) -> npt.NDArray[_Scalar]:
    """See `count` values of a buffer from `start` on; no buffer is no values."""
    if buffer is None or buffer.size == 0 or count == 0:
        return frozen(np.zeros(count, dtype))
    return frozen(np.frombuffer(buffer, dtype, offset=0)[start : start + count])


def values_of(array: pa.Array, dtype: type[_Scalar]) -> npt.NDArray[_Scalar]:
    """See the values of a primitive array; where it is null they mean nothing."""
    return view(array.buffers()[1], dtype, array.offset, len(array))


def nulls_of(array: pa.Array) -> npt.NDArray[np.bool_] | None:
    """Tell which rows are null; None: no row is."""
    if array.null_count == 0:
        return None
    return array.is_null().to_numpy(zero_copy_only=False)


def validity_of(array: pa.Array) -> tuple[npt.NDArray[np.uint8], int]:
    """See the bitmap of an array, empty where no row is null, and where the bit of its first row stands."""
    bitmap = array.buffers()[0] if array.null_count else None
    return view(bitmap, np.uint8, 0, 0 if bitmap is None else bitmap.size), array.offset


def strings_of(array: pa.Array) -> Strings:
    """See a string array as kernels read it."""
    _, offsets, data = array.buffers()
    valid, first_bit = validity_of(array)
    return Strings(
        data=view(data, np.uint8, 0, 0 if data is None else data.size),
        offset=view(offsets, np.int32, array.offset, len(array) + 1),
        valid=valid,
        first_bit=first_bit,
    )


def nullable(values: npt.NDArray[Any], nulls: npt.NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """See numbers as an Arrow array of a type of the same width, null where told; their memory is shared."""
    count = int(np.count_nonzero(nulls))
    valid = pa.py_buffer(np.packbits(~nulls, bitorder="little")) if count else None
    return pa.Array.from_buffers(
        kind, len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))], count
    )


def nothing(rows: int, kind: pa.DataType) -> pa.Array:
    """Nulls of a type: their memory is never written, so that the system need not hand it out."""
    if pa.types.is_dictionary(kind):
        values = pa.array([], kind.value_type)
        return pa.DictionaryArray.from_arrays(nothing(rows, kind.index_type), values, ordered=kind.ordered)
    if not (pa.types.is_primitive(kind) or pa.types.is_string(kind)):
        return pa.nulls(rows, kind)
    zeros = pa.py_buffer(np.zeros(8 * (rows + 1), np.uint8))
    buffers = [zeros, zeros] if pa.types.is_primitive(kind) else [zeros, zeros, zeros.slice(0, 0)]
    return pa.Array.from_buffers(kind, rows, buffers, rows)


def booleans(mask: npt.NDArray[Any]) -> pa.Array:
    """Give a mask of 0 and 1 as an Arrow array."""
    return pa.array(mask.astype(np.bool_, copy=False))


def pieces_of(column: pa.ChunkedArray | None, start: int) -> list[Piece]:
    """Cut a column into pieces that are neither tiny nor huge; no column has no pieces."""
    pieces: list[Piece] = []
    waiting: list[pa.Array] = []
    waiting_rows = 0

    def flush() -> None:
        nonlocal start, waiting_rows
        if waiting:
            array = waiting[0] if len(waiting) == 1 else pa.concat_arrays(waiting)
            pieces.append(Piece(array, start, start + waiting_rows))
            start += waiting_rows
            waiting.clear()
            waiting_rows = 0

    for chunk in column.chunks if column is not None else ():
        for first in range(0, len(chunk), ROWS_PER_PIECE):
            part = chunk.slice(first, ROWS_PER_PIECE)
            if waiting_rows + len(part) > ROWS_PER_PIECE or len(part) * _FEW >= ROWS_PER_PIECE:
                flush()
            waiting.append(part)
            waiting_rows += len(part)
    flush()
    return pieces


def on_cache_lines(records: int, layout: np.dtype[np.void]) -> Records:
    """Records of which each begins on a cache line, if they are as long."""
    memory = np.empty(records * layout.itemsize + CACHE_LINE, np.uint8)
    begin = -memory.ctypes.data % CACHE_LINE
    return memory[begin : begin + records * layout.itemsize].view(layout).view(np.recarray)


def in_one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """All of a column in one array."""
    if isinstance(column, pa.Array):
        return column
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


def in_threads(work: Callable[[_Task], _Result], tasks: Iterable[_Task]) -> list[_Result]:
    """Do independent work on as many threads as there are cores; results in the order of the tasks."""

    def quietly(task: _Task) -> _Result:
        with np.errstate(over="ignore"):  # hashes wrap around on purpose, also where nothing is compiled
            return work(task)

    listed = list(tasks)
    if len(listed) < 2:
        return [quietly(task) for task in listed]
    with ThreadPoolExecutor(min(len(listed), len(os.sched_getaffinity(0)))) as pool:
        return list(pool.map(quietly, listed))


def row_ranges(rows: int, size: int = ROWS_PER_PIECE) -> Sequence[tuple[int, int]]:
    """Cut `rows` rows into ranges of at most `size`."""
    return list(pairwise([*range(0, rows, size), rows]))


def seats(counts: I64) -> tuple[I64, I64]:
    """Seats for rows that are spread over buckets, of which each part of the rows has `counts` (parts, buckets).

    Returns where each bucket begins (buckets + 1, the end included), and the seat of each part's first row in each
    bucket, so that rows ascend within a bucket.
    """
    bounds = np.concatenate(([0], np.cumsum(counts.sum(axis=0))))
    return frozen(bounds), bounds[:-1] + np.cumsum(counts, axis=0) - counts
