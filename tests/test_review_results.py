"""Results back: every good line is stored, every bad one named; nothing stored is ever changed."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from daatgal.errors import DaatgalError, OutputError
from daatgal.review.bring_back import findings_in_files, findings_in_store, import_results
from daatgal.review.drawn import read_drawn
from daatgal.review.hand_out import Wanted, hand_out
from daatgal.review.lines import read_lines
from daatgal.review.store import create_store, open_store
from tests.review_files import COLUMNS, GOOD, NOW, WRITERS, as_csv, as_xlsx, handed_out
from tests.review_month import AT, Month
from tests.review_sample import STRATA, drawn


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return Month(tmp_path_factory.mktemp("month"), drawn(STRATA, claims=2))


@pytest.fixture
def store(month, tmp_path):
    with open_store(handed_out(month, tmp_path)) as kept:
        yield kept


@pytest.mark.parametrize("form", WRITERS)
def test_every_form_says_the_same(store, tmp_path, form):
    rows = [
        GOOD,
        ("C000002", "correct", None, "Бат", "2026-11-02", "дүрэмтэй"),
        ("C000003", "cannot_determine", 0, "Дорж", "2026-11-02", "баримт алга"),
        ("C000004", "underpaid", 77, "Дорж", "2026-11-02", ""),
    ]
    done = import_results(store, WRITERS[form](tmp_path / f"r.{form}", rows), "Оюун", NOW)
    assert (done.first, done.corrected, done.unchanged, done.refused) == (4, 0, 0, [])
    stored = [record.review for record in store.outcomes()]
    assert [(r.case_id, str(r.outcome), r.amount_mnt, r.auditor, r.note) for r in stored] == [
        ("C000001", "overpaid", 500, "Бат", ""),
        ("C000002", "correct", 0, "Бат", "дүрэмтэй"),
        ("C000003", "cannot_determine", 0, "Дорж", "баримт алга"),
        ("C000004", "underpaid", 77, "Дорж", ""),
    ]
    assert {r.reviewed_at for r in stored} == {datetime.fromisoformat("2026-11-02")}
    assert {record.recorded_at for record in store.outcomes()} == {NOW}


@pytest.mark.parametrize("lang", ["mn", "en"])
@pytest.mark.parametrize("suffix", [".xlsx", ".csv"])
def test_a_filled_in_work_list_comes_back(month, store, tmp_path, lang, suffix):
    """Headings and outcomes in the words of the list; lines not yet filled in are no fault."""
    out = tmp_path / "filled"
    wanted = Wanted(split="none", lang=lang)
    done = hand_out(month.directory, out, wanted, None, history=[month.night], store=store.path, at=NOW)
    lines = read_lines(next(path for path in done.files if path.suffix == suffix))
    outcome, word, auditor, day, amount = {
        "mn": ("дүгнэлт", "Илүү төлсөн", "Хянагч", "Хянасан огноо", "Зөрүү дүн, ₮"),
        "en": ("outcome", "Overpaid", "Auditor", "Reviewed", "Amount wrong, ₮"),
    }[lang]
    names = list(lines.columns)
    filled = []
    for line in lines.rows[:3]:
        row = line.values | {auditor.lower(): "Бат", day.lower(): AT, amount.lower(): 1, outcome: word}
        filled.append([row.get(name) for name in names])
    filled += [[line.values.get(name) for name in names] for line in lines.rows[3:]]
    back = import_results(store, as_xlsx(tmp_path / "back.xlsx", filled, names), "Оюун", NOW)
    assert (back.first, back.unfilled, back.refused) == (3, len(lines.rows) - 3, [])


BAD = [
    ("case_id", ("C999999", "correct", None, "Бат", "2026-11-02", ""), "'C999999'", "the id of a drawn case"),
    (
        "case_id",
        (None, "correct", None, "Бат", "2026-11-02", ""),
        "nothing",
        "the id of a drawn case, or claim_id",
    ),
    ("outcome", ("C000009", "wrong", None, "Бат", "2026-11-02", ""), "'wrong'", "one of overpaid"),
    ("outcome", ("C000009", None, 5, "Бат", "2026-11-02", ""), "nothing", "one of overpaid"),
    ("amount_mnt", ("C000009", "overpaid", "five", "Бат", "2026-11-02", ""), "'five'", "whole tögrög"),
    ("amount_mnt", ("C000009", "overpaid", "1 000", "Бат", "2026-11-02", ""), "'1 000'", "whole tögrög"),
    ("amount_mnt", ("C000009", "overpaid", "=2+3", "Бат", "2026-11-02", ""), "'=2+3'", "whole tögrög"),
    ("amount_mnt", ("C000009", "overpaid", 0.5, "Бат", "2026-11-02", ""), "0.5", "whole tögrög"),
    ("amount_mnt", ("C000009", "overpaid", -5, "Бат", "2026-11-02", ""), "-5", "whole tögrög"),
    (
        "amount_mnt",
        ("C000009", "overpaid", None, "Бат", "2026-11-02", ""),
        "nothing",
        "whole tögrög, at least 1",
    ),
    ("amount_mnt", ("C000009", "overpaid", 0, "Бат", "2026-11-02", ""), "0", "whole tögrög, at least 1"),
    ("amount_mnt", ("C000009", "correct", 5, "Бат", "2026-11-02", ""), "5", "no amount, or 0, for correct"),
    (
        "amount_mnt",
        ("C000009", "overpaid", 10**15, "Бат", "2026-11-02", ""),
        "1000000000000000",
        "which is what the fund paid",
    ),
    ("auditor", ("C000009", "correct", None, None, "2026-11-02", ""), "nothing", "who reviewed it"),
    ("reviewed_at", ("C000009", "correct", None, "Бат", None, ""), "nothing", "a date or time"),
    ("reviewed_at", ("C000009", "correct", None, "Бат", "yesterday", ""), "'yesterday'", "a date or time"),
    ("reviewed_at", ("C000009", "correct", None, "Бат", "2062-11-02", ""), "'2062-11-02'", "to today"),
    ("reviewed_at", ("C000009", "correct", None, "Бат", "1026-11-02", ""), "'1026-11-02'", "to today"),
    ("note", ("C000009", "correct", None, "Бат", "2026-11-02", "x" * 4001), "xxx", "at most 4000"),
]


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize(("column", "row", "found", "expected"), BAD)
def test_a_bad_line_is_named_and_stops_no_other(store, tmp_path, form, column, row, found, expected):
    path = WRITERS[form](tmp_path / f"r.{form}", [GOOD, row, ("C000002", *GOOD[1:])])
    done = import_results(store, path, "Оюун", NOW)
    assert done.first == 2
    (refusal,) = done.refused
    assert (refusal.file, refusal.line, refusal.column) == (path.name, 3, column)
    assert found.strip("'") in refusal.found
    assert expected in refusal.expected
    assert store.refusals() == [refusal]
    assert f"{path.name}, line 3, {column}: found " in str(refusal)


def test_a_formula_is_no_value(store, tmp_path):
    """What a formula shows was stored by a program, and may not be what it says."""
    rows = [("C000001", "overpaid", "=250*2", "Бат", "2026-11-02", "")]
    done = import_results(store, as_xlsx(tmp_path / "r.xlsx", rows, formulas={(1, 2)}), "Оюун", NOW)
    assert [str(refusal) for refusal in done.refused] == [
        "r.xlsx, line 2, amount_mnt: found a formula, expected whole tögrög, at least 1"
    ]


def test_a_case_twice_in_a_file(store, tmp_path):
    rows = [GOOD, GOOD, ("C000002", "correct", None, *GOOD[3:]), ("C000002", "overpaid", 5, *GOOD[3:])]
    done = import_results(store, as_csv(tmp_path / "r.csv", rows), "Оюун", NOW)
    assert done.first == 1, "the same twice is one; two that differ are none"
    assert [(refusal.line, refusal.found) for refusal in done.refused] == [
        (3, "the same outcome in line 2"),
        (4, "another outcome in line 5"),
        (5, "another outcome in line 4"),
    ]


def test_corrections_keep_both_and_the_same_again_is_nothing(month, store, tmp_path):
    import_results(store, as_csv(tmp_path / "a.csv", [GOOD]), "Оюун", NOW)
    again = import_results(store, as_csv(tmp_path / "b.csv", [GOOD]), "Оюун", NOW)
    assert (again.first, again.corrected, again.unchanged) == (0, 0, 1)
    opened = Wanted(split="none", hints=True)
    hand_out(
        month.directory, tmp_path / "open", opened, None, history=[month.night], store=store.path, at=NOW
    )
    later = NOW + timedelta(hours=2)
    changed = import_results(
        store, as_csv(tmp_path / "c.csv", [("C000001", "correct", None, *GOOD[3:])]), "Оюун", later
    )
    assert (changed.first, changed.corrected) == (0, 1)
    recorded = store.outcomes()
    assert [(str(r.review.outcome), r.hints_open) for r in recorded] == [
        ("overpaid", False),
        ("correct", True),
    ]
    found = findings_in_store(store)
    assert found.table.to_pylist() == [
        {"case_id": "C000001", "outcome": "correct", "overpaid_mnt": 0, "underpaid_mnt": 0}
    ]
    assert found.changed_after_hints == 1


def test_outcomes_of_single_claims_add_up(store, tmp_path):
    columns = ("claim_id", *COLUMNS[1:])
    rows = [
        ("C000001", "overpaid", 500, "Бат", "2026-11-02", ""),
        ("C000001-1", "underpaid", 100, "Бат", "2026-11-02", ""),
        ("C000002-1", "cannot_determine", None, "Бат", "2026-11-02", ""),
    ]
    import_results(store, as_csv(tmp_path / "r.csv", rows, columns), "Оюун", NOW)
    assert findings_in_store(store).table.to_pylist() == [
        {"case_id": "C000001", "outcome": "overpaid", "overpaid_mnt": 500, "underpaid_mnt": 100},
        {"case_id": "C000002", "outcome": "cannot_determine", "overpaid_mnt": 0, "underpaid_mnt": 0},
    ]
    import_results(store, as_csv(tmp_path / "s.csv", [("C000001", "correct", None, *GOOD[3:])]), "Оюун", NOW)
    assert findings_in_store(store).table["overpaid_mnt"].to_pylist()[0] == 0, (
        "one of the whole case sets them aside"
    )
    rows = [("C000001", "C000002-1", *GOOD[1:])]
    done = import_results(store, as_csv(tmp_path / "t.csv", rows, ("case_id", *columns)), "Оюун", NOW)
    assert "expected a claim of case 'C000001'" in str(done.refused[0])


def test_a_claim_is_not_overpaid_by_more_than_it_was_paid(store, month, tmp_path):
    paid = month.sample["amount_mnt"][0].as_py() // 2
    rows = [("C000001", "overpaid", paid + 1, "Бат", "2026-11-02", "")]
    done = import_results(store, as_csv(tmp_path / "r.csv", rows, ("claim_id", *COLUMNS[1:])), "Оюун", NOW)
    assert f"found {paid + 1}, expected at most {paid}" in str(done.refused[0])


def test_files_without_a_store(month, tmp_path):
    paths = [
        as_csv(tmp_path / "a.csv", [GOOD]),
        as_csv(tmp_path / "b.csv", [("C000001", "correct", None, *GOOD[3:])]),
    ]
    found = findings_in_files(read_drawn(month.directory), paths, NOW)
    assert found.table["outcome"].to_pylist() == ["correct"], "the later file counts"
    assert [file["name"] for file in found.files] == ["a.csv", "b.csv"]


def test_nothing_stored_can_be_changed(store, tmp_path):
    import_results(store, as_csv(tmp_path / "a.csv", [GOOD]), "Оюун", NOW)
    with closing(sqlite3.connect(store.path)) as other:
        for statement in (
            "UPDATE outcomes SET amount_mnt = 1",
            "DELETE FROM outcomes",
            "INSERT OR REPLACE INTO outcomes SELECT * FROM outcomes",
            "UPDATE facts SET value = '1'",
            "DELETE FROM imports",
            "UPDATE claims SET fund_mnt = 0",
            "REPLACE INTO facts VALUES ('month', '\"2026-11\"')",
        ):
            with pytest.raises(sqlite3.Error, match=r"nothing in a review store is (changed|replaced)"):
                other.execute(statement)
        other.executescript("DROP TRIGGER outcomes_update; UPDATE outcomes SET amount_mnt = 1")
    with pytest.raises(OutputError, match="outcome 1 is not as it was stored"):
        store.outcomes()


def test_a_store_is_made_once_and_for_its_owner(store):
    assert store.path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(OutputError, match="a store cannot be made here"):
        create_store(store.path, {}, [])
    with pytest.raises(DaatgalError, match="found no review store"), open_store(store.path.with_name("x")):
        pass


def test_whole_number_ids_in_every_form(tmp_path):
    sample = drawn(STRATA)
    numbers = [10**17 + place for place in range(sample.num_rows)]
    sample = sample.set_column(0, "case_id", pa.array(numbers))
    sample = sample.set_column(1, "claim_ids", pa.array([[number] for number in numbers]))
    month = Month(tmp_path, sample)
    cases = read_drawn(month.directory)
    for form, values in {
        "csv": numbers,
        "parquet": numbers,
        "xlsx": [str(number) for number in numbers],
    }.items():
        rows = [(value, *GOOD[1:]) for value in values[:3]]
        found = findings_in_files(cases, [WRITERS[form](tmp_path / f"r.{form}", rows)], NOW)
        assert found.table["case_id"].to_pylist() == numbers[:3]
    rounded = as_xlsx(tmp_path / "n.xlsx", [(numbers[1], *GOOD[1:])])
    assert findings_in_files(cases, [rounded], NOW).refused[0].column == "case_id", (
        "a workbook's number lost digits"
    )
