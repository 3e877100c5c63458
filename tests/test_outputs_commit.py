"""Opening, writing and finishing a run: no-ops, refusals, leftovers, and bytes that do not depend on chunks."""

import stat
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from daatgal.errors import OutputError
from daatgal.outputs import InputFile, hash_path, open_run, parts, read_manifest
from tests.output_runs import ROWS, identity, ledger, quarantine, tree, write


def _stamps(directory: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_mtime_ns, path.stat().st_ino) for path in directory.rglob("*")}


def test_manifest_lists_what_was_written(tmp_path: Path) -> None:
    content = write(tmp_path / "night")
    assert content is not None
    assert content == read_manifest(tmp_path / "night")
    assert [part["path"] for part in content["parts"]] == [
        "ledger/part-00000.parquet",
        "quarantine/part-00000.parquet",
        "summary/part-00000.parquet",
    ]
    assert [part["rows"] for part in content["parts"]] == [ROWS, 7, 0]
    assert [file["rows"] for file in content["inputs"]] == [ROWS + 7, 5]
    assert content["book"] == {"name": "mn-demo", "sha256": "b" * 64}
    assert content["held"] is False
    assert sorted(path.name for path in (tmp_path / "night").iterdir()) == [
        "ledger",
        "manifest.json",
        "quarantine",
        "summary",
    ]


def test_control_totals_are_exact(tmp_path: Path) -> None:
    content = write(tmp_path)
    assert content is not None
    totals = content["control_totals"]
    rows = ledger().to_pylist()
    for decision, sums in totals["ledger"]["decisions"].items():
        chosen = [row for row in rows if row["decision"] == decision]
        assert sums.pop("rows") == len(chosen)
        assert sums == {name: sum(row[name] for row in chosen) for name in sums}
    capped = [row for row in rows if row["decision"] == "reduced"]
    assert totals["ledger"]["reasons"] == {
        "IGNORED_VALUE": {"claims": len(capped), "deciding": 0, "excess_mnt": 0, "deducted_mnt": 0},
        "NO_DRG": {
            "claims": ROWS // 3,
            "deciding": ROWS // 3,
            "excess_mnt": 0,
            "deducted_mnt": sum(row["deducted_mnt"] for row in rows),
        },
        "OVER_CAP": {
            "claims": len(capped),
            "deciding": len(capped),
            "excess_mnt": 500 * len(capped),
            "deducted_mnt": 0,
        },
    }
    assert totals["quarantine"] == {
        "codes": {"BAD_ICD10": 3, "BAD_TYPE": 4, "MISSING_VALUE": 4},
        "worst_facilities": {"F9": 3},
    }


def test_sums_beyond_int64_are_exact(tmp_path: Path) -> None:
    most = 2**63 - 1
    zero = [0, 0, 0]
    amounts = {"gross_mnt": [most] * 3, "fund_mnt": [most] * 3, "copay_mnt": zero, "excess_mnt": zero}
    table = ledger(3).select(["claim_id", "decision", "reasons"])
    for name, values in (amounts | {"deducted_mnt": zero}).items():
        table = table.append_column(name, pa.array(values, pa.int64()))
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        run.write_table("ledger", table)
        content = run.finish(input_rows={"claims": 3}, timings={}, withheld=False)
    decisions = content["control_totals"]["ledger"]["decisions"]
    assert sum(sums["gross_mnt"] for sums in decisions.values()) == 3 * most


@pytest.mark.parametrize(
    ("column", "value"),
    [("fund_mnt", 1), ("gross_mnt", -1), ("copay_mnt", -5), ("deducted_mnt", 2**62), ("fund_mnt", None)],
)
def test_unbalanced_row_stops_the_run_and_names_the_claim(
    column: str, value: int | None, tmp_path: Path
) -> None:
    table = ledger()
    values = table[column].to_pylist()
    values[123] = value
    table = table.set_column(table.column_names.index(column), column, pa.array(values, pa.int64()))
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        with pytest.raises(OutputError, match=r"row 123, claim C000123: expected gross = fund \+ copay"):
            run.write_table("ledger", table)
    assert list(tmp_path.iterdir()) == []


def test_parts_that_only_balance_by_wrapping_are_refused(tmp_path: Path) -> None:
    table = ledger(1)
    amounts = {
        "gross_mnt": 0,
        "fund_mnt": 2**62,
        "copay_mnt": 2**62,
        "excess_mnt": 2**62,
        "deducted_mnt": 2**62,
    }
    for name, value in amounts.items():
        table = table.set_column(table.column_names.index(name), name, pa.array([value], pa.int64()))
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        with pytest.raises(OutputError, match="claim C000000"):
            run.write_table("ledger", table)


def test_rows_in_must_go_out(tmp_path: Path) -> None:
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        run.write_table("ledger", ledger())
        with pytest.raises(OutputError, match=f"{ROWS + 7} rows came in, and {ROWS} ledger"):
            run.finish(input_rows={"claims": ROWS + 7}, timings={}, withheld=False)
    assert list(tmp_path.iterdir()) == []


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    assert write(tmp_path) is not None
    before = _stamps(tmp_path)
    assert write(tmp_path) is None
    assert _stamps(tmp_path) == before


def test_a_renamed_input_is_the_same_input(tmp_path: Path) -> None:
    renamed = (InputFile("claims", "copy.parquet", "c" * 64), InputFile("facilities", "g.csv", "f" * 64))
    first = write(tmp_path / "a")
    second = write(tmp_path / "b", inputs=renamed)
    assert first is not None
    assert second is not None
    assert first["run_hash"] == second["run_hash"]
    assert write(tmp_path / "a", inputs=renamed) is None


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"book_hash": "d" * 64}, "the tariff book"),
        ({"parameters": {"held_share_bp": 100}}, "held_share_bp"),
        ({"inputs": (InputFile("claims", "claims.parquet", "e" * 64),)}, "claims, facilities"),
        ({"previous_run": "a" * 64}, "the history"),
        ({"model_hash": "a" * 64}, "the model"),
    ],
)
def test_another_runs_results_are_never_overwritten(
    changes: dict[str, Any], named: str, tmp_path: Path
) -> None:
    write(tmp_path)
    before = _stamps(tmp_path)
    with pytest.raises(OutputError, match=rf"another run .* differs in {named}; .* choose another --out"):
        write(tmp_path, **changes)
    assert _stamps(tmp_path) == before


def test_a_damaged_folder_is_not_taken_for_done(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "ledger" / "part-00000.parquet").write_bytes(b"short")
    with pytest.raises(OutputError, match=r"part-00000\.parquet: is missing or cut short"):
        write(tmp_path)


def test_tables_without_a_manifest_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir()
    (tmp_path / "ledger" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"holds ledger without a manifest\.json; expected an empty folder"):
        write(tmp_path)
    assert (tmp_path / "ledger" / "mine.txt").read_text() == "mine"


def test_other_files_in_the_folder_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert write(tmp_path) is not None
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_leaving_without_finish_leaves_nothing(tmp_path: Path) -> None:
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        staging = next(tmp_path.glob(".run-*"))
        assert stat.S_IMODE(staging.stat().st_mode) == 0o700
        run.write_table("ledger", ledger())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["ledgers", "../ledger", "quarantine"])
def test_each_table_of_the_contract_once(folder: str, tmp_path: Path) -> None:
    with open_run(tmp_path, identity()) as run:
        assert run is not None
        run.write_table("quarantine", quarantine())
        with pytest.raises(OutputError, match=r"expected one of ledger, .*, each written once"):
            run.write_table(folder, quarantine())


def test_two_runs_cannot_write_into_one_folder(tmp_path: Path) -> None:
    with (
        open_run(tmp_path, identity()),
        pytest.raises(OutputError, match="another run is writing into this folder"),
        open_run(tmp_path, identity()),
    ):
        pass


def test_parts_do_not_depend_on_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "ROW_GROUP_ROWS", 100)
    monkeypatch.setattr(parts, "PART_ROWS", 200)
    whole = ledger()
    sizes = {"whole": (ROWS,), "single": (1,) * ROWS, "odd": (0, 99, 2, 250, 0, 249, 0)}
    for name, lengths in sizes.items():
        starts = [sum(lengths[:i]) for i in range(len(lengths))]
        pieces = [whole.slice(start, length) for start, length in zip(starts, lengths, strict=True)]
        batches = [batch for piece in pieces for batch in piece.combine_chunks().to_batches()]
        with open_run(tmp_path / name, identity()) as run:
            assert run is not None
            run.write_table("ledger", pa.RecordBatchReader.from_batches(whole.schema, batches))
            run.finish(input_rows={"claims": ROWS}, timings={}, withheld=False)
    assert tree(tmp_path / "whole") == tree(tmp_path / "single") == tree(tmp_path / "odd")
    files = [f"ledger/part-{number:05d}.parquet" for number in range(3)]
    assert sorted(tree(tmp_path / "odd")) == files
    assert [pq.read_metadata(tmp_path / "odd" / file).num_row_groups for file in files] == [2, 2, 2]
    assert pa.concat_tables([pq.read_table(tmp_path / "odd" / file) for file in files]).equals(whole)


def test_dictionary_columns_stay_dictionaries(tmp_path: Path) -> None:
    write(tmp_path)
    schema = pq.read_schema(tmp_path / "ledger" / "part-00000.parquet")
    assert pa.types.is_dictionary(schema.field("decision").type)


def test_hash_of_a_folder_covers_names_and_bytes(tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.mkdir()
    (book / "a.csv").write_text("1")
    first = hash_path(book)
    (book / ".hidden").write_text("2")
    assert hash_path(book) == first
    (book / "a.csv").rename(book / "b.csv")
    renamed = hash_path(book)
    (book / "b.csv").write_text("3")
    assert len({first, renamed, hash_path(book)}) == 3
