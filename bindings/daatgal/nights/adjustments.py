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
from daatgal.nights.differences import differs
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
    changed: np.ndarray
    """one for each earlier claim: whether it is among them"""


def changes(ledger: pa.Table, earlier: pa.Table | None, as_of: date) -> Changes:
    """What became of the earlier claims.

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
    return Changes(pa.table(columns | {"closed": closed}), before, changed)


def _outcomes(earlier: pa.Table, ledger: pa.Table) -> pa.Table:
    names = [name if name in KEYS else OUTCOME + name for name in ledger.column_names]
    return earlier.select(names).rename_columns(ledger.column_names).cast(ledger.schema)
