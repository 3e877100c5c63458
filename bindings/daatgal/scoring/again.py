"""Models from earlier runs, and their claims scored again: the front door.

In: settlements in memory or results folders, and the registers they were settled with. Out: `Model`, `Scored`. Nothing
is written. No kernel lives here.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from daatgal.judging import load_registers
from daatgal.nights.layers import Layer, OnDisk, Remembered
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import read_listed
from daatgal.scoring.model import Model, load_model
from daatgal.scoring.people import cabinet_days_of, facts_with_their_people
from daatgal.scoring.scores import ROWS_TOGETHER, ScoringPass
from daatgal.scoring.settings import REASONS_PERCENTILE, SAMPLE_CLAIMS, Training
from daatgal.scoring.training import train_on
from daatgal.stages import Stages, silent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from daatgal.pipeline import Settlement
    from daatgal.scoring.scores import Scored
    from daatgal.sources import Source
    from daatgal.tariff.book import TariffBook


def train(
    history: Sequence[Settlement | Path | str],
    *,
    facilities: Source,
    tariff: TariffBook | str | Path,
    seed: int = 0,
    sample_claims: int = SAMPLE_CLAIMS,
    progress: Callable[[str], None] = silent,
) -> Model:
    """Train a model on the claims that stand after the nights of `history`, the newest last.

    The other tables are those that the nights were settled with; `seed` decides which `sample_claims` claims are drawn
    and how trees split. Raises InputError, TariffError.
    """
    book, places, _ = load_registers(facilities, tariff, None)
    with Stages(progress)("training"):
        return train_on(history, places, book, Training(seed, sample_claims))


def score(
    results: Settlement | Path | str,
    *,
    model: Model | Path | str,
    facilities: Source,
    tariff: TariffBook | str | Path,
    history: Sequence[Settlement | Path | str] = (),
    reasons_percentile: int = REASONS_PERCENTILE,
    progress: Callable[[str], None] = silent,
) -> Scored:
    """Score the claims of a settled night: its ledger's claims that are not voided, in the ledger's order.

    `history` are the nights before it, and the other tables those that it was settled with. Raises InputError,
    TariffError, ModelError.
    """
    book, places, _ = load_registers(facilities, tariff, None)
    known = model if isinstance(model, Model) else load_model(Path(model))
    with Stages(progress)("scoring"):
        ledger, layer = _opened(results)
        standing = ledger.filter(pc.not_equal(ledger["decision"].cast(pa.string()), pa.scalar("voided")))
        run = ScoringPass(known, cabinet_days_of([*history, results]), book, reasons_percentile)
        for begin in range(0, standing.num_rows, ROWS_TOGETHER):
            claims = standing.slice(begin, ROWS_TOGETHER).select(["claim_id", "insured_id"])
            run.add(*facts_with_their_people(claims, [layer], places, book), claims)
        return run.done(ledger.schema)


def _opened(results: Settlement | Path | str) -> tuple[pa.Table, Layer]:
    """The ids and decisions of a night's ledger, and what the night knows of its people."""
    from daatgal.pipeline import Settlement

    columns = ["claim_id", "insured_id", "decision"]
    if isinstance(results, Settlement):
        return results.ledger.select(columns), Remembered(results, alone=True)
    directory = Path(results)
    manifest = read_manifest(directory)
    return read_listed(directory, manifest, "ledger", columns), OnDisk(directory, manifest, alone=True)
