"""Lists of secondary diagnoses and of procedures as packed codes.

In: pieces of a list column, or of text separated by `|`. Out: offsets and packed codes over all rows, the rows with a
malformed code, and the canonical list column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import Piece, frozen, in_threads, nulls_of, strings_of
from daatgal.decode.text import gather_marks, given_rows, plain, read_text, without_blanks
from daatgal_engine.clinical_codes import collect_procedures, collect_secondary, pack_icd10, pack_procedure

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal_engine.columns import I64, U8, U64
    from daatgal_engine.strings import Strings

TEXT_LIST: Final = pa.list_(pa.string())
_LIST_KINDS: Final = (
    pa.types.is_list,
    pa.types.is_large_list,
    pa.types.is_fixed_size_list,
    pa.types.is_list_view,
    pa.types.is_large_list_view,
)


class CodeLists(NamedTuple):
    """A column of lists of codes."""

    offset: I64
    """n + 1"""
    codes: npt.NDArray[Any]
    malformed: U8
    """n, 1: a code was malformed and left out"""
    column: pa.ChunkedArray
    """list<string>"""
    unreadable: npt.NDArray[np.bool_] | None


class _PieceLists(NamedTuple):
    lengths: I64
    codes: npt.NDArray[Any]
    array: pa.Array
    unreadable: npt.NDArray[np.bool_] | None


def as_text_lists(array: pa.Array) -> tuple[pa.Array, npt.NDArray[np.bool_] | None]:
    """Read a piece as list<string>; and the rows that are given but are no list of text.

    Text is taken apart at `|`, integers within a list become their decimal text.
    """
    array = plain(array)
    kind = array.type
    if pa.types.is_null(kind):
        return pa.nulls(len(array), TEXT_LIST), None
    if not any(is_kind(kind) for is_kind in _LIST_KINDS):
        text = None if pa.types.is_integer(kind) else read_text(array)
        if text is None or text.unreadable is not None:
            return pa.nulls(len(array), TEXT_LIST), given_rows(array)
        return pc.split_pattern(without_blanks(text.array), "|").cast(TEXT_LIST), None
    if kind == TEXT_LIST:
        return array.cast(TEXT_LIST), None  # copies nothing: the name of the items becomes the usual one
    inner = read_text(array.flatten())
    if inner.unreadable is not None:
        return pa.nulls(len(array), TEXT_LIST), given_rows(array)
    begins = np.zeros(len(array) + 1, np.int32)
    np.cumsum(_lengths(array), out=begins[1:])
    nulls = nulls_of(array)
    mask = None if nulls is None else pa.array(nulls)
    return pa.ListArray.from_arrays(pa.array(begins), inner.array, mask=mask), None


def _lengths(array: pa.Array) -> I64:
    """How many items each list has; a null has none."""
    return pc.fill_null(pc.list_value_length(array), 0).to_numpy().astype(np.int64)


def _read_lists(
    pieces: list[Piece],
    rows: int,
    pack: Callable[[Any, Any], None],
    collect: Callable[[I64, Any, I64, U8], int],
    dtype: type[np.uint32 | np.uint64],
) -> CodeLists:
    malformed = np.zeros(rows, np.uint8)

    def read(piece: Piece) -> _PieceLists:
        array, unreadable = as_text_lists(piece.array)
        count = np.zeros(len(array), np.int64)
        if array.null_count == len(array):
            return _PieceLists(count, np.empty(0, dtype), array, unreadable)
        begins = np.zeros(len(array) + 1, np.int64)
        np.cumsum(_lengths(array), out=begins[1:])
        inner = array.flatten()
        packed = np.empty(len(inner), dtype)
        pack(strings_of(inner), packed)
        own = malformed[piece.start : piece.stop]
        kept = collect(frozen(begins), packed, count, own)
        return _PieceLists(count, packed[:kept].copy(), array, unreadable)

    found = in_threads(read, pieces)
    offset = np.zeros(rows + 1, np.int64)
    for piece, lists in zip(pieces, found, strict=True):
        offset[piece.start + 1 : piece.stop + 1] = lists.lengths
    np.cumsum(offset, out=offset)
    return CodeLists(
        offset=offset,
        codes=np.concatenate([np.empty(0, dtype), *(lists.codes for lists in found)]),
        malformed=malformed,
        column=pa.chunked_array([lists.array for lists in found], TEXT_LIST),
        unreadable=gather_marks(pieces, [lists.unreadable for lists in found], rows),
    )


def read_secondary_column(pieces: list[Piece], rows: int) -> CodeLists:
    """Read secondary diagnoses: packed like the primary one, in order, only well-formed codes."""
    return _read_lists(pieces, rows, pack_icd10, collect_secondary, np.uint64)


def read_procedure_column(pieces: list[Piece], rows: int) -> CodeLists:
    """Read procedures: ascending and distinct within a claim, only well-formed codes."""
    return _read_lists(pieces, rows, pack_procedure, collect_procedures, np.uint32)


def read_ordered_procedures(pieces: list[Piece], rows: int) -> CodeLists:
    """Read procedures as they are listed: in order, repeats included, as uint64."""
    return _read_lists(pieces, rows, _pack_wide_procedure, collect_secondary, np.uint64)


def _pack_wide_procedure(strings: Strings, out: U64) -> None:
    packed = np.empty(len(out), np.uint32)
    pack_procedure(strings, packed)
    out[:] = packed
