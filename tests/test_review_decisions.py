"""Confirmed overpayments become decisions, and the next night's ledger stands on them."""

from datetime import timedelta

import pyarrow as pa
import pytest

import daatgal
from daatgal.errors import DaatgalError
from daatgal.review.bring_back import FUND_ZONE
from daatgal.review.decisions import decisions_table, shared_out
from daatgal.review.outcomes import Cases, Outcome, Reviewed
from daatgal.review.store import Recorded
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, claim
from tests.night_by_night import as_claims, registers_of, settle_nights, standing
from tests.review_month import AT

NOW = AT.replace(tzinfo=FUND_ZONE)


def recorded(*outcomes: tuple) -> list[Recorded]:
    """Outcomes (case, claim, outcome, amount), an hour apart."""
    return [
        Recorded(
            number,
            Reviewed(number + 1, case, part, Outcome(outcome), amount, "Бат", AT, note),
            "r.csv",
            NOW + timedelta(hours=number),
            hints_open=False,
        )
        for number, (case, part, outcome, amount, note) in enumerate(outcomes, 1)
    ]


def cases_of(claims: dict[object, dict[object, int]]) -> Cases:
    paid = {case: sum(parts.values()) for case, parts in claims.items()}
    whole = any(isinstance(case, int) for case in claims)
    return Cases(paid, claims, {part: case for case, parts in claims.items() for part in parts}, whole)


ONE = cases_of({"A": {"A": 9_000}, "B": {"B": 9_000}, "T": {"T1": 30_000, "T2": 10_001, "T3": 0}})
COPAY = {"A": 0, "B": 0, "T1": 500, "T2": 0, "T3": 0}


def rows_of(*outcomes: tuple) -> dict[object, tuple]:
    table = decisions_table(recorded(*outcomes), ONE, COPAY)
    return {
        row["claim_id"]: (row["decision"], row["fund_mnt"], row["copay_mnt"], row["withdrawn"])
        for row in table.to_pylist()
    }


def test_all_wrong_is_denied_some_wrong_is_reduced_the_rest_stays():
    assert rows_of(
        ("A", None, "overpaid", 9_000, ""),
        ("B", None, "overpaid", 2_000, ""),
        ("T", None, "correct", 0, ""),
    ) == {"A": ("denied", 0, 0, False), "B": ("reduced", 7_000, 0, False)}
    assert rows_of(("A", None, "underpaid", 500, ""), ("B", None, "cannot_determine", 0, "")) == {}


def test_a_case_of_several_claims_is_shared_out_to_the_togrog():
    found = rows_of(("T", None, "overpaid", 20_001, ""))
    assert found == {
        "T1": ("reduced", 30_000 - 15_000, 500, False),
        "T2": ("reduced", 10_001 - 5_001, 0, False),
    }
    by_claim = rows_of(("T", "T2", "overpaid", 10_001, ""))
    assert by_claim == {"T2": ("denied", 0, 0, False)}
    for amount in range(0, 40_002, 997):
        shares = shared_out(amount, ONE.claims["T"])
        assert sum(shares.values()) == amount
        assert all(0 <= shares[part] <= paid for part, paid in ONE.claims["T"].items())
    assert shared_out(0, {"x": 0}) == {"x": 0}
    with pytest.raises(DaatgalError, match="found 2, expected 0 to 1"):
        shared_out(2, {"x": 1})


def test_what_is_no_longer_wrong_is_withdrawn():
    history = (("T", None, "overpaid", 20_001, ""), ("T", "T1", "overpaid", 7, ""))
    assert rows_of(*history) == {"T1": ("reduced", 29_993, 500, False), "T2": (None, 0, 0, True)}
    ended = rows_of(*history, ("T", None, "correct", 0, ""))
    assert {row[3] for row in ended.values()} == {True}
    assert ended.keys() == {"T1", "T2"}


def test_who_why_and_when_go_with_it():
    table = decisions_table(
        recorded(("A", None, "overpaid", 1, "хоёр удаа"), ("B", None, "overpaid", 1, "")), ONE, COPAY
    )
    first, second = table.to_pylist()
    assert (first["who"], first["why"], first["at"]) == ("Бат", "хоёр удаа", NOW + timedelta(hours=1))
    assert second["why"] == "targeted sample: overpaid"
    assert decisions_table([], ONE, COPAY).num_rows == 0


VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")


def test_they_stand_in_the_next_night_s_ledger_until_they_are_withdrawn(tmp_path):
    """Night 1 pays; night 2 has the decisions; night 3 nothing new; night 4 the withdrawal."""
    book = write_case_book(tmp_path / "book", {}, {})
    registers = registers_of(FACILITIES, None, book)
    visits = [claim(name, *VISIT, insured_id=name) for name in ("A", "B")]
    first = settle_nights([visits], registers)
    paid = {row["claim_id"]: row["fund_mnt"] for row in first[0].ledger.to_pylist()}
    cases = cases_of({name: {name: paid[name]} for name in ("A", "B")})
    copay = {row["claim_id"]: row["copay_mnt"] for row in first[0].ledger.to_pylist()}
    outcomes = [("A", None, "overpaid", paid["A"], ""), ("B", None, "overpaid", 1_000, "")]

    def night(history: list, decisions: pa.Table | None) -> list:
        none = as_claims([], pa.string())
        return [*history, daatgal.settle(none, **registers, history=history, decisions=decisions)]

    second = night(first, decisions_table(recorded(*outcomes), cases, copay))
    held = {
        name: (row["decision"], row["fund_mnt"], row["reasons"][0]) for name, row in standing(second).items()
    }
    assert held == {"A": ("denied", 0, "MANUAL"), "B": ("reduced", paid["B"] - 1_000, "MANUAL")}
    third = night(second, None)
    assert third[-1].adjustments.num_rows == 0
    again = night(third, decisions_table(recorded(*outcomes), cases, copay))
    assert again[-1].adjustments.num_rows == 0, "handed over again, nothing changes"
    corrected = decisions_table(recorded(*outcomes, ("A", None, "correct", 0, "")), cases, copay)
    last = night(again, corrected)
    rows = standing(last)
    assert (rows["A"]["decision"], rows["A"]["fund_mnt"], rows["A"]["reasons"]) == ("paid", paid["A"], [])
    assert rows["B"]["fund_mnt"] == paid["B"] - 1_000
