"""Rows that share a claim id, within a batch and with the history."""

import pyarrow as pa
import pytest

from tests.claim_batches import claim, codes_of, decoded, message, table

pytestmark = pytest.mark.kernels

TWICE = ["DUPLICATE_CLAIM_ID"]


def test_of_equal_rows_the_first_stays():
    result = decoded(table(claim(), claim("B"), claim(), claim()))
    assert codes_of(result) == {2: TWICE, 3: TWICE}
    assert result.rows.tolist() == [0, 1]


EQUAL_ONCE_DECODED = [
    ({"icd10": "G40.1"}, {"icd10": " g401"}),
    ({"quantity": None}, {"quantity": 1}),
    ({"message": None}, {"message": "original"}),
    ({"site": None}, {"site": " "}),
    ({"procedures": None}, {"procedures": []}),
    ({"procedures": ["01.5"]}, {"procedures": [None, "015", ""]}),
    ({"icd10_secondary": ["i10"]}, {"icd10_secondary": ["I1.0"]}),
    ({"sex": "x"}, {"sex": "y"}),
]


@pytest.mark.parametrize(("one", "other"), EQUAL_ONCE_DECODED)
def test_rows_are_equal_as_decoded(one, other):
    assert codes_of(decoded(table(claim(**one), claim(**other)))) == {1: TWICE}


DIFFERENT = [
    *(
        {column: other}
        for column, other in {
            "insured_id": "Q", "facility_id": "F2", "department_id": "ward 2", "specialty": None,
            "practitioner_id": "D2", "care_type": "outpatient", "icd10": "G40.2", "drg_code": "unknown",
            "service_code": "S2", "site": "right", "quantity": 3, "billed_mnt": None, "sex": "m",
            "birth_date": None, "exemption": "unknown", "test_result": "negative", "order_no": "O2",
            "referral_no": None, "replaces_claim_id": "Z", "submitted_at": None, "note": "other",
        }.items()
    ),
    {"procedures": ["8703", "01.5"]},
    {"icd10_secondary": ["I10"]},
    {"icd10_secondary": ["I10", "C77.0", "?"]},
]  # fmt: skip


@pytest.mark.parametrize("difference", DIFFERENT)
def test_rows_that_differ_anywhere_all_go(difference):
    rows = table(claim(note="n"), claim(note="n"), claim(note="n") | difference)
    assert codes_of(decoded(rows)) == {0: TWICE, 1: TWICE, 2: TWICE}


def test_a_row_that_ignored_a_value_differs_from_one_that_had_none():
    assert codes_of(decoded(table(claim(sex=None), claim(sex="x")))) == {0: TWICE, 1: TWICE}


def test_a_row_with_another_error_shares_its_id_too():
    assert codes_of(decoded(table(claim(), claim(icd10="?")))) == {0: TWICE, 1: ["BAD_ICD10", *TWICE]}
    equal = codes_of(decoded(table(claim(icd10="?"), claim(icd10="?"))))
    assert equal == {0: ["BAD_ICD10"], 1: ["BAD_ICD10", *TWICE]}
    unequal = codes_of(decoded(table(claim(icd10="?"), claim(icd10="!"))))
    assert unequal == {0: ["BAD_ICD10", *TWICE], 1: ["BAD_ICD10", *TWICE]}


def test_unreadable_values_are_equal_where_they_are_written_alike():
    alike = table(claim(start_at="soon"), claim(start_at="soon"), start_at=pa.string())
    assert codes_of(decoded(alike)) == {0: ["BAD_TYPE"], 1: ["BAD_TYPE", *TWICE]}
    unlike = table(claim(start_at="soon"), claim(start_at="late"), start_at=pa.string())
    assert codes_of(decoded(unlike)) == {0: ["BAD_TYPE", *TWICE], 1: ["BAD_TYPE", *TWICE]}


def test_further_columns_of_any_type_are_compared():
    kind = pa.struct({"x": pa.float64()})
    alike = table(claim(more={"x": float("nan")}), claim(more={"x": float("nan")}), more=kind)
    assert codes_of(decoded(alike)) == {1: TWICE}
    unlike = table(claim(more={"x": 1.0}), claim(more={"x": 2.0}), more=kind)
    assert codes_of(decoded(unlike)) == {0: TWICE, 1: TWICE}
    numbers = table(claim(more=float("nan")), claim(more=float("nan")), more=pa.float64())
    assert codes_of(decoded(numbers)) == {1: TWICE}


def test_rows_without_an_id_share_none():
    missing = {0: ["MISSING_VALUE"], 1: ["MISSING_VALUE"]}
    assert codes_of(decoded(table(claim(None), claim(" ")))) == missing


def test_a_message_may_aim_at_the_row_that_stays_but_not_at_one_that_goes():
    stays = decoded(table(claim(), claim(), message("B", "replacement", "A")))
    assert codes_of(stays) == {1: TWICE}
    assert stays.target.tolist() == [-1, 0]
    goes = decoded(table(claim(), claim(quantity=9), message("B", "replacement", "A")))
    assert codes_of(goes) == {0: TWICE, 1: TWICE, 2: ["MISSING_TARGET"]}


def test_ids_that_the_history_holds_go():
    held = pa.array(["A"])
    assert codes_of(decoded(table(claim(), claim("B")), held_ids=held)) == {0: TWICE}
    assert codes_of(decoded(table(claim(), claim()), held_ids=held)) == {0: TWICE, 1: TWICE}
    assert codes_of(decoded(table(claim(), claim("B")), earlier=table(claim()))) == {0: TWICE}


def test_integer_ids_are_shared_by_value():
    kinds = {"claim_id": pa.int64(), "replaces_claim_id": pa.int64()}
    result = decoded(table(claim(7), claim(-7), claim(7), message(8, "cancellation", -7), **kinds))
    assert codes_of(result) == {2: TWICE}
    assert result.target.tolist() == [-1, -1, 1]
    assert result.table["claim_id"].type == pa.int64()


def test_an_unreadable_value_elsewhere_does_not_change_how_rows_are_compared():
    rows = table(
        claim("A", quantity="1"), claim("A", quantity=None), claim("B", quantity="?"), quantity=pa.string()
    )
    assert codes_of(decoded(rows)) == {1: TWICE, 2: ["BAD_TYPE"]}
