"""What a night changed about earlier claims.

In: the ledger of all judged claims, the state rows of the earlier ones. Out: the `adjustments` table. Source:
rules.md §4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.ledger import KEYS
from daatgal.nights.keep import OUTCOME

if TYPE_CHECKING:
    from datetime import date

OLD = (
    "decision",
    "fund_mnt",
    "copay_mnt",
    "excess_mnt",
    "deducted_mnt",
    "reasons",
    "related_claim_id",
    "case_id",
)


class Changes(NamedTuple):
    """The earlier claims of which any ledger column changed, in the order of the history."""

    adjustments: pa.Table
    before: pa.Table
    """row for row, the ledger rows that stood until now"""


def changes(ledger: pa.Table, earlier: pa.Table | None, as_of: date) -> Changes:
    """What became of earlier claims: of those at least of which a ledger column may have changed.

    `ledger` are their rows as they stand now, row for row with the `earlier` state rows. `closed`: the claim ended
    before the calendar year that precedes `as_of`: to be looked at, moving no money by itself.
    """
    before = ledger.slice(0, 0) if earlier is None else _outcomes(earlier, ledger)
    now = ledger.slice(0, before.num_rows)
    changed = np.zeros(before.num_rows, np.bool_)
    for name in now.column_names:
        if name not in KEYS:
            changed |= differs(now[name], before[name])
    keep = pa.array(changed)
    now, before = now.filter(keep), before.filter(keep)
    first_open = pa.scalar(np.datetime64(f"{as_of.year - 1:04d}-01-01", "s"), pa.timestamp("s"))
    closed = pc.fill_null(pc.less(now["end_at"], first_open), False)
    columns = {name: now[name] for name in now.column_names}
    columns |= {f"old_{name}": before[name] for name in OLD}
    return Changes(pa.table(columns | {"closed": closed}), before)


def _outcomes(earlier: pa.Table, ledger: pa.Table) -> pa.Table:
    names = [name if name in KEYS else OUTCOME + name for name in ledger.column_names]
    return earlier.select(names).rename_columns(ledger.column_names).cast(ledger.schema)


def differs(now: pa.ChunkedArray, before: pa.ChunkedArray) -> np.ndarray:
    """Where two columns differ, a null being like a null alone."""
    if pa.types.is_list(now.type):
        now, before = (pc.binary_join(column.cast(pa.list_(pa.string())), "|") for column in (now, before))
    if pa.types.is_dictionary(now.type):
        now, before = now.cast(pa.string()), before.cast(pa.string())
    one_null = pc.xor(pc.is_null(now), pc.is_null(before))
    return pc.or_(pc.fill_null(pc.not_equal(now, before), False), one_null).to_numpy()
