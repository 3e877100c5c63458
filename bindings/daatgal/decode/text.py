"""Text of any Arrow layout as canonical strings, and repeated text as codes.

In: pieces of a column. Out: `string` arrays in which blanks are null, the rows that are not text at all, and for
repeated text a code for each row with the distinct values, numbered by first appearance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import (
    Piece,
    booleans,
    frozen,
    nulls_of,
    strings_of,
    values_of,
)
from daatgal_engine.strings import first_appearance, mark_blanks, recode
from daatgal_engine.value_codes import ValueCodes

if TYPE_CHECKING:
    from daatgal_engine.columns import I32, U8


class Text(NamedTuple):
    """A piece as canonical strings."""

    array: pa.Array
    unreadable: npt.NDArray[np.bool_] | None
    """rows that are given but are not text; None: no row is"""


class Coded(NamedTuple):
    """A column of repeated text."""

    codes: I32
    """n, -1: null"""
    values: pa.Array
    """string: the distinct values"""
    unreadable: npt.NDArray[np.bool_] | None


def plain(array: pa.Array) -> pa.Array:
    """Take off what only wraps values: extension types, run-end and dictionary encoding."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if pa.types.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array


def read_text(array: pa.Array) -> Text:
    """Read a piece as strings: integers become their decimal text; what is neither is unreadable.

    Blanks stay as they are.
    """
    array = plain(array)
    kind = array.type
    if pa.types.is_string(kind):
        return Text(array, None)
    if (
        pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_null(kind)
    ):
        return Text(array.cast(pa.string()), None)
    return Text(pa.nulls(len(array), pa.string()), given_rows(array))


def given_rows(array: pa.Array) -> npt.NDArray[np.bool_] | None:
    """Mark the rows that are not null; None: all are null."""
    nulls = nulls_of(array)
    given = np.ones(len(array), np.bool_) if nulls is None else ~nulls
    return given if given.any() else None


def without_blanks(array: pa.Array) -> pa.Array:
    """Turn empty and blank strings into nulls."""
    if array.null_count == len(array):
        return array
    blank = np.empty(len(array), np.uint8)
    if mark_blanks(strings_of(array), blank) == 0:
        return array
    return pc.if_else(booleans(blank), None, array)


def read_text_column(pieces: list[Piece], rows: int) -> tuple[pa.ChunkedArray, npt.NDArray[np.bool_] | None]:
    """Read a column that is only carried on."""
    texts = [read_text(piece.array) for piece in pieces]
    column = pa.chunked_array([without_blanks(text.array) for text in texts], pa.string())
    return column, gather_marks(pieces, [text.unreadable for text in texts], rows)


def gather_marks(
    pieces: list[Piece], marks: list[npt.NDArray[np.bool_] | None], rows: int
) -> npt.NDArray[np.bool_] | None:
    """Put the marks of the pieces together; None where no row is marked."""
    if all(mark is None for mark in marks):
        return None
    gathered = np.zeros(rows, np.bool_)
    for piece, mark in zip(pieces, marks, strict=True):
        if mark is not None:
            gathered[piece.start : piece.stop] = mark
    return gathered


def _indices(array: pa.Array) -> I32:
    """See the indices of a dictionary array, -1 where null, in an array of their own."""
    codes = values_of(array.indices.cast(pa.int32()), np.int32).copy()
    missing = nulls_of(array)
    if missing is not None:
        codes[missing] = -1
    return codes


def _number_dictionary(array: pa.Array, numbers: ValueCodes, codes: I32) -> None:
    """Number the values that a dictionary array has, by first appearance."""
    dictionary = read_text(array.dictionary).array
    codes[:] = _indices(array)
    first = np.empty(len(dictionary), np.int64)
    first_appearance(frozen(codes), first)
    seen = np.flatnonzero(first >= 0)
    seen = seen[np.argsort(first[seen], kind="stable")]
    own = np.empty(len(seen), np.int32)
    numbers.number(strings_of(dictionary.take(pa.array(seen))), own)
    new_code = np.full(len(first), -1, np.int32)
    new_code[seen] = own
    recode(codes, frozen(new_code))


def distinct_values(numbers: ValueCodes) -> pa.Array:
    """The values that have been numbered so far, in the order of their codes, as strings."""
    offset, data = numbers.values()
    values = pa.LargeStringArray.from_buffers(len(offset) - 1, pa.py_buffer(offset), pa.py_buffer(data))
    return values.cast(pa.string())


def read_coded_column(pieces: list[Piece], rows: int) -> Coded:
    """Read a column of repeated text as codes.

    Codes follow the first appearance in the batch, so that they depend neither on pieces nor on the layout.
    """
    codes = np.empty(rows, np.int32)
    numbers = ValueCodes()

    def read(piece: Piece) -> npt.NDArray[np.bool_] | None:
        own = codes[piece.start : piece.stop]
        array = piece.array.storage if isinstance(piece.array, pa.ExtensionArray) else piece.array
        if pa.types.is_dictionary(array.type) and read_text(array.dictionary).unreadable is None:
            _number_dictionary(array, numbers, own)
            return None
        text = read_text(array)
        if text.array.null_count == len(text.array):
            own[:] = -1
        else:
            numbers.number(strings_of(text.array), own)
        return text.unreadable

    unreadable = [read(piece) for piece in pieces]
    values = distinct_values(numbers)
    blank = np.empty(len(values), np.uint8)
    if mark_blanks(strings_of(values), blank):
        values = _without_blanks(values, blank, codes)
    return Coded(frozen(codes), values, gather_marks(pieces, unreadable, rows))


def _without_blanks(values: pa.Array, blank: U8, codes: I32) -> pa.Array:
    """Take the blanks out of the values, and number the others without them."""
    given = np.flatnonzero(blank == 0)
    new_code = np.full(len(blank), -1, np.int32)
    new_code[given] = np.arange(len(given), dtype=np.int32)
    recode(codes, frozen(new_code))
    return values.take(pa.array(given))
