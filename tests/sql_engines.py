"""The SQL implementations under test, each a function of claims, facilities, book and insured."""

from pathlib import Path
from typing import Protocol

import pyarrow as pa

from benchmarks.sql import duckdb_ledger


class Engine(Protocol):
    """A SQL implementation of the ledger."""

    def __call__(
        self, claims: pa.Table, *, facilities: pa.Table, book: Path, insured: pa.Table | None = None
    ) -> pa.Table: ...


def _duckdb(
    claims: pa.Table, *, facilities: pa.Table, book: Path, insured: pa.Table | None = None
) -> pa.Table:
    return duckdb_ledger.ledger(claims, facilities=facilities, book=book, insured=insured, threads=1)


ENGINES: dict[str, Engine] = {"duckdb": _duckdb}
