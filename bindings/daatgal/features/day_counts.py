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
from daatgal_engine.features.keys import add_up

if TYPE_CHECKING:
    from daatgal.features.cabinet_days import CabinetDays
    from daatgal.features.facts import Facts, Texts
    from daatgal_engine.columns import I64, U64

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
    scored = np.zeros(facts.rows, np.bool_)
    scored[rows] = True
    counted = np.flatnonzero(scored | (change != 0))
    earlier = cabinet_days.on(facts.start_s[rows] // DAY_S)
    place = np.searchsorted(counted, rows)

    def count(who: Texts | None) -> I64:
        key, known = _keys(facts, counted, who)
        history, in_history = _history_keys(facts, earlier, who)
        number, distinct = numbered(np.concatenate([key, history]))
        total = np.zeros(distinct.size, np.int64)
        amounts = np.concatenate(
            [np.where(known, change[counted], 0), np.where(in_history, _claims(earlier), 0)]
        )
        add_up(frozen(number), frozen(amounts), total)
        return np.where(known[place], total[number[place]], UNKNOWN)

    return DayCounts(*in_threads(count, [facts.department, facts.practitioner, None]))


def _claims(earlier: pa.Table) -> I64:
    return earlier["claims"].to_numpy()


def _packed(day: I64, facility: I64, who: I64) -> U64:
    """16 bits of day, 20 of facility, 28 of cabinet or doctor; unknown ones share a key that is never asked for."""
    key = day.astype(np.uint64) << np.uint64(_FACILITY_BITS + _WHO_BITS)
    key |= np.maximum(facility, 0).astype(np.uint64) << np.uint64(_WHO_BITS)
    return key | np.maximum(who, 0).astype(np.uint64)


def _keys(facts: Facts, rows: I64, who: Texts | None) -> tuple[U64, np.ndarray]:
    facility = facts.facility.codes[rows]
    codes = np.zeros(rows.size, np.int32) if who is None else who.codes[rows]
    day = facts.start_s[rows] // DAY_S
    return _packed(day, facility.astype(np.int64), codes.astype(np.int64)), codes >= 0


def _history_keys(facts: Facts, earlier: pa.Table, who: Texts | None) -> tuple[U64, np.ndarray]:
    def codes(name: str, values: pa.Array) -> I64:
        found = pc.index_in(earlier[name], value_set=values, skip_nulls=True)
        return found.fill_null(-1).to_numpy().astype(np.int64)

    facility = codes("facility_id", facts.facility.values)
    if who is None:
        ids = np.zeros(facility.size, np.int64)
    else:
        name = "department_id" if who is facts.department else "practitioner_id"
        ids = codes(name, who.values)
    day = earlier["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    return _packed(day, facility, ids), (facility >= 0) & (ids >= 0)
