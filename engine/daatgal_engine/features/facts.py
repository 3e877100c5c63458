"""What features read of each claim beyond what decode and settling hand over. Row maps.

In: settled claims as records, coded columns, the facilities' periods. Out: columns of a row each. The level and the
region are those on the day of the end for every care type, so that a claim has one whichever book priced it.
"""

from typing import NamedTuple

from daatgal_engine._jit import kernel
from daatgal_engine.book import Records
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import I8, I32, I64, U8
from daatgal_engine.reasons import Decision

VOIDED = int(Decision.VOIDED)


class Outcomes(NamedTuple):
    """Of `n` claims, what settling said."""

    decision: I8
    gross_mnt: I64
    deducted_mnt: I64
    case: I64
    drg: I32


@kernel
def read_outcomes(claims: Records, out: Outcomes) -> None:
    """Copy the fields of CLAIM records into columns, in one pass: a record spans several cache lines."""
    for row in range(claims.size):
        claim = claims[row]
        out.decision[row] = claim.decision
        out.gross_mnt[row] = claim.gross_mnt
        out.deducted_mnt[row] = claim.deducted_mnt
        out.case[row] = claim.case
        out.drg[row] = claim.drg


class Claimed(NamedTuple):
    """`n` claims; codes are -1 where null."""

    decision: I8
    end_s: I64
    facility: I32
    care_type: I32
    drg: I32
    service: I32


class Surroundings(NamedTuple):
    """The facilities' `p` periods, by facility, and which of the `c` care types are stays."""

    offset: I64
    """facilities + 1"""
    valid_from_day: I32
    valid_to_day: I32
    """inclusive"""
    level: I8
    """p + 1: the last where no period is in force"""
    region: I32
    """p + 1"""
    stay: U8
    """c + 1: the last is that of no care type"""


class Described(NamedTuple):
    """Of the same `n` claims."""

    standing: U8
    """1: not voided"""
    is_service: U8
    """1: stands, and names a service but no DRG"""
    is_stay: U8
    level: I8
    region: I32


@kernel
def describe_claims(claims: Claimed, around: Surroundings, out: Described) -> None:
    """Fill `out`."""
    nowhere, no_care_type = around.level.size - 1, around.stay.size - 1
    for row in range(out.standing.size):
        standing = claims.decision[row] != VOIDED
        service = claims.drg[row] < 0 and claims.service[row] >= 0
        out.standing[row] = 1 if standing else 0
        out.is_service[row] = 1 if standing and service else 0
        care_type = claims.care_type[row]
        out.is_stay[row] = around.stay[care_type if care_type >= 0 else no_care_type]
        facility, day = claims.facility[row], claims.end_s[row] // DAY_S
        found = nowhere
        if facility >= 0:
            for period in range(around.offset[facility], around.offset[facility + 1]):
                if around.valid_from_day[period] <= day <= around.valid_to_day[period]:
                    found = period
                    break
        out.level[row] = around.level[found]
        out.region[row] = around.region[found]
