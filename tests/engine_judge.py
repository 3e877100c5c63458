"""The product behind the oracle's signature: plain rows in, `daatgal.settle` over Arrow tables, plain rows out."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

import daatgal
from daatgal import TariffBook
from tests.adversarial.table import facilities_table, insured_table, to_table
from tests.oracle import Result

DECISION_TYPES: dict[str, pa.DataType] = {
    "decision": pa.string(),
    "fund_mnt": pa.int64(),
    "copay_mnt": pa.int64(),
    "who": pa.string(),
    "why": pa.string(),
    "at": pa.timestamp("s"),
    "withdrawn": pa.bool_(),
}


def judge(
    claims: list[dict],
    *,
    facilities: list[dict],
    book: Path | TariffBook,
    insured: list[dict] | None = None,
    decisions: list[dict] | None = None,
) -> Result:
    """The product's ledger and quarantine, as the oracle gives them."""
    further = {} if decisions is None else {"decisions": decisions_table(decisions)}
    settlement = daatgal.settle(
        to_table(claims),
        facilities=facilities_table(facilities),
        tariff=book,
        insured=None if insured is None else insured_table(insured),
        **further,
    )
    return as_result(settlement)


def as_result(settlement: daatgal.Settlement) -> Result:
    """A settlement's ledger and quarantine as plain rows; of the quarantine, what the oracle has too."""
    quarantine = [
        {
            "row": row["row"],
            "error_codes": row["error_codes"],
            "error_columns": sorted(set(row["error_columns"])),
        }
        for row in settlement.quarantine.select(["row", "error_codes", "error_columns"]).to_pylist()
    ]
    return Result(settlement.ledger.to_pylist(), quarantine)


def decisions_table(rows: list[dict]) -> pa.Table:
    """Manual outcomes with the columns of the contract; ids in the type that they come in."""
    ids = [row["claim_id"] for row in rows]
    columns: dict[str, Any] = {"claim_id": pa.array(ids, None if ids else pa.string())}
    for name, kind in DECISION_TYPES.items():
        columns[name] = pa.array([_plain(row.get(name)) for row in rows], kind)
    return pa.table(columns)


def _plain(value: object) -> object:
    return value.replace(microsecond=0) if isinstance(value, datetime) else value
