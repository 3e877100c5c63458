"""What a run leaves for later nights: `state` and `ids`.

In: decoded claims, their ledger, the decisions in force, the state rows that were recalled. Out: two Arrow tables
sorted by hash, so that a later night reads only the row groups of its people.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import in_one, in_threads, nullable, pieces_of
from daatgal.decode.text import read_coded_column
from daatgal.ledger import KEYS
from daatgal.nights.layers import (
    CHANGED,
    CLAIM,
    LINE_PEOPLE,
    NEW,
    NEWS,
    PERSON,
    UNCHANGED,
    UNCHANGED_PARTS,
    told_and_unchanged,
)
from daatgal_engine.columns import NO_DAY

if TYPE_CHECKING:
    from daatgal.decode import Decoded
    from daatgal.nights.news import News
    from daatgal.outputs import Run
    from daatgal_engine.columns import I64, U64

CLAIM_COLUMNS = (
    "claim_id",
    "insured_id",
    "facility_id",
    "department_id",
    "specialty",
    "practitioner_id",
    "care_type",
    "icd10",
    "icd10_secondary",
    "procedures",
    "drg_code",
    "service_code",
    "site",
    "quantity",
    "start_at",
    "end_at",
    "billed_mnt",
    "sex",
    "birth_date",
    "exemption",
    "test_result",
    "order_no",
    "message",
    "replaces_claim_id",
    "submitted_at",
)
"""What the rules read of a claim, and its doctor, whose day the score looks at."""
REPEATED = (
    "facility_id",
    "department_id",
    "specialty",
    "care_type",
    "icd10",
    "drg_code",
    "service_code",
    "site",
    "sex",
    "known_sex",
    "exemption",
    "test_result",
    "message",
    "outcome_drg_code",
    "outcome_tariff",
)
"""Text that repeats: kept as dictionaries, which are quick to sort along and small to write. Doctors are too many."""
OUTCOME = "outcome_"
"""Before the name of each ledger column that is not a column of the claim."""
FEW = 1 << 10
"""Up to so many changed claims, the others are cut out around them and not copied."""
SEXES = (None, "m", "f")
"""By SEX_*."""


def people_of(decoded: Decoded) -> U64:
    """The hash of each row's insured; a cancellation that names none is a person of its own."""
    insured, claim = decoded.columns.insured, decoded.columns.claim
    return np.where(np.diff(insured.offset) > 0, insured.hash, claim.hash)


def line_people(original: I64, people: U64) -> pa.Array:
    """list<uint64>: the people of each row's line, ascending; empty where the line has one row."""
    rows = original.size
    in_line = np.bincount(original, minlength=rows)[original] > 1
    members = np.flatnonzero(in_line)
    order = members[np.lexsort((people[members], original[members]))]
    lines, begin, count = np.unique(original[order], return_index=True, return_counts=True)
    place = np.searchsorted(lines, original[members])
    sizes = np.zeros(rows + 1, np.int64)
    sizes[members + 1] = count[place]
    offsets = np.cumsum(sizes)
    within = np.arange(offsets[-1]) - np.repeat(offsets[members], count[place])
    values = people[order][np.repeat(begin[place], count[place]) + within]
    return pa.LargeListArray.from_arrays(pa.array(offsets), pa.array(values)).cast(pa.list_(pa.uint64()))


def known_of_insured(decoded: Decoded, rows: np.ndarray) -> dict[str, pa.Array]:
    """Sex and birth date as judged: the claim's own, else the register's. Statistics of the history read these."""
    sex, birth_day = decoded.columns.sex[rows], decoded.columns.birth_day[rows]
    return {
        "known_sex": pa.array(SEXES, pa.string()).take(pa.array(sex)),
        "known_birth_date": pa.array(birth_day, pa.int32(), mask=birth_day == NO_DAY).cast(pa.date32()),
    }


def state_table(
    decoded: Decoded, ledger: pa.Table, manual: pa.Table, earlier: pa.Table | None, news: News
) -> pa.Table:
    """Every judged claim: what rules read of it, its outcome, its manual decision, the people of its line.

    First what is new or changed, whose rows the `ledger` has, by person; behind it what stays as it was, by person too,
    taken over as it was recalled: `earlier` are the last of the judged claims, sorted by person.
    """
    rows = np.flatnonzero(news.rows)
    people = people_of(decoded)[rows]
    order = stable_order(people)
    taken, chosen = pa.array(order), None if rows.size == news.rows.size else pa.array(news.rows)

    def told(column: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
        return column if chosen is None else column.filter(chosen)

    def claimed(name: str) -> pa.Array:
        return in_order(name, told(decoded.table[name]))

    def in_order(name: str, column: pa.Array | pa.ChunkedArray) -> pa.Array:
        return _encoded(column, order) if name in REPEATED else in_one(column).take(taken)

    new = news.rows.size - (0 if earlier is None else earlier.num_rows)
    columns = {
        PERSON: pa.array(people[order]),
        NEWS: pa.array(np.where(rows[order] < new, NEW, CHANGED).astype(np.int8)),
        LINE_PEOPLE: in_one(told(news.line_people)).take(taken),
    }
    columns |= dict(zip(CLAIM_COLUMNS, in_threads(claimed, CLAIM_COLUMNS), strict=True))
    others = {OUTCOME + name: ledger[name] for name in ledger.column_names if name not in KEYS}
    others |= known_of_insured(decoded, rows)
    others |= {name: told(manual[name]) for name in manual.column_names}
    columns |= dict(zip(others, in_threads(lambda name: in_order(name, others[name]), others), strict=True))
    return _with_unchanged(pa.table(columns), earlier, news.rows[new:])


def _with_unchanged(told: pa.Table, earlier: pa.Table | None, changed: np.ndarray) -> pa.Table:
    """The rows that the night tells of, and behind them the other `earlier` ones: their memory, unless many changed."""
    if earlier is None or changed.all():
        return told
    places = np.flatnonzero(changed)
    if places.size > FEW:
        unchanged = earlier.filter(pa.array(~changed))
    else:
        bounds = [-1, *places.tolist(), earlier.num_rows]
        unchanged = pa.concat_tables(
            earlier.slice(last + 1, next_ - last - 1) for last, next_ in pairwise(bounds)
        )
    news = pa.array(np.full(unchanged.num_rows, UNCHANGED, np.int8))
    unchanged = unchanged.set_column(unchanged.schema.get_field_index(NEWS), NEWS, news)
    return pa.concat_tables([told, unchanged.select(told.column_names).cast(told.schema)])


def _encoded(column: pa.Array | pa.ChunkedArray, order: I64) -> pa.Array:
    """A column of repeated text as a dictionary of its values by first appearance, its rows in another order."""
    whole = pa.chunked_array([column]) if isinstance(column, pa.Array) else column
    coded = read_coded_column(pieces_of(whole, 0), len(whole))
    codes = coded.codes[order]
    return pa.DictionaryArray.from_arrays(nullable(codes, codes < 0, pa.int32()), coded.values)


def stable_order(keys: U64) -> I64:
    """The order of rows by key, rows of one key in their own: what a stable sort gives, from two that are faster."""
    order = np.argsort(keys)
    ordered = keys[order]
    group = np.zeros(keys.size, np.int64)
    np.cumsum(ordered[1:] != ordered[:-1], out=group[1:])
    group *= keys.size
    return np.sort(group + order) - group


def ids_table(decoded: Decoded) -> pa.Table:
    """claim_hash and person_hash of each new claim, by claim_hash."""
    new = decoded.rows >= 0
    hashes, people = decoded.columns.claim.hash[new], people_of(decoded)[new]
    order = stable_order(hashes)
    return pa.table({CLAIM: hashes[order], PERSON: people[order]})


def write_state(run: Run, state: pa.Table) -> None:
    """Write `state` so that a later night need not read what this one found unchanged."""
    told, unchanged = told_and_unchanged(state)
    run.write_table("state", told)
    if unchanged.num_rows:
        run.write_table("state", unchanged, named=UNCHANGED_PARTS)
