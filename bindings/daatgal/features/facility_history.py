"""What the history says of a claim's facility: its usual day, its months, its dear groups, its deductions.

In: `Facts` and the aggregates. Out: a value per claim or per facility. Nothing here reads the claims that are
scored beyond which facility, month and family they are of.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen
from daatgal.features.numbering import find_keys, handed_back, numbered_rows
from daatgal.features.peers import ENOUGH
from daatgal_engine.calendar import months_by_day
from daatgal_engine.columns import F32, FIRST_DAY
from daatgal_engine.features.combinations import HALF_BITS, month_keys
from daatgal_engine.features.usual_days import CONTINUITY, UsualDays

if TYPE_CHECKING:
    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I32, I64, U64

MEDIAN: Final = (1, 2)
BUSY: Final = (19, 20)
BUSY_DEVIATIONS: Final = 1.645
"""Standard deviations above the median that a twentieth of a normal distribution exceeds."""
_MONTH_BITS: Final = HALF_BITS
_months_by_day = cache(months_by_day)


class FacilityDays(NamedTuple):
    """The usual days of the facilities that the history knows."""

    ids: pa.Array
    """f"""
    usual: F64
    """f + 1: the lower median of a facility's claims a day, over the days on which it had any; NaN at the end"""
    busy: F64
    """f + 1: what the busiest twentieth of these days have at least; NaN at the end"""
    month: U64
    """k, ascending: facility and month"""
    in_month: F64
    """k + 1: the same over the days of the month; NaN at the end"""


def facility_days(aggregates: Aggregates) -> FacilityDays:
    """The medians of the aggregates' `facility_days`."""
    table = aggregates.tables["facility_days"]
    facility = table["facility_id"].combine_chunks().dictionary_encode()
    day = table["day"].cast(pa.int32()).to_numpy()
    codes, claims = facility.indices.to_numpy().astype(np.uint64), table["claims"].to_numpy()
    month, in_month = _quantiles(codes << np.uint64(_MONTH_BITS) | _months(day), claims, MEDIAN)
    usual, busy = (_quantiles(codes, claims, part)[1] for part in (MEDIAN, BUSY))
    return FacilityDays(facility.dictionary, usual, busy, month, in_month)


def places_of(values: pa.Array, known: pa.Array) -> I64:
    """Where each text is among those that are known; -1: nowhere."""
    return pc.index_in(values, value_set=known).fill_null(-1).to_numpy().astype(np.int64)


def first_day(aggregates: Aggregates) -> int | None:
    """The first day that has claims, in days since 1970; None: no day has."""
    return pc.min(aggregates.tables["facility_days"]["day"].cast(pa.int32())).as_py()


def usual_days(facts: Facts, aggregates: Aggregates) -> UsualDays:
    """By facility code: the level of its median day, and how far its days spread, from those that are busiest."""
    known = aggregates.once(facility_days)
    place = places_of(facts.facility.values, known.ids)
    level = _levelled(known.usual)[place]
    spread = (_levelled(known.busy)[place] - level) / BUSY_DEVIATIONS
    return UsualDays(frozen(level), frozen(np.maximum(spread, 1.0)))


def _levelled(claims: F64) -> F64:
    return 2.0 * np.sqrt(claims + CONTINUITY)


def month_to_history(facts: Facts, aggregates: Aggregates, rows: I64) -> F32:
    """ln of the facility's median day in the claim's month against its median day; 0 where the month is not known."""
    known, codes, start_s = aggregates.once(facility_days), facts.facility.codes, facts.start_s
    month, distinct = numbered_rows(
        rows, lambda own, keys: month_keys(own, codes, start_s, _months_by_day(), keys)
    )
    code, low = (distinct >> np.uint64(_MONTH_BITS)).astype(np.int64), distinct & np.uint64(0xFFFFFFFF)
    place = places_of(facts.facility.values, known.ids)[code]
    in_month = known.in_month[find_keys(known.month, place.astype(np.uint64) << np.uint64(_MONTH_BITS) | low)]
    ratio = np.log((1.0 + in_month) / (1.0 + known.usual[place]))
    return handed_back(np.where(np.isnan(ratio), 0.0, ratio), month)


def _months(days: I32) -> U64:
    return _months_by_day()[days - FIRST_DAY].astype(np.uint64)


def _quantiles(key: U64, values: I64, part: tuple[int, int]) -> tuple[U64, F64]:
    """The distinct keys, ascending, and the value up to which at least that part of each has; NaN at the end."""
    order = np.lexsort((values, key))
    distinct, begin = np.unique(key[order], return_index=True)
    size = np.append(begin[1:], key.size) - begin
    rank = begin + (size * part[0] + part[1] - 1) // part[1] - 1
    return distinct, np.append(values[order][rank].astype(np.float64), np.nan)


def deducted_shares(facts: Facts, aggregates: Aggregates) -> F64:
    """By facility code: the denied part of its gross, drawn towards the nation's as if that were 30 further claims."""
    table = aggregates.tables["facility_money"]
    gross, denied = _amounts(table, "gross"), _amounts(table, "denied")
    whole = float(gross.sum())
    nation = float(denied.sum()) / whole if whole > 0 else 0.0
    shares = np.full(len(facts.facility.values), nation)
    claims = table["claims"].to_numpy()
    own = np.divide(denied, gross, out=np.full(gross.size, nation), where=gross > 0)
    facility = places_of(facts.facility.values, table["facility_id"].combine_chunks())
    known = facility >= 0
    shares[known] = ((claims * own + ENOUGH * nation) / (claims + ENOUGH))[facility[known]]
    return shares


def _amounts(table: pa.Table, name: str) -> F64:
    return table[f"{name}_high"].to_numpy() * 2.0**32 + table[f"{name}_low_mnt"].to_numpy()
