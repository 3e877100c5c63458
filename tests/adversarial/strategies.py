"""Hypothesis strategies over the same pools: small batches that shrink to what matters."""

from datetime import datetime, timedelta

from hypothesis import strategies as st

from tests.adversarial import pools
from tests.adversarial.registers import FACILITY_IDS

book_seeds = st.integers(min_value=0, max_value=15)
id_kinds = st.sampled_from(("string", "int64"))
insured_seeds = st.none() | st.integers(min_value=0, max_value=15)
"""None: without an `insured` table."""

_MALFORMED_LISTS = st.sampled_from((["?"], ["C7", "C770"], ["", "0159"], [None]))


def _simplest_first(pool: tuple) -> st.SearchStrategy:
    """Each value of a pool once, null first, so that shrinking ends there."""
    values = [None] if None in pool else []
    values += [
        value for position, value in enumerate(pool) if value is not None and value not in pool[:position]
    ]
    return st.sampled_from(values)


_COLUMNS = {
    "facility_id": _simplest_first(FACILITY_IDS),
    "department_id": _simplest_first(pools.DEPARTMENTS),
    "specialty": _simplest_first(pools.SPECIALTIES),
    "icd10_secondary": _simplest_first(pools.SECONDARY) | _MALFORMED_LISTS,
    "procedures": _simplest_first(pools.PROCEDURES) | _MALFORMED_LISTS,
    "drg_code": _simplest_first(pools.DRGS),
    "site": _simplest_first(pools.SITES),
    "billed_mnt": _simplest_first(pools.BILLED),
    "sex": st.sampled_from((None, "m", "f", "M")),
    "birth_date": _simplest_first(pools.BIRTHS),
    "exemption": _simplest_first(pools.EXEMPTIONS),
    "test_result": st.sampled_from((None, "positive", "negative", "pos")),
    "order_no": st.sampled_from((None, "o1")),
}


@st.composite
def _periods(draw: st.DrawFn, care_type: str) -> tuple[datetime, datetime]:
    start_at = pools.midnight(draw(st.sampled_from(pools.DAYS)))
    lengths = pools.STAY_LENGTHS if care_type in pools.STAYS else pools.VISIT_LENGTHS
    length = draw(_simplest_first(lengths))
    if draw(st.booleans()):
        return start_at, start_at + timedelta(days=length.days)
    start_at = datetime.combine(start_at.date(), draw(st.sampled_from(pools.TIMES)))
    return start_at, start_at + length


@st.composite
def _rows(draw: st.DrawFn, people: int, ids: str) -> dict:
    care_type = draw(st.sampled_from(tuple(pools.CARE_TYPES)))
    start_at, end_at = draw(_periods(care_type))
    sessions = care_type in {"rehabilitation", "traditional"}
    row = {column: draw(strategy) for column, strategy in _COLUMNS.items()}
    row |= {
        "insured_id": pools.insured_id(draw(st.integers(0, people - 1)), ids),
        "care_type": care_type,
        "icd10": draw(_simplest_first(pools.diagnoses(care_type))),
        "service_code": draw(_simplest_first(pools.SERVICES.get(care_type, (None, "FILL")))),
        "quantity": draw(_simplest_first(pools.SESSIONS if sessions else pools.QUANTITIES)),
        "start_at": start_at,
        "end_at": end_at,
        "submitted_at": draw(st.none() | st.just(end_at) | st.sampled_from(pools.SUBMISSIONS)),
    }
    return row


@st.composite
def batches(draw: st.DrawFn, max_size: int = 14, people: int = 2, ids: str = "string") -> list[dict]:
    """A batch in which rows vary each other, aim messages at each other, and now and then share an id."""
    rows: list[dict] = []
    for number in range(draw(st.integers(0, max_size))):
        row = draw(_rows(people, ids))
        if rows and draw(st.booleans()):
            kept = draw(st.lists(st.sampled_from(sorted(row)), max_size=3, unique=True))
            row = rows[draw(st.integers(0, number - 1))] | {column: row[column] for column in kept}
            row["end_at"] = max(row["start_at"], row["end_at"])
        row["claim_id"] = pools.claim_id(number, ids)
        row["message"] = draw(st.sampled_from((None, None, None, None, "replacement", "cancellation")))
        row["replaces_claim_id"] = None
        if row["message"] is not None:
            row["replaces_claim_id"] = pools.claim_id(draw(st.integers(0, max_size)), ids)
        rows.append(row)
    if rows and draw(st.integers(0, 9)) == 9:
        again = rows[draw(st.integers(0, len(rows) - 1))]
        rows.append(again | draw(st.sampled_from(({}, {"site": "again"}))))
    return rows
