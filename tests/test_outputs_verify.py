"""Tampering is found and named; a held run is let go once, and keeps its hash."""

import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from daatgal.errors import OutputError
from daatgal.outputs import manifest, read_manifest, release, verify
from tests.output_runs import ROWS, identity, tree, write


def _resealed(directory: Path, content: dict[str, Any]) -> None:
    content = content | {"run_hash": manifest.run_hash(content)}
    (directory / "manifest.json").write_bytes(manifest.render(manifest.sealed(content)))


def test_a_whole_folder_verifies(tmp_path: Path) -> None:
    content = write(tmp_path)
    found = verify(tmp_path)
    assert content is not None
    assert found.ok
    assert (found.run_hash, found.parts, found.rows) == (content["run_hash"], 3, ROWS + 7)


@pytest.mark.parametrize("table", ["ledger", "quarantine", "summary"])
def test_one_changed_bit_in_a_part_is_named(table: str, tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / table / "part-00000.parquet"
    whole = path.read_bytes()
    for position in random.Random(1).sample(range(len(whole)), 20):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        (finding,) = verify(tmp_path).findings
        assert finding.startswith(f"{table}/part-00000.parquet: its bytes changed")


def test_one_changed_bit_in_the_manifest_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    path = tmp_path / "manifest.json"
    whole = path.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << (position % 8)
        path.write_bytes(changed)
        (finding,) = verify(tmp_path).findings
        assert "manifest.json: " in finding, position


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "summary" / "part-00000.parquet").unlink()
    assert verify(tmp_path).findings == (
        "summary/part-00000.parquet: cannot be read (No such file or directory)",
    )


def test_a_stale_part_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    pq.write_table(pa.table({"claim_id": ["C1"]}), tmp_path / "ledger" / "part-00009.parquet")
    assert verify(tmp_path).findings == ("ledger/part-00009.parquet: is not listed in manifest.json",)


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    (finding,) = verify(tmp_path).findings
    assert finding.endswith("has no manifest.json; expected the folder of a finished run")


@pytest.mark.parametrize(
    ("spelling", "said"),
    [
        (b"{", "is not JSON"),
        (b"[]", "has no seal"),
        (b'{"seal": "x", "format": 99}', "has format 99; this version reads format 1"),
        (b"\xff\xfe", "is not JSON"),
    ],
)
def test_what_is_no_manifest_is_named(spelling: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(spelling)
    (finding,) = verify(tmp_path).findings
    assert said in finding


def test_resealed_lies_are_found_in_the_rows(tmp_path: Path) -> None:
    content = write(tmp_path)
    assert content is not None
    part = content["parts"][0]
    _resealed(tmp_path, content | {"parts": [part | {"rows": 5}, *content["parts"][1:]]})
    assert verify(tmp_path).findings == (f"ledger/part-00000.parquet: has {ROWS} rows, the manifest says 5",)
    totals = json.loads(json.dumps(content["control_totals"]))
    totals["ledger"]["decisions"]["paid"]["fund_mnt"] += 1
    totals["rows_in"] += 1
    _resealed(tmp_path, content | {"control_totals": totals})
    assert verify(tmp_path).findings == (
        f"manifest.json: {ROWS + 8} rows in, but {ROWS} ledger + 7 quarantine",
        "manifest.json: the control totals of ledger are not those of its rows",
    )


def test_an_unbalanced_row_is_named(tmp_path: Path) -> None:
    content = write(tmp_path)
    assert content is not None
    path = tmp_path / "ledger" / "part-00000.parquet"
    table = pq.read_table(path)
    fund = table["fund_mnt"].to_pylist()
    fund[77] += 1
    position = table.column_names.index("fund_mnt")
    pq.write_table(table.set_column(position, "fund_mnt", pa.array(fund)), path)
    bytes_now = path.read_bytes()
    changed = {"sha256": manifest.hashlib.sha256(bytes_now).hexdigest(), "bytes": len(bytes_now)}
    _resealed(tmp_path, content | {"parts": [content["parts"][0] | changed, *content["parts"][1:]]})
    assert verify(tmp_path).findings == (
        "ledger/part-00000.parquet: row 77, claim C000077, does not balance",
    )


def test_run_hash_names_the_run_and_not_the_day(tmp_path: Path) -> None:
    first, second = write(tmp_path / "a"), write(tmp_path / "b")
    other = write(tmp_path / "c", book_hash="d" * 64)
    assert first is not None
    assert second is not None
    assert other is not None
    assert first["run_hash"] == second["run_hash"] != other["run_hash"]
    aged = first | {"timings": {}, "libraries": {"python": "3.99"}}
    assert manifest.run_hash(aged) == first["run_hash"]
    assert manifest.run_hash(first | {"withheld": True}) != first["run_hash"]


def test_release_lets_a_held_run_go(tmp_path: Path) -> None:
    content = write(tmp_path, withheld=True)
    assert content is not None
    assert content["held"] is True
    before = tree(tmp_path)
    released = release(tmp_path, who="Bat")
    assert released == read_manifest(tmp_path)
    assert released["held"] is False
    assert released["withheld"] is True
    assert released["run_hash"] == content["run_hash"]
    assert [entry["who"] for entry in released["releases"]] == ["Bat"]
    assert tree(tmp_path) == before
    assert verify(tmp_path).ok
    with pytest.raises(OutputError, match="is not held; there is nothing to release"):
        release(tmp_path, who="Bat")


def test_a_released_run_is_still_the_same_run(tmp_path: Path) -> None:
    write(tmp_path, withheld=True)
    release(tmp_path, who="Bat")
    assert write(tmp_path, withheld=True) is None


def test_a_release_left_half_done_harms_nothing(tmp_path: Path) -> None:
    write(tmp_path, withheld=True)
    before = tree(tmp_path)
    staging = tmp_path / f".run-{identity().digest()[:16]}"
    staging.mkdir()
    (staging / "released.json").write_bytes((tmp_path / "manifest.json").read_bytes())
    release(tmp_path, who="Bat")
    assert tree(tmp_path) == before
    assert verify(tmp_path).ok


def test_release_needs_a_finished_run(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="expected the folder of a finished run"):
        release(tmp_path / "nowhere", who="Bat")
    assert not (tmp_path / "nowhere").exists()


def test_a_forged_release_is_found(tmp_path: Path) -> None:
    content = write(tmp_path, withheld=True)
    assert content is not None
    _resealed(tmp_path, content | {"held": False})
    (finding,) = verify(tmp_path).findings
    assert "says held = False, which its releases contradict" in finding
