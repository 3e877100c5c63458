"""Layout, chunks and slices change nothing; nor does it matter in which type a value comes."""

import itertools
from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal.decode import Decoded, arrays
from daatgal.decode.layouts import plain_type
from tests.claim_batches import TYPES, at, claim, codes_of, decoded, message, table
from tests.scale import scaled

pytestmark = pytest.mark.kernels

TEXT = [name for name, kind in TYPES.items() if kind == pa.string()]
LISTS = ["icd10_secondary", "procedures"]
TIMES = ["start_at", "end_at", "submitted_at"]


def same(left: Decoded, right: Decoded) -> None:
    """Both results in every part."""
    for name, one, other in zip(left.columns._fields, left.columns, right.columns, strict=True):
        pairs = zip(one, other, strict=True) if isinstance(one, tuple) else [(one, other)]
        for values, others in pairs:
            np.testing.assert_array_equal(values, others, err_msg=name)
            assert values.dtype == others.dtype, name
    assert left.table.equals(right.table)
    assert left.dictionaries == right.dictionaries
    for name in ("rows", "target", "original"):
        np.testing.assert_array_equal(getattr(left, name), getattr(right, name))
    assert codes_of(left) == codes_of(right)
    assert left.quarantine["messages"].to_pylist() == right.quarantine["messages"].to_pylist()


def sample() -> pa.Table:
    """Rows with nulls, blanks, repeats, faults and messages."""
    return table(
        claim("A"),
        claim("B", department_id="", icd10_secondary=[None, "?", " i10 "], procedures=None, sex="M"),
        claim("C", facility_id="F2", care_type="outpatient", icd10="", department_id="ward 2"),
        message("D", "replacement", "A", department_id="  ", submitted_at=None, quantity=None),
        claim("A") | {"department_id": "ward 3"},
        message("E", "cancellation", "D", facility_id=None, icd10=None, start_at=None),
        message("F", "cancellation", "B", procedures=[], icd10_secondary=["C77"], site="\u00a0"),
        claim(
            "Ө-1", department_id="тасаг 1", billed_mnt=None, birth_date=None, order_no=" ", referral_no=None
        ),
    )


def _with_types(rows: pa.Table, names: list[str], kind: pa.DataType) -> pa.Table:
    for name in names:
        rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].cast(kind))
    return rows


def _with_columns(rows: pa.Table, changed: dict[str, pa.Array]) -> pa.Table:
    for name, column in changed.items():
        rows = rows.set_column(rows.schema.get_field_index(name), name, column)
    return rows


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_text_layouts(kind):
    rows = sample()
    same(decoded(_with_types(rows, TEXT, kind)), decoded(rows))


@pytest.mark.parametrize("index", [pa.int8(), pa.uint16(), pa.int64()])
@pytest.mark.parametrize("value", [pa.string(), pa.large_string()])
def test_dictionaries(index, value):
    rows = sample()
    kind = pa.dictionary(index, value)
    encoded = {name: rows[name].cast(value).dictionary_encode().cast(kind) for name in TEXT}
    same(decoded(_with_columns(rows, encoded)), decoded(rows))


def test_a_dictionary_may_hold_values_twice_nulls_and_values_that_no_row_has():
    rows = table(
        *(claim(name, site=site) for name, site in zip("ABCDE", ["z", "x", None, "x", None], strict=True))
    )
    dictionary = pa.array(["unused", "x", None, "z", "x", " "])
    sites = pa.DictionaryArray.from_arrays(pa.array([3, 1, 2, 4, 5]), dictionary)
    same(decoded(_with_columns(rows, {"site": sites})), decoded(rows))


def test_run_ends():
    rows = sample()
    runs = {name: pc.run_end_encode(rows[name].combine_chunks()) for name in ("care_type", "department_id")}
    same(decoded(_with_columns(rows, runs)), decoded(rows))


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_list(pa.string()),
        pa.list_(pa.large_string()),
        pa.list_(pa.string_view()),
        pa.list_view(pa.string()),
        pa.large_list_view(pa.large_string()),
        pa.list_(pa.field("element", pa.string())),
    ],
)
def test_list_layouts(kind):
    rows = sample()
    changed = {name: pa.array(rows[name].to_pylist(), kind) for name in LISTS}
    same(decoded(_with_columns(rows, changed)), decoded(rows))


def test_lists_of_fixed_size_and_of_dictionaries():
    rows = table(
        *(
            claim(name, procedures=codes)
            for name, codes in zip("ABC", [["015", None], None, ["8703", "01"]], strict=True)
        )
    )
    fixed = pa.array(rows["procedures"].to_pylist(), pa.list_(pa.string(), 2))
    same(decoded(_with_columns(rows, {"procedures": fixed})), decoded(rows))
    inner = rows["procedures"].combine_chunks()
    encoded = pa.ListArray.from_arrays(inner.offsets, inner.values.dictionary_encode(), mask=inner.is_null())
    same(decoded(_with_columns(rows, {"procedures": encoded})), decoded(rows))


def test_a_null_list_may_hide_values():
    hidden = pa.ListArray.from_arrays(pa.array([0, 2, 3], pa.int32()), pa.array(["015", "?", "8703"]),
                                      mask=pa.array([True, False]))  # fmt: skip
    rows = table(claim("A", procedures=None), claim("B", procedures=["8703"]))
    result = decoded(_with_columns(rows, {"procedures": hidden}))
    assert result.columns.procedure_offset.tolist() == [0, 0, 1]
    assert result.columns.ignored.tolist() == [0, 0]


@settings(max_examples=scaled(40), deadline=None)
@given(st.lists(st.integers(0, 8), max_size=6), st.integers(0, 3), st.integers(1, 4))
def test_chunks_slices_and_pieces_change_nothing(cuts, before, rows_per_piece):
    rows = sample()
    wanted = decoded(rows)
    padded = pa.concat_tables([rows.slice(0, before), rows]).combine_chunks().slice(before)
    edges = sorted({0, *cuts, rows.num_rows})
    chunked = pa.concat_tables([padded.slice(a, b - a) for a, b in itertools.pairwise(edges)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(arrays, "ROWS_PER_PIECE", rows_per_piece)
        same(decoded(chunked), wanted)


def test_integers_stand_for_text_and_stay_integers_as_ids():
    numbers = {"facility_id": pa.uint8(), "department_id": pa.int16(), "icd10_secondary": pa.list_(pa.int32()),
               "procedures": pa.list_(pa.int64()), "insured_id": pa.uint32(), "order_no": pa.int8()}  # fmt: skip
    row = claim(department_id=7, insured_id=5, icd10_secondary=[10], procedures=[331, None], order_no=1)
    result = decoded(table(row | {"facility_id": 1}, **numbers))
    assert codes_of(result) == {0: ["UNKNOWN_FACILITY"]}
    result = decoded(table(row, **{name: kind for name, kind in numbers.items() if name != "facility_id"}))
    assert result.table["insured_id"].type == pa.int64()
    assert result.table["department_id"].to_pylist() == ["7"]
    assert result.columns.procedure.tolist() == [int.from_bytes(b"331\0")]
    assert result.columns.ignored.tolist() == [1]  # "10" is no diagnosis


TIME_FORMS = [
    (pa.timestamp("ms"), at("2024-03-01 09:30:00.999000")),
    (pa.timestamp("us"), at("2024-03-01 09:30:00.999999")),
    (pa.timestamp("ns"), at("2024-03-01 09:30:00.000001")),
    (pa.timestamp("us", tz="UTC"), datetime(2024, 3, 1, 1, 30, tzinfo=UTC)),
    (pa.timestamp("s", tz="+03:00"), datetime(2024, 3, 1, 1, 30, tzinfo=UTC)),
    (pa.string(), "2024-03-01 09:30"),
    (pa.string(), " 2024-03-01T09:30:00.75 "),
    (pa.string(), "2024-03-01T01:30:00Z"),
    (pa.string(), "2024-03-01 10:30:00+09"),
    (pa.large_string(), "2024-03-01T00:00-0130"),
    (pa.dictionary(pa.int8(), pa.string()), "2024-03-01 09:30:00+08:00"),
]


@pytest.mark.parametrize(("kind", "value"), TIME_FORMS)
def test_times_come_in_many_forms(kind, value):
    result = decoded(table(claim(start_at=value), start_at=kind))
    assert result.table["start_at"].to_pylist() == [at("2024-03-01 09:30")]
    assert result.table["start_at"].type == pa.timestamp("s")
    assert result.columns.start_s.tolist() == [int(datetime(2024, 3, 1, 9, 30, tzinfo=UTC).timestamp())]


MIDNIGHT_FORMS = [
    (pa.date32(), date(2024, 3, 1)),
    (pa.date64(), date(2024, 3, 1)),
    (pa.string(), "2024-03-01"),
]


@pytest.mark.parametrize(("kind", "value"), MIDNIGHT_FORMS)
def test_a_date_means_midnight(kind, value):
    result = decoded(table(claim(start_at=value), start_at=kind))
    assert result.table["start_at"].to_pylist() == [at("2024-03-01")]


OLD_BIRTH_FORMS = [
    (pa.date64(), date(1969, 12, 31)),
    (pa.string(), "1969-12-31"),
    (pa.timestamp("us"), at("1969-12-31 23:59:59.000001")),
    (pa.timestamp("s", tz="UTC"), datetime(1969, 12, 30, 20, tzinfo=UTC)),
]


@pytest.mark.parametrize(("kind", "value"), OLD_BIRTH_FORMS)
def test_a_birth_before_1970_is_its_day(kind, value):
    result = decoded(table(claim(birth_date=value), birth_date=kind))
    assert result.columns.birth_day.tolist() == [-1]
    assert result.table["birth_date"].to_pylist() == [date(1969, 12, 31)]


def test_summer_time_is_the_zone_of_the_day():
    summer = datetime(2016, 7, 1, 0, 30, tzinfo=UTC)
    result = decoded(table(claim(start_at=summer), start_at=pa.timestamp("us", tz="UTC")))
    assert result.table["start_at"].to_pylist() == [at("2016-07-01 09:30")]


WHOLE_FORMS = [
    (pa.int16(), 1200), (pa.uint64(), 1200), (pa.float32(), 1200.0), (pa.float64(), 1200.0),
    (pa.decimal128(12, 2), Decimal("1200.00")), (pa.decimal256(50, 4), Decimal(1200)), (pa.string(), "1200"),
    (pa.string(), " +1200.00 "), (pa.string(), "1.2e3"), (pa.string(), "12E+2"), (pa.string(), "120000e-2"),
    (pa.string_view(), "0001200"), (pa.dictionary(pa.int32(), pa.int64()), 1200),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value"), WHOLE_FORMS)
@pytest.mark.parametrize("column", ["billed_mnt", "quantity"])
def test_whole_numbers_come_in_many_forms(column, kind, value):
    rows = table(claim("A") | {column: value}, claim("B") | {column: None}, **{column: kind})
    result = decoded(rows)
    assert result.table[column].to_pylist() == [1200, None]
    assert result.table[column].type == TYPES[column]


NO_WHOLES = [
    "1.2",
    "1e",
    "e3",
    "",
    "+",
    "1e-1",
    "1e99",
    "12 000",
    "0x10",
    "1_000",
    ".",
    "1e9999",
    "١٢",
    "--1",
]


@pytest.mark.parametrize("text", [text for text in NO_WHOLES if text])
def test_what_is_no_whole_number_is_not_taken(text):
    rows = table(claim("A", billed_mnt=text), billed_mnt=pa.string())
    assert codes_of(decoded(rows)) == {0: ["BAD_TYPE"]}


@given(
    st.decimals(allow_nan=False, allow_infinity=False, places=3) | st.integers(-(2**64), 2**64).map(Decimal)
)
@settings(max_examples=60, deadline=None)
def test_written_numbers_are_read_as_python_reads_them(number):
    rows = table(claim("A", billed_mnt=str(number)), billed_mnt=pa.string())
    result = decoded(rows)
    whole = number == number.to_integral_value() and -(2**63) < number < 2**63
    if whole and number >= 0:
        assert result.columns.billed_mnt.tolist() == [int(number)]
    else:
        assert codes_of(result) == {0: ["NEGATIVE_VALUE" if whole else "BAD_TYPE"]}


def test_decimals_that_are_not_whole_or_too_large_cost_their_row_alone():
    values = [Decimal("1.5"), Decimal(7), None, Decimal(10) ** 20]
    rows = table(
        *(claim(str(i), billed_mnt=value) for i, value in enumerate(values)), billed_mnt=pa.decimal128(30, 2)
    )
    result = decoded(rows)
    assert codes_of(result) == {0: ["BAD_TYPE"], 3: ["BAD_TYPE"]}
    assert result.columns.billed_mnt.tolist() == [7, -1]


def test_further_columns_are_carried_through_untouched():
    rows = table(claim(note=[1.5], tag="x"), claim("B", note=None, tag=""), note=pa.list_(pa.float64()),
                 tag=pa.dictionary(pa.int8(), pa.string()))  # fmt: skip
    result = decoded(rows)
    assert result.table.column_names == [*TYPES, "note", "tag"]
    assert result.table["note"].equals(rows["note"])
    assert result.table["tag"].equals(rows["tag"])
    later = decoded(rows, earlier=table(claim("Z", tag="y")))
    assert later.table["tag"].to_pylist() == ["x", "", None]


def test_extension_types_are_read_by_their_storage():
    rows = sample()
    stored = pa.ExtensionArray.from_storage(pa.opaque(pa.string(), "t", "v"), rows["site"].combine_chunks())
    same(decoded(_with_columns(rows, {"site": stored})), decoded(rows))


def test_a_list_column_may_be_text_with_bars():
    text = {"icd10_secondary": pa.array(["I10|C77.0", ""]), "procedures": pa.array(["015| |8703|", None])}
    rows = table(claim("A"), claim("B", icd10_secondary=None, procedures=None))
    result = decoded(_with_columns(rows, text))
    assert result.columns.secondary_offset.tolist() == [0, 2, 2]
    assert result.columns.procedure.tolist() == [int.from_bytes(b"015\0"), int.from_bytes(b"8703")]
    assert result.columns.ignored.tolist() == [0, 0]


@pytest.mark.parametrize(
    "kind",
    [
        pa.string_view(),
        pa.list_(pa.string_view()),
        pa.list_view(pa.string()),
        pa.struct({"x": pa.string_view()}),
        pa.run_end_encoded(pa.int32(), pa.string()),
    ],
)
def test_further_columns_of_any_layout_survive_a_quarantined_row(kind):
    value = {"x": "a"} if pa.types.is_struct(kind) else ["a"] if "list" in str(kind) else "a"
    values = pa.array([value, None, value], plain_type(kind))
    column = (
        pc.run_end_encode(values) if pa.types.is_run_end_encoded(kind) else pa.array(values.to_pylist(), kind)
    )
    rows = table(claim("A"), claim("B", icd10="?"), claim("A")).append_column("more", column)
    result = decoded(rows)
    assert result.table["more"].to_pylist() == [value]
    assert result.quarantine["more"].to_pylist() == [None, value]
    assert codes_of(result) == {1: ["BAD_ICD10"], 2: ["DUPLICATE_CLAIM_ID"]}
