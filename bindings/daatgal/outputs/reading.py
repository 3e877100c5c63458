"""Tables of a finished run, read back as its manifest lists them.

In: a results folder and its manifest. Out: its parts, found to be what their run wrote, and tables. No kernel lives
here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.outputs.identity import hash_path


def parts_of(manifest: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """The parts that the manifest lists for `table`, in name order; none where the run has no such table."""
    return [part for part in manifest["parts"] if part["path"].startswith(f"{table}/")]


def listed(directory: Path, manifest: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
    """The same of a table that a run must have. Raises InputError where it lists none."""
    parts = parts_of(manifest, table)
    if not parts:
        raise InputError(
            f"{directory}: its manifest lists no {table}; expected the folder of a `daatgal run`"
        )
    return parts


def intact(directory: Path, part: Mapping[str, Any]) -> Path:
    """Where a part is, once its length and its bytes are those of the manifest. Raises InputError."""
    path = directory / part["path"]
    if not path.is_file() or path.stat().st_size != part["bytes"]:
        raise InputError(
            f"{path}: is missing or not as long as its manifest says ({part['bytes']} bytes); "
            "expected the folder as its run left it: `daatgal verify` names what changed"
        )
    if hash_path(path) != part["sha256"]:
        raise InputError(
            f"{path}: its content is not what its manifest says (SHA-256 {part['sha256'][:12]}…); "
            "expected the folder as its run left it: `daatgal verify` names what changed"
        )
    return path


def read_listed(
    directory: Path, manifest: Mapping[str, Any], table: str, columns: Sequence[str] | None = None
) -> pa.Table:
    """One table of a run, or some columns of it. Raises InputError where the manifest lists none."""
    wanted = None if columns is None else list(columns)
    parts = listed(directory, manifest, table)
    return pa.concat_tables([pq.read_table(directory / part["path"], columns=wanted) for part in parts])
