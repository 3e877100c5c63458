"""`daatgal key`: private key files and their commitments.

In: a file name, a month. Out: a new file that only its owner may read, and a commitment, which may be known to
everyone. No secret is ever printed. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.reporting import AsJson, print_json, reporting

app = typer.Typer(help="Private key files for the month's draw.", no_args_is_help=True, rich_markup_mode=None)

KeyFile = Annotated[Path, typer.Argument(metavar="FILE", help="The key file.", show_default=False)]
Month = Annotated[
    str, typer.Option(metavar="YYYY-MM", help="The month whose secret is meant.", show_default=False)
]


@app.callback()
def key() -> None:
    """Private key files for the month's draw."""


@app.command("new")
def new(file: KeyFile, month: Month, as_json: AsJson = False) -> None:
    """Make a new private key file, and print what it commits to for the first month that is drawn with it."""
    with reporting(as_json):
        from daatgal.sampling.keys import new_key_file
        from daatgal.sampling.months import parse_month

        parse_month(month)
        new_key_file(file)
        _say(file, month, as_json)


@app.command("commitment")
def commitment(file: KeyFile, month: Month, as_json: AsJson = False) -> None:
    """Print the SHA-256 of a month's secret: what the manifest of the month before says of it."""
    with reporting(as_json):
        _say(file, month, as_json)


@app.command("reveal")
def reveal(
    file: KeyFile,
    month: Month,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The new file to write.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Write one month's secret into a file of its own, to hand out after the audit; other months stay secret."""
    with reporting(as_json):
        from daatgal.sampling.keys import reveal_month

        reveal_month(file, month, out)
        _say(out, month, as_json)


def _say(file: Path, month: str, as_json: bool) -> None:
    from daatgal.sampling.keys import read_secret

    found = read_secret(file, month).commitment
    if as_json:
        print_json({"file": str(file), "month": month, "commitment": found})
    else:
        typer.echo(f"{file}: commits to {found} for {month}")
