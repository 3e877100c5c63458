"""What is usual among the peers of a claim: medians, spreads and percentiles from counts in bins.

In: the aggregates' `peers`, and the peer groups of claims. Out: estimates per group. Peers are the claims of the same
DRG (or care type and service), facility level and region. A group of fewer than 30 is drawn towards the next wider
one by what it lacks: a group of 12 keeps 12/30 of its own median. Source: audit.md §2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import frozen
from daatgal.features.numbering import find_keys, numbered_rows
from daatgal.features.texts import Texts
from daatgal_engine.features.bins import middles
from daatgal_engine.features.combinations import LEVEL_BITS, PLACE_BITS, cell_keys

if TYPE_CHECKING:
    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I32, I64, U64

ENOUGH: Final = 30
"""A group of so many peers stands by itself."""
DEPTHS: Final = ("group × level × region", "group × level", "group", "care type")
"""From the narrowest group of peers to the widest."""
_ANY: Final = (1 << PLACE_BITS) - 1
_ANY_LEVEL: Final = (1 << LEVEL_BITS) - 1


class Distribution(NamedTuple):
    """Counts in bins of `g` groups, `c` bins in all."""

    key: U64
    """g, ascending"""
    begin: I64
    """g + 1: where the bins of each group begin"""
    bin: I32
    """c, ascending within a group"""
    below: I64
    """c + 1: how many claims come before each bin, over all groups"""

    @property
    def total(self) -> I64:
        """g: claims of each group."""
        return np.diff(self.below[self.begin])

    def quantile_bin(self, numerator: int, denominator: int) -> I32:
        """g: the first bin up to which there are at least that part of the group's claims."""
        first = self.below[self.begin[:-1]]
        rank = first + (self.total * numerator + denominator - 1) // denominator
        return self.bin[np.searchsorted(self.below[1:], rank)]

    def median(self) -> F64:
        """g: the middle of the bin that holds the lower median."""
        return middles(self.quantile_bin(1, 2))

    def spread(self) -> F64:
        """g: the median absolute deviation from the median, from the middles of bins."""
        group = np.repeat(np.arange(self.key.size), np.diff(self.begin))
        deviation = np.abs(middles(self.bin) - self.median()[group])
        order = np.lexsort((deviation, group))
        reached = np.cumsum(np.diff(self.below)[order])
        rank = self.below[self.begin[:-1]] + (self.total + 1) // 2
        return deviation[order][np.searchsorted(reached, rank)]

    def find(self, keys: U64) -> I64:
        """The group of each key; -1: none."""
        return find_keys(self.key, keys)

    def percentile(self, group: I64, bins: I32) -> F64:
        """The share of a group's claims below each bin and half of those in it, 0 to 100; `group` ≥ 0."""
        width = np.uint64(1 << 32)
        of_bin = np.repeat(np.arange(self.key.size, dtype=np.uint64), np.diff(self.begin)) * width
        of_bin += self.bin.astype(np.uint64)
        sought = group.astype(np.uint64) * width + bins.astype(np.uint64)
        low = self.below[np.searchsorted(of_bin, sought)]
        high = self.below[np.searchsorted(of_bin, sought, side="right")]
        return (low + high - 2 * self.below[self.begin[group]]) * 50.0 / self.total[group]


def distribution(key: U64, bins: I32, claims: I64) -> Distribution:
    """Add up the counts of each group and bin."""
    columns = pa.table({"key": key, "bin": bins, "claims": claims})
    summed = columns.group_by(["key", "bin"]).aggregate([("claims", "sum")])
    keys, found = summed["key"].to_numpy(), summed["bin"].to_numpy()
    order = np.lexsort((found, keys))
    keys = keys[order]
    distinct, begin = np.unique(keys, return_index=True)
    below = np.zeros(keys.size + 1, np.int64)
    np.cumsum(summed["claims_sum"].to_numpy()[order], out=below[1:])
    return Distribution(distinct, np.append(begin, keys.size), found[order], below)


class Cells(NamedTuple):
    """The narrowest peer groups of some claims: `d` of them, and the group of each claim."""

    of_row: I32
    care_type: Texts
    group: Texts
    level: I64
    region: Texts


def cells_of(facts: Facts, rows: I64) -> Cells:
    """The peer groups of the given rows."""
    of_row, distinct = numbered_rows(rows, lambda own, keys: cell_keys(own, facts.places, keys))
    group = (distinct >> np.uint64(PLACE_BITS + LEVEL_BITS)).astype(np.int64)
    return Cells(
        frozen(of_row),
        Texts(facts.care_type_of_group[group], facts.care_type.values),
        Texts(group.astype(np.int32), facts.group.values),
        (distinct >> np.uint64(PLACE_BITS) & np.uint64(_ANY_LEVEL)).astype(np.int64),
        Texts((distinct & np.uint64(_ANY)).astype(np.int32), facts.region.values),
    )


class PeerIndex:
    """The peer groups that the history knows in any measure, so that cells are looked up once for all of them."""

    def __init__(self, aggregates: Aggregates) -> None:
        table = aggregates.tables["peers"].combine_chunks()
        self._texts: dict[str, pa.Array] = {}
        codes: dict[str, U64] = {}
        for name in ("care_type", "group", "region"):
            encoded = table[name].combine_chunks().dictionary_encode()
            self._texts[name] = encoded.dictionary
            codes[name] = encoded.indices.to_numpy().astype(np.uint64)
        level = table["level"].to_numpy().astype(np.uint64)
        self.key_of_row = _keys(codes["care_type"], codes["group"], level, codes["region"])
        """for each depth the group of each row of the aggregates' `peers`"""
        self.keys = [np.unique(key) for key in self.key_of_row]
        """for each depth the groups, ascending"""

    def groups(self, cells: Cells) -> list[I64]:
        """For each depth the place of each cell's group among `keys`, -1 where the history has no such group."""

        def codes(name: str, texts: Texts) -> U64:
            found = pc.index_in(texts.values, value_set=self._texts[name]).fill_null(_ANY)
            return found.to_numpy().astype(np.uint64)[texts.codes]

        asked = _keys(
            codes("care_type", cells.care_type),
            codes("group", cells.group),
            cells.level.astype(np.uint64),
            codes("region", cells.region),
        )
        return [find_keys(keys, key) for keys, key in zip(self.keys, asked, strict=True)]


class Peers:
    """The peers of claims in one measure."""

    def __init__(self, aggregates: Aggregates, measure: str) -> None:
        index, table = aggregates.once(PeerIndex), aggregates.tables["peers"]
        own = pc.equal(table["measure"], measure).combine_chunks().to_numpy(zero_copy_only=False)
        bins, claims = table["bin"].to_numpy()[own], table["claims"].to_numpy()[own]
        self.depths = [distribution(key[own], bins, claims) for key in index.key_of_row]
        self._medians = [np.append(depth.median(), np.nan) for depth in self.depths]
        self._own = [
            np.append(depth.find(keys), -1) for depth, keys in zip(self.depths, index.keys, strict=True)
        ]

    def groups(self, known: list[I64]) -> list[I64]:
        """For each depth the group of each cell, of those that `PeerIndex.groups` found; -1: it has none here."""
        return [own[place] for own, place in zip(self._own, known, strict=True)]

    def drawn_together(self, groups: list[I64], values: list[F64]) -> F64:
        """For each cell the value of its group at each depth, drawn towards the wider ones; NaN: no peers at all.

        `values` are those of the cells at each depth, of no matter what where the cell has no such group.
        """
        estimate = np.full(groups[0].size, np.nan)
        for group, depth, own in reversed(list(zip(groups, self.depths, values, strict=True))):
            total = np.append(depth.total, 0)[group]
            weight = np.minimum(total / ENOUGH, 1.0)
            drawn = np.where(np.isnan(estimate), own, weight * own + (1.0 - weight) * estimate)
            estimate = np.where(total > 0, drawn, estimate)
        return estimate

    def medians(self, known: list[I64]) -> F64:
        """For each cell, as `PeerIndex.groups` found them, the median of its peers; NaN: no peers at all."""
        groups = self.groups(known)
        own = [median[group] for median, group in zip(self._medians, groups, strict=True)]
        return self.drawn_together(groups, own)


def _keys(care_type: U64, group: U64, level: U64, region: U64) -> list[U64]:
    """The key of each depth, from the narrowest on."""
    place, small = np.uint64(PLACE_BITS), np.uint64(PLACE_BITS + LEVEL_BITS)
    any_level, any_place = np.uint64(_ANY_LEVEL), np.uint64(_ANY)
    return [
        group << small | level << place | region,
        group << small | level << place | any_place,
        group << small | any_level << place | any_place,
        care_type << small | any_level << place | any_place,
    ]
