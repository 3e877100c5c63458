"""Any Arrow source as one validated table: Parquet, Arrow IPC, CSV, PostgreSQL, or a stream.

In: a path, a `postgresql:` query, or an object with `__arrow_c_stream__`. Out: `pa.Table`, every buffer checked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.csv
import pyarrow.ipc
import pyarrow.parquet

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

POSTGRESQL: Final = "postgresql:"
_MAGIC_LENGTH: Final = 6


@runtime_checkable
class ArrowStream(Protocol):
    """Anything that hands out its rows as an Arrow stream: pyarrow, polars, DuckDB, pandas."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Export the rows as a capsule."""
        ...


Source = str | Path | ArrowStream
"""A file or folder, a `postgresql:` query, or a stream."""


def read_table(source: Source, *, kind: str = "table") -> pa.Table:
    """Read a whole table and validate every buffer of it.

    `source`: a Parquet, Arrow IPC or CSV file; a folder of such parts, read in name order; `postgresql:SELECT …`
    (connected by service file or environment alone); an object with `__arrow_c_stream__`. `kind` is what the table
    is, for messages. Raises InputError naming the source and what was found.
    """
    if isinstance(source, str) and source.startswith(POSTGRESQL):
        name, table = f"the {kind} query", _read_query(source.removeprefix(POSTGRESQL), kind)
    elif isinstance(source, str | Path):
        name, table = f"{kind} {source}", _read_path(Path(source), kind)
    else:
        name, table = kind, _read_stream(source, kind)
    return validated(table, name)


def validated(table: pa.Table, name: str) -> pa.Table:
    """Check every buffer of a table and that no two columns share a name."""
    try:
        table.validate(full=True)
    except (pa.ArrowException, ValueError) as error:
        raise InputError(f"{name}: found a damaged table ({error}), expected valid Arrow data") from error
    names = table.column_names
    if len(set(names)) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        raise InputError(f"{name}: found two columns named {twice!r}, expected each name once")
    return table


def _read_stream(source: Any, kind: str) -> pa.Table:
    if isinstance(source, pa.Table):
        return source
    if not (isinstance(source, ArrowStream) or hasattr(source, "__arrow_c_array__")):
        raise InputError(
            f"{kind}: found {type(source).__name__}, expected a path or an object with __arrow_c_stream__"
        )
    try:
        return pa.table(source)
    except (pa.ArrowException, ValueError, TypeError) as error:
        raise InputError(f"{kind}: the stream of {type(source).__name__} cannot be read: {error}") from error


def _read_path(path: Path, kind: str) -> pa.Table:
    if path.is_dir():
        parts = sorted(part for part in path.iterdir() if part.is_file() and part.name[0] not in "._")
        if not parts:
            raise InputError(f"{kind} {path}: found an empty folder, expected Parquet, Arrow or CSV parts")
        return _together([_read_file(part, kind) for part in parts], parts, kind)
    if not path.exists():
        raise InputError(f"{kind} {path}: found nothing there, expected a file or a folder of parts")
    return _read_file(path, kind)


def _together(tables: list[pa.Table], parts: list[Path], kind: str) -> pa.Table:
    together = tables[0]
    for table, part in zip(tables[1:], parts[1:], strict=True):
        try:
            together = pa.concat_tables([together, table], promote_options="permissive")
        except pa.ArrowException as error:
            raise InputError(
                f"{kind} {part}: its columns do not go with those of the parts before it: {error}"
            ) from error
    return together


def _read_file(path: Path, kind: str) -> pa.Table:
    reader, form = _reader(path, kind)
    try:
        return reader(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{kind} {path}: cannot be read as {form}: {error}") from error


def _reader(path: Path, kind: str) -> tuple[Callable[[Path], pa.Table], str]:
    try:
        with path.open("rb") as file:
            magic = file.read(_MAGIC_LENGTH)
    except OSError as error:
        raise InputError(f"{kind} {path}: cannot be opened: {error.strerror}") from error
    if magic.startswith(b"PAR1"):
        return _read_parquet, "Parquet"
    if magic == b"ARROW1":
        return _read_ipc_file, "an Arrow file"
    if magic.startswith(b"\xff\xff\xff\xff"):
        return _read_ipc_stream, "an Arrow stream"
    if path.suffix.lower() == ".csv":
        return _read_csv, "CSV"
    raise InputError(
        f"{kind} {path}: found neither Parquet nor Arrow content, expected one of these or a name ending in .csv"
    )


def _read_parquet(path: Path) -> pa.Table:
    return pyarrow.parquet.ParquetFile(path).read()


def _read_ipc_file(path: Path) -> pa.Table:
    with pyarrow.ipc.open_file(path) as reader:
        return reader.read_all()


def _read_ipc_stream(path: Path) -> pa.Table:
    with path.open("rb") as file, pyarrow.ipc.open_stream(file) as reader:
        return reader.read_all()


def _read_csv(path: Path) -> pa.Table:
    """Read every column as text: what it means is for decode to say."""
    return pyarrow.csv.read_csv(
        path,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(default_column_type=pa.string()),
    )


def _read_query(query: str, kind: str) -> pa.Table:
    try:
        import adbc_driver_postgresql.dbapi as postgresql
    except ImportError as error:
        raise InputError(
            f"the {kind} query: found no PostgreSQL driver, expected `pip install daatgal[postgres]`"
        ) from error
    try:
        with postgresql.connect("postgresql://") as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table()
    except postgresql.Error as error:
        raise InputError(f"the {kind} query: PostgreSQL says: {error}") from error
