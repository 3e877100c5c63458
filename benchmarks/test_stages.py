"""The stages of a night, each alone: decode, group and price, settle, ledger, write.

    pytest benchmarks/test_stages.py -o addopts=--import-mode=importlib

Benchmarks, not tests: the suite switches the plug-in off, so its options are left out here. BENCHMARK_ROWS sets the
number of claims, BENCHMARK_CACHE the folder that keeps them.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.data import Registers, accepted_claims, decoded, registers, with_accepted
from benchmarks.pricing import Pricing
from daatgal.decode import Decoded
from daatgal.ledger import ledger_table
from daatgal.outputs.parts import write_parts
from daatgal.settlement import Settled, settle_claims

ROWS = int(os.environ.get("BENCHMARK_ROWS", "200000"))
CACHE = Path(os.environ.get("BENCHMARK_CACHE", Path(tempfile.gettempdir()) / "daatgal-benchmarks"))


class Stages(NamedTuple):
    """What each stage starts from."""

    beside: Registers
    decoded: Decoded
    settled: Settled


@pytest.fixture(scope="module")
def stages() -> Stages:
    data = with_accepted(CACHE, ROWS)
    beside = registers(data)
    found = decoded(accepted_claims(data), beside)
    return Stages(beside, found, settle_claims(found, beside.facilities, beside.book))


def test_decode(benchmark: BenchmarkFixture, stages: Stages) -> None:
    claims = stages.decoded.table
    found = benchmark(decoded, claims, stages.beside)
    assert found.columns.message.size == claims.num_rows


def test_group_and_price(benchmark: BenchmarkFixture, stages: Stages) -> None:
    pricing = Pricing(stages.decoded, stages.beside)
    prices = benchmark(pricing.all)
    assert (prices.gross_mnt == stages.settled.claims.gross_mnt).all()


def test_settle(benchmark: BenchmarkFixture, stages: Stages) -> None:
    settled = benchmark(settle_claims, stages.decoded, stages.beside.facilities, stages.beside.book)
    assert (settled.claims.fund_mnt == stages.settled.claims.fund_mnt).all()


def test_ledger(benchmark: BenchmarkFixture, stages: Stages) -> None:
    ledger = benchmark(ledger_table, stages.decoded, stages.settled, stages.beside.book)
    assert ledger.num_rows == stages.decoded.table.num_rows


def test_write(benchmark: BenchmarkFixture, stages: Stages, tmp_path: Path) -> None:
    from contextlib import nullcontext

    ledger = ledger_table(stages.decoded, stages.settled, stages.beside.book)
    folder = tmp_path / "ledger"

    def write() -> int:
        parts = write_parts(folder, ledger.to_reader(), nullcontext, lambda _: None)
        return sum(part.rows for part in parts)

    rows = benchmark.pedantic(write, setup=lambda: shutil.rmtree(folder, ignore_errors=True), rounds=5)
    assert rows == ledger.num_rows
