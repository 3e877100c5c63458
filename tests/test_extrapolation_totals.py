"""From findings to totals: a second opinion, non-response, domains, cautions, and refusals that name what was found."""

import json
import warnings

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from daatgal.errors import InputError
from daatgal.extrapolation import Method, NonResponse, Parameters, Treatment, extrapolate
from tests.review_sample import STRATA, drawn, findings

SAMPLE = drawn(STRATA)
FOUND = findings(SAMPLE, 0.2)


def replaced(table: pa.Table, name: str, values: object) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), name, pa.array(values))


def answer(found: pa.Table, rows: list[int], outcome: str) -> pa.Table:
    """The findings with other outcomes in some rows, without amounts."""
    hit = np.isin(np.arange(found.num_rows), rows)
    names = np.where(hit, outcome, np.array(found["outcome"].to_pylist()))
    found = replaced(found, "outcome", names.tolist())
    for name in ("overpaid_mnt", "underpaid_mnt"):
        found = replaced(found, name, np.where(hit, 0, found[name].to_numpy()))
    return found


def second_opinion(values, *, x=None, domain=None):
    """The same by samplics, which is archived and says so when it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from samplics import PopParam
        from samplics.estimation import TaylorEstimator

        stratum = np.array(SAMPLE["stratum"].to_pylist())
        frame = dict(zip(SAMPLE["stratum"].to_pylist(), SAMPLE["stratum_cases"].to_pylist(), strict=True))
        drawn_of = dict(zip(SAMPLE["stratum"].to_pylist(), SAMPLE["stratum_drawn"].to_pylist(), strict=True))
        fpc = {name: 1 - drawn_of[name] / frame[name] for name in frame}
        estimator = TaylorEstimator(PopParam.ratio if x is not None else PopParam.total, alpha=0.1)
        estimator.estimate(
            y=values,
            samp_weight=SAMPLE["weight"].to_numpy(),
            x=x,
            stratum=stratum,
            psu=np.arange(SAMPLE.num_rows),
            domain=domain,
            fpc=fpc,
        )
    return estimator


def over() -> np.ndarray:
    return FOUND["overpaid_mnt"].to_numpy().astype(float)


def test_the_total_agrees_with_samplics():
    ours = extrapolate(SAMPLE, FOUND)["totals"]["overpaid"]
    theirs = second_opinion(over())
    assert ours["estimate"] == pytest.approx(theirs.point_est, rel=1e-9)
    assert ours["standard_error"] == pytest.approx(theirs.stderror, rel=1e-9)


def test_domains_agree_with_samplics():
    care_type = np.array(SAMPLE["care_type"].to_pylist())
    theirs = second_opinion(over(), domain=care_type)
    for row in extrapolate(SAMPLE, FOUND)["domains"]["care_type"]:
        assert row["estimate"] == pytest.approx(theirs.point_est[row["value"]], rel=1e-9)
        assert row["standard_error"] == pytest.approx(theirs.stderror[row["value"]], rel=1e-9)


def test_the_combined_ratio_agrees_with_samplics():
    amount = SAMPLE["amount_mnt"].to_numpy().astype(float)
    theirs = second_opinion(over(), x=amount)
    parameters = Parameters(method=Method.RATIO, frame_amount_mnt=10**9)
    ours = extrapolate(SAMPLE, FOUND, parameters)["totals"]["overpaid"]
    assert ours["estimate"] == pytest.approx(theirs.point_est * 1e9, rel=1e-9)
    estimated_amount = float(np.sum(SAMPLE["weight"].to_numpy() * amount))
    assert ours["standard_error"] == pytest.approx(theirs.stderror * estimated_amount, rel=1e-9)


def test_the_order_of_rows_changes_nothing():
    rng = np.random.default_rng(3)
    shuffled = SAMPLE.take(pa.array(rng.permutation(SAMPLE.num_rows)))
    others = FOUND.take(pa.array(rng.permutation(FOUND.num_rows)))
    assert extrapolate(shuffled, others) == extrapolate(SAMPLE, FOUND)


def test_the_report_is_json_and_holds_its_inputs():
    content = json.loads(json.dumps(extrapolate(SAMPLE, FOUND), allow_nan=False))
    assert len(content["cases"]) == SAMPLE.num_rows
    by_hand = sum(case["weight"] * case["overpaid_mnt"] for case in content["cases"])
    assert content["totals"]["overpaid"]["estimate"] == pytest.approx(by_hand)
    parts = [row["overpaid"]["variance_of_total"] for row in content["strata"]]
    assert content["totals"]["overpaid"]["standard_error"] == pytest.approx(np.sqrt(sum(parts)))
    assert content["counts"]["frame_cases"] == 4462
    found = content["totals"]["overpaid"]["found_mnt"]
    assert found == pc.sum(FOUND["overpaid_mnt"]).as_py()
    net = content["totals"]["net"]["estimate"]
    parts = [content["totals"][name]["estimate"] for name in ("overpaid", "underpaid")]
    assert net == pytest.approx(parts[0] - parts[1])


def test_domains_add_up_to_the_total():
    content = extrapolate(SAMPLE, FOUND)
    whole = content["totals"]["overpaid"]["estimate"]
    for domain in ("care_type", "region", "level"):
        assert sum(row["estimate"] for row in content["domains"][domain]) == pytest.approx(whole)
        assert all(row["lower"] <= row["estimate"] <= row["upper"] for row in content["domains"][domain])


def test_a_case_counts_in_each_of_its_reasons():
    rows = {row["value"]: row for row in extrapolate(SAMPLE, FOUND)["domains"]["reason"]}
    with_code = [code for codes in SAMPLE["reasons"].to_pylist() for code in codes]
    assert {name: row["cases"] for name, row in rows.items()} == {
        name: with_code.count(name) for name in set(with_code)
    }


def test_cannot_determine_counts_as_correct_unless_left_out():
    rows = [row for row, outcome in enumerate(FOUND["outcome"].to_pylist()) if outcome == "correct"][20:40]
    unknown = answer(FOUND, rows, "cannot_determine")
    as_zero = extrapolate(SAMPLE, unknown)
    assert as_zero["totals"] == extrapolate(SAMPLE, answer(FOUND, rows, "correct"))["totals"]
    assert as_zero["counts"]["outcomes"]["cannot_determine"] == 20
    left_out = Parameters(non_response=NonResponse(cannot_determine=Treatment.EXCLUDED))
    without = extrapolate(SAMPLE, unknown, left_out)
    assert without["counts"]["answered"] == SAMPLE.num_rows - 20
    assert without["counts"]["frame_cases"] == 4462
    assert without["totals"]["overpaid"]["estimate"] > as_zero["totals"]["overpaid"]["estimate"]
    for row in without["strata"]:
        weights = [case["weight"] for case in without["cases"] if case["stratum"] == row["stratum"]]
        assert sum(weights) == pytest.approx(row["frame_cases"])


def test_a_certainty_stratum_with_a_gap_is_no_longer_certain():
    rows = [row for row, name in enumerate(SAMPLE["stratum"].to_pylist()) if name == "certainty"][:3]
    left_out = Parameters(non_response=NonResponse(cannot_determine=Treatment.EXCLUDED))
    content = extrapolate(SAMPLE, answer(FOUND, rows, "cannot_determine"), left_out)
    (stratum,) = [row for row in content["strata"] if row["stratum"] == "certainty"]
    assert (stratum["answered"], stratum["frame_cases"]) == (9, 12)
    assert stratum["overpaid"]["variance_of_total"] > 0


@pytest.mark.parametrize("method", [Method.STRATIFIED, Method.UNEQUAL, Method.HAJEK])
@pytest.mark.parametrize("left", [0, 1])
def test_strata_with_too_few_answers_are_joined(left, method):
    sample = drawn([("a", "risk", 50, 5), ("b", "risk", 40, 4), ("c", "random", 900, 30)])
    found = findings(sample, 0.3)
    rows = [row for row, name in enumerate(sample["stratum"].to_pylist()) if name == "b"][left:]
    parameters = Parameters(method=method, non_response=NonResponse(Treatment.EXCLUDED))
    content = extrapolate(sample, answer(found, rows, "cannot_determine"), parameters)
    assert content["counts"]["joined_strata"] == ["a + b"]
    assert [row["frame_cases"] for row in content["strata"]] == [90, 900]
    assert sum(case["weight"] for case in content["cases"]) == pytest.approx(990)
    assert content["totals"]["overpaid"]["one_sided_lower"] is not None


@pytest.mark.parametrize("thin", ["a", "c"])
def test_the_first_and_the_last_stratum_are_joined_too(thin):
    sample = drawn([("a", "risk", 50, 5), ("b", "risk", 40, 4), ("c", "random", 900, 30)])
    rows = [row for row, name in enumerate(sample["stratum"].to_pylist()) if name == thin]
    parameters = Parameters(non_response=NonResponse(Treatment.EXCLUDED))
    content = extrapolate(sample, answer(findings(sample, 0.3), rows, "cannot_determine"), parameters)
    assert content["counts"]["joined_strata"] == [{"a": "a + b", "c": "b + c"}[thin]]
    assert sum(row["frame_cases"] for row in content["strata"]) == 990


def test_an_unfinished_review_is_refused_unless_there_is_a_rule():
    part = FOUND.slice(0, 100)
    with pytest.raises(InputError, match="no outcome for 72 of 172 drawn cases, the first 'C000101'"):
        extrapolate(SAMPLE, part)
    zero = extrapolate(SAMPLE, part, Parameters(non_response=NonResponse(not_reviewed=Treatment.ZERO)))
    assert zero["counts"]["outcomes"]["not_reviewed"] == 72
    out = extrapolate(SAMPLE, part, Parameters(non_response=NonResponse(not_reviewed=Treatment.EXCLUDED)))
    assert out["counts"]["answered"] == 100


def test_few_wrong_cases_are_cautioned_about():
    assert extrapolate(SAMPLE, FOUND)["cautions"] == []
    none = answer(FOUND, list(range(SAMPLE.num_rows)), "correct")
    content = extrapolate(SAMPLE, none)
    assert content["cautions"] == ["few_wrong"]
    assert content["totals"]["overpaid"]["final_lower"] == 0
    assert content["wrong_cases"]["exact"]["at_least"] == 0
    assert content["wrong_cases"]["exact"]["at_most"] > 0, "nothing found is not nothing there"


def test_one_stratum_has_the_exact_bound_itself():
    sample = drawn([("all", "random", 1000, 30)])
    found = pa.table(
        {
            "case_id": sample["case_id"],
            "outcome": ["overpaid"] * 15 + ["correct"] * 15,
            "overpaid_mnt": [1_000] * 15 + [0] * 15,
            "underpaid_mnt": [0] * 30,
        }
    )
    assert extrapolate(sample, found)["wrong_cases"]["exact"]["at_least"] == 372


def test_unequal_probabilities_within_a_stratum():
    sample = drawn([("all", "risk", 400, 40)])
    amount = sample["amount_mnt"].to_numpy().astype(float)
    pi = np.minimum(40 * amount / amount.sum() / 4, 1.0)
    sample = replaced(sample, "inclusion_probability", pi)
    content = extrapolate(sample, findings(sample, 0.4), Parameters(method=Method.UNEQUAL))
    by_hand = float(np.sum(findings(sample, 0.4)["overpaid_mnt"].to_numpy() / pi))
    assert content["totals"]["overpaid"]["estimate"] == pytest.approx(by_hand)
    assert set(content["comparison"]) == {"stratified", "hajek"}


@pytest.mark.parametrize(
    ("sample", "found", "message"),
    [
        (SAMPLE.drop_columns("stratum"), FOUND, "sample: found no column stratum"),
        (SAMPLE, FOUND.drop_columns("outcome"), "results: found no column outcome"),
        (
            SAMPLE,
            pa.concat_tables([FOUND, FOUND.slice(3, 1)]),
            "results: found case 'C000004' more than once",
        ),
        (SAMPLE.slice(1), FOUND, "results: found case 'C000001', which was not drawn"),
        (SAMPLE.slice(1), FOUND.slice(1), "stratum 'certainty': found 11 rows, 12 drawn of 12"),
        (replaced(SAMPLE, "stratum_cases", range(172)), FOUND, "found two sizes"),
        (replaced(SAMPLE, "inclusion_probability", [0.0] * 172), FOUND, "expected 0 < π ≤ 1"),
        (SAMPLE.slice(0, 0), FOUND.slice(0, 0), "no drawn case"),
    ],
)
def test_what_does_not_fit_is_refused(sample, found, message):
    with pytest.raises(InputError, match=message):
        extrapolate(sample, found)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (Parameters(method=Method.RATIO), "no amount of the whole frame"),
        (Parameters(confidence=0.4), "confidence: found 0.4"),
        (Parameters(domains=("colour",)), "no column colour"),
    ],
)
def test_parameters_that_cannot_be_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        extrapolate(SAMPLE, FOUND, parameters)
