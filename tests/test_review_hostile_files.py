"""Files of outcomes that are damaged, too large or made to unfold: refused by name, and nothing is stored."""

import io
import sqlite3
import struct
import zipfile
from contextlib import closing

import pytest

from daatgal.errors import DaatgalError, OutputError
from daatgal.review import lines as lines_module
from daatgal.review import spreadsheet
from daatgal.review.bring_back import import_results
from daatgal.review.store import open_store
from tests.review_files import GOOD, NOW, WRITERS, as_csv, as_parquet, as_xlsx, handed_out
from tests.review_month import Month
from tests.review_sample import STRATA, drawn


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return Month(tmp_path_factory.mktemp("month"), drawn(STRATA, claims=2))


@pytest.fixture
def store(month, tmp_path):
    with open_store(handed_out(month, tmp_path)) as kept:
        yield kept


def test_a_failing_import_stores_nothing(store, tmp_path, monkeypatch):
    path = as_csv(tmp_path / "a.csv", [GOOD, ("C000002", *GOOD[1:])])
    with closing(sqlite3.connect(store.path)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON outcomes WHEN NEW.outcome_id = 2 "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(OutputError, match="nothing was stored: full"):
        import_results(store, path, "Оюун", NOW)
    assert store.outcomes() == []
    assert store.refusals() == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.csv", b"case_id,outcome\nC1,correct\n", "found no column auditor, reviewed_at"),
        ("r.csv", b"outcome,auditor,reviewed_at\n", "case_id or claim_id"),
        ("r.csv", b"case_id,case_id,outcome\n", "two columns 'case_id'"),
        ("r.csv", "case_id,Тохиолдол,outcome,auditor,reviewed_at\n".encode(), "two columns for case_id"),
        ("r.csv", b"", "found an empty file"),
        ("r.csv", b"case_id,\xff\xfe\n", "not UTF-8 at byte 8"),
        ("r.csv", b'case_id,"outcome\nC1', "line 1: cannot be read as CSV"),
        ("r.doc", b"case_id", "expected one of these or a name ending in .csv"),
        ("r.xlsx", b"PK\x03\x04 and then nothing", "cannot be read as a workbook"),
        ("r.parquet", b"PAR1 and then nothing", "cannot be read as Parquet"),
        ("r.csv", b"a," * 300 + b"b\n", "found 301 columns"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(store, tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DaatgalError, match=message):
        import_results(store, path, "Оюун", NOW)
    assert store.outcomes() == []


def zipped(tmp_path, members):
    path = tmp_path / "r.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def with_sheet(tmp_path, sheet):
    """A real workbook whose sheet is replaced."""
    real = as_xlsx(tmp_path / "real.xlsx", [GOOD])
    with zipfile.ZipFile(real) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(tmp_path, members | {"xl/worksheets/sheet1.xml": sheet})


SHEET = (
    '<?xml version="1.0"?>{}'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<sheetData>{}</sheetData></worksheet>"
)
LAUGH = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("sheet", "message"),
    [
        (
            SHEET.format(LAUGH, '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>'),
            "found a document type",
        ),
        (
            SHEET.format("", '<row r="1"><c r="A1"/></row><row r="1048576"><c r="XFD1048576"/></row>'),
            "row 1,048,576, column 16,384",
        ),
        (SHEET.format("", '<row r="1"><c a=">" r="XFD1048576"><v>1</v></c></row>'), "column 16,384"),
        (SHEET.format("", '<!-- <c x=" --><row r="1"><c r="XFD1048576"/></row>'), "column 16,384"),
        (SHEET.format("", '<x:row xmlns:x="y" r="9"><x:c r="XFD1048576"/></x:row>'), "column 16,384"),
        (
            SHEET.format("", '<row r="' + "9" * 5000 + '"><c r="A' + "9" * 5000 + '"/></row>'),
            "expected at most 20,000,000 cells",
        ),
        (SHEET.format("", "<row><c></row>"), "found a sheet that is not XML"),
        (SHEET.format("", "").encode("utf-16"), "found an empty file"),
    ],
    ids=[
        "entities",
        "far cell",
        "hidden by >",
        "hidden by a comment",
        "prefixed",
        "long numbers",
        "malformed",
        "utf-16",
    ],
)
def test_a_workbook_that_would_unfold_is_refused(store, tmp_path, sheet, message):
    with pytest.raises(DaatgalError, match=message):
        import_results(store, with_sheet(tmp_path, sheet), "Оюун", NOW)


def test_bombs_and_limits(store, tmp_path, monkeypatch):
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 1 << 22)
    bomb = zipped(tmp_path, {"xl/media/big.bin": b"\0" * (1 << 23)})
    assert bomb.stat().st_size < 20_000
    with pytest.raises(DaatgalError, match="unfolds to more than 4 MiB"):
        import_results(store, bomb, "Оюун", NOW)
    many = zipped(tmp_path, {f"{number}.xml": b"" for number in range(1_001)})
    with pytest.raises(DaatgalError, match="found 1001 members"):
        import_results(store, many, "Оюун", NOW)
    monkeypatch.setattr(lines_module, "MOST_BYTES", 1_000)
    with pytest.raises(DaatgalError, match="expected a list of outcomes"):
        import_results(store, many, "Оюун", NOW)
    monkeypatch.undo()
    monkeypatch.setattr(lines_module, "MOST_ROWS", 2)
    rows = [GOOD] * 3
    for form, writer in WRITERS.items():
        if form != "parquet":
            with pytest.raises(DaatgalError, match="more than 2 rows"):
                import_results(store, writer(tmp_path / f"n.{form}", rows), "Оюун", NOW)
    monkeypatch.setattr(lines_module, "MOST_UNFOLDED", 10)
    with pytest.raises(DaatgalError, match="found more than"):
        import_results(store, as_parquet(tmp_path / "n.parquet", rows), "Оюун", NOW)


def test_a_lying_length_does_not_matter(store, tmp_path, monkeypatch):
    """A member whose header says it is small is measured as it unfolds."""
    monkeypatch.setattr(spreadsheet, "MOST_BYTES", 1 << 22)
    path = zipped(tmp_path, {"a": b"\0" * (1 << 23)})
    content = path.read_bytes().replace(struct.pack("<I", 1 << 23), struct.pack("<I", 10))
    path.write_bytes(content)
    with pytest.raises(DaatgalError, match=r"unfolds to more|cannot be read as a workbook"):
        import_results(store, path, "Оюун", NOW)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_damaged_bytes_end_in_an_error_or_in_named_lines(store, tmp_path, form):
    import random

    path = WRITERS[form](tmp_path / f"r.{form}", [GOOD] * 3)
    content, rng, named = path.read_bytes(), random.Random(7), 0
    for _ in range(150):
        broken = bytearray(content)
        for _ in range(rng.randrange(1, 5)):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
        path.write_bytes(bytes(broken[: rng.randrange(len(broken) // 2, len(broken) + 1)]))
        try:
            import_results(store, path, "Оюун", NOW)
        except DaatgalError as error:
            named += path.name in str(error)
        else:
            named += 1
    assert named == 150


def test_200_000_lines(store, tmp_path):
    rows = [("C000001", *GOOD[1:])] + [(f"X{number:06d}", *GOOD[1:]) for number in range(200_000)]
    done = import_results(store, as_csv(tmp_path / "r.csv", rows), "Оюун", NOW)
    assert (done.first, len(done.refused)) == (1, 200_000)
    assert done.refused[-1].line == 200_002


def test_30_000_lines_of_a_workbook(store, tmp_path):
    rows = [("C000001", *GOOD[1:])] + [(f"X{number:06d}", *GOOD[1:]) for number in range(30_000)]
    done = import_results(store, as_xlsx(tmp_path / "r.xlsx", rows), "Оюун", NOW)
    assert (done.first, len(done.refused)) == (1, 30_000)


def test_a_workbook_read_from_memory_only(store, tmp_path):
    """What was looked through is what is read, not what lies at the path by then."""
    path = as_xlsx(tmp_path / "r.xlsx", [GOOD])
    data = path.read_bytes()
    path.unlink()
    assert len(spreadsheet.read_first_sheet(io.BytesIO(data).getvalue(), "r.xlsx").rows) == 2
