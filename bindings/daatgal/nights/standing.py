"""The standing ledger: what holds after the last night.

In: results folders or settlements, oldest first. Out: one ledger row a claim: its latest adjustment, else its own row.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.outputs import read_manifest
from daatgal.outputs.reading import read_listed
from daatgal.pipeline import Settlement

if TYPE_CHECKING:
    from collections.abc import Sequence


def standing_ledger(
    history: Sequence[Settlement | Path | str], columns: Sequence[str] | None = None
) -> pa.Table:
    """Every claim of all nights as it stands, in the order in which nights and rows came.

    `columns` are those of the ledger that are wanted, `claim_id` among them; all unless given.
    """
    ledgers = [_table(night, "ledger", columns) for night in history]
    names = ledgers[0].column_names
    adjustments = [_table(night, "adjustments", names) for night in history]
    rows = pa.concat_tables([*ledgers, *adjustments], promote_options="permissive").unify_dictionaries()
    ids = rows["claim_id"].combine_chunks()
    count = sum(ledger.num_rows for ledger in ledgers)
    place = pc.index_in(ids, value_set=ids.slice(0, count)).to_numpy()
    latest = np.empty(count, np.int64)
    latest[place] = np.arange(rows.num_rows)
    return rows.take(pa.array(latest))


def _table(night: Settlement | Path | str, name: str, columns: Sequence[str] | None) -> pa.Table:
    if isinstance(night, Settlement):
        table = night.ledger if name == "ledger" else night.adjustments
        return table if columns is None else table.select(list(columns))
    return read_listed(Path(night), read_manifest(Path(night)), name, columns)
