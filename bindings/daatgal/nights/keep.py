"""What a run leaves for later nights: `state` and `ids`.

In: decoded claims, their ledger, the decisions in force. Out: two Arrow tables sorted by hash, so that a later night
reads only the row groups of its people.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
    columns |= {name: pc.dictionary_encode(columns[name]) for name in REPEATED}
    return pa.table(columns).take(pa.array(np.argsort(people, kind="stable")))


def ids_table(decoded: Decoded) -> pa.Table:
    """claim_hash and person_hash of each new claim, by claim_hash."""
    new = decoded.rows >= 0
    hashes, people = decoded.columns.claim.hash[new], people_of(decoded)[new]
    order = np.argsort(hashes, kind="stable")
    return pa.table({CLAIM: hashes[order], PERSON: people[order]})
