"""The standing ledger of one month: which claims it has, and how they stand.

In: nights, a month, how a claim belongs to a month. Out: the month's claims that are not voided, each with its latest
outcome and its latest score. No kernel lives here.

By settlement, a claim belongs to the month (of `as_of`) of the night whose ledger it is in, whatever later nights make
of it: so it is in one month's frame only. By service, it belongs to the month in which it started.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.sampling.months import parse_month
from daatgal.sampling.nights import LEDGER_COLUMNS, SCORE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from daatgal.sampling.nights import NightTables


def standing_month(nights: Sequence[NightTables], month: str, month_of: str) -> pa.Table:
    """The ledger columns that a frame reads, and score, percentile, score_reasons (null where not scored).

    Raises InputError where the month has no claim.
    """
    first = parse_month(month)
    if month_of == "settlement":
        ledgers = [night.table("ledger") for night in nights if night.month == month]
    else:
        ledgers = [_started_in(night.table("ledger"), first) for night in nights]
    count = sum(ledger.num_rows for ledger in ledgers)
    if not count:
        months = ", ".join(dict.fromkeys(night.month for night in nights)) or "none"
        raise InputError(f"month {month}: the nights given have no claim of it (they settled in: {months})")
    ids = pa.concat_tables([ledger.select(["claim_id"]) for ledger in ledgers])["claim_id"].combine_chunks()
    adjusted = [_of_claims(night.table("adjustments"), ids) for night in nights]
    rows = pa.concat_tables([_plain(table) for table in (*ledgers, *adjusted)], promote_options="permissive")
    place = pc.index_in(rows["claim_id"].combine_chunks(), value_set=ids).to_numpy()
    latest = np.empty(count, np.int64)
    latest[place] = np.arange(rows.num_rows)
    standing = rows.take(pa.array(latest))
    standing = standing.filter(pc.not_equal(standing["decision"], "voided"))
    return _with_scores(standing, nights)


def _started_in(ledger: pa.Table, first: date) -> pa.Table:
    month = pc.floor_temporal(ledger["start_at"], unit="month").cast(pa.date32())
    return ledger.filter(pc.equal(month, pa.scalar(first, pa.date32())))


def _of_claims(table: pa.Table, ids: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["claim_id"], value_set=ids))


def _plain(table: pa.Table) -> pa.Table:
    """Text as text: dictionaries of two nights need not agree."""
    columns: dict[str, Any] = {}
    for name in LEDGER_COLUMNS:
        column = table[name]
        columns[name] = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
    return pa.table(columns)


def _with_scores(standing: pa.Table, nights: Sequence[NightTables]) -> pa.Table:
    ids = standing["claim_id"].combine_chunks()
    scored = [scores for night in nights if (scores := night.scores()) is not None]
    found = [_of_claims(scores, ids) for scores in scored]
    if not found or not any(table.num_rows for table in found):
        nulls = pa.nulls(standing.num_rows, pa.float64())
        reasons = pa.nulls(standing.num_rows, pa.list_(pa.string()))
        return _joined(standing, nulls, nulls, reasons)
    scores = pa.concat_tables(
        [table.select(list(SCORE_COLUMNS)) for table in found], promote_options="permissive"
    )
    row_of = np.full(standing.num_rows, -1, np.int64)
    row_of[pc.index_in(scores["claim_id"].combine_chunks(), value_set=ids).to_numpy()] = np.arange(
        scores.num_rows
    )
    taken = scores.take(pa.array(row_of, mask=row_of < 0))
    return _joined(standing, taken["score"], taken["percentile"], _codes(taken["reasons"]))


def _joined(standing: pa.Table, score: Any, percentile: Any, reasons: Any) -> pa.Table:
    return (
        standing.append_column("score", score)
        .append_column("percentile", percentile)
        .append_column("score_reasons", reasons)
    )


def _codes(reasons: pa.ChunkedArray) -> pa.Array:
    """The codes of lists of reasons, whose entries may carry more than the code."""
    lists = reasons.combine_chunks()
    if not pa.types.is_struct(lists.type.value_type):
        return lists.cast(pa.list_(pa.string()))
    codes = pc.struct_field(lists.values, "code").cast(pa.string())
    return pa.ListArray.from_arrays(lists.offsets, codes, mask=lists.is_null())
