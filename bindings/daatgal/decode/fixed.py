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

from daatgal.decode.arrays import Piece, nulls_of, strings_of, validity_of, values_of
from daatgal.decode.text import gather_marks, given_rows, plain, read_text
from daatgal_engine.written_values import (
    ABSENT,
    UNREADABLE,
    ZONED,
    leave_out_nulls,
    read_times,
    read_wholes,
)

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


Marks = npt.NDArray[np.bool_]


def _read_column(pieces: list[Piece], rows: int, read: Callable[[pa.Array, I64], Marks | None]) -> Fixed:
    """Read piece by piece into the column's values; `read` gives the rows that it cannot read."""
    values = np.empty(rows, np.int64)
    marks = [read(plain(piece.array), values[piece.start : piece.stop]) for piece in pieces]
    return Fixed(values, gather_marks(pieces, marks, rows))


def read_time_column(pieces: list[Piece], rows: int, timezone: str) -> Fixed:
    """Read local times as seconds since 1970: finer ones cut, zoned ones converted, dates as midnight."""
    return _read_column(pieces, rows, lambda array, out: _read_times(array, timezone, out))


def read_day_column(pieces: list[Piece], rows: int, timezone: str) -> Fixed:
    """Read dates as days since 1970; a time is its day."""

    def read(array: pa.Array, out: I64) -> Marks | None:
        if pa.types.is_date32(array.type):
            np.clip(values_of(array, np.int32), -_LAST_DAY, _LAST_DAY, out=out)
            _leave_out(array, out)
            return None
        unreadable = _read_times(array, timezone, out)
        absent = out == ABSENT
        np.clip(out // _DAY_S, -_LAST_DAY, _LAST_DAY, out=out)
        out[absent] = ABSENT
        return unreadable

    return _read_column(pieces, rows, read)


def read_whole_column(pieces: list[Piece], rows: int, limit: int) -> Fixed:
    """Read whole numbers within `-limit - 1 … limit` from integers, whole floats, whole decimals and text."""

    def read(array: pa.Array, out: I64) -> Marks | None:
        unreadable = _read_wholes(array, out)
        if _fits(array.type, limit):
            return unreadable
        beyond = (out != ABSENT) & ((out > limit) | (out < -limit - 1))
        if not beyond.any():
            return unreadable
        out[beyond] = ABSENT
        return beyond if unreadable is None else beyond | unreadable

    return _read_column(pieces, rows, read)


def _fits(kind: pa.DataType, limit: int) -> bool:
    """Tell whether every value of a type is within the limit."""
    return pa.types.is_signed_integer(kind) and 1 << (kind.bit_width - 1) <= limit + 1


def _nothing(array: pa.Array, out: I64) -> Marks | None:
    out[:] = ABSENT
    return given_rows(array)


def _leave_out(array: pa.Array, out: I64) -> None:
    """Make absent what is null."""
    if array.null_count:
        valid, first_bit = validity_of(array)
        leave_out_nulls(valid, first_bit, out)


def _local(seconds: I64, timezone: str) -> I64:
    """Convert seconds in UTC to seconds of the local clock."""
    zoned = pa.array(np.clip(seconds, _EARLIEST_S + _DAY_S, _LATEST_S - _DAY_S)).cast(
        pa.timestamp("s", tz=timezone)
    )
    local = values_of(pc.local_timestamp(zoned), np.int64)
    return np.where(seconds == ABSENT, ABSENT, local)


def _read_times(array: pa.Array, timezone: str, out: I64) -> Marks | None:
    kind = array.type
    if pa.types.is_date32(kind):
        np.multiply(values_of(array, np.int32), _DAY_S, out=out, dtype=np.int64)
        _leave_out(array, out)
        return None
    if pa.types.is_date64(kind):
        np.floor_divide(values_of(array, np.int64), 1_000, out=out)
        _leave_out(array, out)
        return None
    if pa.types.is_timestamp(kind):
        np.floor_divide(values_of(array, np.int64), _PER_SECOND[kind.unit], out=out)
        _leave_out(array, out)
        if kind.tz is not None:
            out[:] = _local(out, timezone)
        return None
    text = read_text(array) if not pa.types.is_integer(kind) else None
    if text is None or text.unreadable is not None:
        return _nothing(array, out)
    kinds = np.empty(len(array), np.uint8)
    read_times(strings_of(text.array), out, kinds)
    zoned = kinds == ZONED
    if zoned.any():
        out[zoned] = _local(out[zoned], timezone)
    unreadable = kinds == UNREADABLE
    return unreadable if unreadable.any() else None


def _read_wholes(array: pa.Array, out: I64) -> Marks | None:
    kind = array.type
    if pa.types.is_uint64(kind):
        values = values_of(array, np.uint64)
        nulls = nulls_of(array)
        beyond = values > np.uint64(2**63 - 1)
        if nulls is not None:
            beyond &= ~nulls
        out[:] = np.where(beyond, ABSENT, values.astype(np.int64))
        _leave_out(array, out)
        return beyond if beyond.any() else None
    if pa.types.is_integer(kind):
        out[:] = values_of(array, kind.to_pandas_dtype())
        _leave_out(array, out)
        return None
    if pa.types.is_floating(kind):
        return _read_floats(array, out)
    if pa.types.is_decimal(kind):
        return _read_decimals(array, out)
    text = read_text(array)
    if text.unreadable is not None:
        return _nothing(array, out)
    unreadable = np.empty(len(array), np.uint8)
    read_wholes(strings_of(text.array), out, unreadable)
    return unreadable.astype(np.bool_) if unreadable.any() else None


def _read_floats(array: pa.Array, out: I64) -> Marks | None:
    floats = values_of(array.cast(pa.float64()), np.float64)
    nulls = nulls_of(array)
    given = np.ones(len(array), np.bool_) if nulls is None else ~nulls
    with np.errstate(invalid="ignore"):
        whole = (np.floor(floats) == floats) & (np.abs(floats) < _DOUBLE_LIMIT)
    out[:] = ABSENT
    good = given & whole
    out[good] = floats[good].astype(np.int64)
    unreadable = given & ~whole
    return unreadable if unreadable.any() else None


def _read_decimals(array: pa.Array, out: I64) -> Marks | None:
    try:
        out[:] = values_of(array.cast(pa.int64()), np.int64)
    except pa.ArrowInvalid:  # one of them is not whole or not within int64
        out[:] = ABSENT
        unreadable = np.zeros(len(array), np.bool_)
        for row, value in enumerate(array.to_pylist()):
            if isinstance(value, Decimal):
                if value == value.to_integral_value() and -(2**63) < value < 2**63:
                    out[row] = int(value)
                else:
                    unreadable[row] = True
        return unreadable
    _leave_out(array, out)
    return None
