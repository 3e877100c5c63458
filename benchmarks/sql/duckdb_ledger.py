"""The ledger by DuckDB: accepted claims and a tariff book in, the contract's ledger columns out.

The rules are the SQL files of `duckdb/`; this module only hands tables over and takes the time of each step. No kernel
lives here.
"""

from pathlib import Path

import duckdb
import pyarrow as pa

from benchmarks.sql import inputs
from benchmarks.sql.steps import OnStep, sql_files, step

SQL = Path(__file__).parent / "duckdb"


def ledger(
    claims: pa.Table,
    *,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None = None,
    threads: int = 2,
) -> pa.Table:
    """The ledger of `claims` (rows that decode accepted), in input order. See `run_steps`."""
    return run_steps(claims, facilities=facilities, book=book, insured=insured, threads=threads)


def run_steps(
    claims: pa.Table,
    *,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None = None,
    threads: int = 2,
    memory_limit: str = "16GB",
    on_step: OnStep | None = None,
) -> pa.Table:
    """The ledger, and for each step `on_step(name, seconds)`: `load`, each SQL file by its stem, `fetch`.

    claims: the contract's columns, ids string or int64, times timestamp[s]; rows already through quarantine, malformed
    values that are not essential already null and said so in a bool column `ignored_value`; facilities, insured: the
    contract's columns; book: the folder of a tariff book. Raises duckdb.OutOfRangeException or ConversionException
    where an amount leaves int64, ValueError where a claim was none of the accepted rows.
    """
    with duckdb.connect(config={"threads": threads, "memory_limit": memory_limit}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        with step("load", on_step):
            load(connection, claims, facilities, book, insured)
        for file in sql_files(SQL):
            with step(file.stem, on_step):
                connection.execute(file.read_text(encoding="utf-8"))
        with step("fetch", on_step):
            result = connection.sql("FROM ledger").to_arrow_table()
    return inputs.as_ledger(result, claims.num_rows)


def load(
    connection: duckdb.DuckDBPyConnection,
    claims: pa.Table,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None,
) -> None:
    """Registers the inputs by name; DuckDB reads the Arrow buffers where they are."""
    name, tables = inputs.read_book(book)
    conformed = inputs.conform_claims(claims)
    connection.register("claims", conformed)
    connection.register("facilities", inputs.conform(facilities, inputs.FACILITIES))
    connection.register("insured", inputs.conform_insured(insured, conformed))
    for table, cells in tables.items():
        connection.register(f"book_{table}", cells)
    connection.execute(
        "CREATE TABLE run AS SELECT CAST(? AS VARCHAR) AS tariff, CAST(? AS BOOLEAN) AS has_insured",
        [name, insured is not None],
    )
