"""`daatgal train` and `daatgal score`: a model from history, and finished runs scored again.

In: results folders, the registers they were settled with, a model. Out: a model folder, or a folder with `scores/` and
`drift/`; a summary. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.night import Facilities, Out, ReasonsPercentile, Tariff
from daatgal.cli.reporting import AsJson, print_json, reporting

Earlier = Annotated[
    list[Path],
    typer.Option(
        metavar="DIR", help="Results of a night; once for each, the newest last.", show_default=False
    ),
]
History = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="The nights before it; once for each, the newest last.", show_default=False
    ),
]
ModelOut = Annotated[
    Path, typer.Option(metavar="M", help="The folder to write the model into.", show_default=False)
]
Seed = Annotated[int, typer.Option(min=0, help="Decides which claims are drawn, and how trees split.")]
SampleClaims = Annotated[
    int, typer.Option(metavar="N", min=256, help="Claims that the trees draw from, at most.")
]


def train(
    history: Earlier,
    facilities: Facilities,
    tariff: Tariff,
    out: ModelOut,
    seed: Seed = 0,
    sample_claims: SampleClaims = 1 << 16,
    as_json: AsJson = False,
) -> None:
    """Train an anomaly model on the claims that stand after some nights, and write its folder."""
    with reporting(as_json):
        from daatgal.cli.warm_up import warmed_up
        from daatgal.scoring import save_model
        from daatgal.scoring import train as train_model

        with warmed_up(as_json) as progress:
            model = train_model(
                history,
                facilities=facilities,
                tariff=tariff,
                seed=seed,
                sample_claims=sample_claims,
                progress=progress,
            )
            digest = save_model(model, out)
        about = model.describe()
        if as_json:
            print_json({"directory": str(out), "sha256": digest, "model": about})
            return
        typer.echo(
            f"{out}: model {digest[:12]} of {about['training_claims']:,} claims from {about['first_day']} to "
            f"{about['last_day']}: {about['trees']} trees, {len(about['features'])} features"
        )


def score(
    results: Annotated[
        Path,
        typer.Argument(metavar="RESULTS", help="The folder of a finished `daatgal run`.", show_default=False),
    ],
    model: Annotated[
        Path, typer.Option(metavar="M", help="The folder of a `daatgal train`.", show_default=False)
    ],
    facilities: Facilities,
    tariff: Tariff,
    out: Out,
    history: History = None,
    reasons_percentile: ReasonsPercentile = 99,
    as_json: AsJson = False,
) -> None:
    """Score the claims of a finished run again, with another model; the run itself stays as it is."""
    with reporting(as_json):
        from daatgal.cli.summary import print_scoring
        from daatgal.cli.warm_up import warmed_up
        from daatgal.scoring.folder import score_into

        with warmed_up(as_json) as progress:
            night = score_into(
                results,
                model=model,
                facilities=facilities,
                tariff=tariff,
                history=history or [],
                out=out,
                reasons_percentile=reasons_percentile,
                progress=progress,
            )
        if as_json:
            print_json({"directory": str(out), "unchanged": night.unchanged, "manifest": night.manifest})
            return
        if night.unchanged:
            typer.echo(f"nothing to do: {out} holds these scores already")
        print_scoring(night.manifest)
        typer.echo(f"\nresults: {out}  (run {night.manifest['run_hash'][:12]})")
