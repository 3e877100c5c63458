"""Features against scoring: rows a second of both on the same generated claims, paired, in one process.

In: a number of claims. Out: printed medians. Features are computed from a settled night and the aggregates of a month
before it; the forest (100 trees × 256) scores the same columns. What the machine does meanwhile slows both.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal import settle
from daatgal.decode import decode
from daatgal.facilities import load_facilities
from daatgal.features import (
    FEATURES,
    CabinetDays,
    FeatureTable,
    JudgedNight,
    collect,
    compute,
    standing_state,
)
from daatgal.forest import Scorer, from_scikit_learn
from daatgal.generate import generate
from daatgal.insured import load_insured
from daatgal.settlement import settle_claims
from daatgal.tariff import load_tariff

if TYPE_CHECKING:
    from collections.abc import Callable

BOOK = Path(__file__).parents[1] / "data_samples" / "tariffs" / "mn-demo"
SAMPLE_ROWS = 50_000


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall, and of processors."""
    started, used = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - used


def scorer_of(table: FeatureTable) -> Scorer:
    from sklearn.ensemble import IsolationForest

    sample = np.random.default_rng(1).integers(0, table.rows.size, SAMPLE_ROWS)
    forest = IsolationForest(n_estimators=100, max_samples=256, random_state=1)
    return Scorer(from_scikit_learn(forest.fit(table.columns.take(sample).T)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("claims", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=5)
    options = parser.parse_args()
    book = load_tariff(BOOK)
    batch = generate(options.claims, seed=1, book=book, months=2)
    month = pc.strftime(batch.claims["start_at"], "%Y-%m")
    first = pc.fill_null(pc.equal(month, pc.min(month)), fill_value=True)
    facilities = load_facilities(batch.facilities, book)
    registers = {"facilities": batch.facilities, "tariff": book, "insured": batch.insured}
    history = settle(batch.claims.filter(first), **registers)
    seconds, _ = timed(lambda: collect(standing_state([history]), facilities))
    aggregates = collect(standing_state([history]), facilities)
    print(f"collecting: {history.state.num_rows / seconds / 1e6:.2f} m claims/s")
    decoded = decode(batch.claims, book=book, facilities=facilities, insured=load_insured(batch.insured))
    night = JudgedNight(decoded, settle_claims(decoded, facilities, book), facilities, book)
    table = compute(night, aggregates, CabinetDays())
    scorer = scorer_of(table)
    scorer.score(table.columns)
    rows, found = table.rows.size, []
    for _ in range(options.pairs):
        # A fresh night each time: it keeps what it has read of itself.
        feature_s, feature_cpu_s = timed(lambda: compute(replace(night), aggregates, CabinetDays()))
        score_s, score_cpu_s = timed(lambda: scorer.score(table.columns))
        found.append((feature_s, score_s, feature_cpu_s, score_cpu_s))
    feature_s, score_s, feature_cpu_s, score_cpu_s = (median(column) for column in zip(*found, strict=True))
    print(
        f"{rows} claims, {len(FEATURES)} features, {pa.cpu_count()} cores, medians of {options.pairs} pairs"
    )
    print(
        f"features: {rows / feature_s / 1e6:.2f} m claims/s, {feature_cpu_s / rows * 1e9:.0f} ns of a core a claim"
    )
    print(
        f"scoring:  {rows / score_s / 1e6:.2f} m claims/s, {score_cpu_s / rows * 1e9:.0f} ns of a core a claim"
    )
    ratio = median(score / feature for feature, score, _, _ in found)
    print(f"features are computed at {ratio:.2f} × the scoring rate")


if __name__ == "__main__":
    main()
