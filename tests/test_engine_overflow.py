"""Amounts near 2**63: what fits is exact to the last tögrög, what does not stops the run and names the claim."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from daatgal import TariffBook, load_tariff
from daatgal.errors import AmountError
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, claim
from tests.engine_judge import judge

pytestmark = pytest.mark.kernels

LARGEST_MNT = 2**63 - 1
MOST_ITEMS = 2**31 - 1
DAY = "2024-03-05"


def book_of(folder: Path, **amounts: int) -> TariffBook:
    """The cases' book with the unit price of CT, the inpatient base rate or the weight of 14000 set.

    The loader holds amounts to 15 digits; a book that is made in memory may hold what int64 does.
    """
    book = load_tariff(write_case_book(folder / "book", {}, {}))
    changed = {
        "items": ("unit_mnt", "service_code", "CT"),
        "base_rates": ("base_mnt", "care_type", "inpatient"),
        "drgs": ("weight_e4", "drg_code", "14000"),
    }
    tables = {
        table: tuple(
            row._replace(**{column: amounts[column]})
            if column in amounts and getattr(row, key) == value
            else row
            for row in getattr(book, table)
        )
        for table, (column, key, value) in changed.items()
    }
    return replace(book, **tables)


def gross_of(book: TariffBook, care_type: str, **columns: object) -> int:
    """The gross amount of one claim, which stands between two ordinary ones."""
    row = claim("the dear one", care_type, DAY, "2024-03-09", **columns)
    others = [claim(name, "outpatient", DAY, insured_id=name) for name in ("A", "B")]
    ledger = judge([others[0], row, others[1]], facilities=FACILITIES, book=book).ledger
    assert ledger[0]["gross_mnt"] == ledger[2]["gross_mnt"] == 9_000
    return ledger[1]["gross_mnt"]


@pytest.mark.parametrize(
    ("unit_mnt", "quantity"),
    [
        (LARGEST_MNT, 1),
        (LARGEST_MNT, 0),
        (LARGEST_MNT // 2, 2),
        (LARGEST_MNT // MOST_ITEMS, MOST_ITEMS),
        (1, MOST_ITEMS),
        (0, MOST_ITEMS),
        (10**15 - 1, LARGEST_MNT // (10**15 - 1)),
    ],
)
def test_items_just_below(tmp_path, unit_mnt, quantity):
    book = book_of(tmp_path, unit_mnt=unit_mnt)
    gross_mnt = gross_of(book, "high_cost_diagnostics", service_code="CT", quantity=quantity)
    assert gross_mnt == unit_mnt * quantity


@pytest.mark.parametrize(
    ("unit_mnt", "quantity"),
    [
        (LARGEST_MNT, 2),
        (LARGEST_MNT, MOST_ITEMS),
        (2**62, 2),
        (2**62, 4),
        (2**61, 8),
        (LARGEST_MNT // MOST_ITEMS + 1, MOST_ITEMS),
        (10**15 - 1, LARGEST_MNT // (10**15 - 1) + 1),
    ],
)
def test_items_just_above(tmp_path, unit_mnt, quantity):
    book = book_of(tmp_path, unit_mnt=unit_mnt)
    with pytest.raises(AmountError, match="the dear one"):
        gross_of(book, "high_cost_diagnostics", service_code="CT", quantity=quantity)


def half_up(n: int, d: int) -> int:
    return (2 * n + d) // (2 * d)


@pytest.mark.parametrize(
    ("base_mnt", "weight_e4"),
    [
        (LARGEST_MNT, 10_000),
        (LARGEST_MNT, 9_999),
        (LARGEST_MNT, 1),
        (LARGEST_MNT, 0),
        (0, 2**40 - 1),
        (2**62, 19_999),
        (2**63 * 10_000 // 11_773 - 1, 11_773),
        (LARGEST_MNT * 10_000 // (2**40 - 1), 2**40 - 1),
        (10**15 - 1, LARGEST_MNT * 10_000 // (10**15 - 1)),
    ],
)
def test_groups_just_below(tmp_path, base_mnt, weight_e4):
    wanted = half_up(base_mnt * weight_e4, 10_000)
    assert wanted <= LARGEST_MNT
    assert gross_of(book_of(tmp_path, base_mnt=base_mnt, weight_e4=weight_e4), "inpatient") == wanted


@pytest.mark.parametrize(
    ("base_mnt", "weight_e4"),
    [
        (LARGEST_MNT, 10_001),
        (LARGEST_MNT, 2**40 - 1),
        (2**62, 20_000),
        (2**63 * 10_000 // 11_773, 11_773),
        (LARGEST_MNT * 10_000 // (2**40 - 1) + 1, 2**40 - 1),
        (10**15 - 1, LARGEST_MNT * 10_000 // (10**15 - 1) + 1),
    ],
)
def test_groups_just_above(tmp_path, base_mnt, weight_e4):
    assert half_up(base_mnt * weight_e4, 10_000) > LARGEST_MNT
    with pytest.raises(AmountError, match="the dear one"):
        gross_of(book_of(tmp_path, base_mnt=base_mnt, weight_e4=weight_e4), "inpatient")


def test_the_largest_bill_is_taken_as_it_is_and_shared_exactly(tmp_path):
    rate = {"rate_bp": 9_999, "valid_from": "2008-01-01"}
    copay = {"care_type": "diagnostics", "level": "*", "drg_code": "*", "service_code": "*"} | rate
    book = write_case_book(tmp_path / "book", {}, {"copay": [copay]})
    row = claim("A", "diagnostics", DAY, billed_mnt=LARGEST_MNT)
    (found,) = judge([row], facilities=FACILITIES, book=book).ledger
    assert found["gross_mnt"] == LARGEST_MNT
    assert found["copay_mnt"] == half_up(LARGEST_MNT * 9_999, 10_000)
    assert found["fund_mnt"] == LARGEST_MNT - found["copay_mnt"]


def test_sums_that_caps_are_compared_with_do_not_wrap(tmp_path):
    rules = {
        "DIAGNOSTICS_CAP": {"month_mnt": 55_000, "quarter_mnt": 165_000},
        "YEAR_LIMIT": {"limit_mnt": 60_000},
    }
    rows = [claim(f"{n}", "diagnostics", DAY, billed_mnt=2**61) for n in range(3)]
    rows += [claim("later", "diagnostics", "2024-02-05", billed_mnt=LARGEST_MNT, submitted_at=f"{DAY} 10:00")]
    ledger = judge(rows, facilities=FACILITIES, book=write_case_book(tmp_path / "book", rules, {})).ledger
    assert [row["fund_mnt"] for row in ledger] == [0, 0, 0, 60_000]


def test_an_amount_that_only_a_denied_claim_has_is_still_one(tmp_path):
    """It would be shown as what was saved."""
    book = book_of(tmp_path, unit_mnt=LARGEST_MNT)
    rows = [
        claim(name, "high_cost_diagnostics", DAY, service_code="CT", quantity=quantity, facility_id=facility)
        for name, quantity, facility in (("A", 1, "F"), ("too much", 2, "closed"))
    ]
    closed = FACILITIES[0] | {"facility_id": "closed", "valid_to": date(2001, 1, 1)}
    with pytest.raises(AmountError, match="too much"):
        judge(rows, facilities=[*FACILITIES, closed], book=book)


def test_a_voided_claim_has_no_amount(tmp_path):
    book = book_of(tmp_path, unit_mnt=LARGEST_MNT)
    dear = claim("A", "high_cost_diagnostics", DAY, service_code="CT", quantity=2)
    gone = {"claim_id": "gone", "message": "cancellation", "replaces_claim_id": "A"}
    assert [row["gross_mnt"] for row in judge([dear, gone], facilities=FACILITIES, book=book).ledger] == [
        0,
        0,
    ]
