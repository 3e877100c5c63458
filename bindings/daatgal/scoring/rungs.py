"""What a forest grows on: how rare a value is among the training claims, told in statements that are true or not.

In: the features of the training claims, and which end of each is strange. Out: `Statements`, such as "tests_same_day is
over 3", a matrix of which claim they hold for, and the claims that trees are drawn from. A tree splits anywhere between
the least and the greatest number it is given, so on raw numbers it spends itself on what varies most, and hardly ever
splits on what is the same for nearly everyone. Statements put all features on one scale: rung 1 of a feature is what
fewer than one claim in ORDINARY reaches, each further rung halves that share, and on what is ordinary trees are blind.
No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.forest.fit import Splits

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from daatgal.features.catalogue import Feature, Strange
    from daatgal_engine.columns import I64

    F32 = npt.NDArray[np.float32]

ORDINARY = 256
"""What one claim in so many has, or goes beyond, is nothing strange; of few claims, one in the root of their number."""
SAY = 60
"""How many columns each end of a feature has, or of features alike together."""
CLAIMS_OF_A_RUNG = 150
"""Trees draw from so many claims of each height: as many whose rarest feature is on rung 1 as on the highest."""


class Statements(NamedTuple):
    """`s` statements: a feature of the claim is over a value."""

    feature: I64
    """s: its column"""
    value: F32
    """s"""
    rung: I64
    """s: −k: what is not over the value is at least k rungs below the ordinary; k: what is over it, k above"""
    say: I64
    """features: how many columns each end of a feature has"""

    def heights(self, block: F32) -> I64:
        """features × claims: how many rungs off the ordinary each value of such a block is, on either side."""
        height = np.zeros(block.shape, np.int64)
        for feature, value, rung in zip(self.feature, self.value, self.rung, strict=True):
            reached = block[feature] > value if rung > 0 else block[feature] <= value
            np.maximum(height[feature], abs(rung) * reached, out=height[feature])
        return height

    def splits(self) -> Splits:
        """What each column of `hold` says: a statement is repeated to have its part of its end's say.

        A tree takes one by lot. Of an end's columns a higher rung has more.
        """
        features = self.say.size
        rungs = np.zeros((2, features), np.int64)
        end, rung = (self.rung > 0).astype(np.int64), np.abs(self.rung)
        np.add.at(rungs, (end, self.feature), rung)
        whole = rungs[end, self.feature]
        times = np.maximum((2 * self.say[self.feature] * rung + whole) // (2 * whole), 1)
        return Splits(np.repeat(self.feature, times), np.repeat(self.value, times), features)


def statements(block: F32, features: Sequence[Feature]) -> Statements:
    """The statements of the training claims' features (features × claims); where nothing is rare, one of no claim."""
    found = [_rungs(values, feature.strange) for values, feature in zip(block, features, strict=True)]
    if not any(rung.size for _, rung in found):
        found[0] = np.array([block[0].max()]), np.ones(1, np.int64)
    return Statements(
        np.repeat(np.arange(len(found)), [rung.size for _, rung in found]),
        np.concatenate([value for value, _ in found]),
        np.concatenate([rung for _, rung in found]),
        np.array([SAY // feature.alike for feature in features]),
    )


def _rungs(values: F32, strange: Strange) -> tuple[F32, I64]:
    """Where each rung of one feature begins."""
    distinct, count = np.unique(values, return_counts=True)
    none = np.zeros(distinct.size, np.int64)
    up = none if strange == "less" else _height(count[::-1].cumsum()[::-1], values.size)
    down = none if strange == "more" else _height(count.cumsum(), values.size)
    rungs: list[tuple[np.float32, int]] = []
    rungs += [(distinct[down >= rung].max(), -rung) for rung in range(1, int(down.max()) + 1)]
    rungs += [(distinct[up < rung].max(), rung) for rung in range(1, int(up.max()) + 1)]
    return np.array([value for value, _ in rungs], np.float32), np.array(
        [rung for _, rung in rungs], np.int64
    )


def _height(claims: I64, whole: int) -> I64:
    """The rung of values that so many of the training claims have or go beyond."""
    rarer = (whole + 1) / ((claims + 0.5) * min(ORDINARY, np.sqrt(whole)))
    return np.maximum(np.floor(np.log2(rarer)).astype(np.int64) + 1, 0)


def hold(splits: Splits, block: F32) -> F32:
    """claims × statements: 1 where it holds."""
    return (block[splits.feature] > splits.value[:, None]).T.astype(np.float32)


def drawn(heights: I64, seed: int) -> I64:
    """The claims that trees draw from: at most CLAIMS_OF_A_RUNG of each height, by lot.

    `heights`: features × claims.
    """
    highest = heights.max(axis=0)
    lot = np.random.default_rng(seed).permutation(highest.size)
    kept = [lot[highest[lot] == height][:CLAIMS_OF_A_RUNG] for height in np.unique(highest)]
    return np.sort(np.concatenate(kept))
