"""The ledger as an Arrow table: one row for each claim, in input order.

In: decoded claims, prices and outcomes. Out: the table of contract.md, whose balance is asserted on every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_one, in_threads, nullable, row_ranges
from daatgal.errors import DaatgalError
from daatgal_engine.columns import I32, I64, NO_DAY, NO_MNT, U64, rows_between
from daatgal_engine.ledger_columns import (
    LedgerColumns,
    ReasonNames,
    ReasonText,
    lay_out,
    measure_reasons,
    write_reasons,
)
from daatgal_engine.reasons import UNPRICED, Decision, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal.decode import Decoded
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records

KEYS = ("claim_id", "insured_id", "facility_id", "care_type", "start_at", "end_at")
_DEAR = ("reasons", "case_id", "drg_code", "related_claim_id")
_REASONS_IN_ONE = 1 << 21
"""Rows whose reasons are one Arrow array, of at most 2 GiB of text: all codes together are shorter than 1 KiB."""
DECISIONS = tuple(decision.name.lower() for decision in Decision)


def _nullable(values: np.ndarray, absent: int | np.integer, type_: pa.DataType) -> pa.Array:
    return nullable(values, values == absent, type_)


def reason_lists(reasons: U64) -> pa.ChunkedArray:
    """list<string> of the codes whose bits are set, ascending: deciding codes first, flags last."""
    pieces = [_reason_lists(reasons[slice(*own)]) for own in row_ranges(reasons.size, _REASONS_IN_ONE)]
    return pa.chunked_array(pieces, pa.list_(pa.string()))


def _reason_lists(reasons: U64) -> pa.Array:
    listed = [reason.name.encode() for reason in Reason]
    names = ReasonNames(
        frozen(np.frombuffer(b"".join(listed), np.uint8)),
        frozen(np.cumsum([0, *(len(name) for name in listed)], dtype=np.int64)),
    )
    ranges = row_ranges(reasons.size)
    sizes = np.zeros((len(ranges), 2), np.int64)
    reasons = frozen(reasons)
    in_threads(lambda k: measure_reasons(reasons[slice(*ranges[k])], names, sizes[k]), range(len(ranges)))
    codes, size = sizes.sum(axis=0)
    before = frozen(np.cumsum(sizes, axis=0) - sizes)
    begin, offset = np.zeros(reasons.size + 1, np.int32), np.zeros(codes + 1, np.int32)
    data = np.empty(size, np.uint8)

    def write(k: int) -> None:
        start, stop = ranges[k]
        text = ReasonText(begin[start : stop + 1], offset, data)
        write_reasons(reasons[start:stop], names, before[k], text)

    in_threads(write, range(len(ranges)))
    text = pa.Array.from_buffers(pa.string(), int(codes), [None, pa.py_buffer(offset), pa.py_buffer(data)])
    return pa.ListArray.from_arrays(pa.array(begin), text)


def _rows_of(values: pa.Array, rows: I64 | I32) -> pa.Array:
    """The values at some rows; null where there is no row."""
    return values.take(nullable(rows, rows < 0, pa.from_numpy_dtype(rows.dtype)))


def _written_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A key of the claim as its own type has it, repeated text without the dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _few_rows_of(values: pa.Array, rows: I64) -> pa.Array:
    """The values at some rows, of which few are rows at all: only those are looked up."""
    given = rows >= 0
    found = values.take(pa.array(rows[given]))
    if not pa.types.is_string(found.type):
        return pc.replace_with_mask(pa.nulls(rows.size, found.type), pa.array(given), found)
    _, ends, data = found.buffers()
    place = np.zeros(rows.size + 1, np.int32)
    np.cumsum(given, out=place[1:])
    offset = np.frombuffer(ends, np.int32)[place]
    return pa.Array.from_buffers(
        pa.string(),
        rows.size,
        [pa.py_buffer(np.packbits(given, bitorder="little")), pa.py_buffer(offset), data],
    )


def _columns(outcomes: Records, billed_mnt: I64) -> LedgerColumns:
    """The outcomes, which lie claim by claim in memory, column by column; asserts the balance of every row."""
    rows = outcomes.size
    kinds: dict[str, Any] = {
        "decision": np.int8,
        "drg": np.int32,
        "reasons": np.uint64,
        "period_day": np.int32,
        "difference_unknown": np.uint8,
    }
    room: list[Any] = [np.empty(rows, kinds.get(name, np.int64)) for name in LedgerColumns._fields]
    columns = LedgerColumns(*room)
    outcomes, billed_mnt = frozen(outcomes), frozen(billed_mnt)

    def of(limits: tuple[int, int]) -> int:
        own = slice(*limits)
        row = int(lay_out(outcomes[own], billed_mnt[own], rows_between(columns, *limits)))
        return row if row < 0 else row + limits[0]

    unbalanced = [row for row in in_threads(of, row_ranges(rows)) if row >= 0]
    if unbalanced:
        row = unbalanced[0]
        parts = [columns.fund_mnt, columns.copay_mnt, columns.excess_mnt, columns.deducted_mnt]
        raise DaatgalError(
            f"ledger row {row} does not balance: gross {columns.gross_mnt[row]} against "
            f"fund, copay, excess, deducted {[int(part[row]) for part in parts]}; nothing was written"
        )
    return columns


def billing_difference(claims: Any, billed_mnt: I64) -> tuple[I64, npt.NDArray[np.bool_]]:
    """What was billed over the gross amount, by row of `claims`, and where that is not known: there 0."""
    unknown = (
        (claims["decision"] == Decision.VOIDED) | (claims["reasons"] & UNPRICED != 0) | (billed_mnt == NO_MNT)
    )
    return np.where(unknown, 0, billed_mnt - claims["gross_mnt"]), unknown


def ledger_table(
    decoded: Decoded, settled: Settled, book: TariffBook, rows: npt.NDArray[np.bool_] | None = None
) -> pa.Table:
    """The ledger of the decoded rows that are marked in `rows`: of all unless it is given."""
    table, billed_mnt, outcomes = decoded.table, decoded.columns.billed_mnt, settled.claims
    claim_id = in_one(table["claim_id"])  # once: Arrow would put its chunks together for each taking
    table = table.select(list(KEYS))
    if rows is not None and not rows.all():
        table, billed_mnt, outcomes = table.filter(pa.array(rows)), billed_mnt[rows], outcomes[rows]
    claims = _columns(outcomes, billed_mnt)
    made: dict[str, Callable[[], pa.Array | pa.ChunkedArray]] = {
        name: lambda name=name: _written_out(table[name]) for name in KEYS
    }
    made |= {
        "decision": lambda: pa.DictionaryArray.from_arrays(pa.array(claims.decision), pa.array(DECISIONS)),
        "drg_code": lambda: _rows_of(pa.array(book.drg_codes, pa.string()), claims.drg),
        "weight_e4": lambda: _nullable(claims.weight_e4, NO_MNT, pa.int64()),
        "base_mnt": lambda: _nullable(claims.base_mnt, NO_MNT, pa.int64()),
        "gross_mnt": lambda: pa.array(claims.gross_mnt),
        "fund_mnt": lambda: pa.array(claims.fund_mnt),
        "copay_mnt": lambda: pa.array(claims.copay_mnt),
        "excess_mnt": lambda: pa.array(claims.excess_mnt),
        "deducted_mnt": lambda: pa.array(claims.deducted_mnt),
        "billing_difference_mnt": lambda: nullable(
            claims.difference_mnt, claims.difference_unknown.view(np.bool_), pa.int64()
        ),
        "reasons": lambda: reason_lists(claims.reasons),
        "related_claim_id": lambda: _few_rows_of(claim_id, claims.related),
        "case_id": lambda: _rows_of(claim_id, claims.case),
        "tariff": lambda: pa.repeat(pa.scalar(book.name, pa.string()), table.num_rows),
        "tariff_period": lambda: _nullable(claims.period_day, NO_DAY, pa.date32()),
    }
    # The dearest ones first, so that no thread is left alone with one at the end.
    ordered = sorted(made, key=lambda name: name not in _DEAR)
    found = dict(zip(ordered, in_threads(lambda name: made[name](), ordered), strict=True))
    return pa.table({name: found[name] for name in made})
