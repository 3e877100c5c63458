"""`daatgal tariff check`: read a tariff book strictly, and look for rows that do nothing.

In: a tariff book and, where given, claims. Out: what the loader refuses (exit code 1), or warnings. No kernel lives
here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.reporting import AsJson, print_json, reporting

app = typer.Typer(help="Tariff books.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def tariff() -> None:
    """Tariff books."""


@app.command("check")
def check(
    book: Annotated[
        Path, typer.Argument(metavar="T", help="The folder of a tariff book.", show_default=False)
    ],
    claims: Annotated[
        str, typer.Option(help="Claims, to warn of map rows that none of them chose.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Read a tariff book strictly; warn of map rows that can never be chosen and, with --claims, that never were."""
    with reporting(as_json):
        from daatgal.sources import read_table
        from daatgal.tariff import load_tariff
        from daatgal.tariff.check import check_book

        loaded = load_tariff(book)
        found = check_book(loaded, read_table(claims, kind="claims") if claims else None)
        if as_json:
            warnings = [finding._asdict() | {"kind": finding.kind.value} for finding in found.warnings]
            print_json(
                {
                    "book": loaded.name,
                    "sha256": loaded.sha256,
                    "warnings": warnings,
                    "claims": found.claims,
                    "claims_without_group": found.claims_without_group,
                }
            )
            return
        for finding in found.warnings:
            typer.echo(f"warning: {finding}")
        typer.echo(f"{loaded.name}: {loaded.title}; the loader accepts it, {len(found.warnings)} warnings")
        if found.claims is not None:
            typer.echo(
                f"{found.claims:,} claims are priced by group, {found.claims_without_group or 0:,} of them find none"
            )
