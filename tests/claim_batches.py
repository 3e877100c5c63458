"""Claim tables to decode: a good row with any of its columns changed, and the registers that go with it."""

from datetime import date, datetime
from functools import cache
from pathlib import Path

import pyarrow as pa

from daatgal.decode import Decoded, decode
from daatgal.facilities import Facilities, load_facilities
from daatgal.insured import load_insured
from daatgal.tariff import TariffBook, load_tariff

at = datetime.fromisoformat
"""Local time, as everywhere."""
REPOSITORY = Path(__file__).parents[1]
PUBLIC_DATA = REPOSITORY / ".." / "shared" / "data"

TYPES = {
    "claim_id": pa.string(),
    "insured_id": pa.string(),
    "facility_id": pa.string(),
    "department_id": pa.string(),
    "specialty": pa.string(),
    "practitioner_id": pa.string(),
    "care_type": pa.string(),
    "icd10": pa.string(),
    "icd10_secondary": pa.list_(pa.string()),
    "procedures": pa.list_(pa.string()),
    "drg_code": pa.string(),
    "service_code": pa.string(),
    "site": pa.string(),
    "quantity": pa.int32(),
    "start_at": pa.timestamp("s"),
    "end_at": pa.timestamp("s"),
    "billed_mnt": pa.int64(),
    "sex": pa.string(),
    "birth_date": pa.date32(),
    "exemption": pa.string(),
    "test_result": pa.string(),
    "order_no": pa.string(),
    "referral_no": pa.string(),
    "message": pa.string(),
    "replaces_claim_id": pa.string(),
    "submitted_at": pa.timestamp("s"),
}
GOOD = {
    "claim_id": "A",
    "insured_id": "P",
    "facility_id": "F1",
    "department_id": "ward 1",
    "specialty": "neurology",
    "practitioner_id": "D1",
    "care_type": "inpatient",
    "icd10": "G40.1",
    "icd10_secondary": ["I10", "C77.0"],
    "procedures": ["01.5", "8703"],
    "drg_code": "001",
    "service_code": "S1",
    "site": "left",
    "quantity": 2,
    "start_at": at("2024-03-01 09:30"),
    "end_at": at("2024-03-04 12:00"),
    "billed_mnt": 500_000,
    "sex": "f",
    "birth_date": date(1980, 5, 6),
    "exemption": "child",
    "test_result": "positive",
    "order_no": "O1",
    "referral_no": "R1",
    "message": None,
    "replaces_claim_id": None,
    "submitted_at": at("2024-03-05 08:00"),
}


@cache
def demonstration_book() -> TariffBook:
    return load_tariff(REPOSITORY / "data_samples" / "tariffs" / "mn-demo")


@cache
def two_facilities() -> Facilities:
    columns = {
        "facility_id": ["F1", "F2"],
        "level": [3, 2],
        "ownership": ["state", "private"],
        "facility_type": ["15.1.7", "15.1.5"],
    }
    return load_facilities(pa.table(columns), demonstration_book())


def claim(claim_id: object = "A", **columns: object) -> dict:
    return GOOD | {"claim_id": claim_id} | columns


def message(claim_id: object, kind: str, target: object, **columns: object) -> dict:
    return claim(claim_id, message=kind, replaces_claim_id=target, **columns)


def table(*rows: dict, **types: pa.DataType) -> pa.Table:
    """Rows as a table of the contract's types, except the columns whose type is given."""
    names = list(dict.fromkeys([*TYPES, *(name for row in rows for name in row)]))
    return pa.table(
        {
            name: pa.array([row.get(name) for row in rows], types.get(name, TYPES.get(name, pa.string())))
            for name in names
        }
    )


def decoded(claims: pa.Table, *, insured: pa.Table | None = None, **more: object) -> Decoded:
    return decode(
        claims,
        book=demonstration_book(),
        facilities=two_facilities(),
        insured=None if insured is None else load_insured(insured),
        **more,
    )


def codes_of(result: Decoded) -> dict[int, list[str]]:
    """The quarantine codes by input row."""
    rows = result.quarantine
    return dict(zip(rows["row"].to_pylist(), rows["error_codes"].to_pylist(), strict=True))
