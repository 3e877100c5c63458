"""The electronic-filter figures: what was claimed and what the rules took off, by facility and month.

In: a ledger, its adjustments and what stood before them. Out: the `summary` table: facility × care type × DRG × month
of the start, and per reason. Source: the authority's plan, 3.1.1: number and amount of deductions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import AmountError

if TYPE_CHECKING:
    from collections.abc import Sequence

AMOUNTS = ("gross_mnt", "fund_mnt", "copay_mnt", "excess_mnt", "deducted_mnt")
_SAFE_MNT = 2.0**62
KEYS = ("facility_id", "care_type", "drg_code", "month")


def summary_table(ledger: pa.Table, adjustments: pa.Table, before: pa.Table) -> pa.Table:
    """What this night changes in the standing totals: its claims, and its adjustments as new minus old.

    `before` has, row for row with the adjustments, the ledger rows that stood until now: a voided claim leaves the DRG
    and the amount that it had. One row a group and, within it, one row a deciding reason (null: paid in full), sorted
    by all of these. Columns: facility_id, care_type, drg_code, month (its first day), reason; claims, cases (paid or
    reduced claims: each is a case's paid one), and the sums of gross, fund, copay, excess and deducted. Adjustments of
    closed years move nothing.
    """
    moves = pc.invert(adjustments["closed"])
    parts = [
        _measures(ledger, 1),
        _measures(adjustments.filter(moves), 1),
        _measures(before.filter(moves), -1),
    ]
    keys: Sequence[str] = (*KEYS, "reason")
    sums = [(name, "sum") for name in ("claims", "cases", *AMOUNTS)]
    rows = pa.concat_tables(parts)
    _refuse_wrapped_sums(rows, keys)
    grouped = rows.group_by(list(keys)).aggregate(sums)
    grouped = grouped.rename_columns([*keys, "claims", "cases", *AMOUNTS])
    return grouped.sort_by([(key, "ascending") for key in keys])


def _refuse_wrapped_sums(rows: pa.Table, keys: Sequence[str]) -> None:
    """Raise AmountError where the sum of a group does not fit into int64, which wraps silently.

    Sums of floats do not wrap, and no int64 sum that did not is as far from them as half the range.
    """
    floats = {name: rows[name].cast(pa.float64(), safe=False) for name in AMOUNTS}
    if all(float(np.abs(column.to_numpy()).sum()) < _SAFE_MNT for column in floats.values()):
        return
    for name in AMOUNTS:
        pair = pa.table({key: rows[key] for key in keys} | {"whole": rows[name], "float": floats[name]})
        sums = pair.group_by(list(keys)).aggregate([("whole", "sum"), ("float", "sum")])
        wrapped = (
            np.abs(sums["whole_sum"].to_numpy().astype(np.float64) - sums["float_sum"].to_numpy()) > _SAFE_MNT
        )
        if wrapped.any():
            group = {key: sums[key][int(np.argmax(wrapped))].as_py() for key in keys}
            raise AmountError(
                f"summary: the sum of {name} over {group} does not fit into 64 bits; expected it below 2**63 ₮"
            )


def _measures(rows: pa.Table, sign: int) -> pa.Table:
    """The keys and signed measures of ledger rows."""
    paid = pc.is_in(rows["decision"].cast(pa.string()), value_set=pa.array(["paid", "reduced"]))
    took = pc.greater(pc.add(rows["deducted_mnt"], rows["excess_mnt"]), 0)
    first = _first(rows["reasons"])
    return pa.table(
        {
            "facility_id": rows["facility_id"],
            "care_type": rows["care_type"],
            "drg_code": rows["drg_code"],
            "month": pc.floor_temporal(rows["start_at"], unit="month").cast(pa.date32()),
            "reason": pc.if_else(pc.or_(took, pc.invert(paid)), first, pa.scalar(None, pa.string())),
            "claims": pa.array(np.full(rows.num_rows, sign, np.int64)),
            "cases": pc.multiply(paid.cast(pa.int64()), sign),
            **{name: pc.multiply(rows[name], sign) for name in AMOUNTS},
        }
    )


def _first(reasons: pa.ChunkedArray) -> pa.Array:
    """The first code of each list, null where it is empty."""
    lists = reasons.combine_chunks()
    starts = lists.offsets.to_numpy()
    return lists.flatten().take(pa.array(starts[:-1] - starts[0], mask=starts[1:] == starts[:-1]))
