"""Labelled public data: our estimator's area under the ROC curve beside scikit-learn's, seed by seed.

In: the folder of `adbench`. Out: `Auc`s.
"""

import csv
import statistics
from pathlib import Path
from typing import NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from daatgal.forest.estimator import IsolationForest


class Auc(NamedTuple):
    """One data set."""

    name: str
    rows: int
    columns: int
    seeds: int
    ours: float
    """mean over the seeds"""
    reference: float
    lowest: float
    highest: float

    @property
    def within(self) -> bool:
        """Whether our mean is no farther from the reference than its seeds are from one another."""
        return abs(self.ours - self.reference) <= self.highest - self.lowest


def labelled(folder: Path) -> list[Auc]:
    """Fitted and scored on the whole set, as the reference was; sets that are not in the folder are left out."""
    with (folder / "iforest_sklearn_reference.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if (folder / f"{row['dataset']}.npz").exists()]
    return [_measured(folder / f"{row['dataset']}.npz", row) for row in rows]


def _measured(path: Path, row: dict[str, str]) -> Auc:
    with np.load(path, allow_pickle=False) as data:
        values, labels = data["X"], data["y"]
    seeds = int(row["seeds"])
    found = [
        roc_auc_score(labels, -IsolationForest(random_state=seed).fit(values).score_samples(values))
        for seed in range(seeds)
    ]
    own = (float(row[name]) for name in ("auc_mean", "auc_min", "auc_max"))
    return Auc(path.stem, *values.shape, seeds, statistics.fmean(found), *own)
