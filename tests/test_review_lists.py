"""Work lists: blind at first review, safe to open, shared out evenly, the same bytes again."""

import csv
import io
import stat
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from python_calamine import CalamineWorkbook

from daatgal.errors import DaatgalError
from daatgal.extrapolation import NonResponse, Treatment
from daatgal.review.bring_back import import_results
from daatgal.review.hand_out import Wanted, hand_out
from daatgal.review.pseudonyms import pseudonym_key, pseudonyms
from daatgal.review.store import open_store
from daatgal.review.words import HEADINGS, REASONS, heading, reason_words
from daatgal.review.worklist import HINTS
from daatgal_engine.reasons import Reason
from tests.review_lists import NOW, THREE, handed
from tests.review_month import Month
from tests.review_sample import STRATA, drawn


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return Month(tmp_path_factory.mktemp("month"))


def sheet(path: Path, place: int = 0) -> list[list]:
    with CalamineWorkbook.from_path(path) as workbook:
        return workbook.get_sheet_by_index(place).to_python()


def csv_rows(path: Path) -> list[list[str]]:
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf"), "spreadsheets look for the mark of UTF-8"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("lang", ["mn", "en"])
def test_a_blind_list_has_nothing_of_why_a_case_was_drawn(month, tmp_path, lang):
    done = handed(month, tmp_path / "out", tmp_path / "store", lang=lang)
    assert (done.cases, len(done.files)) == (172, 9)
    hidden = {heading(name, lang) for name in HINTS} | set(HINTS)
    for path in done.files:
        if path.suffix == ".parquet":
            names, texts = pq.read_schema(path).names, pq.read_table(path).to_pylist()
            assert pq.read_schema(path).metadata is None
        elif path.suffix == ".csv":
            names, *texts = csv_rows(path)
        else:
            names, *texts = sheet(path)
            claims = sheet(path, 1)
            assert not set(claims[0]) & hidden
            texts += claims[1:]
        assert not set(names) & hidden
        words = {reason_words(code, lang) for code in REASONS} | {*REASONS, *(name for name, *_ in STRATA)}
        told = [word for word in words if word != "certainty" and word in repr(texts)]
        assert told == []
        assert "ANOMALY" not in repr(texts)


def test_the_order_of_a_blind_list_says_nothing(month, tmp_path):
    """By facility and id; neither stratum nor score."""
    done = handed(month, tmp_path / "out", tmp_path / "store", split="none", auditors=())
    rows = pq.read_table(next(path for path in done.files if path.suffix == ".parquet")).to_pylist()
    keys = [(row["facility_id"], row["case_id"]) for row in rows]
    assert keys == sorted(keys)


def test_hints_open_with_the_first_outcome_and_no_sooner(month, tmp_path):
    store = tmp_path / "store"
    handed(month, tmp_path / "blind", store)
    assert handed(month, tmp_path / "none", store, hints=True).cases == 0
    done = month.sample["case_id"].to_pylist()[:7]
    results = tmp_path / "results.csv"
    results.write_text(
        "case_id,outcome,amount_mnt,auditor,reviewed_at\n"
        + "".join(f"{case},overpaid,10,Бат,2026-11-02\n" for case in done)
    )
    with open_store(store) as kept:
        import_results(kept, results, "Оюун", NOW)
    later = handed(month, tmp_path / "open", store, hints=True, lang="en")
    assert later.cases == 7
    rows = [
        row for path in later.files if path.suffix == ".parquet" for row in pq.read_table(path).to_pylist()
    ]
    assert sorted(row["case_id"] for row in rows) == sorted(done)
    assert set(HINTS) <= rows[0].keys()
    by_case = {row["case_id"]: row for row in month.sample.to_pylist()}
    for row in rows:
        drawn_row = by_case[row["case_id"]]
        assert (row["first_outcome"], row["stratum"]) == ("overpaid", drawn_row["stratum"])
        assert row["reason_codes"] == ", ".join(drawn_row["reasons"])
        for code in drawn_row["reasons"]:
            words = f"{code} it is" if code.startswith("ANOMALY") else reason_words(code, "en")
            assert words in row["reasons"]
            assert f"{row['case_id']}: " in row["evidence"]
            assert words in row["evidence"]
        assert ("(75%)" in row["evidence"]) == ("ANOMALY" in row["reason_codes"])
    blind = [
        row for path in (tmp_path / "blind").glob("*.parquet") for row in pq.read_table(path).to_pylist()
    ]
    hands = {row["case_id"]: row["auditor"] for row in blind}
    assert all(hands[row["case_id"]] == row["auditor"] for row in rows), "a case stays in one hand"
    with open_store(store) as kept:
        said = [(export["kind"], export["cases"], export["who"]) for export in kept.exports()]
    assert said == [("blind", 172, "Оюун"), ("open", 0, "Оюун"), ("open", 7, "Оюун")]


def test_a_list_read_again_is_the_list(month, tmp_path):
    done = handed(month, tmp_path / "out", tmp_path / "store", split="none", auditors=(), lang="mn")
    paths = {path.suffix: path for path in done.files}
    table = pq.read_table(paths[".parquet"])
    header, *rows = sheet(paths[".xlsx"])
    assert header == [heading(name, "mn") for name in table.column_names]
    assert len(rows) == table.num_rows
    for place, name in enumerate(table.column_names):
        found = [_as_read(row[place]) for row in rows]
        assert found == table[name].to_pylist(), name
    header, *rows = csv_rows(paths[".csv"])
    assert header == [heading(name, "mn") for name in table.column_names]
    assert [row[0] for row in rows] == table["case_id"].to_pylist()
    assert [int(row[header.index("Эрсдэлтэй дүн, ₮")]) for row in rows] == table[
        "amount_at_risk_mnt"
    ].to_pylist()


def _as_read(value: object) -> object:
    """A cell as Parquet has it: empty is null, midnight is a time."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time())
    return None if value == "" else value


def test_the_workbook_is_frozen_filtered_and_asks_for_outcomes(month, tmp_path):
    import zipfile

    done = handed(month, tmp_path / "out", tmp_path / "store", lang="mn")
    with zipfile.ZipFile(next(path for path in done.files if path.suffix == ".xlsx")) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
        assert not any("hyperlink" in name or "externalLink" in name for name in archive.namelist())
    assert 'state="frozen"' in xml
    assert "<autoFilter" in xml
    assert "<f>" not in xml
    assert "<hyperlink" not in xml
    assert "илүү төлсөн,дутуу төлсөн,зөв,тогтоох боломжгүй" in xml


def test_insured_persons_are_shown_by_pseudonym_or_not_at_all(month, tmp_path):
    key = tmp_path / "key"
    runs = {
        "none": handed(month, tmp_path / "a", tmp_path / "store", split="none"),
        "key": handed(month, tmp_path / "b", tmp_path / "store", split="none", pseudonym_key=key),
        "again": handed(month, tmp_path / "c", tmp_path / "store", split="none", pseudonym_key=key),
        "admin": handed(
            month, tmp_path / "d", tmp_path / "store", split="none", role="admin", show_insured=True
        ),
    }
    tables = {name: pq.read_table(run.files[2]) for name, run in runs.items()}
    assert not {"insured", "insured_id"} & set(tables["none"].column_names)
    assert tables["key"].equals(tables["again"])
    shown = tables["key"]["insured"].to_pylist()
    assert all(len(name) == 16 and not name.startswith("P") for name in shown)
    assert shown == pseudonyms(tables["admin"]["insured_id"].to_pylist(), pseudonym_key(key))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    with pytest.raises(DaatgalError, match="found role analyst, expected admin"):
        handed(month, tmp_path / "e", tmp_path / "store", role="analyst", show_insured=True)
    key.chmod(0o644)
    with pytest.raises(DaatgalError, match="found mode 0644"):
        handed(month, tmp_path / "f", tmp_path / "store", pseudonym_key=key)
    key.chmod(0o600)
    key.write_text("daatgal-pseudonym-key-1 short\n")
    with pytest.raises(DaatgalError, match="is not a pseudonym key") as refused:
        handed(month, tmp_path / "g", tmp_path / "store", pseudonym_key=key)
    assert "short" not in str(refused.value)


def test_the_same_list_again_changes_nothing_and_another_is_refused(month, tmp_path):
    store, out = tmp_path / "store", tmp_path / "out"
    first = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in handed(month, out, store).files}
    again = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in handed(month, out, store).files}
    assert first == again
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in first)
    with pytest.raises(DaatgalError, match="files are never overwritten"):
        handed(month, out, store, lang="en")


def test_peer_figures_are_there_for_every_case(month, tmp_path):
    done = handed(month, tmp_path / "out", tmp_path / "store", split="none")
    table = pq.read_table(done.files[2])
    assert table["peer_cases"].null_count == 0
    gross = {}
    for row in table.to_pylist():
        gross.setdefault(row["care_type"], []).append(row["gross_mnt"])
    for row in table.to_pylist():
        if row["peer_cases"] == len(gross[row["care_type"]]):
            ordered = sorted(gross[row["care_type"]])
            assert row["peer_median_mnt"] == ordered[(len(ordered) - 1) // 2]
    assert min(table["peer_cases"].to_pylist()) >= 30


def test_other_nights_than_the_draws_are_refused(month, tmp_path):
    with pytest.raises(DaatgalError, match="found no folder of run"):
        hand_out(month.directory, tmp_path, Wanted(auditors=THREE), None, history=[], store=None, at=NOW)
    other = Month(tmp_path / "other", drawn(STRATA, seed=9))
    with pytest.raises(DaatgalError, match=r"other/night; expected the 1 nights"):
        hand_out(
            month.directory,
            tmp_path / "out",
            Wanted(auditors=THREE),
            None,
            history=[month.night, other.night],
            store=None,
            at=NOW,
        )


def test_a_store_belongs_to_one_sample_and_one_rule(month, tmp_path):
    store = tmp_path / "store"
    handed(month, tmp_path / "out", store)
    other = Month(tmp_path / "other", drawn(STRATA, seed=9))
    with pytest.raises(DaatgalError, match="is the store of another sample"):
        handed(other, tmp_path / "two", store)
    rule = NonResponse(cannot_determine=Treatment.EXCLUDED)
    with pytest.raises(DaatgalError, match="expected zero, refused, which was fixed on"):
        hand_out(
            month.directory, tmp_path / "three", Wanted(auditors=THREE), rule,
            history=[month.night], store=store, at=NOW + timedelta(days=1),
        )  # fmt: skip


def test_a_changed_sample_is_refused(tmp_path):
    month = Month(tmp_path)
    (part,) = (month.directory / "sample").iterdir()
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)
    with pytest.raises(DaatgalError, match="was changed after it was written"):
        handed(month, tmp_path / "out", tmp_path / "store")


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"split": "colour"}, "split: found 'colour'"),
        ({"role": "king"}, "role: found 'king'"),
        ({"lang": "fr"}, "language: found 'fr'"),
        ({"auditors": ()}, "auditors: found none"),
    ],
)
def test_what_cannot_be_asked_for(month, tmp_path, wanted, message):
    with pytest.raises(DaatgalError, match=message):
        handed(month, tmp_path / "out", tmp_path / "store", **wanted)


def test_every_reason_has_words_in_both_languages():
    assert set(REASONS) == {reason.name for reason in Reason}
    for words in (*REASONS.values(), *HEADINGS.values()):
        assert all(words)
        assert words[0] != words[1]
    assert reason_words("ANOMALY_price_ratio", "en") == "an unusual value of price_ratio"
    assert reason_words("SOMETHING_NEW", "mn") == "SOMETHING_NEW"


def test_whole_number_ids_go_through(tmp_path):
    sample = drawn(STRATA)
    numbers = [10**17 + place for place in range(sample.num_rows)]
    sample = sample.set_column(0, "case_id", pa.array(numbers))
    sample = sample.set_column(1, "claim_ids", pa.array([[number] for number in numbers]))
    month = Month(tmp_path, sample)
    done = handed(month, tmp_path / "out", tmp_path / "store", split="none")
    _, *rows = sheet(done.files[0])
    assert sorted(row[0] for row in rows) == [str(number) for number in numbers], (
        "no digit is lost in a workbook"
    )
