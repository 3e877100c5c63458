"""`daatgal worklist`: a drawn month shared out among auditors.

In: a drawn month and its nights. Out: work lists, and a review store where there was none. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.extrapolate import Language, Sample
from daatgal.cli.reporting import AsJson, print_json, reporting

StoreFile = Annotated[
    Path | None,
    typer.Option(
        "--store", metavar="FILE", help="The review store; beside SAMPLE_DIR unless said.", show_default=False
    ),
]


def worklist(
    sample: Sample,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the lists.", show_default=False)],
    nights: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR",
            help="The nights that it was drawn from; not needed where SAMPLE_DIR is the only one.",
            show_default=False,
        ),
    ] = None,
    split: Annotated[str, typer.Option(help="auditor, region, facility or none.")] = "auditor",
    auditors: Annotated[
        str, typer.Option(metavar="A,B,…", help="Who reviews, separated by commas.", show_default=False)
    ] = "",
    opened: Annotated[
        bool,
        typer.Option("--open", help="With reasons, score and weight, of cases that have a first outcome."),
    ] = False,
    store: StoreFile = None,
    cannot_determine: Annotated[
        str,
        typer.Option(
            metavar="zero|excluded",
            help="What a case that cannot be determined will count as: fixed with the first list.",
            show_default=False,
        ),
    ] = "",
    not_reviewed: Annotated[
        str,
        typer.Option(
            metavar="refused|zero|excluded", help="And a case that is not reviewed.", show_default=False
        ),
    ] = "",
    pseudonym_key: Annotated[
        Path | None,
        typer.Option(
            metavar="K",
            help="Show insured persons by pseudonym with the key in this private file; made if there is none.",
            show_default=False,
        ),
    ] = None,
    show_insured: Annotated[
        bool, typer.Option("--show-insured", help="Show insured ids as they are; for --role admin alone.")
    ] = False,
    role: Annotated[str, typer.Option(help="Who will read it: auditor, analyst or admin.")] = "auditor",
    lang: Language = "mn",
    as_json: AsJson = False,
) -> None:
    """Hand out work lists: blind at first, so that no auditor knows why a case was drawn."""
    with reporting(as_json):
        import getpass
        from datetime import datetime

        from daatgal.cli.choices import choice
        from daatgal.extrapolation import NonResponse, Treatment
        from daatgal.review.bring_back import FUND_ZONE
        from daatgal.review.hand_out import Wanted, hand_out

        asked = (
            choice("cannot-determine", cannot_determine, Treatment),
            choice("not-reviewed", not_reviewed, Treatment),
        )
        rule = NonResponse(asked[0] or Treatment.ZERO, asked[1] or Treatment.REFUSED) if any(asked) else None
        names = tuple(name.strip() for name in auditors.split(",") if name.strip())
        wanted = Wanted(split, names, lang, opened, getpass.getuser(), role, pseudonym_key, show_insured)
        at = datetime.now(FUND_ZONE).replace(microsecond=0)
        done = hand_out(sample, out, wanted, rule, history=nights or [], store=store, at=at)
        if as_json:
            files = [str(path) for path in done.files]
            print_json({"files": files, "cases": done.cases, "store": str(done.store), "open": opened})
            return
        kind = "open" if opened else "blind"
        typer.echo(f"{done.cases:,} cases in {len(done.files)} files ({kind}); outcomes go into {done.store}")
        for path in done.files:
            typer.echo(str(path))
