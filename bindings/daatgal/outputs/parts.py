"""Parquet parts: one table of a run, written in row groups of a fixed size whatever the chunks it came in.

In: Arrow batches. Out: ``part-00000.parquet`` and so on, each hashed as its bytes pass, flushed to the disk, and read
back by its footer. No kernel lives here.
"""

import contextlib
import hashlib
import io
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import OutputError

ROW_GROUP_ROWS = 1 << 18
SOUGHT_GROUP_ROWS = 1 << 15
"""Row groups of the tables in which later nights look for a few people, and hold no more of it in memory at a time."""
SOUGHT = {"state": "person_hash", "ids": "claim_hash"}
"""Those tables, and the column by which they look. Others need no statistics: of text they cost as much as writing."""
PART = "part"
PART_ROWS = 1 << 22
BUFFER_BYTES = 1 << 20
COMPRESSION = "zstd"
COMPRESSION_LEVEL = 1
NEARLY_DISTINCT = (
    "claim_id", "insured_id", "replaces_claim_id", "related_claim_id", "case_id",
    "outcome_related_claim_id", "outcome_case_id", "order_no", "start_at", "end_at", "submitted_at",
    "birth_date", "known_birth_date", "person_hash", "claim_hash",
)  # fmt: skip
"""Columns for which Parquet would build a dictionary only to give it up: plain is faster to write and to read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One Parquet file of a run; `path` is relative to the results folder, with forward slashes."""

    path: str
    rows: int
    bytes: int
    sha256: str


class HashedFile(io.RawIOBase):
    """A file for writing that knows the length and hash of what has passed."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        self._digest = hashlib.sha256()
        self.length = 0

    def writable(self) -> bool:
        """Pyarrow asks."""
        return True

    def write(self, data: Any, /) -> int:
        """Write all of `data`, in as many steps as the system takes."""
        view = memoryview(data).cast("B")
        written = 0
        while written < len(view):
            written += os.write(self._descriptor, view[written:])
        self._digest.update(view)
        self.length += written
        return written

    def sync(self) -> None:
        """Have the system put every byte on the disk."""
        os.fsync(self._descriptor)

    def sha256(self) -> str:
        """The hash of all bytes so far."""
        return self._digest.hexdigest()

    def close(self) -> None:
        """Close once; pyarrow and the caller may both ask."""
        if not self.closed:
            super().close()
            os.close(self._descriptor)


def write_parts(
    folder: Path,
    reader: pa.RecordBatchReader,
    disk: Callable[[], Any],
    seen: Callable[[pa.Table], None],
    named: str = PART,
) -> list[Part]:
    """Write one table into `folder`; `seen` is given every row group, `disk()` wraps all that writes.

    `named` is what the names of the files begin with. An empty table is one part without rows, so that its schema is
    there. Raises OutputError where a footer read back does not say what was written.
    """
    with disk():
        folder.mkdir(exist_ok=True)
    parts: list[Part] = []
    group_rows = SOUGHT_GROUP_ROWS if folder.name in SOUGHT else ROW_GROUP_ROWS
    groups = _row_groups(reader)
    group = next(groups)
    while group is not None:
        path = folder / f"{named}-{len(parts):05d}.parquet"
        with _part_writer(path, reader.schema, disk) as (file, writer):
            rows = 0
            while group is not None and rows < PART_ROWS:
                seen(group)
                with disk():
                    writer.write_table(group, row_group_size=group_rows)
                rows += group.num_rows
                group = next(groups, None)
        _check_footer(path, rows, reader.schema)
        parts.append(Part(f"{folder.name}/{path.name}", rows, file.length, file.sha256()))
    return parts


@contextlib.contextmanager
def _part_writer(
    path: Path, schema: pa.Schema, disk: Callable[[], Any]
) -> Generator[tuple[HashedFile, pq.ParquetWriter]]:
    table = path.parent.name
    with disk():
        file = HashedFile(path)
    try:
        sink = pa.BufferedOutputStream(pa.PythonFile(file, "w"), BUFFER_BYTES)
        writer = pq.ParquetWriter(
            sink,
            schema,
            compression=COMPRESSION,
            compression_level=COMPRESSION_LEVEL,
            use_dictionary=cast("Any", _dictionary_columns(schema)),
            write_statistics=cast("Any", [SOUGHT[table]] if table in SOUGHT else True),
        )
        try:
            yield file, writer
            with disk():
                writer.close()
                sink.flush()
                file.sync()
        except BaseException:
            # The file is thrown away: the footer that closing writes may fail like the rows before it.
            with contextlib.suppress(OSError):
                writer.close()
            raise
        finally:
            with contextlib.suppress(OSError):
                sink.close()
    finally:
        file.close()


def _row_groups(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The reader's rows in tables of ROW_GROUP_ROWS, the last one shorter; at least one table."""
    pending: list[pa.RecordBatch] = []
    rows = 0
    first = True
    for batch in reader:
        rest = batch
        while rows + rest.num_rows >= ROW_GROUP_ROWS:
            taken = ROW_GROUP_ROWS - rows
            yield _joined([*pending, rest.slice(0, taken)], reader.schema)
            first, pending, rows, rest = False, [], 0, rest.slice(taken)
        if rest.num_rows:
            pending.append(rest)
            rows += rest.num_rows
    if rows or first:
        yield _joined(pending, reader.schema)


def _joined(batches: list[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(batches, schema).combine_chunks()


def _dictionary_columns(schema: pa.Schema) -> list[str]:
    return [
        f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name
        for field in schema
        if field.name not in NEARLY_DISTINCT
    ]


def _check_footer(path: Path, rows: int, schema: pa.Schema) -> None:
    footer = pq.read_metadata(path)
    names = pq.read_schema(path).names
    if footer.num_rows != rows or names != schema.names:
        message = (
            f"{path.parent.name}/{path.name}: {rows} rows of {schema.names} were written, "
            f"and {footer.num_rows} of {names} were read back"
        )
        raise OutputError(message)
