"""Generated claims for the tests of scoring: settled once, trained on once, shared by the modules."""

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import daatgal
from daatgal.generate import generate
from tests.scale import scaled

BOOK = Path(__file__).parents[1] / "data_samples" / "tariffs" / "mn-demo"
SEED = 3


@cache
def batch() -> Any:
    """Originals only: what a later message does to an earlier claim is the nights' business, and tested there."""
    made = generate(scaled(1000, at_least=150), seed=11, book=BOOK, months=2)
    original = pc.equal(pc.fill_null(made.claims["message"], "original"), "original")
    return made._replace(claims=made.claims.filter(original))


def registers() -> dict[str, Any]:
    """What claims are settled with."""
    return {"facilities": batch().facilities, "tariff": daatgal.load_tariff(BOOK)}


def settled(claims: pa.Table, history: list[daatgal.Settlement] | None = None) -> daatgal.Settlement:
    """A settlement of some of the claims, after earlier ones."""
    return daatgal.settle(claims, insured=batch().insured, **registers(), history=history or [])


@cache
def whole() -> daatgal.Settlement:
    """All claims in one night."""
    return settled(batch().claims)


@cache
def model() -> daatgal.Model:
    """Trained on all of them."""
    return daatgal.train([whole()], **registers(), seed=SEED)


def scored(
    night: daatgal.Settlement, history: list[daatgal.Settlement] | None = None, percentile: int = 99
) -> daatgal.Scored:
    """A night's scores by that model."""
    return daatgal.score(
        night, model=model(), **registers(), history=history or [], reasons_percentile=percentile
    )


def shuffled(table: pa.Table, seed: int, chunks: int) -> pa.Table:
    """The same rows in another order, in chunks."""
    order = np.random.default_rng(seed).permutation(table.num_rows)
    cuts = np.array_split(order, chunks)
    return pa.concat_tables([table.take(pa.array(cut)) for cut in cuts])


def by_claim(table: pa.Table) -> dict[str, dict[str, Any]]:
    """Rows by claim_id."""
    return {row["claim_id"]: row for row in table.to_pylist()}
