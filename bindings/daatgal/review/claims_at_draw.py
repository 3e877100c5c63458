"""The ledger as it stood when the sample was drawn, and why claims were scored as they were.

In: the folders of the nights that the frame was made from. Out: their standing claims, with the columns asked for.
Another set of nights than the draw's is refused: what was paid then is what an auditor judges. No kernel lives here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from daatgal.errors import InputError
from daatgal.nights.standing import standing_ledger
from daatgal.outputs import read_manifest
from daatgal.outputs.reading import parts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from daatgal.review.drawn import Drawn
    from daatgal.review.outcomes import Id


class Anomaly(NamedTuple):
    """One reason of a score."""

    code: str
    share: float
    """of what makes the claim strange"""
    text_mn: str
    text_en: str


def nights_of(drawn: Drawn, history: Sequence[Path]) -> list[Path]:
    """The folders of the draw's nights, oldest first; the sample's own folder is the last where it holds a ledger.

    Raises InputError where a folder is missing, or is of a night that the frame was not made from.
    """
    wanted = dict.fromkeys(drawn.nights)
    given = {read_manifest(directory)["run_hash"]: directory for directory in history}
    given.pop(drawn.run_hash, None)
    missing = [night[:12] for night in wanted if night not in given and night != drawn.run_hash]
    strange = [str(given[night]) for night in given if night not in wanted]
    if missing or strange:
        found = f"found no folder of run {', '.join(missing)}" if missing else f"found {', '.join(strange)}"
        raise InputError(
            f"history: {found}; expected the {len(wanted)} nights that {drawn.directory} was drawn from"
        )
    own = bool(parts_of(read_manifest(drawn.directory), "ledger"))
    return [given[night] for night in wanted if night in given] + ([drawn.directory] if own else [])


def standing_claims(nights: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    """Every claim of all nights with its latest outcome; `columns` of the ledger, claim_id among them."""
    if not nights:
        raise InputError(
            "history: found no night, expected the folders that the sample was drawn from (--history)"
        )
    return standing_ledger(nights, columns)


def anomalies_of(nights: Sequence[Path], claim_ids: pa.Array) -> dict[Id, list[Anomaly]]:
    """Why the score finds each claim strange, the leading reason first; of a claim scored twice, the later night's."""
    found: dict[Id, list[Anomaly]] = {}
    for night in nights:
        for part in parts_of(read_manifest(night), "scores"):
            scores = pq.read_table(night / part["path"], columns=["claim_id", "reasons"])
            scores = scores.filter(pc.is_in(scores["claim_id"], value_set=claim_ids))
            for row in scores.to_pylist():
                found[row["claim_id"]] = [
                    Anomaly(reason["code"], reason["share"], reason["text_mn"], reason["text_en"])
                    for reason in row["reasons"] or []
                ]
    return found
