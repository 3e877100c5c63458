"""Identifiers as bytes with hashes; ids that a batch repeats and ids of one batch in another.

In: pieces of an id column. Out: `Ids` over all rows, and for each row the first row with the same id or the row of
another batch.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import (
    Piece,
    frozen,
    in_threads,
    nulls_of,
    row_ranges,
    seats,
    strings_of,
    values_of,
)
from daatgal.decode.text import gather_marks, plain, read_text, without_blanks
from daatgal_engine.columns import I64, U8, U64, Ids
from daatgal_engine.ids import (
    ROWS_PER_PARTITION,
    Partitions,
    Share,
    count_partitions,
    find_rows,
    first_equal,
    gather_ids,
    hash_ids,
    hash_short_ids,
    spread_rows,
)
from daatgal_engine.strings import Strings
from daatgal_engine.written_values import read_wholes

_THREADS = len(os.sched_getaffinity(0))
_SIGN = np.uint64(1 << 63)
_NO_BYTES = np.empty(0, np.uint8)


class IdColumn(NamedTuple):
    """A column of identifiers."""

    ids: Ids
    column: pa.ChunkedArray
    """string or int64; blanks are null"""
    unreadable: npt.NDArray[np.bool_] | None


class _PieceIds(NamedTuple):
    array: pa.Array
    unreadable: npt.NDArray[np.bool_] | None
    data: U8


def is_integer_column(column: pa.ChunkedArray | pa.Array) -> bool:
    """Tell whether ids of this column are integers."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    if pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind):
        kind = kind.value_type
    return pa.types.is_integer(kind)


def _integers(array: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_] | None]:
    """Read ids as int64; text only where it is the decimal text of one."""
    array = plain(array)
    if pa.types.is_uint64(array.type):
        beyond = pc.fill_null(pc.greater(array, pa.scalar(2**63 - 1, pa.uint64())), fill_value=False)
        unreadable = beyond.to_numpy(zero_copy_only=False)
        return pc.if_else(beyond, None, array).cast(pa.int64()), unreadable if unreadable.any() else None
    if pa.types.is_integer(array.type):
        return array.cast(pa.int64()), None
    text = read_text(array)
    if text.unreadable is not None:
        return pa.nulls(len(array), pa.int64()), text.unreadable
    numbers = np.empty(len(array), np.int64)
    marks = np.empty(len(array), np.uint8)
    read_wholes(strings_of(text.array), numbers, marks)
    given = pc.is_valid(without_blanks(text.array)).to_numpy(zero_copy_only=False)
    plain_text = pc.fill_null(pc.equal(pa.array(numbers).cast(pa.string()), text.array), fill_value=False)
    good = given & (marks == 0) & plain_text.to_numpy(zero_copy_only=False)
    unreadable = given & ~good
    return pa.array(numbers, mask=~good), unreadable if unreadable.any() else None


def _integer_bytes(array: pa.Array) -> Strings:
    """The bytes of int64 ids: big-endian, the sign bit flipped; a null has none."""
    nulls = nulls_of(array)
    words = (values_of(array, np.int64).view(np.uint64) ^ _SIGN).byteswap()
    length = np.full(len(array), 8, np.int32)
    if nulls is not None:
        words = words[~nulls]
        length[nulls] = 0
    ends = np.zeros(len(array) + 1, np.int32)
    np.cumsum(length, out=ends[1:])
    return Strings(frozen(words.view(np.uint8)), frozen(ends), frozen(np.empty(0, np.uint8)), 0)


def hash_rows(strings: Strings, offset: I64, hashes: U64) -> int:
    """Write hashes and offsets of some ids; return how many are blank, or null with bytes behind them."""
    return int(hash_short_ids(strings, hashes)) if hash_ids(strings, offset, hashes) else 0


def read_id_column(pieces: list[Piece], rows: int, *, integers: bool) -> IdColumn:
    """Read ids as int64 or as text; integers become text where the others are text."""
    offset = np.zeros(rows + 1, np.int64)
    hashes = np.empty(rows, np.uint64)

    def read(piece: Piece) -> _PieceIds:
        own_offset, own_hashes = offset[piece.start : piece.stop + 1], hashes[piece.start : piece.stop]
        if integers:
            array, unreadable = _integers(piece.array)
            strings = _integer_bytes(array)
            hash_rows(strings, own_offset, own_hashes)
        else:
            array, unreadable = read_text(piece.array)
            strings = strings_of(array)
            if hash_rows(strings, own_offset, own_hashes):
                array = without_blanks(array)
                strings = strings_of(pc.fill_null(array, ""))
                hash_rows(strings, own_offset, own_hashes)
        ends = strings.offset
        return _PieceIds(array, unreadable, strings.data[ends[0] : ends[-1]])

    with np.errstate(over="ignore"):  # hashes wrap around on purpose, also where nothing is compiled
        found = [read(piece) for piece in pieces]
    data = found[0].data if len(found) == 1 else np.concatenate([_NO_BYTES, *(part.data for part in found)])
    kind = pa.int64() if integers else pa.string()
    return IdColumn(
        ids=Ids(frozen(data), frozen(offset), frozen(hashes)),
        column=pa.chunked_array([part.array for part in found], kind),
        unreadable=gather_marks(pieces, [part.unreadable for part in found], rows),
    )


def partition_bits(rows: int) -> int:
    """Choose how many leading bits of the hash part `rows` rows into partitions that fit the cache."""
    return max(0, (rows // ROWS_PER_PARTITION).bit_length())


def partitioned(ids: Ids, bits: int) -> Partitions:
    """Spread the rows that have an id over `2**bits` partitions."""
    limits = row_ranges(len(ids.hash))
    counts = np.zeros((len(limits), 1 << bits), np.int64)
    in_threads(lambda k: count_partitions(ids, bits, limits[k], counts[k]), range(len(limits)))
    begin, place = seats(counts)
    row = np.empty(int(begin[-1]), np.int64)
    hashes = np.empty(len(row), np.uint64)
    in_threads(lambda k: spread_rows(ids, bits, limits[k], place[k], (row, hashes)), range(len(limits)))
    return Partitions(ids, frozen(row), frozen(hashes), begin)


def _shares(built: Partitions, sought: Partitions | None = None) -> list[Share]:
    """Cut the partitions into one share for each thread."""
    begin = built.begin
    slots = 16
    while slots < 2 * int(np.diff(begin).max()):
        slots *= 2
    count = len(begin) - 1
    size = max(1, -(-count // _THREADS))
    most = 0 if sought is None else int(np.diff(sought.begin).max())
    return [
        Share(start, stop, np.empty(slots, np.int64), np.empty(most, np.int64))
        for start, stop in row_ranges(count, size)
    ]


def first_rows(batch: Partitions, rows: int) -> I64 | None:
    """Give the first row with the same id for each row (itself where it is the first); None: no id is repeated.

    A row without an id has itself.
    """
    first = np.zeros(rows, np.int64)  # memory that is not touched where nothing is written
    repeats = sum(in_threads(lambda share: first_equal(batch, share, first), _shares(batch)))
    return np.where(first == 0, np.arange(rows), first - 1) if repeats else None


def rows_of(built: Partitions, sought: Ids) -> I64:
    """Give the first row of `built` with each id; -1: none."""
    bits = (len(built.begin) - 1).bit_length() - 1
    parts = partitioned(sought, bits)
    found = np.full(len(sought.hash), -1, np.int64)
    in_threads(lambda share: find_rows(built, parts, share, found), _shares(built, parts))
    return found


def take_ids(ids: Ids, rows: I64) -> Ids:
    """Copy the given rows."""
    offset = np.zeros(len(rows) + 1, np.int64)
    np.cumsum(ids.offset[rows + 1] - ids.offset[rows], out=offset[1:])
    data = np.empty(int(offset[-1]), np.uint8)
    gather_ids(ids, frozen(rows), frozen(offset), data)
    return Ids(frozen(data), frozen(offset), frozen(ids.hash[rows]))
