"""`daatgal results`: outcomes into the review store, a look at it, decisions out of it.

In: files that auditors filled in, the review store. Out: what was taken and refused, or a decisions table for the next
night. No kernel lives here.
"""

from pathlib import Path
from typing import Annotated

import typer

from daatgal.cli.extrapolate import Sample
from daatgal.cli.reporting import AsJson, ExitCode, print_json, reporting

app = typer.Typer(help="Auditors' outcomes.", no_args_is_help=True, rich_markup_mode=None)

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The review store.", show_default=False)]


@app.callback()
def results() -> None:
    """Auditors' outcomes."""


@app.command("import")
def take_in(
    store: StoreArgument,
    files: Annotated[
        list[Path], typer.Argument(metavar="FILES", help="xlsx, CSV or Parquet.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Store outcomes: good lines are taken, bad ones named (exit code 1); nothing is ever overwritten."""
    with reporting(as_json):
        import getpass
        from datetime import datetime

        from daatgal.review.bring_back import FUND_ZONE, import_results
        from daatgal.review.store import open_store

        at = datetime.now(FUND_ZONE).replace(microsecond=0)
        with open_store(store) as kept:
            done = [import_results(kept, path, getpass.getuser(), at) for path in files]
        refused = sum(len(one.refused) for one in done)
        if as_json:
            print_json(
                {
                    "files": [
                        one._asdict() | {"refused": [refusal._asdict() for refusal in one.refused]}
                        for one in done
                    ]
                }
            )
        else:
            for one in done:
                for refusal in one.refused:
                    typer.echo(f"daatgal: {refusal}", err=True)
                typer.echo(
                    f"{one.file}: {one.first:,} first outcomes, {one.corrected:,} corrections, "
                    f"{one.unchanged:,} as before, {one.unfilled:,} not filled in, {len(one.refused):,} refused"
                )
        if refused:
            raise typer.Exit(ExitCode.FAILED)


@app.command("list")
def show(store: StoreArgument, as_json: AsJson = False) -> None:
    """What the store holds: every outcome in the order of storing, whose it is and when it came."""
    with reporting(as_json):
        from daatgal.review.bring_back import counts
        from daatgal.review.findings import standing_reviews
        from daatgal.review.store import open_store

        with open_store(store) as kept:
            recorded, facts, cases = kept.outcomes(), kept.facts, len(kept.cases().fund_mnt)
            exports, refused = kept.exports(), len(kept.refusals())
        standing = standing_reviews(record.review for record in recorded)
        if as_json:
            print_json(
                {
                    "facts": facts,
                    "cases": cases,
                    "reviewed": len(standing),
                    "standing": counts(standing),
                    "refused_lines": refused,
                    "exports": exports,
                    "outcomes": [
                        record.review._asdict()
                        | {
                            "reviewed_at": record.review.reviewed_at.isoformat(),
                            "file": record.file,
                            "recorded_at": record.recorded_at.isoformat(),
                            "hints_open": record.hints_open,
                        }
                        for record in recorded
                    ],
                }
            )
            return
        for record in recorded:
            review = record.review
            subject = review.case_id if review.claim_id is None else f"{review.case_id}/{review.claim_id}"
            after = " (after the hints opened)" if record.hints_open else ""
            typer.echo(
                f"{record.recorded_at:%Y-%m-%d %H:%M} {subject} {review.outcome} {review.amount_mnt:,} MNT, "
                f"{review.auditor}, {record.file} line {review.line}{after}"
            )
        said = ", ".join(f"{count:,} {name}" for name, count in counts(standing).items() if count)
        typer.echo(
            f"{facts['month']}: {len(standing):,} of {cases:,} cases reviewed{f': {said}' if said else ''}"
        )


@app.command("decisions")
def decide(
    store: StoreArgument,
    out: Annotated[
        Path, typer.Option(metavar="FILE", help="The Parquet file for the next night.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Confirmed overpayments as the decisions of the next night: `daatgal run … --decisions FILE`."""
    with reporting(as_json):
        import pyarrow as pa
        import pyarrow.parquet as pq

        from daatgal.review.decisions import decisions_table
        from daatgal.review.new_files import put
        from daatgal.review.store import open_store

        with open_store(store) as kept:
            table = decisions_table(kept.outcomes(), kept.cases(), kept.copayments())
        sink = pa.BufferOutputStream()
        pq.write_table(table, sink)
        put(out, sink.getvalue().to_pybytes())
        withdrawn = sum(table["withdrawn"].to_pylist())
        said = {"file": str(out), "decisions": table.num_rows - withdrawn, "withdrawn": withdrawn}
        if as_json:
            print_json(said)
        else:
            typer.echo(f"{said['decisions']:,} decisions, {withdrawn:,} withdrawn: {out}")


@app.command("learning")
def learning(
    store: StoreArgument,
    sample: Sample,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for the report.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """What the outcomes say of the score: what each cut of the percentile would find in the month."""
    with reporting(as_json):
        import json

        from daatgal.errors import InputError
        from daatgal.outputs import read_manifest
        from daatgal.review.bring_back import findings_in_store
        from daatgal.review.drawn import read_drawn, read_parts
        from daatgal.review.learning import learn
        from daatgal.review.learning_page import learning_page
        from daatgal.review.new_files import make_private, put
        from daatgal.review.store import open_store

        drawn = read_drawn(sample)
        with open_store(store) as kept:
            if kept.facts["sample_run_hash"] != drawn.run_hash:
                raise InputError(f"{store}: is the store of another sample; expected that of {sample}")
            found = findings_in_store(kept).table
        frame = read_parts(sample, read_manifest(sample), "frame")
        content = {"month": drawn.month} | learn(drawn.sample, found, frame)
        make_private(out)
        put(out / "learning.json", (json.dumps(content, indent=2, allow_nan=False) + "\n").encode())
        put(out / "learning.html", learning_page(content).encode())
        if as_json:
            print_json(content)
        else:
            typer.echo(
                f"{content['labelled']:,} labelled cases, {content['bad']:,} overpaid: {out}/learning.html"
            )
