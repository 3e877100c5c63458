"""Every contract column of a batch, read into arrays but not yet judged.

In: the claims and the claims of earlier nights. Out: `ReadColumns`, one entry for each column, over the rows of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyarrow as pa

from daatgal.decode.arrays import Piece, in_threads, pieces_of
from daatgal.decode.contract import (
    CODED_COLUMNS,
    COLUMNS,
    ID_COLUMNS,
    REQUIRED_COLUMNS,
    TEXT_COLUMNS,
    TIME_COLUMNS,
    WHOLE_COLUMNS,
)
from daatgal.decode.fixed import Fixed, read_day_column, read_time_column, read_whole_column
from daatgal.decode.identity import IdColumn, is_integer_column, read_id_column
from daatgal.decode.lists import CodeLists, read_procedure_column, read_secondary_column
from daatgal.decode.text import Coded, read_coded_column, read_text_column
from daatgal.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LARGEST: Final = {"quantity": 2**31 - 1, "billed_mnt": 2**63 - 1}


class ReadColumns(NamedTuple):
    """The columns by name; `rows` of them are new, the others are of earlier nights."""

    new_rows: int
    rows: int
    ids: dict[str, IdColumn]
    coded: dict[str, Coded]
    texts: dict[str, pa.ChunkedArray]
    fixed: dict[str, Fixed]
    """times in seconds, birth_date in days"""
    secondary: CodeLists
    procedures: CodeLists
    unreadable: dict[str, npt.NDArray[np.bool_] | None]


def read_columns(
    claims: pa.Table, earlier: pa.Table | None, held_ids: pa.Array | None, timezone: str
) -> ReadColumns:
    """Read all columns; what a table lacks is null. Raises InputError if an essential column is missing."""
    missing = [name for name in REQUIRED_COLUMNS if name not in claims.column_names]
    if missing:
        found = ", ".join(claims.column_names) or "none"
        raise InputError(f"claims: found columns {found}, expected also {', '.join(missing)}")
    new_rows = claims.num_rows
    rows = new_rows + (earlier.num_rows if earlier is not None else 0)

    def pieces(name: str) -> list[Piece]:
        return _pieces(claims, name, 0) + ([] if earlier is None else _pieces(earlier, name, new_rows))

    claim_integers, insured_integers = _id_kinds(claims, earlier, held_ids)
    integers = {
        "claim_id": claim_integers,
        "insured_id": insured_integers,
        "replaces_claim_id": claim_integers,
    }

    def read(name: str) -> Any:
        own = pieces(name)
        if name in ID_COLUMNS:
            return read_id_column(own, rows, integers=integers[name])
        if name in CODED_COLUMNS:
            return read_coded_column(own, rows)
        if name in TEXT_COLUMNS:
            return read_text_column(own, rows)
        if name in TIME_COLUMNS:
            return read_time_column(own, rows, timezone)
        if name == "birth_date":
            return read_day_column(own, rows, timezone)
        if name in WHOLE_COLUMNS:
            return read_whole_column(own, rows, _LARGEST[name])
        return (
            read_secondary_column(own, rows)
            if name == "icd10_secondary"
            else read_procedure_column(own, rows)
        )

    # One column is one piece of work: the longest first, so that no thread is left alone with one at the end.
    ordered = sorted(COLUMNS, key=lambda name: (name not in ID_COLUMNS, name not in CODED_COLUMNS))
    columns: dict[str, Any] = dict(zip(ordered, in_threads(read, ordered), strict=True))
    texts = {name: columns[name] for name in TEXT_COLUMNS}
    ids = {name: columns[name] for name in ID_COLUMNS}
    coded = {name: columns[name] for name in CODED_COLUMNS}
    fixed = {name: columns[name] for name in (*TIME_COLUMNS, "birth_date", *WHOLE_COLUMNS)}
    secondary, procedures = columns["icd10_secondary"], columns["procedures"]
    unreadable = {name: column.unreadable for name, column in (ids | coded | fixed).items()}
    unreadable.update({name: marks for name, (_, marks) in texts.items()})
    unreadable.update(icd10_secondary=secondary.unreadable, procedures=procedures.unreadable)
    return ReadColumns(
        new_rows=new_rows,
        rows=rows,
        ids=ids,
        coded=coded,
        texts={name: column for name, (column, _) in texts.items()},
        fixed=fixed,
        secondary=secondary,
        procedures=procedures,
        unreadable={name: unreadable[name] for name in COLUMNS},
    )


def _pieces(table: pa.Table, name: str, start: int) -> list[Piece]:
    if name in table.column_names:
        return pieces_of(table[name], start)
    return [Piece(pa.nulls(table.num_rows), start, start + table.num_rows)]


def _id_kinds(claims: pa.Table, earlier: pa.Table | None, held_ids: pa.Array | None) -> tuple[bool, bool]:
    """Whether claim ids and insured ids are integers: as the history has them, else as the batch does."""
    if earlier is not None:
        return is_integer_column(earlier["claim_id"]), is_integer_column(earlier["insured_id"])
    of_claims = held_ids if held_ids is not None and len(held_ids) else claims["claim_id"]
    return is_integer_column(of_claims), is_integer_column(claims["insured_id"])
