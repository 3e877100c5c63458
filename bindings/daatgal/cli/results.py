"""`daatgal verify` and `daatgal release`: a results folder after the run.

In: a results folder. Out: what was found, or the released manifest. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.checked import say
from daatgal.cli.reporting import AsJson, print_json, reporting

Results = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of a finished run.", show_default=False)
]


def verify(directory: Results, as_json: AsJson = False) -> None:
    """Check that a results folder holds what its manifest says: hashes, row counts, balance of every ledger row."""
    with reporting(as_json):
        from daatgal.outputs import verify as check

        found = check(directory)
        held = "; it is held" if found.held else ""
        whole = f"run {found.run_hash} is whole: {found.parts} parts, {found.rows:,} rows{held}"
        facts = {name: getattr(found, name) for name in ("run_hash", "held", "parts", "rows")}
        say(directory, found, whole, facts, as_json=as_json)


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
