"""A tiny tariff book, facilities and claims for the tests of the SQL implementations: rows in, Arrow tables out."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from benchmarks.sql import inputs

Row = Mapping[str, Any]

CARE_TYPES = (
    ("inpatient", "drg", "true", ""),
    ("day_treatment", "drg", "false", "inpatient"),
    ("outpatient", "drg", "false", "inpatient"),
    ("diagnostics", "item", "false", "inpatient|day_treatment"),
    ("high_cost_diagnostics", "item", "false", ""),
    ("rehabilitation", "drg", "false", "inpatient|day_treatment"),
    ("traditional", "drg", "false", "inpatient|day_treatment"),
    ("sanatorium", "item", "true", ""),
    ("chemotherapy_day", "item", "false", ""),
)

BOOK: Mapping[str, Sequence[Row]] = {
    "care_types": [
        {"care_type": name, "priced_by": by, "stay": stay, "bundled_in": bundled}
        for name, by, stay, bundled in CARE_TYPES
    ],
    "base_rates": [
        {"care_type": "inpatient", "level": "*", "ownership": "*", "base_mnt": 100_000},
        {"care_type": "inpatient", "level": "*", "ownership": "private", "base_mnt": 200_000},
        {"care_type": "inpatient", "level": "3", "ownership": "*", "base_mnt": 450_000},
        {"care_type": "outpatient", "level": "*", "ownership": "*", "base_mnt": 9_000},
        {"care_type": "rehabilitation", "level": "*", "ownership": "*", "base_mnt": 50_000},
        {"care_type": "traditional", "level": "*", "ownership": "*", "base_mnt": 80_000},
        {"care_type": "day_treatment", "level": "*", "ownership": "*", "base_mnt": 114_000},
    ],
    "drgs": [
        {"drg_code": "14221", "care_type": "inpatient", "weight_e4": 11_773},
        {"drg_code": "14261", "care_type": "inpatient", "weight_e4": 8_417},
        {"drg_code": "11101", "care_type": "inpatient", "total_mnt": 4_500_000, "valid_from": "2018-01-01"},
        {"drg_code": "O1", "care_type": "outpatient", "weight_e4": 10_000},
        {"drg_code": "R1", "care_type": "rehabilitation", "weight_e4": 10_000},
        {"drg_code": "T1", "care_type": "traditional", "weight_e4": 10_000},
        {"drg_code": "D1", "care_type": "day_treatment", "weight_e4": 10_000},
    ],
    "drg_map": [
        {
            "care_type": "inpatient",
            "icd10_from": "G40",
            "icd10_to": "G42",
            "drg_code": "14221",
            "priority": 0,
        },
        {
            "care_type": "inpatient",
            "icd10_from": "G00",
            "icd10_to": "G99",
            "drg_code": "14261",
            "priority": 0,
        },
        {
            "care_type": "inpatient",
            "icd10_from": "G40",
            "icd10_to": "G40",
            "procedure": "01.5",
            "drg_code": "11101",
            "priority": 0,
        },
        {"care_type": "outpatient", "icd10_from": "A00", "icd10_to": "Z99", "drg_code": "O1", "priority": 0},
        {
            "care_type": "rehabilitation",
            "icd10_from": "A00",
            "icd10_to": "Z99",
            "drg_code": "R1",
            "priority": 0,
        },
        {"care_type": "traditional", "icd10_from": "A00", "icd10_to": "Z99", "drg_code": "T1", "priority": 0},
        {
            "care_type": "day_treatment",
            "icd10_from": "A00",
            "icd10_to": "Z99",
            "drg_code": "D1",
            "priority": 0,
        },
    ],
    "items": [
        {"care_type": "diagnostics", "service_code": "lab20", "unit_mnt": 20_000},
        {"care_type": "diagnostics", "service_code": "lab30", "unit_mnt": 30_000},
        {"care_type": "diagnostics", "service_code": "lab40", "unit_mnt": 40_000},
        {"care_type": "diagnostics", "service_code": "lab60", "unit_mnt": 60_000},
        {"care_type": "high_cost_diagnostics", "service_code": "*"},
        {"care_type": "sanatorium", "service_code": "*", "unit_mnt": 260_000},
        {"care_type": "chemotherapy_day", "service_code": "*", "unit_mnt": 90_000},
    ],
    "copay": [
        {
            "care_type": "inpatient",
            "level": "3",
            "drg_code": "*",
            "service_code": "*",
            "rate_bp": 1_500,
            "keeps_copay": "false",
        },
    ],
    "exemptions": [{"kind": "category", "value": "child"}, {"kind": "icd10", "value": "F"}],
    "eligibility": [],
    "rules": [
        {"rule": rule, "parameter": parameter, "value": value}
        for rule, parameters in {
            "ELIGIBILITY": {},
            "COVERAGE": {"exempt_care_types": ""},
            "EXACT_DUPLICATE": {},
            "WARD_TRANSFER": {"gap_hours": 0},
            "MINIMUM_STAY": {"hours": 24},
            "BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": "traditional|rehabilitation"},
            "REPEAT_VISIT": {"care_types": "outpatient", "same_cabinet": "each_visit", "icd10_chars": ""},
            "POSITIVE_ALREADY": {"service_codes": "lab20"},
            "REPEAT_TEST": {"care_types": "diagnostics|high_cost_diagnostics"},
            "REHAB_SESSIONS": {"sessions": 7},
            "ONCE_A_YEAR": {"care_types": "sanatorium"},
            "DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000},
            "OVERLAPPING_STAY": {},
            "VISIT_TOO_SHORT": {"minutes": 10},
            "SUSPECT_DUPLICATE": {},
            "PAIRED_DIAGNOSIS_MISSING": {"care_types": "chemotherapy_day"},
        }.items()
        for parameter, value in {"enabled": "true", **parameters}.items()
    ],
}
"""The rates of the worked cases; every other figure is made up."""


def write_book(
    folder: Path,
    replaced: Mapping[str, Sequence[Row]] | None = None,
    rules: Mapping[str, object] | None = None,
) -> Path:
    """A book in `folder`: BOOK with whole tables `replaced` and single rule values set (`"RULE.parameter"`)."""
    tables = {**BOOK, **(replaced or {})}
    named = {f"{row['rule']}.{row['parameter']}": row for row in tables["rules"]}
    for name, value in (rules or {}).items():
        rule, parameter = name.split(".")
        named[name] = {"rule": rule, "parameter": parameter, "value": value}
    tables = {**tables, "rules": list(named.values())}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tariff.toml").write_text('name = "tiny"\n', encoding="utf-8")
    for table, columns in inputs.BOOK.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, [*columns, *inputs.PERIOD, "source"])
            writer.writeheader()
            writer.writerows({"source": "synthetic", **row} for row in tables[table])
    return folder


def facilities(*rows: Row) -> pa.Table:
    """Facilities, by default X, Y and Z of the state, level 3, open for ever."""
    standard = {"level": 3, "ownership": "state", "facility_type": "hospital"}
    chosen = rows or tuple({"facility_id": name} for name in "XYZ")
    schema = pa.schema(list(inputs.FACILITIES.items()))
    return pa.Table.from_pylist([{**standard, **row} for row in chosen], schema)


def claims(*rows: Row, ids: pa.DataType | None = None) -> pa.Table:
    """Claims in contract types; what a row does not say is an outpatient visit of person p to facility X."""
    standard = {"insured_id": "p", "facility_id": "X", "care_type": "outpatient", "icd10": "G40.1"}
    id_type = ids if ids is not None else pa.string()
    schema = pa.schema([(name, id_type if kind is None else kind) for name, kind in inputs.CLAIMS.items()])
    filled = [{**standard, **row} for row in rows]
    for row in filled:
        row["end_at"] = row.get("end_at", row["start_at"])
    return pa.Table.from_pylist([{k: _instant(v) for k, v in row.items()} for row in filled], schema)


def at(text: str) -> datetime:
    """An instant from `2018-03-01` or `2018-03-01 10:00`."""
    return datetime.fromisoformat(text)


def _instant(value: Any) -> Any:
    return datetime(value.year, value.month, value.day) if type(value) is date else value  # noqa: DTZ001


def by_id(ledger: pa.Table) -> dict[Any, dict[str, Any]]:
    """The ledger's rows by claim_id."""
    return {row["claim_id"]: row for row in ledger.to_pylist()}


def outcome(row: Row) -> tuple[Any, ...]:
    """What a rule did to a claim: its decision, reasons, evidence and case."""
    return row["decision"], row["reasons"], row["related_claim_id"], row["case_id"]


def each(names: Iterable[str], **common: Any) -> list[dict[str, Any]]:
    """Rows that differ in claim_id alone."""
    return [{"claim_id": name, **common} for name in names]
