"""The rows that are accepted, as canonical columns for kernels and as a canonical table.

In: read and judged columns of the rows kept. Out: `ClaimColumns` and `pa.Table` of the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads, nullable
from daatgal.decode.contract import COLUMNS, ID_COLUMNS, column_type
from daatgal.decode.judged import is_positive
from daatgal.decode.layouts import rows_taken, takeable
from daatgal_engine.columns import NEVER_S, NO_MNT, ZERO, ClaimColumns
from daatgal_engine.written_values import fill_absent

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.judged import Judged
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


def shared_columns(read: ReadColumns) -> dict[str, Shared]:
    """Turn the times and numbers into their final form, in place."""

    def share(name: str) -> Shared:
        values, kind = read.fixed[name].values, column_type(name)
        absent = np.empty(len(values), np.uint8)
        fill_absent(values, _NULLS.get(name, ZERO), absent)
        if kind in _NARROW:
            values = values.astype(np.int32)
        return Shared(frozen(values), nullable(values, absent.view(np.bool_), kind))

    return dict(zip(read.fixed, in_threads(share, read.fixed), strict=True))


def accepted_columns(
    read: ReadColumns, judged: Judged, person: Person, shared: dict[str, Shared]
) -> ClaimColumns:
    """The rows as kernels read them."""
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
    claim, insured, replaces = (read.ids[name].ids for name in ID_COLUMNS)
    return ClaimColumns(
        claim=claim,
        insured=insured,
        replaces=replaces,
        submitted_s=shared["submitted_at"].values,
        start_s=shared["start_at"].values,
        end_s=shared["end_at"].values,
        secondary_offset=frozen(read.secondary.offset),
        secondary=frozen(read.secondary.codes),
        procedure_offset=frozen(read.procedures.offset),
        procedure=frozen(read.procedures.codes),
        quantity=shared["quantity"].values,
        billed_mnt=shared["billed_mnt"].values,
        **{name: frozen(values) for name, values in by_row.items()},
    )


def accepted_table(
    read: ReadColumns,
    claims: pa.Table,
    earlier: pa.Table | None,
    shared: dict[str, Shared],
    kept: I64 | None,
) -> pa.Table:
    """The rows in the contract's columns and types, then further columns of the claims: of those, the rows `kept`."""
    canonical = in_threads(lambda name: _canonical(read, shared, name), COLUMNS)
    columns: dict[str, Any] = dict(zip(COLUMNS, canonical, strict=True))
    earlier_rows = read.rows - read.new_rows
    for name in claims.column_names:
        if name not in columns:
            carried = _carried(takeable(claims[name]), name, earlier, earlier_rows)
            columns[name] = carried if kept is None else rows_taken(carried, kept)
    return pa.table(columns)


def _canonical(read: ReadColumns, shared: dict[str, Shared], name: str) -> pa.Array | pa.ChunkedArray:
    if name in shared:
        return shared[name].array
    if name in read.coded:
        return _repeated(read.coded[name])
    if name in read.ids:
        return read.ids[name].column
    if name in read.texts:
        return read.texts[name]
    return read.secondary.column if name == "icd10_secondary" else read.procedures.column


def _repeated(coded: Coded) -> pa.Array:
    """A column of repeated text as a dictionary: its text is the memory of few rows."""
    return pa.DictionaryArray.from_arrays(nullable(coded.codes, coded.codes < 0, pa.int32()), coded.values)


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
