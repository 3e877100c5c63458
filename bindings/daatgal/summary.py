"""The electronic-filter figures: what was claimed and what the rules took off, by facility and month.

In: a ledger. Out: the `summary` table: facility × care type × DRG × month of the start, and per reason. Source: the
authority's plan, 3.1.1: number and amount of deductions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

AMOUNTS = ("gross_mnt", "fund_mnt", "copay_mnt", "excess_mnt", "deducted_mnt")
KEYS = ("facility_id", "care_type", "drg_code", "month")


def summary_table(ledger: pa.Table) -> pa.Table:
    """One row a group and, within it, one row a deciding reason (null: paid in full), sorted by all of these.

    Columns: facility_id, care_type, drg_code, month (its first day), reason; claims, cases (paid or reduced claims:
    each is a case's paid one), and the sums of gross, fund, copay, excess and deducted.
    """
    paid = pc.is_in(ledger["decision"].cast(pa.string()), value_set=pa.array(["paid", "reduced"]))
    took = pc.greater(pc.add(ledger["deducted_mnt"], ledger["excess_mnt"]), 0)
    first = pc.list_element(_at_least_one(ledger["reasons"]), 0)
    month = pc.floor_temporal(ledger["start_at"], unit="month").cast(pa.date32())
    table = pa.table(
        {
            "facility_id": ledger["facility_id"],
            "care_type": ledger["care_type"],
            "drg_code": ledger["drg_code"],
            "month": month,
            "reason": pc.if_else(pc.or_(took, pc.invert(paid)), first, pa.scalar(None, pa.string())),
            "cases": paid.cast(pa.int64()),
            **{name: ledger[name] for name in AMOUNTS},
        }
    )
    keys: Sequence[str] = (*KEYS, "reason")
    sums = [(name, "sum") for name in ("cases", *AMOUNTS)]
    grouped = table.group_by(list(keys)).aggregate([([], "count_all"), *sums])
    grouped = grouped.rename_columns([*keys, "claims", "cases", *AMOUNTS])
    return grouped.sort_by([(key, "ascending") for key in keys])


def _at_least_one(reasons: pa.ChunkedArray) -> pa.ChunkedArray:
    """The lists with empty ones replaced by a list of one null, so that each has a first element."""
    empty = pc.equal(pc.list_value_length(reasons), 0)
    return pc.if_else(empty, pa.scalar([None], reasons.type), reasons)
