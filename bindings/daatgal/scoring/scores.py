"""Judged claims scored: the `scores` and `drift` tables.

In: the facts of claims, the rows to score, a model. Out: `Scored`. Row map: a claim's score, percentile and reasons are
a function of the claim, its person's claims, its cabinet's and facility's day, and the model; rows are scored in
stretches, so what features need does not grow with them. The percentile is that of the training scores and does not
depend on the batch. Scores never write money. Source: audit.md §1–3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from daatgal.decode.arrays import pieces_of
from daatgal.decode.identity import is_integer_column, read_id_column
from daatgal.features import compute
from daatgal.forest import Scorer, shares
from daatgal.scoring.draw import sample_keys, smallest
from daatgal.scoring.drift import drift_row, drift_table, warnings_of
from daatgal.scoring.model import SCORE
from daatgal.scoring.reasons import REASONS, reasons_of

if TYPE_CHECKING:
    from daatgal.features import CabinetDays, Facts, FeatureTable
    from daatgal.scoring.model import Model
    from daatgal.tariff.book import TariffBook
    from daatgal_engine.columns import F64, I64

ROWS_TOGETHER = 1 << 22
DRIFT_CLAIMS = 1 << 16
"""Claims of the batch whose distribution is held against the training claims'."""


class Scored(NamedTuple):
    """What scoring gives."""

    scores: pa.Table
    """one row for each scored claim, in the order of the ledger"""
    drift: pa.Table
    """each feature's and the score's distribution against training"""
    summary: dict[str, Any]
    """for the manifest: the model, how many were scored, what drifted"""


def schema_of(ids: pa.DataType, insured: pa.DataType) -> pa.Schema:
    """The columns of `scores`; ids are of the claims' own types."""
    return pa.schema(
        [
            pa.field("claim_id", ids),
            pa.field("insured_id", insured),
            pa.field("score", pa.float64(), nullable=False),
            pa.field("percentile", pa.float64(), nullable=False),
            pa.field("driver", pa.string()),
            pa.field("reasons", REASONS),
        ]
    )


class ScoringPass:
    """Claims scored stretch by stretch with one model; the result does not depend on the stretches."""

    def __init__(
        self,
        model: Model,
        cabinet_days: CabinetDays,
        book: TariffBook,
        reasons_percentile: int,
        *,
        counted: bool = False,
    ) -> None:
        """`counted`: the model's aggregates count the very claims that are scored."""
        self._model = model
        self._cabinet_days = cabinet_days
        self._book = book
        self._reasons_percentile = reasons_percentile
        self._counted = counted
        self._scorer = Scorer(model.forest.forest)
        self._tables: list[pa.Table] = []
        self._keys = np.empty(0, np.uint64)
        self._drawn = np.empty((len(model.forest.feature_names) + 1, 0))

    def add(self, facts: Facts, rows: I64, claims: pa.Table) -> None:
        """Score these rows of the facts, in this order; `claims` has their claim_id and insured_id.

        Raises InputError naming a value that is no number.
        """
        for begin in range(0, rows.size, ROWS_TOGETHER):
            stretch = slice(begin, begin + ROWS_TOGETHER)
            self._add(facts, rows[stretch], claims.slice(begin, ROWS_TOGETHER))

    def _add(self, facts: Facts, rows: I64, claims: pa.Table) -> None:
        model = self._model
        found = compute(
            facts, model.aggregates, self._cabinet_days, rows, book=self._book, counted=self._counted
        )
        score = self._scorer.score(found.columns)
        percentile = model.forest.percentile(score)
        strange = np.flatnonzero(percentile >= self._reasons_percentile)
        share = shares(self._scorer.differences(found.columns, strange))
        driver, reasons = reasons_of(found, strange, share, model.aggregates)
        place = np.full(rows.size, -1, np.int64)
        place[strange] = np.arange(strange.size)
        take = pa.array(place, mask=place < 0)
        ids = claims.select(["claim_id", "insured_id"])
        columns = [pa.array(score), pa.array(percentile), driver.take(take), reasons.take(take)]
        schema = schema_of(*ids.schema.types)
        self._tables.append(pa.table([*ids.columns, *columns], schema=schema))
        self._draw(ids["claim_id"], found, score)

    def _draw(self, claim_ids: pa.ChunkedArray, found: FeatureTable, score: F64) -> None:
        """Keep the features and scores of the claims that drift is measured on."""
        integers = is_integer_column(claim_ids)
        ids = read_id_column(pieces_of(claim_ids, 0), len(claim_ids), integers=integers).ids
        keys = sample_keys(ids.hash, self._model.seed)
        drawn = smallest(keys, DRIFT_CLAIMS)
        block = np.vstack([found.columns.take(drawn), score[drawn]])
        keys = np.concatenate([self._keys, keys[drawn]])
        kept = smallest(keys, DRIFT_CLAIMS)
        self._keys, self._drawn = keys[kept], np.hstack([self._drawn, block])[:, kept]

    def done(self, ids: pa.Schema) -> Scored:
        """The tables; `ids` has the types of claim_id and insured_id where no claim was scored."""
        schema = schema_of(ids.field("claim_id").type, ids.field("insured_id").type)
        scores = pa.concat_tables([schema.empty_table(), *self._tables])
        model = self._model
        names = (*model.forest.feature_names, SCORE)
        drift = drift_table(
            [
                drift_row(name, model.distributions[name], values)
                for name, values in zip(names, self._drawn, strict=True)
            ]
        )
        summary = {
            "model": model.describe(),
            "model_sha256": model.sha256,
            "warnings": warnings_of(drift),
        }
        return Scored(scores, drift, summary)
