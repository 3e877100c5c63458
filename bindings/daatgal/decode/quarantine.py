"""The quarantine table: rows that cannot be read as a claim, with their original values and what is wrong.

In: the input table, the fault bits of its rows. Out: an Arrow table, by row. Source: contract, quarantine codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.contract import COLUMNS
from daatgal.decode.faults import FAULTS
from daatgal.decode.layouts import rows_taken
from daatgal.decode.text import plain

if TYPE_CHECKING:
    from daatgal_engine.columns import I64, U64

_SHOWN_CHARACTERS: Final = 60
_SECRET_COLUMNS: Final = ("insured_id",)
"""Columns of which a message never shows a value."""


def as_written(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the values as text, whatever their type."""
    try:
        return column.cast(pa.string())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        written = [None if value is None else str(value) for value in column.to_pylist()]
        return pa.chunked_array([pa.array(written, pa.string())])


def flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give the values without what only wraps them."""
    return pa.chunked_array([plain(chunk) for chunk in column.chunks]) if column.num_chunks else column


def quarantine_table(claims: pa.Table, faults: U64) -> pa.Table:
    """List the faulty rows.

    Columns: row int64; error_codes (each once, sorted), error_columns (each once, sorted), messages (one for each
    code and column, sorted): list<string>; then the input's columns. A column of which a value could not be read is
    text as a whole.
    """
    rows = np.flatnonzero(faults) if faults.any() else np.empty(0, np.int64)
    some = claims if len(rows) else claims.slice(0, 0)
    taken = pa.table({name: rows_taken(some[name], rows) for name in claims.column_names})
    bits = faults[rows]
    unread = {
        fault.column
        for i, fault in enumerate(FAULTS)
        if fault.code == "BAD_TYPE" and (bits & np.uint64(1 << i)).any()
    }
    columns: dict[str, Any] = {"row": pa.array(rows, pa.int64())}
    columns.update(_errors(taken, bits))
    for name in claims.column_names:
        own = flat(taken[name]) if name in COLUMNS else taken[name]
        free = name
        while free in columns:
            free = f"{free}_given"
        columns[free] = as_written(own) if name in unread else own
    return pa.table(columns)


def _errors(taken: pa.Table, own: U64) -> dict[str, pa.Array]:
    found = [
        (fault, np.flatnonzero(own & np.uint64(1 << i)))
        for i, fault in enumerate(FAULTS)
        if (own & np.uint64(1 << i)).any()
    ]
    found.sort(key=lambda item: (item[0].code, item[0].column))
    codes = [(np.full(len(rows), fault.code, object), rows) for fault, rows in found]
    columns = [(np.full(len(rows), fault.column, object), rows) for fault, rows in found]
    columns.sort(key=lambda item: item[0][0])
    messages = [(_messages(taken, number, rows), rows) for number, rows in found]
    count = len(own)
    return {
        "error_codes": _lists(codes, count, distinct=True),
        "error_columns": _lists(columns, count, distinct=True),
        "messages": _lists(messages, count, distinct=False),
    }


def _messages(taken: pa.Table, fault: Any, rows: I64) -> Any:
    start = f"{fault.code} in {fault.column}: "
    if fault.column not in taken.column_names or fault.code == "MISSING_VALUE":
        found: Any = "found nothing"
    elif fault.column in _SECRET_COLUMNS:
        found = "found a value of another type"
    else:
        written = as_written(flat(taken[fault.column])).take(pa.array(rows)).combine_chunks()
        shown = pc.utf8_slice_codeunits(pc.fill_null(written, ""), 0, _SHOWN_CHARACTERS)
        found = pc.binary_join_element_wise("found '", shown, "'", "")
    text = pc.binary_join_element_wise(start, found, f", expected {fault.expected}", "")
    if isinstance(text, pa.Scalar):
        return np.full(len(rows), text.as_py(), object)
    return text.to_numpy(zero_copy_only=False)


def _lists(parts: list[tuple[Any, I64]], count: int, *, distinct: bool) -> pa.Array:
    """Make a list of texts for each of `count` rows from texts and the rows they belong to, in the order given."""
    texts = np.concatenate([np.empty(0, object), *(part[0] for part in parts)])
    rows = np.concatenate([np.empty(0, np.int64), *(part[1] for part in parts)])
    order = np.argsort(rows, kind="stable")
    texts, rows = texts[order], rows[order]
    if distinct:
        new = np.ones(len(rows), np.bool_)
        new[1:] = (rows[1:] != rows[:-1]) | (texts[1:] != texts[:-1])
        texts, rows = texts[new], rows[new]
    offsets = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(texts, pa.string()))
