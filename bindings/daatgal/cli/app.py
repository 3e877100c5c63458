"""The commands together.

In: the command modules. Out: the typer application. No kernel lives here.
"""

from typing import Annotated

import typer

from daatgal.cli import (
    extrapolate,
    generate,
    key,
    night,
    outcomes,
    replay,
    results,
    sample,
    scoring,
    tariff,
    warm_up,
    worklist,
)

# Rich help would take a third of a second to draw, which is all that `--help` may take.
app = typer.Typer(
    name="daatgal",
    help="From a claim file to an exact ledger: decode, price, settle and score health-insurance claims.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "terminal_width": 110},
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"daatgal {version('daatgal')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """From a claim file to an exact ledger: decode, price, settle and score health-insurance claims."""
    del version


app.command("run")(night.run)
app.command("settle")(night.settle)
app.command("score")(scoring.score)
app.command("train")(scoring.train)
app.command("sample")(sample.sample)
app.command("verify-sample")(sample.verify_sample)
app.command("sample-report")(sample.sample_report)
app.command("worklist")(worklist.worklist)
app.command("extrapolate")(extrapolate.extrapolate)
app.command("release")(results.release)
app.command("verify")(results.verify)
app.command("replay")(replay.replay)
app.command("generate")(generate.generate)
app.command("warm-up")(warm_up.warm_up)
app.add_typer(tariff.app, name="tariff")
app.add_typer(key.app, name="key")
app.add_typer(outcomes.app, name="results")
