"""`daatgal sample`, `verify-sample` and `sample-report`: the month's targeted sample.

In: the results folders of nights, a design, a private key file. Out: the sample's own results folder, the design
printed before the draw, what a verification found, a report. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.checked import say
from daatgal.cli.reporting import AsJson, print_json, reporting

Nights = Annotated[
    list[Path],
    typer.Option(
        "--nights",
        metavar="DIR",
        help="Results of a night; once for each, the newest last.",
        show_default=False,
    ),
]
MaybeNights = Annotated[
    list[Path] | None,
    typer.Option(
        "--nights",
        metavar="DIR",
        help="The nights that it was drawn from, to check the frame too; the newest last.",
        show_default=False,
    ),
]
Month = Annotated[str, typer.Option(metavar="YYYY-MM", help="The month to close.", show_default=False)]
DesignFile = Annotated[
    Path | None,
    typer.Option(
        metavar="D.toml",
        help="The design; the one that comes with daatgal unless said.",
        show_default=False,
    ),
]
KeyFile = Annotated[
    Path | None,
    typer.Option(metavar="K", help="The private key file; not needed for --dry-run.", show_default=False),
]
Out = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="The folder to write into; not needed for --dry-run.", show_default=False
    ),
]
Facilities = Annotated[
    str, typer.Option(metavar="F", help="The facilities table: regions and levels.", show_default=False)
]
Previous = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="The sample of the month before, which committed to this month's secret.",
        show_default=False,
    ),
]
Drawn = Annotated[
    Path, typer.Argument(metavar="DIR", help="The folder of a drawn month.", show_default=False)
]


def sample(
    nights: Nights,
    month: Month,
    design: DesignFile = None,
    key_file: KeyFile = None,
    out: Out = None,
    facilities: Facilities = "",
    previous: Previous = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the design and draw nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Draw a month's targeted sample from its standing ledger; the design is printed first."""
    with reporting(as_json):
        from daatgal.cli.sample_summary import print_design, print_drawn
        from daatgal.errors import InputError
        from daatgal.sampling.closing import FACTS, plan_month, planned_facts
        from daatgal.sampling.design import DEFAULT_DESIGN, load_design
        from daatgal.sampling.nights import nights_on_disk
        from daatgal.sampling.run import run_sample

        chosen = design or DEFAULT_DESIGN
        if dry_run:
            facts = planned_facts(
                plan_month(nights_on_disk(nights), month, load_design(chosen), facilities or None)
            )
            if as_json:
                print_json({"directory": None, "unchanged": True, "sample": facts})
            else:
                print_design(facts)
            return
        if key_file is None or out is None:
            raise InputError("sample: expected --key-file and --out, or --dry-run")
        done = run_sample(
            nights=nights,
            month=month,
            design=chosen,
            key_file=key_file,
            out=out,
            facilities=facilities or None,
            previous=previous,
            planned=None if as_json else print_design,
        )
        if as_json:
            print_json({"directory": str(out), "unchanged": done.unchanged, "manifest": done.manifest})
        else:
            print_drawn(done.manifest["control_totals"][FACTS], out, unchanged=done.unchanged)


def verify_sample(
    directory: Drawn,
    key_file: Annotated[
        Path, typer.Option(metavar="K", help="The key file, or the month's secret.", show_default=False)
    ],
    nights: MaybeNights = None,
    facilities: Facilities = "",
    previous: Previous = None,
    as_json: AsJson = False,
) -> None:
    """Derive a sample again from manifest, secret and case ids, and name every difference."""
    with reporting(as_json):
        from daatgal.sampling.verify_sample import verify_sample as check

        found = check(
            directory,
            key_file=key_file,
            nights=nights or [],
            facilities=facilities or None,
            previous=previous,
        )
        frame = (
            "and its frame is that of the nights" if found.frame_checked else "from the frame in its folder"
        )
        drawn = f"{found.drawn:,} of {found.cases:,} cases"
        whole = f"the sample of {found.month} is as its manifest says: {drawn}, {frame}"
        facts = {name: getattr(found, name) for name in ("month", "cases", "drawn", "frame_checked")}
        say(directory, found, whole, facts, as_json=as_json)


def sample_report(
    directory: Drawn,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The HTML file to write.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """How well a sample represents its month: figures, bands, warnings and plots, as a page or as JSON."""
    with reporting(as_json):
        from daatgal.sampling.report import write_report

        content = write_report(directory, out)
        if as_json:
            print_json(content)
            return
        warnings = content["warnings"]
        for warning in warnings:
            typer.echo(f"warning: {warning}")
        typer.echo(
            f"{out}: {len(content['figures']):,} figures, {len(warnings)} out of their 99 % band "
            f"({content['expected_by_chance']} expected by chance)"
        )
