"""Lists of outcomes as auditors send them back: a few lines in each form that is taken."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
from xlsxwriter import Workbook

from daatgal.review.bring_back import FUND_ZONE
from daatgal.review.hand_out import Wanted, hand_out
from tests.review_month import AT

NOW = AT.replace(tzinfo=FUND_ZONE)
COLUMNS = ("case_id", "outcome", "amount_mnt", "auditor", "reviewed_at", "note")
GOOD = ("C000001", "overpaid", 500, "Бат", "2026-11-02", "")


def handed_out(month, folder):
    """The path of a store that has handed out the month's sample whole."""
    wanted = Wanted(split="none", who="Оюун")
    path = folder / "store.sqlite"
    hand_out(month.directory, folder / "out", wanted, None, history=[month.night], store=path, at=NOW)
    return path


def as_xlsx(path, rows, columns=COLUMNS, formulas=()):
    book = Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    for place, name in enumerate(columns):
        sheet.write_string(0, place, name)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if (number, place) in formulas:
                sheet.write_formula(number, place, str(value), None, 500)
            elif isinstance(value, date):
                sheet.write_datetime(number, place, value, day)
            elif isinstance(value, int | float):
                sheet.write_number(number, place, value)
            elif value is not None:
                sheet.write_string(number, place, value)
    book.close()
    return path


def as_csv(path, rows, columns=COLUMNS):
    text = "\n".join(
        ",".join("" if value is None else str(value) for value in row) for row in [columns, *rows]
    )
    path.write_text(text + "\n", encoding="utf-8-sig")
    return path


def as_parquet(path, rows, columns=COLUMNS):
    pq.write_table(
        pa.table([pa.array(list(column)) for column in zip(*rows, strict=True)], list(columns)), path
    )
    return path


WRITERS = {"xlsx": as_xlsx, "csv": as_csv, "parquet": as_parquet}
