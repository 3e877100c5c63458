"""Whom a night judges again: people of several nights, of one line, with colliding hashes, and nobody else."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import daatgal
from daatgal import load_tariff
from daatgal.decode import identity
from daatgal.nights.layers import PERSON, layers_of
from daatgal.outputs import parts
from daatgal.pipeline import run_night
from daatgal_engine.strings import Strings
from tests.adversarial.books import write_adversarial_book
from tests.adversarial.claims import claims
from tests.adversarial.nights import split_into_nights
from tests.adversarial.registers import facilities, insured
from tests.adversarial.table import facilities_table, insured_table
from tests.cases.book import write_case_book
from tests.cases.case import FACILITIES, cancellation, claim, replacement
from tests.night_by_night import (
    as_claims,
    assert_nights_add_up,
    id_type,
    in_one,
    registers_of,
    settle_nights,
    standing,
)
from tests.scale import scaled

RULES = {"BUNDLED_IN_STAY": {"boundary": "days", "exempt_long": ""}, "EXACT_DUPLICATE": {}}
VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")


@pytest.fixture(scope="module")
def registers(tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    return registers_of(FACILITIES, None, load_tariff(write_case_book(folder / "book", RULES, {})))


def visit(claim_id: object, **columns: object) -> dict:
    return claim(claim_id, *VISIT, **columns)


def every_night_adds_up(nights: list[list[dict]], registers: dict) -> list[daatgal.Settlement]:
    """Not only after the last night."""
    for number in range(1, len(nights) + 1):
        history = assert_nights_add_up(nights[:number], registers)
    return history


def decisions_of(history: list[daatgal.Settlement]) -> dict[object, tuple]:
    return {key: (row["decision"], *row["reasons"]) for key, row in standing(history).items()}


def test_a_replacement_moves_a_claim_to_another_person(registers):
    """Each person's other claims are judged again when the claim goes, comes, and is gone for good."""
    nights = [
        [visit("A"), visit("A2")],
        [visit("Q1", insured_id="Q")],
        [replacement("B", "A", *VISIT, insured_id="Q")],
        [cancellation("D", "B")],
        [visit("Q2", insured_id="Q"), visit("P2")],
    ]
    history = every_night_adds_up(nights, registers)
    twice = ("denied", "EXACT_DUPLICATE")
    assert decisions_of(history[:2]) == {"A": ("paid",), "A2": twice, "Q1": ("paid",)}
    moved = {"A": ("voided", "REPLACED"), "A2": ("paid",), "B": ("paid",), "Q1": twice}
    assert decisions_of(history[:3]) == moved
    gone = dict.fromkeys("ABD", ("voided", "CANCELLED"))
    assert decisions_of(history) == gone | {"A2": ("paid",), "P2": twice, "Q1": ("paid",), "Q2": twice}


def test_a_cancellation_without_a_person_is_found_again(registers):
    """A later message aims at a cancellation that names nobody: its line comes with it, on both sides."""
    nights = [
        [visit("A"), visit("A2")],
        [cancellation("D", "A", "2024-04-01")],
        [replacement("R", "D", *VISIT, insured_id="Q", submitted_at="2024-04-02")],
        [cancellation("E", "D", "2024-04-03")],
        [visit("Q1", insured_id="Q")],
    ]
    history = every_night_adds_up(nights, registers)
    assert decisions_of(history[:2]) == dict.fromkeys("AD", ("voided", "CANCELLED")) | {"A2": ("paid",)}
    stands = dict.fromkeys("AD", ("voided", "REPLACED"))
    assert decisions_of(history[:3]) == stands | {"A2": ("paid",), "R": ("paid",)}
    gone = dict.fromkeys("ADRE", ("voided", "CANCELLED"))
    assert decisions_of(history) == gone | {"A2": ("paid",), "Q1": ("paid",)}


def test_everyone_of_a_line_comes_with_each_of_them(registers):
    """A new claim of the third person recalls the first, whose claim is of the same line."""
    nights = [
        [visit("A")],
        [replacement("B", "A", *VISIT, insured_id="Q")],
        [replacement("C", "B", *VISIT, insured_id="R")],
        [visit("R1", insured_id="R")],
        [visit("P1")],
        [visit("Q1", insured_id="Q"), cancellation("D", "A")],
    ]
    history = every_night_adds_up(nights, registers)
    assert set(history[3].state["claim_id"].to_pylist()) == {"A", "B", "C", "R1"}


def test_nobody_else_is_judged_again(registers):
    nights = [[visit("A"), visit("Q1", insured_id="Q")], [visit("B")]]
    _, second = settle_nights(nights, registers)
    assert set(second.state["claim_id"].to_pylist()) == {"A", "B"}


def test_a_person_of_the_oldest_night_alone(registers):
    """Other people's nights lie between."""
    between = [[visit(f"Q{number}", insured_id=f"Q{number}")] for number in range(5)]
    history = every_night_adds_up([[visit("A")], *between, [], [visit("B")]], registers)
    assert standing(history)["B"]["related_claim_id"] == "A"


def test_a_person_of_every_night(registers):
    """What a night knows of a person is all that came before it, not what the first night knew."""
    stay = claim("S", "inpatient", "2024-03-01", "2024-03-05", icd10="G40.1")
    nights = [[visit("A")], [stay], [visit("B")], [cancellation("D", "S")], [visit("C")]]
    history = every_night_adds_up(nights, registers)
    assert decisions_of(history[:3])["A"] == ("denied", "BUNDLED_IN_STAY")
    assert decisions_of(history)["A"] == ("paid",)
    assert history[-1].adjustments.num_rows == 0


def test_an_id_that_the_history_holds_is_set_aside(registers):
    """Of whomever, whatever the row says now; the held claim stays as it is."""
    again = [visit("A"), visit("A2", insured_id="Q"), visit("A", department_id="w", insured_id="Z")]
    history = settle_nights([[visit("A"), visit("A2")], again], registers)
    assert [row["error_codes"] for row in history[1].quarantine.to_pylist()] == [["DUPLICATE_CLAIM_ID"]] * 3
    assert history[1].ledger.num_rows == history[1].adjustments.num_rows == 0


def test_messages_mean_the_claim_that_the_history_holds(registers):
    """A row that is sent again hides it from no message, of this night or of an earlier one."""
    nights = [
        [visit("A"), visit("V")],
        [cancellation("D", "V")],
        [visit("V"), visit("A"), cancellation("E", "A")],
    ]
    history = settle_nights(nights, registers)
    assert [row["claim_id"] for row in history[2].quarantine.to_pylist()] == ["V", "A"]
    after = standing(history)
    assert {key: row["reasons"] for key, row in after.items()} == {key: ["CANCELLED"] for key in "AVDE"}
    assert after["E"]["related_claim_id"] == "A"


def test_what_was_set_aside_may_be_sent_again(registers):
    history = settle_nights([[visit("A", icd10="?")], [visit("A")]], registers)
    assert [night.quarantine.num_rows for night in history] == [1, 0]


def test_a_facility_that_the_register_does_not_have_any_more(registers):
    """Earlier claims are never set aside: one at a facility that is gone has no facility row in force."""
    (first,) = settle_nights([[visit("A")]], registers)
    fewer = registers | registers_of(
        [row for row in FACILITIES if row["facility_id"] != "F"], None, registers["tariff"]
    )
    claims_table = as_claims([visit("B", facility_id="G")], pa.string())
    second = daatgal.settle(claims_table, **fewer, history=[first])
    (row,) = second.adjustments.to_pylist()
    assert (row["claim_id"], row["reasons"]) == ("A", ["NOT_ELIGIBLE"])


@pytest.mark.parametrize("name", ["claim_id", "insured_id"])
@pytest.mark.parametrize(
    "kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())], ids=str
)
def test_ids_of_a_later_night_come_in_any_layout(registers, name, kind):
    (first,) = settle_nights([[visit("A")]], registers)
    table = as_claims([visit("A"), visit("B")], pa.string())
    place = table.schema.get_field_index(name)
    second = daatgal.settle(
        table.set_column(place, name, table[name].cast(kind)), **registers, history=[first]
    )
    assert second.quarantine["error_codes"].to_pylist() == [["DUPLICATE_CLAIM_ID"]]
    assert second.ledger["related_claim_id"].to_pylist() == ["A"]


@pytest.fixture(params=[1, 4], ids=["one hash for all", "four hashes"])
def few_hashes(request, monkeypatch):
    """Ids whose hashes collide: people and claims are then told apart by their bytes alone."""
    spread = identity.hash_rows

    def collide(strings: Strings, offset: np.ndarray, hashes: np.ndarray) -> int:
        stray = spread(strings, offset, hashes)
        hashes %= np.uint64(request.param)
        return stray

    monkeypatch.setattr(identity, "hash_rows", collide)


@pytest.mark.usefixtures("few_hashes")
@pytest.mark.parametrize("seed", range(2))
def test_hashes_may_collide(tmp_path, seed):
    ids = ("string", "int64")[seed]
    rows = claims(scaled(300, at_least=40), 900 + seed, people=9, ids=ids, messages=0.2)
    book = load_tariff(write_adversarial_book(tmp_path / "book", seed))
    given = registers_of(facilities(), insured(9, seed, ids), book)
    assert_nights_add_up(split_into_nights(rows, 4, seed), given)


@pytest.mark.usefixtures("few_hashes")
def test_an_id_is_held_by_its_bytes(registers):
    """One that only hashes like a held one is new; one that is held is set aside."""
    history = settle_nights([[visit("A")], [visit("B"), visit("A")]], registers)
    assert history[1].ledger["claim_id"].to_pylist() == ["B"]
    assert [row["claim_id"] for row in history[1].quarantine.to_pylist()] == ["A"]


def test_nights_on_disk(tmp_path, monkeypatch):
    """A larger batch through real folders of many small row groups: the standing ledger is that of one run."""
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 500)
    count = scaled(20_000, at_least=300)
    people = max(3, count // 25)
    rows = claims(count, 77, people=people, messages=0.12)
    nights = split_into_nights(rows, 6, 77)
    book = write_adversarial_book(tmp_path / "book", 3)
    register = insured(people, 3)
    pq.write_table(facilities_table(facilities()), tmp_path / "facilities.parquet")
    pq.write_table(insured_table(register), tmp_path / "insured.parquet")
    folders = []
    for number, night in enumerate(nights):
        pq.write_table(as_claims(night, pa.string()), tmp_path / f"{number}.parquet")
        run_night(
            claims=tmp_path / f"{number}.parquet",
            facilities=tmp_path / "facilities.parquet",
            insured=tmp_path / "insured.parquet",
            tariff=book,
            out=tmp_path / f"night {number}",
            history=tuple(folders),
            held_share=10_000,
        )
        folders.append(tmp_path / f"night {number}")
    whole = daatgal.settle(
        as_claims(in_one(nights), id_type(nights)), **registers_of(facilities(), register, book)
    )
    found = standing(folders)
    wanted = {row["claim_id"]: row for row in whole.ledger.to_pylist()}
    assert found == wanted


def test_a_night_reads_the_row_groups_of_its_people(tmp_path, monkeypatch):
    """Of two claims of a person among a thousand, in groups of 50: one group, or two where they part there."""
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 50)
    pq.write_table(facilities_table(FACILITIES), tmp_path / "facilities.parquet")
    rows = [visit(f"c{number}", insured_id=f"p{number // 2}") for number in range(1_000)]
    pq.write_table(as_claims(rows, pa.string()), tmp_path / "claims.parquet")
    book = write_case_book(tmp_path / "book", RULES, {})
    tables = {"facilities": tmp_path / "facilities.parquet", "tariff": book}
    run_night(claims=tmp_path / "claims.parquet", **tables, out=tmp_path / "out")
    (layer,) = layers_of([tmp_path / "out"])
    state = pq.read_table(tmp_path / "out" / "state")
    read: list[int] = []
    original = pq.ParquetFile.read_row_group

    def counted(self: pq.ParquetFile, group: int, *arguments: object, **more: object) -> pa.Table:
        read.append(group)
        return original(self, group, *arguments, **more)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    person = state[PERSON][137].as_py()
    found = layer.claims_of(np.array([person], np.uint64))
    assert found["insured_id"].to_pylist() == [state["insured_id"][137].as_py()] * 2
    assert len(set(read)) <= 2
