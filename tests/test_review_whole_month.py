"""A month from the real draw to the report: what auditors find in the sample against what is wrong in the month.

The truth is known, because the test makes it: claims over the 97th percentile are wrong in eight of ten cases, all
others in one of fifty. What the targeted part finds, what the random part finds, and the total are held against it.
"""

import json
import random
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.extrapolation import Parameters, extrapolate
from daatgal.extrapolation.report import Asked, extrapolate_month
from daatgal.review.bring_back import FUND_ZONE, import_results
from daatgal.review.drawn import read_drawn, with_sizes
from daatgal.review.hand_out import Wanted, default_store, hand_out
from daatgal.review.store import open_store
from daatgal.sampling.closing import plan_month, planned_facts
from daatgal.sampling.draw import draw
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.run import run_sample
from tests import sampling_nights
from tests.review_month import AT
from tests.sampling_nights import (
    LEDGER,
    MONTH,
    a_design,
    default_design,
    facilities,
    month_of_claims,
    write_night,
)
from tests.scale import scaled

NOW = AT.replace(tzinfo=FUND_ZONE)
WHOLE_LEDGER = LEDGER.append(pa.field("drg_code", pa.string())).append(
    pa.field("related_claim_id", pa.string())
)
DESIGN = {
    "size__rate_bp": 500,
    "size__floor": 400,
    "certainty__amount_mnt": 500_000,
    "certainty__percentile": 99.0,
}


def as_toml(content: dict) -> str:
    """A design as a file: its tables are one deep."""
    plain = [f"{name} = {_toml(value)}" for name, value in content.items() if not isinstance(value, dict)]
    for name, table in content.items():
        if isinstance(table, dict):
            plain += [f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items())]
    return "\n".join(plain) + "\n"


def _toml(value: object) -> str:
    return repr(value).replace("'", '"')


class Truth:
    """A month of 6,000 claims, its draw, and which cases are wrong."""

    def __init__(self, folder) -> None:
        ledger, scores = month_of_claims(6_000, seed=11)
        self.night = folder / "night"
        with patch.object(sampling_nights, "LEDGER", WHOLE_LEDGER):
            write_night(self.night, ledger, scores=scores)
        self.places = folder / "facilities.parquet"
        pq.write_table(facilities(), self.places)
        key, design = folder / "key", folder / "design.toml"
        key.write_text(f"daatgal-key-1 {'5a' * 32}\n")
        key.chmod(0o600)
        design.write_text(as_toml(default_design(**DESIGN)), encoding="utf-8")
        self.directory = folder / "sample"
        run_sample(
            nights=[self.night], month=MONTH, design=design, key_file=key, out=self.directory, facilities=self.places
        )  # fmt: skip
        rng = random.Random(5)
        frame = pq.read_table(self.directory / "frame").to_pylist()
        self.wrong_mnt = {
            row["case_id"]: row["amount_mnt"]
            if rng.random() < (0.8 if row["percentile"] > 97 else 0.02)
            else 0
            for row in frame
        }


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    return Truth(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def content(truth, tmp_path_factory):
    folder = tmp_path_factory.mktemp("review")
    wanted = Wanted(auditors=("Бат", "Дорж"), lang="mn")
    hand_out(truth.directory, folder / "lists", wanted, None, history=[truth.night], store=None, at=NOW)
    store = default_store(truth.directory)
    rows = ["claim_id,outcome,amount_mnt,auditor,reviewed_at"]
    drawn = read_drawn(truth.directory)
    for case in drawn.sample["case_id"].to_pylist():
        wrong = truth.wrong_mnt[case]
        rows.append(f"{case},{'overpaid' if wrong else 'correct'},{wrong},Бат,2026-11-02")
    results = folder / "results.csv"
    results.write_text("\n".join(rows).replace("claim_id,", "case_id,"), encoding="utf-8")
    with open_store(store) as kept:
        done = import_results(kept, results, "Оюун", NOW)
    assert done.refused == []
    return extrapolate_month(truth.directory, [store], Asked(), NOW)


def test_the_targeted_part_finds_far_more_than_the_random_part(content):
    found = {}
    for row in content["strata"]:
        source = "random" if row["source"] == "random" else "targeted"
        wrong, answered, mnt = found.get(source, (0, 0, 0.0))
        mnt += row["overpaid"]["mean_mnt"] * row["answered"]
        found[source] = (wrong + row["wrong"], answered + row["answered"], mnt)
    rate = {source: wrong / answered for source, (wrong, answered, _) in found.items()}
    yield_mnt = {source: mnt / answered for source, (_, answered, mnt) in found.items()}
    assert rate["targeted"] > 5 * rate["random"]
    assert yield_mnt["targeted"] > 5 * yield_mnt["random"]


def test_the_extrapolated_total_against_the_truth(truth):
    """Over many draws of this month, each with its own key: right on average, and the limit that is claimed by holds.

    Amounts are heavy-tailed and one case in fifty of the random part is wrong, so the upper limit of Student's
    interval holds less often than its name says, which the report warns of; the lower one errs on the facility's side.
    """
    plan = plan_month(nights_on_disk([truth.night]), MONTH, a_design(**DESIGN), truth.places)
    strata = planned_facts(plan)["strata"]
    whole = sum(truth.wrong_mnt.values())
    wrong = sum(amount > 0 for amount in truth.wrong_mnt.values())
    estimates, claimed, exact = [], [], []
    draws = scaled(200, at_least=60)
    for number in range(draws):
        sample = with_sizes(draw(plan, number.to_bytes(32, "big")), strata, truth.directory)
        over = [truth.wrong_mnt[case] for case in sample["case_id"].to_pylist()]
        found = pa.table(
            {
                "case_id": sample["case_id"],
                "outcome": ["overpaid" if amount else "correct" for amount in over],
                "overpaid_mnt": over,
                "underpaid_mnt": [0] * len(over),
            }
        )
        content = extrapolate(sample, found, Parameters(domains=()))
        total, bound = content["totals"]["overpaid"], content["wrong_cases"]["exact"]
        estimates.append(total["estimate"])
        claimed.append(total["found_mnt"] <= total["final_lower"] <= whole)
        exact.append(bound["at_least"] <= wrong <= bound["at_most"])
    assert np.mean(estimates) == pytest.approx(whole, abs=4 * np.std(estimates) / np.sqrt(draws))
    assert np.mean(claimed) >= 0.88
    assert np.mean(exact) >= 0.9


def test_weights_stand_for_every_case_of_the_frame(truth, content):
    assert sum(case["weight"] for case in content["cases"]) == pytest.approx(len(truth.wrong_mnt))
    assert content["counts"]["frame_cases"] == len(truth.wrong_mnt)


def test_without_the_weights_it_would_be_wrong(truth, content):
    """The sample is aimed: its plain mean, times the cases, is far too much."""
    plain = np.mean([case["overpaid_mnt"] for case in content["cases"]]) * len(truth.wrong_mnt)
    assert plain > 1.3 * content["totals"]["overpaid"]["upper"]


def test_what_a_cut_would_find_is_what_there_is(truth, content, tmp_path):
    """From the sample alone: precision over the 97th percentile is near the eight of ten that the test made wrong."""
    store = default_store(truth.directory)
    done = CliRunner().invoke(
        app, ["results", "learning", str(store), str(truth.directory), "--out", str(tmp_path), "--json"]
    )
    assert done.exit_code == 0, done.output
    learnt = json.loads(done.stdout)
    cuts = {row["percentile"]: row for row in learnt["cuts"]}
    assert cuts[97.0]["precision"] == pytest.approx(0.8, abs=0.15)
    assert cuts[0.0]["cases"] == learnt["frame_cases"] == content["counts"]["frame_cases"]
    assert cuts[0.0]["precision"] < cuts[90.0]["precision"] < cuts[97.0]["precision"]
    assert cuts[90.0]["recall"] > cuts[97.0]["recall"]
