"""Claims of a cabinet, a doctor and a facility on the day of a claim, from history and batch together.

In: `Facts`, the counts that earlier nights left. Out: counts per scored claim.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen, in_threads, row_ranges, seats
from daatgal.errors import InputError
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import LAST_DAY, rows_between
from daatgal_engine.features.cabinet_days import (
    COUNTS,
    DAY_CLAIM,
    FACILITY_BITS,
    WHO_BITS,
    DayClaims,
    DayTable,
    count_day_buckets,
    count_days,
    mark_days,
    spread_day_claims,
)

if TYPE_CHECKING:
    from daatgal.features.cabinet_days import CabinetDays
    from daatgal.features.facts import Facts
    from daatgal_engine.book import Records
    from daatgal_engine.columns import I32, I64

BUCKET_ROWS: Final = 1 << 10
"""About this many claims a bucket: their counts fit into a core's second-level cache."""
MOST_BITS: Final = 14
SHARES: Final = 4
"""Of the buckets, for each thread: whoever is done takes the next."""


def day_counts(facts: Facts, cabinet_days: CabinetDays, rows: I64, scored: I32) -> I32:
    """int32[m, COUNTS]: standing claims that start on the day of each of the scored `rows`, it included.

    `scored` is the place of each claim among `rows`, -1 elsewhere.
    Raises InputError where there are more facilities, cabinets or doctors than keys can tell apart.
    """
    for name, texts, bits in (
        ("facilities", facts.facility, FACILITY_BITS),
        ("cabinets and wards", facts.department, WHO_BITS),
        ("doctors", facts.practitioner, WHO_BITS),
    ):
        if len(texts.values) >= 1 << bits:
            raise InputError(f"claims: found {len(texts.values)} {name}, expected fewer than {1 << bits}")
    own = DayClaims(
        start_s=facts.start_s,
        facility=facts.facility.codes,
        cabinet=facts.department.codes,
        doctor=facts.practitioner.codes,
        change=frozen(np.subtract(facts.standing, facts.stood, dtype=np.int32)),
        scored=scored,
    )
    parts = [rows_between(own, *limits) for limits in row_ranges(facts.rows)]
    claims, begin = _buckets([*parts, _of_earlier_nights(facts, cabinet_days, rows)])
    out = np.empty((rows.size, COUNTS), np.int32)
    largest = COUNTS * int(np.diff(begin).max())
    slots = max(2, 1 << (2 * largest).bit_length())

    def count(share: tuple[int, int]) -> None:
        table = DayTable(np.empty(slots, np.uint64), np.empty(slots, np.int64), np.empty(largest, np.int32))
        count_days(claims, begin[share[0] : share[1] + 1], table, out)

    shares = SHARES * len(os.sched_getaffinity(0))
    in_threads(count, row_ranges(begin.size - 1, -(-begin.size // shares)))
    return frozen(out)


def days_of(facts: Facts, rows: I64) -> I64:
    """The distinct days on which the given claims start, ascending."""
    met = np.zeros(LAST_DAY + 1, np.uint8)
    mark_days(frozen(rows), facts.start_s, met)
    return np.flatnonzero(met)


def _buckets(parts: list[DayClaims]) -> tuple[Records, I64]:
    """All rows that matter as records, and where each bucket begins."""
    rows = sum(part.start_s.size for part in parts)
    bits = max(1, min((rows // BUCKET_ROWS).bit_length(), MOST_BITS))
    shift, counts = np.uint64(64 - bits), np.zeros((len(parts), 1 << bits), np.int64)
    in_threads(lambda k: count_day_buckets(parts[k], shift, counts[k]), range(len(parts)))
    begin, cursors = seats(counts)
    claims = np.recarray(int(begin[-1]), DAY_CLAIM)
    in_threads(lambda k: spread_day_claims(parts[k], shift, cursors[k], claims), range(len(parts)))
    return claims, begin


def _of_earlier_nights(facts: Facts, cabinet_days: CabinetDays, rows: I64) -> DayClaims:
    """The counts of earlier nights in this night's codes; -1: nobody here asks for it."""
    earlier = cabinet_days.on(days_of(facts, rows))

    def codes(name: str, values: pa.Array) -> I32:
        found = pc.index_in(earlier[name], value_set=values, skip_nulls=True)
        return frozen(found.fill_null(-1).combine_chunks().to_numpy())

    return DayClaims(
        start_s=frozen(earlier["day"].cast(pa.int32()).to_numpy().astype(np.int64) * DAY_S),
        facility=codes("facility_id", facts.facility.values),
        cabinet=codes("department_id", facts.department.values),
        doctor=codes("practitioner_id", facts.practitioner.values),
        change=frozen(earlier["claims"].to_numpy().astype(np.int32)),
        scored=frozen(np.full(earlier.num_rows, -1, np.int32)),
    )
