"""Facilities and the insured: strictly read, and what claims take from them."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from daatgal.decode.arrays import Piece, frozen
from daatgal.decode.identity import partitioned, read_id_column, rows_of
from daatgal.errors import InputError
from daatgal.facilities import load_facilities
from daatgal.insured import load_insured
from daatgal_engine.columns import (
    COVERAGE_IN_FORCE,
    COVERAGE_NONE,
    COVERAGE_UNCHECKED,
    NO_CODE,
    NO_DAY,
    NO_DEATH_DAY,
    OWNERSHIP_PRIVATE,
    OWNERSHIP_STATE,
    SEX_FEMALE,
    SEX_MALE,
    SEX_UNKNOWN,
)
from tests.claim_batches import at, claim, codes_of, decoded, demonstration_book, table

OPEN_FROM, OPEN_TO = -(2**31), 2**31 - 1
FACILITY = {"facility_id": "F1", "level": 3, "ownership": "state", "facility_type": "15.1.7"}


def _days(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def _facilities(*rows: dict):
    names = dict.fromkeys(name for row in rows for name in row)
    return load_facilities(
        pa.table({name: [row.get(name) for row in rows] for name in names}), demonstration_book()
    )


def test_facilities_and_their_periods_in_order():
    loaded = _facilities(
        FACILITY | {"facility_id": "F2", "valid_from": date(2020, 1, 1), "level": 2, "aimag": "Ховд"},
        FACILITY | {"facility_id": "F10", "ownership": "private", "facility_type": "15.1.5", "name": "Ten"},
        FACILITY | {"facility_id": "F2", "valid_to": date(2019, 12, 31), "level": 1},
    )
    assert loaded.ids.to_pylist() == ["F10", "F2"]
    columns = loaded.columns
    assert columns.offset.tolist() == [0, 1, 3]
    assert columns.level.tolist() == [3, 1, 2]
    assert columns.ownership.tolist() == [OWNERSHIP_PRIVATE, OWNERSHIP_STATE, OWNERSHIP_STATE]
    assert loaded.facility_types == ("15.1.5", "15.1.7")
    assert columns.facility_type.tolist() == [0, 1, 1]
    assert columns.valid_from_day.tolist() == [OPEN_FROM, OPEN_FROM, _days("2020-01-01")]
    assert columns.valid_to_day.tolist() == [OPEN_TO, _days("2019-12-31"), OPEN_TO]
    assert columns.contract_from_day.tolist() == [OPEN_FROM] * 3
    assert columns.contract_to_day.tolist() == [OPEN_TO] * 3
    assert columns.lists_contracts.tolist() == [0, 0, 0]
    assert loaded.aimag.to_pylist() == [None, None, "Ховд"]
    assert loaded.name.to_pylist() == ["Ten", None, None]
    assert all(not values.flags.writeable for values in columns)


def test_contracts_are_bits_of_the_care_types():
    names = demonstration_book().care_type_names
    loaded = _facilities(
        FACILITY | {"facility_id": "A", "contracted_care_types": ["outpatient", " ", None]},
        FACILITY | {"facility_id": "B", "contracted_care_types": []},
        FACILITY | {"facility_id": "C", "contracted_care_types": None},
        FACILITY | {"facility_id": "D", "contracted_care_types": ["not in this book"], "facility_type": None},
    )
    assert loaded.columns.contracted.tolist() == [1 << names.index("outpatient"), 0, 0, 0]
    assert loaded.columns.lists_contracts.tolist() == [1, 1, 0, 1]
    assert [loaded.facility_types[i] for i in loaded.columns.facility_type] == ["15.1.7"] * 3 + [""]


def test_facilities_from_csv(tmp_path):
    path = tmp_path / "facilities.csv"
    path.write_text(
        "facility_id,name,level,ownership,facility_type,contracted_care_types,contract_to\n"
        "1003015553,NPI,2,state,15.1.7,inpatient|outpatient,2024-12-31\n"
        "7,Seven,1,private,15.1.5,,\n"
    )
    loaded = load_facilities(path, demonstration_book())
    assert loaded.ids.to_pylist() == ["1003015553", "7"]
    assert loaded.columns.lists_contracts.tolist() == [1, 0]
    assert loaded.columns.contract_to_day.tolist() == [_days("2024-12-31"), OPEN_TO]


def test_no_facilities_are_none():
    empty = {name: pa.array([], pa.string()) for name in FACILITY}
    loaded = load_facilities(pa.table(empty), demonstration_book())
    assert loaded.columns.offset.tolist() == [0]
    assert len(loaded.ids) == 0


REFUSED = [
    ([{"facility_id": None}], "row 0: found no facility_id"),
    ([{"facility_id": " "}], "row 0: found no facility_id"),
    ([{"level": 4}], r"row 0 \(facility 'F1'\): found level 4, expected 1, 2 or 3"),
    ([{"level": None}], "found level None"),
    ([{}, {"facility_id": "F2", "ownership": "public"}], r"row 1 \(facility 'F2'\): found ownership 'public'"),
    ([{}, {}], r"row 1 \(facility 'F1'\): found a period that overlaps that of row 0"),
    (
        [{"valid_to": date(2020, 1, 1)}, {"valid_from": date(2020, 1, 1)}],
        "row 1 .* overlaps that of row 0",
    ),
    (
        [{"valid_from": date(2020, 1, 2), "valid_to": date(2020, 1, 1)}],
        "found valid_to before valid_from",
    ),
    ([{"valid_from": "1 May"}], "found valid_from '1 May', expected a date"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "message"), REFUSED)
def test_facilities_that_are_refused(rows, message):
    with pytest.raises(InputError, match=message):
        _facilities(*(FACILITY | row for row in rows))


def test_facilities_without_a_column_or_with_one_of_another_type_are_refused():
    with pytest.raises(InputError, match="expected also level, ownership"):
        load_facilities(pa.table({"facility_id": ["F1"], "facility_type": ["x"]}), demonstration_book())
    with pytest.raises(InputError, match="found ownership of type double, expected text"):
        _facilities(FACILITY | {"ownership": 1.5})
    with pytest.raises(InputError, match="contracted_care_types of type double"):
        _facilities(FACILITY | {"contracted_care_types": 1.5})


PERSON = {"insured_id": "P", "sex": "f", "birth_date": date(1980, 5, 6), "exemption": "child"}
OPEN_CLAIM = {"sex": None, "birth_date": None, "exemption": None}


def _insured(*rows: dict) -> pa.Table:
    kinds = dict.fromkeys(("covered_from", "covered_to", "death_date", "birth_date"), pa.date32())
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows], kinds.get(name)) for name in names})


def test_without_a_register_nothing_is_filled():
    columns = decoded(table(claim(**OPEN_CLAIM))).columns
    assert columns.coverage.tolist() == [COVERAGE_UNCHECKED]
    assert columns.death_day.tolist() == [NO_DEATH_DAY]
    assert (columns.sex[0], columns.birth_day[0], columns.exemption[0]) == (SEX_UNKNOWN, NO_DAY, NO_CODE)


def test_null_values_are_filled_from_the_row_in_force_on_the_start_day_else_from_the_latest():
    periods = _insured(
        PERSON | {"covered_from": date(2024, 3, 1), "covered_to": None, "sex": "m", "death_date": date(2024, 5, 1)},
        PERSON | {"covered_from": None, "covered_to": date(2023, 12, 31), "birth_date": date(1981, 1, 1)},
        PERSON | {"insured_id": "another", "exemption": "pensioner"},
    )  # fmt: skip
    starts = ["2024-03-01", "2023-12-31 23:59:59", "2024-01-15", "2024-03-01"]
    rows = [claim(str(i), start_at=at(start), **OPEN_CLAIM) for i, start in enumerate(starts)]
    rows += [claim("given", start_at=at("2023-06-01")), claim("nobody", insured_id="?", **OPEN_CLAIM)]
    columns = decoded(table(*rows), insured=periods).columns
    inside, none = COVERAGE_IN_FORCE, COVERAGE_NONE
    assert columns.coverage.tolist() == [inside, inside, none, inside, inside, none]
    assert columns.sex.tolist() == [SEX_MALE, SEX_FEMALE, SEX_MALE, SEX_MALE, SEX_FEMALE, SEX_UNKNOWN]
    late, early = _days("1980-05-06"), _days("1981-01-01")
    assert columns.birth_day.tolist() == [late, early, late, late, late, NO_DAY]
    assert columns.death_day.tolist() == [
        _days("2024-05-01"), NO_DEATH_DAY, NO_DEATH_DAY, _days("2024-05-01"), NO_DEATH_DAY, NO_DEATH_DAY,
    ]  # fmt: skip


def test_what_a_claim_gives_is_not_filled_but_what_it_ignores_is():
    register = _insured(PERSON | {"exemption": "pensioner"})
    rows = table(
        claim("A", sex="x", birth_date=date(2024, 3, 2), exemption=None),
        claim("B", sex="m", birth_date=date(1999, 1, 1), exemption="nothing the book knows"),
    )
    columns = decoded(rows, insured=register).columns
    assert columns.ignored.tolist() == [1, 0]
    assert columns.sex.tolist() == [SEX_FEMALE, SEX_MALE]
    assert columns.birth_day.tolist() == [_days("1980-05-06"), _days("1999-01-01")]
    pensioner = demonstration_book().exemption_categories.index("pensioner")
    assert columns.exemption.tolist() == [pensioner, NO_CODE]


def test_malformed_values_of_the_register_are_unknown_without_a_flag():
    register = pa.table(
        {"insured_id": ["P"], "sex": ["female"], "birth_date": ["soon"], "exemption": ["not in the book"]}
    )
    columns = decoded(table(claim(**OPEN_CLAIM)), insured=register).columns
    assert (columns.sex[0], columns.birth_day[0], columns.exemption[0]) == (SEX_UNKNOWN, NO_DAY, NO_CODE)
    assert columns.ignored.tolist() == [0]
    later = _insured(PERSON | {"birth_date": date(2024, 3, 2)})
    assert decoded(table(claim(**OPEN_CLAIM)), insured=later).columns.birth_day.tolist() == [NO_DAY]


def test_ids_of_claims_and_register_are_compared_whatever_their_types():
    number = {"insured_id": pa.int64()}
    in_force = [COVERAGE_IN_FORCE]
    as_text, as_number = _insured(PERSON | {"insured_id": "17"}), _insured(PERSON | {"insured_id": 17})
    assert decoded(table(claim(insured_id="17")), insured=as_number).columns.coverage.tolist() == in_force
    assert (
        decoded(table(claim(insured_id=17), **number), insured=as_text).columns.coverage.tolist() == in_force
    )
    with pytest.raises(InputError, match="found text in insured_id that is no integer"):
        decoded(table(claim(insured_id=17), **number), insured=_insured(PERSON))


REFUSED_PERSONS = [
    ([{"insured_id": ""}], "row 0: found no insured_id"),
    ([{}, {}], "row 1: found a period that overlaps that of row 0 of the same person"),
    (
        [{"covered_from": date(2020, 1, 2), "covered_to": date(2020, 1, 1)}],
        "row 0: found covered_to before covered_from",
    ),
]


@pytest.mark.parametrize(("rows", "message"), REFUSED_PERSONS)
def test_registers_that_are_refused_name_the_row_and_never_the_person(rows, message):
    with pytest.raises(InputError, match=message) as refusal:
        load_insured(_insured(*(PERSON | {"insured_id": "secret"} | row for row in rows)))
    assert "secret" not in str(refusal.value)


def test_registers_without_ids_or_with_unreadable_dates_are_refused():
    with pytest.raises(InputError, match="expected also insured_id"):
        load_insured(pa.table({"sex": ["m"]}))
    with pytest.raises(InputError, match="row 1: found death_date 'never', expected a date"):
        load_insured(pa.table({"insured_id": [1, 2], "death_date": [None, "never"]}))


def test_an_empty_register_covers_nobody():
    empty = pa.table({"insured_id": pa.array([], pa.string())})
    assert decoded(table(claim()), insured=empty).columns.coverage.tolist() == [COVERAGE_NONE]


def test_cancellations_are_filled_without_harm():
    rows = table(
        claim(), claim("X", message="cancellation", replaces_claim_id="A", start_at=None, insured_id=None)
    )
    assert codes_of(decoded(rows, insured=_insured(PERSON))) == {}


@pytest.mark.parametrize("bits", [0, 1, 5])
@pytest.mark.parametrize("mask", [0, 1 << 63, 2**64 - 1], ids=["all collide", "two hashes", "the real hash"])
def test_persons_are_found_by_their_bytes_whatever_their_hashes(bits, mask):
    def ids(values):
        found = read_id_column([Piece(pa.array(values), 0, len(values))], len(values), integers=False).ids
        return found._replace(hash=frozen(found.hash & np.uint64(mask)))

    register = [f"P{i}{'x' * (i % 20)}" for i in range(300)]
    sought = [None, "P7", *(f"P{i}{'x' * (i % 20)}" for i in range(250, 330)), "absent"]
    wanted = [register.index(value) if value in register else -1 for value in sought]
    assert rows_of(partitioned(ids(register), bits), ids(sought)).tolist() == wanted
    assert sum(row >= 0 for row in wanted) == 50
