"""Four implementations of one text on the same claims: engine, oracle, PostgreSQL, DuckDB. Rows differing must be 0.

``python -m benchmarks.four_way --rows 1000000 --seed 1`` judges adversarial claims, with ``--claims FILE …`` the claims
of files (facilities beside each, or ``--facilities``). It prints, for every column of the ledger, how many rows differ
from the engine's, and for a difference the smallest set of claims that shows it; the exit code is 1 if there is any.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.equality.batch import BATCH_ROWS, Batch, awkward_batches, batch_of_files
from benchmarks.equality.compare import differing, same_quarantine
from benchmarks.equality.shrink import shrink
from benchmarks.equality.sides import DUCKDB, ENGINE, ORACLE, POSTGRES, Judged, Side, sides
from benchmarks.sql.inputs import LEDGER
from benchmarks.sql.postgres_ledger import Settings

BOOK = Path(__file__).parents[1] / "data_samples" / "tariffs" / "mn-demo"
PEERS = (ORACLE, POSTGRES, DUCKDB)


@dataclass
class Tally:
    """What has been compared so far."""

    batches: int = 0
    ledger_rows: int = 0
    quarantined: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    """by peer: rows that differ in any column"""
    columns: Counter[tuple[str, str]] = field(default_factory=Counter)
    """by column and peer: rows that differ"""
    quarantines: Counter[str] = field(default_factory=Counter)
    """by peer: batches of which the quarantine differs"""
    seconds: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """Rows that differ, and quarantines."""
        return self.rows.total() + self.quarantines.total()


def compare(batches: Iterable[Batch], by: dict[str, Side], tally: Tally) -> None:
    """Judge each batch by every side and add up what differs from the engine."""
    for batch in batches:
        judged: dict[str, Judged] = {}
        for name, side in by.items():
            started = time.perf_counter()
            judged[name] = side(batch)
            tally.seconds[name] += time.perf_counter() - started
        ours = judged.pop(ENGINE)
        tally.batches += 1
        tally.ledger_rows += ours.ledger.num_rows
        tally.quarantined += len(ours.quarantine or ())
        for name, theirs in judged.items():
            _add(tally, batch, by, (name, ours, theirs))
        print(
            f"{batch.name}: {ours.ledger.num_rows:,} rows, so far {tally.differences:,} differing",
            file=sys.stderr,
            flush=True,
        )


def _add(tally: Tally, batch: Batch, by: dict[str, Side], pair: tuple[str, Judged, Judged]) -> None:
    peer, ours, theirs = pair
    marks = differing(ours, theirs)
    rows = sum(marks.values())
    tally.columns.update({(column, peer): int(one.sum()) for column, one in marks.items()})
    differ = int((rows > 0).sum())
    tally.rows[peer] += differ
    quarantines_differ = not same_quarantine(ours, theirs)
    tally.quarantines[peer] += quarantines_differ
    if not differ and not quarantines_differ:
        return
    if differ and len(rows) == ours.ledger.num_rows:
        claim_id = ours.ledger["claim_id"][int(rows.argmax())].as_py()
    else:
        found = set(ours.quarantine or ()) ^ set(theirs.quarantine or ())
        claim_id = batch.claims["claim_id"][min(found)[0]].as_py() if found else None
    tally.examples.append(_example(shrink(batch, by[ENGINE], by[peer], claim_id), by, peer))


def _example(batch: Batch, by: dict[str, Side], peer: str) -> str:
    """The smallest set of claims, and what both sides make of it."""
    lines = [
        f"{ENGINE} and {peer} differ on {batch.claims.num_rows} claims of {batch.name} (book {batch.book.name}):"
    ]
    lines += [
        f"  { ({name: v for name, v in row.items() if v is not None}) }" for row in batch.claims.to_pylist()
    ]
    for name in (ENGINE, peer):
        judged = by[name](batch)
        lines.append(f"  {name}: quarantine {judged.quarantine}")
        lines += [f"    {row}" for row in judged.ledger.to_pylist()]
    return "\n".join(lines)


def report(tally: Tally) -> Iterator[str]:
    """The table, and what the smallest sets of claims are."""
    yield (
        f"{tally.ledger_rows + tally.quarantined:,} claims in {tally.batches} batches: "
        f"{tally.ledger_rows:,} rows of the ledger compared, {tally.quarantined:,} in quarantine"
    )
    yield f"{'rows differing from the engine':<32}" + "".join(f"{peer:>12}" for peer in PEERS)
    for column in LEDGER:
        yield f"{column:<32}" + "".join(f"{tally.columns[column, peer]:>12,}" for peer in PEERS)
    yield f"{'any column':<32}" + "".join(f"{tally.rows[peer]:>12,}" for peer in PEERS)
    yield f"{'quarantines (of batches)':<32}{tally.quarantines[ORACLE]:>12,}{'-':>12}{'-':>12}"
    yield "seconds: " + ", ".join(f"{name} {seconds:.1f}" for name, seconds in tally.seconds.items())
    yield from tally.examples


def main() -> int:
    """Compare what the command line names; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.four_way", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--rows", type=int, default=20_000, help="adversarial claims in all (default 20,000)")
    parser.add_argument("--seed", type=int, default=1, help="of the first batch")
    parser.add_argument("--batch-rows", type=int, default=BATCH_ROWS, help="claims judged together")
    parser.add_argument(
        "--claims", type=Path, nargs="+", default=[], help="claim files, instead of drawn claims"
    )
    parser.add_argument("--facilities", type=Path, help="of all claim files; else the one beside each")
    parser.add_argument("--insured", type=Path)
    parser.add_argument("--tariff", type=Path, default=BOOK, help="of the claim files (default mn-demo)")
    asked = parser.parse_args()
    tally = Tally()
    with (
        tempfile.TemporaryDirectory() as folder,
        sides(Settings(shared_buffers="1GB", work_mem="128MB")) as by,
    ):
        if asked.claims:
            files = (
                batch_of_files(path, asked.facilities, asked.insured, asked.tariff) for path in asked.claims
            )
            compare(files, by, tally)
        else:
            compare(awkward_batches(asked.rows, asked.seed, Path(folder), asked.batch_rows), by, tally)
    print("\n".join(report(tally)))
    return 1 if tally.differences else 0


if __name__ == "__main__":
    sys.exit(main())
