"""The worked cases of the rules, on each SQL implementation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sql_claims import at, by_id, claims, each, facilities, outcome, write_book
from tests.sql_engines import ENGINES, Engine
from tests.sql_engines import engine as start


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with start(request.param) as running:
        yield running


def stay(claim_id: str, start: str, end: str, **rest: object) -> dict[str, object]:
    return {"claim_id": claim_id, "care_type": "inpatient", "start_at": at(start), "end_at": at(end), **rest}


def test_a_stay_is_priced_by_weight_and_base_and_shared(engine: Engine, book: Path) -> None:
    batch = claims(
        stay("1", "2018-03-01 10:00", "2018-03-03 09:00"),
        stay("2", "2018-03-01 10:00", "2018-03-03 09:00", insured_id="q", exemption="child"),
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert [(r["gross_mnt"], r["copay_mnt"], r["fund_mnt"]) for r in rows.values()] == [
        (529_785, 79_468, 450_317),
        (529_785, 0, 529_785),
    ]
    assert rows["1"]["weight_e4"] == 11_773
    assert rows["1"]["base_mnt"] == 450_000


def test_wards_of_one_stay_are_one_case_paid_at_the_destination(engine: Engine, book: Path) -> None:
    batch = claims(
        stay("A", "2018-03-01", "2018-03-04"),
        stay("B", "2018-03-04", "2018-03-09"),
        stay("C", "2018-03-01", "2018-03-10", insured_id="q"),
        stay("D", "2018-03-03", "2018-03-05", insured_id="q"),
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert outcome(rows["A"]) == ("merged", ["WARD_TRANSFER"], "B", "A")
    assert rows["A"]["deducted_mnt"] == rows["A"]["gross_mnt"] == 529_785
    assert outcome(rows["B"]) == ("paid", [], None, "A")
    # D is presented first, for it ends first: the case has its name, though C is what is paid.
    assert outcome(rows["C"]) == ("paid", [], None, "D")
    assert outcome(rows["D"]) == ("merged", ["WARD_TRANSFER"], "C", "D")


def test_the_quarter_extends_one_month_of_diagnostics(engine: Engine, book: Path) -> None:
    tests = [
        ("j1", "lab20", "2018-01-10"),
        ("j2", "lab30", "2018-01-11"),
        ("f1", "lab40", "2018-02-10"),
        ("f2", "lab30", "2018-02-11"),
        ("m1", "lab60", "2018-03-10"),
    ]
    batch = claims(
        *(
            {"claim_id": name, "care_type": "diagnostics", "service_code": code, "start_at": at(day)}
            for name, code, day in tests
        )
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert {name: row["excess_mnt"] for name, row in rows.items()} == {
        "j1": 0,
        "j2": 0,
        "f1": 0,
        "f2": 0,
        "m1": 15_000,
    }
    assert rows["m1"]["fund_mnt"] == 45_000
    assert outcome(rows["m1"]) == ("reduced", ["OVER_CAP"], None, "m1")
    assert outcome(rows["f2"]) == ("paid", [], None, "f1")


def test_rehabilitation_needs_its_sessions(engine: Engine, book: Path) -> None:
    def session(name: str, care_type: str, quantity: int, person: str, day: str) -> dict[str, object]:
        start = at(f"2018-03-{day}")
        return {
            "claim_id": name,
            "insured_id": person,
            "care_type": care_type,
            "quantity": quantity,
            "start_at": start,
        }

    batch = claims(
        session("few1", "rehabilitation", 3, "p", "01"),
        session("few2", "rehabilitation", 3, "p", "02"),
        session("r1", "rehabilitation", 3, "q", "01"),
        session("r2", "rehabilitation", 4, "q", "02"),
        session("t1", "traditional", 3, "r", "01"),
        session("t2", "rehabilitation", 4, "r", "02"),
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert outcome(rows["few1"]) == ("denied", ["TOO_FEW_SESSIONS"], None, "few1")
    assert outcome(rows["few2"]) == ("denied", ["TOO_FEW_SESSIONS"], None, "few1")
    assert outcome(rows["r1"]) == ("paid", [], None, "r1")
    assert outcome(rows["r2"]) == ("merged", ["REHAB_SESSIONS"], "r1", "r1")
    assert outcome(rows["t1"]) == ("merged", ["REHAB_SESSIONS"], "t2", "t1")
    assert outcome(rows["t2"]) == ("paid", [], None, "t1")


def test_two_admissions_at_once_are_paid_and_flagged(engine: Engine, book: Path) -> None:
    batch = claims(
        stay("x", "2018-03-01", "2018-03-05"),
        stay("y", "2018-03-03", "2018-03-06", facility_id="Y"),
        stay("z", "2018-03-06", "2018-03-08", facility_id="Z"),
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert outcome(rows["x"]) == ("paid", ["OVERLAPPING_STAY"], None, "x")
    assert outcome(rows["y"]) == ("paid", ["OVERLAPPING_STAY"], None, "y")
    assert outcome(rows["z"]) == ("paid", [], None, "z")


@pytest.mark.parametrize("target_of_c", ["A", "B"])
def test_the_last_message_of_a_line_decides(engine: Engine, book: Path, target_of_c: str) -> None:
    def message(name: str, kind: str | None, target: str | None, day: str) -> dict[str, object]:
        return {
            "claim_id": name,
            "message": kind,
            "replaces_claim_id": target,
            "submitted_at": at(day),
            "start_at": at("2018-03-01"),
        }

    line = [
        message("A", "original", None, "2018-03-02"),
        message("B", "replacement", "A", "2018-03-03"),
        message("C", "replacement", target_of_c, "2018-03-04"),
    ]
    rows = by_id(engine(claims(*line), facilities=facilities(), book=book))
    assert outcome(rows["A"]) == ("voided", ["REPLACED"], "C", "A")
    assert outcome(rows["B"]) == ("voided", ["REPLACED"], "C", "B")
    assert outcome(rows["C"]) == ("paid", [], target_of_c, "C")

    cancelled = [
        *line,
        {"claim_id": "D", "message": "cancellation", "replaces_claim_id": "A", "start_at": None},
    ]
    cancelled[3].update(dict.fromkeys(("insured_id", "facility_id", "care_type", "icd10")))
    rows = by_id(engine(claims(*cancelled), facilities=facilities(), book=book))
    assert {name: outcome(row)[:3] for name, row in rows.items()} == {
        "A": ("voided", ["CANCELLED"], "D"),
        "B": ("voided", ["CANCELLED"], "D"),
        "C": ("voided", ["CANCELLED"], "D"),
        "D": ("voided", ["CANCELLED"], "A"),
    }
    assert rows["D"]["insured_id"] is None
    assert rows["C"]["gross_mnt"] == 0


def test_a_visit_within_a_stay_belongs_to_it(engine: Engine, book: Path) -> None:
    batch = claims(
        {"claim_id": "V", "start_at": at("2018-03-03")},
        stay("S", "2018-03-01", "2018-03-05"),
        *each("W", start_at=at("2018-03-06")),
    )
    rows = by_id(engine(batch, facilities=facilities(), book=book))
    assert outcome(rows["V"]) == ("denied", ["BUNDLED_IN_STAY"], "S", "V")
    assert rows["V"]["deducted_mnt"] == 9_000
    assert outcome(rows["S"])[0] == outcome(rows["W"])[0] == "paid"
