"""The lines of a results file: xlsx, CSV or Parquet, told apart by content.

In: a path. Out: one `Line` for each row that holds anything, with its number as a person sees it. A file is read whole
into memory first, and must be small. No kernel lives here.
"""

from __future__ import annotations

import csv
import hashlib
import io
from typing import TYPE_CHECKING, Final, NamedTuple

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MOST_BYTES: Final = 1 << 26
MOST_UNFOLDED: Final = 1 << 29
"""bytes of a Parquet file's columns in memory"""
_BATCH_ROWS: Final = 10_000
MOST_ROWS: Final = 1_000_000
MOST_COLUMNS: Final = 256
LONGEST_TEXT: Final = 32_767
"""what a cell of a workbook can hold"""
FORMULA: Final = object()
"""What stands in place of the value of a cell with a formula: what it shows is no evidence."""


class Line(NamedTuple):
    """One row of a file."""

    number: int
    """from 1, the header counted, as a spreadsheet shows it; of Parquet the row from 1"""
    values: dict[str, object]
    """by column name, empty cells left out"""


class Lines(NamedTuple):
    """A results file."""

    name: str
    """the file's own name"""
    sha256: str
    columns: tuple[str, ...]
    rows: list[Line]


def read_lines(path: Path) -> Lines:
    """Read a results file; InputError names the file and what is wrong with it as a whole."""
    data = _bytes(path)
    if data.startswith(b"PK"):
        columns, rows = _from_workbook(data, path.name)
    elif data.startswith(b"PAR1"):
        columns, rows = _from_parquet(data, path.name)
    elif path.suffix.lower() == ".csv":
        columns, rows = _from_csv(data, path.name)
    else:
        raise InputError(
            f"{path.name}: found neither a workbook (xlsx) nor Parquet, expected one of these or a name ending in .csv"
        )
    return Lines(path.name, hashlib.sha256(data).hexdigest(), columns, rows)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path.name}: found more than {MOST_BYTES >> 20} MiB, expected a list of outcomes")
    return data


def _columns(cells: list[object], name: str) -> tuple[str, ...]:
    if len(cells) > MOST_COLUMNS:
        raise InputError(f"{name}: found {len(cells)} columns, expected at most {MOST_COLUMNS}")
    names = tuple(str(cell).strip().lower() for cell in cells)
    twice = [column for column in names if column and names.count(column) > 1]
    if twice:
        raise InputError(f"{name}: found two columns {twice[0]!r}, expected each name once")
    return names


def _line(number: int, names: tuple[str, ...], cells: list[object]) -> Line:
    values = {
        name: cell
        for name, cell in zip(names, cells, strict=False)
        if name and cell is not None and not (isinstance(cell, str) and not cell.strip())
    }
    return Line(number, values)


def _from_workbook(data: bytes, name: str) -> tuple[tuple[str, ...], list[Line]]:
    from daatgal.review.spreadsheet import read_first_sheet

    sheet = read_first_sheet(data, name)
    for row, column in sheet.formulas:
        if row <= len(sheet.rows) and column <= len(sheet.rows[row - 1]):
            sheet.rows[row - 1][column - 1] = FORMULA
    return _with_header(enumerate(sheet.rows, 1), name)


def _from_csv(data: bytes, name: str) -> tuple[tuple[str, ...], list[Line]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{name}: found text that is not UTF-8 at byte {error.start}, expected UTF-8"
        ) from error
    head = text.split("\n", 1)[0]
    mark = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
    rows: list[tuple[int, list[object]]] = []
    first = 1
    try:
        for cells in reader:
            rows.append((first, [*cells]))
            first = reader.line_num + 1
            if len(rows) > MOST_ROWS + 1:
                break
    except csv.Error as error:
        raise InputError(f"{name}, line {first}: cannot be read as CSV: {error}") from error
    return _with_header(iter(rows), name)


def _with_header(rows: Iterable[tuple[int, list[object]]], name: str) -> tuple[tuple[str, ...], list[Line]]:
    names: tuple[str, ...] | None = None
    lines: list[Line] = []
    for number, cells in rows:
        if names is None:
            if any(cell not in ("", None) for cell in cells):
                names = _columns(cells, name)
            continue
        line = _line(number, names, cells)
        if line.values:
            lines.append(line)
        if len(lines) > MOST_ROWS:
            raise InputError(f"{name}: found more than {MOST_ROWS:,} rows, expected at most so many")
    if names is None:
        raise InputError(f"{name}: found an empty file, expected a line of column names")
    return names, lines


def _from_parquet(data: bytes, name: str) -> tuple[tuple[str, ...], list[Line]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        names = _columns([*file.schema_arrow.names], name)
        batches: list[pa.RecordBatch] = []
        left = MOST_UNFOLDED
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            batch.validate(full=True)
            batches.append(batch)
            left -= batch.nbytes
            if left < 0 or len(batches) * _BATCH_ROWS > MOST_ROWS:
                raise InputError(
                    f"{name}: found more than {MOST_ROWS:,} rows or {MOST_UNFOLDED >> 20} MiB, "
                    "expected a list of outcomes"
                )
        table = pa.Table.from_batches(batches, file.schema_arrow)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read as Parquet: {error}") from error
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    lines = [_line(number, names, [*cells]) for number, cells in enumerate(rows, 1)]
    return names, [line for line in lines if line.values]
