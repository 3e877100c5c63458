"""A drawn sample as the sampling step writes it, small and made up, for tests of what comes after the draw."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

CARE_TYPES = ("inpatient", "outpatient", "diagnostics")
REGIONS = ("Улаанбаатар", "Төв", "Хөвсгөл")
CODES = ("ANOMALY_price_ratio", "SUSPECT_DUPLICATE", "VISIT_TOO_SHORT")


def drawn(sizes: Sequence[tuple[str, str, int, int]], seed: int = 1, claims: int = 1) -> pa.Table:
    """One row a drawn case of strata given as (name, source, cases of the frame, cases drawn)."""
    rng = np.random.default_rng(seed)
    rows = []
    for name, source, frame, count in sizes:
        for _ in range(count):
            number = len(rows) + 1
            ids = [f"C{number:06d}"] + [f"C{number:06d}-{part}" for part in range(1, claims)]
            rows.append(
                {
                    "case_id": ids[0],
                    "claim_ids": ids,
                    "stratum": name,
                    "stratum_cases": frame,
                    "stratum_drawn": count,
                    "inclusion_probability": count / frame,
                    "weight": frame / count,
                    "source": source,
                    "amount_mnt": int(rng.lognormal(11.0, 1.0)) + 1_000,
                    "score": float(rng.random()),
                    "percentile": float(rng.random()),
                    "reasons": list(rng.choice(CODES, int(rng.integers(0, 3)), replace=False)),
                    "facility_id": f"F{int(rng.integers(0, 5)):03d}",
                    "care_type": str(rng.choice(CARE_TYPES)),
                    "region": str(rng.choice(REGIONS)),
                    "level": str(rng.integers(1, 4)),
                }
            )
    return pa.Table.from_pylist(rows)


def findings(sample: pa.Table, rate: float, seed: int = 2) -> pa.Table:
    """What auditors found: a share of the cases overpaid by half, a few underpaid."""
    rng = np.random.default_rng(seed)
    wrong = rng.random(sample.num_rows) < rate
    under = ~wrong & (rng.random(sample.num_rows) < 0.05)
    amount = sample["amount_mnt"].to_numpy()
    return pa.table(
        {
            "case_id": sample["case_id"],
            "outcome": [
                "overpaid" if w else "underpaid" if u else "correct"
                for w, u in zip(wrong, under, strict=True)
            ],
            "overpaid_mnt": np.where(wrong, amount // 2, 0),
            "underpaid_mnt": np.where(under, amount // 10, 0),
        }
    )


STRATA = (
    ("certainty", "certainty", 12, 12),
    ("risk high, amount high", "risk", 150, 40),
    ("risk high, amount low", "risk", 300, 40),
    ("the rest", "random", 4000, 80),
)
