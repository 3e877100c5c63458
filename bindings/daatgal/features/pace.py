"""A person's claims before the claim's day, and how far any count is over what is usual.

In: counts in windows of days, how far the history looks back from each claim. Out: features per claim. What is on the
day itself has features of its own and is left out here, so that one strange day is not said twelve times more. Where
the history looks back less than a window, the count is scaled up to it, so that the claims of a young history are no
others than those of an old one. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.features.catalogue import COUNTED, WINDOWS_DAYS
from daatgal_engine.calendar import DAY_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from daatgal.features.aggregates import Aggregates
    from daatgal.features.facts import Facts
    from daatgal.forest.model import F64
    from daatgal_engine.columns import I64
    from daatgal_engine.features.histories import F32

LEAST_DAYS: Final = WINDOWS_DAYS[0]
"""A shorter history is taken for one of so many days."""


def paces(found: Mapping[str, F32], facts: Facts, aggregates: Aggregates, rows: I64) -> dict[str, F64]:
    """The windows of every counted thing; `found` has them by name, the claim's own day in them."""
    reach = _reach(facts, aggregates, rows)
    return {
        f"{what}_{days}d": (found[f"{what}_{days}d"] - found[f"{what}_same_day"])
        * (days / np.clip(reach, LEAST_DAYS, days))
        for what in COUNTED
        for days in WINDOWS_DAYS
    }


def _reach(facts: Facts, aggregates: Aggregates, rows: I64) -> I64:
    """Days from the first that the history knows to each claim's, both included; the longest window where none is."""
    first = aggregates.once(first_day)
    if first is None:
        return np.full(rows.size, WINDOWS_DAYS[-1], np.int64)
    return facts.start_s[rows] // DAY_S - first + 1


def first_day(aggregates: Aggregates) -> int | None:
    """The first day that has claims, in days since 1970; None: no day has."""
    return pc.min(aggregates.tables["facility_days"]["day"].cast(pa.int32())).as_py()
