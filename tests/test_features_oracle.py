"""The kernels against an oracle of plain Python: every feature of awkward claims, with an awkward history."""

from pathlib import Path

import numpy as np
import pytest

from daatgal import load_tariff
from daatgal.features import FEATURES, collect, compare, compute, facts_of_state, standing_state
from daatgal.features.cabinet_days import CabinetDays
from daatgal.features.comparison import NO_PEERS
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.feature_nights import NAMES, chain, facility_rows, features_of, registers
from tests.feature_oracle import History, features
from tests.feature_oracle import claims as plain
from tests.scale import scaled

pytestmark = pytest.mark.kernels

INEXACT = {"facility_deductions", "high_weight_share"}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return load_tariff(write_adversarial_book(Path(tmp_path_factory.mktemp("books")) / "0", 0))


def two_nights(book, seed, size=180, people=9):
    rows = claims(scaled(size, at_least=60), seed, people=people)
    nights = split_into_nights(rows, 2, seed)
    return chain(nights, registers(book, 9, seed))


def rows_of(tables):
    return [row for table in tables for row in table.to_pylist()]


def assert_close(found: dict, expected: dict, what: object) -> None:
    assert set(expected) == set(found)
    for name, value in expected.items():
        whole = float(value).is_integer() and name not in INEXACT and abs(value) < 2**24
        close = found[name] == value if whole else found[name] == pytest.approx(value, rel=1e-6, abs=1e-6)
        assert close, f"{what}: {name} is {found[name]}, the oracle says {value}"


@pytest.mark.parametrize(
    ("seed", "people"), [(0, 9), (1, 9), (2, 9), (3, 1)], ids=["0", "1", "2", "one person with many claims"]
)
def test_a_night_after_a_history(book, seed, people):
    """A person with many claims is scanned another way than one with few."""
    made = two_nights(book, seed, people=people)
    aggregates = collect(standing_state(made.settlements[:1]), made.facilities)
    found = features_of(made.nights[1], aggregates, made.before())
    history = History(rows_of(standing_state(made.settlements[:1])), facility_rows())
    everyone = rows_of(standing_state(made.settlements))
    new = set(made.settlements[1].ledger["claim_id"].to_pylist())
    scored = [row for row in everyone if row["claim_id"] in new and plain.stands(row)]
    assert {row["claim_id"] for row in scored} == set(found)
    for row in scored:
        assert_close(found[row["claim_id"]], features(row, everyone, history, book), row["claim_id"])


def test_claims_of_the_history_itself(book):
    """Training reads the state of the history, with its own statistics."""
    made = two_nights(book, 7, 160)
    states = list(standing_state(made.settlements, range_rows=40))
    assert len(states) > 1
    aggregates = collect(states, made.facilities)
    everyone = rows_of(states)
    by_claim = {row["claim_id"]: row for row in everyone}
    history = History(everyone, facility_rows())
    for state in states:
        facts = facts_of_state(state, made.facilities, book)
        rows = np.flatnonzero(facts.standing)
        table = compute(facts, aggregates, CabinetDays(made.days), rows, book=book)
        values = table.columns.take(np.arange(rows.size))
        claim_ids = [row["claim_id"] for row in state.to_pylist() if plain.stands(row)]
        for claim, column in zip(claim_ids, values.T, strict=True):
            found = dict(zip(NAMES, column.tolist(), strict=True))
            assert_close(found, features(by_claim[claim], everyone, history, book), claim)


@pytest.mark.parametrize("feature", [f for f in FEATURES if f.peers], ids=lambda f: f.name)
def test_the_comparison_with_peers(book, feature):
    made = two_nights(book, 11)
    aggregates = collect(standing_state(made.settlements[:1]), made.facilities)
    history = History(rows_of(standing_state(made.settlements[:1])), facility_rows())
    table = compute(made.nights[1], aggregates, made.before())
    everyone = {row["claim_id"]: row for row in rows_of(standing_state(made.settlements))}
    ids = made.nights[1].decoded.table["claim_id"].take(table.rows).to_pylist()
    found = compare(table, aggregates, np.arange(table.rows.size), feature)
    scale = 10_000 if feature.peers == "billed_to_tariff" else 1
    compared = 0
    for i, claim in enumerate(ids):
        row = everyone[claim]
        sizes = [len(values) for values in history.peers(row, feature.peers)]
        value, median = plain.measure(row, feature.peers), history.median(row, feature.peers)
        assert np.isnan(found.value[i]) if value is None else found.value[i] * scale == pytest.approx(value)
        assert (
            np.isnan(found.median[i]) if median is None else found.median[i] * scale == pytest.approx(median)
        )
        assert found.shrinkage[i] == pytest.approx(1 - min(sizes[0] / 30, 1))
        enough = [depth for depth, size in enumerate(sizes) if size >= 30]
        widest = [depth for depth, size in enumerate(sizes) if size]
        depth = enough[0] if enough else widest[-1] if widest else NO_PEERS
        assert (found.depth[i], found.n[i]) == (depth, 0 if depth == NO_PEERS else sizes[depth])
        if value is None or median is None:
            assert np.isnan(found.z[i])
            assert np.isnan(found.percentile[i])
            continue
        compared += 1
        spread = max(history.spread(row, feature.peers), median / 64, 1)
        assert found.z[i] == pytest.approx((value - median) / (1.4826 * spread))
        assert found.percentile[i] == pytest.approx(history.percentile(row, feature.peers))
    assert compared > 5
