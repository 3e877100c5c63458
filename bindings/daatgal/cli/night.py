"""`daatgal run` and `daatgal settle`: claims in, a results folder out.

In: claims, facilities, a tariff book and what else a night looks at. Out: the results folder, a summary, and the exit
code 3 where the run is held. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

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
HeldShare = Annotated[
    int,
    typer.Option(
        metavar="BP",
        min=0,
        max=10_000,
        help="Hold the run if more of its rows are quarantined, in basis points.",
    ),
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
    held_share: HeldShare = 500,
    as_json: AsJson = False,
) -> None:
    """The night: claims to an exact ledger. The same inputs again change nothing."""
    with reporting(as_json):
        from daatgal.cli.progress import Progress, compiling
        from daatgal.cli.summary import print_summary
        from daatgal.pipeline import run_night

        with Progress(silent=as_json) as progress, compiling(progress):
            night = run_night(
                claims=claims,
                facilities=facilities,
                tariff=tariff,
                out=out,
                insured=insured or None,
                held_share=held_share,
                progress=progress,
            )
        if as_json:
            print_json({"directory": str(out), "unchanged": night.unchanged, "manifest": night.manifest})
        else:
            print_summary(night.manifest, out, unchanged=night.unchanged)
        if night.manifest["held"]:
            raise typer.Exit(ExitCode.HELD)


def settle(
    claims: Claims,
    facilities: Facilities,
    tariff: Tariff,
    out: Out,
    insured: Insured = "",
    held_share: HeldShare = 500,
    as_json: AsJson = False,
) -> None:
    """Settle alone: the part of the night that decodes, prices and settles."""
    run(claims, facilities, tariff, out, insured, held_share, as_json)
