"""Precision, recall and the culprit's rank: plain functions of arrays.

In: scores, which rows are true, which feature ranks first. Out: shares between 0 and 1.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Bools = npt.NDArray[np.bool_]


class Found(NamedTuple):
    """What is found among the highest scores."""

    precision: float
    recall: float


class Culprit(NamedTuple):
    """How often the true feature ranks first."""

    flagged: int
    """injected claims at or over the percentile that gives reasons"""
    injected: int
    first_of_flagged: int
    first_of_all: int
    instead: Counter[str]
    """what ranks first of flagged claims where it is not the true feature; of all where none is flagged"""


def cut_off(scored: int, per_mille: int) -> int:
    """How many claims are looked at: `per_mille` of those scored, rounded half up, at least one."""
    return max((2 * per_mille * scored + 1000) // 2000, 1)


def found_at(scores: npt.NDArray[np.float64], true: Bools, size: int) -> Found:
    """Precision and recall of the `size` highest scores; of equal scores the earlier row comes first."""
    looked_at = np.argsort(-scores, kind="stable")[:size]
    hits = int(true[looked_at].sum())
    return Found(hits / size, hits / max(int(true.sum()), 1))


def culprit(first: npt.NDArray[np.str_], flagged: Bools, true: Bools, names: Sequence[str]) -> Culprit:
    """How the features `names` rank among the injected claims; `first` is "" where nothing drives a score."""
    right, seen = np.isin(first, list(names)), flagged & true
    among = seen if seen.any() else true
    return Culprit(
        flagged=int(seen.sum()),
        injected=int(true.sum()),
        first_of_flagged=int((right & seen).sum()),
        first_of_all=int((right & true).sum()),
        instead=Counter(first[among & ~right].tolist()),
    )


def together(parts: Sequence[Culprit]) -> Culprit:
    """The same over several seeds."""
    return Culprit(
        *(sum(getattr(part, name) for part in parts) for name in Culprit._fields[:-1]),
        instead=sum((part.instead for part in parts), Counter[str]()),
    )


def share(part: int, whole: int) -> float:
    """part / whole; NaN of nothing."""
    return part / whole if whole else float("nan")
