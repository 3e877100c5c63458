"""Does the sample look like what it was drawn from?

In: the tables `frame` and `sample`. Out: `Assessment`: for each stratum the sample's mean amount against the
population's, for each amount band, care type, region and level the estimated share of cases and money against the true
one; each with the band in which 99 of 100 draws of this design fall, and a warning where one is out of it.

Everything is known: the bands come from the frame, not from the sample. Of a hundred figures one may be out by chance,
and the assessment says how many figures there are. Source: audit.md §4 (Cohen & Naus 2007). No kernel lives here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.sampling.strata import SOURCES, bands
from daatgal_engine.sampling_precision import Z_99, variance_of_total

if TYPE_CHECKING:
    from daatgal.sampling.design import Design
    from daatgal.sampling.frame import F64
    from daatgal_engine.columns import I64

DIMENSIONS = ("source", "amount", "care_type", "region", "level")
_NEAR = 1e-9
"""What floating-point sums may be off by, relative to the figure itself."""


@dataclass(frozen=True)
class Figure:
    """One figure of the frame, and what the sample makes of it."""

    of: str
    """what it is a figure of: `stratum`, or one of DIMENSIONS"""
    name: str
    measure: str
    """`mean_mnt`, `share_of_cases` or `share_of_amount`"""
    population: float
    sample: float
    half_width: float
    """of the 99 % band around the population's figure"""
    cases: int
    drawn: int

    @property
    def within(self) -> bool:
        """Whether the sample's figure is in the band."""
        return abs(self.sample - self.population) <= self.half_width + _NEAR * max(abs(self.population), 1.0)


@dataclass(frozen=True)
class Assessment:
    """All figures of a sample."""

    figures: list[Figure]

    @property
    def warnings(self) -> list[str]:
        """One line for each figure out of its band."""
        return [_warning(figure) for figure in self.figures if not figure.within]


@dataclass(frozen=True)
class _Drawn:
    """Frame and sample as arrays: which cases are drawn, with what weight."""

    stratum: I64
    names: list[str]
    amount_mnt: F64
    probability: F64
    sampled: np.ndarray


def assess(frame: pa.Table, sample: pa.Table, design: Design) -> Assessment:
    """Every figure of a sample against its frame."""
    encoded: Any = frame["stratum"].combine_chunks().dictionary_encode()
    drawn = _Drawn(
        stratum=encoded.indices.to_numpy().astype(np.int64),
        names=encoded.dictionary.to_pylist(),
        amount_mnt=frame["amount_mnt"].to_numpy().astype(np.float64),
        probability=frame["inclusion_probability"].to_numpy(),
        sampled=pc.is_in(frame["case_id"], value_set=sample["case_id"].combine_chunks()).to_numpy(),
    )
    figures = _means(drawn)
    for dimension in DIMENSIONS:
        figures += _shares(drawn, dimension, *_labels(frame, dimension, design))
    return Assessment(figures)


def _means(drawn: _Drawn) -> list[Figure]:
    """The mean amount of each stratum: Σ y/π / N_h of its drawn cases, and the population's."""
    strata = len(drawn.names)
    variance = variance_of_total(drawn.amount_mnt, drawn.stratum, drawn.probability, strata)
    weighted = np.where(drawn.sampled, drawn.amount_mnt / drawn.probability, 0.0)
    estimate = np.bincount(drawn.stratum, weighted, strata)
    total = np.bincount(drawn.stratum, drawn.amount_mnt, strata)
    cases = np.bincount(drawn.stratum, minlength=strata)
    taken = np.bincount(drawn.stratum, drawn.sampled, strata)
    return [
        Figure(
            "stratum",
            drawn.names[h],
            "mean_mnt",
            float(total[h] / cases[h]),
            float(estimate[h] / cases[h]),
            Z_99 * math.sqrt(float(variance[h])) / int(cases[h]),
            int(cases[h]),
            int(taken[h]),
        )
        for h in sorted(
            range(strata), key=lambda h: (SOURCES.index(drawn.names[h].split("/")[0]), drawn.names[h])
        )
    ]


def _shares(drawn: _Drawn, dimension: str, codes: I64, labels: list[str]) -> list[Figure]:
    """The share of cases and of money that each label has; `codes` are the places of each case's label in `labels`."""
    figures: list[Figure] = []
    for code in sorted(set(codes.tolist()), key=lambda code: labels[code]):
        label, has = labels[code], (codes == code).astype(np.float64)
        for measure, value in (
            ("share_of_cases", np.ones(has.size)),
            ("share_of_amount", drawn.amount_mnt),
        ):
            whole = float(value.sum())
            if whole <= 0.0:
                continue
            share = float((has * value).sum()) / whole
            # The estimated share is a ratio of two estimates: its variance is that of the total of what is left over.
            residual = (has - share) * value
            variance = float(
                variance_of_total(residual, drawn.stratum, drawn.probability, len(drawn.names)).sum()
            )
            weight = np.where(drawn.sampled, value / drawn.probability, 0.0)
            estimated = float((has * weight).sum()) / max(float(weight.sum()), 1e-300)
            cases, taken = int(has.sum()), int((has * drawn.sampled).sum())
            half = Z_99 * math.sqrt(variance) / whole
            figures.append(Figure(dimension, label, measure, share, estimated, half, cases, taken))
    return figures


def _labels(frame: pa.Table, dimension: str, design: Design) -> tuple[I64, list[str]]:
    if dimension == "amount":
        cuts = design.risk.amount_cuts_mnt
        labels = [amount_label(band, cuts) for band in range(len(cuts) + 1)]
        return bands(frame["amount_mnt"].to_numpy(), cuts), labels
    encoded: Any = frame[dimension].combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()


def amount_label(band: int, cuts: list[int]) -> str:
    """A band of amounts in words, numbered so that labels sort as amounts do."""
    low = f"{cuts[band - 1]:,} ₮" if band else "0 ₮"
    return f"{band}: from {low}" + (f" to below {cuts[band]:,} ₮" if band < len(cuts) else "")


def _warning(figure: Figure) -> str:
    if figure.measure == "mean_mnt":
        found = (
            f"the sample's mean amount is {figure.sample:,.0f} ₮, the population's {figure.population:,.0f} ₮ "
            f"± {figure.half_width:,.0f} ₮"
        )
    else:
        what = "cases" if figure.measure == "share_of_cases" else "money"
        found = (
            f"the sample has {100 * figure.sample:.2f} % of the {what}, the population "
            f"{100 * figure.population:.2f} % ± {100 * figure.half_width:.2f}"
        )
    return f"{figure.of} {figure.name}: out of its 99 % band: {found}"
