"""The ledger as an Arrow table: one row for each claim, in input order.

In: decoded claims, prices and outcomes. Out: the table of contract.md, whose balance is asserted on every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import DaatgalError
from daatgal_engine.columns import I32, I64, NO_CODE, NO_DAY, NO_MNT, U64
from daatgal_engine.reasons import UNPRICED, Decision, Reason

if TYPE_CHECKING:
    from daatgal.decode import Decoded
    from daatgal.settlement import Settled
    from daatgal.tariff.book import TariffBook

KEYS = ("claim_id", "insured_id", "facility_id", "care_type", "start_at", "end_at")
DECISIONS = tuple(decision.name.lower() for decision in Decision)


def _plain(values: np.ndarray) -> pa.Array:
    return pa.array(np.ascontiguousarray(values))


def _nullable(values: np.ndarray, absent: int | np.integer, type_: pa.DataType) -> pa.Array:
    return pa.array(values, mask=values == absent).cast(type_)


def reason_lists(reasons: U64) -> pa.Array:
    """list<string> of the codes whose bits are set, ascending: deciding codes first, flags last."""
    distinct, position = np.unique(reasons, return_inverse=True)
    lists = [[reason.name for reason in Reason if int(bits) >> reason & 1] for bits in distinct]
    return pa.array(lists, pa.list_(pa.string())).take(pa.array(position.ravel()))


def _rows_of(ids: pa.ChunkedArray, rows: I64) -> pa.ChunkedArray:
    return ids.take(pa.array(rows, mask=rows < 0))


def _drg_codes(drg: I32, codes: tuple[str, ...]) -> pa.Array:
    return pa.array(codes, pa.string()).take(pa.array(drg, mask=drg == NO_CODE))


def assert_balance(settled: Settled) -> None:
    """gross = fund + copay + excess + deducted and all five ≥ 0, on every row."""
    claims = settled.claims
    gross_mnt = claims.gross_mnt
    parts = (claims.fund_mnt, claims.copay_mnt, claims.excess_mnt, claims.deducted_mnt)
    balanced = gross_mnt == parts[0] + parts[1] + parts[2] + parts[3]
    for part in (gross_mnt, *parts):
        balanced &= part >= 0
    if not balanced.all():
        row = int(np.flatnonzero(~balanced)[0])
        raise DaatgalError(
            f"ledger row {row} does not balance: gross {gross_mnt[row]} against "
            f"fund, copay, excess, deducted {[int(part[row]) for part in parts]}; nothing was written"
        )


def ledger_table(decoded: Decoded, settled: Settled, book: TariffBook) -> pa.Table:
    """The ledger of all decoded rows."""
    assert_balance(settled)
    claims, table = settled.claims, decoded.table
    billed_mnt = decoded.columns.billed_mnt
    unknown = (claims.decision == Decision.VOIDED) | (claims.reasons & UNPRICED != 0) | (billed_mnt == NO_MNT)
    difference_mnt = np.where(unknown, 0, billed_mnt - claims.gross_mnt)
    columns = {name: table[name] for name in KEYS}
    columns |= {
        "decision": pa.DictionaryArray.from_arrays(_plain(claims.decision), pa.array(DECISIONS)),
        "drg_code": _drg_codes(claims.drg, book.drg_codes),
        "weight_e4": _nullable(claims.weight_e4, NO_MNT, pa.int64()),
        "base_mnt": _nullable(claims.base_mnt, NO_MNT, pa.int64()),
        "gross_mnt": _plain(claims.gross_mnt),
        "fund_mnt": _plain(claims.fund_mnt),
        "copay_mnt": _plain(claims.copay_mnt),
        "excess_mnt": _plain(claims.excess_mnt),
        "deducted_mnt": _plain(claims.deducted_mnt),
        "billing_difference_mnt": pa.array(difference_mnt, mask=unknown),
        "reasons": reason_lists(claims.reasons),
        "related_claim_id": _rows_of(table["claim_id"], claims.related),
        "case_id": _rows_of(table["claim_id"], claims.case),
        "tariff": pc.fill_null(pa.nulls(table.num_rows, pa.string()), book.name),
        "tariff_period": _nullable(claims.period_day, NO_DAY, pa.date32()),
    }
    return pa.table(columns)
