"""Each claim beside the other claims of its person, bucket of people by bucket, on a pool of threads.

In: `Facts`, the places of the scored rows. Out: person features, a row of columns each.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen, on_cache_lines, row_ranges, seats
from daatgal.features.catalogue import LONGEST_GAP_DAYS, WINDOWS_DAYS
from daatgal_engine.features.histories import COLUMNS, FIRST_KEPT, Memory
from daatgal_engine.features.paces import paces
from daatgal_engine.features.scan import scan_buckets
from daatgal_engine.features.visits import VISIT, Room, VisitColumns, spread_visits
from daatgal_engine.people import count_buckets

if TYPE_CHECKING:
    from daatgal.features.facts import Facts
    from daatgal_engine.book import Records
    from daatgal_engine.columns import F32, I32, I64

BUCKET_ROWS: Final = 1 << 11
"""About this many claims a bucket: its records fit into a core's second-level cache."""
FEW: Final = 64
"""Claims of a person that are looked through from each day."""
MOST_BUCKETS: Final = 1 << 14
SHARES: Final = 4
"""Of the buckets, for each thread: whoever is done takes the next."""

_ENDS: Final = ("same_day", *(f"{days}d" for days in WINDOWS_DAYS))
NAMES: Final = (
    *(f"{what}_{end}" for end in _ENDS for what in ("claims", "inpatient_days", "facilities", "tests")),
    "days_since_previous",
    "days_since_same_group",
    "readmission_30d",
    "visits_same_day",
    "own_at_facility",
    "own_in_cabinet",
    "own_with_doctor",
)[FIRST_KEPT:]
"""The columns of what is computed here, as the engine has them; not all are features."""


def person_features(
    facts: Facts, scored: I32, first_day: int | None, threads: int | None, bucket_rows: int
) -> F32:
    """float32[m, NAMES] of the `m` claims whose places `scored` has, -1 elsewhere.

    Windows are of the days before the claim's, and what a history since `first_day` holds of one is scaled up to its
    length: one strange day is not said twelve times more, and the claims of a young history are like those of an old.
    """
    values = np.empty((int(scored.max(initial=-1)) + 1, len(NAMES)), np.float32)
    days = frozen(np.array((1, *WINDOWS_DAYS), np.int64))
    first = np.int64(np.iinfo(np.int32).min if first_day is None else first_day)
    pace = frozen(paces(days))
    facilities, groups = len(facts.facility.values), len(facts.group.values)
    workers = threads or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(workers) as pool:
        visits, begin = _buckets(facts, scored, bucket_rows, pool)
        largest = int(np.diff(begin).max())

        def scan(share: tuple[int, int]) -> None:
            memory = Memory(
                np.zeros(facilities, np.int32),
                np.zeros(facilities, np.int32),
                np.full(groups, -1, np.int64),
                LONGEST_GAP_DAYS,
                FEW,
                first,
                days,
                pace,
            )
            scan_buckets(visits, begin[share[0] : share[1] + 1], facts.ids, (_room(largest), memory), values)

        list(pool.map(scan, row_ranges(begin.size - 1, -(-begin.size // (SHARES * workers)))))
    return values


def _room(largest: int) -> Room:
    return Room(
        block=on_cache_lines(largest, VISIT),
        begin=np.empty(largest + 1, np.int64),
        stays=np.empty(largest, np.int32),
        slots=np.empty(max(2, 1 << largest.bit_length()) + 1, np.int64),
        order=np.empty(largest, np.int64),
        major=np.empty(largest, np.int64),
        minor=np.empty(largest, np.int64),
        spare=np.empty(largest, np.int64),
        features=np.empty((largest, COLUMNS), np.float32),
    )


def _buckets(facts: Facts, scored: I32, bucket_rows: int, pool: ThreadPoolExecutor) -> tuple[Records, I64]:
    """The standing claims as records, and where each bucket of people begins: leading bits of the insured's hash."""
    bits = max(1, min(facts.rows // bucket_rows, MOST_BUCKETS).bit_length())
    columns = VisitColumns(
        standing=facts.standing,
        start_s=facts.start_s,
        end_s=facts.end_s,
        case=facts.case,
        facility=facts.facility.codes,
        cabinet=facts.department.codes,
        doctor=facts.practitioner.codes,
        group=facts.group.codes,
        test=facts.is_service,
        stay=facts.is_stay,
        scored=scored,
    )
    chunks = row_ranges(facts.rows)
    counts = np.zeros((len(chunks), 1 << bits), np.int64)

    def count(k: int) -> None:
        count_buckets(facts.ids.hash, facts.standing, 64 - bits, chunks[k], counts[k])

    list(pool.map(count, range(len(chunks))))
    begin, cursors = seats(counts)
    visits = on_cache_lines(int(begin[-1]), VISIT)

    def spread(k: int) -> None:
        spread_visits(columns, facts.ids, (*chunks[k], 64 - bits), cursors[k], visits)

    list(pool.map(spread, range(len(chunks))))
    return visits, begin
