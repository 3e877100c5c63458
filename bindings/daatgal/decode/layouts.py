"""Layouts that Arrow cannot take rows from, as layouts that it can.

In: a column of any type. Out: the same values, of which rows can be taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from daatgal_engine.columns import I64


def plain_type(kind: pa.DataType) -> pa.DataType:
    """Give the usual layout of a type: no views, no run ends, nor within lists and structs."""
    if isinstance(kind, pa.BaseExtensionType):
        return plain_type(kind.storage_type)
    if pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_binary_view(kind):
        return pa.binary()
    if pa.types.is_run_end_encoded(kind):
        return plain_type(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_list_view(kind):
        return pa.list_(plain_type(kind.value_type))
    if pa.types.is_large_list(kind) or pa.types.is_large_list_view(kind):
        return pa.large_list(plain_type(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(plain_type(field.type)) for field in kind.fields])
    return kind


def takeable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give a column as it is if rows can be taken from its layout, else in the usual layout."""
    none = pa.array([], pa.int64())
    try:
        pc.take(column.slice(0, 0), none)
        pc.take(pa.nulls(0, column.type), none)
    except pa.ArrowNotImplementedError:
        return _relaid(column)
    return column


def _relaid(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = plain_type(column.type)
    if pa.types.is_run_end_encoded(column.type):
        return takeable(pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], kind))
    try:
        return column.cast(kind)
    except pa.ArrowNotImplementedError:
        return pa.chunked_array([pa.array(chunk.to_pylist(), kind) for chunk in column.chunks], kind)


def rows_taken(column: pa.ChunkedArray, rows: I64) -> pa.ChunkedArray:
    """Take some rows, in ascending order, each from its chunk: Arrow would put the chunks together first.

    A chunk of which all rows are taken stays where it is.
    """
    column = takeable(column)
    taken: list[pa.Array] = []
    start = 0
    for chunk in column.chunks:
        own = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + len(chunk))]
        if len(own):
            taken.append(chunk if len(own) == len(chunk) else chunk.take(pa.array(own - start)))
        start += len(chunk)
    return pa.chunked_array(taken, column.type)
