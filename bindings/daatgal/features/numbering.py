"""Combinations of claims numbered, stretch of rows by stretch, and what was found of each handed back to its claims.

In: what packs keys. Out: the number of each row's key by first appearance, the distinct keys; float32 columns. Keys are
packed and numbered while they are in a core's cache, so no column of keys is ever made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen, row_ranges
from daatgal_engine.features.combinations import hand_back
from daatgal_engine.features.keys import KeyTable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from daatgal.forest.model import F64
    from daatgal_engine.columns import F32, I32, I64, U64

STRETCH: Final = 1 << 14
"""Rows whose keys, numbers and columns fit into a core's second-level cache together."""


def numbered(keys: U64) -> tuple[I32, U64]:
    """The number of each row's key by first appearance, and the distinct keys."""
    return numbered_in_stretches(keys.size, (keys[slice(*rows)] for rows in row_ranges(keys.size, STRETCH)))


def numbered_rows(rows: I64, pack: Callable[[I64, U64], None]) -> tuple[I32, U64]:
    """The same of the keys that `pack` writes for some of the `rows`."""
    room, asked = np.empty(min(STRETCH, rows.size), np.uint64), frozen(rows)

    def keys() -> Iterator[U64]:
        for begin, end in row_ranges(rows.size, STRETCH):
            pack(asked[begin:end], room[: end - begin])
            yield room[: end - begin]

    return numbered_in_stretches(rows.size, keys())


def numbered_in_stretches(total: int, stretches: Iterator[U64]) -> tuple[I32, U64]:
    """The same of `total` keys in all; a stretch is done with before the next is asked for."""
    numbers, table, at = np.empty(total, np.int32), KeyTable(), 0
    for keys in stretches:
        table.number(frozen(keys), numbers[at : at + keys.size])
        at += keys.size
    return numbers, table.distinct


def handed_back(values: F64, numbers: I32) -> F32:
    """float32 for each row: the value of its number, in the place of the number, which is overwritten."""
    out = numbers.view(np.float32)
    hand_back(frozen(values.astype(np.float32)), frozen(numbers), out)
    return out


def find_keys(keys: U64, asked: U64) -> I64:
    """The place of each asked key among ascending `keys`; -1: nowhere."""
    if keys.size == 0:
        return np.full(asked.size, -1, np.int64)
    place = np.minimum(np.searchsorted(keys, asked), keys.size - 1)
    return np.where(keys[place] == asked, place, -1)
