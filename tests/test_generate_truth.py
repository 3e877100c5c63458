"""What was put into a batch is in it, as the truth says, and the rules find what they should."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import fields
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from daatgal.generate import ANOMALIES, FAULTS, Batch, Rates, generate
from tests.oracle import judge

DEMO = Path(__file__).parent.parent / "data_samples" / "tariffs" / "mn-demo"
OFTEN = Rates(**{one.name: 0.012 for one in fields(Rates)})
CODES = (
    "MISSING_VALUE", "BAD_PERIOD", "UNKNOWN_FACILITY", "BAD_ICD10", "UNKNOWN_CARE_TYPE", "NEGATIVE_VALUE",
    "DATE_OUT_OF_RANGE", "UNKNOWN_MESSAGE", "MISSING_TARGET", "MESSAGE_CYCLE",
)  # fmt: skip

Row = dict[str, Any]


class Known:
    """A batch in plain rows, and its truth by kind."""

    def __init__(self, batch: Batch) -> None:
        self.rows: list[Row] = batch.claims.to_pylist()
        self.by_id: dict[str, Row] = {row["claim_id"]: row for row in self.rows}
        self.kinds: dict[str, list[tuple[Row, Row | None]]] = defaultdict(list)
        for row in batch.truth.to_pylist():
            self.kinds[row["kind"]].append(
                (self.by_id[row["claim_id"]], self.by_id.get(row["related_claim_id"]))
            )

    def groups(self, kind: str, *keys: str) -> list[list[Row]]:
        found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row, _ in self.kinds[kind]:
            found[tuple(row[key] for key in keys)].append(row)
        return list(found.values())


@pytest.fixture(scope="module")
def batch() -> Batch:
    return generate(24_000, seed=11, book=DEMO, first_month="2019-02", months=2, rates=OFTEN)


@pytest.fixture(scope="module")
def known(batch: Batch) -> Known:
    return Known(batch)


def presented(row: Row) -> datetime:
    return row["submitted_at"] or row["end_at"]


def without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def test_every_kind_is_there_about_as_often_as_asked(known: Known) -> None:
    for kind in (set(FAULTS) | set(ANOMALIES)) - {"unreadable"}:
        found = len(known.kinds[kind])
        wanted = 0.012 * 24_000
        assert 0.35 * wanted < found < 2.2 * wanted, (kind, found)
    assert set(known.kinds) == ((set(FAULTS) | set(ANOMALIES)) - {"unreadable"}) | {
        code.lower() for code in CODES
    }


def test_without_anomalies_the_truth_holds_faults_alone() -> None:
    plain = generate(24_000, seed=11, book=DEMO, first_month="2019-02", rates=OFTEN, anomalies=False)
    assert not set(plain.truth["kind"].to_pylist()) & set(ANOMALIES)
    assert "exact_duplicate" in plain.truth["kind"].to_pylist()


def test_claim_ids_are_unique_save_the_injected(known: Known) -> None:
    twice = {
        claim_id for claim_id, times in Counter(row["claim_id"] for row in known.rows).items() if times > 1
    }
    assert twice == {row["claim_id"] for row, _ in known.kinds["duplicate_claim_id"]}


def test_a_message_comes_after_its_target_in_the_file_and_in_time(known: Known) -> None:
    position = {row["claim_id"]: place for place, row in enumerate(known.rows)}
    messages = known.kinds["replacement"] + known.kinds["cancellation"]
    assert len(messages) > 300
    for message, target in messages:
        assert target is not None
        assert message["replaces_claim_id"] == target["claim_id"]
        assert presented(target) < message["submitted_at"]
        assert position[target["claim_id"]] < position[message["claim_id"]]


def test_a_month_can_be_cut_out_for_a_night(known: Known) -> None:
    night = {row["claim_id"]: presented(row).strftime("%Y-%m") for row in known.rows}
    for row in known.rows:
        assert night[row["claim_id"]] == presented(row).strftime("%Y-%m"), (
            "rows that share a claim_id come together"
        )
        target = row["replaces_claim_id"]
        assert target is None or night.get(target, "") <= night[row["claim_id"]]


def test_lines_are_up_to_three_messages_long(known: Known) -> None:
    per_line: Counter[str] = Counter()
    for row in known.rows:
        if row["message"] in {"replacement", "cancellation"}:
            root, steps = row, 0
            while root["replaces_claim_id"] in known.by_id and steps < 9:
                root, steps = known.by_id[root["replaces_claim_id"]], steps + 1
            if steps < 9:
                per_line[root["claim_id"]] += 1
    assert set(per_line.values()) == {1, 2, 3}


def test_duplicates_are_equal_in_all_but_id_and_sending(known: Known) -> None:
    for again, first in known.kinds["exact_duplicate"]:
        assert first is not None
        assert without(again, "claim_id", "submitted_at") == without(first, "claim_id", "submitted_at")
        assert presented(again) > presented(first)


def test_a_visit_in_a_stay_lies_within_it(known: Known) -> None:
    for visit, stay in known.kinds["visit_in_stay"]:
        assert stay is not None
        assert (visit["insured_id"], visit["facility_id"]) == (stay["insured_id"], stay["facility_id"])
        assert stay["start_at"] < visit["start_at"] < stay["end_at"]
        assert visit["care_type"] in {"outpatient", "diagnostics"}


def test_repeats_are_later_in_the_same_month(known: Known) -> None:
    for again, first in known.kinds["repeat_visit"] + known.kinds["repeat_test"]:
        assert first is not None
        assert again["start_at"] > first["start_at"]
        assert again["start_at"].month == first["start_at"].month
        assert again["insured_id"] == first["insured_id"]
    for again, first in known.kinds["repeat_visit"]:
        assert first is not None
        assert again["specialty"] == first["specialty"]
        assert again["department_id"] != first["department_id"]


def test_short_and_stretched_stays_lie_on_either_side_of_a_day(known: Known) -> None:
    assert all(row["end_at"] - row["start_at"] <= timedelta(days=1) for row, _ in known.kinds["short_stay"])
    assert any(row["end_at"] - row["start_at"] == timedelta(days=1) for row, _ in known.kinds["short_stay"])
    for row, _ in known.kinds["stretched_stay"]:
        assert timedelta(days=1) < row["end_at"] - row["start_at"] <= timedelta(days=1, minutes=20)


def test_dates_without_times_are_midnights(known: Known) -> None:
    for row, _ in known.kinds["date_without_time"]:
        assert (row["start_at"].hour, row["start_at"].minute, row["end_at"].hour) == (0, 0, 0)


def test_phantom_visits_are_many_on_one_day_in_one_facility(known: Known) -> None:
    for visit, _ in known.kinds["phantom_visits"]:
        visit["day"] = visit["start_at"].date()
    for visits in known.groups("phantom_visits", "insured_id", "day"):
        assert len(visits) >= 6
        assert len({visit["facility_id"] for visit in visits}) == 1
        assert len({visit["department_id"] for visit in visits}) > 1


def test_unbundled_tests_are_eight_different_ones_in_minutes(known: Known) -> None:
    panels: dict[str, list[Row]] = defaultdict(list)
    for test, first in known.kinds["unbundled_tests"]:
        assert first is not None
        panels[first["claim_id"]].append(test)
    for tests in panels.values():
        assert len({test["service_code"] for test in tests}) == 8
        assert max(test["start_at"] for test in tests) - min(test["start_at"] for test in tests) < timedelta(
            hours=1
        )


def test_impossible_volume_is_one_doctor_on_one_day(known: Known) -> None:
    for visit, _ in known.kinds["impossible_volume"]:
        visit["day"] = visit["start_at"].date()
    for visits in known.groups("impossible_volume", "practitioner_id", "day"):
        assert len(visits) >= 24
        assert len({visit["department_id"] for visit in visits}) == 1


def test_mismatched_diagnoses_contradict_sex_or_age(known: Known) -> None:
    for row, _ in known.kinds["diagnosis_mismatch"]:
        code = row["icd10"].upper()
        if row["birth_date"] is not None and row["start_at"].year - row["birth_date"].year < 15:
            assert code[0] in "GHM"
        elif row["sex"] is not None and code[0] not in "GHM":
            assert (code[:3] in {"O80", "N80", "D25"}) == (row["sex"] == "m")


def test_billing_across_facilities_is_one_day_and_several_places(known: Known) -> None:
    cases: dict[str, list[Row]] = defaultdict(list)
    for visit, first in known.kinds["across_facilities"]:
        assert first is not None
        cases[first["claim_id"]].append(visit)
    for visits in cases.values():
        assert len({visit["facility_id"] for visit in visits}) == 4
        assert len({visit["start_at"].date() for visit in visits}) == 1


def test_growth_is_one_facility_at_the_end_of_a_month(known: Known) -> None:
    for visit, _ in known.kinds["sudden_growth"]:
        visit["month"] = visit["start_at"].month
        assert visit["start_at"].day > 18
    for visits in known.groups("sudden_growth", "month"):
        assert len({visit["facility_id"] for visit in visits}) == 1
        facility, month = visits[0]["facility_id"], visits[0]["month"]
        there = [
            row for row in known.rows if row["facility_id"] == facility and row["care_type"] == "outpatient"
        ]
        before = [row for row in there if row["start_at"].month == month and row["start_at"].day <= 18]
        assert len(visits) / 10 > 1.5 * len(before) / 18


def test_the_rules_find_what_was_injected() -> None:
    """The independent oracle judges a small batch: each kind meets its reason or its quarantine code."""
    rates = Rates(**{one.name: 0.02 if one.name in FAULTS else 0.0 for one in fields(Rates)})
    batch = generate(2_500, seed=4, book=DEMO, first_month="2019-02", rates=rates)
    known = Known(batch)
    result = judge(
        known.rows, facilities=batch.facilities.to_pylist(), insured=batch.insured.to_pylist(), book=DEMO
    )
    reasons = {row["claim_id"]: row["reasons"] for row in result.ledger}
    codes = {known.rows[row["row"]]["claim_id"]: row["error_codes"] for row in result.quarantine}

    def share(kind: str, reason: str) -> float:
        found = known.kinds[kind]
        assert found, kind
        return sum(reason in reasons.get(row["claim_id"], []) for row, _ in found) / len(found)

    assert share("exact_duplicate", "EXACT_DUPLICATE") > 0.9
    assert share("visit_in_stay", "BUNDLED_IN_STAY") > 0.8
    assert share("repeat_visit", "REPEAT_VISIT") > 0.8
    assert share("repeat_test", "REPEAT_TEST") > 0.8
    assert share("short_stay", "STAY_TOO_SHORT") > 0.8
    assert share("malformed_value", "IGNORED_VALUE") == 1.0
    assert share("cancellation", "CANCELLED") == 1.0
    for kind in (code.lower() for code in (*CODES, "DUPLICATE_CLAIM_ID")):
        for row, _ in known.kinds[kind]:
            if kind != "duplicate_claim_id":
                assert kind.upper() in codes[row["claim_id"]], kind
    assert any("DUPLICATE_CLAIM_ID" in found for found in codes.values())
    assert len(result.quarantine) < 0.08 * len(known.rows)
