"""What a run leaves for later nights: `state` and `ids`.

In: decoded claims, their ledger, the decisions in force, the state rows that were recalled. Out: two Arrow tables
sorted by hash, so that a later night reads only the row groups of its people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import in_threads, nullable, pieces_of
from daatgal.decode.text import read_coded_column
from daatgal.ledger import KEYS
from daatgal.nights.differences import differs
from daatgal.nights.layers import CHANGED, CLAIM, NEW, NEWS, PERSON, UNCHANGED
from daatgal_engine.columns import NO_DAY

if TYPE_CHECKING:
    from daatgal.decode import Decoded
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
    "practitioner_id",
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
"""Text that repeats: kept as dictionaries, which are quick to sort along and small to write."""
OUTCOME = "outcome_"
"""Before the name of each ledger column that is not a column of the claim."""
SEXES = (None, "m", "f")
"""By SEX_*."""


def people_of(decoded: Decoded) -> U64:
    """The hash of each row's insured; a cancellation that names none is a person of its own."""
    insured, claim = decoded.columns.insured, decoded.columns.claim
    return np.where(np.diff(insured.offset) > 0, insured.hash, claim.hash)


def _line_people(original: I64, people: U64) -> pa.Array:
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


def known_of_insured(decoded: Decoded) -> dict[str, pa.Array]:
    """Sex and birth date as judged: the claim's own, else the register's. Statistics of the history read these."""
    sex, birth_day = decoded.columns.sex, decoded.columns.birth_day
    return {
        "known_sex": pa.array(SEXES, pa.string()).take(pa.array(sex)),
        "known_birth_date": pa.array(birth_day, pa.int32(), mask=birth_day == NO_DAY).cast(pa.date32()),
    }


def state_table(
    decoded: Decoded, ledger: pa.Table, manual: pa.Table, earlier: pa.Table | None, changed: np.ndarray
) -> pa.Table:
    """Every judged claim: what rules read of it, its outcome, its manual decision, the people of its line.

    Of the `earlier` rows, row for row behind the new ones in all the others, `changed` are those whose ledger row is
    not what it was. First what is new or changed, by person; behind it what stays as it was, by person too, taken over
    as it was recalled.
    """
    people = people_of(decoded)
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "line_people": _line_people(decoded.original, people),
        **known_of_insured(decoded),
        **{name: manual[name] for name in manual.column_names},
    }
    new = people.size - changed.size
    told = np.ones(people.size, np.bool_)
    if earlier is not None:
        told[new:] = changed
        for name, column in columns.items():
            told[new:] |= _is_news(column.slice(new), earlier[name])
    rows = np.flatnonzero(told)
    columns |= {name: decoded.table[name] for name in CLAIM_COLUMNS}
    columns |= {OUTCOME + name: ledger[name] for name in ledger.column_names if name not in KEYS}
    order = stable_order(people[rows])
    taken, chosen = pa.array(order), pa.array(told)

    def in_order(name: str) -> pa.Array:
        column = columns[name] if rows.size == told.size else columns[name].filter(chosen)
        if name in REPEATED:
            return _encoded(column, order)
        return _in_one(column).take(taken)

    names = ["line_people", *CLAIM_COLUMNS]
    names += [name for name in columns if name not in names]
    news = np.where(rows[order] < new, NEW, CHANGED).astype(np.int8)
    table = {PERSON: pa.array(people[rows][order]), NEWS: pa.array(news)}
    table |= dict(zip(names, in_threads(in_order, names), strict=True))
    return _with_unchanged(pa.table(table), earlier, ~told[new:])


def _with_unchanged(told: pa.Table, earlier: pa.Table | None, unchanged: np.ndarray) -> pa.Table:
    """The rows that the night tells of, and behind them the others as they were recalled."""
    if earlier is None or not unchanged.any():
        return told
    rows = np.flatnonzero(unchanged)
    rows = rows[stable_order(earlier[PERSON].to_numpy()[rows])]
    taken = pa.array(rows)

    def in_order(name: str) -> pa.Array:
        if name == NEWS:
            return pa.array(np.full(rows.size, UNCHANGED, np.int8))
        return _in_one(earlier[name]).take(taken)

    columns = in_threads(in_order, told.column_names)
    return pa.concat_tables([told, pa.table(columns, told.column_names).cast(told.schema)])


def _is_news(now: pa.Array | pa.ChunkedArray, before: pa.ChunkedArray) -> np.ndarray:
    """Where one of the columns that the ledger does not have is not what it was."""
    now = pa.chunked_array([now]) if isinstance(now, pa.Array) else now
    if not pa.types.is_list(now.type):
        return differs(now, before)
    either = pc.greater(pc.add(pc.list_value_length(now), pc.list_value_length(before)), 0)
    places = np.flatnonzero(either.to_numpy())
    news = np.zeros(len(now), np.bool_)
    news[places] = differs(now.take(pa.array(places)), before.take(pa.array(places)))
    return news


def _in_one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(column, pa.Array):
        return column
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)


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
