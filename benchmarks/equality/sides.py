"""The four implementations, each a function of a batch: what the rules make of it, in the ledger's columns."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa

import daatgal
from benchmarks.equality.batch import Batch
from benchmarks.sql import duckdb_ledger, inputs, postgres_ledger
from tests import oracle

ENGINE = "engine"
ORACLE = "oracle"
POSTGRES = "PostgreSQL"
DUCKDB = "DuckDB"


@dataclass(frozen=True)
class Judged:
    """A ledger, and the quarantine of a side that reads the rows itself."""

    ledger: pa.Table
    quarantine: list[tuple] | None


Side = Callable[[Batch], Judged]


def by_engine(batch: Batch) -> Judged:
    """The product."""
    settlement = daatgal.settle(
        batch.claims, facilities=batch.facilities, tariff=batch.book, insured=batch.insured
    )
    return Judged(
        inputs.conform(settlement.ledger, inputs.LEDGER), _quarantine(settlement.quarantine.to_pylist())
    )


def by_oracle(batch: Batch) -> Judged:
    """Plain Python."""
    result = oracle.judge(
        batch.claims.to_pylist(),
        facilities=batch.facilities.to_pylist(),
        book=batch.registers.book,
        insured=None if batch.insured is None else batch.insured.to_pylist(),
    )
    kept = batch.accepted.claims.schema
    ids = {"related_claim_id": kept.field("claim_id").type, "case_id": kept.field("claim_id").type}
    kinds = {name: kind or ids.get(name) or kept.field(name).type for name, kind in inputs.LEDGER.items()} | {
        "decision": pa.string()
    }
    table = pa.Table.from_pylist(result.ledger, pa.schema(list(kinds.items())))
    return Judged(inputs.conform(table, inputs.LEDGER), _quarantine(result.quarantine))


def _quarantine(rows: list[dict]) -> list[tuple]:
    return [(row["row"], tuple(row["error_codes"]), tuple(sorted(set(row["error_columns"])))) for row in rows]


def by_duckdb(batch: Batch, threads: int = 2) -> Judged:
    """The SQL on DuckDB."""
    given = batch.accepted
    if given.claims.num_rows == 0:
        return Judged(_no_ledger(), None)
    ledger = duckdb_ledger.ledger(
        given.claims, facilities=given.facilities, book=batch.book, insured=given.insured, threads=threads
    )
    return Judged(ledger, None)


@contextmanager
def sides(settings: postgres_ledger.Settings) -> Iterator[dict[str, Side]]:
    """All four by name, the product first, with a PostgreSQL server that lives until the block ends."""
    with postgres_ledger.server(settings) as address:

        def by_postgres(batch: Batch) -> Judged:
            given = batch.accepted
            if given.claims.num_rows == 0:
                return Judged(_no_ledger(), None)
            ledger = postgres_ledger.run_steps(
                given.claims,
                facilities=given.facilities,
                book=batch.book,
                insured=given.insured,
                address=address,
            )
            return Judged(ledger, None)

        yield {ENGINE: by_engine, ORACLE: by_oracle, POSTGRES: by_postgres, DUCKDB: by_duckdb}


def _no_ledger() -> pa.Table:
    return pa.schema([(name, kind or pa.string()) for name, kind in inputs.LEDGER.items()]).empty_table()
