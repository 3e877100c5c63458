"""The extrapolation as one object: totals, counts and domains with their limits, beside every input they follow from.

In: the drawn sample, the findings, and the parameters fixed beforehand. Out: a dictionary that is the JSON report as it
stands; whoever has it can recompute every figure. No kernel lives here. Source: audit.md §5.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import InputError
from daatgal.extrapolation.answered import Answered, NonResponse, answered
from daatgal.extrapolation.estimators import (
    F64,
    Estimate,
    combined_ratio,
    strata_of,
    stratified,
    unequal,
    variance_parts,
)
from daatgal.extrapolation.limits import CONFIDENCE, count_at_least, count_at_most, final_lower, t_limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daatgal.extrapolation.answered import Stratum

MEASURES = ("overpaid", "underpaid", "net")
DOMAINS = ("care_type", "region", "level", "reason")
FEW = 10
"""Fewer wrong (or right) cases than this, and Student's t is not to be relied on."""

Content = dict[str, Any]


class Method(StrEnum):
    """The estimator that the limits are claimed by; the others stand beside it for comparison."""

    STRATIFIED = "stratified"
    RATIO = "ratio"
    UNEQUAL = "unequal"
    HAJEK = "hajek"


class Parameters(NamedTuple):
    """What must be fixed before the results are known."""

    method: Method = Method.STRATIFIED
    non_response: NonResponse = NonResponse()
    satterthwaite: bool = False
    confidence: float = CONFIDENCE
    frame_amount_mnt: int | None = None
    """the amount of all cases of the frame: what the ratio estimator multiplies"""
    domains: tuple[str, ...] = DOMAINS


def extrapolate(sample: pa.Table, findings: pa.Table, parameters: Parameters | None = None) -> Content:
    """From findings on the drawn cases to totals over the frame.

    `sample`: one row a drawn case (case_id, stratum, stratum_cases, stratum_drawn, inclusion_probability, source,
    amount_mnt, and the columns that domains are asked by). `findings`: case_id, outcome, overpaid_mnt, underpaid_mnt.
    Raises InputError for a sample or findings that do not fit each other or the parameters.
    """
    parameters = parameters or Parameters()
    _check(parameters)
    cases = answered(sample, findings, parameters.non_response)
    values = _measures(cases)
    every = np.ones(cases.place.size)
    return {
        "parameters": {
            "method": str(parameters.method),
            "confidence": parameters.confidence,
            "cannot_determine": str(parameters.non_response.cannot_determine),
            "not_reviewed": str(parameters.non_response.not_reviewed),
            "degrees_of_freedom": "Satterthwaite" if parameters.satterthwaite else "n - H",
            "frame_amount_mnt": parameters.frame_amount_mnt,
        },
        "counts": {
            "frame_cases": int(cases.frame.sum()),
            "drawn": sum(stratum.drawn for stratum in cases.strata),
            "answered": int(cases.place.size),
            "outcomes": cases.outcomes,
            "joined_strata": [stratum.name for stratum in cases.strata if " + " in stratum.name],
        },
        "totals": {name: _total(cases, values[name], parameters) for name in MEASURES},
        "comparison": _comparison(cases, values["overpaid"], parameters),
        "wrong_cases": _wrong(cases, (values["overpaid"] > 0).astype(np.float64), parameters),
        "domains": {
            domain: _domain(cases, values["overpaid"], _members(cases, domain), parameters)
            for domain in parameters.domains
        },
        "cautions": _cautions(values["overpaid"] > 0, every > 0),
        "strata": [_stratum(stratum, number, cases, values) for number, stratum in enumerate(cases.strata)],
        "cases": _rows(cases, parameters),
    }


def _check(parameters: Parameters) -> None:
    if not 0.5 < parameters.confidence < 1.0:
        raise InputError(f"confidence: found {parameters.confidence}, expected more than 0.5 and less than 1")
    if parameters.method is Method.RATIO and parameters.frame_amount_mnt is None:
        raise InputError("the ratio estimator: found no amount of the whole frame, expected it in tögrög")


def _measures(cases: Answered) -> dict[str, F64]:
    over = np.asarray(cases.cases["overpaid_mnt"].to_numpy(), np.float64)
    under = np.asarray(cases.cases["underpaid_mnt"].to_numpy(), np.float64)
    return {"overpaid": over, "underpaid": under, "net": over - under}


def _estimate(cases: Answered, values: F64, parameters: Parameters, method: Method) -> Estimate:
    careful = parameters.satterthwaite
    if method is Method.STRATIFIED:
        return stratified(strata_of(values, cases.place, cases.frame), satterthwaite=careful)
    if method is Method.RATIO:
        amounts = np.asarray(cases.cases["amount_mnt"].to_numpy(), np.float64)
        whole = float(parameters.frame_amount_mnt or 0)
        return combined_ratio(values, amounts, cases.place, cases.frame, whole, satterthwaite=careful)
    return unequal(values, cases.probability, cases.place, cases.frame, hajek=method is Method.HAJEK)


def _described(estimate: Estimate, confidence: float) -> Content:
    limits = t_limits(estimate, confidence)
    return {
        "estimate": estimate.total,
        "standard_error": _number(estimate.standard_error),
        "degrees_of_freedom": _number(estimate.degrees),
        **limits._asdict(),
    }


def _total(cases: Answered, values: F64, parameters: Parameters) -> Content:
    estimate = _estimate(cases, values, parameters, parameters.method)
    described = _described(estimate, parameters.confidence)
    found = int(values.sum())
    lower = final_lower(described["one_sided_lower"], found)
    return described | {"found_mnt": found, "final_lower": lower}


def _comparison(cases: Answered, values: F64, parameters: Parameters) -> dict[str, Content]:
    """The overpayment by the other estimators that the sample allows."""
    others = [method for method in Method if method is not parameters.method]
    if parameters.frame_amount_mnt is None:
        others.remove(Method.RATIO)
    return {
        str(method): _described(_estimate(cases, values, parameters, method), parameters.confidence)
        for method in others
    }


def _wrong(cases: Answered, wrong: F64, parameters: Parameters) -> Content:
    """How many cases were overpaid: by the estimator, and exactly.

    The exact bound of several strata is the sum of theirs, each with its part of alpha: it holds whatever the shares
    are, and is wide.
    """
    method = Method.STRATIFIED if parameters.method is Method.RATIO else parameters.method
    described = _described(_estimate(cases, wrong, parameters, method), parameters.confidence)
    found = np.bincount(cases.place, weights=wrong, minlength=len(cases.strata)).astype(int)
    by_chance = [stratum.answered < stratum.frame for stratum in cases.strata]
    alpha = (1.0 - parameters.confidence) / max(sum(by_chance), 1)
    least, most = 0, 0
    for stratum, count in zip(cases.strata, found.tolist(), strict=True):
        least += count_at_least(stratum.frame, stratum.answered, count, alpha)
        most += count_at_most(stratum.frame, stratum.answered, count, alpha)
    exact = {"alpha_of_each_stratum": alpha, "at_least": least, "at_most": most}
    return described | {"found": int(found.sum()), "exact": exact}


def _members(cases: Answered, domain: str) -> list[tuple[str, np.ndarray]]:
    """Each value of a domain with its cases; by reason a case belongs to every reason it has."""
    column = "reasons" if domain == "reason" else domain
    if column not in cases.cases.column_names:
        raise InputError(f"sample: found no column {column}, expected it for results by {domain}")
    values = cases.cases[column].combine_chunks()
    rows = np.arange(len(values))
    if pa.types.is_list(values.type) or pa.types.is_large_list(values.type):
        rows, values = pc.list_parent_indices(values).to_numpy(), pc.list_flatten(values)
    names = [None if value is None else str(value) for value in values.to_pylist()]
    members: dict[str, np.ndarray] = {}
    for row, name in zip(rows.tolist(), names, strict=True):
        members.setdefault(name or "", np.zeros(cases.place.size, np.bool_))[row] = True
    return sorted(members.items())


def _domain(
    cases: Answered, values: F64, members: Sequence[tuple[str, np.ndarray]], parameters: Parameters
) -> list[Content]:
    """The overpayment in each part: cases elsewhere count as 0, so the limits hold for any part of the frame."""
    rows: list[Content] = []
    for name, here in members:
        total = _total(cases, np.where(here, values, 0.0), parameters)
        wrong = (values > 0) & here
        counted = {"value": name, "cases": int(here.sum()), "wrong": int(wrong.sum())}
        rows.append(counted | total | {"cautions": _cautions(wrong, here)})
    return rows


def _cautions(wrong: np.ndarray, here: np.ndarray) -> list[str]:
    """Why Student's limits may not hold: too few cases on one side."""
    cautions = ["few_wrong"] if int(wrong.sum()) < FEW else []
    return [*cautions, "few_right"] if int((here & ~wrong).sum()) < FEW else cautions


def _stratum(stratum: Stratum, number: int, cases: Answered, values: dict[str, F64]) -> Content:
    here = cases.place == number
    content: Content = {
        "stratum": stratum.name,
        "source": "+".join(stratum.sources),
        "frame_cases": stratum.frame,
        "drawn": stratum.drawn,
        "answered": stratum.answered,
        "wrong": int((values["overpaid"][here] > 0).sum()),
        "amount_mnt": pc.sum(cases.cases["amount_mnt"].filter(pa.array(here))).as_py(),
    }
    frame = np.array([stratum.frame], np.int64)
    for name in MEASURES:
        one = strata_of(values[name][here], np.zeros(int(here.sum()), np.int64), frame)
        content[name] = {
            "mean_mnt": float(one.mean[0]),
            "variance": float(one.variance[0]),
            "total_mnt": float(stratum.frame * one.mean[0]),
            "variance_of_total": _number(float(variance_parts(one)[0])),
        }
    return content


def _rows(cases: Answered, parameters: Parameters) -> list[Content]:
    """Every case that counts, with what it counts as."""
    by_probability = parameters.method in (Method.UNEQUAL, Method.HAJEK)
    answered_cases = np.array([stratum.answered for stratum in cases.strata], np.float64)
    weight = 1.0 / cases.probability if by_probability else (cases.frame / answered_cases)[cases.place]
    table = cases.cases.select(["case_id", "outcome", "amount_mnt", "overpaid_mnt", "underpaid_mnt"])
    names = pa.array([cases.strata[place].name for place in cases.place])
    return table.add_column(1, "stratum", names).append_column("weight", pa.array(weight)).to_pylist()


def _number(value: float) -> float | None:
    """NaN is no JSON: what is not known is null."""
    return None if math.isnan(value) else value
