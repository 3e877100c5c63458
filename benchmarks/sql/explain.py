"""What the databases did: Parquet claims, facilities, insured and a book in, EXPLAIN ANALYZE of the heavy steps out.

`python -m benchmarks.sql.explain CLAIMS FACILITIES INSURED BOOK [SECONDS]` writes `explain/duckdb.txt` and
`explain/postgres.txt`, every statement that took longer than SECONDS (1). No kernel lives here.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import adbc_driver_postgresql.dbapi as postgresql
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.sql import duckdb_ledger, postgres_ledger
from benchmarks.sql.steps import sql_files

OUT = Path(__file__).parent / "explain"
WIDTH = 160
Tables = tuple[pa.Table, pa.Table, Path, pa.Table]


def main() -> None:
    claims, facilities, insured, book = (Path(argument) for argument in sys.argv[1:5])
    seconds = float(sys.argv[5]) if len(sys.argv) > 5 else 1.0
    tables = (pq.read_table(claims), pq.read_table(facilities), book, pq.read_table(insured))
    OUT.mkdir(exist_ok=True)
    _write("duckdb", tables[0].num_rows, seconds, _duckdb(tables))
    _write("postgres", tables[0].num_rows, seconds, _postgres(tables))


def _write(name: str, rows: int, seconds: float, plans: Iterator[tuple[str, float, str]]) -> None:
    parts = [f"EXPLAIN ANALYZE, {rows:,} claims: the statements that took over {seconds} s\n"]
    for statement, took, plan in plans:
        if took > seconds:
            parts.append(f"== {statement}: {took:.2f} s\n" + _trimmed(plan))
    (OUT / f"{name}.txt").write_text("\n".join(parts), encoding="utf-8")


def _trimmed(plan: str) -> str:
    return "".join(f"{line[:WIDTH].rstrip()}\n" for line in plan.splitlines() if line.strip())


def _duckdb(tables: Tables) -> Iterator[tuple[str, float, str]]:
    with duckdb.connect(config={"threads": 2}) as connection, tempfile.TemporaryDirectory() as folder:
        connection.execute("SET preserve_insertion_order = false")
        duckdb_ledger.load(connection, *tables)
        profile = Path(folder) / "profile.txt"
        connection.execute("PRAGMA enable_profiling = 'query_tree'")
        connection.execute(f"SET profiling_output = '{profile}'")
        # Definitions leave no profile.
        yield from _each(
            duckdb_ledger.SQL, connection.execute, lambda: profile.read_text() if profile.exists() else ""
        )


def _postgres(tables: Tables) -> Iterator[tuple[str, float, str]]:
    with (
        postgres_ledger.server() as address,
        postgres_ledger.own_database(address) as own,
        postgresql.connect(own, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        postgres_ledger.load(cursor, *tables)
        # Plain results: EXPLAIN cannot be copied out.
        cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
        plan: list[str] = []

        def run(statement: str) -> None:
            plan.clear()
            if re.search(r"^(CREATE UNLOGGED TABLE \w+ AS|INSERT)", statement, re.MULTILINE):
                cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF) {statement}")
                plan.extend(row[0] for row in cursor.fetchall())
            else:
                cursor.executescript(statement)

        yield from _each(postgres_ledger.SQL, run, lambda: "\n".join(plan))


def _each(
    folder: Path, run: Callable[[str], object], plan: Callable[[], str]
) -> Iterator[tuple[str, float, str]]:
    for file in sql_files(folder):
        text = "\n".join(line for line in file.read_text(encoding="utf-8").splitlines() if line[:2] != "--")
        for statement in re.split(r";\n", text + "\n"):
            if statement.strip():
                begin = perf_counter()
                run(statement.strip())
                yield f"{file.stem}: {' '.join(statement.split()[:5])}", perf_counter() - begin, plan()
    begin = perf_counter()
    run(
        "CREATE UNLOGGED TABLE fetched AS SELECT * FROM ledger"
        if folder.name == "postgres"
        else "CREATE TABLE fetched AS FROM ledger"
    )
    yield "ledger: the ledger, kept", perf_counter() - begin, plan()


if __name__ == "__main__":
    main()
