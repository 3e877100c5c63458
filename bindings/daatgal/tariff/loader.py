"""The strict loader of tariff books.

In: a folder with tariff.toml and CSV tables. Out: a TariffBook, or a TariffError that names file, line, what
was found and what was expected. Nothing is guessed or skipped: a wrong cell would be a wrong payment.
"""

from __future__ import annotations

import hashlib
import tomllib
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from daatgal.errors import TariffError
from daatgal.tariff.book import TariffBook
from daatgal.tariff.cells import CellError
from daatgal.tariff.csv_lines import read_lines
from daatgal.tariff.problems import Problems
from daatgal.tariff.refusals import refuse_contradictions
from daatgal.tariff.tables import PERIOD_COLUMNS, TABLES, RowError, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from daatgal.tariff.csv_lines import Line

HEAD: Final = "tariff.toml"
_TEXT_KEYS: Final = ("name", "title", "jurisdiction", "currency", "timezone", "source")
_KEYS: Final = (*_TEXT_KEYS, "synthetic")


def load_tariff(path: str | PathLike[str]) -> TariffBook:
    """Read the tariff book in the folder `path` whole.

    tariff.toml and care_types.csv must be there. Each other table may be absent or without rows: then nothing
    has a base rate, a group, a price, a copayment or an exemption, every facility is eligible, every rule is
    off. A CSV file of another name is refused, since it can only be a table misspelt.

    Raises:
        TariffError: with every problem found, by file and line (the first 20 of them).
    """
    folder = Path(path)
    files = _read_files(folder)
    problems = Problems(folder)
    head = _head(files[HEAD], problems)
    tables: dict[str, tuple[Any, ...]] = {
        field: tuple(_rows(table, files[table.file], problems)) if table.file in files else ()
        for field, table in TABLES.items()
    }
    problems.refuse()
    fields: dict[str, Any] = {"path": folder, "sha256": _sha256(files), **head, **tables}
    book = TariffBook(**fields)
    refuse_contradictions(book, problems)
    problems.refuse()
    return book


def _read_files(folder: Path) -> dict[str, bytes]:
    known = [HEAD, *(table.file for table in TABLES.values())]
    required = [HEAD, *(table.file for table in TABLES.values() if table.required)]
    if not folder.is_dir():
        raise TariffError(f"no tariff book at {folder}: expected a folder with {HEAD} and CSV tables")
    problems = Problems(folder)
    files: dict[str, bytes] = {}
    try:
        for file in sorted(folder.iterdir()):
            if file.name in known:
                files[file.name] = file.read_bytes()
            # A spreadsheet's lock files begin with one of these two signs.
            elif file.suffix.lower() == ".csv" and file.name[0] not in ".~":
                problems.add(file.name, None, "an unknown table", "one of " + ", ".join(known[1:]))
    except OSError as error:
        raise TariffError(f"the tariff book {folder} cannot be read: {error}") from error
    for name in required:
        if name not in files:
            problems.add(name, None, "no such file", "every tariff book to have it")
    problems.refuse()
    return files


def _sha256(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, data in sorted(files.items()):
        # The length keeps the end of one file from passing for the beginning of the next.
        digest.update(f"{name}\n{len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _head(data: bytes, problems: Problems) -> dict[str, Any]:
    try:
        head = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.add(HEAD, None, f"a file that is not TOML ({error})", "TOML in UTF-8")
        return {}
    keys = "the keys " + ", ".join(_KEYS)
    for key in head.keys() - set(_KEYS):
        problems.add(HEAD, None, f"the unknown key {key!r}", keys)
    for key in _KEYS:
        if key not in head:
            problems.add(HEAD, None, f"no key {key!r}", keys)
    for key in _TEXT_KEYS:
        if key in head and not (isinstance(head[key], str) and head[key].strip()):
            problems.add(HEAD, None, f"{key} = {head[key]!r}", "a text that is not empty")
    if not isinstance(head.get("synthetic", False), bool):
        problems.add(HEAD, None, f"synthetic = {head['synthetic']!r}", "true or false")
    zone = head.get("timezone")
    if isinstance(zone, str) and zone.strip() and not _is_timezone(zone):
        problems.add(HEAD, None, f"timezone = {zone!r}", "a time zone such as Asia/Ulaanbaatar")
    return head


def _is_timezone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        # A machine without the time-zone database cannot tell.
        return not zoneinfo.available_timezones()
    return True


def _rows(table: Table, data: bytes, problems: Problems) -> list[Any]:
    lines = read_lines(table.file, data, tuple(table.columns), problems)
    return [row for line in lines if (row := _row(table, line, problems)) is not None]


def _row(table: Table, line: Line, problems: Problems) -> Any | None:
    values: dict[str, object] = {}
    for column, parse in table.columns.items():
        cell = line.cells[column]
        try:
            values[PERIOD_COLUMNS.get(column, column)] = parse(cell)
        except CellError as error:
            problems.add(table.file, line.number, f"{column} = {cell!r}", str(error))
    if len(values) < len(table.columns):
        return None
    row = table.row(**values, line=line.number)
    if row.valid_from_day > row.valid_to_day:
        found = f"a period from {line.cells['valid_from']} to {line.cells['valid_to']}"
        problems.add(table.file, line.number, found, "valid_from not after valid_to")
        return None
    try:
        return table.finish(row)
    except RowError as error:
        problems.add(table.file, line.number, error.found, error.expected)
        return None
