"""The standing claims of a chain of nights, as a stream.

In: settlements or results folders, newest last. Out: `state` tables, each with all claims of a range of people, in
the order of their hashes. The newest night that knows a person knows all of their claims (nights/layers.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from daatgal.nights.layers import NOBODY, PERSON, among, layers_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from daatgal.nights.layers import Layer
    from daatgal.pipeline import Settlement

RANGE_ROWS: Final = 1 << 19
"""About so many claims are in memory at a time."""
_ALL_HASHES: Final = 1 << 64


def standing_state(
    history: Sequence[Settlement | Path | str], range_rows: int = RANGE_ROWS
) -> Iterator[pa.Table]:
    """Stream the claims of a history as they stand after its last night, all claims of a person in one table.

    Raises InputError where the folders are not one unbroken chain of released runs, each naming the one before.
    """
    layers = [layer for layer in layers_of(history) if layer.has_claims]
    ranges = -(-sum(layer.judged for layer in layers) // range_rows)
    for part in range(ranges):
        first, last = _ALL_HASHES * part // ranges, _ALL_HASHES * (part + 1) // ranges - 1
        table = _newest_between(layers, first, last)
        if table.num_rows:
            yield table


def _newest_between(layers: Sequence[Layer], first: int, last: int) -> pa.Table:
    """The claims of a range of people, each person's from the newest layer that knows them."""
    tables: list[pa.Table] = []
    known = NOBODY
    for layer in reversed(layers):
        rows = layer.claims_between(first, last)
        people = rows[PERSON].to_numpy()
        tables.append(rows.filter(pa.array(~among(people, known))))
        known = np.union1d(known, people)
    return pa.concat_tables(tables)
