"""`daatgal run` and `daatgal settle`: claims in, a results folder out, scored or not.

In: claims, facilities, a tariff book and what else a night looks at. Out: the results folder, a summary, and the exit
code 3 where the run is held. No kernel lives here.
"""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from daatgal.cli.reporting import AsJson, ExitCode, print_json, reporting

if TYPE_CHECKING:
    from daatgal.scoring.settings import Scoring

Claims = Annotated[
    str,
    typer.Argument(
        metavar="CLAIMS", help="Parquet, Arrow IPC or CSV: a file or a folder of them.", show_default=False
    ),
]
Facilities = Annotated[str, typer.Option(metavar="F", help="The facilities table.", show_default=False)]
Tariff = Annotated[Path, typer.Option(metavar="T", help="The folder of the tariff book.", show_default=False)]
Insured = Annotated[str, typer.Option(metavar="I", help="The insured table.", show_default=False)]
Decisions = Annotated[str, typer.Option(metavar="D", help="Manual decisions.", show_default=False)]
History = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="DIR", help="Results of an earlier night; once for each, the newest last.", show_default=False
    ),
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        metavar="YYYY-MM-DD",
        formats=["%Y-%m-%d"],
        help="The day of the run: adjustments of claims from before the year before it are closed.",
        show_default=False,
    ),
]
HeldShare = Annotated[
    int,
    typer.Option(
        metavar="BP",
        min=0,
        max=10_000,
        help="Hold the run if more of its rows are quarantined, in basis points.",
    ),
]
Model = Annotated[
    Path | None,
    typer.Option(
        metavar="M",
        help="Score with this model of `daatgal train`; without it, with one trained on the history "
        "(or, without a history, on these claims).",
        show_default=False,
    ),
]
ReasonsPercentile = Annotated[
    int,
    typer.Option(metavar="P", min=0, max=100, help="Give reasons for claims at or over this percentile."),
]
Out = Annotated[
    Path, typer.Option(metavar="DIR", help="The folder to write the results into.", show_default=False)
]


def run(
    claims: Claims,
    facilities: Facilities,
    tariff: Tariff,
    out: Out,
    insured: Insured = "",
    history: History = None,
    decisions: Decisions = "",
    model: Model = None,
    as_of: AsOf = None,
    held_share: HeldShare = 500,
    reasons_percentile: ReasonsPercentile = 99,
    as_json: AsJson = False,
) -> None:
    """The night: claims to an exact ledger, and their anomaly scores. The same inputs again change nothing."""
    from daatgal.scoring.settings import Scoring

    scoring = Scoring(model, reasons_percentile)
    tables = (claims, facilities, tariff, out, insured, history, decisions)
    _night(*tables, as_of, held_share, scoring, as_json)


def settle(
    claims: Claims,
    facilities: Facilities,
    tariff: Tariff,
    out: Out,
    insured: Insured = "",
    decisions: Decisions = "",
    held_share: HeldShare = 500,
    as_json: AsJson = False,
) -> None:
    """Settle alone: decode, price and settle these claims by themselves, without earlier nights or scores."""
    _night(claims, facilities, tariff, out, insured, None, decisions, None, held_share, None, as_json)


def _night(
    claims: str,
    facilities: str,
    tariff: Path,
    out: Path,
    insured: str,
    history: list[Path] | None,
    decisions: str,
    as_of: datetime | None,
    held_share: int,
    scoring: "Scoring | None",
    as_json: bool,
) -> None:
    with reporting(as_json):
        from daatgal.cli.progress import Progress, compiling
        from daatgal.cli.summary import print_summary
        from daatgal.cli.warm_up import warm_up_once
        from daatgal.pipeline import run_night

        with Progress(silent=as_json) as progress, compiling(progress) as compilations:
            warm_up_once(compilations)
            night = run_night(
                claims=claims,
                facilities=facilities,
                tariff=tariff,
                out=out,
                insured=insured or None,
                history=history or [],
                decisions=decisions or None,
                as_of=as_of.date() if as_of else None,
                held_share=held_share,
                scoring=scoring,
                progress=progress,
            )
        if as_json:
            print_json({"directory": str(out), "unchanged": night.unchanged, "manifest": night.manifest})
        else:
            print_summary(night.manifest, out, unchanged=night.unchanged)
        if night.manifest["held"]:
            raise typer.Exit(ExitCode.HELD)
