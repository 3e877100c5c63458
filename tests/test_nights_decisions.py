"""Manual decisions: applied after all phases, standing over nights until withdrawn, refused with a reason."""

import random

import pyarrow as pa
import pytest

import daatgal
from daatgal.errors import InputError
from tests import oracle
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.decisions import decisions
from tests.adversarial.nights import split_into_nights
from tests.adversarial.registers import facilities, insured
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, at, cancellation, claim, replacement
from tests.engine_judge import decisions_table
from tests.night_by_night import (
    as_claims,
    assert_same_claims,
    by_claim,
    in_one,
    registers_of,
    settle_nights,
    standing,
)
from tests.scale import scaled

pytestmark = pytest.mark.kernels

RULES = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}, "EXACT_DUPLICATE": {}}
VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    return registers_of(
        FACILITIES, None, write_case_book(tmp_path_factory.mktemp("book") / "book", RULES, {})
    )


def visit(claim_id: object, **columns: object) -> dict:
    return claim(claim_id, *VISIT, **columns)


def decided(
    claim_id: object, fund_mnt: int | None = 4_000, copay_mnt: int | None = 1_000, **columns: object
) -> dict:
    row = {"claim_id": claim_id, "decision": "reduced", "fund_mnt": fund_mnt, "copay_mnt": copay_mnt}
    return row | {"who": "auditor", "why": "reviewed", "at": at("2024-05-01"), "withdrawn": False} | columns


def after(registers, nights: list[list[dict]], given: list[list[dict]], claim_id: object = "V") -> dict:
    return standing(settle_nights(nights, registers, given))[claim_id]


MANUAL = {
    "decision": "reduced",
    "fund_mnt": 4_000,
    "copay_mnt": 1_000,
    "excess_mnt": 0,
    "deducted_mnt": 4_000,
}


def about(row: dict) -> dict:
    return {name: row[name] for name in MANUAL}


def test_a_decision_overrides_the_outcome(registers):
    row = after(registers, [[visit("V")]], [[decided("V")]])
    assert about(row) == MANUAL
    assert row["reasons"] == ["MANUAL"]


def test_a_decision_on_an_earlier_night_s_claim_adjusts_it(registers):
    history = settle_nights([[visit("V")], []], registers, [[], [decided("V")]])
    (row,) = history[1].adjustments.to_pylist()
    assert about(row) == MANUAL
    assert (row["old_decision"], row["old_fund_mnt"], row["old_reasons"]) == ("paid", 9_000, [])


def test_it_stands_without_being_given_again(registers):
    nights = [[visit("V")], [], [visit("W")], []]
    assert about(after(registers, nights, [[], [decided("V")], [], []])) == MANUAL
    history = settle_nights(nights, registers, [[], [decided("V")], [], []])
    assert [night.adjustments.num_rows for night in history] == [0, 1, 0, 0]


def test_given_again_it_changes_nothing(registers):
    history = settle_nights([[visit("V")], [], []], registers, [[decided("V")]] * 3)
    assert [night.adjustments.num_rows for night in history] == [0, 0, 0]


def test_withdrawn_it_leaves_the_rules_outcome(registers):
    withdrawal = decided("V", None, None, decision=None, withdrawn=True, at=at("2024-06-01"))
    history = settle_nights([[visit("V")], [], []], registers, [[decided("V")], [withdrawal], []])
    row = standing(history)["V"]
    assert (row["decision"], row["fund_mnt"], row["reasons"]) == ("paid", 9_000, [])
    assert [night.adjustments.num_rows for night in history] == [0, 1, 0]


def test_after_a_withdrawal_only_a_later_decision_counts(registers):
    withdrawal = decided("V", withdrawn=True, at=at("2024-06-01"))
    early, late = decided("V", at=at("2024-05-20")), decided("V", 7_000, at=at("2024-06-02"))
    assert after(registers, [[visit("V")], []], [[withdrawal], [early]])["decision"] == "paid"
    assert after(registers, [[visit("V")], []], [[withdrawal], [late]])["fund_mnt"] == 7_000


@pytest.mark.parametrize("nights", [1, 2])
@pytest.mark.parametrize("turned", [False, True])
def test_the_latest_wins(registers, nights, turned):
    """By `at`, whatever the order of rows or nights."""
    first, second = decided("V", 1_000), decided("V", 2_000, at=at("2024-05-02"))
    rows = [second, first] if turned else [first, second]
    given = [rows] if nights == 1 else [[row] for row in rows]
    assert after(registers, [[visit("V")], *[[]] * (nights - 1)], given)["fund_mnt"] == 2_000


@pytest.mark.parametrize("nights", [1, 2])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize(
    ("one", "other", "fund"),
    [
        (decided("V", 5_000), decided("V", 7_000), 5_000),
        (decided("V", 5_000, 10), decided("V", 5_000, 0), 5_000),
        (decided("V", 5_000), decided("V", withdrawn=True), None),
    ],
    ids=["least fund part", "least copayment", "withdrawn"],
)
def test_at_one_instant_neither_rows_nor_nights_decide(registers, nights, turned, one, other, fund):
    rows = [other, one] if turned else [one, other]
    given = [rows] if nights == 1 else [[row] for row in rows]
    found = after(registers, [[visit("V")], *[[]] * (nights - 1)], given)
    if fund is None:
        assert found["reasons"] == []
    else:
        assert (found["fund_mnt"], found["copay_mnt"]) == (fund, min(one["copay_mnt"], other["copay_mnt"]))


def test_the_others_are_judged_by_the_rules_outcome(registers):
    """A stay denied by hand still bundles the visit; a visit paid by hand is still no container of anything."""
    stay = claim("S", "inpatient", "2024-03-01", "2024-03-05", icd10="G40.1")
    again = visit("W", submitted_at=at("2024-04-01"))
    given = [decided("S", 0, 0, decision="denied"), decided("V", 9_000, 0, decision="paid")]
    for nights in (
        [[stay, visit("V"), again]],
        [[visit("V")], [again, stay]],
        [[stay], [again], [visit("V")]],
    ):
        rows = standing(settle_nights([*nights, []], registers, [[]] * len(nights) + [given]))
        assert rows["S"]["reasons"] == ["MANUAL"]
        assert (rows["S"]["decision"], rows["S"]["deducted_mnt"]) == ("denied", 529_785)
        assert (rows["V"]["decision"], rows["V"]["related_claim_id"]) == ("paid", "S")
        assert rows["V"]["reasons"] == ["MANUAL", "BUNDLED_IN_STAY"]
        assert rows["W"]["reasons"] == ["EXACT_DUPLICATE"]


def test_on_a_voided_claim_it_sleeps(registers):
    """It does not pass to the replacement, and wakes where the line is not voided any more."""
    corrected = replacement("R", "V", *VISIT, submitted_at=at("2024-04-01"))
    rows = standing(settle_nights([[visit("V")], [corrected], []], registers, [[decided("V")], [], []]))
    assert (rows["V"]["decision"], rows["V"]["reasons"]) == ("voided", ["REPLACED"])
    assert (rows["R"]["decision"], rows["R"]["reasons"]) == ("paid", [])


def test_it_wakes_with_its_claim(registers):
    """The decision on a replacement sleeps while a cancellation is the last message, and holds once it is not."""
    corrected = replacement("R", "V", *VISIT, submitted_at=at("2024-04-03"))
    cancelled = cancellation("D", "V", "2024-04-02")
    nights = [[visit("V"), cancelled], [corrected]]
    assert about(after(registers, nights, [[], [decided("R")]], "R")) == MANUAL
    late = cancellation("E", "V", "2024-04-04")
    assert after(registers, [*nights, [late]], [[], [decided("R")], []], "R")["reasons"] == ["CANCELLED"]


def test_an_amount_beyond_the_price_may_sleep_but_not_stand(registers):
    corrected = replacement("R", "V", *VISIT)
    assert after(registers, [[visit("V"), corrected]], [[decided("V", 10**6)]])["decision"] == "voided"


def test_a_decision_on_a_stranger_changes_nothing(registers):
    """And the night says whose claims are not there."""
    history = settle_nights(
        [[visit("V")], []], registers, [[decided("X"), decided("X")], [decided("V"), decided("Y")]]
    )
    assert about(standing(history)["V"]) == MANUAL
    assert [night.decisions_without_claim.to_pylist() for night in history] == [["X"], ["Y"]]


def given_with(column: str, values: pa.Array) -> pa.Table:
    table = decisions_table([decided("V"), decided("V")])
    return table.set_column(table.schema.get_field_index(column), column, values)


def _row(**columns: object) -> pa.Table:
    return decisions_table([decided("V"), decided("V") | columns])


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            _row(decision="merged"),
            "decisions row 1: found decision 'merged', expected paid, reduced or denied",
        ),
        (_row(decision="Paid"), "decisions row 1: found decision 'Paid'"),
        (_row(decision=None), "decisions row 1: found decision None"),
        (_row(fund_mnt=-1), "decisions row 1: found a negative amount"),
        (_row(copay_mnt=-1), "decisions row 1: found a negative amount"),
        (_row(fund_mnt=None), "decisions row 1: found no amount, expected both fund_mnt and copay_mnt"),
        (_row(decision="denied", copay_mnt=None), "decisions row 1: found no amount"),
        (_row().drop_columns(["fund_mnt"]), "decisions row 0: found no amount"),
        (_row(at=None), "decisions row 1: found no readable `at`"),
        (_row(claim_id=None), "decisions row 1: found claim_id None"),
        (
            _row(fund_mnt=8_001, at=at("2024-05-02")),
            "decision on claim 'V': found fund 8001 \\+ copay 1000, expected at most .* 9000",
        ),
        (
            _row(fund_mnt=2**63 - 1, copay_mnt=2**63 - 1, at=at("2024-05-02")),
            "decision on claim 'V': found fund 9223372036854775807",
        ),
        (
            given_with("fund_mnt", pa.array([1.0, 1.5])),
            "decisions row 1: found fund_mnt 1.5, expected whole tögrög",
        ),
        (given_with("withdrawn", pa.array(["no", "maybe"])), "decisions row 1: found withdrawn 'maybe'"),
        (given_with("at", pa.array(["2024-05-01", "May"])), "decisions row 1: found no readable `at`"),
        (_row().drop_columns(["at"]), "decisions: found no column at; expected claim_id, decision"),
    ],
)
def test_what_cannot_stand_is_refused(registers, table, message):
    with pytest.raises(InputError, match=message):
        daatgal.settle(as_claims([visit("V")], pa.string()), **registers, decisions=table)


def test_text_is_read_as_it_comes_from_a_file(registers):
    """As from CSV: every column text, ids of claims that are numbers too."""
    table = decisions_table([decided(7)])
    text = pa.table({name: table[name].cast(pa.string()) for name in table.column_names})
    claims_table = as_claims([visit(7, insured_id=1)], pa.int64())
    for given in (table, text):
        settled = daatgal.settle(claims_table, **registers, decisions=given)
        assert about(settled.ledger.to_pylist()[0]) == MANUAL
    with pytest.raises(
        InputError, match="decisions row 0: found claim_id 'V', expected an id as the claims have it"
    ):
        daatgal.settle(claims_table, **registers, decisions=decisions_table([decided("V")]))


@pytest.mark.parametrize("seed", range(4))
def test_awkward_decisions(tmp_path, seed):
    """Engine and oracle agree; given on any night from the claim's own on, they lead to the same standing ledger."""
    rng = random.Random(seed)
    ids = ("string", "int64")[seed % 2]
    rows = claims(scaled(600, at_least=40), 500 + seed, people=6, ids=ids, messages=0.15)
    book, people = write_adversarial_book(tmp_path / "book", seed), insured(6, seed, ids)
    parts = {"facilities": facilities(), "insured": people, "book": book}
    nights = split_into_nights(rows, 4, seed)
    plain = oracle.judge(in_one(nights), **parts)
    given = decisions(plain.ledger, seed, share=0.3)
    wanted = oracle.judge(in_one(nights), **parts, decisions=given)
    came = {row["claim_id"]: number for number, night in enumerate(nights) for row in night}
    by_night: list[list[dict]] = [[] for _ in nights]
    for row in given:
        by_night[rng.randrange(came[row["claim_id"]], len(nights))].append(row)
    registers = registers_of(facilities(), people, book)
    whole = settle_nights([in_one(nights)], registers, [given])
    assert_same_claims(by_claim(whole[0].ledger.to_pylist()), by_claim(wanted.ledger))
    assert_same_claims(standing(settle_nights(nights, registers, by_night)), by_claim(wanted.ledger))
    manual = sum(row["reasons"][:1] == ["MANUAL"] for row in wanted.ledger)
    assert manual > (len(rows) / 20 if len(rows) >= 600 else 0)
