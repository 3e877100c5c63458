"""The design of a sample: every parameter, in one TOML file.

In: a TOML file. Out: `Design`, frozen and checked. Every key has to be there and no other may be: a design is a
decision that someone signs, so nothing in it is left to a default. Source: audit.md §4.
"""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from daatgal.errors import InputError

DEFAULT_DESIGN = Path(__file__).with_name("default_design.toml")
"""The design that comes with daatgal: every key, with what it means."""
PERCENT = 100.0
WHOLE_BP = 10_000
Dimension = Literal["amount", "region", "level", "care_type"]
Allocation = Literal["proportional", "neyman"]
Mnt = Annotated[int, Field(ge=0, lt=2**62)]
BasisPoints = Annotated[int, Field(ge=0, le=WHOLE_BP)]
Percentile = Annotated[float, Field(gt=0.0, le=PERCENT)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


PartT = TypeVar("PartT", bound=_Part)


def _without_repeats(part: PartT, names: list[Any]) -> PartT:
    if len(set(names)) != len(names):
        raise ValueError(f"within names each dimension once, found {names}")
    return part


class Size(_Part):
    """How many cases: the larger of a share of the month's claims and a floor."""

    rate_bp: Annotated[int, Field(ge=1, le=WHOLE_BP)]
    floor: Annotated[int, Field(ge=1)]


class Certainty(_Part):
    """What is taken in any event: both at least so strange and at least so much money; at most half of the sample."""

    percentile: Percentile
    amount_mnt: Mnt


class Risk(_Part):
    """What is oversampled: cases from the first percentile on, in bands of risk × bands of amount."""

    percentile_cuts: Annotated[list[Percentile], Field(min_length=1)]
    factors: list[Annotated[int, Field(ge=1, le=1000)]]
    amount_cuts_mnt: list[Mnt]
    within: list[Literal["region", "level", "care_type"]]
    allocation: Allocation

    @model_validator(mode="after")
    def _bands(self) -> Self:
        for name, cuts in (
            ("percentile_cuts", self.percentile_cuts),
            ("amount_cuts_mnt", self.amount_cuts_mnt),
        ):
            if any(low >= high for low, high in pairwise(cuts)):
                raise ValueError(f"{name} has to ascend, found {cuts}")
        if len(self.factors) != len(self.percentile_cuts):
            raise ValueError(
                f"one factor for each band of risk: found {len(self.factors)} factors for "
                f"{len(self.percentile_cuts)} percentile_cuts"
            )
        return _without_repeats(self, self.within)


class Baseline(_Part):
    """What is drawn at random from everything else."""

    share_bp: Annotated[int, Field(ge=1, lt=WHOLE_BP)]
    within: list[Dimension]
    allocation: Allocation

    @model_validator(mode="after")
    def _dimensions(self) -> Self:
        return _without_repeats(self, self.within)


class Strata(_Part):
    """How small a stratum may be."""

    smallest: Annotated[int, Field(ge=1)]
    minimum: Annotated[int, Field(ge=2)]


class Draw(_Part):
    """How cases are drawn within a stratum."""

    method: Literal["simple", "pareto"]
    least_size_mnt: Annotated[int, Field(ge=1, lt=2**40)]


class Precision(_Part):
    """What the printed precision assumes."""

    error_rate_bp: Annotated[int, Field(ge=1, lt=WHOLE_BP)]


class Design(_Part):
    """The design of a month's sample."""

    unit: Literal["case", "claim"]
    month_of: Literal["settlement", "service"]
    size: Size
    certainty: Certainty
    risk: Risk
    baseline: Baseline
    strata: Strata
    draw: Draw
    precision: Precision

    @property
    def needs_facilities(self) -> bool:
        """Whether strata are made of what only the facilities table tells."""
        return bool({"region", "level"} & {*self.risk.within, *self.baseline.within})


def load_design(path: Path) -> Design:
    """Read a design, strictly. Raises InputError naming every key that is missing, unknown or out of its range."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"design {path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise InputError(f"design {path}: is not TOML in UTF-8 ({error})") from error
    return design_of(content, f"design {path}")


def design_of(content: dict[str, Any], where: str) -> Design:
    """The design of a TOML document or of a manifest; `where` it is from, for messages."""
    try:
        return Design.model_validate(content)
    except ValidationError as error:
        problems = "; ".join(_problem(found) for found in error.errors(include_url=False))
        raise InputError(f"{where}: {problems}") from error


def _problem(found: Any) -> str:
    key = ".".join(str(step) for step in found["loc"]) or "the design"
    if found["type"] == "extra_forbidden":
        return f"{key} is no key of a design; expected only those of the sample design"
    if found["type"] == "missing":
        return f"{key} is missing; every key has to be given"
    message = found["msg"].removeprefix("Value error, ")
    return (
        f"{key}: {message}"
        if isinstance(found["input"], dict)
        else f"{key}: {message}, found {found['input']!r}"
    )
