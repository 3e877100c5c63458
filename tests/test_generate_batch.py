"""The synthetic batch as a whole: determinism, the contract's schema, and what a month should look like."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from daatgal.errors import InputError
from daatgal.generate import Batch, Rates, generate, stream, write_batch
from daatgal.tariff import TariffBook, load_tariff

DEMO = Path(__file__).parent.parent / "data_samples" / "tariffs" / "mn-demo"
CLAIMS = 40_000

CONTRACT = {
    "claim_id": "string", "insured_id": "string", "facility_id": "string", "department_id": "string",
    "specialty": "string", "practitioner_id": "string", "care_type": "string", "icd10": "string",
    "icd10_secondary": "list<item: string>", "procedures": "list<item: string>", "drg_code": "string",
    "service_code": "string", "site": "string", "quantity": "int32", "start_at": "timestamp[s]",
    "end_at": "timestamp[s]", "billed_mnt": "int64", "sex": "string", "birth_date": "date32[day]",
    "exemption": "string", "test_result": "string", "order_no": "string", "referral_no": "string",
    "message": "string", "replaces_claim_id": "string", "submitted_at": "timestamp[s]",
}  # fmt: skip


@pytest.fixture(scope="module")
def book() -> TariffBook:
    return load_tariff(DEMO)


@pytest.fixture(scope="module")
def batch(book: TariffBook) -> Batch:
    return generate(CLAIMS, seed=7, book=book, first_month="2019-03")


def _share(table: pa.Table, column: str, value: str) -> float:
    return (pc.sum(pc.equal(table[column], value)).as_py() or 0) / table.num_rows


def test_columns_and_types_are_the_contracts(batch: Batch) -> None:
    assert {field.name: str(field.type) for field in batch.claims.schema} == CONTRACT
    batch.claims.validate(full=True)
    assert batch.claims.num_rows == CLAIMS
    assert batch.facilities.column_names == [
        "facility_id", "name", "level", "ownership", "facility_type", "aimag", "contracted_care_types", "contract_from",
        "contract_to", "valid_from", "valid_to",
    ]  # fmt: skip
    assert batch.insured.column_names == [
        "insured_id", "covered_from", "covered_to", "death_date", "sex", "birth_date", "exemption",
    ]  # fmt: skip
    for table in (batch.facilities, batch.insured, batch.truth):
        table.validate(full=True)


def test_int64_ids_name_the_same_claims(book: TariffBook, batch: Batch) -> None:
    numbered = generate(CLAIMS, seed=7, book=book, first_month="2019-03", ids="int64")
    for column in ("claim_id", "insured_id", "replaces_claim_id"):
        assert numbered.claims.schema.field(column).type == pa.int64()
    assert numbered.insured.schema.field("insured_id").type == pa.int64()
    others = [
        name for name in CONTRACT if not name.endswith("_id") or name in {"facility_id", "department_id"}
    ]
    assert numbered.claims.select(others).equals(batch.claims.select(others))


def test_the_same_seed_gives_the_same_rows_and_another_does_not(book: TariffBook, batch: Batch) -> None:
    again = generate(CLAIMS, seed=7, book=book, first_month="2019-03")
    for one, other in zip(batch, again, strict=True):
        assert one.equals(other)
    assert not generate(CLAIMS, seed=8, book=book, first_month="2019-03").claims.equals(batch.claims)


def test_files_hold_the_same_rows_byte_for_byte(book: TariffBook, batch: Batch, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    for name in ("one", "two"):
        write_batch(
            tmp_path / name,
            CLAIMS,
            7,
            DEMO,
            "2019-03",
            1,
            "string",
            anomalies=True,
            progress=lambda *done: told.append(done),
        )
    assert told == [(CLAIMS, CLAIMS)] * 2
    assert pq.read_table(tmp_path / "one" / "claims").cast(batch.claims.schema).equals(batch.claims)
    assert pq.read_table(tmp_path / "one" / "truth.parquet").equals(batch.truth)
    assert pq.read_table(tmp_path / "one" / "insured.parquet").equals(batch.insured)
    facilities = pq.read_table(tmp_path / "one" / "facilities.parquet").cast(batch.facilities.schema)
    assert facilities.equals(batch.facilities)
    for path in sorted((tmp_path / "one").rglob("*")):
        if path.is_file():
            assert (
                path.read_bytes() == (tmp_path / "two" / path.relative_to(tmp_path / "one")).read_bytes()
            ), path


def test_pieces_one_by_one_are_the_batch(book: TariffBook) -> None:
    whole = generate(150_000, seed=3, book=book, first_month="2019-03", months=2)
    pieces = list(stream(150_000, seed=3, book=book, first_month="2019-03", months=2))
    assert [piece.claims.num_rows for piece in pieces] == [65_536, 9_464, 65_536, 9_464]
    assert pa.Table.from_batches([piece.claims for piece in pieces]).equals(whole.claims)


def test_a_larger_batch_begins_with_the_full_pieces_of_a_smaller_one(book: TariffBook) -> None:
    small = next(stream(65_536, seed=3, book=book, first_month="2019-03"))
    large = next(stream(70_000, seed=3, book=book, first_month="2019-03"))
    assert small.claims.equals(large.claims)
    assert small.truth.equals(large.truth)


def test_a_longer_batch_begins_with_the_months_of_a_shorter_one(book: TariffBook) -> None:
    short = generate(2_000, seed=3, book=book, first_month="2019-03", months=2)
    long = generate(5_000, seed=3, book=book, first_month="2019-03", months=5)
    assert long.claims.slice(0, 2_000).equals(short.claims)
    assert long.insured.equals(short.insured)


def test_care_types_are_mixed_as_in_a_nation(batch: Batch) -> None:
    assert 0.04 < _share(batch.claims, "care_type", "inpatient") < 0.065
    assert 0.35 < _share(batch.claims, "care_type", "outpatient") < 0.5
    assert 0.2 < _share(batch.claims, "care_type", "diagnostics") < 0.32


def test_lengths_are_those_of_stays_and_visits(batch: Batch) -> None:
    claims = batch.claims.filter(pc.less(pc.year(batch.claims["end_at"]), 2020))
    seconds = pc.cast(pc.subtract(claims["end_at"], claims["start_at"]), pa.int64())
    stays = pc.filter(seconds, pc.equal(claims["care_type"], "inpatient"))
    visits = pc.filter(seconds, pc.equal(claims["care_type"], "outpatient"))
    assert 5.5 < pc.mean(stays).as_py() / 86_400 < 8.5
    assert 12 < pc.approximate_median(visits).as_py() / 60 < 28


def test_most_people_are_exempt(batch: Batch) -> None:
    exempt = batch.insured["exemption"]
    assert 0.68 < 1 - exempt.null_count / len(exempt) < 0.85


def test_people_are_ill_unevenly(batch: Batch) -> None:
    counts = sorted(
        (entry["counts"] for entry in batch.claims["insured_id"].value_counts().to_pylist()), reverse=True
    )
    assert 0.3 < sum(counts[: len(counts) // 10]) / CLAIMS < 0.75
    assert counts[0] > 25


def test_diagnoses_follow_sex_and_age_save_where_injected(batch: Batch) -> None:
    wrong = pc.is_in(
        batch.claims["claim_id"],
        batch.truth.filter(pc.equal(batch.truth["kind"], "diagnosis_mismatch"))["claim_id"],
    )
    right = batch.claims.filter(pc.invert(wrong))
    code = pc.utf8_upper(right["icd10"])
    born = pc.subtract(pc.year(right["start_at"]), pc.year(right["birth_date"]))
    men_in_childbed = pc.and_(pc.starts_with(code, "O"), pc.equal(right["sex"], "m"))
    old_newborns = pc.and_(pc.starts_with(code, "P"), pc.greater(born, 2))
    readable = pc.invert(
        pc.is_in(
            right["claim_id"],
            batch.truth.filter(pc.equal(batch.truth["kind"], "malformed_value"))["claim_id"],
        )
    )
    assert pc.sum(men_in_childbed).as_py() == 0
    assert pc.sum(pc.and_(old_newborns, readable)).as_py() in {0, None}


def test_claimed_groups_are_the_books(book: TariffBook, batch: Batch) -> None:
    claimed = {code for code in batch.claims["drg_code"].unique().to_pylist() if code is not None}
    assert claimed <= set(book.drg_codes)
    assert len(claimed) > 150


@pytest.mark.parametrize(
    ("wish", "found"),
    [
        ({"claims": -1}, "claims: found -1"),
        ({"months": 0}, "months: found 0"),
        ({"ids": "uuid"}, "ids: found 'uuid'"),
        ({"first_month": "2019-13"}, "first_month: found '2019-13'"),
        ({"first_month": "1980-01"}, "first_month: found 1980-01"),
    ],
)
def test_a_wrong_wish_is_refused_by_name(book: TariffBook, wish: dict[str, object], found: str) -> None:
    with pytest.raises(InputError, match=found):
        generate(**({"claims": 10, "seed": 1, "book": book} | wish))  # type: ignore[arg-type]


def test_a_rate_out_of_range_is_refused() -> None:
    with pytest.raises(InputError, match=r"rate replacement: found 0\.5"):
        Rates(replacement=0.5)


@pytest.mark.parametrize("claims", [0, 1, 2, 37])
def test_small_batches_have_exactly_their_rows(book: TariffBook, claims: int) -> None:
    assert generate(claims, seed=1, book=book).claims.num_rows == claims


def test_a_book_of_one_year_and_few_groups_will_do() -> None:
    old = generate(3_000, seed=1, book=DEMO.parent / "mn-2009", first_month="2009-03")
    assert old.claims.num_rows == 3_000
    assert len({code for code in old.claims["drg_code"].to_pylist() if code is not None}) >= 5


def test_a_book_without_a_care_type_that_can_be_drawn_is_refused_by_name(book: TariffBook) -> None:
    strange = replace(
        book, care_types=tuple(row._replace(care_type="hospice") for row in book.care_types[:1])
    )
    with pytest.raises(InputError, match="found care types hospice"):
        generate(10, seed=1, book=strange)
