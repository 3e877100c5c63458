"""`daatgal verify` and `daatgal release`: a results folder after the run.

In: a results folder. Out: what was found, or the released manifest. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.reporting import AsJson, ExitCode, print_json, reporting

Results = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of a finished run.", show_default=False)
]


def verify(directory: Results, as_json: AsJson = False) -> None:
    """Check that a results folder holds what its manifest says: hashes, row counts, balance of every ledger row."""
    with reporting(as_json):
        from daatgal.outputs import verify as check

        found = check(directory)
        if as_json:
            print_json(
                {
                    "directory": str(directory),
                    "ok": found.ok,
                    "run_hash": found.run_hash,
                    "held": found.held,
                    "parts": found.parts,
                    "rows": found.rows,
                    "findings": list(found.findings),
                }
            )
        elif found.ok:
            held = "; it is held" if found.held else ""
            typer.echo(
                f"{directory}: run {found.run_hash} is whole: {found.parts} parts, {found.rows:,} rows{held}"
            )
        else:
            for finding in found.findings:
                typer.echo(f"daatgal: {finding}", err=True)
        if not found.ok:
            raise typer.Exit(ExitCode.FAILED)


def release(
    directory: Results,
    who: Annotated[
        str, typer.Option(help="Who lets it go; the signed-in user unless said.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Let a held run go: its manifest then says who did so and when, and it can be history of a later night."""
    with reporting(as_json):
        import getpass

        from daatgal.outputs import release as let_go

        content = let_go(directory, who=who or getpass.getuser())
        last = content["releases"][-1]
        if as_json:
            print_json({"directory": str(directory), "run_hash": content["run_hash"], "released": last})
        else:
            typer.echo(f"{directory}: run {content['run_hash']} released by {last['who']} at {last['at']}")
