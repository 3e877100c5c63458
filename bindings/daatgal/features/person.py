"""Each claim beside the other claims of its person, bucket of people by bucket, on a pool of threads.

In: `Facts`, the scored rows. Out: person features, a row for each claim.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen, row_ranges
from daatgal.decode.identity import first_rows, partition_bits, partitioned
from daatgal.features.catalogue import LONGEST_GAP_DAYS, WINDOWS_DAYS
from daatgal_engine.columns import rows_between
from daatgal_engine.features.histories import (
    PREVIOUS,
    SAME_GROUP,
    VISIT,
    Memory,
    VisitColumns,
    spread_visits,
)
from daatgal_engine.features.scan import Room, scan_buckets
from daatgal_engine.people import count_buckets

if TYPE_CHECKING:
    from daatgal.features.facts import Facts
    from daatgal_engine.book import Records
    from daatgal_engine.columns import I64
    from daatgal_engine.features.histories import F32

BUCKET_ROWS: Final = 1 << 11
"""About this many claims a bucket: its records fit into a core's second-level cache."""
MOST_BUCKETS: Final = 1 << 14
SHARES: Final = 4
"""Of the buckets, for each thread: whoever is done takes the next."""


_ENDS: Final = ("same_day", *(f"{days}d" for days in WINDOWS_DAYS))
NAMES: Final = (
    "days_since_previous",
    "days_since_same_group",
    "readmission_30d",
    *(f"{what}_{end}" for end in _ENDS for what in ("claims", "facilities", "tests", "inpatient_days")),
)
"""The columns of what is computed here, as the engine has them; days in hospital on one day are no feature."""


def person_features(facts: Facts, rows: I64, threads: int | None, bucket_rows: int) -> F32:
    """float32[m, NAMES]: the person features of the scored `rows`."""
    number = np.full(facts.rows, -1, np.int32)
    values = np.zeros((rows.size, len(NAMES)), np.float32)
    values[:, PREVIOUS] = values[:, SAME_GROUP] = LONGEST_GAP_DAYS
    days = frozen(np.array((1, *WINDOWS_DAYS), np.int64))
    facilities, groups = len(facts.facility.values), len(facts.group.values)
    workers = threads or len(os.sched_getaffinity(0))
    with ThreadPoolExecutor(workers) as pool:
        visits, begin = _buckets(facts, rows, bucket_rows, pool)
        largest = int(np.diff(begin).max())

        def scan(share: tuple[int, int]) -> None:
            room = Room(np.recarray(largest, VISIT), np.recarray(largest, VISIT), number)
            memory = Memory(
                np.zeros(facilities, np.int32), np.full(groups, -1, np.int64), LONGEST_GAP_DAYS, days
            )
            scan_buckets(visits, begin[share[0] : share[1] + 1], room, memory, values)

        list(pool.map(scan, row_ranges(begin.size - 1, -(-begin.size // (SHARES * workers)))))
    return values


def _columns(facts: Facts, rows: I64) -> VisitColumns:
    """What the scan reads; people are told apart by the bytes of their ids."""
    scored = np.full(facts.rows, -1, np.int32)
    scored[rows] = np.arange(rows.size, dtype=np.int32)
    people = first_rows(partitioned(facts.ids, partition_bits(facts.rows)), facts.rows)
    return VisitColumns(
        standing=facts.standing,
        person_hash=facts.ids.hash,
        start_s=facts.start_s,
        end_s=facts.end_s,
        case=facts.case,
        person=frozen(np.arange(facts.rows, dtype=np.int64) if people is None else people),
        facility=facts.facility.codes,
        group=facts.group.codes,
        test=facts.is_service,
        stay=facts.is_stay,
        scored=frozen(scored),
    )


def _buckets(facts: Facts, rows: I64, bucket_rows: int, pool: ThreadPoolExecutor) -> tuple[Records, I64]:
    """The standing claims as records, and where each bucket of people begins: leading bits of the insured's hash."""
    bits = max(1, min(facts.rows // bucket_rows, MOST_BUCKETS).bit_length())
    columns, chunks = _columns(facts, rows), row_ranges(facts.rows)
    counts = np.zeros((len(chunks), 1 << bits), np.int64)

    def count(k: int) -> None:
        count_buckets(facts.ids.hash, facts.standing, 64 - bits, chunks[k], counts[k])

    list(pool.map(count, range(len(chunks))))
    ends = np.cumsum(counts.sum(axis=0))
    begins = np.concatenate(([0], ends[:-1]))
    cursors = begins + np.cumsum(counts, axis=0) - counts
    visits = np.recarray(int(ends[-1]), VISIT)

    def spread(k: int) -> None:
        spread_visits(rows_between(columns, *chunks[k]), bits, cursors[k], visits)

    list(pool.map(spread, range(len(chunks))))
    return visits, frozen(np.append(begins, ends[-1]))
