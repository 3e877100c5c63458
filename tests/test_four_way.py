"""Four implementations of one text on awkward claims: no row of the ledger differs in any column."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.equality.batch import Batch, awkward_batches, batch_of_files
from benchmarks.equality.compare import differing
from benchmarks.equality.shrink import smallest
from benchmarks.equality.sides import DUCKDB, ENGINE, ORACLE, POSTGRES, Judged, Side, sides
from benchmarks.four_way import PEERS, Tally, compare, report
from benchmarks.sql.inputs import LEDGER
from tests.adversarial.registers import insured
from tests.adversarial.table import insured_table
from tests.scale import scaled
from tests.sql_engines import SMALL

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared" / "data" / "tuva-lines" / "claims.parquet"
ROWS = 20_000
BATCH_ROWS = 5_000


@pytest.fixture(scope="module")
def by() -> Iterator[dict[str, Side]]:
    with sides(SMALL) as running:
        yield running


def test_awkward_claims(by, tmp_path):
    tally = Tally()
    rows = scaled(ROWS, at_least=200)
    compare(awkward_batches(rows, 11, tmp_path, min(BATCH_ROWS, rows)), by, tally)
    assert tally.ledger_rows > 0.9 * rows
    assert tally.quarantined > 0
    assert tally.differences == 0, "\n".join(report(tally))
    assert set(tally.columns) == {(column, peer) for column in LEDGER for peer in PEERS}


@pytest.mark.skipif(not REAL.exists(), reason="the public data is not on this machine")
def test_real_claims(by):
    tally = Tally()
    compare([batch_of_files(REAL, None, None, ROOT / "data_samples" / "tariffs" / "mn-demo")], by, tally)
    assert (tally.ledger_rows, tally.quarantined) == (5_845, 222)
    assert tally.differences == 0, "\n".join(report(tally))


def doctored(side: Side) -> Side:
    """A side that pays one tögrög more for whatever repeats another claim of its batch."""

    def by_doctored(batch: Batch) -> Judged:
        judged = side(batch)
        repeats = pc.equal(pc.binary_join(judged.ledger["reasons"], "|"), "EXACT_DUPLICATE")
        at = judged.ledger.schema.get_field_index("fund_mnt")
        more = pc.add(judged.ledger["fund_mnt"], repeats.cast(pa.int64()))
        return replace(judged, ledger=judged.ledger.set_column(at, "fund_mnt", more))

    return by_doctored


def test_a_difference_is_found_and_shrunk(by, tmp_path):
    """It takes two claims to show it: the one that is repeated and the one that repeats it."""
    (batch,) = awkward_batches(150, 3, tmp_path)
    batch = replace(batch, insured=insured_table(insured(8, 3)))
    tally = Tally()
    compare([batch], {ENGINE: by[ENGINE], ORACLE: doctored(by[ORACLE])}, tally)
    found = {column for (column, _), rows in tally.columns.items() if rows}
    assert found == {"fund_mnt"}
    assert tally.rows[ORACLE] == tally.columns["fund_mnt", ORACLE] > 0
    (example,) = tally.examples
    assert f"{ENGINE} and {ORACLE} differ on 2 claims" in example
    assert example in list(report(tally))


def test_a_row_too_few_differs_everywhere():
    ledger = pa.table({name: pa.array([None, None], kind or pa.string()) for name, kind in LEDGER.items()})
    marks = differing(Judged(ledger, None), Judged(ledger.slice(1), None))
    assert all(column.all() for column in marks.values())
    assert not any(column.any() for column in differing(Judged(ledger, None), Judged(ledger, None)).values())


def test_an_absent_value_is_not_a_zero():
    ledger = pa.table({name: pa.array([None], kind or pa.string()) for name, kind in LEDGER.items()})
    at = ledger.schema.get_field_index("base_mnt")
    zero = ledger.set_column(at, "base_mnt", pa.array([0]))
    marks = differing(Judged(ledger, None), Judged(zero, None))
    assert [name for name, column in marks.items() if column.any()] == ["base_mnt"]


@pytest.mark.parametrize("needed", [{3}, {0, 19}, {4, 5, 11}, set(range(20))])
def test_the_smallest_set_has_only_what_is_needed(needed):
    assert smallest(list(range(20)), lambda rows: needed <= set(rows)) == sorted(needed)


def test_the_sides_are_four(by):
    assert list(by) == [ENGINE, ORACLE, POSTGRES, DUCKDB]
