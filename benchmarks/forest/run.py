"""Our forest scoring against every peer in one process: outputs compared first, then paired runs; writes RESULTS.md.

    python benchmarks/forest/run.py [--rows N] [--pairs K] [--large N]

Each pair times a peer and then us on the same rows; the ratio is the median of the pairs' ratios, so that a machine
that is busy for a while slows both sides. The ratio of processor times is beside it: it holds on a busy machine too,
and says nothing of cores left idle. Absolute rates are of this machine at that hour and claim nothing.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import pyarrow as pa
from peers import ALL, SCIKIT_LEARN, Rows, Scores
from scipy.stats import spearmanr
from sklearn.ensemble import IsolationForest

from daatgal.forest import FeatureColumns, Scorer, from_scikit_learn
from data import MAKERS

RESULTS = Path(__file__).parent / "RESULTS.md"
CORES = len(os.sched_getaffinity(0))
TOLERANCE = 1e-6
REPEATS = 5
"""Our calls in one timing: a single one is over before a busy machine has given both sides their turn."""
WITH_ALL = [("claims-like", 12, 100, 256), ("uniform", 12, 100, 256)]
SHAPES = [
    (kind, features, trees, sample)
    for kind in MAKERS
    for features, trees, sample in (
        (5, 100, 256),
        (24, 100, 256),
        (50, 100, 256),
        (12, 100, 512),
        (12, 100, 1024),
        (12, 300, 256),
    )
]


class Case(NamedTuple):
    """A forest, rows to score, and our side."""

    fitted: IsolationForest
    training: Rows
    rows: Rows
    scorer: Scorer

    def ours(self, rows: Rows) -> Scores:
        """Our scores."""
        return self.scorer.score(FeatureColumns.of(rows))


def case(kind: str, features: int, trees: int, sample: int, rows: int) -> Case:
    training = MAKERS[kind](50_000, features, 1)
    fitted = IsolationForest(n_estimators=trees, max_samples=sample, random_state=1).fit(training)
    return Case(fitted, training, MAKERS[kind](rows, features, 2), Scorer(from_scikit_learn(fitted)))


class Spent(NamedTuple):
    """Seconds of one call: by the clock, and of processor time over all threads."""

    wall: float
    processor: float


def spent(work: Callable[[], object], repeats: int = 1) -> Spent:
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        work()
    return Spent((time.perf_counter() - wall) / repeats, (time.process_time() - processor) / repeats)


def seconds(work: Callable[[], object]) -> float:
    return spent(work).wall


def compare(name: str, made: Case, pairs: int, builders: list) -> list[str]:
    """One line of the table for each peer."""
    lines: list[str] = []
    for build in builders:
        peer = build(made.fitted, made.training, CORES)
        rows = made.rows[: peer.most_rows]
        ours, theirs = made.ours(rows), peer.score(rows)
        if peer.same_forest:
            difference = float(np.abs(ours - theirs).max())
            assert difference <= TOLERANCE, f"{peer.name} differs by {difference}"
            agreement = f"max difference {difference:.0e}"
        else:
            agreement = f"its own forest, rank correlation {spearmanr(ours, theirs).statistic:.2f}"
        times = [
            (
                spent(lambda peer=peer, rows=rows: peer.score(rows)),
                spent(lambda rows=rows: made.ours(rows), REPEATS),
            )
            for _ in range(pairs)
        ]
        by_clock = statistics.median(theirs.wall / ours.wall for theirs, ours in times)
        by_processor = statistics.median(theirs.processor / ours.processor for theirs, ours in times)
        rate = len(rows) / statistics.median(ours.wall for _, ours in times) / 1e6
        lines.append(
            f"| {name} | {peer.name} | **{by_clock:.1f} ×** | {by_processor:.1f} × | {rate:.2f} | {agreement} |"
        )
        print(lines[-1], flush=True)
    return lines


def one_row(made: Case, pairs: int) -> str:
    row = made.rows[:1]
    repeats = 20
    columns = FeatureColumns.of(row)
    theirs = [seconds(lambda: [made.fitted.score_samples(row) for _ in range(3)]) / 3 for _ in range(pairs)]
    ours = [
        seconds(lambda: [made.scorer.score(columns) for _ in range(repeats)]) / repeats for _ in range(pairs)
    ]
    ratio = statistics.median(a / b for a, b in zip(theirs, ours, strict=True))
    ours_ms, theirs_ms = statistics.median(ours) * 1e3, statistics.median(theirs) * 1e3
    return f"One row: {ours_ms:.2f} ms against scikit-learn's {theirs_ms:.1f} ms ({ratio:.0f} ×)."


def memory(made: Case, rows: int) -> str:
    """Peak growth of the process while `rows` rows are scored from Arrow, beyond the scores themselves."""
    features = made.rows.shape[1]
    repeat = -(-rows // len(made.rows))
    chunk = pa.table({f"f{column}": made.rows[:, column] for column in range(features)})
    table = pa.concat_tables([chunk] * repeat).slice(0, rows)
    process = psutil.Process()
    before = highest = process.memory_info().rss
    start = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        scoring = pool.submit(made.scorer.score, FeatureColumns.of(table))
        while not scoring.done():
            highest = max(highest, process.memory_info().rss)
            time.sleep(0.005)
    took = time.perf_counter() - start
    beside = max(highest - before - scoring.result().nbytes, 0) / 2**20
    return f"{rows:,} rows: {rows / took / 1e6:.1f} m rows/s, peak {beside:.0f} MiB beside the scores themselves."


def reasons(made: Case, pairs: int) -> str:
    """Reasons of one row in a hundred against scoring all rows."""
    columns = FeatureColumns.of(made.rows)
    flagged = np.arange(0, len(made.rows), 100)
    made.scorer.differences(columns, flagged[:2])
    ratio = statistics.median(
        seconds(lambda: made.scorer.differences(columns, flagged)) / seconds(lambda: made.ours(made.rows))
        for _ in range(pairs)
    )
    return (
        f"Reasons of 1 % of the rows take {100 * ratio:.0f} % of the time that the scores of all rows take."
    )


def machine() -> str:
    model = next(
        (
            line.split(":")[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.processor(),
    )
    names = ("numba", "numpy", "scikit-learn", "treelite", "tl2cgen", "onnxruntime", "isotree", "coniferest")
    memory_gib, load = psutil.virtual_memory().total // 2**30, os.getloadavg()[0]
    return f"{model}, {CORES} cores, {memory_gib} GiB, load {load:.1f} when measured; " + ", ".join(
        f"{name} {version(name)}" for name in names
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--large", type=int, default=10_000_000)
    options = parser.parse_args()
    lines: list[str] = []
    for kind, features, trees, sample in [*WITH_ALL, *SHAPES]:
        made = case(kind, features, trees, sample, options.rows)
        builders = ALL if (kind, features, trees, sample) in WITH_ALL else SCIKIT_LEARN
        lines += compare(f"{kind}, {features} features, {trees} × {sample}", made, options.pairs, builders)
    made = case("claims-like", 12, 100, 256, options.rows)
    notes = [
        one_row(made, options.pairs),
        memory(made, options.rows),
        memory(made, options.large),
        reasons(made, options.pairs),
    ]
    RESULTS.write_text(
        "# Isolation-forest scoring\n\n"
        f"Written by `benchmarks/forest/run.py`: {options.rows:,} float32 rows, both sides on {CORES} cores, "
        f"medians of {options.pairs} paired runs, outputs compared first.\nMachine: {machine()}.\n\n"
        "| forest | peer | faster by the clock | by processor time | we, m rows/s | outputs |\n"
        "|---|---|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n\n"
        + "\n".join(f"- {note}" for note in notes)
        + "\n",
        encoding="utf-8",
    )
    print("\n".join(notes))


if __name__ == "__main__":
    main()
