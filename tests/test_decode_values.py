"""What each value becomes: codes, lists, flags, ids as bytes and hashes."""

from datetime import date
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal.decode.arrays import Piece, frozen, strings_of
from daatgal.decode.identity import first_rows, partitioned, read_id_column, rows_of
from daatgal_engine.clinical_codes import MALFORMED, NOT_GIVEN, pack_icd10, pack_procedure
from daatgal_engine.columns import NEVER_S, NO_CODE, NO_MNT, UNKNOWN_DRG, Ids
from daatgal_engine.strings import mark_blanks
from daatgal_engine.value_codes import ValueCodes
from daatgal_engine.written_values import day_number
from tests.claim_batches import (
    PUBLIC_DATA,
    at,
    claim,
    codes_of,
    decoded,
    demonstration_book,
    table,
    two_facilities,
)
from tests.scale import scaled

pytestmark = pytest.mark.kernels


def _packed(text: str) -> int:
    return int.from_bytes(text.encode().ljust(8, b"\0"))


WELL_FORMED = {
    "G40.1": "G401", "g40.1": "G401", " G 4\t0.\u00a01 ": "G401", "G40": "G40", "G4A": "G4A",
    "g40abcd": "G40ABCD", "Z99.9999": "Z999999",
}  # fmt: skip


@pytest.mark.parametrize(("written", "code"), WELL_FORMED.items())
def test_diagnoses_are_packed_without_dots_spaces_and_case(written, code):
    assert decoded(table(claim(icd10=written))).columns.icd10.tolist() == [_packed(code)]


@given(st.lists(st.none() | st.text("AGZgz049. -É", max_size=9), max_size=30))
def test_packing_keeps_the_order_of_codes(codes):
    out = np.empty(len(codes), np.uint64)
    pack_icd10(strings_of(pa.array(codes, pa.string())), out)
    for code, packed in zip(codes, out.tolist(), strict=True):
        bare = "".join((code or "").replace(".", "").split()).upper()
        well_formed = 3 <= len(bare) <= 7 and bare.isascii() and bare.isalnum() and bare[0].isalpha()
        if code is None or not code.strip():
            assert packed == NOT_GIVEN
        elif well_formed and bare[1].isdigit():
            assert packed == _packed(bare)
        else:
            assert packed == MALFORMED


@given(st.lists(st.none() | st.text("0189. x", max_size=6), max_size=30))
def test_procedures_are_two_to_four_digits(codes):
    out = np.empty(len(codes), np.uint64)
    pack_procedure(strings_of(pa.array(codes, pa.string())), out)
    for code, packed in zip(codes, out.tolist(), strict=True):
        bare = "".join((code or "").replace(".", "").split())
        if code is None or not code.strip():
            assert packed == NOT_GIVEN
        elif 2 <= len(bare) <= 4 and bare.isdigit():
            assert packed == int.from_bytes(bare.encode().ljust(4, b"\0"))
        else:
            assert packed == MALFORMED


def test_secondary_diagnoses_keep_their_order_and_procedures_are_a_sorted_set():
    rows = table(
        claim(
            "A", icd10_secondary=["z99", None, "A00", "Z99"], procedures=["8703", "01.5", "0150", "015", ""]
        ),
        claim("B", icd10_secondary=["?"], procedures=["1", "12345", "ab"]),
        claim("C", icd10_secondary=None, procedures=[None, " "]),
    )
    columns = decoded(rows).columns
    assert columns.secondary_offset.tolist() == [0, 3, 3, 3]
    assert columns.secondary.tolist() == [_packed("Z99"), _packed("A00"), _packed("Z99")]
    assert columns.procedure_offset.tolist() == [0, 3, 3, 3]
    assert columns.procedure.tolist() == [int.from_bytes(code) for code in (b"015\0", b"0150", b"8703")]
    assert columns.ignored.tolist() == [0, 1, 0]


@pytest.mark.slow
def test_a_long_list_of_procedures_is_sorted_in_no_time():
    codes = [f"{9999 - i % 9990:04}" for i in range(200_000)]
    columns = decoded(table(claim(procedures=codes))).columns
    assert len(columns.procedure) == 9990
    assert (np.diff(columns.procedure.astype(np.int64)) > 0).all()


IGNORED = [
    {"sex": "M"},
    {"sex": "male"},
    {"test_result": "pos"},
    {"birth_date": date(2024, 3, 2)},
    {"icd10_secondary": ["C7"]},
    {"procedures": ["1"]},
]


@pytest.mark.parametrize("columns", IGNORED)
def test_what_is_not_essential_never_costs_the_claim(columns):
    result = decoded(table(claim(**columns), claim("B")))
    assert codes_of(result) == {}
    assert result.columns.ignored.tolist() == [1, 0]
    (name,) = columns
    assert result.table[name][0].as_py() == columns[name]


def test_a_birth_on_the_start_day_is_no_birth_after_it():
    assert decoded(table(claim(birth_date=date(2024, 3, 1)))).columns.ignored.tolist() == [0]


def test_nulls_have_their_named_values():
    nulls = dict.fromkeys(claim()) | {
        name: claim()[name]
        for name in ("claim_id", "insured_id", "facility_id", "care_type", "icd10", "start_at", "end_at")
    }
    columns = decoded(table(nulls)).columns
    assert columns.submitted_s.tolist() == [NEVER_S]
    assert columns.billed_mnt.tolist() == [NO_MNT]
    assert columns.quantity.tolist() == [1]
    for name in ("department", "specialty", "service", "site", "claimed_drg", "exemption"):
        assert getattr(columns, name).tolist() == [NO_CODE], name
    for name in ("positive", "ordered", "ignored"):
        assert getattr(columns, name).tolist() == [0], name


def test_codes_point_into_the_book_the_facilities_and_the_dictionaries():
    book = demonstration_book()
    result = decoded(
        table(claim("A"), claim("B", drg_code="999999", facility_id="F2", site="right", department_id=None))
    )
    columns = result.columns
    assert columns.claimed_drg.tolist() == [book.drg_codes.index("001"), UNKNOWN_DRG]
    assert [two_facilities().ids[i].as_py() for i in columns.facility] == ["F1", "F2"]
    assert [book.care_type_names[i] for i in columns.care_type] == ["inpatient"] * 2
    assert columns.exemption.tolist() == [book.exemption_categories.index("child")] * 2
    assert [result.dictionaries["site"][i].as_py() for i in columns.site] == ["left", "right"]
    assert columns.department.tolist() == [0, NO_CODE]
    assert columns.positive.tolist() == [1, 1]
    assert columns.ordered.tolist() == [1, 1]


def test_every_array_is_frozen_contiguous_and_of_its_type():
    rows = table(claim("A"), claim("B", icd10="?"), claim("C"))
    for batch in (rows, rows.slice(0, 1), rows.slice(0, 0)):
        columns = decoded(batch).columns
        kinds = {
            "message": "i1", "submitted_s": "i8", "start_s": "i8", "end_s": "i8", "facility": "i4", "care_type": "i2",
            "department": "i4", "specialty": "i4", "service": "i4", "site": "i4", "icd10": "u8",
            "secondary_offset": "i8", "secondary": "u8", "procedure_offset": "i8", "procedure": "u4",
            "claimed_drg": "i4", "quantity": "i4", "billed_mnt": "i8", "sex": "i1", "birth_day": "i4",
            "exemption": "i2", "positive": "u1", "ordered": "u1", "ignored": "u1", "coverage": "i1", "death_day": "i4",
        }  # fmt: skip
        arrays = {name: (getattr(columns, name), np.dtype(kind)) for name, kind in kinds.items()}
        for ids in (columns.claim, columns.insured, columns.replaces):
            arrays |= {f"{id(ids)} {name}": (getattr(ids, name), np.dtype(kind))
                       for name, kind in (("data", "u1"), ("offset", "i8"), ("hash", "u8"))}  # fmt: skip
        for name, (array, kind) in arrays.items():
            assert array.dtype == kind, name
            assert array.flags.c_contiguous, name
            assert array.flags.aligned, name
            assert not array.flags.writeable, name


def test_earlier_claims_follow_and_are_never_quarantined():
    earlier = table(claim("old", care_type="not in the book any more", facility_id="gone", sex="x"))
    result = decoded(table(claim("A", icd10="?"), claim("B")), earlier=earlier)
    assert result.table["claim_id"].to_pylist() == ["B", "old"]
    assert result.rows.tolist() == [1, -1]
    assert result.columns.care_type.tolist()[1] == NO_CODE
    assert result.columns.facility.tolist()[1] == NO_CODE
    assert result.columns.ignored.tolist() == [0, 1]
    assert result.input_rows == 2
    assert result.original.tolist() == [0, 1]


def test_the_history_decides_the_type_of_ids():
    numbers = {"claim_id": pa.int64(), "replaces_claim_id": pa.int64(), "insured_id": pa.int64()}
    earlier = table(claim(7, insured_id=1), **numbers)
    result = decoded(table(claim("8", insured_id="2"), claim("x", insured_id="2"), claim("07", insured_id="2")),
                     earlier=earlier)  # fmt: skip
    assert codes_of(result) == {1: ["BAD_TYPE"], 2: ["BAD_TYPE"]}
    assert result.table["claim_id"].to_pylist() == [8, 7]
    result = decoded(table(claim(8, insured_id=1), **numbers), earlier=table(claim("7", insured_id="1")))
    assert result.table["claim_id"].to_pylist() == ["8", "7"]
    held = decoded(table(claim("8")), held_ids=pa.array([8]))
    assert codes_of(held) == {0: ["DUPLICATE_CLAIM_ID"]}


def _ids(values: list[str | int | None], kind: pa.DataType) -> Ids:
    array = pa.array(values, kind)
    pieces = [Piece(array, 0, len(array))]
    return read_id_column(pieces, len(array), integers=pa.types.is_int64(kind)).ids


def _bytes(ids: Ids) -> list[bytes]:
    return [ids.data[a:b].tobytes() for a, b in zip(ids.offset, ids.offset[1:], strict=False)]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20))
def test_integer_ids_sort_as_bytes(values):
    ids = _ids(values, pa.int64())
    assert sorted(range(len(values)), key=values.__getitem__) == sorted(
        range(len(values)), key=_bytes(ids).__getitem__
    )


@given(st.lists(st.none() | st.text(max_size=20), max_size=20))
def test_text_ids_are_their_utf8_bytes_and_nulls_have_none(values):
    ids = _ids(values, pa.string())
    assert _bytes(ids) == [b"" if value is None or not value.strip() else value.encode() for value in values]
    hashes = dict(zip(_bytes(ids), ids.hash.tolist(), strict=True))
    assert [hashes[key] for key in _bytes(ids)] == ids.hash.tolist()


def test_the_hash_never_changes():
    ids = _ids(["a", "abcd", "abcdefgh", "abcdefghijklmnopq"], pa.string())
    assert ids.hash.tolist() == HASHES


HASHES = [15894680096147842474, 3349415716721962691, 12018590952695535838, 17003302239158777560]


@pytest.mark.slow
def test_the_hash_spreads_near_ids():
    ids = _ids([f"CLM{i}" for i in range(100_000)], pa.string())
    assert len(set(ids.hash.tolist())) == 100_000
    for bits in (ids.hash >> np.uint64(54), ids.hash & np.uint64(1023)):
        counts = np.bincount(bits.astype(np.int64), minlength=1024)
        assert counts.min() > 40
        assert counts.max() < 180


@pytest.mark.parametrize("bits", [0, 3])
@pytest.mark.parametrize("mask", [0, 1, 2**64 - 1], ids=["all collide", "two hashes", "the real hash"])
@settings(max_examples=30, deadline=None)
@given(
    values=st.lists(
        st.none() | st.sampled_from(["a", "b", "ab", "ba", "", "long enough id 1", "long enough id 2"])
    )
)
def test_equal_ids_are_found_by_their_bytes(values, mask, bits):
    ids = _ids(values, pa.string())
    colliding = ids._replace(hash=frozen(ids.hash & np.uint64(mask)))
    first = first_rows(partitioned(colliding, bits), len(values))
    wanted = [i if not value else values.index(value) for i, value in enumerate(values)]
    assert (list(range(len(values))) if first is None else first.tolist()) == wanted
    sought = ["ba", "long enough id 1", "absent", None, "a"]
    probe = _ids(sought, pa.string())
    probe = probe._replace(hash=frozen(probe.hash & np.uint64(mask)))
    found = rows_of(partitioned(colliding, bits), probe)
    assert found.tolist() == [values.index(value) if value and value in values else -1 for value in sought]


def numbered(arrays: list[pa.Array]) -> tuple[list[int], list[str]]:
    """The codes of some arrays together, and the values that they stand for."""
    numbers, codes = ValueCodes(), []
    for array in arrays:
        own = np.empty(len(array), np.int32)
        numbers.number(strings_of(array), own)
        codes += own.tolist()
    offset, data = numbers.values()
    return codes, [bytes(data[a:b]).decode() for a, b in pairwise(offset.tolist())]


TEXTS = st.none() | st.text("ab ", max_size=3) | st.sampled_from(
    [f"{head}{middle}{tail}" for head in ("", "a" * 7, "b" * 9) for middle in ("", "c" * 8, "d" * 20)
     for tail in ("", "\0", "e", "f" * 8)]
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS), st.integers(0, 5), st.integers(0, 5))
def test_values_are_numbered_by_first_appearance(values, cut, before):
    whole = pa.array([None, "before", "b", None, None, *values], pa.string())
    rows = whole.slice(5 - before)
    values = rows.to_pylist()
    codes, found = numbered([rows.slice(0, cut), rows.slice(cut)])
    distinct = list(dict.fromkeys(value for value in values if value is not None))
    assert found == distinct
    assert codes == [-1 if value is None else distinct.index(value) for value in values]


@pytest.mark.slow
def test_many_distinct_values_are_numbered_too():
    count = scaled(70_001, at_least=2_000)
    values = [f"v{i % count}" for i in range(2 * count + 5)]
    codes, found = numbered([pa.array(values[:7]), pa.array(values[7:])])
    assert found == values[:count]
    assert codes == [i % count for i in range(2 * count + 5)]


def test_long_values_find_room():
    values = ["x" * length for length in (3, 9_000, 17, 40_000, 9_000, 16)]
    codes, found = numbered([pa.array(values)])
    assert found == [values[i] for i in (0, 1, 2, 3, 5)]
    assert codes == [0, 1, 2, 3, 1, 4]


@given(
    st.lists(
        st.none()
        | st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(" \t\u2003\u0085\u3000\u1680"))
    )
)
def test_blank_is_what_python_strips_to_nothing(values):
    marks = np.empty(len(values), np.uint8)
    count = mark_blanks(strings_of(pa.array(values, pa.string())), marks)
    wanted = [int(value is not None and not value.strip()) for value in values]
    assert marks.tolist() == wanted
    assert count == sum(wanted)


@pytest.mark.slow
def test_every_unicode_white_space_is_blank_and_nothing_else():
    characters = [chr(i) for i in range(0x11_0000) if not 0xD800 <= i < 0xE000]
    marks = np.empty(len(characters), np.uint8)
    mark_blanks(strings_of(pa.array(characters)), marks)
    assert [c for c, m in zip(characters, marks, strict=True) if m] == [c for c in characters if c.isspace()]


@given(st.dates())
def test_days_are_counted_as_python_counts_them(day):
    assert day_number(day.year, day.month, day.day) == (day - date(1970, 1, 1)).days


PUBLIC = [("medicare-inpatient", 40_474, 1), ("medicare-mixed", 68_177, 1_588), ("tuva-lines", 6_067, 222)]


@pytest.mark.slow
@pytest.mark.skipif(not PUBLIC_DATA.exists(), reason="the public data are not beside the repository")
@pytest.mark.parametrize(("name", "rows", "without_diagnosis"), PUBLIC)
def test_public_claims_decode_but_for_those_without_a_diagnosis(name, rows, without_diagnosis):
    from daatgal.decode import decode
    from daatgal.facilities import load_facilities
    from daatgal.sources import read_table

    book = demonstration_book()
    facilities = load_facilities(PUBLIC_DATA / name / "facilities.csv", book)
    claims = read_table(PUBLIC_DATA / name / "claims.parquet", kind="claims")
    result = decode(claims, book=book, facilities=facilities)
    assert result.input_rows == rows == result.table.num_rows + result.quarantine.num_rows
    assert list(codes_of(result).values()) == [["MISSING_VALUE"]] * without_diagnosis
    assert result.quarantine["icd10"].null_count == without_diagnosis
    assert result.table["start_at"].to_pylist()[:3] == claims["start_at"].to_pylist()[:3] or without_diagnosis
    assert at("2008-01-01") <= min(result.table["start_at"].to_pylist())
