"""Plain rows in, an Arrow table of the contract's types out."""

from collections.abc import Iterable
from datetime import datetime

import pyarrow as pa

STRINGS = (
    "facility_id", "department_id", "specialty", "practitioner_id", "care_type", "icd10", "drg_code", "service_code",
    "site", "sex", "exemption", "test_result", "order_no", "referral_no", "message",
)  # fmt: skip
CLAIM_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(STRINGS, pa.string()),
    "icd10_secondary": pa.list_(pa.string()),
    "procedures": pa.list_(pa.string()),
    "quantity": pa.int32(),
    "start_at": pa.timestamp("s"),
    "end_at": pa.timestamp("s"),
    "submitted_at": pa.timestamp("s"),
    "billed_mnt": pa.int64(),
    "birth_date": pa.date32(),
}
FACILITY_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("facility_id", "name", "ownership", "facility_type", "aimag"), pa.string()),
    "level": pa.int64(),
    "contracted_care_types": pa.list_(pa.string()),
    **dict.fromkeys(("contract_from", "contract_to", "valid_from", "valid_to"), pa.date32()),
}
INSURED_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(("covered_from", "covered_to", "death_date", "birth_date"), pa.date32()),
    **dict.fromkeys(("sex", "exemption"), pa.string()),
}
IDS = {
    "claim_id": ("claim_id", "replaces_claim_id"),
    "replaces_claim_id": ("claim_id", "replaces_claim_id"),
    "insured_id": ("insured_id",),
}
"""Id column → the columns that share its type."""
ALL_CLAIM_COLUMNS = ("claim_id", "insured_id", *CLAIM_TYPES, "replaces_claim_id")


def to_table(rows: list[dict]) -> pa.Table:
    """Claims; a column with a value that its type cannot hold comes as text, as from a CSV file."""
    present = {column for row in rows for column in row} if rows else set(ALL_CLAIM_COLUMNS)
    ordered = [column for column in ALL_CLAIM_COLUMNS if column in present]
    return _table(rows, [*ordered, *sorted(present - set(ordered))], CLAIM_TYPES)


def facilities_table(rows: list[dict]) -> pa.Table:
    return _table(rows, FACILITY_TYPES, FACILITY_TYPES)


def insured_table(rows: list[dict]) -> pa.Table:
    return _table(rows, ["insured_id", *INSURED_TYPES], INSURED_TYPES)


def _table(rows: list[dict], columns: Iterable[str], types: dict[str, pa.DataType]) -> pa.Table:
    arrays = {}
    for column in columns:
        values = [row.get(column) for row in rows]
        if column in IDS:
            kind = (
                pa.int64()
                if any(isinstance(row.get(name), int) for row in rows for name in IDS)
                else pa.string()
            )
        else:
            kind = types.get(column, pa.string())
        arrays[column] = _array(values, kind)
    return pa.table(arrays)


def _array(values: list, kind: pa.DataType) -> pa.Array:
    known = [value for value in values if value is not None]
    zoned = [isinstance(value, datetime) and value.tzinfo is not None for value in known]
    if pa.types.is_integer(kind) and any(isinstance(value, float) for value in known):
        return pa.array(values, pa.float64())
    if any(zoned) and all(zoned):
        return pa.array(values, pa.timestamp("us", "UTC"))
    if not any(zoned) and not (pa.types.is_list(kind) and any(isinstance(value, str) for value in known)):
        try:
            return pa.array(values, kind)
        except (pa.ArrowInvalid, pa.ArrowTypeError, TypeError, OverflowError):
            pass
    return pa.array([None if value is None else _written(value) for value in values], pa.string())


def _written(value: object) -> str:
    return "|".join("" if part is None else part for part in value) if isinstance(value, list) else str(value)
