"""Nights to draw a sample from, written without settling anything: ledgers, adjustments, scores and facilities.

Plain rows in, results folders out, each naming the one before it.
"""

import copy
import random
import tomllib
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from daatgal.outputs import InputFile, RunIdentity, open_run
from daatgal.sampling.design import DEFAULT_DESIGN, Design, design_of
from daatgal.sampling.keys import MonthSecret

REGIONS = ("Улаанбаатар", "Төв", "Ховд", "Дорнод")
CARE_TYPES = ("inpatient", "outpatient", "diagnostics")
FACILITIES = 12
MONTH = "2026-10"
Row = dict[str, Any]

LEDGER = pa.schema(
    [
        ("claim_id", pa.string()),
        ("insured_id", pa.string()),
        ("facility_id", pa.string()),
        ("care_type", pa.string()),
        ("start_at", pa.timestamp("s")),
        ("end_at", pa.timestamp("s")),
        ("decision", pa.dictionary(pa.int8(), pa.string())),
        ("gross_mnt", pa.int64()),
        ("fund_mnt", pa.int64()),
        ("copay_mnt", pa.int64()),
        ("excess_mnt", pa.int64()),
        ("deducted_mnt", pa.int64()),
        ("reasons", pa.list_(pa.string())),
        ("case_id", pa.string()),
    ]
)
REASON = pa.struct([("code", pa.string()), ("share", pa.float64())])
SCORES = pa.schema(
    [
        ("claim_id", pa.string()),
        ("score", pa.float64()),
        ("percentile", pa.float64()),
        ("driver", pa.string()),
        ("reasons", pa.list_(REASON)),
    ]
)


def claim(claim_id: str, fund_mnt: int = 1000, decision: str = "paid", **changes: Any) -> Row:
    """A ledger row that balances."""
    paid = decision in {"paid", "reduced"}
    row = {
        "claim_id": claim_id,
        "insured_id": f"P{claim_id}",
        "facility_id": "F00",
        "care_type": "outpatient",
        "start_at": datetime(2026, 10, 5, 9),  # noqa: DTZ001
        "end_at": datetime(2026, 10, 5, 10),  # noqa: DTZ001
        "decision": decision,
        "gross_mnt": 0 if decision == "voided" else fund_mnt,
        "fund_mnt": fund_mnt if paid else 0,
        "copay_mnt": 0,
        "excess_mnt": 0,
        "deducted_mnt": 0 if paid or decision == "voided" else fund_mnt,
        "reasons": [] if paid else ["EXACT_DUPLICATE"],
        "case_id": claim_id,
    }
    return row | changes


def score(claim_id: str, percentile: float, *codes: str) -> Row:
    reasons = [{"code": code, "share": 0.5} for code in codes]
    return {
        "claim_id": claim_id,
        "score": 0.3 + percentile / 200,
        "percentile": percentile,
        "driver": codes[0] if codes else None,
        "reasons": reasons,
    }


def write_night(
    folder: Path,
    ledger: list[Row],
    *,
    as_of: str = "2026-10-31",
    adjustments: list[Row] | None = None,
    scores: list[Row] | None = None,
    previous: str | None = None,
    withheld: bool = False,
) -> str:
    """Write a night's folder and return its run hash."""
    identity = RunIdentity(
        (InputFile("claims", folder.name, folder.name.encode().hex().ljust(64, "0")),),
        "demo",
        "b" * 64,
        {"held_share_bp": 500, "as_of": as_of},
        previous_run=previous,
    )
    with open_run(folder, identity) as run:
        assert run is not None
        run.write_table("ledger", pa.Table.from_pylist(ledger, LEDGER))
        run.write_table("adjustments", pa.Table.from_pylist(adjustments or [], LEDGER))
        if scores is not None:
            run.write_table("scores", pa.Table.from_pylist(scores, SCORES))
        manifest = run.finish(
            input_rows={"claims": len(ledger)}, timings={}, withheld=withheld, control_totals={"as_of": as_of}
        )
    return manifest["run_hash"]


def facilities() -> pa.Table:
    rows = range(FACILITIES)
    return pa.table(
        {
            "facility_id": [f"F{i:02d}" for i in rows],
            "level": pa.array([1 + i % 3 for i in rows], pa.int8()),
            "aimag": [REGIONS[i % len(REGIONS)] for i in rows],
            "valid_from": pa.array([date(2020, 1, 1)] * FACILITIES, pa.date32()),
            "valid_to": pa.array([None] * FACILITIES, pa.date32()),
        }
    )


def month_of_claims(count: int, seed: int = 1) -> tuple[list[Row], list[Row]]:
    """A month's ledger rows and scores: heavy tails, a few denied, merged and voided claims."""
    rng = random.Random(seed)
    ledger: list[Row] = []
    scores: list[Row] = []
    for i in range(count):
        decision = rng.choices(("paid", "reduced", "denied", "voided"), (85, 8, 5, 2))[0]
        name = f"C{rng.randrange(10**9):09d}{i}"
        ledger.append(
            claim(
                name,
                int(rng.lognormvariate(11, 1.3)),
                decision,
                facility_id=f"F{rng.randrange(FACILITIES):02d}",
                care_type=rng.choices(CARE_TYPES, (2, 6, 2))[0],
            )
        )
        if rng.random() < 0.1 and i and ledger[i - 1]["decision"] == "paid":
            ledger[i] |= {"case_id": ledger[i - 1]["case_id"]}
        percentile = 100 * rng.random()
        if decision != "voided":
            scores.append(score(name, percentile, "ANOMALY_price"))
    return ledger, scores


def default_design(**changes: Any) -> dict[str, Any]:
    """The design that comes with the product, with keys changed: `size__floor=10` is floor in [size]."""
    content = copy.deepcopy(tomllib.loads(DEFAULT_DESIGN.read_text(encoding="utf-8")))
    for path, value in changes.items():
        *tables, key = path.split("__")
        place = content
        for table in tables:
            place = place[table]
        place[key] = value
    return content


def a_design(**changes: Any) -> Design:
    return design_of(default_design(**changes), "design")


def a_secret(month: str = MONTH, value: bytes = b"s" * 32, following: str | None = None) -> MonthSecret:
    return MonthSecret(month, value, following)
