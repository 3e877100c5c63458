"""Was this sample drawn as its manifest says? Everything is derived again, and every difference named.

In: a results folder with a sample, the month's secret, and the nights where they are at hand. Out: findings; none if
all is well. From manifest, secret and case ids alone: the secret against its commitment, the frozen frame against its
hash, how many of each stratum against the design, the draw, and each drawn row's number, probability and weight. With
the nights also the frame itself: its cases, amounts, scores, strata and probabilities. Source: audit.md §4. No kernel
lives here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from daatgal.outputs import read_manifest, verify
from daatgal.sampling.closing import FACTS, month_before_in, plan_month, planned_facts
from daatgal.sampling.design import design_of
from daatgal.sampling.draw import frame_table, random_numbers
from daatgal.sampling.frame import frame_sha256, texts_of
from daatgal.sampling.keys import read_secret
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.redraw import NamedStratum, redrawn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daatgal.sampling.design import Design
    from daatgal.sampling.redraw import Redrawn
    from daatgal.sources import Source

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

    Without `nights`, the frame is taken as the folder has it, and only the draw from it is checked. Raises InputError
    or KeyFileError where what is needed for checking cannot be read at all.
    """
    whole = verify(directory)
    if not whole.ok:
        return SampleVerification(None, 0, 0, frame_checked=False, findings=whole.findings)
    manifest = read_manifest(directory)
    facts: dict[str, Any] | None = manifest["control_totals"].get(FACTS)
    if facts is None:
        finding = f"{directory}: its manifest speaks of no sample; expected the folder of a drawn month"
        return SampleVerification(None, 0, 0, frame_checked=False, findings=(finding,))
    design = design_of(facts["design"], "the manifest's design")
    frame, sample = (_read(directory, manifest, name) for name in ("frame", "sample"))
    findings = _frame_findings(frame, facts)
    secret = read_secret(key_file, facts["month"])
    if secret.commitment != facts["commitment"]["secret_sha256"]:
        findings.append(
            f"secret: its SHA-256 is {secret.commitment}, the manifest committed to "
            f"{facts['commitment']['secret_sha256']}: this is not the secret of this draw"
        )
    else:
        texts = texts_of(frame["case_id"].combine_chunks())
        numbers = random_numbers(secret.key(frame_sha256(texts)), texts)
        findings += _draw_findings(redrawn(frame, _strata(facts), design, numbers), frame, sample)
    if nights:
        findings += _night_findings(frame, facts, design, list(nights), facilities, manifest)
    findings += _commitment_findings(facts, list(nights), previous)
    return SampleVerification(
        facts["month"], frame.num_rows, sample.num_rows, frame_checked=bool(nights), findings=tuple(findings)
    )


def _read(directory: Path, manifest: dict[str, Any], name: str) -> pa.Table:
    paths = [part["path"] for part in manifest["parts"] if part["path"].startswith(f"{name}/")]
    return pa.concat_tables([pq.read_table(directory / path) for path in paths])


def _strata(facts: dict[str, Any]) -> list[NamedStratum]:
    return [NamedStratum(stratum["name"], stratum["cases"], stratum["drawn"]) for stratum in facts["strata"]]


def _frame_findings(frame: pa.Table, facts: dict[str, Any]) -> list[str]:
    """The frozen frame against its hash, its count and its strata."""
    texts = texts_of(frame["case_id"].combine_chunks())
    findings: list[str] = []
    if any(a.encode() >= b.encode() for a, b in pairwise(texts)):
        findings.append("frame: its case ids are not sorted, or one is in it twice")
    if frame_sha256(texts) != facts["frame_sha256"]:
        findings.append(
            f"frame: the SHA-256 of its case ids is {frame_sha256(texts)}, the manifest says {facts['frame_sha256']}"
        )
    if len(texts) != facts["cases"]:
        findings.append(f"frame: it has {len(texts):,} cases, the manifest says {facts['cases']:,}")
    names, counts = np.unique(frame["stratum"].to_numpy(zero_copy_only=False).astype(str), return_counts=True)
    found = dict(zip(names.tolist(), counts.tolist(), strict=True))
    findings += [
        f"stratum {stratum['name']}: not the {stratum['cases']:,} cases that the manifest says"
        for stratum in facts["strata"]
        if found.pop(stratum["name"], 0) != stratum["cases"]
    ]
    findings += [f"stratum {name}: the manifest does not list it" for name in sorted(found)]
    return findings


def _draw_findings(drawn: Redrawn, frame: pa.Table, sample: pa.Table) -> list[str]:
    """The draw again, against the rows of the sample."""
    ids = frame["case_id"].combine_chunks()
    rows = dict(zip(sample["case_id"].to_pylist(), range(sample.num_rows), strict=True))
    wanted = {ids[place].as_py(): place for place in np.flatnonzero(drawn.chosen).tolist()}
    findings = _named("is in the sample and was not drawn", [case for case in rows if case not in wanted])
    findings += _named("was drawn and is not in the sample", [case for case in wanted if case not in rows])
    if len(rows) != sample.num_rows:
        findings.append("sample: a case is in it twice")
    both = [(case, rows[case], place) for case, place in wanted.items() if case in rows]
    held = sample.take(pa.array([row for _, row, _ in both], pa.int64()))
    again = frame.take(pa.array([place for _, _, place in both], pa.int64()))
    places = np.array([place for _, _, place in both], np.int64)
    again = again.set_column(
        again.schema.get_field_index("inclusion_probability"),
        "inclusion_probability",
        pa.array(drawn.probability[places]),
    )
    again = again.append_column("weight", pa.array(1.0 / drawn.probability[places]))
    again = again.append_column("u", pa.array(drawn.numbers[places]))
    return findings + _column_findings("sample", held, again)


def _night_findings(
    frame: pa.Table,
    facts: dict[str, Any],
    design: Design,
    nights: list[Path],
    facilities: Source | None,
    manifest: dict[str, Any],
) -> list[str]:
    """The frame made again from the nights."""
    given = nights_on_disk(nights)
    findings: list[str] = []
    # A night that closes its month cannot name itself: its manifest has null in its own place.
    named = [run_hash or manifest["run_hash"] for run_hash in facts["nights"]]
    if [night.run_hash for night in given] != named:
        findings.append("nights: they are not the ones, in the order, that the manifest names")
    plan = plan_month(given, facts["month"], design, facilities)
    again = planned_facts(plan)
    findings += [
        f"manifest: {name} is {facts[name]!r}, the nights give {again[name]!r}"
        for name in ("month_claims", "cases", "scored_cases", "amount_mnt", "size")
        if facts[name] != again[name]
    ]
    if facts["strata"] != again["strata"]:
        findings.append("manifest: its strata are not those that the design makes of the nights")
    table = frame_table(plan)
    before, after = frame["case_id"].to_pylist(), table["case_id"].to_pylist()
    if before == after:
        return findings + _column_findings("frame", frame, table)
    findings += _named("is in the frame and not in the nights", sorted(set(before) - set(after), key=str))
    return findings + _named(
        "is in the nights and not in the frame", sorted(set(after) - set(before), key=str)
    )


def _commitment_findings(facts: dict[str, Any], nights: list[Path], previous: Path | None) -> list[str]:
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
