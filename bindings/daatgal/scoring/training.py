"""A model from claims: one pass over the history, a sample of its claims, a forest fitted to them.

In: earlier runs, or, for a first run without history, that run itself. Out: `Model`. The aggregates and the
sample come from one streaming pass over the standing claims; then the people of the sampled claims are recalled and
their features computed. Rows are sorted by claim id before the fit, which is scikit-learn's and seeded: the
model is the same for any order, chunks or nights of the same claims. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from daatgal.decode.arrays import pieces_of
from daatgal.decode.identity import is_integer_column, read_id_column
from daatgal.errors import InputError
from daatgal.features import FEATURES, Aggregates, collect, compute, standing_state
from daatgal.forest import Scorer, TrainingWindow, describe, from_scikit_learn
from daatgal.nights.layers import layers_of
from daatgal.scoring.draw import sample_keys, smallest
from daatgal.scoring.drift import distribution_of
from daatgal.scoring.model import SCORE, Model, named
from daatgal.scoring.people import cabinet_days_of, facts_with_their_people
from daatgal.scoring.rungs import drawn, hold, statements

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from daatgal.facilities import Facilities
    from daatgal.features import FeatureTable
    from daatgal.pipeline import Settlement
    from daatgal.scoring.settings import Training
    from daatgal.tariff.book import TariffBook

TREES = 100
TREE_CLAIMS = 1024
LEAST_CLAIMS = 2
"""One claim alone is neither usual nor strange."""


class NothingToLearnFromError(InputError):
    """Fewer than LEAST_CLAIMS claims stand."""


class _Sample:
    """The standing claims that pass by: how many, from when to when, and those whose keys are smallest."""

    def __init__(self, training: Training) -> None:
        self._training = training
        self.claims = 0
        self._days: list[dt.date] = []
        self._keys = np.empty(0, np.uint64)
        self._rows: pa.Table | None = None

    def watch(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Pass every table on, having looked at it."""
        for table in tables:
            self._add(table)
            yield table

    def _add(self, table: pa.Table) -> None:
        stands = pc.not_equal(table["outcome_decision"].cast(pa.string()), pa.scalar("voided"))
        rows = table.select(["claim_id", "insured_id", "end_at"]).filter(stands)
        self.claims += rows.num_rows
        if not rows.num_rows:
            return
        ends = pc.min_max(rows["end_at"]).as_py()
        self._days += [ends["min"].date(), ends["max"].date()]
        column = rows["claim_id"]
        ids = read_id_column(pieces_of(column, 0), len(column), integers=is_integer_column(column)).ids
        keys = np.concatenate([self._keys, sample_keys(ids.hash, self._training.seed)])
        rows = rows if self._rows is None else pa.concat_tables([self._rows, rows])
        kept = smallest(keys, self._training.sample_claims)
        self._keys, self._rows = keys[kept], rows.take(pa.array(kept)).combine_chunks()

    def people(self) -> pa.Table:
        """claim_id and insured_id of the sampled claims, by claim_id."""
        assert self._rows is not None, "claims stand, so some are in the sample"
        return self._rows.select(["claim_id", "insured_id"]).sort_by("claim_id")

    def window(self, *, on_itself: bool) -> TrainingWindow:
        """From the first to the last day on which one of the claims ended."""
        first, last = min(self._days), max(self._days)
        return TrainingWindow(first.isoformat(), last.isoformat(), self.claims, on_itself)

    def check(self) -> None:
        """Raise NothingToLearnFromError where there are too few claims."""
        if self.claims < LEAST_CLAIMS:
            raise NothingToLearnFromError(
                f"training: found {self.claims} claims that stand, expected at least {LEAST_CLAIMS}: "
                "one claim alone is neither usual nor strange"
            )


def train_on(
    history: Sequence[Settlement | Path | str],
    facilities: Facilities,
    book: TariffBook,
    training: Training,
    *,
    on_itself: bool = False,
) -> Model:
    """A model of the claims that stand after the nights of `history`, oldest first.

    `on_itself`: the history is the very batch that is to be scored, and the model says so. Raises
    NothingToLearnFromError, and InputError where the folders are no chain.
    """
    sample = _Sample(training)
    aggregates = collect(sample.watch(standing_state(history)), facilities)
    sample.check()
    sampled = sample.people()
    facts, rows = facts_with_their_people(sampled, layers_of(history), facilities, book)
    found = compute(facts, aggregates, cabinet_days_of(history), rows, book=book, counted=True)
    window = sample.window(on_itself=on_itself)
    return fit(found, aggregates, window, training)


def train_for(
    settlement: Settlement,
    history: Sequence[Settlement | Path | str],
    facilities: Facilities,
    book: TariffBook,
    training: Training,
) -> Model:
    """The model of a night that was given none: of its history or, where that has no claims, of the night itself."""
    try:
        return train_on(history, facilities, book, training)
    except NothingToLearnFromError:
        return train_on([settlement], facilities, book, training, on_itself=True)


def fit(found: FeatureTable, aggregates: Aggregates, window: TrainingWindow, training: Training) -> Model:
    """Fit scikit-learn's forest to what is rare in the sampled claims, which are in the order of their ids."""
    import sklearn
    from sklearn.ensemble import IsolationForest

    rows = np.arange(found.columns.rows)
    block = found.columns.take(rows)
    _refuse_not_finite(found, block)
    said = statements(block, FEATURES)
    splits = said.splits()
    claims = drawn(said.heights(block), training.seed)
    unfitted = IsolationForest(n_estimators=TREES, random_state=training.seed)
    unfitted.set_params(max_samples=min(TREE_CLAIMS, claims.size))
    fitted = unfitted.fit(hold(splits, block[:, claims]))
    forest = from_scikit_learn(fitted, splits)
    scores = Scorer(forest).score(found.columns)
    distributions = {
        name: distribution_of(column) for name, column in zip(found.names, block, strict=True)
    } | {SCORE: distribution_of(scores)}
    model = Model(
        describe(forest, found.names, found.versions, window, scores),
        aggregates,
        distributions,
        training.seed,
        {"scikit-learn": sklearn.__version__},
    )
    return named(model)


def _refuse_not_finite(found: FeatureTable, block: npt.NDArray[np.float32]) -> None:
    wrong = np.argwhere(~np.isfinite(block))
    if wrong.size:
        column, row = (int(place) for place in wrong[0])
        raise InputError(
            f"training: feature {found.names[column]!r} of sampled claim {row} is "
            f"{found.columns.value(column, row)}, expected a finite number within float32"
        )
