"""The sample against its frame: bands that hold, warnings where they do not, a page that shows both."""

import json
import xml.etree.ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.sampling.draw import frame_table, sample_table
from daatgal.sampling.frame import build_frame
from daatgal.sampling.months import last_day
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.places import places_on
from daatgal.sampling.plan import plan_sample
from daatgal.sampling.plots import band_plot
from daatgal.sampling.representativeness import Figure, assess
from daatgal.sampling.standing_month import standing_month
from tests.sampling_month import Month
from tests.sampling_nights import (
    CARE_TYPES,
    MONTH,
    REGIONS,
    a_design,
    facilities,
    month_of_claims,
    write_night,
)
from tests.scale import scaled


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("month") / "night"
    ledger, scores = month_of_claims(700, seed=21)
    write_night(folder, ledger, scores=scores)
    standing = standing_month(nights_on_disk([folder]), MONTH, "settlement")
    frame = build_frame(standing, MONTH, "case", places_on(facilities(), last_day(MONTH)))
    return plan_sample(frame, a_design(size__floor=120, strata__smallest=30))


def random_numbers(plan, seed):
    return np.random.default_rng(seed).integers(0, 2**64, plan.frame.cases, np.uint64)


def test_every_dimension_is_there_and_its_shares_add_up(plan):
    found = assess(frame_table(plan), sample_table(plan, random_numbers(plan, 1)), plan.design)
    names = {
        dimension: {figure.name for figure in found.figures if figure.of == dimension}
        for dimension in ("source", "amount", "care_type", "region", "level", "stratum")
    }
    assert names["care_type"] == set(CARE_TYPES)
    assert names["region"] == set(REGIONS)
    assert names["level"] == {"1", "2", "3"}
    assert names["amount"] == {
        "0: from 0 ₮ to below 100,000 ₮",
        "1: from 100,000 ₮ to below 1,000,000 ₮",
        "2: from 1,000,000 ₮",
    }
    assert names["stratum"] == {stratum.name for stratum in plan.strata}
    for dimension in ("source", "amount", "care_type", "region", "level"):
        for measure in ("share_of_cases", "share_of_amount"):
            own = [figure for figure in found.figures if (figure.of, figure.measure) == (dimension, measure)]
            assert sum(figure.population for figure in own) == pytest.approx(1.0)
            assert sum(figure.sample for figure in own) == pytest.approx(1.0)
    strata = [figure for figure in found.figures if figure.of == "stratum"]
    assert sum(figure.drawn for figure in strata) == plan.size


def test_a_stratum_s_figures_are_plain_means(plan):
    frame, sample = frame_table(plan), sample_table(plan, random_numbers(plan, 2))
    rows, drawn = frame.to_pylist(), sample.to_pylist()
    for figure in assess(frame, sample, plan.design).figures:
        if figure.of == "stratum":
            everyone = [row["amount_mnt"] for row in rows if row["stratum"] == figure.name]
            taken = [row["amount_mnt"] for row in drawn if row["stratum"] == figure.name]
            assert figure.population == pytest.approx(np.mean(everyone))
            assert figure.sample == pytest.approx(np.mean(taken))
            if len(everyone) > len(taken):
                error = np.std(everyone, ddof=1) * np.sqrt((1 - len(taken) / len(everyone)) / len(taken))
                assert figure.half_width == pytest.approx(2.5758293 * error)


def test_about_one_figure_in_a_hundred_is_out_of_its_band(plan):
    """Skewed amounts and two to draw make means miss a normal band more often than shares do."""
    frame = frame_table(plan)
    out = {"mean_mnt": [], "share_of_cases": [], "share_of_amount": []}
    for seed in range(scaled(150, at_least=30)):
        for figure in assess(frame, sample_table(plan, random_numbers(plan, seed)), plan.design).figures:
            if figure.half_width > 0:
                out[figure.measure].append(not figure.within)
    share = {measure: float(np.mean(found)) for measure, found in out.items()}
    assert share["share_of_cases"] < 0.02
    assert share["share_of_amount"] < 0.05
    assert 0.0 < share["mean_mnt"] < 0.05


def test_a_sample_that_leaves_out_the_dear_cases_is_warned_of(plan):
    frame = frame_table(plan)
    numbers = np.argsort(np.argsort(plan.frame.amount_mnt, kind="stable"), kind="stable").astype(np.uint64)
    found = assess(frame, sample_table(plan, numbers), plan.design)
    strata = [warning for warning in found.warnings if warning.startswith("stratum ")]
    assert strata
    assert "the sample's mean amount is" in strata[0]
    assert any(warning.startswith("amount ") for warning in found.warnings)


def test_what_is_all_drawn_never_warns(plan):
    frame = frame_table(plan)
    every = frame.set_column(
        frame.schema.get_field_index("inclusion_probability"),
        "inclusion_probability",
        pa.array(np.ones(frame.num_rows)),
    )
    found = assess(every, every, plan.design)
    assert found.warnings == []
    assert all(figure.half_width == 0.0 for figure in found.figures)


def test_a_plot_is_well_formed_and_escapes_what_it_shows():
    figures = [
        Figure("region", '<b>&"Төв', "share_of_cases", 0.5, 0.9, 0.1, 10, 3),
        Figure("region", "x" * 80, "share_of_cases", 0.5, 0.52, 0.1, 10, 3),
        Figure("region", "exact", "share_of_cases", 0.5, 0.5, 0.0, 10, 3),
    ]
    drawing = ET.fromstring(band_plot("share <of> cases", figures))
    texts = [element.text for element in drawing.iter() if element.text]
    assert '<b>&"Төв' in texts
    assert any(text.endswith("…") for text in texts)
    circles = [element for element in drawing.iter() if element.tag.endswith("circle")]
    assert [circle.get("fill") for circle in circles] == ["#b3261e", "#1f6f54", "#1f6f54"]


def test_the_report_is_one_page_that_loads_nothing(tmp_path):
    month = Month(tmp_path)
    month.draw()
    out = tmp_path / "report.html"
    done = CliRunner().invoke(app, ["sample-report", str(month.out), "--out", str(out), "--json"])
    assert done.exit_code == 0, done.stderr
    content = json.loads(done.stdout)
    page = out.read_text(encoding="utf-8")
    assert content["drawn"] == 50
    assert content["run_hash"] in page
    assert page.count("<svg") >= 6
    for loaded in ("<script", "src=", "href=", "@import", "url("):
        assert loaded not in page
    assert len(content["warnings"]) == sum(not figure["within"] for figure in content["figures"])
    assert page.count('class="out"') == len(content["warnings"])
    shown = CliRunner().invoke(
        app, ["sample-report", str(month.out), "--out", str(tmp_path / "no" / "r.html")]
    )
    assert shown.exit_code == 1
    assert "r.html: cannot be written" in shown.stderr
