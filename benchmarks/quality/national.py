"""Generated national data: clean months to learn from, and the last month with one kind of anomaly in it.

In: how many claims in how many months, a seed. Out: claims, registers and the truth.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

import daatgal
from benchmarks.quality.kinds import KINDS
from daatgal.generate import Rates, generate, stream

BOOK = Path(__file__).parents[2] / "data_samples" / "tariffs" / "mn-demo"
MONTHS = 6


class Nights(NamedTuple):
    """A clean history, and nights that differ by what was put into them."""

    history: pa.Table
    registers: dict[str, Any]
    insured: pa.Table | None
    nights: Iterator[tuple[str, pa.Table, list[str]]]
    """kind, claims, ids of the injected ones"""


def national(claims: int, seed: int, rate: float) -> Nights:
    """MONTHS months of `claims` claims with their ordinary faults; `rate` of the last month's claims are of a kind."""
    book = daatgal.load_tariff(BOOK)
    draw = partial(generate, claims, seed=seed, book=book, months=MONTHS)
    clean = draw(anomalies=False)
    months = _by_month(claims, seed, book, Rates().without_anomalies())
    return Nights(
        pa.concat_tables(table for table, _ in months[:-1]),
        {"facilities": clean.facilities, "tariff": book},
        clean.insured,
        (_night(claims, seed, book, kind.name, rate) for kind in KINDS),
    )


def _night(
    claims: int, seed: int, book: daatgal.TariffBook, kind: str, rate: float
) -> tuple[str, pa.Table, list[str]]:
    rates = Rates(**(vars(Rates().without_anomalies()) | {kind: rate}))
    table, truth = _by_month(claims, seed, book, rates)[-1]
    return kind, table, truth.filter(pc.equal(truth["kind"], kind))["claim_id"].to_pylist()


def _by_month(
    claims: int, seed: int, book: daatgal.TariffBook, rates: Rates
) -> list[tuple[pa.Table, pa.Table]]:
    """Claims and truth of each month."""
    found = list(stream(claims, seed=seed, book=book, months=MONTHS, rates=rates))
    blocks = len(found) // MONTHS
    return [
        tuple(
            pa.Table.from_batches([getattr(piece, name) for piece in found[begin : begin + blocks]])
            for name in ("claims", "truth")
        )
        for begin in range(0, len(found), blocks)
    ]
