"""A CSV file as its lines, whoever saved it.

In: the bytes of a CSV file, UTF-8, with a byte-order mark or without, as spreadsheets write them. Out: each
line's number and its cells by column, without surrounding white space; lines without any value are left out.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from daatgal.tariff.problems import Problems


class Line(NamedTuple):
    """A line: its number in the file, from 1, and its cells by column."""

    number: int
    cells: dict[str, str]


def read_lines(file: str, data: bytes, columns: Sequence[str], problems: Problems) -> list[Line]:
    """The lines of a file with exactly these columns, in any order; what is wrong goes to `problems`."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        problems.add(
            file,
            number,
            f"the byte {data[error.start]:#04x}, which is not UTF-8",
            "a file saved as CSV UTF-8",
        )
        return []
    records = _records(file, text, problems)
    header = next(records, None)
    if header is None:
        problems.add(file, None, "no header line", "the columns " + ", ".join(columns))
        return []
    if not _header_is_right(file, header, columns, problems):
        return []
    return list(_lines(file, header[1], records, problems))


def _records(file: str, text: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = 0
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            problems.add(
                file, reader.line_num, f"a line that is not CSV ({error})", "cells separated by commas"
            )
            return
        if record is None:
            return
        cells = [cell.strip() for cell in record]
        if any(cells):
            yield before + 1, cells
        before = reader.line_num


def _header_is_right(
    file: str, header: tuple[int, list[str]], columns: Sequence[str], problems: Problems
) -> bool:
    number, found = header
    expected = "the columns " + ", ".join(columns)
    if len(found) == 1 and len(columns) > 1 and any(mark in found[0] for mark in ";\t"):
        problems.add(file, number, f"the header {found[0]!r}", f"commas between {expected}")
        return False
    missing = [column for column in columns if column not in found]
    unknown = [column for column in found if column not in columns]
    twice = sorted({column for column in found if column in columns and found.count(column) > 1})
    for what, names in (("no column", missing), ("the unknown column", unknown), ("twice the column", twice)):
        for name in names:
            problems.add(file, number, f"{what} {name!r}", expected)
    return not (missing or unknown or twice)


def _lines(
    file: str, header: list[str], records: Iterator[tuple[int, list[str]]], problems: Problems
) -> Iterator[Line]:
    for number, cells in records:
        if len(cells) == len(header):
            yield Line(number, dict(zip(header, cells, strict=True)))
        else:
            problems.add(file, number, f"{len(cells)} cells", f"{len(header)}, one for each column")
