"""A work list as files: xlsx to work in, CSV, Parquet for machines.

In: the tables of a list. Out: bytes. Every text is written as text, never as a formula or a link, and is marked where a
spreadsheet would calculate it. The same list gives the same bytes. No kernel lives here. Source: audit.md §7.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.review.outcomes import Outcome
from daatgal.review.safe_text import with_mark
from daatgal.review.words import heading, outcome_words
from daatgal.review.worklist import ENTRY

if TYPE_CHECKING:
    from daatgal.review.words import Language
    from daatgal.review.worklist import WorkList

FORMATS: Final = ("xlsx", "csv", "parquet")
_LONGEST_TEXT: Final = 32_000
_LARGEST_NUMBER: Final = 1 << 53
_CREATED: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a file says nothing of when it was made
_WIDTHS: Final = {
    "claims": 24,
    "facility_name": 40,
    "care_type": 18,
    "note": 40,
    "reasons": 60,
    "evidence": 60,
}
_WIDTH: Final = 16
_SHEETS: Final = {"mn": ("Тохиолдол", "Нэхэмжлэл"), "en": ("Cases", "Claims")}
_DATE: Final = "yyyy-mm-dd hh:mm"
_ENTRY_STYLE: Final = dict.fromkeys(ENTRY, "entry") | {
    "amount_mnt": "entry_amount",
    "reviewed_at": "entry_time",
}


def as_xlsx(work: WorkList, lang: Language) -> bytes:
    """A workbook: the cases, with cells to fill in, and a second sheet with their claims."""
    from xlsxwriter import Workbook

    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    workbook: Any = Workbook(content, options)
    workbook.set_properties({"created": _CREATED})
    entry = {"bg_color": "#FFF9DB", "border": 1, "border_color": "#D0C890"}
    looks = {
        "heading": {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6F0", "border": 1},
        "entry": entry | {"text_wrap": True},
        "entry_amount": entry | {"num_format": "#,##0"},
        "entry_time": entry | {"num_format": _DATE},
        "number": {"num_format": "#,##0"},
        "share": {"num_format": "0.0000"},
        "time": {"num_format": _DATE},
        "text": {"num_format": "@", "text_wrap": True, "valign": "top"},
    }
    styles = {name: workbook.add_format(look) for name, look in looks.items()}
    names = _SHEETS[lang]
    cases = workbook.add_worksheet(names[0])
    _fill(cases, work.cases, styles, lang)
    _let_choose(cases, work.cases, lang)
    _fill(workbook.add_worksheet(names[1]), work.claims, styles, lang)
    workbook.close()
    return content.getvalue()


def _fill(sheet: Any, table: pa.Table, styles: dict[str, Any], lang: Language) -> None:
    for place, name in enumerate(table.column_names):
        sheet.write_string(0, place, heading(name, lang), styles["heading"])
        sheet.set_column(place, place, _WIDTHS.get(name, _WIDTH))
        for row, value in enumerate(table[name].to_pylist(), 1):
            _write(sheet, row, place, value, styles, _ENTRY_STYLE.get(name))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(table.num_rows, 1), table.num_columns - 1)


def _write(
    sheet: Any, row: int, place: int, value: object, styles: dict[str, Any], entry: str | None
) -> None:
    if value is None:
        if entry is not None:
            sheet.write_blank(row, place, None, styles[entry])
    elif isinstance(value, datetime):
        sheet.write_datetime(row, place, value, styles["time"])
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) < _LARGEST_NUMBER):
        sheet.write_number(row, place, value, styles["share" if isinstance(value, float) else "number"])
    else:
        sheet.write_string(row, place, _text(value), styles[entry or "text"])


def _let_choose(sheet: Any, table: pa.Table, lang: Language) -> None:
    """Cells to fill in take an outcome of the list, a whole amount, a date."""
    rows = table.num_rows
    if not rows:
        return
    chosen = table.column_names.index("outcome")
    sheet.data_validation(
        1, chosen, rows, chosen,
        {"validate": "list", "source": [outcome_words(outcome, lang) for outcome in Outcome]},
    )  # fmt: skip
    amount = table.column_names.index("amount_mnt")
    sheet.data_validation(1, amount, rows, amount, {"validate": "integer", "criteria": ">=", "value": 0})
    day = table.column_names.index("reviewed_at")
    sheet.data_validation(1, day, rows, day, {"validate": "date", "criteria": ">=", "value": _CREATED})


def as_csv(work: WorkList, lang: Language) -> bytes:
    """The cases as CSV: UTF-8 with the mark that spreadsheets look for, every text in quotes."""
    content = io.StringIO(newline="")
    writer = csv.writer(content, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow([heading(name, lang) for name in work.cases.column_names])
    for row in zip(*(column.to_pylist() for column in work.cases.columns), strict=True):
        writer.writerow([_csv_cell(value) for value in row])
    return content.getvalue().encode("utf-8-sig")


def _csv_cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    return value if isinstance(value, int | float) else _text(value)


def _text(value: object) -> str:
    text = with_mark(str(value))
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def as_parquet(work: WorkList) -> bytes:
    """The cases as Parquet: columns by their own names, text as it is."""
    sink = pa.BufferOutputStream()
    pq.write_table(work.cases, sink, compression="zstd")
    return sink.getvalue().to_pybytes()
