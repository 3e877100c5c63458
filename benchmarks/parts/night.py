"""The whole night, Parquet in to Parquet out, against bare reading and writing and against DuckDB's night."""

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.data import Data, with_accepted
from benchmarks.pairs import ratio
from benchmarks.programs import Measured, daatgal, python
from benchmarks.results import GIB, Part, Target, average, memory, shown
from benchmarks.settings import Settings

MOST_BYTES = 4 * GIB


def measure(settings: Settings) -> Part:
    data = with_accepted(settings.cache, settings.rows)
    with tempfile.TemporaryDirectory(prefix="night-", dir=settings.cache) as folder:
        ours, bare, theirs = [], [], []
        for number in range(settings.pairs):
            out = Path(folder) / f"night-{number}"
            ours.append(night(data, out))
            bare.append(_seconds_said(python("benchmarks.bare", "files", data.folder, out)))
            theirs.append(python("benchmarks.bare", "duckdb", data.folder, Path(folder) / "duckdb.parquet"))
            if number + 1 < settings.pairs:
                shutil.rmtree(out)
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    seconds = [one.seconds for one in ours]
    over_bare = 1 / ratio([one["all"] for one in bare], seconds)
    against_sql = ratio([one.seconds for one in theirs], seconds)
    peak = max(one.peak_bytes for one in ours)
    told = {name: took for name, took in manifest["timings"].items() if isinstance(took, float)}
    stages = ", ".join(f"{name} {shown(took)} s" for name, took in told.items())
    moved = ", ".join(f"{name} {shown(average([one[name] for one in bare]))} s" for name in bare[0])
    sizes = [f"{settings.rows:,}"]
    return Part(
        title="The whole night, Parquet in to Parquet out",
        head=["rows", "what", "s", "cpu s", "peak memory", "against the night"],
        table=[
            [*sizes, "`daatgal run`", *_row(ours), "1"],
            [
                *(*sizes, "pyarrow: the same columns read and written"),
                *(shown(average([one["all"] for one in bare])), "", ""),
                f"the night takes {over_bare:.2f} × as long",
            ],
            [*sizes, "DuckDB: accepted claims to ledger", *_row(theirs), f"takes {against_sql:.1f} × as long"],
        ],
        targets=[
            Target("the night against DuckDB SQL", "≥ 8 ×", f"{against_sql:.1f} × (neither scores)", against_sql >= 8),
            Target("the night against bare reading and writing", "≤ 1.6 ×", f"{over_bare:.2f} ×", over_bare <= 1.6),
            Target(f"peak memory of a night of {settings.rows:,}", "≤ 4 GiB", memory(peak), peak <= MOST_BYTES),
        ],
        notes=[
            f"Stages of the last night by its manifest: {stages}. The rest is start, hashing of inputs and closing.",
            f"Bare: {moved}; the night's own tables, its compression and row groups, hashed and flushed by nobody.",
            ("DuckDB starts from accepted claims, writes a ledger and no quarantine, summary, state, ids or manifest; "
            "its outputs are compared in the part before."),
        ],
    )  # fmt: skip


def night(data: Data, out: Path) -> Measured:
    """One night of all claims of a batch."""
    return daatgal(*data.night(out))


def _seconds_said(finished: Measured) -> dict[str, float]:
    return json.loads(finished.output.splitlines()[-1])


def _row(runs: list[Measured]) -> list[str]:
    return [
        shown(average([one.seconds for one in runs])),
        shown(average([one.cpu_seconds for one in runs])),
        memory(max(one.peak_bytes for one in runs)),
    ]
