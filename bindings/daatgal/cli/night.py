"""`daatgal run` and `daatgal settle`: claims in, a results folder out, scored or not.

In: claims, facilities, a tariff book and what else a night looks at. Out: the results folder, a summary, and the exit
code 3 where the run is held. No kernel lives here.
"""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from daatgal.cli.reporting import AsJson, ExitCode, print_json, reporting

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
CloseMonth = Annotated[
    str,
    typer.Option(
        metavar="YYYY-MM", help="Close this month with this night: draw its sample.", show_default=False
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(metavar="K", help="The private key file, for --close-month.", show_default=False),
]
DesignFile = Annotated[
    Path | None,
    typer.Option(
        metavar="D.toml",
        help="The design of the sample, for --close-month; the one that comes with daatgal unless said.",
        show_default=False,
    ),
]
PreviousSample = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The sample of the month before, where no night of the history drew it.",
        show_default=False,
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
    close_month: CloseMonth = "",
    key_file: KeyFile = None,
    design: DesignFile = None,
    previous_sample: PreviousSample = None,
    as_json: AsJson = False,
) -> None:
    """The night: claims to an exact ledger, and their anomaly scores. The same inputs again change nothing."""
    with reporting(as_json):
        from daatgal.sampling.month_to_close import month_to_close
        from daatgal.scoring.settings import Scoring

        month = month_to_close(close_month, key_file, design, previous_sample, history or [])
        _night(
            as_json,
            claims=claims,
            facilities=facilities,
            tariff=tariff,
            out=out,
            insured=insured or None,
            history=history or [],
            decisions=decisions or None,
            as_of=as_of.date() if as_of else None,
            held_share=held_share,
            scoring=Scoring(model, reasons_percentile),
            closing=month,
        )


def settle(
    claims: Claims,
    facilities: Facilities,
    tariff: Tariff,
    out: Out,
    insured: Insured = "",
    history: History = None,
    decisions: Decisions = "",
    as_of: AsOf = None,
    held_share: HeldShare = 500,
    as_json: AsJson = False,
) -> None:
    """Settle alone: claims to an exact ledger, with earlier nights or without, and no scores."""
    with reporting(as_json):
        _night(
            as_json,
            claims=claims,
            facilities=facilities,
            tariff=tariff,
            out=out,
            insured=insured or None,
            history=history or [],
            decisions=decisions or None,
            as_of=as_of.date() if as_of else None,
            held_share=held_share,
        )


def _night(as_json: bool, *, out: Path, **given: Any) -> None:
    """Run the night that is `given` to `run_night`, and say what came of it."""
    from daatgal.cli.sample_summary import print_design, print_drawn
    from daatgal.cli.summary import print_summary
    from daatgal.cli.warm_up import warmed_up
    from daatgal.pipeline import run_night

    with warmed_up(as_json) as progress:
        night = run_night(**given, out=out, progress=progress)
    if as_json:
        print_json({"directory": str(out), "unchanged": night.unchanged, "manifest": night.manifest})
    else:
        print_summary(night.manifest, out, unchanged=night.unchanged)
        facts = night.manifest["control_totals"].get("sample")
        if facts is not None:
            print_design(facts)
            print_drawn(facts, out, unchanged=night.unchanged)
    if night.manifest["held"]:
        raise typer.Exit(ExitCode.HELD)
