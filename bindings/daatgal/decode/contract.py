"""The columns of a claim table, as the contract names and types them.

In: nothing. Out: the canonical schema, in the contract's order.
"""

from __future__ import annotations

from typing import Final

import pyarrow as pa

ID_COLUMNS: Final = ("claim_id", "insured_id", "replaces_claim_id")
CODED_COLUMNS: Final = (
    "facility_id",
    "department_id",
    "specialty",
    "care_type",
    "icd10",
    "drg_code",
    "service_code",
    "site",
    "sex",
    "exemption",
    "test_result",
    "message",
)
"""Text of which a batch repeats the same values."""
TEXT_COLUMNS: Final = ("practitioner_id", "order_no", "referral_no")
"""Text that is carried on; only whether it is given counts."""
TIME_COLUMNS: Final = ("start_at", "end_at", "submitted_at")
WHOLE_COLUMNS: Final = ("quantity", "billed_mnt")
LIST_COLUMNS: Final = ("icd10_secondary", "procedures")

REQUIRED_COLUMNS: Final = (
    "claim_id",
    "insured_id",
    "facility_id",
    "care_type",
    "icd10",
    "start_at",
    "end_at",
)

_ORDER: Final = (
    "claim_id",
    "insured_id",
    "facility_id",
    "department_id",
    "specialty",
    "practitioner_id",
    "care_type",
    "icd10",
    "icd10_secondary",
    "procedures",
    "drg_code",
    "service_code",
    "site",
    "quantity",
    "start_at",
    "end_at",
    "billed_mnt",
    "sex",
    "birth_date",
    "exemption",
    "test_result",
    "order_no",
    "referral_no",
    "message",
    "replaces_claim_id",
    "submitted_at",
)
COLUMNS: Final = _ORDER
"""All columns of the contract, in its order."""


def column_type(name: str) -> pa.DataType:
    """Give the canonical Arrow type of a column; ids are given here as strings."""
    if name in CODED_COLUMNS:
        return pa.dictionary(pa.int32(), pa.string())
    if name in TIME_COLUMNS:
        return pa.timestamp("s")
    if name in LIST_COLUMNS:
        return pa.list_(pa.string())
    return {"quantity": pa.int32(), "billed_mnt": pa.int64(), "birth_date": pa.date32()}.get(
        name, pa.string()
    )


EXPECTED: Final = {
    "claim_id": "text or an integer of 64 bits",
    "insured_id": "text or an integer of 64 bits",
    "replaces_claim_id": "an id of the same type as claim_id",
    "start_at": "a time: a timestamp, a date, or text such as 2024-03-01T09:30:00",
    "end_at": "a time: a timestamp, a date, or text such as 2024-03-01T09:30:00",
    "submitted_at": "a time: a timestamp, a date, or text such as 2024-03-01T09:30:00",
    "birth_date": "a date, or text such as 1980-12-31",
    "quantity": "a whole number of at most 32 bits",
    "billed_mnt": "whole tögrög, at most 64 bits",
    "icd10_secondary": "a list of text",
    "procedures": "a list of text",
}
"""What a column is expected to hold; any other column: text."""
