"""Claims that nobody here wrote, through the product and the oracle: every column, and what ends in quarantine."""

import csv
from collections import Counter
from pathlib import Path
from zlib import crc32

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import daatgal
from tests import oracle
from tests.engine_judge import as_result
from tests.scale import SCALE

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
BOOK = ROOT / "data_samples" / "tariffs" / "mn-demo"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the public data is not on this machine")

QUARANTINED = {
    "medicare-inpatient": {("MISSING_VALUE",): 1},
    "medicare-mixed": {("MISSING_VALUE",): 1_588},
    "tuva-lines": {("MISSING_VALUE",): 222},
}
ROWS = {"medicare-inpatient": 40_474, "medicare-mixed": 68_177, "tuva-lines": 6_067}
ONE_PERSON_IN = {"medicare-inpatient": 8, "medicare-mixed": 8, "tuva-lines": 1}
"""The oracle takes its time, so of the large files it judges the claims of some people; the four-way run takes all."""


@pytest.fixture(scope="module")
def book() -> daatgal.TariffBook:
    return daatgal.load_tariff(BOOK)


def read_claims(name: str) -> pa.Table:
    return pq.read_table(DATA / name / "claims.parquet")


def of_some_people(claims: pa.Table, one_in: int) -> pa.Table:
    """All claims of one person in so many, at least of one: those with the least checksums of their ids."""
    people = sorted(
        pc.unique(claims["insured_id"]).to_pylist(), key=lambda person: (crc32(person.encode()), person)
    )
    chosen = people[: max(1, len(people) // one_in)]
    return claims.filter(pc.is_in(claims["insured_id"], pa.array(chosen)))


@pytest.mark.parametrize("name", QUARANTINED)
def test_every_claim_is_accounted_for(name, book):
    """Whole files, where kernels are compiled; their beginning, where they are not."""
    claims = read_claims(name)
    assert claims.num_rows == ROWS[name]
    if SCALE < 1:
        claims = claims.slice(0, round(2_000 * SCALE))
    settlement = daatgal.settle(claims, facilities=DATA / name / "facilities.csv", tariff=book)
    missing = claims["icd10"].null_count
    codes = Counter(tuple(codes) for codes in settlement.quarantine["error_codes"].to_pylist())
    assert codes == ({("MISSING_VALUE",): missing} if missing else {})
    assert missing == claims.num_rows - settlement.ledger.num_rows
    if SCALE >= 1:
        assert codes == QUARANTINED[name]
        assert settlement.held is False
    total = {
        column: sum(settlement.ledger[f"{column}_mnt"].to_pylist())
        for column in ("gross", "fund", "copay", "excess", "deducted")
    }
    assert total["gross"] == total["fund"] + total["copay"] + total["excess"] + total["deducted"] > 0


@pytest.mark.parametrize("name", QUARANTINED)
def test_the_oracle_says_the_same(name, book):
    facilities = DATA / name / "facilities.csv"
    one_in = ONE_PERSON_IN[name] if SCALE >= 1 else max(ONE_PERSON_IN[name], 20) / SCALE
    claims = of_some_people(read_claims(name), round(one_in))
    assert claims.num_rows > 0
    found = as_result(daatgal.settle(claims, facilities=facilities, tariff=book))
    with facilities.open(encoding="utf-8", newline="") as file:
        places = list(csv.DictReader(file))
    wanted = oracle.judge(claims.to_pylist(), facilities=places, book=BOOK)
    assert found.quarantine == wanted.quarantine
    differing = Counter(
        column
        for one, other in zip(found.ledger, wanted.ledger, strict=True)
        for column in other
        if one[column] != other[column]
    )
    assert differing == {}
