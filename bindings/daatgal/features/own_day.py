"""What of a day is the person's own: their claims at the claim's facility, cabinet and doctor on its start day.

In: `Facts`, the scored rows and how many claims their people have that day. Out: whole numbers per scored claim. Counts
of a cabinet, doctor or facility say how much others come there only when a person's own claims are taken off. Nearly
everyone has one claim a day, so only the others are grouped. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from daatgal.decode.arrays import frozen
from daatgal.decode.identity import first_rows, partition_bits, partitioned, take_ids
from daatgal.features.numbering import numbered
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import FIRST_DAY
from daatgal_engine.features.usual_days import OwnDay

if TYPE_CHECKING:
    from daatgal.features.facts import Facts
    from daatgal_engine.columns import I32, I64, U64
    from daatgal_engine.features.histories import F32

_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_MARK_BITS: Final = 22
_HALF: Final = np.uint64(32)


def own_day(facts: Facts, rows: I64, claims_same_day: F32) -> OwnDay:
    """The counts of the scored `rows`, whose people have `claims_same_day` on the day, anywhere."""
    own = OwnDay(*(np.ones(rows.size, np.int64) for _ in OwnDay._fields))
    own.visits[:] = 1 - facts.is_service[rows]
    several = np.flatnonzero(claims_same_day > 1)
    if several.size == 0:
        return OwnDay(*(frozen(count) for count in own))
    claims = _of_the_same_days(facts, rows[several])
    place = np.searchsorted(claims, rows[several])
    for counted, found in zip(own, _counts(facts, claims), strict=True):
        counted[several] = found[place]
    return OwnDay(*(frozen(count) for count in own))


def _of_the_same_days(facts: Facts, rows: I64) -> I64:
    """The standing claims of the people and days of `rows`, ascending, and a few others whose hashes meet theirs."""
    day = (facts.start_s // DAY_S).astype(np.uint64)
    mark = (facts.ids.hash + day * _MIX) >> np.uint64(64 - _MARK_BITS)
    asked = np.zeros(1 << _MARK_BITS, np.bool_)
    asked[mark[rows]] = True
    return np.flatnonzero(asked[mark] & (facts.standing != 0))


def _counts(facts: Facts, claims: I64) -> OwnDay:
    """Of each of `claims`, among them."""
    ids = take_ids(facts.ids, claims)
    first = first_rows(partitioned(ids, partition_bits(claims.size)), claims.size)
    person = np.arange(claims.size) if first is None else first
    day = _together(person.astype(np.int32), facts.start_s[claims] // DAY_S - FIRST_DAY)
    facility = _together(day, facts.facility.codes[claims])
    visits = np.bincount(facility, weights=1 - facts.is_service[claims])
    return OwnDay(
        visits.astype(np.int64)[facility],
        _times(facility),
        _times(_together(facility, facts.department.codes[claims])),
        _times(_together(facility, facts.practitioner.codes[claims])),
    )


def _together(number: I32, code: I32 | I64) -> I32:
    """The number of each pair; a code is −1 where a claim names nothing."""
    key: U64 = number.astype(np.uint64) << _HALF | (code + 1).astype(np.uint64)
    return numbered(frozen(key))[0]


def _times(number: I32) -> I64:
    """How often each number occurs."""
    return np.bincount(number)[number]
