"""Claims of a cabinet, a doctor and a facility on the day of a claim, from history and batch together.

In: `Facts`, the counts that earlier nights left. Out: whole numbers per scored claim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads
from daatgal.errors import InputError
from daatgal.features.facts import numbered
from daatgal_engine.calendar import DAY_S
from daatgal_engine.features.keys import NO_KEY, add_up, day_keys

if TYPE_CHECKING:
    from daatgal.features.cabinet_days import CabinetDays
    from daatgal.features.facts import Facts, Texts
    from daatgal_engine.columns import I32, I64, U64

_FACILITY_BITS: Final = 20
_WHO_BITS: Final = 28
UNKNOWN: Final = -1
"""The count of a claim that names no cabinet or doctor."""


class DayCounts(NamedTuple):
    """Standing claims that start on the day of each scored claim, it included."""

    cabinet: I64
    doctor: I64
    facility: I64


def day_counts(facts: Facts, cabinet_days: CabinetDays, rows: I64) -> DayCounts:
    """The counts of the scored `rows`; UNKNOWN where a claim names no cabinet, or no doctor.

    Raises InputError where there are more facilities, cabinets or doctors than keys can tell apart.
    """
    for name, texts, bits in (
        ("facilities", facts.facility, _FACILITY_BITS),
        ("cabinets and wards", facts.department, _WHO_BITS),
        ("doctors", facts.practitioner, _WHO_BITS),
    ):
        if len(texts.values) >= 1 << bits:
            raise InputError(f"claims: found {len(texts.values)} {name}, expected fewer than {1 << bits}")
    change = facts.standing.astype(np.int64) - facts.stood
    earlier = cabinet_days.on(facts.start_s[rows] // DAY_S)
    scored = np.zeros(facts.rows, np.bool_)
    scored[rows] = True
    counted = frozen(np.flatnonzero(scored | (change != 0)))
    place = rows if counted.size == facts.rows else np.searchsorted(counted, rows)
    amounts = np.concatenate([change[counted], earlier["claims"].to_numpy()])
    everyone = frozen(np.zeros(facts.rows, np.int32))

    def count(who: Texts | None) -> I64:
        key = np.empty(counted.size, np.uint64)
        codes = everyone if who is None else who.codes
        day_keys(counted, facts.start_s, facts.facility.codes, codes, key)
        number, distinct = numbered(np.concatenate([key, _history_keys(facts, earlier, who)]))
        total = np.zeros(distinct.size, np.int64)
        add_up(frozen(number), frozen(amounts), total)
        total[distinct == NO_KEY] = UNKNOWN
        return total[number[place]]

    return DayCounts(*in_threads(count, [facts.department, facts.practitioner, None]))


def _history_keys(facts: Facts, earlier: pa.Table, who: Texts | None) -> U64:
    """The keys of earlier nights' counts in this night's codes; NO_KEY: nobody here asks for it."""

    def codes(name: str, values: pa.Array) -> I32:
        found = pc.index_in(earlier[name], value_set=values, skip_nulls=True)
        return found.fill_null(-1).combine_chunks().to_numpy()

    facility = codes("facility_id", facts.facility.values)
    if who is None:
        ids = np.zeros(facility.size, np.int32)
    else:
        ids = codes("department_id" if who is facts.department else "practitioner_id", who.values)
    start_s = earlier["day"].cast(pa.int32()).to_numpy().astype(np.int64) * DAY_S
    known = np.where(facility >= 0, ids, np.int32(-1))
    keys = np.empty(facility.size, np.uint64)
    day_keys(
        frozen(np.arange(facility.size)),
        frozen(start_s),
        frozen(np.maximum(facility, 0)),
        frozen(known),
        keys,
    )
    return keys
