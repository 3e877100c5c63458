"""Each claim beside the other claims of its person, bucket of people by bucket, on a pool of threads.

In: `Facts`, the scored rows. Out: person features, written into the columns they belong to.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal.decode.identity import first_rows, partition_bits, partitioned
from daatgal.features.catalogue import COLUMN, LONGEST_GAP_DAYS, WINDOWS_DAYS
from daatgal_engine.features.histories import Gaps, Histories, Memory, Tally, scan_people
from daatgal_engine.people import count_buckets, fill_buckets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.features.facts import Facts
    from daatgal_engine.columns import I64
    from daatgal_engine.features.histories import F32

BUCKET_ROWS: Final = 1 << 12
"""About this many claims a bucket, as settling has them."""
MOST_BUCKETS: Final = 1 << 14


def person_features(
    facts: Facts, rows: I64, columns: Sequence[F32], threads: int | None, bucket_rows: int = BUCKET_ROWS
) -> None:
    """Fill the person features of the scored `rows`, `columns` being one float32 array for each feature."""
    scored = np.full(facts.rows, -1, np.int32)
    scored[rows] = np.arange(rows.size, dtype=np.int32)
    people = first_rows(partitioned(facts.ids, partition_bits(facts.rows)), facts.rows)
    claims = Histories(
        person=frozen(np.arange(facts.rows, dtype=np.int64) if people is None else people),
        start_s=facts.start_s,
        end_s=facts.end_s,
        facility=facts.facility.codes,
        group=facts.group.codes,
        test=facts.is_service,
        stay=facts.is_stay,
        case=facts.case,
        scored=frozen(scored),
    )

    def column(name: str) -> F32:
        return columns[COLUMN[name]]

    unused = np.empty(rows.size, np.float32)
    days = frozen(np.array((1, *WINDOWS_DAYS), np.int64))
    ends = ("same_day", *(f"{window}d" for window in WINDOWS_DAYS))
    tallies = tuple(
        Tally(
            *(column(f"{what}_{end}") for what in ("claims", "facilities", "tests")),
            unused if end == "same_day" else column(f"inpatient_days_{end}"),
        )
        for end in ends
    )
    gaps = Gaps(column("days_since_previous"), column("days_since_same_group"), column("readmission_30d"))
    facilities, groups = len(facts.facility.values), len(facts.group.values)

    def scan(bucket: I64) -> None:
        memory = Memory(np.zeros(facilities, np.int32), np.full(groups, -1, np.int64), LONGEST_GAP_DAYS)
        scan_people(claims, bucket, (days, tallies), gaps, memory)

    with ThreadPoolExecutor(threads or os.cpu_count()) as pool:
        list(pool.map(scan, buckets_of(facts, bucket_rows)))


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
