"""Which claims a month has, how they stand, and what becomes of them in a frame."""

import numpy as np
import pyarrow as pa
import pytest

from daatgal.errors import AmountError, InputError
from daatgal.sampling.frame import build_frame
from daatgal.sampling.months import last_day, month_after, month_before, parse_month
from daatgal.sampling.nights import nights_on_disk
from daatgal.sampling.places import NOWHERE, places_on
from daatgal.sampling.standing_month import standing_month
from tests.sampling_nights import claim, score, write_night


def frame_of(folders, month="2026-10", month_of="settlement", unit="case", places=NOWHERE):
    return build_frame(standing_month(nights_on_disk(folders), month, month_of), month, unit, places)


def ids(frame):
    return frame.case_id.to_pylist()


def test_cases_are_paid_or_reduced_and_every_other_claim_counts_for_the_size(tmp_path):
    rows = [
        claim("A", 100),
        claim("B", 200, "reduced"),
        claim("C", 300, "denied"),
        claim("D", 400, "voided"),
        claim("E", 500, "merged", case_id="A"),
    ]
    write_night(tmp_path / "n", rows)
    frame = frame_of([tmp_path / "n"])
    assert ids(frame) == ["A", "B"]
    assert frame.month_claims == 4
    assert frame.amount_mnt.tolist() == [100, 200]
    assert frame.gross_mnt.tolist() == [600, 200]
    assert np.isnan(frame.percentile).all()


def test_a_case_is_the_sum_of_its_claims_and_the_worst_of_their_scores(tmp_path):
    rows = [
        claim("A", 100, facility_id="F01"),
        claim("B", 700, "reduced", case_id="A", facility_id="F02", care_type="inpatient"),
        claim("C", 900, "denied", case_id="A", facility_id="F03"),
    ]
    scores = [score("A", 99.0, "ANOMALY_a"), score("B", 10.0), score("C", 50.0)]
    write_night(tmp_path / "n", rows, scores=scores)
    frame = frame_of([tmp_path / "n"])
    assert ids(frame) == ["A"]
    assert (frame.amount_mnt[0], frame.percentile[0], frame.score[0]) == (800, 99.0, 0.3 + 99 / 200)
    assert (frame.facility_id[0].as_py(), frame.care_type[0].as_py()) == ("F02", "inpatient")
    assert frame.claims["claim_id"].to_pylist() == ["B", "A", "C"]
    single = frame_of([tmp_path / "n"], unit="claim")
    assert ids(single) == ["A", "B"]
    assert single.amount_mnt.tolist() == [100, 700]
    assert single.percentile.tolist() == [99.0, 10.0]


def test_the_latest_adjustment_stands_and_the_month_stays(tmp_path):
    """A claim of October that November denies is October's, denied; one that November pays is October's, paid."""
    first = write_night(tmp_path / "a", [claim("A", 10), claim("B", 20, "denied"), claim("C", 30)])
    second = write_night(
        tmp_path / "b",
        [claim("D", 40)],
        as_of="2026-11-01",
        adjustments=[claim("A", 10, "denied"), claim("B", 25)],
        previous=first,
    )
    write_night(tmp_path / "c", [], as_of="2026-11-02", adjustments=[claim("B", 27)], previous=second)
    nights = [tmp_path / name for name in "abc"]
    october = frame_of(nights)
    assert (ids(october), october.amount_mnt.tolist()) == (["B", "C"], [27, 30])
    assert ids(frame_of(nights, "2026-11")) == ["D"]
    assert ids(frame_of(nights[:1])) == ["A", "C"]


def test_the_month_of_service_is_that_of_the_start(tmp_path):
    rows = [claim("A"), claim("B", start_at=np.datetime64("2026-09-30T23:59:59", "s").item())]
    write_night(tmp_path / "n", rows)
    assert ids(frame_of([tmp_path / "n"], month_of="service")) == ["A"]
    assert ids(frame_of([tmp_path / "n"], "2026-09", "service")) == ["B"]


def test_the_newest_score_of_a_claim_counts_and_scores_may_be_missing(tmp_path):
    first = write_night(tmp_path / "a", [claim("A"), claim("B")], scores=[score("A", 99.0)])
    write_night(
        tmp_path / "b",
        [claim("C")],
        scores=[score("A", 12.0, "ANOMALY_x"), score("C", 50.0)],
        previous=first,
    )
    frame = frame_of([tmp_path / "a", tmp_path / "b"])
    assert frame.percentile[[0, 2]].tolist() == [12.0, 50.0]
    assert np.isnan(frame.percentile[1])
    assert frame.scored == 2
    assert frame.claims["score_reasons"].to_pylist() == [["ANOMALY_x"], None, []]


def test_ids_sort_by_their_bytes(tmp_path):
    names = ["B", "a", "Ж", "10", "9", "B "]
    write_night(tmp_path / "n", [claim(name) for name in names])
    assert ids(frame_of([tmp_path / "n"])) == sorted(names, key=lambda name: name.encode())


def test_regions_and_levels_are_those_in_force_at_the_end_of_the_month(tmp_path):
    register = pa.table(
        {
            "facility_id": ["F1", "F1", "F1", "F2"],
            "level": [1, 2, 3, 2],
            "aimag": ["Төв", "Ховд", "Дорнод", None],
            "valid_from": ["2020-01-01", "2026-10-31", "2026-11-01", None],
            "valid_to": ["2026-10-30", "2026-10-31", None, None],
        }
    )
    write_night(tmp_path / "n", [claim("A", facility_id="F1"), claim("B", facility_id="F2"), claim("C")])
    frame = frame_of([tmp_path / "n"], places=places_on(register, last_day("2026-10")))
    assert frame.region.to_pylist() == ["Ховд", "unknown", "unknown"]
    assert frame.level.to_pylist() == ["2", "2", "unknown"]


def test_a_facilities_table_without_regions_is_refused():
    with pytest.raises(InputError, match="found no column level, aimag"):
        places_on(pa.table({"facility_id": ["F1"]}), last_day("2026-10"))


def test_a_month_without_claims_or_without_paid_ones_is_refused(tmp_path):
    write_night(tmp_path / "n", [claim("A", 10, "denied")])
    with pytest.raises(
        InputError, match=r"month 2026-09: .* have no claim of it \(they settled in: 2026-10\)"
    ):
        frame_of([tmp_path / "n"], "2026-09")
    with pytest.raises(InputError, match="none of its 1 claims is paid or reduced"):
        frame_of([tmp_path / "n"])


def test_sums_that_do_not_fit_are_refused(tmp_path):
    write_night(tmp_path / "n", [claim("A", 2**61), claim("B", 2**60, case_id="A")])
    with pytest.raises(AmountError, match="fund_mnt"):
        frame_of([tmp_path / "n"])


def test_nights_with_a_gap_held_or_of_another_kind_are_refused(tmp_path):
    write_night(tmp_path / "a", [claim("A")])
    write_night(tmp_path / "b", [claim("B")], previous="f" * 64)
    with pytest.raises(InputError, match="is not the night after a"):
        nights_on_disk([tmp_path / "a", tmp_path / "b"])
    write_night(tmp_path / "h", [claim("C")], withheld=True)
    with pytest.raises(InputError, match="is held"):
        nights_on_disk([tmp_path / "h"])


def test_a_part_that_is_cut_short_is_named(tmp_path):
    write_night(tmp_path / "n", [claim("A")])
    part = tmp_path / "n" / "ledger" / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"part-00000\.parquet: is missing or not as long"):
        frame_of([tmp_path / "n"])


@pytest.mark.parametrize("text", ["2026-13", "2026-1", "26-01", "2026-10-01", "", "now", "2026-W10"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(InputError, match="expected a month such as 2026-10"):
        parse_month(text)


def test_months_follow_each_other():
    months = ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert [month_after(month) for month in months[:-1]] == months[1:]
    assert [month_before(month) for month in months[1:]] == months[:-1]
    assert last_day("2024-02").day == 29
