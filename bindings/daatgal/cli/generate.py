"""`daatgal generate`: a seeded synthetic batch on disk.

In: a number of claims, a seed, months, a tariff book. Out: claims, facilities, insured and the truth of what was put
in, as Parquet. No kernel lives here.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.reporting import AsJson, print_json, reporting


class IdType(StrEnum):
    """How claims and persons are named."""

    STRING = "string"
    INT64 = "int64"


def generate(
    out: Annotated[Path, typer.Argument(metavar="DIR", help="The folder to write into.", show_default=False)],
    tariff: Annotated[Path, typer.Option(help="The tariff book to price by.", show_default=False)],
    claims: Annotated[int, typer.Option(min=0, help="How many claims.")] = 100_000,
    seed: Annotated[int, typer.Option(help="The same seed, the same batch.")] = 1,
    first_month: Annotated[
        str, typer.Option(metavar="YYYY-MM", help="The first month of service.")
    ] = "2019-01",
    months: Annotated[int, typer.Option(min=1, help="How many months.")] = 1,
    ids: Annotated[IdType, typer.Option(help="How claims and persons are named.")] = IdType.STRING,
    anomalies: Annotated[bool, typer.Option(help="Put in what an audit should find.")] = True,
    as_json: AsJson = False,
) -> None:
    """Make a synthetic batch: persons, facilities, stays, visits, tests, faults; nothing in it is real."""
    with reporting(as_json):
        from daatgal.cli.progress import Progress
        from daatgal.generate import write_batch

        with Progress(silent=as_json) as progress:
            write_batch(
                out,
                claims,
                seed,
                tariff,
                first_month,
                months,
                ids.value,
                anomalies,
                lambda done, total: progress("writing claims", done, total),
            )
        if as_json:
            print_json({"directory": str(out), "claims": claims, "seed": seed})
        else:
            typer.echo(
                f"{out}: {claims:,} synthetic claims (seed {seed}), with facilities, insured and truth"
            )
