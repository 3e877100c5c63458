"""What the history says of a claim's facility: its usual day, its months, its dear groups, its deductions.

In: `Facts` and the aggregates. Out: float64 per claim. Nothing here reads the claims that are scored beyond which
facility, month and family they are of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen
from daatgal.features.facts import numbered
from daatgal.features.peers import ENOUGH, distribution
from daatgal_engine.calendar import DAY_S
from daatgal_engine.features.bins import bins_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.features.peers import Distribution
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I32, I64, U64

_MONTH_BITS: Final = 32
_FAMILY_BITS: Final = 28
_LEVEL_BITS: Final = 8
UPPER_QUARTILE: Final = (3, 4)


def usual_days(facts: Facts, aggregates: Aggregates) -> F64:
    """By facility code: the median of its claims a day, over the days on which it had any; NaN: none."""
    facility, _, claims = _facility_days(facts, aggregates)
    return _medians(
        facility.astype(np.uint64), claims, np.arange(len(facts.facility.values), dtype=np.uint64)
    )


def month_to_history(facts: Facts, aggregates: Aggregates, rows: I64) -> F64:
    """ln of the facility's median day in the claim's month against its median day; 0 where the month is not known."""
    facility, day, claims = _facility_days(facts, aggregates)
    of_facility = facts.facility.codes[rows].astype(np.uint64) << np.uint64(_MONTH_BITS)
    month, distinct = numbered(of_facility | _months(facts.start_s[rows] // DAY_S))
    in_month = _medians(facility.astype(np.uint64) << np.uint64(_MONTH_BITS) | _months(day), claims, distinct)
    usual = usual_days(facts, aggregates)[(distinct >> np.uint64(_MONTH_BITS)).astype(np.int64)]
    ratio = np.log((1.0 + in_month) / (1.0 + usual))
    return np.where(np.isnan(ratio), 0.0, ratio)[month]


def _months(days: I64) -> U64:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64).astype(np.uint64)


def _facility_days(facts: Facts, aggregates: Aggregates) -> tuple[I64, I64, I64]:
    table = aggregates.tables["facility_days"]
    facility = _facilities(facts, table)
    known = facility >= 0
    day = table["day"].cast(pa.int32()).to_numpy().astype(np.int64)
    return facility[known], day[known], table["claims"].to_numpy()[known]


def _facilities(facts: Facts, table: pa.Table) -> I64:
    found = pc.index_in(table["facility_id"], value_set=facts.facility.values)
    return found.fill_null(-1).to_numpy().astype(np.int64)


def _medians(key: U64, values: I64, asked: U64) -> F64:
    """The lower median of the values of each asked key; NaN: it has none."""
    order = np.lexsort((values, key))
    distinct, begin = np.unique(key[order], return_index=True)
    middle = (begin + np.append(begin[1:], key.size) - 1) // 2
    medians = np.append(values[order][middle].astype(np.float64), np.nan)
    place = np.minimum(np.searchsorted(distinct, asked), max(distinct.size - 1, 0))
    found = distinct[place] == asked if distinct.size else np.zeros(asked.size, np.bool_)
    return medians[np.where(found, place, -1)]


def deducted_shares(facts: Facts, aggregates: Aggregates) -> F64:
    """By facility code: the denied part of its gross, drawn towards the nation's as if that were 30 further claims."""
    table = aggregates.tables["facility_money"]
    gross, denied = _amounts(table, "gross"), _amounts(table, "denied")
    whole = float(gross.sum())
    nation = float(denied.sum()) / whole if whole > 0 else 0.0
    shares = np.full(len(facts.facility.values), nation)
    claims = table["claims"].to_numpy()
    own = np.divide(denied, gross, out=np.full(gross.size, nation), where=gross > 0)
    facility = _facilities(facts, table)
    known = facility >= 0
    shares[facility[known]] = ((claims * own + ENOUGH * nation) / (claims + ENOUGH))[known]
    return shares


def _amounts(table: pa.Table, name: str) -> F64:
    return table[f"{name}_high"].to_numpy() * 2.0**32 + table[f"{name}_low_mnt"].to_numpy()


def high_weight_shares(facts: Facts, aggregates: Aggregates, rows: I64) -> F64:
    """Of claims above the upper quartile of their family at their level: the facility's share less its peers'."""
    table = aggregates.tables["families"]
    family = _texts(table["family"], facts.family.values)
    key = _family_keys(family, table["level"].to_numpy())
    of_family = distribution(key, table["bin"].to_numpy(), table["claims"].to_numpy())
    quartile = of_family.quantile_bin(*UPPER_QUARTILE)
    dear = _dear(of_family, quartile, key, table["bin"].to_numpy())
    claims = table["claims"].to_numpy()
    facility = _facilities(facts, table)
    asked = np.flatnonzero((facts.family.codes[rows] >= 0) & (facts.gross_mnt[rows] > 0))
    own = rows[asked]
    own_key = _family_keys(facts.family.codes[own].astype(np.int64), facts.level[own])
    bins = np.empty(own.size, np.int32)
    bins_of(frozen(facts.gross_mnt[own]), bins)
    share = _shares_over_peers(
        of_family, (key, facility, claims, dear), own_key, facts.facility.codes[own].astype(np.int64)
    )
    out = np.zeros(rows.size)
    out[asked] = np.where(_dear(of_family, quartile, own_key, bins), share, 0.0)
    return out


def _texts(column: pa.ChunkedArray, values: pa.Array) -> I64:
    found = pc.index_in(column, value_set=values).fill_null((1 << _FAMILY_BITS) - 1)
    return found.to_numpy().astype(np.int64)


def _family_keys(family: I64, level: np.ndarray) -> U64:
    return family.astype(np.uint64) << np.uint64(_LEVEL_BITS) | level.astype(np.uint64)


def _dear(of_family: Distribution, quartile: I32, key: U64, bins: I32) -> npt.NDArray[np.bool_]:
    """Whether each price is above the upper quartile of its family; none is where the family is not known."""
    group = of_family.find(key)
    return (group >= 0) & (bins > np.append(quartile, np.int32(0))[group])


def _shares_over_peers(
    of_family: Distribution,
    counted: tuple[U64, I64, I64, npt.NDArray[np.bool_]],
    own_key: U64,
    own_facility: I64,
) -> F64:
    """Per claim: the facility's share of dear claims in the family, drawn towards its peers', less that share."""
    key, facility, claims, dear = counted
    group = of_family.find(key)
    size = of_family.key.size
    all_claims, all_dear = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    np.add.at(all_claims, group, claims)
    np.add.at(all_dear, group, np.where(dear, claims, 0))
    places = max(int(own_facility.max(initial=0)), int(facility.max(initial=0))) + 2
    pair, distinct = numbered(
        np.concatenate([group * places + facility + 1, of_family.find(own_key) * places + own_facility + 1])
        .astype(np.int64)
        .view(np.uint64)
    )
    few, few_dear = np.zeros(distinct.size, np.int64), np.zeros(distinct.size, np.int64)
    np.add.at(few, pair[: key.size], claims)
    np.add.at(few_dear, pair[: key.size], np.where(dear, claims, 0))
    mine, own_group = pair[key.size :], of_family.find(own_key)
    peers, peers_dear = all_claims[own_group] - few[mine], all_dear[own_group] - few_dear[mine]
    usual = np.divide(peers_dear, peers, out=np.zeros(mine.size), where=peers > 0)
    drawn = (few_dear[mine] + ENOUGH * usual) / (few[mine] + ENOUGH)
    return np.where((own_group >= 0) & (peers > 0), drawn - usual, 0.0)
