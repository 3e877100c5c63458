"""A month is closed: its frame is frozen, its key derived, its sample drawn.

In: the nights, a month, a design, the month's secret, the facilities, what the month before committed to. Out:
`ClosedMonth`: the tables `frame` and `sample`, and what a manifest says of them. Source: audit.md §4. No kernel lives
here.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from daatgal.errors import InputError
from daatgal.outputs import read_manifest
from daatgal.sampling.draw import draw, frame_table
from daatgal.sampling.frame import build_frame, frame_sha256, texts_of
from daatgal.sampling.months import last_day, month_after, month_before
from daatgal.sampling.places import NOWHERE, places_on
from daatgal.sampling.plan import plan_sample
from daatgal.sampling.representativeness import assess
from daatgal.sampling.standing_month import standing_month

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from daatgal.sampling.design import Design
    from daatgal.sampling.keys import MonthSecret
    from daatgal.sampling.nights import NightTables
    from daatgal.sampling.plan import Plan
    from daatgal.sources import Source

FACTS = "sample"
"""Where a manifest's control totals keep what is said of a sample."""


@dataclass(frozen=True)
class ClosedMonth:
    """A month's sample, before it is written."""

    plan: Plan
    frame: pa.Table
    sample: pa.Table
    facts: dict[str, Any]
    """for the manifest; no secret and no key is in it"""


@dataclass(frozen=True)
class Before:
    """The sample of the month before, which committed to this month's secret."""

    run_hash: str
    commitment: str | None


def plan_month(
    nights: Sequence[NightTables], month: str, design: Design, facilities: Source | None = None
) -> Plan:
    """The design of a month, worked out; nothing is drawn. Raises InputError, AmountError."""
    if facilities is None and design.needs_facilities:
        raise InputError(
            "design: its strata are made of regions or levels; expected the facilities table (--facilities)"
        )
    places = NOWHERE if facilities is None else places_on(facilities, last_day(month))
    standing = standing_month(nights, month, design.month_of)
    return plan_sample(build_frame(standing, month, design.unit, places), design)


def close_month(
    nights: Sequence[NightTables],
    month: str,
    design: Design,
    secret: MonthSecret,
    facilities: Source | None = None,
    before: Before | None = None,
) -> ClosedMonth:
    """Close a month: plan it, and draw its sample with the key of its frozen frame.

    Raises InputError where the month before committed to another secret.
    """
    check_commitment(secret, before)
    return draw_month(plan_month(nights, month, design, facilities), nights, secret, before)


def draw_month(
    plan: Plan, nights: Sequence[NightTables], secret: MonthSecret, before: Before | None
) -> ClosedMonth:
    """Draw the sample of a month that is planned; the commitment is checked by the caller."""
    frozen = frame_sha256(texts_of(plan.frame.case_id))
    sample = draw(plan, secret.key(frozen))
    frame = frame_table(plan)
    warnings = assess(frame, sample, plan.design).warnings
    return ClosedMonth(
        plan, frame, sample, facts_of(plan, frozen, nights, secret, before) | {"warnings": warnings}
    )


def check_commitment(secret: MonthSecret, before: Before | None) -> None:
    """Raise InputError where the month before committed to another secret than this one."""
    if before is not None and before.commitment != secret.commitment:
        raise InputError(
            f"key file: its secret for {secret.month} is not the one that {month_before(secret.month)} committed to "
            f"(expected SHA-256 {before.commitment}, found {secret.commitment}); a key cannot be changed once it is "
            "committed to"
        )


def facts_of(
    plan: Plan, frozen: str, nights: Sequence[NightTables], secret: MonthSecret, before: Before | None
) -> dict[str, Any]:
    """What a manifest says of a sample: enough to draw it again with the secret and the case ids."""
    return planned_facts(plan) | {
        "frame_sha256": frozen,
        "nights": [night.run_hash for night in nights],
        "commitment": {
            "secret_sha256": secret.commitment,
            "committed_by": None if before is None else before.run_hash,
            "next_month": month_after(secret.month),
            "next_secret_sha256": secret.next_commitment,
        },
    }


def planned_facts(plan: Plan) -> dict[str, Any]:
    """What is known before the draw: the design and what it comes to."""
    strata = [
        asdict(stratum) | {"drawn": int(drawn)}
        for stratum, drawn in zip(plan.strata, plan.drawn, strict=True)
    ]
    return {
        "month": plan.frame.month,
        "month_claims": plan.frame.month_claims,
        "cases": plan.frame.cases,
        "scored_cases": plan.frame.scored,
        "amount_mnt": int(plan.frame.amount_mnt.sum()),
        "size": plan.size,
        "strata": strata,
        "expected": {
            "error_rate_bp": plan.expected.error_rate_bp,
            "half_width_bp": round(plan.expected.half_width_bp),
            "amount_half_width_mnt": round(plan.expected.amount_half_width_mnt),
        },
        "notes": list(plan.notes),
        "design": plan.design.model_dump(),
    }


def facts_in(directory: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """What a run's manifest says of its sample. Raises InputError where it has none."""
    facts = manifest["control_totals"].get(FACTS)
    if facts is None:
        raise InputError(
            f"{directory}: its manifest speaks of no sample; expected the folder of a drawn month"
        )
    return facts


def month_before_in(nights: Sequence[NightTables], previous: Path | None, month: str) -> Before | None:
    """The sample of the month before: of the folder given, else of a night that closed it; None where there is none.

    Raises InputError where the folder given is of another month.
    """
    wanted = month_before(month)
    if previous is not None:
        manifest = read_manifest(previous)
        facts = facts_in(previous, manifest)
        if facts["month"] != wanted:
            raise InputError(f"{previous}: is the sample of {facts['month']}, expected that of {wanted}")
        return _before(manifest, facts)
    for night in nights:
        facts = night.manifest.get("control_totals", {}).get(FACTS)
        if facts is not None and facts["month"] == wanted:
            return _before(night.manifest, facts)
    return None


def _before(manifest: dict[str, Any], facts: dict[str, Any]) -> Before:
    return Before(manifest["run_hash"], facts["commitment"]["next_secret_sha256"])
