"""What a night holds of its history: the people it concerns, and of each value one copy."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daatgal.decode.arrays import nothing
from daatgal.decode.persons import ids_like
from daatgal.insured import load_insured
from daatgal.nights.layers import among, distinct, layers_of, places_of
from daatgal.nights.people import concerned, register_of
from daatgal.nights.recall import recall
from tests.cases.case import FACILITIES, claim
from tests.claim_batches import claim as accepted
from tests.claim_batches import decoded, demonstration_book, table
from tests.night_by_night import as_claims, registers_of, settle_nights

VISIT = ("outpatient", "2024-03-03 10:00", "2024-03-03 11:00")
FEW = st.lists(st.integers(0, 30), max_size=40).map(lambda values: np.sort(np.array(values, np.uint64)))


@given(FEW, FEW)
def test_places_of_some_keys_among_sorted_ones(sought, keys):
    sought = distinct(sought)
    assert places_of(sought, keys).tolist() == np.flatnonzero(among(keys, sought)).tolist()


@pytest.mark.parametrize("rows", [0, 1, 9])
@pytest.mark.parametrize(
    "kind",
    [
        pa.string(),
        pa.int64(),
        pa.timestamp("s"),
        pa.bool_(),
        pa.date32(),
        pa.list_(pa.string()),
        pa.dictionary(pa.int32(), pa.string()),
    ],
    ids=str,
)
def test_nothing_is_nulls(rows, kind):
    found = nothing(rows, kind)
    found.validate(full=True)
    assert found.type == kind
    assert found.to_pylist() == [None] * rows
    assert found.null_count == rows


def _night_of(people: list[object], register: pa.Table):
    """A night of some people, each with a claim in the history, and what the register says of them."""
    rows = [claim(f"c{person}", *VISIT, insured_id=person) for person in people]
    (settled,) = settle_nights([rows], registers_of(FACILITIES, None, demonstration_book()))
    layers = layers_of([settled])
    later = [row | {"claim_id": row["claim_id"] + "b"} for row in rows]
    people_of_night = concerned(as_claims(later, pa.string()), None, layers)
    assert people_of_night is not None
    return register_of(load_insured(register), people_of_night)


@pytest.mark.parametrize("kind", [pa.string(), pa.int64()], ids=str)
def test_the_register_keeps_the_periods_of_the_people_concerned(kind):
    """Ids are matched as the claims have them, also where the register has whole numbers."""
    ids = [7, 1, 3, 7, 2, 3, 7]
    born = np.array([f"19{number:02}-01-01" for number in range(70, 77)], "datetime64[D]")
    register = pa.table(
        {
            "insured_id": pa.array(ids).cast(kind),
            "covered_from": np.array([f"20{2 * number:02}-01-01" for number in range(7)], "datetime64[D]"),
            "covered_to": np.array([f"20{2 * number + 1:02}-01-01" for number in range(7)], "datetime64[D]"),
            "birth_date": born,
        }
    )
    found = _night_of(["7", "3", "nobody"], register)
    assert sorted(found.column.to_pylist(), key=str) == pa.array([3, 7]).cast(kind).to_pylist()
    assert ids_like(found, integers=kind == pa.int64()).hash.size == 2
    rows_of = {"7": [0, 3, 6], "3": [2, 5]}
    for person, begin, end in zip(found.column.to_pylist(), found.offset, found.offset[1:], strict=False):
        own = rows_of[str(person)]
        assert found.period.birth_day[begin:end].tolist() == born[own].astype(int).tolist()
        assert (found.period.to_day[begin:end] - found.period.from_day[begin:end] > 360).all()
    assert found.offset[-1] == found.period.size == 5


def test_a_register_without_any_of_them_is_empty():
    found = _night_of(["7"], pa.table({"insured_id": ["1", "2"]}))
    assert found.offset.tolist() == [0]
    assert len(found.column) == found.period.size == 0


def _memory(column: pa.ChunkedArray) -> set[int]:
    return {buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None}


def test_what_quarantine_takes_out_leaves_earlier_claims_where_they_are():
    """A few unreadable rows of a night are no reason to copy the text of all that is judged again."""
    rows = [
        claim(f"c{number}", *VISIT, insured_id=f"p{number}", order_no=f"o{number}") for number in range(50)
    ]
    (settled,) = settle_nights([rows], registers_of(FACILITIES, None, demonstration_book()))
    layers = layers_of([settled])
    night = [claim(f"n{number}", *VISIT, insured_id=f"p{number}") for number in range(50)]
    recalled = recall(concerned(as_claims(night, pa.string()), None, layers), layers)
    before = recalled.state
    assert before is not None
    assert before.num_rows == 50
    claims = table(*(accepted(f"n{number}", icd10=None if number == 3 else "I10") for number in range(50)))
    result = decoded(claims, earlier=before)
    assert result.quarantine.num_rows == 1
    again = result.table.slice(49)
    for name in ("claim_id", "insured_id", "order_no"):
        assert again[name].equals(before[name])
        assert _memory(again[name]) & _memory(before[name]) >= {before[name].chunk(0).buffers()[2].address}
    recalled.share(result)
    assert recalled.state is not None
    assert recalled.state.schema.names == before.schema.names
    assert recalled.state.num_rows == 50
    for name in ("start_at", "facility_id", "billed_mnt"):
        assert _memory(recalled.state[name]) & _memory(result.table[name]), name
        assert recalled.state[name].cast(pa.string()).equals(before[name].cast(pa.string()))
