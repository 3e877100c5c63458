"""What cases like this one cost: the month's median among peers, for every case alike.

In: the month's payable claims, each with what makes its peers. Out: for each asked claim the number of peers and their
median gross amount. Peers share care type, DRG (or none), level and region; where they are fewer than 30, the region is
left out, then the level, then the DRG. It says nothing of why a case was drawn. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.extrapolation.estimators import I64

KEYS = ("care_type", "drg_code", "level", "region")
LEAST_PEERS = 30


def peer_medians(claims: pa.Table, gross_mnt: I64) -> tuple[I64, I64]:
    """(peers, median) of each claim; `claims` has the KEYS as columns. Of an even number it is the lower of the two."""
    rows = claims.num_rows
    peers, median = np.zeros(rows, np.int64), np.zeros(rows, np.int64)
    open_rows = np.ones(rows, np.bool_)
    for width in range(len(KEYS), 0, -1):
        count, middle = _medians(_groups(claims.select(list(KEYS[:width]))), gross_mnt)
        settled = open_rows & ((count >= LEAST_PEERS) | (width == 1))
        peers[settled], median[settled] = count[settled], middle[settled]
        open_rows &= ~settled
    return peers, median


def _groups(keys: pa.Table) -> I64:
    """A number for each distinct row."""
    number = np.zeros(keys.num_rows, np.int64)
    for column in keys.columns:
        codes = pc.fill_null(column.cast(pa.string()), "").combine_chunks().dictionary_encode()
        number = number * len(codes.dictionary) + codes.indices.to_numpy()
        number = np.unique(number, return_inverse=True)[1].ravel().astype(np.int64)
    return number


def _medians(group: I64, values: I64) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    if group.size == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.lexsort((values, group))
    count = np.bincount(group)
    first = np.cumsum(count) - count
    middle = values[order][first + (count - 1) // 2]
    return count[group], middle[group]
