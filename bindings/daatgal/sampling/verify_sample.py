"""Was this sample drawn as its manifest says? Everything is derived again, and every difference named.

In: a results folder with a sample, the month's secret, and the nights where they are at hand. Out: findings; none if
all is well. From the folder and the secret alone: the secret against its commitment, the frozen frame against its hash,
strata and shares against the design, the draw, and each drawn row's number, probability and weight. With the nights
also the frame itself: its cases, amounts and scores. Source: audit.md §4. No kernel
lives here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from daatgal.errors import InputError
from daatgal.outputs import read_manifest, verify
from daatgal.outputs.reading import read_listed
from daatgal.sampling.closing import FACTS, month_before_in, plan_month, planned_facts
from daatgal.sampling.design import design_of
from daatgal.sampling.draw import drawn_table, frame_table, random_numbers
from daatgal.sampling.drawn_month import frame_again
from daatgal.sampling.frame import frame_sha256, texts_of
from daatgal.sampling.keys import read_secret
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.plan import plan_sample

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daatgal.sampling.plan import Plan
    from daatgal.sources import Source
    from daatgal_engine.columns import U64

MOST_NAMED = 20
"""Cases named for one kind of difference; the rest are counted."""


@dataclass(frozen=True)
class SampleVerification:
    """What was checked, and what was found wrong."""

    month: str | None
    cases: int
    drawn: int
    frame_checked: bool
    """the nights were given, and the frame was made again from them"""
    findings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Nothing was found wrong."""
        return not self.findings


def verify_sample(
    directory: Path,
    *,
    key_file: Path,
    nights: Sequence[Path] = (),
    facilities: Source | None = None,
    previous: Path | None = None,
) -> SampleVerification:
    """Derive a sample again and name every difference.

    Without `nights`, the cases of the frame, their amounts and scores are taken as the folder has them. Raises
    InputError or KeyFileError where what is needed for checking cannot be read at all.
    """
    whole = verify(directory)
    if not whole.ok:
        return SampleVerification(None, 0, 0, frame_checked=False, findings=whole.findings)
    try:
        return _checked(directory, key_file, nights, facilities, previous)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        finding = f"{directory}: is not of the form that daatgal writes ({type(error).__name__}: {error})"
        return SampleVerification(None, 0, 0, frame_checked=False, findings=(finding,))


def _checked(
    directory: Path,
    key_file: Path,
    nights: Sequence[Path],
    facilities: Source | None,
    previous: Path | None,
) -> SampleVerification:
    manifest = read_manifest(directory)
    facts: dict[str, Any] | None = manifest["control_totals"].get(FACTS)
    if facts is None:
        finding = f"{directory}: its manifest speaks of no sample; expected the folder of a drawn month"
        return SampleVerification(None, 0, 0, frame_checked=False, findings=(finding,))
    design = design_of(facts["design"], "the manifest's design")
    frame, sample = (read_listed(directory, manifest, name) for name in ("frame", "sample"))
    texts = texts_of(frame["case_id"].combine_chunks())
    findings = _hash_findings(texts, facts)
    secret = read_secret(key_file, facts["month"])
    if secret.commitment != facts["commitment"]["secret_sha256"]:
        findings.append(
            f"secret: its SHA-256 is {secret.commitment}, the manifest committed to "
            f"{facts['commitment']['secret_sha256']}: this is not the secret of this draw"
        )
    try:
        plan = plan_sample(frame_again(frame, facts["month"], facts["month_claims"]), design)
    except InputError as error:
        findings.append(f"frame: {error}")
    else:
        findings += _plan_findings("frame", plan, frame, facts)
        if secret.commitment == facts["commitment"]["secret_sha256"]:
            numbers = random_numbers(secret.key(frame_sha256(texts)), texts)
            findings += _draw_findings(plan, numbers, sample)
    if nights:
        given = nights_on_disk(nights)
        # A night that closes its month cannot name itself: its manifest has null in its own place.
        if [night.run_hash for night in given] != [
            night or manifest["run_hash"] for night in facts["nights"]
        ]:
            findings.append("nights: they are not the ones, in the order, that the manifest names")
        findings += _plan_findings(
            "nights", plan_month(given, facts["month"], design, facilities), frame, facts
        )
    findings += _commitment_findings(facts, nights, previous)
    return SampleVerification(
        facts["month"], frame.num_rows, sample.num_rows, frame_checked=bool(nights), findings=tuple(findings)
    )


def _hash_findings(texts: list[str], facts: dict[str, Any]) -> list[str]:
    """The frozen frame's case ids against their hash."""
    findings: list[str] = []
    if any(a.encode() >= b.encode() for a, b in pairwise(texts)):
        findings.append("frame: its case ids are not sorted, or one is in it twice")
    if frame_sha256(texts) != facts["frame_sha256"]:
        findings.append(
            f"frame: the SHA-256 of its case ids is {frame_sha256(texts)}, the manifest says {facts['frame_sha256']}"
        )
    return findings


def _plan_findings(source: str, plan: Plan, frame: pa.Table, facts: dict[str, Any]) -> list[str]:
    """What the design makes of the frame in the folder, or of the nights, against manifest and folder."""
    again = planned_facts(plan)
    findings = [
        f"manifest: {name} is {facts[name]!r}, the design and the {source} give {again[name]!r}"
        for name in ("month_claims", "cases", "scored_cases", "amount_mnt", "size")
        if facts[name] != again[name]
    ]
    findings += _strata_findings(source, facts["strata"], again["strata"])
    table = frame_table(plan)
    before, after = frame["case_id"].to_pylist(), table["case_id"].to_pylist()
    if before == after:
        return findings + _column_findings("frame", frame, table)
    held, made = set(before), set(after)
    findings += _named(
        f"is in the frame and not in the {source}", [case for case in before if case not in made]
    )
    return findings + _named(
        f"is in the {source} and not in the frame", [case for case in after if case not in held]
    )


def _strata_findings(source: str, said: list[dict[str, Any]], again: list[dict[str, Any]]) -> list[str]:
    written, made = ({stratum["name"]: stratum for stratum in strata} for strata in (said, again))
    findings = [f"stratum {name}: the manifest does not list it" for name in made if name not in written]
    findings += [
        f"stratum {name}: the design and the {source} make no such stratum"
        for name in written
        if name not in made
    ]
    return findings + [
        f"stratum {name}: {key} is {written[name].get(key)!r}, the design and the {source} give {value!r}"
        for name in written
        if name in made
        for key, value in made[name].items()
        if written[name].get(key) != value
    ]


def _draw_findings(plan: Plan, numbers: U64, sample: pa.Table) -> list[str]:
    """The draw again, against the rows of the sample."""
    again = drawn_table(plan, numbers)
    rows = dict(zip(sample["case_id"].to_pylist(), range(sample.num_rows), strict=True))
    wanted = dict(zip(again["case_id"].to_pylist(), range(again.num_rows), strict=True))
    findings = _named("is in the sample and was not drawn", [case for case in rows if case not in wanted])
    findings += _named("was drawn and is not in the sample", [case for case in wanted if case not in rows])
    if len(rows) != sample.num_rows:
        findings.append("sample: a case is in it twice")
    both = [case for case in wanted if case in rows]
    held = sample.take(pa.array([rows[case] for case in both], pa.int64()))
    made = again.take(pa.array([wanted[case] for case in both], pa.int64()))
    return findings + _column_findings("sample", held, made)


def _commitment_findings(facts: dict[str, Any], nights: Sequence[Path], previous: Path | None) -> list[str]:
    """The month before's manifest against what this one says of it."""
    if previous is None and not nights:
        return []
    before = month_before_in(nights_on_disk(nights), previous, facts["month"])
    said = facts["commitment"]
    if before is None:
        return (
            []
            if said["committed_by"] is None
            else [f"commitment: run {said['committed_by'][:12]} is not given"]
        )
    findings: list[str] = []
    if before.run_hash != said["committed_by"]:
        findings.append(f"commitment: the manifest names {said['committed_by']}, found run {before.run_hash}")
    if before.commitment != said["secret_sha256"]:
        findings.append(
            f"commitment: the month before committed to {before.commitment}, this draw used another secret"
        )
    return findings


def _column_findings(table: str, held: pa.Table, again: pa.Table) -> list[str]:
    """Rows of two tables with the same cases in the same order, column by column."""
    findings: list[str] = []
    ids = held["case_id"].to_pylist()
    for name in again.column_names:
        pairs = zip(ids, held[name].to_pylist(), again[name].to_pylist(), strict=True)
        off = [(case, one, other) for case, one, other in pairs if one != other]
        findings += [
            f"{table}, case {case}: {name} is {one!r}, expected {other!r}"
            for case, one, other in off[:MOST_NAMED]
        ]
        if len(off) > MOST_NAMED:
            findings.append(f"{table}: {name} is off for {len(off) - MOST_NAMED:,} more cases")
    return findings


def _named(what: str, cases: list[Any]) -> list[str]:
    findings = [f"case {case}: {what}" for case in cases[:MOST_NAMED]]
    if len(cases) > MOST_NAMED:
        findings.append(f"{len(cases) - MOST_NAMED:,} more cases: each {what}")
    return findings
