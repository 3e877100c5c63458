"""What a night says of earlier claims to later nights: only what is new, each claim once."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import daatgal
from daatgal import load_tariff
from daatgal.nights.layers import (
    CHANGED,
    NEW,
    NEWS,
    PERSON,
    UNCHANGED,
    UNCHANGED_PARTS,
    layers_of,
    told_and_unchanged,
)
from daatgal.nights.people import concerned
from daatgal.nights.recall import recall
from daatgal.pipeline import run_night
from tests.adversarial.table import facilities_table, insured_table
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, at, cancellation, claim, replacement
from tests.night_by_night import as_claims, registers_of, settle_nights

pytestmark = pytest.mark.kernels

RULES = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}, "EXACT_DUPLICATE": {}}
VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")
STAY = claim("S", "inpatient", "2024-03-01", "2024-03-05", icd10="G40.1")
INSURED = {
    "insured_id": "P",
    "covered_from": None,
    "covered_to": None,
    "death_date": None,
    "sex": "f",
    "exemption": None,
}


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return write_case_book(tmp_path_factory.mktemp("book") / "book", RULES, {})


@pytest.fixture(scope="module")
def registers(book):
    return registers_of(FACILITIES, None, load_tariff(book))


def visit(claim_id: object, **columns: object) -> dict:
    return claim(claim_id, *VISIT, **columns)


def news(night) -> dict[str, int]:
    return dict(zip(night.state["claim_id"].to_pylist(), night.state[NEWS].to_pylist(), strict=True))


def decided(claim_id: str, when: str, **columns: object) -> dict:
    manual = {"decision": "denied", "fund_mnt": 0, "copay_mnt": 0, "who": "Сараа", "why": "seen"}
    return {"claim_id": claim_id, "at": at(when), "withdrawn": False, **manual, **columns}


def test_a_claim_that_stays_as_it_was_is_no_news(registers):
    nights = [
        [visit("A"), visit("Q1", insured_id="Q")],
        [claim("B", "outpatient", "2024-04-03", "2024-04-03")],
    ]
    _, second = settle_nights(nights, registers)
    assert news(second) == {"A": UNCHANGED, "B": NEW}
    assert second.adjustments.num_rows == 0


def test_a_claim_with_another_outcome_is_news(registers):
    _, second = settle_nights([[visit("A"), visit("Z", insured_id="Z")], [STAY]], registers)
    assert news(second) == {"A": CHANGED, "S": NEW}


def test_a_line_with_another_person_is_news_where_the_outcome_is_not(registers):
    """B is voided by C, as it was by the cancellation before: but its line reaches R by now."""
    nights = [
        [visit("A")],
        [cancellation("D", "A", "2024-04-01")],
        [replacement("C", "D", *VISIT, insured_id="R", submitted_at="2024-04-02")],
        [cancellation("E", "C", "2024-04-03")],
    ]
    history = settle_nights(nights, registers)
    lines = {row["claim_id"]: set(row["line_people"]) for row in history[2].state.to_pylist()}
    assert len(lines["A"]) == 3
    assert lines["A"] == lines["D"] == lines["C"]
    assert news(history[2]) == {"A": CHANGED, "D": CHANGED, "C": NEW}


def test_a_decision_that_changes_no_amount_is_news(registers):
    """The second decision is like the first but for its instant; withdrawn later, it must not come back."""
    nights = [[visit("A")], [], [], [visit("B", insured_id="Q")], []]
    decisions = [
        [],
        [decided("A", "2024-05-01 10:00")],
        [decided("A", "2024-05-02 10:00")],
        [],
        [decided("A", "2024-05-01 12:00", withdrawn=True)],
    ]
    history = settle_nights(nights, registers, decisions)
    assert [news(night).get("A") for night in history] == [NEW, CHANGED, CHANGED, None, UNCHANGED]
    assert history[2].adjustments.num_rows == history[4].adjustments.num_rows == 0


def test_what_the_register_says_of_a_person_by_now_is_news(registers):
    born = [INSURED | {"birth_date": date(year, 1, 1)} for year in (1990, 1991)]
    first, second = (registers | {"insured": insured_table([row])} for row in born)
    nights = [[visit("A")], [claim("B", "outpatient", "2024-04-03", "2024-04-03")]]
    (one,) = settle_nights(nights[:1], first)
    two = daatgal.settle(as_claims(nights[1], pa.string()), **second, history=[one])
    known = dict(
        zip(two.state["claim_id"].to_pylist(), two.state["known_birth_date"].to_pylist(), strict=True)
    )
    assert news(two)["A"] == CHANGED
    assert known["A"] == date(1991, 1, 1)


def test_both_halves_of_state_are_sorted_by_people(registers):
    nights = [[visit(f"A{number}", insured_id=f"P{number % 7}") for number in range(40)]]
    nights += [[claim(f"B{number}", "outpatient", "2024-05-03", "2024-05-04", insured_id=f"P{number}")
                for number in range(7)]]  # fmt: skip
    _, second = settle_nights(nights, registers)
    told, unchanged = told_and_unchanged(second.state)
    assert (told.num_rows, unchanged.num_rows) == (7, 40)
    for half in (told, unchanged):
        assert (np.diff(half[PERSON].to_numpy().astype(object)) >= 0).all()


def test_each_claim_is_recalled_once_and_nothing_is_read_of_the_unchanged_parts(tmp_path, book):
    """A claim changes twice, another never: of neither is an older row, or a repeated one, judged again."""
    pq.write_table(facilities_table(FACILITIES), tmp_path / "facilities.parquet")
    tables = {"facilities": tmp_path / "facilities.parquet", "tariff": book}
    nights = [
        [visit("A"), claim("Y", "outpatient", "2024-06-03", "2024-06-03")],
        [STAY],
        [cancellation("D", "S", "2024-04-01")],
        [claim("Z", "outpatient", "2024-07-03", "2024-07-03")],
    ]
    folders = []
    for number, rows in enumerate(nights):
        pq.write_table(as_claims(rows, pa.string()), tmp_path / f"{number}.parquet")
        out = tmp_path / f"night {number}"
        run_night(claims=tmp_path / f"{number}.parquet", **tables, out=out, history=tuple(folders))
        folders.append(out)
    kept = [sorted(path.name for path in (folder / "state").iterdir()) for folder in folders]
    assert kept == [["part-00000.parquet"], *[["part-00000.parquet", "unchanged-00000.parquet"]] * 3]
    every = [set(pq.read_table(folder / "state")["claim_id"].to_pylist()) for folder in folders]
    assert every == [{"A", "Y"}, {"A", "Y", "S"}, {"A", "Y", "S", "D"}, {"A", "Y", "S", "D", "Z"}]
    for folder in folders:
        for path in (folder / "state").glob(f"{UNCHANGED_PARTS}-*.parquet"):
            path.unlink()
    layers = layers_of(folders)
    found = recall(concerned(as_claims([visit("N")], pa.string()), None, layers), layers).state
    outcomes = dict(zip(found["claim_id"].to_pylist(), found["outcome_decision"].to_pylist(), strict=True))
    assert outcomes == {"A": "paid", "Y": "paid", "S": "voided", "D": "voided", "Z": "paid"}
    assert found.num_rows == 5
