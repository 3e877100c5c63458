"""What peers are compared by: whole numbers that go into bins.

In: `Facts`. Out: a value per claim and whether it is known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from daatgal.features.catalogue import Measure
from daatgal_engine.calendar import DAY_S
from daatgal_engine.columns import NO_MNT

if TYPE_CHECKING:
    import numpy.typing as npt

    from daatgal.features.facts import Facts
    from daatgal_engine.columns import I64

MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
MINUTE_S: Final = 60
WHOLE_BP: Final = 10_000
MOST_BP: Final = 1 << 40


def measured(facts: Facts, measure: str) -> tuple[I64, npt.NDArray[np.bool_]]:
    """int64[n] and bool[n]: gross or billed in tögrög, billed / gross in basis points, minutes from start to end.

    A voided claim has none; without a price neither price nor ratio is known; days without times have no minutes.
    """
    standing, priced = facts.standing != 0, facts.gross_mnt > 0
    billed = facts.billed_mnt != NO_MNT
    if measure == "price":
        return facts.gross_mnt, standing & priced
    if measure == "billed":
        return facts.billed_mnt, standing & billed & (facts.billed_mnt > 0)
    if measure == "billed_to_tariff":
        known = standing & priced & billed & (facts.billed_mnt > 0)
        share = np.where(known, facts.billed_mnt, 1) / np.where(known, facts.gross_mnt, 1)
        return np.minimum(np.rint(share * WHOLE_BP), MOST_BP).astype(np.int64), known
    return minutes(facts), standing & has_times(facts)


def minutes(facts: Facts) -> I64:
    """Whole minutes from start to end."""
    return (facts.end_s - facts.start_s) // MINUTE_S


def has_times(facts: Facts) -> npt.NDArray[np.bool_]:
    """Whether a claim has times of day, or spans days: midnight to the same midnight is a date without times."""
    return (facts.start_s % DAY_S != 0) | (facts.end_s != facts.start_s)
