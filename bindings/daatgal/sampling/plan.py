"""The design of one month, worked out before anything is drawn: strata, how many of each, what that can show.

In: a frame, a design. Out: `Plan`. It needs no key: what is printed here is known before the draw. Source: audit.md §4.
No kernel lives here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from daatgal.errors import InputError
from daatgal.sampling.design import WHOLE_BP
from daatgal.sampling.strata import (
    CERTAINTY,
    RANDOM,
    RISK,
    SOURCES,
    Strata,
    certain_cases,
    parts_of,
    stratify,
)
from daatgal_engine.sampling import equal_probabilities, pareto_ranks
from daatgal_engine.sampling_allocation import allocate
from daatgal_engine.sampling_precision import Z_90, half_width_of_rate, variance_of_total

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.sampling.design import Design
    from daatgal.sampling.frame import F64, Frame
    from daatgal.sampling.strata import Stratum
    from daatgal_engine.columns import I64


@dataclass(frozen=True)
class Expected:
    """What the sample will be able to say, two-sided 90 %."""

    error_rate_bp: int
    half_width_bp: float
    """of the error rate, in hundredths of a point"""
    amount_half_width_mnt: float
    """of the frame's total amount, estimated from the sample"""


@dataclass(frozen=True)
class Plan:
    """A month's design, worked out."""

    frame: Frame
    design: Design
    size: int
    strata: list[Stratum]
    drawn: I64
    """i64[H]: how many are drawn from each stratum"""
    index: I64
    """i64[n]: the stratum of each case"""
    probability: F64
    """f64[n]: the inclusion probability of each case"""
    expected: Expected
    notes: tuple[str, ...]
    """what a reader should know: missing scores, merged strata, a frame that is all drawn"""


def sample_size(month_claims: int, design: Design) -> int:
    """max(half_up(rate · N), floor), N the month's claims that are not voided."""
    share = (2 * month_claims * design.size.rate_bp + WHOLE_BP) // (2 * WHOLE_BP)
    return max(share, design.size.floor)


def plan_sample(frame: Frame, design: Design) -> Plan:
    """Work the design out. Raises InputError where the sample is too small for its parts."""
    wanted = sample_size(frame.month_claims, design)
    size = min(wanted, frame.cases)
    certain = certain_cases(frame, design, size)
    part = parts_of(frame, design, certain)
    sizes = _part_sizes(np.bincount(part, minlength=len(SOURCES)).tolist(), size, design)
    found = stratify(frame, design, part, sizes)
    drawn = _drawn(frame, design, found, sizes)
    probability = _probabilities(frame, design, found.of_case, drawn)
    return Plan(
        frame=frame,
        design=design,
        size=size,
        strata=found.strata,
        drawn=drawn,
        index=found.of_case,
        probability=probability,
        expected=_expected(frame, design, found, probability),
        notes=_notes(frame, design, wanted, certain.size),
    )


def sizes_for_pareto(frame: Frame, design: Design) -> I64:
    """The size of each case where probabilities follow amounts: its amount, at least `least_size_mnt`."""
    return np.maximum(frame.amount_mnt, design.draw.least_size_mnt)


def _probabilities(frame: Frame, design: Design, index: I64, drawn: I64) -> F64:
    if design.draw.method == "simple":
        return equal_probabilities(index, drawn)
    numbers = np.zeros(frame.cases, np.uint64)
    return pareto_ranks(index, numbers, sizes_for_pareto(frame, design), drawn).probability


def _part_sizes(cases: Sequence[int], size: int, design: Design) -> list[int]:
    """How many are drawn from each part: all certain cases, then the two others by the baseline's share."""
    certain, rest = cases[0], cases[1:]
    least = [min(design.strata.minimum, count) for count in rest]
    left = size - certain
    if left < sum(least):
        raise InputError(
            f"design: a sample of {size} leaves {left} for cases at risk and the random rest, expected at least "
            f"{sum(least)}; raise size.floor or size.rate_bp"
        )
    share = design.baseline.share_bp
    return [certain, *allocate(left, [WHOLE_BP - share, share], least, list(rest))]


def _drawn(frame: Frame, design: Design, found: Strata, sizes: Sequence[int]) -> I64:
    methods = {RISK: design.risk.allocation, RANDOM: design.baseline.allocation, CERTAINTY: "proportional"}
    drawn = np.zeros(len(found.strata), np.int64)
    for source, size in zip(SOURCES, sizes, strict=True):
        members = [place for place, stratum in enumerate(found.strata) if stratum.source == source]
        cases = [found.strata[place].cases for place in members]
        weights = cases if methods[source] == "proportional" else _neyman(frame, found.of_case, members)
        weights = [
            weight * found.strata[place].factor for weight, place in zip(weights, members, strict=True)
        ]
        least = [min(design.strata.minimum, count) for count in cases]
        drawn[members] = allocate(size, weights, least, cases)
    return drawn


def _neyman(frame: Frame, index: I64, members: Sequence[int]) -> list[int]:
    """N_h S_h of the amounts, in whole tögrög, rounded down from exact sums."""
    weights: list[int] = []
    for place in members:
        amounts = frame.amount_mnt[index == place].astype(object)
        count, total, squares = amounts.size, int(amounts.sum()), int(np.dot(amounts, amounts))
        weights.append(math.isqrt(count * (count * squares - total * total) // max(count - 1, 1)))
    return weights


def _expected(frame: Frame, design: Design, found: Strata, probability: F64) -> Expected:
    rate = design.precision.error_rate_bp / WHOLE_BP
    variance = variance_of_total(
        frame.amount_mnt.astype(np.float64), found.of_case, probability, len(found.strata)
    )
    return Expected(
        design.precision.error_rate_bp,
        half_width_of_rate(rate, probability) * WHOLE_BP,
        Z_90 * math.sqrt(float(variance.sum())),
    )


def _notes(frame: Frame, design: Design, wanted: int, certain: int) -> tuple[str, ...]:
    notes: list[str] = []
    if frame.scored == 0:
        notes.append(
            "no claim of the month is scored: there is no stratum of risk, all is drawn as the random rest"
        )
    elif frame.scored < frame.cases:
        missing = frame.cases - frame.scored
        notes.append(f"{missing:,} of {frame.cases:,} cases have no score: they belong to the random rest")
    if wanted > frame.cases:
        notes.append(
            f"{wanted:,} cases were to be drawn, and the frame has {frame.cases:,}: all of them are drawn"
        )
    over = (frame.percentile >= design.certainty.percentile) & (
        frame.amount_mnt >= design.certainty.amount_mnt
    )
    if int(over.sum()) > certain:
        notes.append(
            f"{int(over.sum()):,} cases are over both limits of certainty, more than half of the sample: "
            f"the {certain:,} strangest are taken, the others are in the strata of risk"
        )
    return tuple(notes)
