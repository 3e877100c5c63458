"""What a night says of earlier claims: columns, old values, closed years, and summaries that add up."""

from collections import Counter
from datetime import date

import pytest

import daatgal
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.adversarial.registers import facilities, insured
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, at, cancellation, claim
from tests.night_by_night import as_claims, by_claim, id_type, in_one, registers_of, settle_nights, standing
from tests.scale import scaled

OLD = (
    "decision",
    "fund_mnt",
    "copay_mnt",
    "excess_mnt",
    "deducted_mnt",
    "reasons",
    "related_claim_id",
    "case_id",
)
MEASURES = ("claims", "cases", "gross_mnt", "fund_mnt", "copay_mnt", "excess_mnt", "deducted_mnt")
EVERY_DAY_OPEN = date(1995, 1, 1)


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    rules = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}, "EXACT_DUPLICATE": {}}
    return registers_of(
        FACILITIES, None, write_case_book(tmp_path_factory.mktemp("book") / "book", rules, {})
    )


def visit(claim_id: str, start: str = "2024-03-03 10:00", **columns: object) -> dict:
    return claim(claim_id, "outpatient", start, **columns)


STAY = claim("S", "inpatient", "2024-03-01", "2024-03-05", icd10="G40.1")


def test_the_worked_case(registers):
    """Case 8: a stay that comes a night later takes back the visit inside it."""
    first, second = settle_nights([[visit("V")], [STAY]], registers)
    (row,) = second.adjustments.to_pylist()
    assert by_claim(second.ledger.to_pylist())["S"]["decision"] == "paid"
    assert (row["claim_id"], row["decision"], row["reasons"]) == ("V", "denied", ["BUNDLED_IN_STAY"])
    assert (row["related_claim_id"], row["fund_mnt"], row["deducted_mnt"]) == ("S", 0, 9_000)
    assert (row["old_decision"], row["old_fund_mnt"], row["old_reasons"]) == ("paid", 9_000, [])
    assert (row["old_related_claim_id"], row["old_case_id"], row["closed"]) == (None, "V", False)
    assert first.adjustments.num_rows == 0


def test_the_columns_are_the_contract_s(registers):
    for night in settle_nights([[visit("V")], [STAY], []], registers):
        names = [*night.ledger.column_names, *(f"old_{name}" for name in OLD), "closed"]
        assert night.adjustments.column_names == names
        for name in OLD:
            assert night.adjustments.schema.field(f"old_{name}").type == night.ledger.schema.field(name).type


def test_nothing_is_said_twice(registers):
    """A night that concerns the same person and changes nothing adjusts nothing."""
    history = settle_nights([[visit("V")], [STAY], [visit("W", "2024-06-01")]], registers)
    assert [night.adjustments.num_rows for night in history] == [0, 1, 0]


@pytest.mark.parametrize(
    ("as_of", "closed"),
    [("2025-12-31", False), ("2026-01-01", True), ("2024-01-01", False), (None, False)],
)
def test_years_are_closed_by_the_day_of_the_run(registers, as_of, closed):
    day = None if as_of is None else date.fromisoformat(as_of)
    _, night = settle_nights([[visit("V")], [STAY]], registers, as_of=day)
    assert [row["closed"] for row in night.adjustments.to_pylist()] == [closed]
    moved = {
        row["reason"]: row["claims"] for row in night.summary.to_pylist() if row["care_type"] == "outpatient"
    }
    assert moved == ({} if closed else {None: -1, "BUNDLED_IN_STAY": 1})


def test_a_claim_is_closed_by_its_end(registers):
    """The end of the claim counts, not its start: one over the turn of the year is open a year longer."""
    over = claim("S", "inpatient", "2023-12-30", "2024-01-02", icd10="G40.1")
    for target, closed in ((visit("S", "2023-12-31 23:00"), True), (over, False)):
        _, night = settle_nights([[target], [cancellation("D", "S")]], registers, as_of=date(2025, 6, 1))
        assert [row["closed"] for row in night.adjustments.to_pylist()] == [closed]


def test_the_day_of_the_run_is_the_last_on_which_something_came(registers):
    first, second, third = settle_nights(
        [
            [visit("A"), visit("B", "2024-05-01 08:00", submitted_at=at("2024-04-01"))],
            [visit("C", submitted_at=at("2024-07-02 23:00"))],
            [],
        ],
        registers,
    )
    assert (first.as_of, second.as_of, third.as_of) == (date(2024, 4, 1), date(2024, 7, 2), date(2024, 7, 2))


def test_what_a_voided_claim_had_is_taken_back(registers):
    """Its DRG and its price are gone from the row, and still leave the sums that they went into."""
    nights = [[visit("V")], [cancellation("D", "V")]]
    assert totals(settle_nights(nights, registers)) == totals(settle_nights([in_one(nights)], registers))


def totals(history: list[daatgal.Settlement]) -> dict[tuple, Counter]:
    """The measures of all summaries together, groups that came to nothing left out."""
    found: dict[tuple, Counter] = {}
    for night in history:
        for row in night.summary.to_pylist():
            key = tuple(value for name, value in row.items() if name not in MEASURES)
            sums = found.setdefault(key, Counter())
            for name in MEASURES:
                sums[name] += row[name]
    return {key: sums for key, sums in found.items() if any(sums.values())}


@pytest.mark.parametrize("seed", range(4))
def test_awkward_claims(tmp_path, seed):
    """Old values are those of the night before; what changed is what is adjusted; summaries add up."""
    ids = ("string", "int64")[seed % 2]
    rows = claims(scaled(800, at_least=40), 300 + seed, people=6, ids=ids, messages=0.2)
    given = registers_of(
        facilities(), insured(6, seed, ids) if seed else None, write_adversarial_book(tmp_path / "book", seed)
    )
    nights = split_into_nights(rows, 4, seed)
    history = settle_nights(nights, given, as_of=EVERY_DAY_OPEN)
    for number in range(1, len(history)):
        before, after = standing(history[:number]), standing(history[: number + 1])
        adjusted = by_claim(history[number].adjustments.to_pylist())
        assert adjusted.keys() == {key for key, row in before.items() if after[key] != row}
        for claim_id, row in adjusted.items():
            assert {name: row[f"old_{name}"] for name in OLD} == {
                name: before[claim_id][name] for name in OLD
            }
            assert {name: row[name] for name in after[claim_id]} == after[claim_id]
    whole = daatgal.settle(as_claims(in_one(nights), id_type(nights)), **given)
    assert totals(history) == totals([whole])
    assert all(sums["gross_mnt"] >= 0 for sums in totals(history).values())
