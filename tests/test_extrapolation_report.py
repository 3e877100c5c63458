"""The report: one page that loads nothing, a JSON that a court can recompute from, and the commands around them."""

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from scipy import stats
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.errors import DaatgalError
from daatgal.extrapolation import Treatment
from daatgal.extrapolation.page_words import WORDS
from daatgal.extrapolation.report import Asked, extrapolate_month, write_report
from daatgal.review.bring_back import FUND_ZONE
from tests.review_month import AT, Month
from tests.review_sample import STRATA, drawn, findings

NOW = AT.replace(tzinfo=FUND_ZONE)


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return Month(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def results(month):
    path = month.folder / "results.csv"
    rows = ["case_id,outcome,amount_mnt,auditor,reviewed_at"]
    for row in findings(month.sample, 0.2).to_pylist():
        amount = row["overpaid_mnt"] or row["underpaid_mnt"]
        rows.append(f"{row['case_id']},{row['outcome']},{amount},Бат,2026-11-02")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def daatgal(*arguments: object, code: int = 0):
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return done


def test_a_court_can_recompute_it(month, results):
    """From the cases in the JSON alone, with another library's t quantiles."""
    content = json.loads(json.dumps(extrapolate_month(month.directory, [results], Asked(), NOW)))
    strata = {row["stratum"]: row["frame_cases"] for row in content["strata"]}
    total = variance = degrees = 0.0
    for name, frame in strata.items():
        values = np.array(
            [case["overpaid_mnt"] for case in content["cases"] if case["stratum"] == name], float
        )
        total += frame * values.mean()
        if len(values) < frame:
            variance += frame * (frame - len(values)) * values.var(ddof=1) / len(values)
            degrees += len(values) - 1
    said = content["totals"]["overpaid"]
    assert said["estimate"] == pytest.approx(total)
    assert said["standard_error"] == pytest.approx(variance**0.5)
    assert said["one_sided_lower"] == pytest.approx(total - stats.t.ppf(0.9, degrees) * variance**0.5)
    assert said["upper"] == pytest.approx(total + stats.t.ppf(0.95, degrees) * variance**0.5)
    assert content["sample"]["month"] == "2026-10"
    assert re.fullmatch(r"[0-9a-f]{64}", content["results"]["files"][0]["sha256"])
    assert content["comparison"].keys() == {"ratio", "unequal", "hajek"}


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("lang", ["mn", "en"])
@pytest.mark.parametrize("method", ["stratified", "ratio", "unequal"])
def test_the_page_needs_nothing_else(month, results, tmp_path, lang, method):
    daatgal(
        "extrapolate", month.directory, "--results", results, "--out", tmp_path, "--lang", lang, "--method", method
    )  # fmt: skip
    text = (tmp_path / "extrapolation.html").read_text(encoding="utf-8")
    page = Page()
    page.feed(text)
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "a", "form"}
    assert not any({"src", "href", "onclick"} & attributes.keys() for _, attributes in page.tags)
    content = json.loads((tmp_path / "extrapolation.json").read_text(encoding="utf-8"))
    for case in content["cases"]:
        assert case["case_id"] in page.text
    assert f"{content['totals']['overpaid']['final_lower']:,.2f}" in page.text
    assert WORDS["totals"][("mn", "en").index(lang)] in page.text


def test_what_auditors_and_facilities_are_called_is_escaped(tmp_path):
    strata = [("<b>risk</b> & more", "risk", 90, 20), ("rest", "random", 900, 30)]
    sample = drawn(strata)
    month = Month(tmp_path, sample)
    path = tmp_path / "<script>.csv"
    rows = [f"{case},correct,,Бат,2026-11-02" for case in sample["case_id"].to_pylist()]
    path.write_text("case_id,outcome,amount_mnt,auditor,reviewed_at\n" + "\n".join(rows))
    content = extrapolate_month(month.directory, [path], Asked(), NOW)
    write_report(content, tmp_path / "out", "en")
    text = (tmp_path / "out" / "extrapolation.html").read_text()
    assert "<script>" not in text
    assert "<b>" not in text
    assert "&lt;b&gt;risk&lt;/b&gt; &amp; more" in text


def test_the_same_again_changes_nothing_and_another_report_is_refused(month, results, tmp_path):
    command = ("extrapolate", month.directory, "--results", results, "--out", tmp_path)
    daatgal(*command)
    first = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    daatgal(*command)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == first
    done = daatgal(*command, "--satterthwaite", code=1)
    assert "files are never overwritten" in done.stderr


def test_the_commands_from_list_to_report(month, results, tmp_path):
    store, lists = tmp_path / "review.sqlite", tmp_path / "lists"
    given = ("worklist", month.directory, "--nights", month.night, "--store", store)
    said = daatgal(*given, "--out", lists, "--auditors", "Бат,Дорж", "--json")
    assert json.loads(said.stdout)["cases"] == 172
    taken = daatgal("results", "import", store, results, "--json")
    assert json.loads(taken.stdout)["files"][0]["first"] == 172
    bad = tmp_path / "bad.csv"
    bad.write_text("case_id,outcome,auditor,reviewed_at\nNOBODY,correct,Бат,2026-11-02\n")
    refused = daatgal("results", "import", store, bad, code=1)
    assert "bad.csv, line 2, case_id: found 'NOBODY', expected the id of a drawn case" in refused.stderr
    listed = json.loads(daatgal("results", "list", store, "--json").stdout)
    assert (listed["reviewed"], listed["cases"], listed["refused_lines"]) == (172, 172, 1)
    assert "172 of 172 cases reviewed" in daatgal("results", "list", store).stdout
    made = json.loads(
        daatgal("results", "decisions", store, "--out", tmp_path / "d.parquet", "--json").stdout
    )
    assert made["decisions"] == listed["standing"]["overpaid"] > 10
    opened = daatgal(*given, "--out", tmp_path / "open", "--open", "--split", "none")
    assert "172 cases in 3 files (open)" in opened.stdout
    report = ("extrapolate", month.directory, "--out", tmp_path / "report", "--by-facility")
    content = json.loads(daatgal(*report, "--results", store, "--json").stdout)
    assert content["totals"] == extrapolate_month(month.directory, [results], Asked(), NOW)["totals"]
    assert content["results"]["rule_fixed"]
    assert content["domains"]["facility_id"]
    text = daatgal(*report, "--results", store, "--lang", "mn").stdout
    assert "overpaid: " in text
    assert "final lower limit" in text


def test_the_store_s_rule_holds(month, results, tmp_path):
    store = tmp_path / "review.sqlite"
    given = ("worklist", month.directory, "--nights", month.night, "--store", store, "--split", "none")
    daatgal(*given, "--out", tmp_path / "lists", "--not-reviewed", "excluded")
    part = tmp_path / "part.csv"
    part.write_text("\n".join(results.read_text().splitlines()[:120]))
    daatgal("results", "import", store, part)
    content = extrapolate_month(month.directory, [store], Asked(), NOW)
    assert content["parameters"]["not_reviewed"] == "excluded"
    with pytest.raises(DaatgalError, match="found zero, expected excluded, which was fixed on"):
        extrapolate_month(month.directory, [store], Asked(not_reviewed=Treatment.ZERO), NOW)
    with pytest.raises(DaatgalError, match="expected a review store alone"):
        extrapolate_month(month.directory, [store, results], Asked(), NOW)
    with pytest.raises(DaatgalError, match="is the store of another sample"):
        extrapolate_month(Month(tmp_path / "o", drawn(STRATA, seed=4)).directory, [store], Asked(), NOW)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--method", "guess"), "--method: found 'guess', expected one of stratified, ratio, unequal, hajek"),
        (("--not-reviewed", "maybe"), "expected one of zero, excluded, refused"),
        (("--lang", "fr"), "language: found 'fr'"),
        (("--results", "/nowhere"), "cannot be read"),
    ],
)
def test_usage_that_cannot_be(month, results, tmp_path, more, message):
    command = ("extrapolate", month.directory, "--results", results, "--out", tmp_path, *more)
    assert message in daatgal(*command, code=1).stderr


def test_every_word_is_in_both_languages():
    assert all(len(pair) == 2 and all(pair) for pair in WORDS.values())
