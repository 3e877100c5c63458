"""`daatgal extrapolate`: from auditors' outcomes to totals over the month, with their limits.

In: a drawn month, a review store or results files. Out: a JSON report and a page, and the main figures on stdout. No
kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.reporting import AsJson, print_json, reporting

Sample = Annotated[
    Path, typer.Argument(metavar="SAMPLE_DIR", help="The folder of a drawn month.", show_default=False)
]
Language = Annotated[str, typer.Option("--lang", metavar="mn|en", help="The language of what people read.")]


def extrapolate(
    sample: Sample,
    results: Annotated[
        list[Path],
        typer.Option(
            metavar="R",
            help="A review store, or files of outcomes (xlsx, CSV, Parquet), later ones over earlier.",
            show_default=False,
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the report.", show_default=False)],
    method: Annotated[
        str,
        typer.Option(
            metavar="M",
            help="stratified, ratio, unequal or hajek; what the draw asks for unless said.",
            show_default=False,
        ),
    ] = "",
    cannot_determine: Annotated[
        str,
        typer.Option(
            metavar="zero|excluded",
            help="What a case that cannot be determined counts as, without a store that fixed it.",
            show_default=False,
        ),
    ] = "",
    not_reviewed: Annotated[
        str,
        typer.Option(
            metavar="refused|zero|excluded", help="And a case that was not reviewed.", show_default=False
        ),
    ] = "",
    satterthwaite: Annotated[
        bool, typer.Option("--satterthwaite", help="Degrees of freedom by Satterthwaite, not n - H.")
    ] = False,
    by_facility: Annotated[bool, typer.Option("--by-facility", help="By facility too.")] = False,
    lang: Language = "mn",
    as_json: AsJson = False,
) -> None:
    """Extrapolate what auditors found to the whole month; the report shows every input."""
    with reporting(as_json):
        from datetime import datetime

        from daatgal.cli.choices import choice
        from daatgal.extrapolation import Method, Treatment
        from daatgal.extrapolation.report import Asked, extrapolate_month, write_report
        from daatgal.review.bring_back import FUND_ZONE
        from daatgal.review.words import language

        asked = Asked(
            choice("method", method, Method),
            choice("cannot-determine", cannot_determine, Treatment),
            choice("not-reviewed", not_reviewed, Treatment),
            satterthwaite,
            by_facility,
        )
        content = extrapolate_month(sample, results, asked, datetime.now(FUND_ZONE))
        files = write_report(content, out, language(lang))
        if as_json:
            print_json(content)
            return
        for name, total in content["totals"].items():
            limits = "no limits: a stratum has a single answer"
            if total["one_sided_lower"] is not None:
                limits = f"90 %: {total['lower']:,.0f} to {total['upper']:,.0f}"
            final = f"final lower limit {total['final_lower']:,.0f}"
            typer.echo(f"{name}: {total['estimate']:,.0f} MNT ({limits}; {final})")
        exact = content["wrong_cases"]["exact"]
        typer.echo(
            f"overpaid cases: at least {exact['at_least']:,} and at most {exact['at_most']:,}, exactly"
        )
        for caution in content["cautions"]:
            typer.echo(f"caution: {caution.replace('_', ' ')}: rely on the exact bound", err=True)
        typer.echo(", ".join(str(path) for path in files))
