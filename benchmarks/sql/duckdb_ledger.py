"""The ledger by DuckDB: accepted claims and a tariff book in, the contract's ledger columns out.

The rules are the SQL files of `duckdb/`, run in name order with the phases between pricing and the ledger; this module
only hands tables over and takes the time of each step. No kernel lives here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import duckdb
import pyarrow as pa

from benchmarks.sql import inputs

SQL = Path(__file__).parent / "duckdb"
OnStep = Callable[[str, float], None]


def ledger(
    claims: pa.Table,
    *,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None = None,
    threads: int = 2,
    memory_limit: str = "16GB",
) -> pa.Table:
    """The ledger of `claims` (rows that decode accepted), in input order. See `run_steps`."""
    return run_steps(
        claims, facilities=facilities, book=book, insured=insured, threads=threads, memory_limit=memory_limit
    )


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
    contract's columns; book: the folder of a tariff book. Raises duckdb.OutOfRangeException where an
    amount leaves int64.
    """
    report = on_step if on_step is not None else _ignore
    with duckdb.connect(config={"threads": threads, "memory_limit": memory_limit}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        with _step("load", report):
            _load(connection, claims, facilities, book, insured)
        for file in sql_files(SQL):
            with _step(file.stem, report):
                connection.execute(file.read_text(encoding="utf-8"))
        with _step("fetch", report):
            result = connection.sql("FROM ledger").to_arrow_table()
    if result.num_rows != claims.num_rows:
        raise ValueError(
            f"{result.num_rows} ledger rows for {claims.num_rows} claims, expected all accepted rows"
        )
    return inputs.as_ledger(result)


def sql_files(folder: Path) -> list[Path]:
    """The SQL files of `folder` in the order they run: numbered steps, phases, the ledger."""
    steps = sorted(folder.glob("0*.sql"))
    return [*steps, *sorted(folder.glob("phase_*.sql")), folder / "ledger.sql"]


@contextmanager
def _step(name: str, report: OnStep) -> Iterator[None]:
    begin = perf_counter()
    yield
    report(name, perf_counter() - begin)


def _ignore(_name: str, _seconds: float) -> None:
    return


def _load(
    connection: duckdb.DuckDBPyConnection,
    claims: pa.Table,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None,
) -> None:
    name, tables = inputs.read_book(book)
    conformed = inputs.conform_claims(claims)
    insured_id = conformed.schema.field("insured_id").type
    people = insured if insured is not None else pa.table({"insured_id": pa.array([], insured_id)})
    connection.register("claims", conformed)
    connection.register("facilities", inputs.conform(facilities, inputs.FACILITIES))
    connection.register("insured", inputs.conform(people, inputs.INSURED, insured_id))
    for table, cells in tables.items():
        connection.register(f"book_{table}", cells)
    connection.execute(
        "CREATE TABLE run AS SELECT CAST(? AS VARCHAR) AS tariff, CAST(? AS BOOLEAN) AS has_insured",
        [name, insured is not None],
    )
