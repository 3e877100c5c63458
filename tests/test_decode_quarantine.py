"""One broken row for each quarantine code, beside a good one."""

from datetime import date

import pyarrow as pa
import pytest

from daatgal.errors import InputError
from tests.claim_batches import at, claim, codes_of, decoded, message, table

pytestmark = pytest.mark.kernels

EARLY, LATE = at("1989-12-31 23:59:59"), at("2101-01-01")

BROKEN = [
    *(
        ({column: None}, ["MISSING_VALUE"], [column])
        for column in ("claim_id", "insured_id", "facility_id", "care_type", "icd10", "start_at", "end_at")
    ),
    ({"insured_id": " "}, ["MISSING_VALUE"], ["insured_id"]),
    ({"facility_id": "\u00a0\u2003"}, ["MISSING_VALUE"], ["facility_id"]),
    ({"care_type": "spa"}, ["UNKNOWN_CARE_TYPE"], ["care_type"]),
    ({"care_type": "Inpatient"}, ["UNKNOWN_CARE_TYPE"], ["care_type"]),
    ({"care_type": "spa", "end_at": None}, ["MISSING_VALUE", "UNKNOWN_CARE_TYPE"], ["care_type", "end_at"]),
    ({"facility_id": "F9"}, ["UNKNOWN_FACILITY"], ["facility_id"]),
    ({"facility_id": "F1 "}, ["UNKNOWN_FACILITY"], ["facility_id"]),
    *(
        ({"icd10": code}, ["BAD_ICD10"], ["icd10"])
        for code in ("G", "G4", "4G0", "GG0", "G40.12345", "G40-1", "Ж40", ".", "G4_", "G40\u00e9")
    ),
    ({"end_at": at("2024-03-01 09:29:59")}, ["BAD_PERIOD"], ["end_at"]),
    ({"quantity": -1}, ["NEGATIVE_VALUE"], ["quantity"]),
    ({"billed_mnt": -1}, ["NEGATIVE_VALUE"], ["billed_mnt"]),
    ({"quantity": -1, "billed_mnt": -1}, ["NEGATIVE_VALUE"], ["billed_mnt", "quantity"]),
    ({"start_at": EARLY}, ["DATE_OUT_OF_RANGE"], ["start_at"]),
    ({"end_at": LATE}, ["DATE_OUT_OF_RANGE"], ["end_at"]),
    ({"submitted_at": EARLY}, ["DATE_OUT_OF_RANGE"], ["submitted_at"]),
    ({"submitted_at": LATE}, ["DATE_OUT_OF_RANGE"], ["submitted_at"]),
    ({"message": "Cancellation"}, ["UNKNOWN_MESSAGE"], ["message"]),
    ({"message": "replacement"}, ["MISSING_TARGET"], ["replaces_claim_id"]),
    ({"message": "replacement", "replaces_claim_id": "?"}, ["MISSING_TARGET"], ["replaces_claim_id"]),
    ({"message": "replacement", "replaces_claim_id": "A"}, ["MESSAGE_CYCLE"], ["replaces_claim_id"]),
    (
        {
            "icd10": "?",
            "end_at": at("2024-02-01"),
            "insured_id": None,
            "quantity": -1,
            "facility_id": "?",
        },
        ["BAD_ICD10", "BAD_PERIOD", "MISSING_VALUE", "NEGATIVE_VALUE", "UNKNOWN_FACILITY"],
        ["end_at", "facility_id", "icd10", "insured_id", "quantity"],
    ),
]


@pytest.mark.parametrize(("columns", "codes", "of_columns"), BROKEN)
def test_a_broken_row_beside_a_good_one(columns, codes, of_columns):
    result = decoded(table(claim(**columns), claim("good")))
    assert codes_of(result) == {0: codes}
    assert result.quarantine["error_columns"].to_pylist() == [of_columns]
    assert result.table["claim_id"].to_pylist() == ["good"]
    assert result.rows.tolist() == [1]
    assert result.input_rows == 2


UNREADABLE = [
    ("claim_id", 1.5, pa.float64()),
    ("insured_id", True, pa.bool_()),
    ("facility_id", 2.0, pa.float64()),
    ("department_id", {"a": 1}, pa.struct({"a": pa.int64()})),
    ("specialty", b"x", pa.binary()),
    ("practitioner_id", date(2024, 1, 1), pa.date32()),
    ("care_type", 1.0, pa.float32()),
    ("icd10", ["G40"], pa.list_(pa.string())),
    ("icd10_secondary", [1.5], pa.list_(pa.float64())),
    ("procedures", {"a": 1}, pa.struct({"a": pa.int64()})),
    ("procedures", 15, pa.int64()),
    ("drg_code", 1.0, pa.float64()),
    ("service_code", False, pa.bool_()),
    ("site", 1.0, pa.float64()),
    ("quantity", 1.5, pa.float64()),
    ("quantity", 2**31, pa.int64()),
    ("quantity", True, pa.bool_()),
    ("quantity", "two", pa.string()),
    ("start_at", {"a": 1}, pa.struct({"a": pa.int64()})),
    ("start_at", 1_700_000_000, pa.int64()),
    ("start_at", "yesterday", pa.string()),
    ("end_at", "2024-02-30", pa.string()),
    ("end_at", "2024-03-04 24:00", pa.string()),
    ("submitted_at", 1.0, pa.float64()),
    ("billed_mnt", 0.5, pa.float64()),
    ("billed_mnt", float("nan"), pa.float64()),
    ("billed_mnt", float("inf"), pa.float64()),
    ("billed_mnt", 1e19, pa.float64()),
    ("billed_mnt", 2**63, pa.uint64()),
    ("billed_mnt", "1.5", pa.string()),
    ("billed_mnt", "9223372036854775808", pa.string()),
    ("sex", 1.0, pa.float64()),
    ("birth_date", "1980-13-01", pa.string()),
    ("birth_date", 1980, pa.int32()),
    ("exemption", 1.0, pa.float64()),
    ("test_result", True, pa.bool_()),
    ("order_no", 1.0, pa.float64()),
    ("referral_no", b"x", pa.binary()),
    ("message", 1.0, pa.float64()),
    ("submitted_at", "2024-03-05T08:00:00+99", pa.string()),
]


@pytest.mark.parametrize(("column", "value", "kind"), UNREADABLE)
def test_a_column_of_another_type_is_bad_where_it_is_given(column, value, kind):
    rows = table(claim() | {column: value}, claim("B") | {column: None}, **{column: kind})
    result = decoded(rows)
    needed = {"claim_id", "insured_id", "facility_id", "care_type", "icd10", "start_at", "end_at"}
    missing = {1: ["MISSING_VALUE"]} if column in needed else {}
    assert codes_of(result) == {0: ["BAD_TYPE"], **missing}
    assert result.quarantine["error_columns"][0].as_py() == [column]
    assert result.quarantine[column].type == pa.string()


def test_messages_say_what_was_found_and_expected_but_never_who():
    rows = table(claim(icd10="G4"), claim("B", facility_id="F9"))
    messages = decoded(rows).quarantine["messages"].to_pylist()
    assert messages == [
        [
            "BAD_ICD10 in icd10: found 'G4', expected an ICD-10 code such as G40.1: a letter, a digit and 1 to 5 more"
        ],
        ["UNKNOWN_FACILITY in facility_id: found 'F9', expected an id of the facilities table"],
    ]
    people = decoded(table(claim(insured_id=7.5), insured_id=pa.float64())).quarantine["messages"].to_pylist()
    assert people == [
        ["BAD_TYPE in insured_id: found a value of another type, expected text or an integer of 64 bits"]
    ]


def test_care_types_are_looked_up_on_the_pricing_date():
    before, after = at("2007-12-31"), at("2008-01-01")
    result = decoded(
        table(
            claim("stay in", start_at=before, end_at=after),
            claim("stay out", start_at=before, end_at=before),
            claim("visit out", care_type="outpatient", start_at=before, end_at=after),
            claim("visit in", care_type="outpatient", start_at=after, end_at=after),
            claim("far out", start_at=EARLY, end_at=EARLY),
        )
    )
    assert codes_of(result) == {
        1: ["UNKNOWN_CARE_TYPE"],
        2: ["UNKNOWN_CARE_TYPE"],
        4: ["DATE_OUT_OF_RANGE", "UNKNOWN_CARE_TYPE"],
    }


def test_the_first_and_the_last_second_are_in_range():
    first, last = at("1990-01-01"), at("2100-12-31 23:59:59")
    result = decoded(table(claim(start_at=first, end_at=last, submitted_at=last)))
    assert codes_of(result) == {}


def test_the_original_values_stand_beside_the_errors():
    rows = table(claim(icd10="?", note="n"), quantity=pa.int64())
    kept = decoded(rows).quarantine
    assert kept.column_names == ["row", "error_codes", "error_columns", "messages", *rows.column_names]
    assert kept.select(rows.column_names).to_pylist() == rows.to_pylist()


def test_columns_named_like_those_of_the_quarantine_are_kept():
    rows = table(claim(icd10="?", row="a", row_given="b"))
    kept = decoded(rows).quarantine
    assert kept["row"].to_pylist() == [0]
    assert kept["row_given"].to_pylist() == ["a"]
    assert kept["row_given_given"].to_pylist() == ["b"]


def test_an_empty_batch_has_an_empty_quarantine():
    result = decoded(table())
    assert result.quarantine.num_rows == result.table.num_rows == 0
    assert result.quarantine.schema.field("messages").type == pa.list_(pa.string())


def test_a_missing_essential_column_is_an_error_that_names_it():
    with pytest.raises(InputError, match="expected also icd10"):
        decoded(table(claim()).drop_columns(["icd10"]))


def test_columns_that_may_be_null_may_be_missing():
    needed = ["claim_id", "insured_id", "facility_id", "care_type", "icd10", "start_at", "end_at"]
    result = decoded(table(claim()).select(needed))
    assert codes_of(result) == {}
    assert result.table["quantity"].to_pylist() == [None]
    assert result.columns.quantity.tolist() == [1]
    assert result.columns.billed_mnt.tolist() == [-1]


def test_a_cancellation_needs_its_ids_alone():
    junk = dict.fromkeys(claim(), None) | {
        "claim_id": "X", "message": "cancellation", "replaces_claim_id": "A", "icd10": "?",
        "start_at": LATE, "end_at": EARLY, "quantity": -5, "submitted_at": LATE,
    }  # fmt: skip
    result = decoded(table(claim(), junk))
    assert codes_of(result) == {}
    assert result.target.tolist() == [-1, 0]
    assert result.original.tolist() == [0, 0]
    no_id = decoded(table(claim(), junk | {"claim_id": None}, junk | {"replaces_claim_id": " "}))
    assert codes_of(no_id) == {1: ["MISSING_VALUE"], 2: ["MISSING_TARGET"]}


def test_what_a_cancellation_has_of_another_type_is_null():
    rows = table(
        claim(start_at="2024-03-01", end_at="2024-03-04", billed_mnt="5"),
        message("X", "cancellation", "A", start_at="soon", end_at="never", billed_mnt="much"),
        start_at=pa.string(), end_at=pa.string(), billed_mnt=pa.string(),
    )  # fmt: skip
    result = decoded(rows)
    assert codes_of(result) == {}
    assert result.table.select(["start_at", "end_at", "billed_mnt"]).to_pylist()[1] == {
        "start_at": None, "end_at": None, "billed_mnt": None,
    }  # fmt: skip


def test_an_original_may_name_any_target():
    assert codes_of(decoded(table(claim(replaces_claim_id="nobody")))) == {}
