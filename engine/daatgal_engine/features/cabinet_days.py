"""Claims of a cabinet, a doctor and a facility on the day of a claim. A group scan.

In: claims with what each adds to its day's counts. Out: counts of the scored claims. All three counts of a claim are of
its facility's day, so claims are first spread over buckets by facility and day; one small table then counts a bucket.
"""

from typing import NamedTuple

import numpy as np

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I32, I64, U8, U64
from daatgal_engine.features.keys import NO_KEY, shift_of, slot_of

DAY_CLAIM = np.dtype(
    [
        ("facility_day", "u8"),  # 16 bits of day, 20 of facility
        ("change", "i4"),
        ("cabinet", "i4"),
        ("doctor", "i4"),
        ("scored", "i4"),
    ],
    align=True,
)
"""What counting reads of a claim, in one record."""
FACILITY_BITS = 20
WHO_BITS = 27
FACILITY, CABINET, DOCTOR, COUNTS = 0, 1, 2, 3
"""Whose claims of a day are counted: columns of the counts."""
UNNAMED = np.int32(-1)
"""The count of a cabinet or doctor that a claim does not name."""


class DayClaims(NamedTuple):
    """`n` claims, or counts that earlier nights left."""

    start_s: I64
    facility: I32
    """below 2**FACILITY_BITS; -1: nobody asks for it"""
    cabinet: I32
    """below 2**WHO_BITS; -1: none"""
    doctor: I32
    change: I32
    """what the row adds to the counts of its day"""
    scored: I32
    """the place of its counts; -1: it is only counted"""


class DayTable(NamedTuple):
    """Where one bucket is counted after the other."""

    key: U64
    """a power of two, of at least twice the counts of the largest bucket"""
    total: I64
    """as many"""
    slot: I32
    """COUNTS for each claim of the largest bucket"""


@kernel
def mark_days(rows: I64, start_s: I64, met: U8) -> None:
    """Write 1 into `met` uint8[LAST_DAY + 1] for each day on which one of the rows starts."""
    for i in range(rows.size):
        met[start_s[rows[i]] // DAY_S] = 1


@kernel
def is_idle(change: int, facility: int, scored: int) -> bool:
    """Whether a row neither adds to a count nor asks for one."""
    return facility < 0 or (change == 0 and scored < 0)


@kernel
def facility_day(start_s: int, facility: int) -> np.uint64:
    """What a bucket is chosen by."""
    return np.uint64(start_s // DAY_S) << np.uint64(FACILITY_BITS) | np.uint64(facility)


@kernel
def count_day_buckets(claims: DayClaims, shift: np.uint64, count: I64) -> None:
    """Add up the rows of each bucket, which is the leading bits of a hash."""
    for i in range(claims.start_s.size):
        if not is_idle(claims.change[i], claims.facility[i], claims.scored[i]):
            count[slot_of(facility_day(claims.start_s[i], claims.facility[i]), shift)] += 1


@kernel
def spread_day_claims(claims: DayClaims, shift: np.uint64, cursor: I64, out: Records) -> None:
    """Write the rows as records to their buckets, each from its cursor on."""
    for i in range(claims.start_s.size):
        if is_idle(claims.change[i], claims.facility[i], claims.scored[i]):
            continue
        key = facility_day(claims.start_s[i], claims.facility[i])
        bucket = slot_of(key, shift)
        record = out[cursor[bucket]]
        cursor[bucket] += 1
        record.facility_day = key
        record.change = claims.change[i]
        record.cabinet = claims.cabinet[i]
        record.doctor = claims.doctor[i]
        record.scored = claims.scored[i]


@kernel
def count_days(claims: Records, begin: I64, table: DayTable, out: I32) -> None:
    """Count bucket after bucket, `claims[begin[b] : begin[b + 1]]`, into `out` int32[m, COUNTS], the claim included.

    A count's key is facility and day, then who: 0 the facility itself, odd a cabinet, even a doctor.
    """
    for b in range(begin.size - 1):
        slots = 2
        while slots < 2 * COUNTS * (begin[b + 1] - begin[b]):
            slots *= 2
        table.key[:slots] = NO_KEY
        last, shift = slots - 1, shift_of(slots)
        at = 0
        for k in range(begin[b], begin[b + 1]):
            day, change = claims[k].facility_day << np.uint64(WHO_BITS + 1), claims[k].change
            for what in range(COUNTS):
                code = claims[k].cabinet if what == CABINET else claims[k].doctor
                who = np.uint64(what + 2 * np.int64(code)) if what != FACILITY else np.uint64(0)
                key = day | who
                slot = -1
                if what == FACILITY or code >= 0:
                    slot = slot_of(key, shift)
                    while table.key[slot] != key and table.key[slot] != NO_KEY:
                        slot = (slot + 1) & last
                    before = table.total[slot] if table.key[slot] == key else 0
                    table.key[slot], table.total[slot] = key, before + change
                table.slot[at] = slot
                at += 1
        at = 0
        for k in range(begin[b], begin[b + 1]):
            place = claims[k].scored
            if place >= 0:
                for what in range(COUNTS):
                    slot = table.slot[at + what]
                    out[place, what] = table.total[slot] if slot >= 0 else UNNAMED
            at += COUNTS
