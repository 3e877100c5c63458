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

from daatgal.decode.arrays import Piece, frozen, nulls_of, strings_of, validity_of, view
from daatgal.decode.text import distinct_values, gather_marks, given_rows, plain, read_text, without_blanks
from daatgal_engine.clinical_codes import (
    NOT_GIVEN,
    Lists,
    collect_codes,
    pack_icd10,
    pack_procedure,
    sort_procedures,
)
from daatgal_engine.value_codes import ValueCodes

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal_engine.columns import I32, I64, U8, U64
    from daatgal_engine.strings import Strings

_NO_CODES: Final = np.empty(0, np.uint64)
_NO_ITEMS: Final = np.empty(0, np.int32)
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
    array: pa.Array
    unreadable: npt.NDArray[np.bool_] | None
    begin: I32
    """where each list begins in `items`, plus where the first does; empty where there is no list"""
    items: I32
    """the number of each item's text"""


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


def packed_values(values: pa.Array, pack: Callable[[Strings, U64], None]) -> U64:
    """The packed codes of distinct texts; behind them what a null packs to, where the number -1 finds it."""
    packed = np.full(len(values) + 1, NOT_GIVEN, np.uint64)
    pack(strings_of(values), packed[:-1])
    return frozen(packed)


def _read_lists(pieces: list[Piece], rows: int, pack: Callable[[Strings, U64], None]) -> CodeLists:
    """Read the well-formed codes of each list, in order."""
    malformed = np.zeros(rows, np.uint8)
    offset = np.zeros(rows + 1, np.int64)

    numbers = ValueCodes()

    def read(piece: Piece) -> _PieceLists:
        array, unreadable = as_text_lists(piece.array)
        if array.null_count == len(array):
            return _PieceLists(array, unreadable, _NO_ITEMS, _NO_ITEMS)
        begin = view(array.buffers()[1], np.int32, array.offset, len(array) + 1)
        first, count = int(begin[0]), int(begin[-1] - begin[0])
        items = np.empty(count, np.int32)
        numbers.number(strings_of(array.values.slice(first, count)), items)
        return _PieceLists(array, unreadable, begin, items)

    found = [read(piece) for piece in pieces]
    packed = packed_values(distinct_values(numbers), pack)
    kept: list[U64] = []
    for piece, lists in zip(pieces, found, strict=True):
        own = offset[piece.start : piece.stop + 1]
        if len(lists.begin) == 0:
            own[1:] = own[0]
            continue
        laid_out = Lists(
            lists.begin, int(lists.begin[0]), *validity_of(lists.array), frozen(packed[lists.items])
        )
        codes = np.empty(len(lists.items), np.uint64)
        collect_codes(laid_out, own, codes, malformed[piece.start : piece.stop])
        kept.append(codes[: own[-1] - own[0]])
    return CodeLists(
        offset=offset,
        codes=np.concatenate([_NO_CODES, *kept]),
        malformed=malformed,
        column=pa.chunked_array([lists.array for lists in found], TEXT_LIST),
        unreadable=gather_marks(pieces, [lists.unreadable for lists in found], rows),
    )


def read_secondary_column(pieces: list[Piece], rows: int) -> CodeLists:
    """Read secondary diagnoses: packed like the primary one, in order, only well-formed codes."""
    return _read_lists(pieces, rows, pack_icd10)


def read_ordered_procedures(pieces: list[Piece], rows: int) -> CodeLists:
    """Read procedures as they are listed: in order, repeats included, as uint64."""
    return _read_lists(pieces, rows, pack_procedure)


def read_procedure_column(pieces: list[Piece], rows: int) -> CodeLists:
    """Read procedures: ascending and distinct within a claim, only well-formed codes."""
    ordered = read_ordered_procedures(pieces, rows)
    codes = np.empty(len(ordered.codes), np.uint32)
    sort_procedures(ordered.offset, frozen(ordered.codes), codes)
    return ordered._replace(codes=codes[: ordered.offset[-1]].copy())
