"""Work lists shared out: every case once, even in cases and money; cells that would calculate are marked."""

import csv
import io
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from daatgal.errors import DaatgalError
from daatgal.review.safe_text import CALCULATING, with_mark, without_mark
from daatgal.review.sheets import as_csv, as_xlsx
from daatgal.review.split import share_among, share_groups
from daatgal.review.worklist import WorkList
from tests.review_lists import THREE, handed
from tests.review_month import Month
from tests.review_sample import STRATA, drawn


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return Month(tmp_path_factory.mktemp("month"))


DANGEROUS = [
    "=1+1",
    "+7",
    "-2",
    "−3",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "'=quoted",
    "https://example.org",
    "000123",
    "1e5",
    '<b>&"',
    "Өвөрхангай",
]


def test_what_would_calculate_is_marked():
    texts = pa.array(DANGEROUS)
    cases = pa.table({"case_id": texts, "note": texts, "amount_mnt": pa.array([2**60] * len(texts))})
    work = WorkList(cases, cases.select(["case_id"]))
    with CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(_entry(work), "en"))) as workbook:
        found = [row[0] for row in workbook.get_sheet_by_index(0).to_python()[1:]]
    assert found == [with_mark(text) for text in DANGEROUS]
    rows = list(csv.reader(io.StringIO(as_csv(work, "en").decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in rows] == [with_mark(text) for text in DANGEROUS]
    assert not any(row[0].startswith(CALCULATING) for row in rows)


def _entry(work: WorkList) -> WorkList:
    """With the columns that a workbook lets people fill in."""
    rows = work.cases.num_rows
    cases = work.cases.append_column("outcome", pa.nulls(rows, pa.string()))
    return WorkList(cases.append_column("reviewed_at", pa.nulls(rows, pa.timestamp("s"))), work.claims)


@pytest.mark.parametrize("text", [*DANGEROUS, "", "'", "''=x", "'plain"])
def test_a_mark_comes_off_again(text):
    if not (text.startswith("'") and text[1:].startswith(CALCULATING)):
        assert without_mark(with_mark(text)) == text


@pytest.mark.parametrize("split", ["auditor", "region", "facility", "none"])
def test_splits_hold_every_case_once(month, tmp_path, split):
    done = handed(month, tmp_path / "out", tmp_path / "store", split=split)
    rows = [
        row for path in done.files if path.suffix == ".parquet" for row in pq.read_table(path).to_pylist()
    ]
    assert Counter(row["case_id"] for row in rows) == Counter(month.sample["case_id"].to_pylist())
    assert {row["auditor"] for row in rows} == set(THREE)
    column = {"auditor": "auditor", "region": "region", "facility": "facility_id"}.get(split)
    for path in done.files:
        if path.suffix == ".parquet" and column:
            assert len(set(pq.read_table(path)[column].to_pylist())) == 1


def test_shares_are_even_in_cases_and_money():
    sample = drawn(STRATA)
    ids, amounts = sample["case_id"].to_pylist(), sample["amount_mnt"].to_pylist()
    chosen = share_among(THREE, ids, amounts)
    count, money = Counter(chosen), Counter()
    for name, amount in zip(chosen, amounts, strict=True):
        money[name] += amount
    assert max(count.values()) - min(count.values()) <= 1
    assert max(money.values()) - min(money.values()) <= max(amounts)
    turned = share_among(THREE, ids[::-1], amounts[::-1])
    assert turned[::-1] == chosen


def test_whole_groups_stay_in_one_hand_and_balance():
    groups = ["a"] * 50 + ["b"] * 30 + ["c"] * 25 + ["d"] * 15
    chosen = share_groups(("x", "y"), groups)
    assert Counter(chosen) == {"x": 65, "y": 55}
    assert len(set(zip(groups, chosen, strict=True))) == 4


@pytest.mark.parametrize("names", [(), ("",), ("a", "a")])
def test_auditors_have_names_of_their_own(names):
    for share in (lambda: share_among(names, [1], [2]), lambda: share_groups(names, ["a"])):
        with pytest.raises(DaatgalError, match="each once"):
            share()
