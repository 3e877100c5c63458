"""The SQL implementations under test, each a function of claims, facilities, book and insured."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from benchmarks.sql import duckdb_ledger, postgres_ledger

SMALL = postgres_ledger.Settings(shared_buffers="64MB", work_mem="16MB", threads=1)
ENGINES = ("duckdb", "postgres")


class Engine(Protocol):
    """A SQL implementation of the ledger."""

    def __call__(
        self, claims: pa.Table, *, facilities: pa.Table, book: Path, insured: pa.Table | None = None
    ) -> pa.Table: ...


@contextmanager
def engine(name: str) -> Iterator[Engine]:
    """The implementation of that name, with a small server of its own where it needs one."""
    if name == "duckdb":

        def by_duckdb(
            claims: pa.Table, *, facilities: pa.Table, book: Path, insured: pa.Table | None = None
        ) -> pa.Table:
            return duckdb_ledger.ledger(claims, facilities=facilities, book=book, insured=insured, threads=1)

        yield by_duckdb
        return
    with postgres_ledger.server(SMALL) as address:

        def by_postgres(
            claims: pa.Table, *, facilities: pa.Table, book: Path, insured: pa.Table | None = None
        ) -> pa.Table:
            return postgres_ledger.run_steps(
                claims, facilities=facilities, book=book, insured=insured, address=address
            )

        yield by_postgres
