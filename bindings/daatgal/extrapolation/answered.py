"""The drawn cases with what was found in each, under a rule for non-response that was fixed beforehand.

In: the sample, one row a drawn case, and the findings, at most one row a case. Out: `Answered`: the cases that count,
in one fixed order, with the strata as they are after non-response. No kernel lives here. Source: audit.md §5.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.errors import InputError

if TYPE_CHECKING:
    from daatgal.extrapolation.estimators import F64, I64

NOT_REVIEWED = "not_reviewed"
CANNOT_DETERMINE = "cannot_determine"
SAMPLE_COLUMNS = (
    "case_id",
    "stratum",
    "stratum_cases",
    "stratum_drawn",
    "inclusion_probability",
    "source",
    "amount_mnt",
)
FINDING_COLUMNS = ("case_id", "outcome", "overpaid_mnt", "underpaid_mnt")
LEAST_ANSWERED = 2
"""Fewer answered cases than this show no spread."""


class Treatment(StrEnum):
    """What a case without an answer counts as."""

    ZERO = "zero"
    """as correct: the reading that favours the facility"""
    EXCLUDED = "excluded"
    """as not drawn: the answered cases of its stratum speak for it"""
    REFUSED = "refused"
    """nothing is estimated while there is such a case"""


class NonResponse(NamedTuple):
    """The rule for cases without an answer."""

    cannot_determine: Treatment = Treatment.ZERO
    not_reviewed: Treatment = Treatment.REFUSED


class Stratum(NamedTuple):
    """One stratum, or several that were joined because too few of their cases were answered."""

    name: str
    sources: tuple[str, ...]
    frame: int
    """cases of the frame"""
    drawn: int
    answered: int


class Answered(NamedTuple):
    """The cases that count, sorted by stratum and case id."""

    cases: pa.Table
    """sample columns, `outcome`, `overpaid_mnt`, `underpaid_mnt`"""
    strata: tuple[Stratum, ...]
    place: I64
    """each case's stratum"""
    probability: F64
    """each case's inclusion probability, non-response counted in"""
    outcomes: dict[str, int]
    """drawn cases by outcome, those without one as `not_reviewed`"""

    @property
    def frame(self) -> I64:
        """N of each stratum."""
        return np.array([stratum.frame for stratum in self.strata], np.int64)


def answered(sample: pa.Table, findings: pa.Table, rule: NonResponse) -> Answered:
    """Join findings to the sample and apply the rule.

    Raises InputError where a column is missing, a finding is of no drawn case, a case is there twice, a stratum does
    not hold what it says, or the rule refuses.
    """
    _check(sample, findings)
    cases = _with_findings(sample, findings)
    outcomes = dict(sorted(Counter(cases["outcome"].to_pylist()).items()))
    left = outcomes.get(NOT_REVIEWED, 0)
    if left and rule.not_reviewed is Treatment.REFUSED:
        first = cases.filter(pc.equal(cases["outcome"], NOT_REVIEWED))["case_id"][0].as_py()
        raise InputError(
            f"results: found no outcome for {left} of {cases.num_rows} drawn cases, the first {first!r}; "
            "expected one for each, or a rule that says what they count as (zero or excluded)"
        )
    left_out = _left_out(cases["outcome"], rule)
    strata, place = _joined(cases, left_out)
    probability = _probability(cases["inclusion_probability"].to_numpy(), place, left_out)
    kept = np.flatnonzero(~left_out)
    kept = kept[np.argsort(place[kept], kind="stable")]
    return Answered(cases.take(pa.array(kept)), strata, place[kept], probability[kept], outcomes)


def _check(sample: pa.Table, findings: pa.Table) -> None:
    for name, table, wanted in (("sample", sample, SAMPLE_COLUMNS), ("results", findings, FINDING_COLUMNS)):
        missing = [column for column in wanted if column not in table.column_names]
        if missing:
            raise InputError(f"{name}: found no column {', '.join(missing)}; expected {', '.join(wanted)}")
        twice = [value for value, count in Counter(table["case_id"].to_pylist()).items() if count > 1]
        if twice:
            raise InputError(f"{name}: found case {twice[0]!r} more than once, expected one row a case")
    if sample.num_rows == 0:
        raise InputError("sample: found no drawn case, expected at least one")
    known = pc.is_in(findings["case_id"], value_set=sample["case_id"].combine_chunks())
    if not pc.all(known).as_py():
        unknown = findings["case_id"].filter(pc.invert(known))[0].as_py()
        raise InputError(
            f"results: found case {unknown!r}, which was not drawn; expected cases of the sample"
        )
    _check_strata(sample)


def _check_strata(sample: pa.Table) -> None:
    names, told = sample["stratum"].to_pylist(), ("stratum_cases", "stratum_drawn")
    rows = Counter(names)
    columns = [sample[name].to_pylist() for name in told]
    said: dict[str, tuple[int, int]] = {}
    for name, cases, drawn in zip(names, *columns, strict=True):
        if said.setdefault(name, (cases, drawn)) != (cases, drawn):
            raise InputError(f"sample, stratum {name!r}: found two sizes, expected one")
    for name, (cases, drawn) in said.items():
        if rows[name] != drawn or not drawn <= cases:
            raise InputError(
                f"sample, stratum {name!r}: found {rows[name]} rows, {drawn} drawn of {cases}; "
                "expected every drawn case, and no more than there are"
            )
    probability = sample["inclusion_probability"].to_numpy()
    if not bool(np.all((probability > 0.0) & (probability <= 1.0))):
        raise InputError("sample: found an inclusion probability outside 0–1, expected 0 < π ≤ 1")


def _with_findings(sample: pa.Table, findings: pa.Table) -> pa.Table:
    """The sample's rows, sorted, with their outcomes; amounts 0 where there is none."""
    sample = sample.sort_by([("stratum", "ascending"), ("case_id", "ascending")])
    rows = pc.index_in(sample["case_id"], value_set=findings["case_id"].combine_chunks())
    for name in ("outcome", "overpaid_mnt", "underpaid_mnt"):
        found = findings[name].combine_chunks().take(rows.combine_chunks())
        sample = sample.append_column(name, pc.fill_null(found, NOT_REVIEWED if name == "outcome" else 0))
    return sample


def _left_out(outcome: pa.ChunkedArray, rule: NonResponse) -> np.ndarray:
    """Which cases count as not drawn."""
    names = [
        name
        for name, treatment in ((CANNOT_DETERMINE, rule.cannot_determine), (NOT_REVIEWED, rule.not_reviewed))
        if treatment is Treatment.EXCLUDED
    ]
    return pc.is_in(outcome, value_set=pa.array(names, pa.string())).to_numpy(zero_copy_only=False)


def _joined(cases: pa.Table, left_out: np.ndarray) -> tuple[tuple[Stratum, ...], I64]:
    """The strata, those with too few answers joined to the one before (the first: after) them in name order."""
    names = cases["stratum"].to_pylist()
    distinct = sorted(set(names))
    position = {name: number for number, name in enumerate(distinct)}
    place = np.array([position[name] for name in names], np.int64)
    first = np.searchsorted(place, np.arange(len(distinct)))
    frame = cases["stratum_cases"].to_numpy()[first]
    drawn = cases["stratum_drawn"].to_numpy()[first]
    count = np.bincount(place[~left_out], minlength=len(distinct))
    source = cases["source"].to_pylist()
    strata: list[Stratum] = []
    belongs = np.zeros(len(distinct), np.int64)
    for number, name in enumerate(distinct):
        here = Stratum(
            name, (source[first[number]],), int(frame[number]), int(drawn[number]), int(count[number])
        )
        if strata and (_thin(here) or _thin(strata[-1])):
            strata[-1] = _together(strata[-1], here)
        else:
            strata.append(here)
        belongs[number] = len(strata) - 1
    if len(strata) > 1 and _thin(strata[-1]):
        last = strata.pop()
        strata[-1] = _together(strata[-1], last)
        belongs = np.minimum(belongs, len(strata) - 1)
    if strata[0].answered == 0:
        raise InputError("results: found no answered case, expected at least one")
    return tuple(strata), belongs[place]


def _thin(stratum: Stratum) -> bool:
    return stratum.answered < min(LEAST_ANSWERED, stratum.frame)


def _together(one: Stratum, other: Stratum) -> Stratum:
    sources = tuple(sorted({*one.sources, *other.sources}))
    sizes = (one.frame + other.frame, one.drawn + other.drawn, one.answered + other.answered)
    return Stratum(f"{one.name} + {other.name}", sources, *sizes)


def _probability(drawn: F64, place: I64, left_out: np.ndarray) -> F64:
    """Inclusion probabilities of the draw, times the share answered in a stratum where cases were left out."""
    weight = 1.0 / drawn
    whole = np.bincount(place, weights=weight)
    there = np.bincount(place, weights=np.where(left_out, 0.0, weight))
    return np.minimum(drawn * (there / whole)[place], 1.0)
