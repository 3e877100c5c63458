"""The quality report's own parts: injectors do what they say and nothing else, and the measures are right by hand."""

import datetime as dt
from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from benchmarks.quality.inject import MAKERS, Night, Prices
from benchmarks.quality.kinds import KINDS, NATIONAL
from benchmarks.quality.labelled import Auc
from benchmarks.quality.measures import Culprit, Found, culprit, cut_off, found_at, together
from benchmarks.quality.plots import Group, bar_plot, percent
from benchmarks.quality.report import Night as Tried
from benchmarks.quality.report import Setting, write
from benchmarks.quality.rows import seconds
from benchmarks.quality.trial import METHODS
from daatgal.generate import ANOMALIES

DAY = dt.timedelta(days=1)
CARE = ("outpatient", "inpatient", "outpatient", "diagnostics")
TESTS = {f"T{number}": 1000 * number for number in range(1, 10)}
PAID = {
    ("outpatient", "A01"): 100,
    ("outpatient", "A02"): 500,
    ("inpatient", "A01"): 300,
    ("inpatient", "A02"): 310,
}


def night() -> Night:
    """240 claims of 60 people at six facilities, one of them small."""
    rows = []
    for number in range(240):
        care, facility = CARE[number % 4], "F0" if number < 4 else f"F{1 + number % 5}"
        begin = dt.datetime.fromisoformat("2019-03-01T08:00") + DAY * (number % 31)
        rows.append(
            {
                "claim_id": f"C{number:03d}",
                "insured_id": f"P{number % 60}",
                "facility_id": facility,
                "department_id": f"{facility}-{number % 3}",
                "practitioner_id": None if number % 7 == 3 else f"{facility}-{number % 3}",
                "care_type": care,
                "icd10": "A01",
                "procedures": ["331"],
                "service_code": "T3" if care == "diagnostics" else None,
                "start_at": begin,
                "end_at": begin + (3 * DAY if care == "inpatient" else DAY / 48),
                "billed_mnt": 100,
                "birth_date": dt.date(1950, 1, 1),
                "submitted_at": None,
            }
        )
    types = {
        "procedures": pa.list_(pa.string()),
        "birth_date": pa.date32(),
        **dict.fromkeys(("start_at", "end_at", "submitted_at"), pa.timestamp("s")),
    }
    table = pa.Table.from_pylist(rows)
    schema = pa.schema(
        [(name, types.get(name, table.schema.field(name).type)) for name in table.column_names]
    )
    return Night(pa.Table.from_pylist(rows, schema), Prices(PAID, TESTS))


def made(kind: str, count: int = 16, seed: int = 1):
    return MAKERS[kind](night(), count, np.random.default_rng(seed))


def rows_of(injected) -> list[dict]:
    wanted = pc.is_in(injected.claims["claim_id"], value_set=pa.array(injected.claim_ids))
    return injected.claims.filter(wanted).to_pylist()


def test_every_kind_is_known_to_generator_injector_and_report():
    assert [kind.name for kind in KINDS] == list(MAKERS) == list(ANOMALIES)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_truth_names_what_was_changed_and_nothing_else_was(kind):
    before, after = night().claims, made(kind)
    assert after.claims.schema == before.schema
    ids = after.claims["claim_id"].to_pylist()
    assert len(set(ids)) == len(ids)
    assert 0 < len(set(after.claim_ids)) == len(after.claim_ids) <= 16
    was = {row["claim_id"]: row for row in before.to_pylist()}
    now = {row["claim_id"]: row for row in after.claims.to_pylist()}
    assert set(was) <= set(now)
    changed = {claim_id for claim_id, row in now.items() if was.get(claim_id) != row}
    assert changed == set(after.claim_ids)
    assert ids[: before.num_rows] == before["claim_id"].to_pylist()


@pytest.mark.parametrize("kind", MAKERS)
def test_the_seed_decides(kind):
    assert made(kind).claims.equals(made(kind).claims)
    assert not made(kind).claims.equals(made(kind, seed=2).claims)


def test_upcoding_is_of_one_facility_and_pays():
    rows = rows_of(made("upcoding"))
    assert {row["icd10"] for row in rows} == {"A02"}
    assert {row["care_type"] for row in rows} == {"outpatient"}, "a stay would gain less than a quarter"
    assert {row["billed_mnt"] for row in rows} == {500}
    assert len({row["facility_id"] for row in rows}) == 1


def test_phantom_visits_are_six_of_a_person_on_a_day_in_one_place():
    rows = rows_of(made("phantom_visits"))
    visits = Counter((row["insured_id"], row["facility_id"], row["start_at"].date()) for row in rows)
    assert sorted(visits.values()) == [6, 6]


def test_unbundled_tests_are_eight_of_a_person_on_a_day():
    rows = rows_of(made("unbundled_tests"))
    tests = Counter((row["insured_id"], row["start_at"].date()) for row in rows)
    assert sorted(tests.values()) == [8, 8]
    assert len({row["service_code"] for row in rows[:8]}) == 8
    assert all(row["billed_mnt"] == TESTS[row["service_code"]] for row in rows)


def test_stretched_stays_are_minutes_over_a_day():
    rows = rows_of(made("stretched_stay"))
    assert {row["care_type"] for row in rows} == {"inpatient"}
    over = [row["end_at"] - row["start_at"] - DAY for row in rows]
    assert dt.timedelta() < min(over) <= max(over) <= dt.timedelta(minutes=20)


def test_impossible_volume_is_of_one_doctor_on_one_day():
    rows = rows_of(made("impossible_volume"))
    assert len({(row["practitioner_id"], row["facility_id"], row["start_at"].date()) for row in rows}) == 1
    assert rows[0]["practitioner_id"] is not None
    assert len({row["insured_id"] for row in rows}) > 8


def test_a_mismatch_is_a_child():
    ages = [
        (row["start_at"].date() - row["birth_date"]).days / 365 for row in rows_of(made("diagnosis_mismatch"))
    ]
    assert 4 <= min(ages) <= max(ages) < 12


def test_across_facilities_is_one_illness_at_four():
    rows = rows_of(made("across_facilities"))
    places: dict[tuple, set] = {}
    for row in rows:
        places.setdefault((row["insured_id"], row["start_at"].date(), row["icd10"]), set()).add(
            row["facility_id"]
        )
    assert [len(found) for found in places.values()] == [4] * 4


def test_growth_is_of_the_small_facility_in_its_last_ten_days():
    rows = rows_of(made("sudden_growth"))
    assert {row["facility_id"] for row in rows} == {"F0"}
    last = seconds(night().claims, "start_at").max() // 86_400
    days = {int(row["start_at"].replace(tzinfo=dt.UTC).timestamp()) // 86_400 for row in rows}
    assert last - 10 < min(days) <= max(days) <= last


@pytest.mark.parametrize(
    ("scored", "looked_at"), [(0, 1), (124, 1), (125, 1), (374, 1), (375, 2), (10_000, 40)]
)
def test_how_many_are_looked_at(scored, looked_at):
    assert cut_off(scored, 4) == looked_at


def test_precision_and_recall_by_hand():
    scores = np.array([0.1, 0.9, 0.5, 0.5, 0.8])
    true = np.array([False, True, True, False, False])
    assert found_at(scores, true, 2) == (0.5, 0.5)
    assert found_at(scores, true, 3) == (pytest.approx(2 / 3), 1.0), (
        "of equal scores the earlier row comes first"
    )
    assert found_at(scores, ~true, 1) == (0.0, 0.0)


def test_the_culprit_by_hand():
    first = np.array(["a", "b", "", "a", "c"])
    true = np.array([True, True, True, False, True])
    flagged = np.array([True, True, False, True, False])
    one = culprit(first, flagged, true, ["a", "c"])
    assert one == Culprit(2, 4, 1, 2, Counter(b=1))
    none = culprit(first, np.zeros(5, bool), true, ["a"])
    assert none == Culprit(0, 4, 0, 1, Counter({"b": 1, "": 1, "c": 1})), "of all where none is flagged"
    assert together([one, none]) == Culprit(2, 8, 1, 3, Counter({"b": 2, "": 1, "c": 1}))


def test_a_plot_shows_every_share():
    svg = bar_plot("Found <all>", ["ours", "theirs"], [Group("a & b", [0.25, float("nan")])], target=0.8)
    assert "Found &lt;all&gt;" in svg
    assert "a &amp; b" in svg
    assert "25.0 %" in svg
    assert percent(float("nan")) == "–"
    assert svg.count("<line") == 1


def test_the_report_says_which_kinds_fail(tmp_path):
    found = dict(
        zip(METHODS, (Found(0.5, 0.25), Found(0.0, 0.0), Found(0.1, 0.1), Found(0.0, 0.0)), strict=True)
    )
    right, wrong = Culprit(5, 10, 4, 7, Counter(a=1)), Culprit(5, 10, 1, 2, Counter(claims_30d=4))
    tried = [
        Tried(NATIONAL, kind.name, 1000, 4, found, wrong if kind.name == "upcoding" else right, 0.02)
        for kind in KINDS
    ]
    setting = Setting(6000, 6, range(1), 0.004, 4, 99, "numpy 2.")
    write(tmp_path, setting, tried, [Auc("small", 10, 2, 5, 0.9, 0.8, 0.79, 0.81)])
    text = (tmp_path / "REPORT.md").read_text(encoding="utf-8")
    assert "| small | 10 | 2 | 5 | 0.9000 | 0.8000 | 0.7900 – 0.8100 | **no** |" in text
    assert "7 of 8 kinds reach 80.0 % of the flagged." in text
    assert "- **upcoding**: 20.0 % of 5 flagged, 20.0 % of all. First instead: claims_30d (4)." in text
    assert "50.0 % / 25.0 %" in text
    assert {path.name for path in tmp_path.glob("*.svg")} == {"national-recall.svg", "national-culprit.svg"}
