"""The rows that are accepted, of all that was read.

In: read and judged columns over all rows, the rows kept. Out: the same columns over these rows. Each column takes the
place of the one it was taken from, so that there are never two of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from daatgal.decode.arrays import frozen, in_threads
from daatgal.decode.fixed import Fixed
from daatgal.decode.identity import IdColumn, take_ids
from daatgal.decode.judged import Judged
from daatgal.decode.layouts import rows_taken
from daatgal_engine.clinical_codes import gather_lists

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal.decode.columns_read import ReadColumns
    from daatgal.decode.lists import CodeLists
    from daatgal_engine.columns import I64


def keep_rows(read: ReadColumns, judged: Judged, kept: I64) -> tuple[ReadColumns, Judged]:
    """The kept rows, ascending, of both; `read` has them afterwards too, but for its lists."""
    takers: list[tuple[dict[str, Any], Callable[[Any], Any]]] = [
        (
            read.ids,
            lambda column: IdColumn(take_ids(column.ids, kept), rows_taken(column.column, kept), None),
        ),
        (read.coded, lambda column: column._replace(codes=frozen(column.codes[kept]), unreadable=None)),
        (read.texts, lambda column: rows_taken(column, kept)),
        (read.fixed, lambda column: Fixed(column.values[kept], None)),
    ]

    def keep(task: tuple[dict[str, Any], Callable[[Any], Any], str]) -> None:
        columns, taken, name = task
        columns[name] = taken(columns[name])

    in_threads(keep, [(columns, taken, name) for columns, taken in takers for name in columns])
    values: list[Any] = in_threads(lambda column: column[kept], judged)
    judged = Judged(*values)
    secondary, procedures = in_threads(lambda lists: _lists(lists, kept), (read.secondary, read.procedures))
    only = read._replace(
        rows=kept.size,
        new_rows=int(np.searchsorted(kept, read.new_rows)),
        secondary=secondary,
        procedures=procedures,
    )
    return only, judged._replace(start_day=frozen(judged.start_day))


def _lists(lists: CodeLists, kept: I64) -> CodeLists:
    offset = np.zeros(kept.size + 1, np.int64)
    np.cumsum(lists.offset[kept + 1] - lists.offset[kept], out=offset[1:])
    taken = np.empty(int(offset[-1]), np.uint64)
    gather_lists(
        frozen(lists.offset),
        frozen(lists.codes.astype(np.uint64, copy=False)),
        frozen(kept),
        frozen(offset),
        taken,
    )
    codes = taken.astype(lists.codes.dtype, copy=False)
    return lists._replace(
        offset=offset, codes=codes, malformed=lists.malformed[kept], column=rows_taken(lists.column, kept)
    )
