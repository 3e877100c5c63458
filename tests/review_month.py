"""A closed month on disk, small and made by hand: a night with a ledger, and a sample drawn from it. No kernel runs."""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from daatgal.outputs import InputFile, RunIdentity, open_run, read_manifest
from tests.review_sample import STRATA, drawn

AT = datetime(2026, 11, 3, 9, 0)  # noqa: DTZ001 - local time
DECISIONS = ("paid", "reduced", "merged", "denied", "voided")


def ledger_of(sample: pa.Table) -> pa.Table:
    """Claims of the drawn cases; of several claims of a case each has its part, the last the rest."""
    rows = []
    for number, row in enumerate(sample.to_pylist()):
        ids, left = row["claim_ids"], row["amount_mnt"]
        for place, claim in enumerate(ids):
            fund = left if place == len(ids) - 1 else left // 2
            left -= fund
            start = AT + timedelta(days=number % 28 - 40, hours=place)
            rows.append(
                {
                    "claim_id": claim,
                    "insured_id": f"P{number:05d}",
                    "facility_id": row["facility_id"],
                    "care_type": row["care_type"],
                    "start_at": start,
                    "end_at": start + timedelta(days=2),
                    "decision": "paid",
                    "drg_code": "14221" if row["care_type"] == "inpatient" else None,
                    "gross_mnt": fund + 1_000,
                    "fund_mnt": fund,
                    "copay_mnt": 1_000,
                    "excess_mnt": 0,
                    "deducted_mnt": 0,
                    "reasons": [code for code in row["reasons"] if not code.startswith("ANOMALY")],
                    "related_claim_id": ids[0] if place else None,
                    "case_id": row["case_id"],
                }
            )
    ids = sample.schema.field("case_id").type
    kinds = {"claim_id": ids, "related_claim_id": ids, "case_id": ids, "insured_id": pa.string()}
    table = pa.Table.from_pylist(rows)
    for name in ("start_at", "end_at"):
        table = table.set_column(
            table.schema.get_field_index(name), name, table[name].cast(pa.timestamp("s"))
        )
    for name, kind in kinds.items():
        table = table.set_column(table.schema.get_field_index(name), name, table[name].cast(kind))
    decision = table["decision"].combine_chunks()
    codes = pa.DictionaryArray.from_arrays(
        pa.array([DECISIONS.index(value.as_py()) for value in decision], pa.int8()), pa.array(DECISIONS)
    )
    return table.set_column(table.schema.get_field_index("decision"), "decision", codes)


def scores_of(sample: pa.Table) -> pa.Table:
    """A score of the first claim of each case, with a sentence for each anomaly among its reasons."""
    rows = [
        {
            "claim_id": row["claim_ids"][0],
            "score": row["score"],
            "percentile": 100 * row["percentile"],
            "driver": next((code for code in row["reasons"] if code.startswith("ANOMALY")), None),
            "reasons": [
                {"code": code, "share": 0.75, "text_mn": f"{code} гэж", "text_en": f"{code} it is"}
                for code in row["reasons"]
                if code.startswith("ANOMALY")
            ],
        }
        for row in sample.to_pylist()
    ]
    table = pa.Table.from_pylist(rows)
    return table.set_column(0, "claim_id", table["claim_id"].cast(sample.schema.field("case_id").type))


def write_run(out: Path, tables: dict[str, pa.Table], totals: dict[str, object], name: str) -> Path:
    """A results folder with these tables."""
    identity = RunIdentity((InputFile("claims", "claims.parquet", name.ljust(64, "0")),), "book", "0" * 64)
    with open_run(out, identity) as run:
        for table, rows in tables.items():
            run.write_table(table, rows)
        claims = tables["ledger"].num_rows if "ledger" in tables else 0
        run.finish(input_rows={"claims": claims}, timings={}, withheld=False, control_totals=totals)
    return out


def facts_of(sample: pa.Table, nights: list[str | None]) -> dict[str, object]:
    """What the manifest of a draw says, as far as a review reads it."""
    strata = {
        row["stratum"]: {
            "name": row["stratum"],
            "source": row["source"],
            "cases": row["stratum_cases"],
            "drawn": row["stratum_drawn"],
        }
        for row in sample.to_pylist()
    }
    amount = int(np.sum(sample["amount_mnt"].to_numpy() * sample["weight"].to_numpy()))
    return {
        "month": "2026-10",
        "amount_mnt": amount,
        "strata": list(strata.values()),
        "nights": nights,
        "design": {"draw": {"method": "simple"}},
    }


class Month:
    """A night and its sample on disk."""

    def __init__(self, folder: Path, sample: pa.Table | None = None) -> None:
        self.sample = drawn(STRATA) if sample is None else sample
        ledger = ledger_of(self.sample)
        night = {"ledger": ledger, "adjustments": ledger.slice(0, 0), "scores": scores_of(self.sample)}
        self.night = write_run(folder / "night", night, {}, "night")
        hashes = [read_manifest(self.night)["run_hash"]]
        rows = self.sample.drop_columns(["stratum_cases", "stratum_drawn"])
        self.directory = write_run(
            folder / "sample", {"sample": rows}, {"sample": facts_of(self.sample, hashes)}, "sample"
        )
        self.store = folder / "sample.review.sqlite"
        self.folder = folder
