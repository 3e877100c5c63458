"""The rows that are accepted, as canonical columns for kernels and as a canonical table.

In: read and judged columns over all rows, the rows kept. Out: `ClaimColumns` and `pa.Table` of the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen
from daatgal.decode.contract import COLUMNS, column_type
from daatgal.decode.identity import take_ids
from daatgal.decode.judged import is_positive
from daatgal.decode.layouts import takeable
from daatgal_engine.clinical_codes import gather_lists
from daatgal_engine.columns import NEVER_S, NO_MNT, ClaimColumns, Ids
from daatgal_engine.written_values import ABSENT

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.judged import Judged
    from daatgal.decode.lists import CodeLists
    from daatgal_engine.columns import I64
    from daatgal_engine.insured_periods import Person


def accepted_columns(read: ReadColumns, judged: Judged, person: Person, kept: I64 | None) -> ClaimColumns:
    """Gather the kept rows; `kept` None: all."""

    def rows(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return frozen(values if kept is None else values[kept])

    def filled(name: str, null: int) -> npt.NDArray[Any]:
        values = read.fixed[name].values
        values = values if kept is None else values[kept]
        return frozen(np.where(values == ABSENT, null, values))

    def ids(name: str) -> Ids:
        return read.ids[name].ids if kept is None else take_ids(read.ids[name].ids, kept)

    secondary_offset, secondary = _lists(read.secondary, kept)
    procedure_offset, procedure = _lists(read.procedures, kept)
    ordered = pc.is_valid(read.texts["order_no"]).to_numpy().astype(np.uint8)
    return ClaimColumns(
        claim=ids("claim_id"),
        insured=ids("insured_id"),
        replaces=ids("replaces_claim_id"),
        message=rows(judged.message),
        submitted_s=filled("submitted_at", int(NEVER_S)),
        start_s=filled("start_at", 0),
        end_s=filled("end_at", 0),
        facility=rows(judged.facility),
        care_type=rows(judged.care_type),
        department=rows(read.coded["department_id"].codes),
        specialty=rows(read.coded["specialty"].codes),
        service=rows(read.coded["service_code"].codes),
        site=rows(read.coded["site"].codes),
        icd10=rows(judged.icd10),
        secondary_offset=secondary_offset,
        secondary=secondary,
        procedure_offset=procedure_offset,
        procedure=procedure,
        claimed_drg=rows(judged.claimed_drg),
        quantity=rows(judged.quantity.astype(np.int32)),
        billed_mnt=filled("billed_mnt", int(NO_MNT)),
        sex=rows(person.sex),
        birth_day=rows(person.birth_day),
        exemption=rows(person.exemption),
        positive=rows(is_positive(judged.test_result).astype(np.uint8)),
        ordered=rows(ordered),
        ignored=rows(judged.ignored),
        coverage=rows(person.coverage),
        death_day=rows(person.death_day),
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
    read: ReadColumns, claims: pa.Table, earlier: pa.Table | None, kept: I64 | None
) -> pa.Table:
    """Give the kept rows in the contract's columns and types, then further columns of the claims."""
    columns: dict[str, Any] = {name: _canonical(read, name) for name in COLUMNS}
    earlier_rows = read.rows - read.new_rows
    for name in claims.column_names:
        if name not in columns:
            columns[name] = _carried(takeable(claims[name]), name, earlier, earlier_rows)
    table = pa.table(columns)
    return table if kept is None else table.take(pa.array(kept))


def _canonical(read: ReadColumns, name: str) -> pa.ChunkedArray | pa.Array:
    if name in read.ids:
        return read.ids[name].column
    if name in read.coded:
        return read.coded[name].column
    if name in read.texts:
        return read.texts[name]
    if name in read.fixed:
        values = read.fixed[name].values
        nulls = values == ABSENT
        array = pa.array(values, mask=nulls if nulls.any() else None)
        kind = column_type(name)
        return array.view(kind) if pa.types.is_timestamp(kind) else _narrowed(array, kind)
    return read.secondary.column if name == "icd10_secondary" else read.procedures.column


def _narrowed(array: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return array.cast(pa.int32()).view(kind)
    return array.cast(kind)


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
