"""One pass over the standing claims of the history: what `Aggregates` count.

In: `state` tables as a stream, or settlements and results folders. Out: `Aggregates`. Each table is counted by itself
and added to the sum, so memory follows the number of distinct keys, not of claims.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import frozen, in_threads
from daatgal.features.aggregates import TABLES, Aggregates
from daatgal.features.codes import age_bands, procedures_of, texts_of_icd10, texts_of_procedures
from daatgal.features.measures import MEASURES, measured
from daatgal.features.numbering import numbered
from daatgal.features.state_facts import facts_of_state
from daatgal_engine.calendar import DAY_S
from daatgal_engine.features.bins import bins_of
from daatgal_engine.reasons import Decision

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from daatgal.facilities import Facilities
    from daatgal.features.facts import Facts
    from daatgal.features.texts import Texts
    from daatgal_engine.columns import I32, I64

TOGETHER: Final = 16
"""So many tables are counted before their counts are added up."""
LOW_BITS: Final = 32


def collect(state: Iterable[pa.Table], facilities: Facilities) -> Aggregates:
    """Count the standing claims of `state` tables (nights/keep.py), each claim once, in any order and cut anyhow.

    Raises InputError where a claim names a facility that is not in `facilities`.
    """
    total, waiting = Aggregates.empty(), list[Aggregates]()
    for table in state:
        waiting.append(aggregates_of(facts_of_state(table, facilities)))
        if len(waiting) == TOGETHER:
            total, waiting = total.merge(waiting), []
    return total.merge(waiting)


def aggregates_of(facts: Facts) -> Aggregates:
    """The counts of some claims; the voided among them count nowhere."""
    standing = np.flatnonzero(facts.standing)
    return Aggregates(
        {
            "peers": _peers(facts),
            "diagnoses": _counted("diagnoses", {"icd10": _category(facts, standing)}),
            "diagnosis_procedures": _diagnosis_procedures(facts, standing),
            "diagnosis_people": _diagnosis_people(facts, standing),
            "facility_groups": _counted(
                "facility_groups",
                {"facility_id": _of(facts.facility, standing), "group": _of(facts.group, standing)},
            ),
            "facility_days": _counted(
                "facility_days",
                {
                    "facility_id": _of(facts.facility, standing),
                    "day": pa.array((facts.start_s[standing] // DAY_S).astype(np.int32)).cast(pa.date32()),
                },
            ),
            "facility_money": _facility_money(facts),
            "families": _families(facts),
        }
    )


def _of(texts: Texts, rows: I64) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(texts.codes[rows]), texts.values)


def _counted(name: str, keys: Mapping[str, Any], counts: Mapping[str, Any] | None = None) -> pa.Table:
    """How many rows, or which sums, each combination of keys has. Grouped by codes, which is quick; then as texts."""
    schema = TABLES[name]
    columns = dict(keys)
    rows = len(next(iter(columns.values())))
    columns |= counts or {"claims": pa.array(np.ones(rows, np.int64))}
    codes = {
        key: value.indices if isinstance(value, pa.DictionaryArray) else value for key, value in keys.items()
    }
    sums = [(count, "sum") for count in columns if count not in keys]
    grouped = pa.table({**columns, **codes}).group_by(list(keys)).aggregate(sums)
    plain = {count: grouped[f"{count}_sum"] for count, _ in sums}
    for key, value in keys.items():
        plain[key] = (
            value.dictionary.take(grouped[key]) if isinstance(value, pa.DictionaryArray) else grouped[key]
        )
    return pa.table({field: plain[field] for field in schema.names}).cast(schema)


def _category(facts: Facts, rows: I64) -> pa.DictionaryArray:
    """The first three characters of each claim's ICD-10 code."""
    codes, distinct = numbered(facts.icd10[rows] >> np.uint64(40))
    return pa.DictionaryArray.from_arrays(pa.array(codes), texts_of_icd10(distinct))


def _diagnosis_procedures(facts: Facts, rows: I64) -> pa.Table:
    offset, procedures = procedures_of(facts, rows)
    claim = np.repeat(rows, np.diff(offset))
    codes, distinct = numbered(procedures.astype(np.uint64))
    procedure = pa.DictionaryArray.from_arrays(pa.array(codes), texts_of_procedures(distinct))
    return _counted("diagnosis_procedures", {"icd10": _category(facts, claim), "procedure": procedure})


def _diagnosis_people(facts: Facts, rows: I64) -> pa.Table:
    keys = {
        "icd10": _category(facts, rows),
        "age_band": pa.array(age_bands(facts)[rows]),
        "sex": pa.array(facts.sex[rows]),
    }
    return _counted("diagnosis_people", keys)


def _binned(values: I64) -> I32:
    bins = np.empty(values.size, np.int32)
    bins_of(frozen(values), bins)
    return bins


def _peers(facts: Facts) -> pa.Table:
    def count(measure: str) -> pa.Table:
        values, known = measured(facts, measure)
        rows = np.flatnonzero(known)
        keys = {
            "measure": pa.DictionaryArray.from_arrays(np.zeros(rows.size, np.int32), pa.array([measure])),
            "care_type": _of(facts.care_type, rows),
            "group": _of(facts.group, rows),
            "level": pa.array(facts.level[rows]),
            "region": _of(facts.region, rows),
            "bin": pa.array(_binned(values[rows])),
        }
        return _counted("peers", keys)

    return pa.concat_tables(in_threads(count, MEASURES))


def _facility_money(facts: Facts) -> pa.Table:
    """Of paid, reduced and denied claims: a claim merged into a case is no deduction."""
    denied = facts.decision == Decision.DENIED
    rows = np.flatnonzero((facts.decision <= Decision.REDUCED) | denied)
    gross, lost = facts.gross_mnt[rows], np.where(denied, facts.deducted_mnt, 0)[rows]
    low = (1 << LOW_BITS) - 1
    counts = {
        "claims": np.ones(rows.size, np.int64),
        "gross_high": gross >> LOW_BITS,
        "gross_low_mnt": gross & low,
        "denied_high": lost >> LOW_BITS,
        "denied_low_mnt": lost & low,
    }
    return _counted("facility_money", {"facility_id": _of(facts.facility, rows)}, counts)


def _families(facts: Facts) -> pa.Table:
    """Prices of claims with a DRG, by family, facility level and facility."""
    rows = np.flatnonzero((facts.family.codes >= 0) & (facts.gross_mnt > 0))
    keys = {
        "family": _of(facts.family, rows),
        "level": pa.array(facts.level[rows]),
        "facility_id": _of(facts.facility, rows),
        "bin": pa.array(_binned(facts.gross_mnt[rows])),
    }
    return _counted("families", keys)
