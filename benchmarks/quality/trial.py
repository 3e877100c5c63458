"""One night with anomalies, scored by a model that saw none, and by what else a fund could rank its claims by.

In: history and night as contract claims, their registers. Out: `Outcome`, a row for each claim that stands.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sklearn.ensemble import IsolationForest

import daatgal
from daatgal.features import compute
from daatgal.forest import Scorer, shares
from daatgal.judging import load_registers
from daatgal.nights.layers import Remembered
from daatgal.scoring.people import cabinet_days_of, facts_with_their_people
from daatgal.scoring.settings import REASONS_PERCENTILE

F64 = npt.NDArray[np.float64]
OURS, RAW, BILLED, RANDOM = "daatgal", "scikit-learn, raw columns", "billed amount", "random"
METHODS = (OURS, RAW, BILLED, RANDOM)
RAW_COLUMNS = ("billed_mnt", "quantity", "hours", "age", "hour of day", "weekday", "procedures", "diagnoses")
DAY_S, YEAR_DAYS = 86_400, 365.25


class Learned(NamedTuple):
    """What a night is scored with."""

    registers: dict[str, Any]
    insured: pa.Table | None
    history: daatgal.Settlement
    model: daatgal.Model
    raw: IsolationForest
    seed: int


class Outcome(NamedTuple):
    """`n` scored claims."""

    claim_ids: npt.NDArray[np.str_]
    scores: dict[str, F64]
    """by method; higher is stranger"""
    flagged: npt.NDArray[np.bool_]
    """at or over the percentile that gives reasons"""
    first: npt.NDArray[np.str_]
    """the feature that ranks first; "" where none drives the score"""


def learn(claims: pa.Table, registers: dict[str, Any], insured: pa.Table | None, seed: int) -> Learned:
    """Settle the history, train our model and scikit-learn's on the raw columns."""
    history = daatgal.settle(claims, **registers, insured=insured)
    model = daatgal.train([history], **registers, seed=seed)
    raw = IsolationForest(n_estimators=100, max_samples=256, random_state=seed)
    raw.fit(raw_columns(standing(claims, history), insured))
    return Learned(registers, insured, history, model, raw, seed)


def judge(learned: Learned, claims: pa.Table) -> Outcome:
    """Settle and score a night."""
    registers = learned.registers
    night = daatgal.settle(claims, **registers, insured=learned.insured, history=[learned.history])
    rows = standing(claims, night)
    book, places, _ = load_registers(registers["facilities"], registers["tariff"], None)
    facts, at = facts_with_their_people(
        rows.select(["claim_id", "insured_id"]), [Remembered(night)], places, book
    )
    days = cabinet_days_of([learned.history, night])
    found = compute(facts, learned.model.aggregates, days, at, book=book)
    scorer = Scorer(learned.model.forest.forest)
    ours = scorer.score(found.columns)
    share = shares(scorer.differences(found.columns, np.arange(at.size)))
    names = np.array([*found.names, ""])
    first = np.where(share.max(axis=1) > 0.0, share.argmax(axis=1), len(found.names))
    random = np.random.default_rng(learned.seed).random(at.size)
    return Outcome(
        claim_ids=rows["claim_id"].to_numpy(zero_copy_only=False).astype(str),
        scores={
            OURS: ours,
            RAW: -learned.raw.score_samples(raw_columns(rows, learned.insured)),
            BILLED: rows["billed_mnt"].fill_null(0).to_numpy().astype(np.float64),
            RANDOM: random,
        },
        flagged=learned.model.forest.percentile(ours) >= REASONS_PERCENTILE,
        first=names[first],
    )


def standing(claims: pa.Table, settlement: daatgal.Settlement) -> pa.Table:
    """The rows of `claims` that stand after the night."""
    ledger = settlement.ledger
    kept = ledger.filter(pc.not_equal(ledger["decision"].cast(pa.string()), "voided"))["claim_id"]
    return claims.take(pc.index_in(kept.combine_chunks(), value_set=claims["claim_id"].combine_chunks()))


def raw_columns(rows: pa.Table, insured: pa.Table | None) -> F64:
    """RAW_COLUMNS as they are in the claim, birth dates filled from `insured`; what is null is 0."""
    start, end = (_seconds(rows[name]) for name in ("start_at", "end_at"))
    birth = rows["birth_date"].combine_chunks()
    if insured is not None:
        person = pc.index_in(rows["insured_id"].combine_chunks(), value_set=insured["insured_id"])
        birth = pc.coalesce(birth, insured["birth_date"].combine_chunks().take(person))
    born = birth.cast(pa.int32()).fill_null(0).to_numpy().astype(np.float64)
    hours, days = start % DAY_S // 3600, start // DAY_S
    return np.column_stack(
        [
            rows["billed_mnt"].fill_null(0).to_numpy(),
            rows["quantity"].fill_null(1).to_numpy(),
            (end - start) / 3600.0,
            (days - born) / YEAR_DAYS,
            hours,
            (days + 3) % 7,
            _lengths(rows["procedures"]),
            _lengths(rows["icd10_secondary"]),
        ]
    ).astype(np.float64)


def _seconds(column: pa.ChunkedArray) -> npt.NDArray[np.int64]:
    return column.cast(pa.timestamp("s")).cast(pa.int64()).to_numpy()


def _lengths(column: pa.ChunkedArray) -> npt.NDArray[np.int32]:
    return pc.list_value_length(column).fill_null(0).to_numpy()
