"""Programs that the night is compared with, each in a process of its own.

python -m benchmarks.bare files DATA NIGHT     reads the night's inputs and writes its tables again; seconds as JSON
python -m benchmarks.bare duckdb DATA OUT      accepted claims to a ledger, both Parquet, by DuckDB
"""

import json
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.data import BOOK, Data
from benchmarks.pairs import seconds
from daatgal.outputs.parts import COMPRESSION, COMPRESSION_LEVEL, NEARLY_DISTINCT, ROW_GROUP_ROWS

TABLES = ("ledger", "quarantine", "adjustments", "summary", "state", "ids")


def main() -> None:
    what, folder, other = sys.argv[1:]
    data = Data(Path(folder), 0)
    if what == "files":
        _files(data, Path(other))
    else:
        _duckdb(data, Path(other))


def _files(data: Data, night: Path) -> None:
    took = {
        "reading": seconds(
            lambda: [pq.read_table(path) for path in (data.claims, data.facilities, data.insured)]
        )
    }
    took["writing"] = 0.0
    with tempfile.TemporaryDirectory(dir=night.parent) as out:
        for name in TABLES:
            table = pq.read_table(night / name)
            took["writing"] += seconds(
                lambda table=table, name=name: _write(table, Path(out) / f"{name}.parquet")
            )
            del table
    print(json.dumps(took | {"all": sum(took.values())}))


def _write(table: pa.Table, path: Path) -> None:
    pq.write_table(
        table,
        path,
        row_group_size=ROW_GROUP_ROWS,
        compression=COMPRESSION,
        compression_level=COMPRESSION_LEVEL,
        use_dictionary=[name for name in _leaves(table.schema) if name not in NEARLY_DISTINCT],
    )


def _leaves(schema: pa.Schema) -> list[str]:
    return [f"{field.name}.list.element" if pa.types.is_list(field.type) else field.name for field in schema]


def _duckdb(data: Data, out: Path) -> None:
    from benchmarks.sql import duckdb_ledger

    ledger = duckdb_ledger.ledger(
        pq.read_table(data.accepted),
        facilities=pq.read_table(data.facilities),
        book=BOOK,
        insured=pq.read_table(data.insured),
    )
    pq.write_table(ledger, out, compression=COMPRESSION, compression_level=COMPRESSION_LEVEL)


if __name__ == "__main__":
    main()
