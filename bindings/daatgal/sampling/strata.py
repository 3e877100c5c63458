"""Strata: what is taken in any event, what is oversampled, and the random rest.

In: a frame, a design, the size of the sample. Out: `Strata`: each case in exactly one stratum. A stratum's name says
what it is made of, as `risk/2/1/Төв/inpatient`: the band of risk, the band of amount, and what the design has within;
`*` stands for the small ones put together. Source: audit.md §4. No kernel lives here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from daatgal.sampling.design import Design
    from daatgal.sampling.frame import F64, Frame
    from daatgal_engine.columns import I64

CERTAINTY, RISK, RANDOM = SOURCES = ("certainty", "risk", "random")
REST = "*"
Key = tuple[str, ...]


@dataclass(frozen=True)
class Stratum:
    """One stratum of the frame."""

    name: str
    source: str
    cases: int
    amount_mnt: int
    factor: int
    """what its share of the part is multiplied by"""


class Strata(NamedTuple):
    """The strata and, for each case, which one it is in."""

    strata: list[Stratum]
    of_case: I64
    """i64[n]: places in `strata`"""


def certain_cases(frame: Frame, design: Design, size: int) -> I64:
    """The cases taken in any event: over both limits; where they are more than half of the sample, the strangest.

    Ranked by percentile, then amount, then id; the others stay in the strata of risk.
    """
    limits = design.certainty
    over = (np.nan_to_num(frame.percentile, nan=-1.0) >= limits.percentile) & (
        frame.amount_mnt >= limits.amount_mnt
    )
    cases = np.flatnonzero(over)
    ranked = cases[np.lexsort((cases, -frame.amount_mnt[cases], -frame.percentile[cases]))]
    return np.sort(ranked[: size // 2])


def bands(values: F64 | I64, cuts: Sequence[float] | Sequence[int]) -> I64:
    """How many of the ascending `cuts` each value reaches; 0 for NaN."""
    found = np.searchsorted(
        np.asarray(cuts, np.float64 if values.dtype.kind == "f" else np.int64), values, "right"
    )
    return np.where(np.isnan(values.astype(np.float64)), 0, found).astype(np.int64)


def coded(frame: Frame, design: Design, dimension: str) -> tuple[I64, list[str]]:
    """The label of each case in one dimension of a design: where it is in a list, and the list."""
    if dimension == "risk":
        cuts = design.risk.percentile_cuts
        return bands(frame.percentile, cuts), [str(band) for band in range(len(cuts) + 1)]
    if dimension == "amount":
        cuts = design.risk.amount_cuts_mnt
        return bands(frame.amount_mnt, cuts), [str(band) for band in range(len(cuts) + 1)]
    encoded: pa.DictionaryArray = getattr(frame, dimension).dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def parts_of(frame: Frame, design: Design, certain: I64) -> I64:
    """Which part each case belongs to, as its place in SOURCES."""
    risky = bands(frame.percentile, design.risk.percentile_cuts) > 0
    part = np.where(risky, SOURCES.index(RISK), SOURCES.index(RANDOM)).astype(np.int64)
    part[certain] = SOURCES.index(CERTAINTY)
    return part


def merged(cells: dict[Key, int], smallest: int, most: int) -> dict[Key, Key]:
    """Put cells with fewer than `smallest` cases together, last dimension first, until there are at most `most`.

    Level by level from the last: a small cell becomes part of `*`, the rest of what it is within; a rest that is still
    small goes up with it. Where more than `most` are left, `smallest` is doubled and all of it done again. Returns the
    key of the stratum of each cell.
    """
    while True:
        home = {key: key for key in cells}
        for level in range(len(next(iter(cells))) - 1, -1, -1):
            sizes: dict[Key, int] = {}
            for key, count in cells.items():
                sizes[home[key]] = sizes.get(home[key], 0) + count
            small = {key for key, count in sizes.items() if count < smallest}
            home = {
                key: now[:level] + (REST,) * (len(now) - level) if now in small else now
                for key, now in home.items()
            }
        if len(set(home.values())) <= max(most, 1):
            return home
        smallest *= 2


def stratify(frame: Frame, design: Design, part: I64, sizes: Sequence[int]) -> Strata:
    """Every case into its stratum. `part` is its place in SOURCES, `sizes` how many are to be drawn from each part."""
    dimensions = ([], ["risk", "amount", *design.risk.within], list(design.baseline.within))
    strata: list[Stratum] = []
    index = np.zeros(frame.cases, np.int64)
    for place, source in enumerate(SOURCES):
        members = np.flatnonzero(part == place)
        if members.size == 0:
            continue
        keys, cell = _cells([coded(frame, design, name) for name in dimensions[place]], members)
        counts = dict(zip(keys, np.bincount(cell, minlength=len(keys)).tolist(), strict=True))
        home = merged(
            counts, smallest_of(design, members.size, sizes[place]), sizes[place] // design.strata.minimum
        )
        named = sorted(set(home.values()))
        number = {key: len(strata) + i for i, key in enumerate(named)}
        index[members] = np.array([number[home[key]] for key in keys], np.int64)[cell]
        factors = _factors(home, design) if source == RISK else {}
        for key in named:
            inside = index[members] == number[key]
            amount_mnt = int(frame.amount_mnt[members[inside]].sum())
            name = "/".join((source, *key))
            strata.append(Stratum(name, source, int(inside.sum()), amount_mnt, factors.get(key, 1)))
    if len({stratum.name for stratum in strata}) != len(strata):
        raise InputError("two strata have one name: expected no region or care type with a slash or called *")
    return Strata(strata, index)


def smallest_of(design: Design, cases: int, size: int) -> int:
    """The fewest cases a stratum may have: the design's, and so many that in proportion it has `minimum` drawn.

    Otherwise the minimum would decide most shares: many small strata with two drawn from each, whatever their size.
    """
    return max(design.strata.smallest, -(-design.strata.minimum * cases // max(size, 1)))


def _cells(dimensions: list[tuple[I64, list[str]]], members: I64) -> tuple[list[Key], I64]:
    """The keys of the cells that have members, sorted, and the cell of each member."""
    code = np.zeros(members.size, np.int64)
    for codes, labels in dimensions:
        code = code * len(labels) + codes[members]
    found, cell = np.unique(code, return_inverse=True)
    keys: list[Key] = []
    for value in found.tolist():
        key: list[str] = []
        for _, labels in reversed(dimensions):
            key.insert(0, labels[value % len(labels)])
            value //= len(labels)
        keys.append(tuple(key))
    return keys, cell.ravel()


def _factors(homes: dict[Key, Key], design: Design) -> dict[Key, int]:
    """The factor of each stratum of risk: that of its band; of bands put together, the smallest."""
    factors: dict[Key, int] = {}
    for key, home in homes.items():
        own = design.risk.factors[int(key[0]) - 1]
        factors[home] = min(own, factors.get(home, own))
    return factors
