"""The rows that are accepted, as canonical columns for kernels and as a canonical table.

In: read and judged columns over all rows, the rows kept. Out: `ClaimColumns` and `pa.Table` of the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads, nullable
from daatgal.decode.contract import COLUMNS, ID_COLUMNS, column_type
from daatgal.decode.identity import take_ids
from daatgal.decode.judged import is_positive
from daatgal.decode.layouts import takeable
from daatgal_engine.clinical_codes import gather_lists
from daatgal_engine.columns import NEVER_S, NO_MNT, ZERO, ClaimColumns, Ids
from daatgal_engine.written_values import fill_absent

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.judged import Judged
    from daatgal.decode.lists import CodeLists
    from daatgal.decode.text import Coded
    from daatgal_engine.columns import I64
    from daatgal_engine.insured_periods import Person


_NARROW: Final = (pa.int32(), pa.date32())
_NULLS: Final = {
    "submitted_at": NEVER_S,
    "billed_mnt": NO_MNT,
    "quantity": np.int64(1),
}
"""What the columns hold where a time or number is null: 0 in all others, such as the start of a cancellation."""


class Shared(NamedTuple):
    """A column of times or numbers, as kernels and as Arrow see the same memory."""

    values: npt.NDArray[Any]
    array: pa.Array


def shared_columns(read: ReadColumns, kept: I64 | None) -> dict[str, Shared]:
    """Turn the times and numbers of the kept rows into their final form, in place where all rows are kept."""

    def share(name: str) -> Shared:
        column, kind = read.fixed[name].values, column_type(name)
        values: npt.NDArray[Any] = column if kept is None else column[kept]
        absent = np.empty(len(values), np.uint8)
        fill_absent(values, _NULLS.get(name, ZERO), absent)
        if kind in _NARROW:
            values = values.astype(np.int32)
        return Shared(frozen(values), nullable(values, absent.view(np.bool_), kind))

    return dict(zip(read.fixed, in_threads(share, read.fixed), strict=True))


def accepted_columns(
    read: ReadColumns, judged: Judged, person: Person, shared: dict[str, Shared], kept: I64 | None
) -> ClaimColumns:
    """Gather the kept rows; `kept` None: all."""

    def rows(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return frozen(values if kept is None else values[kept])

    def ids(name: str) -> Ids:
        return read.ids[name].ids if kept is None else take_ids(read.ids[name].ids, kept)

    by_row: dict[str, npt.NDArray[Any]] = {
        "message": judged.message,
        "facility": judged.facility,
        "care_type": judged.care_type,
        "department": read.coded["department_id"].codes,
        "specialty": read.coded["specialty"].codes,
        "service": read.coded["service_code"].codes,
        "site": read.coded["site"].codes,
        "icd10": judged.icd10,
        "claimed_drg": judged.claimed_drg,
        "sex": person.sex,
        "birth_day": person.birth_day,
        "exemption": person.exemption,
        "positive": is_positive(judged.test_result).view(np.uint8),
        "ordered": pc.is_valid(read.texts["order_no"]).to_numpy().view(np.uint8),
        "ignored": judged.ignored,
        "coverage": person.coverage,
        "death_day": person.death_day,
    }
    claim, insured, replaces = in_threads(ids, ID_COLUMNS)
    chosen = dict(zip(by_row, in_threads(rows, by_row.values()), strict=True))
    secondary_offset, secondary = _lists(read.secondary, kept)
    procedure_offset, procedure = _lists(read.procedures, kept)
    return ClaimColumns(
        claim=claim,
        insured=insured,
        replaces=replaces,
        submitted_s=shared["submitted_at"].values,
        start_s=shared["start_at"].values,
        end_s=shared["end_at"].values,
        secondary_offset=secondary_offset,
        secondary=secondary,
        procedure_offset=procedure_offset,
        procedure=procedure,
        quantity=shared["quantity"].values,
        billed_mnt=shared["billed_mnt"].values,
        **chosen,
    )


def _lists(lists: CodeLists, kept: I64 | None) -> tuple[I64, npt.NDArray[Any]]:
    if kept is None:
        return frozen(lists.offset), frozen(lists.codes)
    offset = np.zeros(len(kept) + 1, np.int64)
    np.cumsum(lists.offset[kept + 1] - lists.offset[kept], out=offset[1:])
    taken = np.empty(int(offset[-1]), np.uint64)
    gather_lists(
        frozen(lists.offset),
        frozen(lists.codes.astype(np.uint64, copy=False)),
        frozen(kept),
        frozen(offset),
        taken,
    )
    return frozen(offset), frozen(taken.astype(lists.codes.dtype, copy=False))


def accepted_table(
    read: ReadColumns,
    claims: pa.Table,
    earlier: pa.Table | None,
    shared: dict[str, Shared],
    kept: I64 | None,
) -> pa.Table:
    """Give the kept rows in the contract's columns and types, then further columns of the claims."""
    mask = None
    if kept is not None:
        chosen = np.zeros(read.rows, np.bool_)
        chosen[kept] = True
        mask = pa.array(chosen)

    def rows(column: pa.ChunkedArray) -> pa.ChunkedArray:
        return column if mask is None else column.filter(mask)

    def canonical(name: str) -> pa.Array | pa.ChunkedArray:
        if name in shared:
            return shared[name].array
        return _repeated(read.coded[name], kept) if name in read.coded else rows(_canonical(read, name))

    columns: dict[str, Any] = dict(zip(COLUMNS, in_threads(canonical, COLUMNS), strict=True))
    earlier_rows = read.rows - read.new_rows
    for name in claims.column_names:
        if name not in columns:
            columns[name] = rows(_carried(takeable(claims[name]), name, earlier, earlier_rows))
    return pa.table(columns)


def _repeated(coded: Coded, kept: I64 | None) -> pa.Array:
    """The kept rows of a column of repeated text, as a dictionary: its text is the memory of few rows."""
    codes = coded.codes if kept is None else coded.codes[kept]
    return pa.DictionaryArray.from_arrays(nullable(codes, codes < 0, pa.int32()), coded.values)


def _canonical(read: ReadColumns, name: str) -> pa.ChunkedArray:
    if name in read.ids:
        return read.ids[name].column
    if name in read.texts:
        return read.texts[name]
    return read.secondary.column if name == "icd10_secondary" else read.procedures.column


def _carried(
    column: pa.ChunkedArray, name: str, earlier: pa.Table | None, earlier_rows: int
) -> pa.ChunkedArray:
    """Carry a further column; earlier claims have it where they have it in the same type."""
    if earlier is None or earlier_rows == 0:
        return column
    if name in earlier.column_names and takeable(earlier[name]).type == column.type:
        behind = takeable(earlier[name]).chunks
    else:
        behind = [pa.nulls(earlier_rows, column.type)]
    return pa.chunked_array([*column.chunks, *behind], column.type)
