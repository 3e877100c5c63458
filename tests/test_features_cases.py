"""Features by hand: a few claims, a number that anyone can work out."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import log
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from daatgal import load_tariff
from daatgal.errors import InputError
from daatgal.features import (
    FEATURES,
    Aggregates,
    CabinetDays,
    cabinet_days_table,
    collect,
    compare,
    compute,
    facts_of_night,
    facts_of_state,
    standing_state,
)
from daatgal.features.catalogue import COLUMN, LONGEST_GAP_DAYS
from daatgal.features.holidays import HOLIDAYS, is_day_off
from tests.adversarial.table import facilities_table
from tests.feature_nights import NAMES, chain, facility_rows, features_of, judged
from tests.night_by_night import as_claims

pytestmark = pytest.mark.kernels

BOOK = Path(__file__).parents[1] / "data_samples" / "tariffs" / "mn-demo"
at = datetime.fromisoformat
VISIT = {
    "insured_id": "P",
    "facility_id": "F1",
    "department_id": "w1",
    "practitioner_id": "d1",
    "specialty": "s1",
    "care_type": "outpatient",
    "icd10": "J06",
    "billed_mnt": 20_000,
    "sex": "f",
}


@pytest.fixture(scope="module")
def given():
    places = [row | {"facility_type": "15.1.13", "contracted_care_types": None} for row in facility_rows()]
    return {"facilities": facilities_table(places), "tariff": load_tariff(BOOK), "insured": None}


def visit(claim: str, start: str, minutes: int = 20, **columns: object) -> dict:
    start_at = at(start)
    times = {"start_at": start_at, "end_at": start_at + timedelta(minutes=minutes)}
    return VISIT | {"claim_id": claim} | times | columns


def stay(claim: str, start: str, end: str, **columns: object) -> dict:
    times = {"start_at": at(start), "end_at": at(end)}
    return VISIT | {"claim_id": claim, "care_type": "inpatient", "icd10": "A09"} | times | columns


def found(rows: list[dict], given, aggregates: Aggregates | None = None) -> dict:
    night = judged(as_claims(rows, pa.string()), given, [])
    return features_of(night, aggregates or Aggregates.empty(), CabinetDays())


def test_a_first_claim_has_nothing_before_it(given):
    one = found([visit("A", "2024-03-05 10:00")], given)["A"]
    assert one["days_since_previous"] == one["days_since_same_group"] == LONGEST_GAP_DAYS
    assert (one["visits_same_day"], one["claims_365d"], one["facilities_30d"]) == (1, 0, 0)
    assert (one["visit_minutes"], one["day_off"], one["cabinet_claims_same_day"]) == (20, 0, 1)


def test_windows_hold_the_days_before_the_claims_own(given):
    days = ("2024-03-31", "2024-03-02", "2024-03-01", "2024-01-02", "2024-01-01", "2023-04-02", "2023-04-01")
    rows = [visit(f"A{i}", f"{day} 10:00", facility_id=("F1", "F2")[i % 2]) for i, day in enumerate(days)]
    last = found(rows, given)["A0"]
    assert [last[f"claims_{end}"] for end in ("30d", "90d", "365d")] == [1, 3, 5]
    assert [last[f"facilities_{end}"] for end in ("30d", "90d", "365d")] == [1, 1, 1], (
        "F2; its own day was at F1"
    )
    assert last["days_since_previous"] == 29


def test_a_short_history_is_scaled_up(given):
    """The history begins 73 days before the claim's: a fifth of a year."""
    aggregates = history_of(given, [visit("H", "2024-01-20 10:00", insured_id="H")])
    rows = [visit(f"A{i}", f"2024-03-{2 * i:02d} 10:00") for i in range(1, 7)] + [
        visit("A", "2024-04-01 10:00")
    ]
    last = found(rows, given, aggregates)["A"]
    assert last["claims_365d"] == pytest.approx(6 * 365 / 73)
    assert last["claims_90d"] == pytest.approx(6 * 90 / 73)
    assert last["claims_30d"] == 5, "all but that of 2 March"


def test_half_a_dozen_visits_on_one_day(given):
    rows = [visit(f"A{i}", f"2024-03-05 {9 + i:02d}:00", department_id=f"w{i}") for i in range(6)]
    everyone = found(rows, given)
    assert {one["visits_same_day"] for one in everyone.values()} == {6}
    assert [everyone[f"A{i}"]["days_since_previous"] for i in range(6)] == [LONGEST_GAP_DAYS, 0, 0, 0, 0, 0]
    assert {one["cabinet_claims_same_day"] for one in everyone.values()} == {1}, (
        "one person is one to the doctor"
    )


def test_a_doctor_with_more_people_than_a_day_has_room_for(given):
    rows = [
        visit(f"A{i}", f"2024-03-05 {8 + i // 4:02d}:{i % 4 * 15:02d}", insured_id=f"P{i}") for i in range(40)
    ]
    rows += [
        visit("B", "2024-03-05 18:00", insured_id="P0"),
        visit("C", "2024-03-05 18:00", facility_id="F2"),
    ]
    everyone = found(rows, given)
    counted = {claim: one["cabinet_claims_same_day"] for claim, one in everyone.items()}
    assert (counted["A0"], counted["B"], counted["A1"]) == (40, 40, 41)
    assert counted["C"] == 1, "the same doctor at another facility"


def test_a_day_of_more_claims_of_one_person_than_are_looked_at_one_by_one(given):
    """Cabinets, doctors and facilities of forty claims of one person and some of others, counted by hand."""
    rows = [
        visit(
            f"A{i}",
            f"2024-03-05 {8 + i // 6:02d}:{i % 6 * 10:02d}",
            insured_id="P" if i < 40 else f"Q{i}",
            facility_id=f"F{1 + i % 3}",
            department_id=("w1", "w2", None, "w4", "w1")[i % 5],
            practitioner_id=("d1", None, "d2", "d1")[i % 4],
            **({"care_type": "diagnostics", "icd10": "Z01", "service_code": "CBC"} if i % 7 == 0 else {}),
        )
        for i in range(60)
    ]
    everyone = found(rows, given)

    def others_and_one(one: dict, who: str) -> int:
        return 1 + sum(
            other["insured_id"] != one["insured_id"]
            and all(other[name] == one[name] is not None for name in ("facility_id", who))
            for other in rows
        )

    for one in rows:
        own = [other for other in rows if other["insured_id"] == one["insured_id"]]
        here = [other for other in own if other["facility_id"] == one["facility_id"]]
        visits = sum("service_code" not in other for other in here)
        cabinet = max(others_and_one(one, "department_id"), others_and_one(one, "practitioner_id"))
        got = everyone[one["claim_id"]]
        assert (got["visits_same_day"], got["cabinet_claims_same_day"]) == (visits, cabinet), one["claim_id"]


def test_claims_that_start_together_are_beside_each_other(given):
    rows = [visit(claim, "2024-03-05 10:00", department_id=claim) for claim in ("A", "B")]
    assert {one["days_since_previous"] for one in found(rows, given).values()} == {0}


def test_one_illness_at_four_facilities(given):
    rows = [visit(f"A{i}", "2024-03-05 10:00", facility_id=f"F{i + 1}") for i in range(4)]
    everyone = found(rows, given).values()
    assert {(one["facilities_same_day"], one["visits_same_day"]) for one in everyone} == {(4, 1)}


def test_a_panel_of_tests_taken_apart(given):
    panel = {"care_type": "diagnostics", "icd10": "Z01"}
    rows = [
        visit(f"A{i}", f"2024-03-05 10:{i:02d}", service_code=code, **panel)
        for i, code in enumerate(("CBC", "URINE", "CBC", "X"))
    ]
    one = found([*rows, visit("V", "2024-03-05 09:00")], given)["A3"]
    assert (one["tests_same_day"], one["visits_same_day"], one["cabinet_claims_same_day"]) == (4, 1, 1)


def test_days_in_hospital_and_readmission(given):
    rows = [
        stay("A", "2024-01-01 10:00", "2024-01-04 10:00"),
        stay("B", "2024-02-03 10:00", "2024-02-03 18:00"),
        stay("C", "2024-02-04 12:00", "2024-02-09 12:00", facility_id="F2"),
    ]
    everyone = found(rows, given)
    assert [everyone[claim]["readmission_30d"] for claim in "ABC"] == [0, 1, 1]
    assert everyone["C"]["inpatient_days_30d"] == 1
    assert everyone["C"]["inpatient_days_90d"] == 3 + 1


def test_a_transfer_between_wards_is_no_readmission(given):
    rows = [
        stay("A", "2024-01-01 10:00", "2024-01-04 10:00"),
        stay("B", "2024-01-04 10:00", "2024-01-06 10:00", department_id="w2"),
    ]
    assert found(rows, given)["B"]["readmission_30d"] == 0


@pytest.mark.parametrize(
    ("end", "marked"),
    [("2024-01-02 09:59", 0), ("2024-01-02 10:00", 1), ("2024-01-02 11:00", 1), ("2024-01-02 11:01", 0)],
)
def test_a_stay_stretched_to_its_least_hours(given, end, marked):
    assert found([stay("A", "2024-01-01 10:00", end)], given)["A"]["on_threshold"] == marked


def test_days_without_times_are_on_no_threshold(given):
    assert found([stay("A", "2024-01-01 00:00", "2024-01-02 00:00")], given)["A"]["on_threshold"] == 0


def test_the_seven_sessions_of_a_case(given):
    session = {"care_type": "rehabilitation", "icd10": "I63"}
    for quantities, marked in (((3, 4), 1), ((3, 5), 0)):
        rows = [
            visit(f"A{i}", f"2024-03-0{i + 1} 10:00", quantity=quantity, **session)
            for i, quantity in enumerate(quantities)
        ]
        assert {one["on_threshold"] for one in found(rows, given).values()} == {marked}


def test_holidays_and_weekends():
    days = {
        "2024-03-08": True,
        "2024-03-07": False,
        "2024-03-09": True,
        "2024-07-15": True,
        "2003-07-15": False,
        "2023-11-26": True,
        "2005-12-29": False,
        "2024-02-29": False,
    }
    asked = np.array(list(days), "datetime64[D]").astype(np.int64)
    assert is_day_off(asked).tolist() == list(days.values())
    assert all(holiday.name_mn and holiday.name_en for holiday in HOLIDAYS)


def history_of(given, rows: list[dict]) -> Aggregates:
    made = chain([rows], given)
    return collect(standing_state(made.settlements), made.facilities)


def test_billed_against_its_peers(given):
    rows = [visit(f"H{i}", f"2024-01-{1 + i % 28:02d} 10:00", insured_id=f"H{i}") for i in range(30)]
    aggregates = history_of(given, rows)
    one = found([visit("A", "2024-03-05 10:00", billed_mnt=40_000)], given, aggregates)["A"]
    assert one["billed_to_peers"] == pytest.approx(log(2), abs=0.02)
    assert one["facility_day_to_history"] == pytest.approx(0), "a claim a day, as on most days"


def test_few_peers_are_drawn_towards_the_wider_group(given):
    """10 claims of the level at 10,000, 90 of another at 40,000: a third and two thirds, for the level and the region.

    The level: 10,000 / 3 + 40,000 · 2/3 = 30,000. Its region, the same ten claims: 10,000 / 3 + 30,000 · 2/3.
    """
    near = [visit(f"N{i}", "2024-01-09 10:00", insured_id=f"N{i}", billed_mnt=10_000) for i in range(10)]
    far = [
        visit(f"F{i}", "2024-01-09 10:00", insured_id=f"F{i}", billed_mnt=40_000, facility_id="F2")
        for i in range(90)
    ]
    aggregates = history_of(given, near + far)
    night = judged(as_claims([visit("A", "2024-03-05 10:00")], pa.string()), given, [])
    table = compute(night, aggregates, CabinetDays())
    shown = compare(table, aggregates, np.array([0]), FEATURES[COLUMN["billed_to_peers"]])
    assert shown.median[0] == pytest.approx(10_000 / 3 + 30_000 * 2 / 3, rel=1 / 64)
    assert (shown.shrinkage[0], shown.n[0], shown.depth[0]) == (pytest.approx(2 / 3), 100, 2)


def test_a_man_in_childbed(given):
    """Of 40 claims of O80, all of women of one band, none is of a man: (0 + (0 + 1) / (40 + 1)) / (40 + 1)."""
    born = {"birth_date": at("1994-01-01").date(), "icd10": "O80"}
    rows = [visit(f"H{i}", "2024-01-09 10:00", insured_id=f"H{i}", **born) for i in range(40)]
    aggregates = history_of(given, rows)
    night = [visit("M", "2024-03-05 10:00", **(born | {"sex": "m"})), visit("W", "2024-03-05 10:00", **born)]
    everyone = found(night, given, aggregates)
    assert everyone["M"]["rarity_diagnosis_age_sex"] == pytest.approx(log(41 * 41))
    assert everyone["W"]["rarity_diagnosis_age_sex"] == pytest.approx(0)


def test_a_claim_of_the_history_is_held_against_the_others(given):
    """The one man among 39 women is as rare to training as a new one: share 0 + 1 / 40 of 40, not 1 + of 41."""
    rows = [visit(f"H{i}", "2024-01-09 10:00", insured_id=f"H{i}") for i in range(39)]
    made = chain([[*rows, visit("A", "2024-01-09 10:00", sex="m")]], given)
    states = list(standing_state(made.settlements))
    aggregates = collect(states, made.facilities)
    facts = facts_of_state(states[0], made.facilities)
    everyone = np.arange(facts.rows)
    table = compute(facts, aggregates, CabinetDays(made.days), everyone, counted=True)
    rarity = table.columns.take(everyone)[COLUMN["rarity_diagnosis_age_sex"]]
    assert rarity.max() == pytest.approx(log(40 * 40))


def test_a_cancelled_claim_leaves_the_day(given):
    first = [visit("A", "2024-03-05 10:00"), visit("B", "2024-03-05 11:00", insured_id="Q")]
    second = [
        {"claim_id": "X", "message": "cancellation", "replaces_claim_id": "A"},
        visit("C", "2024-03-05 12:00", insured_id="R"),
    ]
    made = chain([first, second], given)
    claims = {row["claims"] for row in made.days[1].to_pylist()}
    assert claims == set(), "one more, one less: nothing changes on that day"
    last = features_of(made.nights[1], Aggregates.empty(), made.before())
    assert last["C"]["cabinet_claims_same_day"] == 2


def test_days_are_read_from_files_too(given, tmp_path):
    rows = [visit(f"A{i}", f"2024-03-{1 + i:02d} 10:00") for i in range(28)]
    table = cabinet_days_table(judged(as_claims(rows, pa.string()), given, []))
    pq.write_table(table, tmp_path / "part-00000.parquet", row_group_size=4)
    days = np.array(["2024-03-03", "2024-03-20"], "datetime64[D]").astype(np.int64)
    assert CabinetDays([tmp_path]).on(days).num_rows == 2
    assert CabinetDays([tmp_path]).on(days).equals(CabinetDays([table]).on(days))


def test_what_is_refused(given):
    rows = [visit("A", "2024-03-05 10:00"), visit("B", "2024-03-05 11:00", message="replacement")]
    rows[1]["replaces_claim_id"] = "A"
    night = judged(as_claims(rows, pa.string()), given, [])
    with pytest.raises(InputError, match="voided"):
        compute(night, Aggregates.empty(), CabinetDays(), np.array([0]))
    made = chain([rows[:1], [visit("C", "2024-03-06 10:00")]], given)
    with pytest.raises(InputError, match="`earlier`"):
        facts_of_night(replace(made.nights[1], earlier=None))


def test_reasons_are_written_in_both_languages():
    assert len(FEATURES) == len(set(NAMES)) >= 24
    for feature in FEATURES:
        texts = [feature.text(language, 3.0, 2.0, 41) for language in ("mn", "en")]
        assert texts[0] != texts[1]
        for text in texts:
            assert "{" not in text
            assert ("41" in text) == (feature.peers is not None)
