"""A finished run scored again, into a folder of its own.

In: a results folder, a model folder, the registers. Out: a folder with `scores/`, `drift/` and a manifest that names
the run, the model and the registers. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from daatgal.outputs import InputFile, RunIdentity, open_run, read_manifest
from daatgal.pipeline import Night, inputs_of
from daatgal.scoring.again import score
from daatgal.scoring.model import load_model
from daatgal.scoring.settings import REASONS_PERCENTILE, Scoring
from daatgal.stages import Stages, silent
from daatgal.tariff import load_tariff

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path


def score_into(
    results: Path,
    *,
    model: Path,
    facilities: str | Path,
    tariff: str | Path,
    out: Path,
    history: Sequence[Path] = (),
    reasons_percentile: int = REASONS_PERCENTILE,
    progress: Callable[[str], None] = silent,
) -> Night:
    """Score the claims of the run in `results` with another model: whole or not at all; the same again changes nothing.

    The folder has no ledger and cannot be history of a later night. Raises InputError, ModelError, OutputError.
    """
    book, known = load_tariff(tariff), load_model(model)
    scored_run = read_manifest(results)
    runs: Any = [read_manifest(folder)["run_hash"] for folder in history]
    identity = RunIdentity(
        (
            *inputs_of({"facilities": facilities}),
            *(InputFile("history", folder.name, run) for folder, run in zip(history, runs, strict=True)),
            InputFile("results", results.name, scored_run["run_hash"]),
        ),
        book.name,
        book.sha256,
        Scoring(model, reasons_percentile).parameters(),
        model_hash=known.sha256,
    )
    with open_run(out, identity) as run:
        if run is None:
            return Night(read_manifest(out), unchanged=True)
        stage = Stages(progress)
        with stage("scoring"):
            scored = score(
                results,
                model=known,
                facilities=facilities,
                tariff=book,
                history=history,
                reasons_percentile=reasons_percentile,
            )
        with stage("writing"):
            run.write_table("scores", scored.scores)
            run.write_table("drift", scored.drift)
        manifest = run.finish(
            input_rows={"claims": 0, "results": scored_run["control_totals"]["ledger_rows"]},
            timings=stage.seconds,
            withheld=False,
            control_totals={"as_of": scored_run["control_totals"]["as_of"], "scoring": scored.summary},
        )
    return Night(manifest, unchanged=False)
