"""Rows of one batch that share a claim id: which of them stay.

In: the read columns. Out: the rows that do not stay. Source: contract, DUPLICATE_CLAIM_ID: where all decoded columns,
extra ones included, are equal, the first stays and the others go; else all go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import Piece, frozen
from daatgal.decode.contract import CODED_COLUMNS, COLUMNS, TIME_COLUMNS
from daatgal.decode.layouts import takeable
from daatgal.decode.lists import read_ordered_procedures, read_secondary_column
from daatgal.decode.quarantine import as_written, flat
from daatgal_engine.clinical_codes import lists_differ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.lists import CodeLists
    from daatgal_engine.columns import I64

_DECODED: Final = ("icd10", "sex", "test_result", "message")
"""Repeated text that is compared as decoded and not as written."""
Marks = npt.NDArray[np.bool_]


def repeated_rows(
    first: I64, read: ReadColumns, decoded: Sequence[npt.NDArray[np.generic]], claims: pa.Table
) -> Marks:
    """Mark the rows that a shared claim id costs their place.

    `first`: for each row the first with the same claim id. `decoded`: what is compared as decoded: the
    diagnosis, sex, test result, message, quantity, birth date and whether a value was ignored, over all rows.
    """
    goes = np.zeros(read.rows, np.bool_)
    repeat = np.flatnonzero(first != np.arange(read.rows))
    goes[repeat] = True
    new = repeat[repeat < read.new_rows]
    differs = _different(new, first[new], read, decoded, claims)
    goes[first[new[differs]]] = True
    goes[first[repeat[repeat >= read.new_rows]]] = True  # the history holds the id
    return goes


def _different(
    rows: I64, others: I64, read: ReadColumns, decoded: Sequence[npt.NDArray[np.generic]], claims: pa.Table
) -> Marks:
    """Mark which of `rows` differ from their row in `others`."""
    differs = np.zeros(len(rows), np.bool_)
    for array in decoded:
        differs |= array[rows] != array[others]
    for name in CODED_COLUMNS:
        if name not in _DECODED:
            codes = read.coded[name].codes
            differs |= codes[rows] != codes[others]
    for name in (*TIME_COLUMNS, "billed_mnt"):
        values = read.fixed[name].values
        differs |= values[rows] != values[others]
    for column, read_lists in (
        (read.secondary.column, read_secondary_column),
        (read.procedures.column, read_ordered_procedures),
    ):
        left, right = (
            read_lists([Piece(column.take(pa.array(own)).combine_chunks(), 0, len(own))], len(own))
            for own in (rows, others)
        )
        differs |= _lists_differ(left, right)
    carried = [*read.texts.values(), read.ids["insured_id"].column, read.ids["replaces_claim_id"].column]
    carried += [claims[name] for name in claims.column_names if name not in COLUMNS]
    for column in carried:
        differs |= _values_differ(column, rows, others)
    for name, unread in read.unreadable.items():
        if unread is not None:  # what cannot be read is equal only to what is written alike
            either = np.flatnonzero(unread[rows] | unread[others])
            written = as_written(flat(takeable(claims[name])))
            differs[either] |= _values_differ(written, rows[either], others[either])
    return differs


def _values_differ(column: pa.ChunkedArray, rows: I64, others: I64) -> Marks:
    column = flat(takeable(column))
    left, right = column.take(pa.array(rows)), column.take(pa.array(others))
    try:
        same = pc.fill_null(pc.equal(left, right), fill_value=False)
        both_null = pc.and_(pc.is_null(left, nan_is_null=True), pc.is_null(right, nan_is_null=True))
        same = pc.or_(same, both_null)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        return np.array([repr(one) != repr(other) for one, other in pairs], np.bool_)
    return ~same.to_numpy()


def _lists_differ(left: CodeLists, right: CodeLists) -> Marks:
    marks = np.zeros(len(left.malformed), np.uint8)
    lists_differ(frozen(left.offset), frozen(left.codes), frozen(right.offset), frozen(right.codes), marks)
    return marks.astype(np.bool_)
