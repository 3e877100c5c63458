"""The loops of `forest_lanes` in plain NumPy, for runs with the compiler switched off and to test the others against.

In, out and argument order are those of `forest_lanes`: whole columns and the row numbers at which they begin.
"""

from collections.abc import Callable

import numpy as np

from daatgal_engine.columns import U8, U32
from daatgal_engine.forest_chains import HEAD, NODE_FIELDS, STAY


def follow(nodes: int) -> Callable[[U8, U8, U32, int, int, int], None]:
    """One pass over chains of `nodes` nodes."""

    def follow_chain(rank: U8, place: U8, code: U32, at: int, slot: int, rows: int) -> None:
        """Move the rows at the head of chain `at`. Reads: `rank`. Writes: `place`, `rows` rows from `slot` on."""
        fields = [int(field) for field in code[int(at)]]
        now = place[int(slot) : int(slot) + int(rows)]
        here = now == fields[HEAD]
        then = np.where(here, np.uint8(fields[STAY]), now)
        for node in range(nodes):
            column, threshold, leave = fields[NODE_FIELDS * node : NODE_FIELDS * (node + 1)]
            then[here & (rank[column : column + int(rows)] > threshold)] = leave
        now[:] = then

    return follow_chain


def unpack_ranks(
    packed_rank: U32, start: int, position: U32, rank: U8, column: int, stride: int, rows: int
) -> None:
    """The four ranks of each position, as bytes: those of each group `stride` further on in `rank`."""
    packed = packed_rank[int(start) + position[: int(rows)].astype(np.int64)]
    for group in range(4):
        at = int(column) + group * int(stride)
        rank[at : at + int(rows)] = (packed >> np.uint32(8 * group)).astype(np.uint8)


def find_positions(
    bits: U32,
    search: tuple[int, int, int, int, int, int],
    bucket_rank: U32,
    threshold: U32,
    position: U32,
    rows: int,
) -> None:
    """How many thresholds each value is above.

    `search`: lowest key, shift, last bucket, halvings, and where the feature's buckets and thresholds begin.
    """
    lowest, shift, last, halvings, first_bucket, first_key = (int(number) for number in search)
    value = bits[: int(rows)].astype(np.int64)
    key = np.where(value >= 0x80000000, 0xFFFFFFFF - value, value + 0x80000000)
    bucket = np.minimum(np.maximum(key - lowest, 0) >> shift, last)
    place = bucket_rank[first_bucket + bucket].astype(np.int64)
    for halving in range(halvings - 1, -1, -1):
        half = 1 << halving
        place += half * (threshold[first_key + place + half - 1] < key)
    position[: int(rows)] = place
