"""A month's sample on disk: `frame/`, `sample/` and a manifest, whole or not at all.

In: results folders of nights, a design file, a key file, facilities. Out: a results folder of its own, which names the
nights by their run hashes and the sample of the month before as the run before it. The same again changes nothing. No
kernel lives here.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daatgal.errors import InputError
from daatgal.outputs import InputFile, RunIdentity, hash_path, open_run, read_manifest
from daatgal.sampling.closing import (
    FACTS,
    Before,
    check_commitment,
    draw_month,
    month_before_in,
    plan_month,
    planned_facts,
)
from daatgal.sampling.design import load_design
from daatgal.sampling.keys import read_secret
from daatgal.sampling.nights import nights_on_disk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.sampling.keys import MonthSecret
    from daatgal.sampling.nights import NightTables

PARAMETER_MONTH = "month"
PARAMETER_COMMITMENT = "secret_sha256"


@dataclass(frozen=True)
class SampleRun:
    """A sample on disk."""

    manifest: dict[str, Any]
    unchanged: bool
    """the same sample was there already: nothing was written"""


def run_sample(
    *,
    nights: Sequence[Path],
    month: str,
    design: Path,
    key_file: Path,
    out: Path,
    facilities: str | Path | None = None,
    previous: Path | None = None,
    planned: Callable[[dict[str, Any]], None] | None = None,
) -> SampleRun:
    """Draw a month's sample into the folder `out`.

    `planned` is told the design, worked out, before anything is drawn. `nights` are results folders, oldest first;
    `previous` the folder of the month before's sample, which commits to this month's secret (a night that closed it
    will do). Raises DaatgalError.
    """
    given = nights_on_disk(nights)
    if not given:
        raise InputError("sample: found no nights, expected the results folders of the month (--nights)")
    parsed = load_design(design)
    secret = read_secret(key_file, month)
    before = month_before_in(given, previous, month)
    check_commitment(secret, before)
    identity = _identity(given, month, design, facilities, secret, before)
    with open_run(out, identity) as run:
        if run is None:
            return SampleRun(read_manifest(out), unchanged=True)
        started = time.perf_counter()
        plan = plan_month(given, month, parsed, facilities)
        if planned is not None:
            planned(planned_facts(plan))
        closed = draw_month(plan, given, secret, before)
        drawn = time.perf_counter()
        run.write_table("frame", closed.frame)
        run.write_table("sample", closed.sample)
        manifest = run.finish(
            input_rows={"claims": 0},
            timings={"drawing": drawn - started, "writing": time.perf_counter() - drawn},
            withheld=False,
            control_totals={FACTS: closed.facts},
        )
    return SampleRun(manifest, unchanged=False)


def _identity(
    nights: Sequence[NightTables],
    month: str,
    design: Path,
    facilities: str | Path | None,
    secret: MonthSecret,
    before: Before | None,
) -> RunIdentity:
    inputs = [InputFile("night", night.name, night.run_hash or "") for night in nights]
    inputs.append(InputFile("design", design.name, hash_path(design)))
    if facilities is not None:
        inputs.append(InputFile("facilities", Path(facilities).name, hash_path(Path(facilities))))
    book = nights[-1].manifest["book"]
    return RunIdentity(
        tuple(inputs),
        book["name"],
        book["sha256"],
        {PARAMETER_MONTH: month, PARAMETER_COMMITMENT: secret.commitment},
        previous_run=None if before is None else before.run_hash,
    )
