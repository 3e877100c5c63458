"""Times, dates and whole numbers of any Arrow type as int64, with a mark for what cannot be read.

In: pieces of a column. Out: one int64 array over all rows, ABSENT where null or unreadable.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import Piece, in_threads, nulls_of, strings_of, values_of
from daatgal.decode.text import gather_marks, given_rows, plain, read_text
from daatgal_engine.written_values import ABSENT, UNREADABLE, ZONED, read_times, read_wholes

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal_engine.columns import I64

_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_DAY_S = 86_400
_LAST_DAY = 2**31 - 2
"""Days are int32, and the ends of its range stand for open ones."""
_EARLIEST_S, _LATEST_S = -62_135_596_800, 253_402_300_799
"""The years 1 to 9999: what lies beyond is no time that a zone or a person can read."""
_DOUBLE_LIMIT = 2.0**63


class Fixed(NamedTuple):
    """A column of times, days or numbers."""

    values: I64
    """n; ABSENT: null or unreadable"""
    unreadable: npt.NDArray[np.bool_] | None


class _Read(NamedTuple):
    values: I64
    unreadable: npt.NDArray[np.bool_] | None


def _read_column(pieces: list[Piece], rows: int, read: Callable[[pa.Array], _Read]) -> Fixed:
    values = np.full(rows, ABSENT, np.int64)

    def read_piece(piece: Piece) -> npt.NDArray[np.bool_] | None:
        found = read(plain(piece.array))
        values[piece.start : piece.stop] = found.values
        return found.unreadable

    marks = in_threads(read_piece, pieces)
    return Fixed(values, gather_marks(pieces, marks, rows))


def read_time_column(pieces: list[Piece], rows: int, timezone: str) -> Fixed:
    """Read local times as seconds since 1970: finer ones cut, zoned ones converted, dates as midnight."""
    return _read_column(pieces, rows, lambda array: _read_times(array, timezone))


def read_day_column(pieces: list[Piece], rows: int, timezone: str) -> Fixed:
    """Read dates as days since 1970; a time is its day."""

    def read(array: pa.Array) -> _Read:
        times = _read_times(array, timezone)
        days = np.clip(times.values // _DAY_S, -_LAST_DAY, _LAST_DAY)
        return _Read(np.where(times.values == ABSENT, ABSENT, days), times.unreadable)

    return _read_column(pieces, rows, read)


def read_whole_column(pieces: list[Piece], rows: int, limit: int) -> Fixed:
    """Read whole numbers within `-limit - 1 … limit` from integers, whole floats, whole decimals and text."""

    def read(array: pa.Array) -> _Read:
        found = _read_wholes(array)
        beyond = (found.values != ABSENT) & ((found.values > limit) | (found.values < -limit - 1))
        if not beyond.any():
            return found
        unreadable = beyond if found.unreadable is None else beyond | found.unreadable
        return _Read(np.where(beyond, ABSENT, found.values), unreadable)

    return _read_column(pieces, rows, read)


def _nothing(array: pa.Array) -> _Read:
    return _Read(np.full(len(array), ABSENT, np.int64), given_rows(array))


def _with_nulls(array: pa.Array, values: I64) -> I64:
    nulls = nulls_of(array)
    return values if nulls is None else np.where(nulls, ABSENT, values)


def _local(seconds: I64, timezone: str) -> I64:
    """Convert seconds in UTC to seconds of the local clock."""
    zoned = pa.array(np.clip(seconds, _EARLIEST_S + _DAY_S, _LATEST_S - _DAY_S)).cast(
        pa.timestamp("s", tz=timezone)
    )
    local = values_of(pc.local_timestamp(zoned), np.int64)
    return np.where(seconds == ABSENT, ABSENT, local)


def _read_times(array: pa.Array, timezone: str) -> _Read:
    kind = array.type
    if pa.types.is_date32(kind):
        seconds = values_of(array, np.int32).astype(np.int64) * _DAY_S
        return _Read(_with_nulls(array, seconds), None)
    if pa.types.is_date64(kind):
        return _Read(_with_nulls(array, values_of(array, np.int64) // 1_000), None)
    if pa.types.is_timestamp(kind):
        seconds = values_of(array, np.int64)
        if kind.unit != "s":
            seconds = seconds // _PER_SECOND[kind.unit]
        seconds = _with_nulls(array, seconds)
        return _Read(seconds if kind.tz is None else _local(seconds, timezone), None)
    text = read_text(array) if not pa.types.is_integer(kind) else None
    if text is None or text.unreadable is not None:
        return _nothing(array)
    seconds = np.empty(len(array), np.int64)
    kinds = np.empty(len(array), np.uint8)
    read_times(strings_of(text.array), seconds, kinds)
    zoned = kinds == ZONED
    if zoned.any():
        seconds[zoned] = _local(seconds[zoned], timezone)
    unreadable = kinds == UNREADABLE
    return _Read(seconds, unreadable if unreadable.any() else None)


def _read_wholes(array: pa.Array) -> _Read:
    kind = array.type
    if pa.types.is_uint64(kind):
        values = values_of(array, np.uint64)
        nulls = nulls_of(array)
        beyond = values > np.uint64(2**63 - 1)
        if nulls is not None:
            beyond &= ~nulls
        numbers = np.where(beyond, ABSENT, values.astype(np.int64))
        return _Read(_with_nulls(array, numbers), beyond if beyond.any() else None)
    if pa.types.is_integer(kind):
        return _Read(_with_nulls(array, values_of(array.cast(pa.int64()), np.int64)), None)
    if pa.types.is_floating(kind):
        return _read_floats(array)
    if pa.types.is_decimal(kind):
        return _read_decimals(array)
    text = read_text(array)
    if text.unreadable is not None:
        return _nothing(array)
    numbers = np.empty(len(array), np.int64)
    unreadable = np.empty(len(array), np.uint8)
    read_wholes(strings_of(text.array), numbers, unreadable)
    return _Read(numbers, unreadable.astype(np.bool_) if unreadable.any() else None)


def _read_floats(array: pa.Array) -> _Read:
    floats = values_of(array.cast(pa.float64()), np.float64)
    nulls = nulls_of(array)
    given = np.ones(len(array), np.bool_) if nulls is None else ~nulls
    with np.errstate(invalid="ignore"):
        whole = (np.floor(floats) == floats) & (np.abs(floats) < _DOUBLE_LIMIT)
    numbers = np.full(len(array), ABSENT, np.int64)
    good = given & whole
    numbers[good] = floats[good].astype(np.int64)
    unreadable = given & ~whole
    return _Read(numbers, unreadable if unreadable.any() else None)


def _read_decimals(array: pa.Array) -> _Read:
    try:
        return _Read(_with_nulls(array, values_of(array.cast(pa.int64()), np.int64)), None)
    except pa.ArrowInvalid:  # one of them is not whole or not within int64
        numbers = np.full(len(array), ABSENT, np.int64)
        unreadable = np.zeros(len(array), np.bool_)
        for row, value in enumerate(array.to_pylist()):
            if isinstance(value, Decimal):
                if value == value.to_integral_value() and -(2**63) < value < 2**63:
                    numbers[row] = int(value)
                else:
                    unreadable[row] = True
        return _Read(numbers, unreadable)
