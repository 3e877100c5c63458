"""Each claim beside the other claims of its person, bucket of people by bucket, on a pool of threads.

In: `Facts`, the scored rows. Out: person features, a row for each claim.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen, in_threads, row_ranges
from daatgal.decode.identity import first_rows, partition_bits, partitioned
from daatgal.features.catalogue import LONGEST_GAP_DAYS, WINDOWS_DAYS
from daatgal_engine.columns import rows_between
from daatgal_engine.features.histories import (
    PREVIOUS,
    SAME_GROUP,
    VISIT,
    Memory,
    VisitColumns,
    arrange_visits,
    note_visits,
    order_visits,
    scan_people,
)
from daatgal_engine.people import count_buckets, fill_buckets

if TYPE_CHECKING:
    from daatgal.features.facts import Facts
    from daatgal_engine.book import Records
    from daatgal_engine.columns import I64
    from daatgal_engine.features.histories import F32

BUCKET_ROWS: Final = 1 << 12
"""About this many claims a bucket, as settling has them."""
MOST_BUCKETS: Final = 1 << 14


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
    visits, number = _visits(facts, rows), np.full(facts.rows, -1, np.int32)
    values = np.zeros((rows.size, len(NAMES)), np.float32)
    values[:, PREVIOUS] = values[:, SAME_GROUP] = LONGEST_GAP_DAYS
    days = frozen(np.array((1, *WINDOWS_DAYS), np.int64))
    facilities, groups = len(facts.facility.values), len(facts.group.values)

    def scan(bucket: I64) -> None:
        memory = Memory(np.zeros(facilities, np.int32), np.full(groups, -1, np.int64), LONGEST_GAP_DAYS)
        block, spare = np.recarray(bucket.size, VISIT), np.recarray(bucket.size, VISIT)
        person = arrange_visits(visits, bucket, number, block)
        order_visits(block, person, spare)
        scan_people(block, person, days, memory, values)

    with ThreadPoolExecutor(threads or len(os.sched_getaffinity(0))) as pool:
        list(pool.map(scan, buckets_of(facts, bucket_rows)))
    return values


def _visits(facts: Facts, rows: I64) -> Records:
    """The claims as records; people are told apart by the bytes of their ids."""
    scored = np.full(facts.rows, -1, np.int32)
    scored[rows] = np.arange(rows.size, dtype=np.int32)
    people = first_rows(partitioned(facts.ids, partition_bits(facts.rows)), facts.rows)
    columns = VisitColumns(
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
    visits = np.recarray(facts.rows, VISIT)

    def note(rows: tuple[int, int]) -> None:
        note_visits(rows_between(columns, *rows), visits[rows[0] : rows[1]])

    in_threads(note, row_ranges(facts.rows))
    return visits


def buckets_of(facts: Facts, bucket_rows: int) -> list[I64]:
    """The standing rows by bucket of people: the leading bits of the hash of the insured."""
    bits = max(1, min(facts.rows // bucket_rows, MOST_BUCKETS).bit_length())
    shift, every = 64 - bits, (0, facts.rows)
    count = np.zeros(1 << bits, np.int64)
    count_buckets(facts.ids.hash, facts.standing, shift, every, count)
    ends = np.cumsum(count)
    out = np.empty(int(ends[-1]), np.int64)
    fill_buckets(facts.ids.hash, facts.standing, shift, every, (ends - count, out))
    out.setflags(write=False)
    return [out[begin:end] for begin, end in zip(ends - count, ends, strict=True) if end > begin]
