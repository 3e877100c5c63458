"""`daatgal replay`: a run made again from its inputs, to identical hashes.

In: the folder of a run, and where its inputs are. Out: what differs; exit code 1 if anything does. No kernel lives
here.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from daatgal.cli.checked import say
from daatgal.cli.night import (
    Decisions,
    DesignFile,
    Facilities,
    History,
    Insured,
    KeyFile,
    PreviousSample,
    Tariff,
)
from daatgal.cli.reporting import AsJson, reporting

Claims = Annotated[str, typer.Option(metavar="CLAIMS", help="The claims of the run.", show_default=False)]
Results = Annotated[Path, typer.Argument(metavar="DIR", help="The folder of a run.", show_default=False)]
Work = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Where there is room for a second copy of the results; the system's temporary folder unless said.",
        show_default=False,
    ),
]


def replay(
    directory: Results,
    claims: Claims,
    facilities: Facilities,
    tariff: Tariff,
    insured: Insured = "",
    history: History = None,
    decisions: Decisions = "",
    model: Annotated[
        Path | None,
        typer.Option(metavar="M", help="The model it was scored with, if given.", show_default=False),
    ] = None,
    design: DesignFile = None,
    key_file: KeyFile = None,
    previous_sample: PreviousSample = None,
    work: Work = None,
    as_json: AsJson = False,
) -> None:
    """Make a run again from its inputs and compare every byte; a third party needs nothing but them."""
    with reporting(as_json):
        from daatgal.cli.warm_up import warmed_up
        from daatgal.replay import replay_night

        with (
            warmed_up(as_json) as progress,
            TemporaryDirectory(prefix="daatgal-replay-", dir=work) as folder,
        ):
            found = replay_night(
                directory,
                work=Path(folder) / "again",
                claims=claims,
                facilities=facilities,
                tariff=tariff,
                insured=insured or None,
                history=history or [],
                decisions=decisions or None,
                model=model,
                design=design,
                key_file=key_file,
                previous_sample=previous_sample,
                progress=progress,
            )
        whole = f"came out the same again: {found.parts} parts, run {found.run_hash}"
        facts = {"run_hash": found.run_hash, "parts": found.parts}
        say(directory, found, whole, facts, as_json=as_json)
