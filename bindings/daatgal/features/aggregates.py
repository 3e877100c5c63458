"""Statistics of history that add up: counts by key, of months, buckets or machines in any order.

In: counts. Out: `Aggregates`, a folder of Parquet tables with their hashes, and the same read back. Every statistic is
a table of distinct keys in their order with whole numbers beside them, so a sum over any parts in any order is the
same table, byte for byte. Amounts are kept in two parts, of which the sums fit: `high` counts 2**32 tögrög.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.outputs.commit import sync_folder, write_synced
from daatgal.outputs.identity import hash_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

_Made = TypeVar("_Made")

VERSION: Final = "1"
"""Changes when a count changes its meaning: aggregates of another version are not read."""
MANIFEST: Final = "aggregates.json"

_TEXT, _COUNT, _SMALL = pa.string(), pa.int64(), pa.int8()
TABLES: Final[Mapping[str, pa.Schema]] = {
    "peers": pa.schema(
        [
            ("measure", _TEXT),
            ("care_type", _TEXT),
            ("group", _TEXT),
            ("level", _SMALL),
            ("region", _TEXT),
            ("bin", pa.int32()),
            ("claims", _COUNT),
        ]
    ),
    "diagnoses": pa.schema([("icd10", _TEXT), ("claims", _COUNT)]),
    "diagnosis_procedures": pa.schema([("icd10", _TEXT), ("procedure", _TEXT), ("claims", _COUNT)]),
    "diagnosis_people": pa.schema(
        [("icd10", _TEXT), ("age_band", _SMALL), ("sex", _SMALL), ("claims", _COUNT)]
    ),
    "facility_groups": pa.schema([("facility_id", _TEXT), ("group", _TEXT), ("claims", _COUNT)]),
    "facility_days": pa.schema([("facility_id", _TEXT), ("day", pa.date32()), ("claims", _COUNT)]),
    "facility_money": pa.schema(
        [
            ("facility_id", _TEXT),
            ("claims", _COUNT),
            ("gross_high", _COUNT),
            ("gross_low_mnt", _COUNT),
            ("denied_high", _COUNT),
            ("denied_low_mnt", _COUNT),
        ]
    ),
    "families": pa.schema(
        [
            ("family", _TEXT),
            ("level", _SMALL),
            ("facility_id", _TEXT),
            ("bin", pa.int32()),
            ("claims", _COUNT),
        ]
    ),
}
"""Each statistic: its keys, then its counts, which are of int64."""


def _keys(schema: pa.Schema) -> list[str]:
    return [field.name for field in schema if field.type != _COUNT]


def added_up(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """One row a key, in the order of the keys, with the sums of the counts; a key without any count is dropped."""
    keys = _keys(schema)
    counts = [name for name in schema.names if name not in keys]
    grouped = table.group_by(keys).aggregate([(name, "sum") for name in counts])
    summed = pa.table({name: grouped[name if name in keys else f"{name}_sum"] for name in schema.names})
    ordered = summed.sort_by([(name, "ascending") for name in keys]).cast(schema)
    return ordered.filter(pc.not_equal(ordered["claims"], 0)).combine_chunks()


@dataclass(frozen=True)
class Aggregates:
    """What the history says of claims like this one."""

    tables: Mapping[str, pa.Table]
    """as `TABLES` has them"""
    version: str = VERSION
    _made: dict[Any, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    def once(self, make: Callable[..., _Made], *arguments: str) -> _Made:
        """`make(self, *arguments)`, made at its first call and kept: the tables never change."""
        key = (make, arguments)
        if key not in self._made:
            self._made[key] = make(self, *arguments)
        return self._made[key]

    @classmethod
    def empty(cls) -> Aggregates:
        """A history without claims."""
        return cls({name: schema.empty_table() for name, schema in TABLES.items()})

    def merge(self, others: Iterable[Aggregates]) -> Aggregates:
        """The aggregates of the claims of all: the same for every order and way of cutting."""
        together = [self, *others]
        tables = {
            name: added_up(pa.concat_tables([part.tables[name] for part in together]), schema)
            for name, schema in TABLES.items()
        }
        return Aggregates(tables)

    def save(self, folder: Path) -> str:
        """Write the folder, whole or not at all; returns the SHA-256 of what it holds.

        Raises FileExistsError where the folder is there already.
        """
        if folder.exists():
            raise FileExistsError(f"{folder}: is there already, expected a new folder for aggregates")
        unfinished = folder.with_name(f".{folder.name}.{os.getpid()}")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        parts: dict[str, str] = {}
        for name, table in self.tables.items():
            sink = pa.BufferOutputStream()
            pq.write_table(table, sink, compression="zstd")
            written = sink.getvalue().to_pybytes()
            write_synced(unfinished / f"{name}.parquet", written)
            parts[name] = hashlib.sha256(written).hexdigest()
        manifest = json.dumps({"version": self.version, "tables": parts}, indent=1).encode()
        seal = hashlib.sha256(manifest).hexdigest()
        write_synced(unfinished / MANIFEST, manifest + b"\n" + seal.encode() + b"\n")
        sync_folder(unfinished)
        unfinished.rename(folder)
        sync_folder(folder.parent)
        return seal

    @classmethod
    def load(cls, folder: Path, sha256: str | None = None) -> Aggregates:
        """Read a folder back.

        Raises InputError where a byte of it changed, it is of another version, or its hash is not `sha256`.
        """
        manifest = _sealed(folder / MANIFEST, sha256)
        if manifest["version"] != VERSION:
            raise InputError(
                f"{folder}: found aggregates of version {manifest['version']!r}, expected {VERSION!r}: "
                "collect them again"
            )
        tables: dict[str, pa.Table] = {}
        for name, schema in TABLES.items():
            path = folder / f"{name}.parquet"
            if not path.is_file() or hash_path(path) != manifest["tables"].get(name):
                raise InputError(
                    f"{path}: is missing or not as it was written; expected the bytes of {MANIFEST}"
                )
            tables[name] = pq.read_table(path).cast(schema)
        return cls(tables)


def _sealed(path: Path, expected: str | None) -> dict[str, Any]:
    if not path.is_file():
        raise InputError(f"{path.parent}: found no {MANIFEST}, expected a folder of aggregates")
    manifest, _, seal = path.read_bytes().removesuffix(b"\n").rpartition(b"\n")
    found = hashlib.sha256(manifest).hexdigest()
    if found.encode() != seal or (expected is not None and expected != found):
        raise InputError(
            f"{path}: found SHA-256 {found}, expected {expected or seal.decode(errors='replace')}: "
            "it is not as it was written"
        )
    return json.loads(manifest)
