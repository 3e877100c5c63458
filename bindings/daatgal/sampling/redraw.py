"""The draw once more, from what a folder says of it: strata and how many of each from the manifest, the frame's cases.

In: the table `frame`, the strata of a manifest, the numbers of the cases. Out: `Redrawn`: who is drawn, with what
probability. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from daatgal_engine.sampling import equal_probabilities, pareto_ranks, smallest_of_each

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.sampling.design import Design
    from daatgal.sampling.frame import F64
    from daatgal_engine.columns import U64


class NamedStratum(NamedTuple):
    """A stratum as a manifest names it."""

    name: str
    cases: int
    drawn: int


class Redrawn(NamedTuple):
    """The draw of a frame, case by case."""

    chosen: npt.NDArray[np.bool_]
    probability: F64
    numbers: U64


def redrawn(frame: pa.Table, strata: Sequence[NamedStratum], design: Design, numbers: U64) -> Redrawn:
    """Draw from the frame as it is. Cases of a stratum that is not among `strata` are drawn with probability 0."""
    names = pa.array([stratum.name for stratum in strata], pa.string())
    index = pc.fill_null(pc.index_in(frame["stratum"].combine_chunks(), value_set=names), len(strata))
    stratum = index.to_numpy().astype(np.int64)
    drawn = np.array([stratum.drawn for stratum in strata] + [0], np.int64)
    if design.draw.method == "simple":
        return Redrawn(
            smallest_of_each(stratum, numbers, drawn), equal_probabilities(stratum, drawn), numbers
        )
    size = np.maximum(frame["amount_mnt"].to_numpy(), design.draw.least_size_mnt)
    ranks = pareto_ranks(stratum, numbers, size, drawn)
    return Redrawn(smallest_of_each(stratum, ranks.rank, drawn), ranks.probability, numbers)
