"""Plain rows with faults in, the rows that decode would hand on out: what the SQL implementations start from."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from benchmarks.sql import inputs

ICD10 = re.compile(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{0,4}")
PROCEDURE = re.compile(r"[0-9]{2,4}")


def accepted(rows: list[dict[str, Any]], quarantined: Collection[int]) -> list[dict[str, Any]]:
    """The rows that are not quarantined, without what is malformed and not essential; `ignored_value` says where."""
    return [_cleaned(row) for number, row in enumerate(rows) if number not in quarantined]


def to_arrow(
    rows: Iterable[Mapping[str, Any]], columns: Mapping[str, pa.DataType | None], ids: pa.DataType
) -> pa.Table:
    """Rows as a table of exactly `columns`, ids as `ids`, blank text as null."""
    schema = pa.schema([(name, ids if kind is None else kind) for name, kind in columns.items()])
    return pa.Table.from_pylist([{name: _filled(row.get(name)) for name in columns} for row in rows], schema)


def _cleaned(row: Mapping[str, Any]) -> dict[str, Any]:
    clean = {name: _filled(value) for name, value in row.items()}
    ignored = False
    for column, form in (("icd10_secondary", ICD10), ("procedures", PROCEDURE)):
        codes = [code for code in clean.get(column) or () if _filled(code) is not None]
        good = [code for code in codes if form.fullmatch(re.sub(r"[.\s]", "", code).upper())]
        ignored = ignored or len(good) < len(codes)
        clean[column] = good
    for column, known in (("sex", ("m", "f")), ("test_result", ("positive", "negative"))):
        if clean.get(column) is not None and clean[column] not in known:
            clean[column], ignored = None, True
    birth, start = clean.get("birth_date"), clean.get("start_at")
    if birth is not None and isinstance(start, datetime) and birth > start.date():
        clean["birth_date"], ignored = None, True
    if clean.get("message") == "cancellation":
        # Its other fields are not checked, so they may hold anything.
        clean |= {name: None for name, kind in inputs.CLAIMS.items() if not _is_of(kind, clean.get(name))}
    return clean | {"ignored_value": ignored}


def _filled(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _is_of(kind: pa.DataType | None, value: Any) -> bool:
    if kind is None:
        return True
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return isinstance(value, date)
    try:
        pa.array([value], kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return False
    return True
