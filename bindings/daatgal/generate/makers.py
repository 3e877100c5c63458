"""Every fault and anomaly by name, with the size of its groups, and the step that puts them into a piece.

In flow the ordinary rows of a piece and the rates; out flow exactly as many rows, of which the added ones have taken
the place of the last ordinary ones, and the truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from daatgal.generate import anomalies, faults, messages, unreadable
from daatgal.generate.draws import Draws
from daatgal.generate.rows import concatenate
from daatgal.generate.stage import Made, Scene, Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from daatgal.generate.rates import Rates
    from daatgal.generate.rows import Bools, Rows, Truth


class Maker(NamedTuple):
    """How a kind is made."""

    rate: str
    """the field of Rates"""
    make: Callable[[Stage, int], Made]
    adds: bool
    """False: edits claims in place"""
    group: int = 1
    """claims are made in groups of so many"""
    group_share: float = 0.0
    """…or of this share of the piece, within 24 and `group`"""


_SMALLEST_GROUP = 24
MAKERS = (
    Maker("upcoding", anomalies.upcoding, adds=False),
    Maker("phantom_visits", anomalies.phantom_visits, adds=True, group=6),
    Maker("unbundled_tests", anomalies.unbundled_tests, adds=True, group=8),
    Maker("stretched_stay", anomalies.stretched_stay, adds=False),
    Maker("impossible_volume", anomalies.impossible_volume, adds=True, group=130, group_share=0.004),
    Maker("diagnosis_mismatch", anomalies.diagnosis_mismatch, adds=False),
    Maker("across_facilities", anomalies.across_facilities, adds=True, group=4),
    Maker("sudden_growth", anomalies.sudden_growth, adds=True, group=1_100, group_share=0.017),
    Maker("exact_duplicate", faults.exact_duplicate, adds=True),
    Maker("replacement", messages.replacement, adds=True),
    Maker("cancellation", messages.cancellation, adds=True),
    Maker("visit_in_stay", faults.visit_in_stay, adds=True),
    Maker("repeat_visit", faults.repeat_visit, adds=True),
    Maker("repeat_test", faults.repeat_test, adds=True),
    Maker("short_stay", faults.short_stay, adds=False),
    Maker("date_without_time", faults.date_without_time, adds=False),
    Maker("malformed_value", faults.malformed_value, adds=False),
    Maker("duplicate_claim_id", unreadable.duplicate_claim_id, adds=True),
    Maker("unreadable", unreadable.unreadable, adds=False),
)
"""In the order in which they choose their claims; what spoils a claim comes last."""


def with_faults(scene: Scene, rows: Rows, alone: Bools, rates: Rates) -> tuple[Rows, list[Truth]]:
    """The piece's rows with faults and anomalies in them. `alone`: rows that are a whole episode."""
    claims = scene.piece.claims
    planned: list[int] = []
    room = claims // 2
    for maker in MAKERS:
        wanted = _count(scene, maker, getattr(rates, maker.rate))
        if maker.adds:
            wanted = wanted if wanted <= room else 0
            room -= wanted
        planned.append(wanted)
    adding = claims // 2 - room
    stage = Stage(scene, rows, alone, claims - adding)
    added: list[Rows] = []
    truths: list[Truth] = []
    for maker, count in zip(MAKERS, planned, strict=True):
        if count:
            made = maker.make(stage, count)
            truths += made.truth
            added += [] if made.added is None else [made.added]
    more = sum(part.number.size for part in added)
    return concatenate([stage.rows.take(np.arange(claims - more)), *added]), truths


def _count(scene: Scene, maker: Maker, rate: float) -> int:
    """How many claims of a kind the piece gets: whole groups, as often as the rate asks."""
    claims = scene.piece.claims
    group = maker.group
    if maker.group_share:
        group = min(group, max(_SMALLEST_GROUP, int(claims * maker.group_share)))
    draws = Draws(scene.seed, "count", maker.rate, scene.piece.block, scene.piece.month.number)
    return draws.count(claims * rate / group) * group
