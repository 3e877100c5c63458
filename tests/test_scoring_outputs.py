"""The `scores` table on its way to disk and back: what cannot be a score is refused, and what is there is counted."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from daatgal.errors import OutputError
from daatgal.outputs import open_run, read_manifest, verify
from daatgal.outputs.totals import ScoreTotals, first_impossible
from daatgal.scoring.reasons import REASONS, leading
from daatgal.scoring.scores import schema_of
from tests.output_runs import identity


def _reason(share: float, code: str = "ANOMALY_DAY_OFF") -> dict[str, Any]:
    return {"code": code, "share": share, "text_mn": "…", "text_en": "…"}


def _scores(**changes: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "claim_id": ["A", "B", "C", "D"],
        "insured_id": ["P", "P", "Q", "R"],
        "score": [0.4, 0.5, 0.7, 0.8],
        "percentile": [10.0, 50.0, 95.0, 99.5],
        "driver": [None, None, "day_off", "visit_minutes"],
        "reasons": [
            None,
            [],
            [_reason(0.6), _reason(0.4, "ANOMALY_VISIT_MINUTES")],
            [_reason(1.0, "ANOMALY_VISIT_MINUTES")],
        ],
    }
    return pa.table(columns | changes, schema=schema_of(pa.string(), pa.string()))


def test_scores_are_counted() -> None:
    totals = ScoreTotals()
    for at in range(4):
        totals.add(_scores().slice(at, 1))
    whole = ScoreTotals()
    whole.add(_scores())
    assert totals.as_dict() == whole.as_dict()
    assert whole.as_dict() == {
        "rows": 4,
        "at_or_over_percentile": {"50": 3, "90": 2, "95": 2, "99": 1},
        "with_reasons": 3,
        "drivers": {"day_off": 1, "visit_minutes": 1},
    }


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("score", [0.4, 0.5, float("nan"), 0.8]),
        ("score", [0.4, 0.5, 0.0, 0.8]),
        ("score", [0.4, 0.5, 1.01, 0.8]),
        ("percentile", [10.0, 50.0, -1.0, 99.5]),
        ("percentile", [10.0, 50.0, 100.5, 99.5]),
        ("reasons", [None, [], [_reason(0.7), _reason(0.4)], [_reason(1.0)]]),
        ("reasons", [None, [], [_reason(0.0)], [_reason(1.0)]]),
        ("reasons", [None, [], [_reason(float("nan"))], [_reason(1.0)]]),
    ],
)
def test_what_cannot_be_a_score_is_named(tmp_path: Path, column: str, values: list[Any]) -> None:
    table = _scores(**{column: values})
    assert first_impossible(table) == 2
    assert first_impossible(table.slice(1)) == 1
    assert first_impossible(table.slice(0, 2)) is None
    with open_run(tmp_path / "out", identity()) as run:
        assert run is not None
        with pytest.raises(OutputError, match="scores row 2, claim C: found score"):
            run.write_table("scores", table)


def test_a_run_without_a_ledger_keeps_its_scores(tmp_path: Path) -> None:
    with open_run(tmp_path / "out", identity()) as run:
        assert run is not None
        run.write_table("scores", _scores())
        run.finish(input_rows={"claims": 0}, timings={}, withheld=False)
    assert read_manifest(tmp_path / "out")["control_totals"]["scores"]["with_reasons"] == 3
    assert verify(tmp_path / "out").ok


def test_the_leading_features_are_at_most_five_of_five_per_cent() -> None:
    share = np.array(
        [
            [0.5, 0.3, 0.04, 0.16, 0.0, 0.0, 0.0],
            [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            [0.16, 0.14, 0.14, 0.14, 0.14, 0.14, 0.14],
        ]
    )
    named = leading(share)
    assert named.offset.tolist() == [0, 3, 3, 8]
    assert named.feature.tolist() == [0, 1, 3, 0, 1, 2, 3, 4]
    assert named.claim.tolist() == [0, 0, 0, 2, 2, 2, 2, 2]
    assert named.share.tolist() == [0.5, 0.3, 0.16, 0.16, 0.14, 0.14, 0.14, 0.14]
    thin = np.full((1, 40), 1 / 40)
    assert leading(thin).feature.tolist() == [0], "the leading one is always named"
    assert leading(np.empty((0, 7))).offset.tolist() == [0]
    assert REASONS.value_type.field("share").nullable is False
