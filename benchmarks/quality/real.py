"""Real claims made ready: hours and tests, which the source lacks, and one kind of anomaly in the last months.

In: the folder of `medicare-mixed`, a seed. Out: claims, registers and the truth.
"""

from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import daatgal
from benchmarks.quality.inject import MAKERS, Night, Prices
from benchmarks.quality.kinds import KINDS
from benchmarks.quality.national import BOOK, Nights
from benchmarks.quality.rows import at_times, replaced, seconds, texts

LAST_MONTHS_FROM = "2009-10-01"
ONE_TEST_IN = 8
PRICED_ON = "2009-07-01"
LEAST_CLAIMS = 3
"""A diagnosis with fewer claims is too rare to upcode to."""


def real(folder: Path, seed: int, rate: float) -> Nights:
    """The claims up to September 2009 to learn from; `rate` of the rows after it are of a kind."""
    book = daatgal.load_tariff(BOOK)
    tests = tests_of(book)
    claims = prepared(pq.read_table(folder / "claims.parquet"), tests)
    registers = {"facilities": folder / "facilities.csv", "tariff": book}
    late = pc.greater_equal(claims["start_at"], pa.scalar(np.datetime64(LAST_MONTHS_FROM, "s")))
    history, last = claims.filter(pc.invert(late)), claims.filter(late)
    night = Night(last, Prices(paid(claims, registers), tests))

    def nights():
        for number, kind in enumerate(KINDS):
            made = MAKERS[kind.name](
                night, round(rate * last.num_rows), np.random.default_rng([seed, number])
            )
            yield kind.name, made.claims, made.claim_ids

    return Nights(history, registers, None, nights())


def tests_of(book: daatgal.TariffBook) -> dict[str, int]:
    """The tests that the book lists on PRICED_ON, with their prices."""
    day = np.datetime64(PRICED_ON, "D").astype(np.int64)
    return {
        row.service_code: row.unit_mnt
        for row in book.items
        if row.care_type == "diagnostics"
        and row.service_code != "*"
        and row.unit_mnt is not None
        and row.valid_from_day <= day <= row.valid_to_day
    }


def prepared(claims: pa.Table, tests: dict[str, int]) -> pa.Table:
    """Rows with a diagnosis; hours from the claim id's checksum, one visit in ONE_TEST_IN as a test, doctors named."""
    claims = claims.filter(pc.is_valid(claims["icd10"]))
    for name in ("start_at", "end_at", "submitted_at"):
        place = claims.schema.get_field_index(name)
        claims = claims.set_column(place, name, claims[name].cast(pa.timestamp("s")))
    claims = claims.append_column(
        pa.field("practitioner_id", pa.string()), claims["department_id"].cast(pa.string())
    )
    chance = np.array([crc32(one.encode()) for one in claims["claim_id"].to_pylist()], np.int64)
    start_s, end_s = seconds(claims, "start_at"), seconds(claims, "end_at")
    stay = texts(claims, "care_type") == "inpatient"
    visit = ~stay & (start_s == end_s)
    begun_s = start_s + 28_800 + chance % 108 * 300
    least_s = np.where(stay, 4 * 3600, 0) + (10 + chance // 108 % 30) * 60
    ended_s = np.where(visit, 0, end_s + 32_400 + chance // 3240 % 72 * 300)
    length_s = np.maximum(ended_s - begun_s, least_s)
    claims = replaced(claims, at_times(begun_s, length_s))
    claims = replaced(claims, {"submitted_at": claims["end_at"].to_pylist()})
    test = visit & (chance // 233_280 % ONE_TEST_IN == 0)
    known = sorted(tests)
    codes = [
        known[number % len(known)] if is_test else None for number, is_test in zip(chance, test, strict=True)
    ]
    billed = claims["billed_mnt"].to_pylist()
    return replaced(
        claims,
        {
            "care_type": np.where(test, "diagnostics", texts(claims, "care_type")),
            "service_code": codes,
            "billed_mnt": [
                own if code is None else tests[code] for own, code in zip(billed, codes, strict=True)
            ],
        },
    )


def paid(claims: pa.Table, registers: dict) -> dict[tuple[str, str], int]:
    """By care type and diagnosis the least that the book pays for one of its claims, where there are LEAST_CLAIMS."""
    state = daatgal.settle(claims, **registers).state
    columns = {name: state[name].cast(pa.string()) for name in ("care_type", "icd10")}
    table = pa.table(columns | {"mnt": state["outcome_gross_mnt"]})
    table = table.filter(
        pc.and_(pc.greater(table["mnt"], 0), pc.not_equal(table["care_type"], "diagnostics"))
    )
    grouped = table.group_by(["care_type", "icd10"]).aggregate([("mnt", "min"), ("mnt", "count")])
    return {
        (row["care_type"], row["icd10"]): row["mnt_min"]
        for row in grouped.to_pylist()
        if row["mnt_count"] >= LEAST_CLAIMS
    }
