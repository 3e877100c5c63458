"""Every contract column of a batch, read into arrays but not yet judged.

In: the claims and the claims of earlier nights. Out: `ReadColumns`, one entry for each column, over the rows of both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from daatgal.decode.arrays import Piece, pieces_of
from daatgal.decode.contract import (
    CODED_COLUMNS,
    COLUMNS,
    ID_COLUMNS,
    REQUIRED_COLUMNS,
    TEXT_COLUMNS,
    TIME_COLUMNS,
)
from daatgal.decode.fixed import Fixed, read_day_column, read_time_column, read_whole_column
from daatgal.decode.identity import IdColumn, is_integer_column, read_id_column
from daatgal.decode.lists import CodeLists, read_procedure_column, read_secondary_column
from daatgal.decode.text import Coded, read_coded_column, read_text_column
from daatgal.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LARGEST_INT32, _LARGEST_INT64 = 2**31 - 1, 2**63 - 1


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
    ids = {
        name: read_id_column(
            pieces(name), rows, integers=insured_integers if name == "insured_id" else claim_integers
        )
        for name in ID_COLUMNS
    }
    coded = {name: read_coded_column(pieces(name), rows) for name in CODED_COLUMNS}
    fixed = {name: read_time_column(pieces(name), rows, timezone) for name in TIME_COLUMNS}
    fixed["birth_date"] = read_day_column(pieces("birth_date"), rows, timezone)
    fixed["quantity"] = read_whole_column(pieces("quantity"), rows, _LARGEST_INT32)
    fixed["billed_mnt"] = read_whole_column(pieces("billed_mnt"), rows, _LARGEST_INT64)
    texts = {name: read_text_column(pieces(name), rows) for name in TEXT_COLUMNS}
    secondary = read_secondary_column(pieces("icd10_secondary"), rows)
    procedures = read_procedure_column(pieces("procedures"), rows)
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
