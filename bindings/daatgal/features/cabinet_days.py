"""How many claims each cabinet and doctor has on a day, as nights leave it to later nights.

In: a night. Out: a small table, sorted by day, of what the night adds to each day; and, of many such tables, the
counts of the days asked for. A claim that this night voids is taken off, so the tables of a chain add up to the
claims that stand.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daatgal.features.aggregates import added_up
from daatgal_engine.calendar import DAY_S
from daatgal_engine.reasons import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable

    from daatgal.features.facts import JudgedNight
    from daatgal.features.texts import Texts
    from daatgal_engine.columns import I32, I64

SCHEMA: Final = pa.schema(
    [
        ("day", pa.date32()),
        ("facility_id", pa.string()),
        ("department_id", pa.string()),
        ("practitioner_id", pa.string()),
        ("claims", pa.int64()),
    ]
)
"""`claims` are those that start on the day, less those that stand no longer."""


def cabinet_days_table(night: JudgedNight) -> pa.Table:
    """What a night adds to the counts of each day, as `SCHEMA` has it, in order of its keys.

    Raises InputError where the night recalled earlier claims and `earlier` does not say what of them stood before.
    """
    standing = night.settled.claims.decision != Decision.VOIDED
    change = np.subtract(standing, night.stood, dtype=np.int64)
    rows = np.flatnonzero(change)
    who = {
        "facility_id": night.facility,
        "department_id": night.department,
        "practitioner_id": night.practitioner,
    }
    days = night.decoded.columns.start_s[rows] // DAY_S
    codes = {"day": days.astype(np.int32)} | {name: who[name].codes[rows] for name in who}
    # Grouped and sorted by codes and ranks, which is quick; then as texts, null last.
    grouped = pa.table(codes | {"claims": change[rows]}).group_by(list(codes)).aggregate([("claims", "sum")])
    grouped = grouped.filter(pc.not_equal(grouped["claims_sum"], 0))
    ranks = [_ranks(texts.values)[grouped[name].to_numpy()] for name, texts in reversed(who.items())]
    grouped = grouped.take(np.lexsort([*ranks, grouped["day"].to_numpy()])).combine_chunks()
    texts = {name: _texts(who[name], grouped[name]) for name in who}
    table = pa.table({"day": grouped["day"].cast(pa.date32()), **texts, "claims": grouped["claims_sum"]})
    return table.cast(SCHEMA)


def _ranks(values: pa.Array) -> I32:
    """By code the place of each text in the order of texts; that of null, which comes last, stands at -1."""
    order = np.argsort(pc.sort_indices(values).to_numpy())
    return np.append(order, len(values)).astype(np.int32)


def _texts(texts: Texts, codes: pa.ChunkedArray) -> pa.ChunkedArray:
    return texts.values.take(pc.if_else(pc.less(codes, 0), None, codes))


class CabinetDays:
    """The counts that earlier nights left: tables, Parquet files or folders of them."""

    def __init__(self, parts: Iterable[pa.Table | Path] = ()) -> None:
        self._parts: list[pa.Table | Path] = []
        for part in parts:
            if isinstance(part, Path) and part.is_dir():
                self._parts.extend(sorted(part.glob("*.parquet")))
            else:
                self._parts.append(part)

    def on(self, days: I64) -> pa.Table:
        """The counts of the given distinct days, as `SCHEMA` has them; of files only the row groups that hold such."""
        found = [SCHEMA.empty_table()]
        if not self._parts:
            return found[0]
        asked = pa.array(days.astype(np.int32)).cast(pa.date32())
        for part in self._parts:
            found.extend(_on_days(table, asked) for table in _tables(part, asked))
        return added_up(pa.concat_tables(found), SCHEMA)


def _on_days(table: pa.Table, asked: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["day"], value_set=asked)).select(SCHEMA.names).cast(SCHEMA)


def _tables(part: pa.Table | Path, asked: pa.Array) -> Iterable[pa.Table]:
    if isinstance(part, pa.Table):
        yield part
        return
    with pq.ParquetFile(part) as file:
        column = file.schema_arrow.names.index("day")
        for group in range(file.num_row_groups):
            statistics = file.metadata.row_group(group).column(column).statistics
            if statistics is not None and statistics.has_min_max:
                within = pc.and_(
                    pc.greater_equal(asked, statistics.min), pc.less_equal(asked, statistics.max)
                )
                if not pc.any(within).as_py():
                    continue
            yield file.read_row_group(group)
