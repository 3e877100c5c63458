"""What features must not depend on: rows' order, layout, buckets, hashes, threads, nights, claims of strangers."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from daatgal import load_tariff
from daatgal.features import Aggregates, CabinetDays, collect, compute, facts_of_night, person, standing_state
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.feature_nights import chain, features_of, judged, registers
from tests.night_by_night import as_claims
from tests.scale import scaled

pytestmark = pytest.mark.kernels
PEOPLE = 6


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return load_tariff(write_adversarial_book(Path(tmp_path_factory.mktemp("books")) / "0", 0))


@pytest.fixture(scope="module")
def given(book):
    return registers(book, PEOPLE, 5)


@pytest.fixture(scope="module")
def aggregates(given):
    """Statistics of another history of the same facilities: features need not be of claims that it knows."""
    made = chain([claims(scaled(150, at_least=40), 77, people=5)], given)
    return collect(standing_state(made.settlements), made.facilities)


def batch(seed: int) -> list[dict]:
    return claims(scaled(160, at_least=50), seed, people=PEOPLE)


def whole(rows: list[dict], given, aggregates, **how: int) -> dict:
    return features_of(judged(as_claims(rows, pa.string()), given, []), aggregates, CabinetDays(), **how)


def test_the_order_of_rows(given, aggregates):
    rows = batch(1)
    # A claim that is there twice keeps its first row: which, is a matter of order.
    seen: dict[object, dict] = {}
    rows = [seen.setdefault(row["claim_id"], row) for row in rows if row["claim_id"] not in seen]
    expected = whole(rows, given, aggregates)
    assert expected
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert whole(rows, given, aggregates) == expected


def test_chunks_and_layouts(given, aggregates):
    table = as_claims(batch(2), pa.string())
    expected = features_of(judged(table, given, []), aggregates, CabinetDays())
    cut = pa.concat_tables([table.slice(0, 7), table.slice(7, 0), table.slice(7)])
    coded = pa.table(
        {
            name: table[name].cast(pa.dictionary(pa.int32(), pa.string()))
            if table[name].type == pa.string()
            else table[name]
            for name in table.column_names
        }
    )
    for other in (cut, coded):
        assert features_of(judged(other, given, []), aggregates, CabinetDays()) == expected


@pytest.mark.parametrize(
    "how", [{"bucket_rows": 1}, {"bucket_rows": 13}, {"threads": 1}, {"threads": 3}], ids=str
)
def test_buckets_and_threads(given, aggregates, how):
    rows = batch(3)
    assert whole(rows, given, aggregates, **how) == whole(rows, given, aggregates)


@pytest.mark.parametrize("few", [0, 3, 10_000])
def test_few_claims_and_many(given, aggregates, monkeypatch, few):
    rows = batch(7)
    expected = whole(rows, given, aggregates)
    monkeypatch.setattr(person, "FEW", few)
    assert whole(rows, given, aggregates) == expected


@pytest.mark.parametrize("bits", [0, 1, 2])
def test_people_of_the_same_hash(given, aggregates, book, bits):
    """Ids that differ in their last eight bytes, and long ones that differ before."""
    rows = batch(8)
    rows += [
        row
        | {"claim_id": f"{row['claim_id']} too", "insured_id": f"{row['insured_id']}, and twenty bytes more"}
        for row in rows
        if row["insured_id"]
    ]
    facts = facts_of_night(judged(as_claims(rows, pa.string()), given, []))
    alike = facts.ids.hash & np.uint64((1 << bits) - 1)
    alike.flags.writeable = False
    asked = np.flatnonzero(facts.standing)
    found = [
        compute(of, aggregates, CabinetDays(), asked, book=book).columns.take(np.arange(asked.size))
        for of in (facts, replace(facts, ids=facts.ids._replace(hash=alike)))
    ]
    assert asked.size > len(rows) // 2
    assert found[0].tobytes() == found[1].tobytes()


@pytest.mark.parametrize("seed", range(4))
def test_nights(given, aggregates, seed):
    """The claims of the last night have the features that they have where all claims come in one."""
    rows = [row for row in batch(10 + seed) if row["claim_id"] is not None]
    unique = {row["claim_id"]: row for row in rows}
    nights = split_into_nights(list(unique.values()), 2 + seed % 3, seed)
    made = chain(nights, given)
    last = features_of(made.nights[-1], aggregates, made.before())
    together = whole([row for night in nights for row in night], given, aggregates)
    assert last == {claim: together[claim] for claim in last}


def test_the_days_of_a_chain_add_up_to_those_of_one_night(given):
    rows = list({row["claim_id"]: row for row in batch(20) if row["claim_id"] is not None}.values())
    nights = split_into_nights(rows, 3, 1)
    made, one = chain(nights, given), chain([rows], given)
    days = np.arange(18_000, 22_000)
    assert CabinetDays(made.days).on(days).equals(CabinetDays(one.days).on(days))
    assert made.days[-1].num_rows


def strangers(rows: list[dict]) -> list[dict]:
    """Claims of other people, of other cabinets and doctors, on days on which nobody else has a claim."""
    days = {row["start_at"].date() for row in rows if hasattr(row.get("start_at"), "date")}
    free = max(days) + timedelta(days=40)
    made = []
    for number, row in enumerate(row for row in claims(60, 99, people=4, faulty=0, messages=0)):
        length = row["end_at"] - row["start_at"]
        start = row["start_at"].replace(year=free.year, month=free.month, day=1) + timedelta(days=60 + number)
        made.append(
            row
            | {
                "claim_id": f"stranger {number}",
                "insured_id": f"stranger {row['insured_id']}",
                "department_id": f"elsewhere {row['department_id']}",
                "practitioner_id": "another",
                "start_at": start,
                "end_at": start + length,
            }
        )
    return made


def test_claims_of_strangers_elsewhere_change_nothing(given, aggregates):
    rows = batch(4)
    expected = whole(rows, given, aggregates)
    more = whole(rows + strangers(rows), given, aggregates)
    assert len(more) > len(expected)
    assert {claim: more[claim] for claim in expected} == expected


def test_no_history_is_no_obstacle(given):
    rows = batch(6)
    found = whole(rows, given, Aggregates.empty())
    for values in found.values():
        for name in ("price_to_peers", "billed_to_peers", "stay_to_peers", "rarity_diagnosis_age_sex"):
            assert values[name] == 0
        for name in ("facility_day_to_history", "high_weight_share", "facility_deductions"):
            assert values[name] == 0
