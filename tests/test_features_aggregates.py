"""Statistics add up exactly, in any order and cut anyhow; a folder whose bytes changed is refused."""

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal import load_tariff
from daatgal.errors import InputError
from daatgal.features import Aggregates, collect, standing_state
from daatgal.features.aggregates import MANIFEST, TABLES
from daatgal.nights.keep import write_state
from daatgal.outputs import RunIdentity, open_run
from daatgal_engine.features.bins import bins_of, middles
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.feature_nights import chain, registers
from tests.feature_oracle.statistics import bin_of, middle
from tests.scale import scaled

pytestmark = pytest.mark.kernels


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    book = load_tariff(write_adversarial_book(Path(tmp_path_factory.mktemp("books")) / "0", 0))
    nights = split_into_nights(claims(scaled(300, at_least=60), 31, people=12), 3, 3)
    return chain(nights, registers(book, 12, 31))


@pytest.fixture(scope="module")
def state(made):
    return pa.concat_tables(standing_state(made.settlements)).combine_chunks()


@pytest.fixture(scope="module")
def aggregates(made, state):
    return collect([state], made.facilities)


def assert_same(left: Aggregates, right: Aggregates) -> None:
    for name in TABLES:
        assert left.tables[name].equals(right.tables[name]), name


@settings(max_examples=scaled(25))
@given(data=st.data())
def test_any_parts_in_any_order_add_up_to_one_pass(made, state, aggregates, data):
    parts = data.draw(st.integers(1, 6))
    part = np.array(
        data.draw(st.lists(st.integers(0, parts - 1), min_size=state.num_rows, max_size=state.num_rows))
    )
    tables = [state.filter(pa.array(part == one)) for one in range(parts)]
    # Cases are looked up within a part; counts of single claims need none.
    counted = [collect([table], made.facilities) for table in data.draw(st.permutations(tables))]
    cut = data.draw(st.integers(0, parts))
    assert_same(
        Aggregates.empty().merge([Aggregates.empty().merge(counted[:cut]), *counted[cut:]]), aggregates
    )


def test_ranges_of_people_add_up(made, aggregates):
    for range_rows in (5, 40, 10**6):
        assert_same(collect(standing_state(made.settlements, range_rows), made.facilities), aggregates)


def test_a_history_in_folders_is_the_history_in_memory(made, tmp_path, aggregates):
    folders, before = [], None
    for number, settlement in enumerate(made.settlements):
        folder = tmp_path / str(number)
        with open_run(folder, RunIdentity((), "book", str(number), {}, previous_run=before)) as run:
            write_state(run, settlement.state)
            for name in ("ledger", "quarantine", "adjustments", "summary", "ids"):
                run.write_table(name, getattr(settlement, name))
            rows = settlement.ledger.num_rows + settlement.quarantine.num_rows
            totals = {"adjustments": settlement.adjustments.num_rows, "as_of": settlement.as_of.isoformat()}
            manifest = run.finish(
                input_rows={"claims": rows}, timings={}, withheld=False, control_totals=totals
            )
        before = manifest["run_hash"]
        folders.append(folder)
    assert_same(collect(standing_state(folders, 50), made.facilities), aggregates)


def test_every_standing_claim_counts_once(state, aggregates):
    standing = sum(decision != "voided" for decision in state["outcome_decision"].to_pylist())
    for name in ("diagnoses", "diagnosis_people", "facility_groups", "facility_days"):
        assert sum(aggregates.tables[name]["claims"].to_pylist()) == standing


def test_a_folder_is_read_back(aggregates, tmp_path):
    seal = aggregates.save(tmp_path / "one")
    assert aggregates.merge([]).save(tmp_path / "two") == seal
    assert_same(Aggregates.load(tmp_path / "one", seal), aggregates)
    assert_same(Aggregates.load(tmp_path / "one"), aggregates)
    with pytest.raises(FileExistsError, match="new folder"):
        aggregates.save(tmp_path / "one")
    with pytest.raises(InputError, match="not as it was written"):
        Aggregates.load(tmp_path / "one", "0" * 64)
    with pytest.raises(InputError, match=f"no {MANIFEST}"):
        Aggregates.load(tmp_path)


@pytest.mark.parametrize("name", [MANIFEST, *(f"{name}.parquet" for name in TABLES)])
def test_a_changed_byte_is_refused(aggregates, tmp_path, name):
    aggregates.save(tmp_path / "kept")
    path = tmp_path / "kept" / name
    written = path.read_bytes()
    rng = random.Random(name)
    for _ in range(3):
        place = rng.randrange(len(written))
        path.write_bytes(
            written[:place] + bytes([written[place] ^ 1 << rng.randrange(8)]) + written[place + 1 :]
        )
        with pytest.raises(InputError, match="as it was written"):
            Aggregates.load(tmp_path / "kept")
    path.unlink()
    with pytest.raises(InputError, match="expected"):
        Aggregates.load(tmp_path / "kept")


def test_another_version_is_refused(aggregates, tmp_path):
    Aggregates(aggregates.tables, version="0").save(tmp_path / "old")
    with pytest.raises(InputError, match="version '0', expected '1'"):
        Aggregates.load(tmp_path / "old")


def test_an_unknown_facility_is_named(made, state):
    strange = state.set_column(
        state.column_names.index("facility_id"), "facility_id", pa.array(["X"] * state.num_rows)
    )
    with pytest.raises(InputError, match="facility 'X'"):
        collect([strange], made.facilities)


@given(st.lists(st.integers(0, 2**63 - 1), min_size=1))
def test_bins_are_those_of_plain_integers(values):
    bins = np.empty(len(values), np.int32)
    bins_of(np.array(values, np.int64), bins)
    expected = [middle(value) for value in values]
    assert middles(bins).tolist() == pytest.approx(expected, rel=1e-12)
    for value, found in zip(values, middles(bins).tolist(), strict=True):
        assert abs(found - value) * 64 <= max(value, 1)
        least, width = bin_of(value)
        assert least <= value < least + width
