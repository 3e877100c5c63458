"""What a run leaves for later nights: `state` and `ids`.

In: decoded claims, their ledger, the decisions in force. Out: two Arrow tables sorted by hash, so that a later night
reads only the row groups of its people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import in_threads, nullable, pieces_of
from daatgal.decode.text import read_coded_column
from daatgal.ledger import KEYS
from daatgal.nights.layers import CLAIM, PERSON
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
    """list<uint64>: the people of each row's line; empty where the line has one row."""
    rows = original.size
    in_line = np.bincount(original, minlength=rows)[original] > 1
    members = np.flatnonzero(in_line)
    order = members[np.argsort(original[members], kind="stable")]
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


def state_table(decoded: Decoded, ledger: pa.Table, manual: pa.Table) -> pa.Table:
    """Every judged claim: what rules read of it, its outcome, its manual decision, the people of its line."""
    people = people_of(decoded)
    columns = {PERSON: pa.array(people), "line_people": _line_people(decoded.original, people)}
    columns |= {name: decoded.table[name] for name in CLAIM_COLUMNS}
    columns |= {OUTCOME + name: ledger[name] for name in ledger.column_names if name not in KEYS}
    columns |= known_of_insured(decoded)
    columns |= {name: manual[name] for name in manual.column_names}
    order = stable_order(people)
    taken = pa.array(order)

    def in_order(name: str) -> pa.Array:
        if name in REPEATED:
            return _encoded(columns[name], order)
        column = columns[name]
        if isinstance(column, pa.ChunkedArray):
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.nulls(0, column.type)
        return column.take(taken)

    return pa.table(dict(zip(columns, in_threads(in_order, columns), strict=True)))


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
