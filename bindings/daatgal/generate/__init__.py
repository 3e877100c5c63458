"""`daatgal generate`: a seeded synthetic national batch of any size, and the truth of what was put into it.

In flow a number of claims, a seed, months and a tariff book; out flow `claims`, `facilities` and `insured` as the
contract has them, and `truth`. Nothing in them is real.

The rows are a function of the parameters alone: not of chunk sizes, threads or the machine. They are made in pieces,
a block of 65,536 claims of 131,072 insured in one month; every full piece of a small batch is also a piece of a larger
one, and the first months of a batch are those of a longer one with as many claims a month.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa

from daatgal.generate.encode import claims_schema
from daatgal.generate.facilities import facilities_table
from daatgal.generate.files import all_people, write_plan
from daatgal.generate.people import insured_schema, insured_tables
from daatgal.generate.pieces import PieceOut, pieces, truth_schema
from daatgal.generate.plan import Plan
from daatgal.generate.rates import ANOMALIES, FAULTS, Rates
from daatgal.tariff import TariffBook, load_tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from os import PathLike

__all__ = ["ANOMALIES", "FAULTS", "Batch", "Rates", "generate", "stream", "write_batch"]


class Batch(NamedTuple):
    """A synthetic batch in memory."""

    claims: pa.Table
    facilities: pa.Table
    insured: pa.Table
    truth: pa.Table
    """claim_id, kind, related_claim_id: one row for each fault or anomaly of a claim"""


def generate(
    claims: int,
    *,
    seed: int,
    book: TariffBook | str | PathLike[str],
    first_month: str = "2019-01",
    months: int = 1,
    ids: str = "string",
    anomalies: bool = True,
    rates: Rates | None = None,
) -> Batch:
    """A batch of exactly `claims` rows from `months` months of service, in memory.

    `ids`: "string" or "int64". `anomalies=False` leaves out what an anomaly score should find, and keeps the faults.
    Raises InputError for a parameter out of its range, TariffError for a book that cannot be read.
    """
    plan = _plan(claims, seed, book, first_month, months, ids, anomalies, rates)
    found = list(pieces(plan))
    insured = insured_tables(all_people(plan), plan.seed, plan.id_type, plan.book.exemption_categories)
    return Batch(
        claims=pa.Table.from_batches([piece.claims for piece in found], schema=claims_schema(ids)),
        facilities=facilities_table(plan.seed, plan.blocks, plan.first_day),
        insured=pa.concat_tables([insured_schema(ids).empty_table(), *insured]),
        truth=pa.Table.from_batches([piece.truth for piece in found], schema=truth_schema(ids)),
    )


def stream(
    claims: int,
    *,
    seed: int,
    book: TariffBook | str | PathLike[str],
    first_month: str = "2019-01",
    months: int = 1,
    ids: str = "string",
    anomalies: bool = True,
    rates: Rates | None = None,
) -> Iterator[PieceOut]:
    """The claims and the truth of `generate`, a piece of at most 65,536 rows at a time."""
    return pieces(_plan(claims, seed, book, first_month, months, ids, anomalies, rates))


def write_batch(
    out: Path,
    claims: int,
    seed: int,
    tariff: Path,
    first_month: str,
    months: int,
    ids: str,
    anomalies: bool,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write a batch into the folder `out`, in parts, with memory that does not grow.

    Files: claims/part-00000.parquet …, facilities.parquet, insured.parquet, truth.parquet and generate.json (the
    parameters). `progress` is told the claims written so far and the claims in all.
    """
    write_plan(_plan(claims, seed, tariff, first_month, months, ids, anomalies, None), Path(out), progress)


def _plan(
    claims: int,
    seed: int,
    book: TariffBook | str | PathLike[str],
    first_month: str,
    months: int,
    ids: str,
    anomalies: bool,
    rates: Rates | None,
) -> Plan:
    loaded = book if isinstance(book, TariffBook) else load_tariff(book)
    asked = rates or Rates()
    return Plan(
        claims, seed, loaded, first_month, months, ids, asked if anomalies else asked.without_anomalies()
    )
