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
    in_threads,
    nulls_of,
    strings_of,
    values_of,
)
from daatgal_engine.strings import encode, first_appearance, mark_blanks, recode

if TYPE_CHECKING:
    from daatgal_engine.columns import I32


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
    column: pa.ChunkedArray
    """string: the values, blanks as null"""
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
    blank = np.empty(len(array), np.uint8)
    if mark_blanks(strings_of(array), blank) == 0:
        return array
    return pc.if_else(booleans(blank), None, array)


def read_text_column(pieces: list[Piece], rows: int) -> tuple[pa.ChunkedArray, npt.NDArray[np.bool_] | None]:
    """Read a column that is only carried on."""

    def read(piece: Piece) -> Text:
        text = read_text(piece.array)
        return Text(without_blanks(text.array), text.unreadable)

    texts = in_threads(read, pieces)
    column = pa.chunked_array([text.array for text in texts], pa.string())
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


class _PieceCodes(NamedTuple):
    values: pa.Array
    text: Text


def _encode_dictionary(array: pa.Array, codes: I32) -> pa.Array:
    """Take over the codes of a dictionary array; return the values in order of first appearance."""
    dictionary = read_text(array.dictionary)
    indices = values_of(array.indices.cast(pa.int32()), np.int32)
    codes[:] = indices
    missing = nulls_of(array)
    if missing is not None:
        codes[missing] = -1
    first = np.empty(len(array.dictionary), np.int64)
    first_appearance(frozen(codes), first)
    seen = np.flatnonzero(first >= 0)
    seen = seen[np.argsort(first[seen], kind="stable")]
    new_code = np.full(len(first), -1, np.int32)
    new_code[seen] = np.arange(len(seen), dtype=np.int32)
    recode(codes, frozen(new_code))
    return dictionary.array.take(pa.array(seen))


def read_coded_column(pieces: list[Piece], rows: int) -> Coded:
    """Read a column of repeated text as codes.

    Codes follow the first appearance in the batch, so that they depend neither on pieces nor on the layout.
    """
    codes = np.full(rows, -1, np.int32)

    def read(piece: Piece) -> _PieceCodes:
        own = codes[piece.start : piece.stop]
        array = piece.array.storage if isinstance(piece.array, pa.ExtensionArray) else piece.array
        if pa.types.is_dictionary(array.type) and read_text(array.dictionary).unreadable is None:
            values = _encode_dictionary(array, own)
            text = Text(values.take(pa.array(own, mask=own < 0)), None)
        else:
            text = read_text(array)
            if text.array.null_count == len(text.array):
                return _PieceCodes(pa.nulls(0, pa.string()), text)
            values = text.array.take(pa.array(encode(strings_of(text.array), own)))
        blank = np.zeros(len(values), np.uint8)
        if mark_blanks(strings_of(values), blank):
            marks = np.append(blank, np.uint8(0))[own]
            text = Text(pc.if_else(booleans(marks), None, text.array), text.unreadable)
        return _PieceCodes(values, text)

    read_pieces = in_threads(read, pieces)
    values, maps = _merge([piece.values for piece in read_pieces])

    def number(task: tuple[Piece, I32]) -> None:
        piece, new_code = task
        recode(codes[piece.start : piece.stop], new_code)

    in_threads(number, zip(pieces, maps, strict=True))
    return Coded(
        codes=frozen(codes),
        values=values,
        column=pa.chunked_array([piece.text.array for piece in read_pieces], pa.string()),
        unreadable=gather_marks(pieces, [piece.text.unreadable for piece in read_pieces], rows),
    )


def _merge(parts: list[pa.Array]) -> tuple[pa.Array, list[I32]]:
    """Number the distinct values of all pieces, blanks and nulls as -1; give each piece its new codes."""
    together = pa.concat_arrays(parts) if parts else pa.nulls(0, pa.string())
    together = without_blanks(together)
    new_code = np.empty(len(together), np.int32)
    first = in_threads(lambda codes: encode(strings_of(together), codes), [new_code])[0]
    maps: list[I32] = []
    start = 0
    for part in parts:
        maps.append(frozen(new_code[start : start + len(part)]))
        start += len(part)
    return together.take(pa.array(first)), maps
