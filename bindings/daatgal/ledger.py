"""The ledger as an Arrow table: one row for each claim, in input order.

In: decoded claims, prices and outcomes. Out: the table of contract.md, whose balance is asserted on every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from daatgal.decode.arrays import in_one, in_threads, nullable
from daatgal.errors import DaatgalError
from daatgal_engine.columns import I32, I64, NO_DAY, NO_MNT, U64
from daatgal_engine.reasons import UNPRICED, Decision, Reason

if TYPE_CHECKING:
    from daatgal.decode import Decoded
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.book import Records

_PARTS = ("fund_mnt", "copay_mnt", "excess_mnt", "deducted_mnt")
_OUTCOMES = (
    "decision", "drg", "weight_e4", "base_mnt", "gross_mnt", *_PARTS, "reasons", "related", "case", "period_day",
)  # fmt: skip
"""What the ledger takes over from the engine."""
KEYS = ("claim_id", "insured_id", "facility_id", "care_type", "start_at", "end_at")
DECISIONS = tuple(decision.name.lower() for decision in Decision)


def _plain(values: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values))


def _nullable(values: np.ndarray, absent: int | np.integer, type_: pa.DataType) -> pa.Array:
    return nullable(values, values == absent, type_)


def reason_lists(reasons: U64) -> pa.Array:
    """list<string> of the codes whose bits are set, ascending: deciding codes first, flags last."""
    offset = np.zeros(reasons.size + 1, np.int32)
    np.cumsum(np.bitwise_count(reasons), out=offset[1:])
    with_reasons = np.flatnonzero(reasons)
    bits, place = reasons[with_reasons], offset[with_reasons]
    codes = np.empty(int(offset[-1]), np.int32)
    for code, reason in enumerate(Reason):
        own = np.flatnonzero(bits >> np.uint64(reason) & np.uint64(1))
        codes[place[own]] = code
        place[own] += 1
    names = pa.array([reason.name for reason in Reason], pa.string())
    return pa.ListArray.from_arrays(pa.array(offset), names.take(pa.array(codes)))


def _rows_of(values: pa.Array, rows: I64 | I32) -> pa.Array:
    """The values at some rows; null where there is no row."""
    return values.take(nullable(rows, rows < 0, pa.from_numpy_dtype(rows.dtype)))


def _written_out(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A key of the claim as its own type has it, repeated text without the dictionary."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _columns(claims: Records) -> dict[str, Any]:
    """The outcomes, which lie claim by claim in memory, column by column."""

    def column(name: str) -> Any:
        return np.ascontiguousarray(claims[name])

    return dict(zip(_OUTCOMES, in_threads(column, _OUTCOMES), strict=True))


def assert_balance(claims: dict[str, Any]) -> None:
    """gross = fund + copay + excess + deducted and all five ≥ 0, on every row."""
    gross_mnt = claims["gross_mnt"]
    parts = [claims[name] for name in _PARTS]
    balanced = gross_mnt == parts[0] + parts[1] + parts[2] + parts[3]
    for part in (gross_mnt, *parts):
        balanced &= part >= 0
    if not balanced.all():
        row = int(np.flatnonzero(~balanced)[0])
        raise DaatgalError(
            f"ledger row {row} does not balance: gross {gross_mnt[row]} against "
            f"fund, copay, excess, deducted {[int(part[row]) for part in parts]}; nothing was written"
        )


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
    claims = _columns(outcomes)
    assert_balance(claims)
    difference_mnt, unknown = billing_difference(claims, billed_mnt)
    columns = {name: _written_out(table[name]) for name in KEYS}
    columns |= {
        "decision": pa.DictionaryArray.from_arrays(_plain(claims["decision"]), pa.array(DECISIONS)),
        "drg_code": _rows_of(pa.array(book.drg_codes, pa.string()), claims["drg"]),
        "weight_e4": _nullable(claims["weight_e4"], NO_MNT, pa.int64()),
        "base_mnt": _nullable(claims["base_mnt"], NO_MNT, pa.int64()),
        "gross_mnt": _plain(claims["gross_mnt"]),
        "fund_mnt": _plain(claims["fund_mnt"]),
        "copay_mnt": _plain(claims["copay_mnt"]),
        "excess_mnt": _plain(claims["excess_mnt"]),
        "deducted_mnt": _plain(claims["deducted_mnt"]),
        "billing_difference_mnt": nullable(difference_mnt, unknown, pa.int64()),
        "reasons": reason_lists(claims["reasons"]),
        "related_claim_id": _rows_of(claim_id, claims["related"]),
        "case_id": _rows_of(claim_id, claims["case"]),
        "tariff": pa.repeat(pa.scalar(book.name, pa.string()), table.num_rows),
        "tariff_period": _nullable(claims["period_day"], NO_DAY, pa.date32()),
    }
    return pa.table(columns)
