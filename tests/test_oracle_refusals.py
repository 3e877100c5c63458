"""What the oracle does not take, and how it reads single values."""

from datetime import datetime

import pytest

from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, claim
from tests.oracle import judge
from tests.oracle.values import INT32, INT64, UnreadableError, instant, whole_number


@pytest.fixture
def settled(tmp_path):
    book = write_case_book(tmp_path / "book", {}, {})
    return lambda claims, **rest: judge(claims, facilities=FACILITIES, book=book, **rest)


def test_no_claims(settled):
    assert settled([]).ledger == []


def test_a_column_that_is_missing_altogether(settled):
    row = claim("A", "outpatient", "2024-03-05")
    del row["icd10"]
    with pytest.raises(ValueError, match="icd10 is missing altogether"):
        settled([row])


@pytest.mark.parametrize(
    ("decision", "fund_mnt", "copay_mnt"),
    [("merged", 0, 0), ("paid", -1, 0), ("paid", 0, -1), ("reduced", 9_000, 1), ("denied", 9_001, 0)],
)
def test_decisions_that_are_refused(settled, decision, fund_mnt, copay_mnt):
    row = {"claim_id": "A", "decision": decision, "fund_mnt": fund_mnt, "copay_mnt": copay_mnt}
    row |= {"who": "w", "why": "y", "at": datetime.fromisoformat("2024-05-01"), "withdrawn": False}
    with pytest.raises(ValueError, match="decision on A"):
        settled([claim("A", "outpatient", "2024-03-05")], decisions=[row])


@pytest.mark.parametrize(
    "value",
    ["abc", "1.5", 1.5, float("nan"), float("inf"), True, 2**63, [1], "1,000", "1_000", "١٢", "nan", "0x1"],
)
def test_what_is_no_whole_number(value):
    with pytest.raises(UnreadableError):
        whole_number(value, INT64)


@pytest.mark.parametrize(
    ("value", "number"), [("12", 12), (12.0, 12), (" 12 ", 12), ("12.00", 12), ("+1e1", 10), (-3, -3)]
)
def test_whole_numbers(value, number):
    assert whole_number(value, INT32) == number


def test_a_number_beyond_its_column():
    assert whole_number(2**31 - 1, INT32) == 2**31 - 1
    with pytest.raises(UnreadableError):
        whole_number(2**31, INT32)


@pytest.mark.parametrize(
    "value", ["2024-3-5", "20240305", "05.03.2024", "2024-02-30", "2024-03-05 25:00", 20240305]
)
def test_what_is_no_time(value):
    with pytest.raises(UnreadableError):
        instant(value, None)
