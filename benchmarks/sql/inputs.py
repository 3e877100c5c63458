"""The inputs of the SQL implementations: accepted claims, facilities, insured and a tariff book in, Arrow tables out.

The SQL wants every column of the contract to be there, each in one type; nothing is judged here. No kernel lives here.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

STRINGS = pa.list_(pa.string())
SECOND = pa.timestamp("s")
ID = None
"""An id keeps the type it came in: string or int64."""

CLAIMS: Mapping[str, pa.DataType | None] = {
    "claim_id": ID,
    "insured_id": ID,
    "facility_id": pa.string(),
    "department_id": pa.string(),
    "specialty": pa.string(),
    "care_type": pa.string(),
    "icd10": pa.string(),
    "icd10_secondary": STRINGS,
    "procedures": STRINGS,
    "drg_code": pa.string(),
    "service_code": pa.string(),
    "site": pa.string(),
    "quantity": pa.int32(),
    "start_at": SECOND,
    "end_at": SECOND,
    "billed_mnt": pa.int64(),
    "sex": pa.string(),
    "birth_date": pa.date32(),
    "exemption": pa.string(),
    "test_result": pa.string(),
    "order_no": pa.string(),
    "message": pa.string(),
    "replaces_claim_id": ID,
    "submitted_at": SECOND,
    "ignored_value": pa.bool_(),
}
FACILITIES: Mapping[str, pa.DataType | None] = {
    "facility_id": pa.string(),
    "level": pa.int32(),
    "ownership": pa.string(),
    "facility_type": pa.string(),
    "contracted_care_types": STRINGS,
    "contract_from": pa.date32(),
    "contract_to": pa.date32(),
    "valid_from": pa.date32(),
    "valid_to": pa.date32(),
}
INSURED: Mapping[str, pa.DataType | None] = {
    "insured_id": ID,
    "covered_from": pa.date32(),
    "covered_to": pa.date32(),
    "death_date": pa.date32(),
    "sex": pa.string(),
    "birth_date": pa.date32(),
    "exemption": pa.string(),
}
BOOK: Mapping[str, tuple[str, ...]] = {
    "care_types": ("care_type", "priced_by", "stay", "bundled_in"),
    "base_rates": ("care_type", "level", "ownership", "base_mnt"),
    "drgs": ("drg_code", "care_type", "weight_e4", "total_mnt"),
    "drg_map": (
        "care_type",
        "icd10_from",
        "icd10_to",
        "procedure",
        "paired_icd10",
        "age_from",
        "age_to",
        "sex",
        "drg_code",
        "priority",
    ),
    "items": ("care_type", "service_code", "unit_mnt"),
    "copay": ("care_type", "level", "drg_code", "service_code", "rate_bp", "fixed_mnt", "keeps_copay"),
    "exemptions": ("kind", "value"),
    "eligibility": ("facility_type", "ownership", "care_type", "needs_contract"),
    "rules": ("rule", "parameter", "value"),
}
PERIOD = ("valid_from", "valid_to")


def conform(
    table: pa.Table, columns: Mapping[str, pa.DataType | None], id_type: pa.DataType | None = None
) -> pa.Table:
    """`table` with exactly `columns`, in that order and those types; a column that is missing is all null."""
    arrays: dict[str, pa.ChunkedArray | pa.Array] = {}
    for name, wanted in columns.items():
        dtype = wanted if wanted is not None else id_type
        if name in table.column_names:
            column = table[name]
            arrays[name] = column if dtype is None or column.type == dtype else column.cast(dtype)
        else:
            arrays[name] = pa.nulls(table.num_rows, dtype if dtype is not None else pa.string())
    return pa.table(arrays)


def id_type(claims: pa.Table, column: str) -> pa.DataType:
    """The one type that the ids of `column` have in every table: int64, or string in its plainest layout."""
    return pa.int64() if pa.types.is_integer(claims.schema.field(column).type) else pa.string()


def conform_claims(claims: pa.Table) -> pa.Table:
    """Accepted claims in the contract's columns and types, with their input position as `row_no`."""
    types: dict[str, pa.DataType | None] = dict(CLAIMS)
    types["claim_id"] = types["replaces_claim_id"] = id_type(claims, "claim_id")
    types["insured_id"] = id_type(claims, "insured_id")
    return conform(claims, types).append_column("row_no", pa.arange(0, claims.num_rows))


def conform_insured(insured: pa.Table | None, claims: pa.Table) -> pa.Table:
    """The insured with ids of the claims' type; nobody where there is no such table."""
    insured_id = claims.schema.field("insured_id").type
    people = insured if insured is not None else pa.table({"insured_id": pa.array([], insured_id)})
    return conform(people, INSURED, insured_id)


def read_book(folder: Path) -> tuple[str, dict[str, pa.Table]]:
    """The name of the tariff book in `folder` and its tables as they are: text cells, null where empty.

    A table whose file is missing is empty.
    """
    with (folder / "tariff.toml").open("rb") as file:
        name = str(tomllib.load(file)["name"])
    return name, {table: _read_table(folder / f"{table}.csv", columns) for table, columns in BOOK.items()}


def _read_table(file: Path, columns: tuple[str, ...]) -> pa.Table:
    wanted = dict.fromkeys((*columns, *PERIOD), pa.string())
    if not file.exists():
        return pa.schema(list(wanted.items())).empty_table()
    convert = pa_csv.ConvertOptions(
        column_types=wanted,
        include_columns=list(wanted),
        include_missing_columns=True,
        strings_can_be_null=True,
        null_values=[""],
    )
    cells = pa_csv.read_csv(file, convert_options=convert)
    trimmed = [pc.utf8_trim_whitespace(column) for column in cells.columns]
    return pa.table(
        [pc.if_else(pc.equal(column, ""), None, column) for column in trimmed], cells.column_names
    )


LEDGER: Mapping[str, pa.DataType | None] = {
    "claim_id": ID,
    "insured_id": ID,
    "facility_id": pa.string(),
    "care_type": pa.string(),
    "start_at": SECOND,
    "end_at": SECOND,
    "decision": pa.dictionary(pa.int8(), pa.string()),
    "drg_code": pa.string(),
    "weight_e4": pa.int64(),
    "base_mnt": pa.int64(),
    "gross_mnt": pa.int64(),
    "fund_mnt": pa.int64(),
    "copay_mnt": pa.int64(),
    "excess_mnt": pa.int64(),
    "deducted_mnt": pa.int64(),
    "billing_difference_mnt": pa.int64(),
    "reasons": STRINGS,
    "related_claim_id": ID,
    "case_id": ID,
    "tariff": pa.string(),
    "tariff_period": pa.date32(),
}


def as_ledger(result: pa.Table, claims: int) -> pa.Table:
    """A query's result in the ledger's columns and types: one row for each of so many claims, or ValueError."""
    if result.num_rows != claims:
        raise ValueError(
            f"{result.num_rows} ledger rows for {claims} claims, expected one for each: accepted rows only"
        )
    return conform(result, LEDGER)
