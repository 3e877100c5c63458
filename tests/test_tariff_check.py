"""`tariff check`: rows that can never be chosen, against trying every claim; and rows that claims did not choose."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from itertools import product
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daatgal.tariff import TariffBook, load_tariff
from daatgal.tariff.check import Kind, check_book
from daatgal.tariff.grouping import Subject, meets, rank
from daatgal.tariff.rows import DrgMapRow
from tests.tariff_small import appended, replaced, write_book

pytestmark = pytest.mark.kernels

BOUNDS = ("G40", "G41", "G42", "G401", "G409", "G40Z", "G4Z", "Z9Z", "A00", "G3Z")
CODES = (*BOUNDS, "A01", "G30", "G402", "G4011", "G40A", "G42Z", "G43", "G50", "Z9ZZ")
AGES = (None, 0, 4, 5, 17, 18, 61)
PROCEDURES = ((), ("01",), ("015",), ("02",))
PAIRS = ((), ("C00",), ("C50",))
DAYS = (0, 2, 4)
"""Every period of a drawn row begins on day 0 or 2 and ends on day 1, 3 or 5."""


def map_row(low: str, high: str, drg_code: str = "A", **others: object) -> DrgMapRow:
    row = DrgMapRow("inpatient", low, high, None, None, None, None, None, drg_code, 0, 0, 5, "t", 0)
    return row._replace(**others)


@st.composite
def map_rows(draw: st.DrawFn) -> list[DrgMapRow]:
    rows = []
    for line in range(2, 2 + draw(st.integers(1, 7))):
        bounds = draw(st.tuples(st.sampled_from(BOUNDS), st.sampled_from(BOUNDS)))
        shorter = min(map(len, bounds))
        low, high = bounds if bounds[0][:shorter] <= bounds[1][:shorter] else reversed(bounds)
        ages = sorted(draw(st.tuples(st.sampled_from((0, 5, 18)), st.sampled_from((5, 17, 60)))))
        first = draw(st.sampled_from((0, 2)))
        rows.append(
            map_row(
                low,
                high,
                draw(st.sampled_from("ABC")),
                procedure=draw(st.sampled_from((None, None, "0", "01", "015"))),
                paired_icd10=draw(st.sampled_from((None, None, "C", "C5"))),
                age_from=draw(st.sampled_from((None, None, ages[0]))),
                age_to=draw(st.sampled_from((None, None, ages[1]))),
                sex=draw(st.sampled_from((None, None, "m", "f"))),
                priority=draw(st.sampled_from((-1, 0, 0, 1))),
                valid_from_day=first,
                valid_to_day=draw(st.sampled_from((first + 1, 5))),
                line=line,
            )
        )
    return rows


def every_subject() -> Iterator[Subject]:
    for code, procedures, secondary, age, sex in product(CODES, PROCEDURES, PAIRS, AGES, (None, "m", "f")):
        yield Subject(code, procedures, secondary, age, sex)


SUBJECTS = list(every_subject())


def leading(rows: list[DrgMapRow]) -> tuple[set[int], set[int]]:
    """The lines that lead some claim without a claimed group, and with one, by trying every claim on every day."""
    unclaimed, claimed = set(), set()
    ordered = sorted(rows, key=lambda row: (rank(row), row.line))
    for subject in SUBJECTS:
        candidates = [row for row in ordered if meets(row, subject)]
        for day in DAYS if candidates else ():
            in_force = [row for row in candidates if row.valid_from_day <= day <= row.valid_to_day]
            first_of_group = {row.drg_code: row.line for row in reversed(in_force)}
            unclaimed.update(row.line for row in in_force[:1])
            claimed.update(first_of_group.values())
    return unclaimed, claimed


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> TariffBook:
    """A book of inpatient care alone, in force for the days 0 to 5, whose map the tests put in."""
    book = load_tariff(write_book(tmp_path_factory.mktemp("check") / "book"))
    inpatient = book.care_types[0]._replace(valid_from_day=0, valid_to_day=5)
    return replace(book, care_types=(inpatient,), copay=())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(rows=map_rows())
def test_rows_that_lead_no_claim_are_found_by_trying_every_claim(
    small: TariffBook, rows: list[DrgMapRow]
) -> None:
    book = replace(small, drg_map=tuple(rows))
    found = {finding.line: finding.kind for finding in check_book(book).warnings}
    unclaimed, claimed = leading(rows)
    for row in rows:
        expected = Kind.ONLY_IF_CLAIMED if row.line in claimed else Kind.NEVER_CHOSEN
        assert found.get(row.line) == (None if row.line in unclaimed else expected), row


def test_a_row_is_hidden_by_several_that_cover_it_together(small: TariffBook) -> None:
    thirds = [map_row("G40", "G40"), map_row("G41", "G41"), map_row("G42", "G4Z")]
    whole = map_row("G40", "G4Z", line=9)
    assert check_book(replace(small, drg_map=(*thirds, whole))).warnings[0].line == 9
    assert check_book(replace(small, drg_map=(*thirds[:2], whole))).warnings == ()


def test_a_row_out_of_its_care_types_life_is_never_chosen(tmp_path: Path) -> None:
    edit = replaced("drg_map.csv", "V1,-1,2010-01-01", "V1,-1,2020-01-01")
    (finding,) = check_book(load_tariff(write_book(tmp_path / "book", edit))).warnings
    assert (finding.kind, finding.file, finding.line) == (Kind.NEVER_CHOSEN, "drg_map.csv", 4)
    assert "on no day on which outpatient is priced by group" in str(finding)


def test_the_small_book_has_nothing_to_warn_of(tmp_path: Path) -> None:
    assert check_book(load_tariff(write_book(tmp_path / "book"))).warnings == ()


def test_a_copayment_for_a_group_that_is_not_there_is_warned_of(tmp_path: Path) -> None:
    edit = appended("copay.csv", "inpatient,*,F9,*,0,,false,,,t")
    (finding,) = check_book(load_tariff(write_book(tmp_path / "book", edit))).warnings
    assert (finding.kind, finding.line) == (Kind.UNKNOWN_DRG, 4)


CLAIMS = {
    "care_type": [
        "inpatient",
        "inpatient",
        "inpatient",
        "outpatient",
        "outpatient",
        "diagnostics",
        "inpatient",
    ],
    "icd10": ["G40.1", "g 40", "G40.1", "Z99", "A00", "A00", "B00"],
    "procedures": [None, ["01.5", "99"], ["01.5"], None, None, None, None],
    "icd10_secondary": [None, ["bad", "C50.9"], ["D10"], None, None, None, None],
    "sex": ["f", "f", "f", None, None, None, None],
    "birth_date": [None, date(2002, 2, 28), date(2002, 2, 28), None, None, None, None],
    "drg_code": [None, None, "F1", None, None, None, None],
    "start_at": [datetime(2020, 1, 1)] * 3 + [datetime(2019, 12, 31), *[datetime(2020, 1, 1)] * 3],  # noqa: DTZ001
    "end_at": [datetime(2020, 2, 27)] * 7,  # noqa: DTZ001
}


def as_other_types(table: pa.Table) -> pa.Table:
    for name in ("procedures", "icd10_secondary"):
        cells = ["|".join(codes or []) for codes in table[name].to_pylist()]
        table = table.set_column(table.column_names.index(name), name, pa.array(cells, pa.large_string()))
    utc = pa.compute.assume_timezone(table["start_at"], "Asia/Ulaanbaatar").cast(pa.timestamp("ns", "UTC"))
    table = table.set_column(table.column_names.index("start_at"), "start_at", utc)
    ends = [str(end) for end in table["end_at"].to_pylist()]
    table = table.set_column(table.column_names.index("end_at"), "end_at", pa.array(ends, pa.string_view()))
    return table.set_column(0, "care_type", table["care_type"].dictionary_encode())


@pytest.mark.parametrize("as_types", [lambda table: table, as_other_types], ids=["plain", "others"])
def test_claims_are_counted_for_the_rows_that_group_them(as_types, tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book"))
    claims = pa.table(CLAIMS)
    findings = check_book(book, as_types(claims))
    assert findings.warnings == ()
    assert (findings.claims, findings.claims_without_group) == (5, 1)
    fewer = check_book(book, as_types(pa.concat_tables([claims.slice(0, 1), claims.slice(2)])))
    assert [(finding.kind, finding.line) for finding in fewer.warnings] == [(Kind.NOT_CHOSEN_BY_CLAIMS, 3)]
    assert "was chosen by none of 4 claims" in fewer.warnings[0].message


def test_age_and_messages_decide_too(tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book"))
    one = pa.table(CLAIMS).slice(1, 1)

    def chosen_lines(claims: pa.Table) -> set[int]:
        return {2, 3, 4} - {finding.line for finding in check_book(book, claims).warnings}

    assert chosen_lines(one) == {3}
    older = one.set_column(one.column_names.index("birth_date"), "birth_date", pa.array([date(2002, 1, 1)]))
    assert chosen_lines(older) == {2}
    assert chosen_lines(one.append_column("message", pa.array(["cancellation"]))) == set()
    assert chosen_lines(one.append_column("message", pa.array([""]))) == {3}


def test_a_listed_item_is_not_grouped(tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book", appended("items.csv", "inpatient,IMPLANT,,,5,,,t")))
    one = pa.table(CLAIMS).slice(0, 1)
    assert check_book(book, one).claims == 1
    assert check_book(book, one.append_column("service_code", pa.array(["IMPLANT"]))).claims == 0


def test_a_batch_without_rows_or_columns_chooses_nothing(tmp_path: Path) -> None:
    book = load_tariff(write_book(tmp_path / "book"))
    findings = check_book(book, pa.table({"care_type": pa.array([], pa.string())}))
    assert (findings.claims, len(findings.warnings)) == (0, 3)
