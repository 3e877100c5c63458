"""A night that closes its month, and a run made again: through the command line, on the sample claims."""

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.outputs import read_manifest, verify
from daatgal.sampling.keys import new_key_file
from daatgal.sampling.verify_sample import verify_sample
from tests.sampling_month import toml
from tests.sampling_nights import default_design

SAMPLES = Path(__file__).parents[1] / "data_samples"
CLAIMS = SAMPLES / "first-look" / "claims.csv"
FACILITIES = SAMPLES / "first-look" / "facilities.csv"
BOOK = SAMPLES / "tariffs" / "mn-demo"
MONTH = "2026-10"
SETTLED = ("--facilities", FACILITIES, "--tariff", BOOK)


def _invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _close(folder: Path, out: Path, *more: object) -> Any:
    closing = ("--close-month", MONTH, "--key-file", folder / "key", "--design", folder / "design.toml")
    return _invoke("run", CLAIMS, *SETTLED, "--as-of", "2026-10-31", "--out", out, *closing, *more)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("closing")
    new_key_file(folder / "key")
    (folder / "design.toml").write_text(toml(default_design(size__floor=5)), encoding="utf-8")
    done = _close(folder, folder / "out")
    assert done.exit_code == 0, done.stderr
    return folder, done.stdout


def test_the_sample_is_in_the_night_s_folder_and_manifest(closed: tuple[Path, str]):
    folder, shown = closed
    sample, ledger = pq.read_table(folder / "out" / "sample"), pq.read_table(folder / "out" / "ledger")
    payable = {row["case_id"] for row in ledger.to_pylist() if row["decision"] in {"paid", "reduced"}}
    assert sample.num_rows == 5
    assert set(pq.read_table(folder / "out" / "frame")["case_id"].to_pylist()) == payable
    assert set(sample["case_id"].to_pylist()) <= payable
    assert "drawn: 5 of " in shown
    assert "note: no earlier sample commits to the secret of 2026-10" in shown
    assert sample["percentile"].null_count == 0
    assert verify(folder / "out").ok


def test_the_same_again_is_nothing_to_do(closed: tuple[Path, str]):
    folder, _ = closed
    before = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*")}
    again = _close(folder, folder / "out")
    assert again.exit_code == 0
    assert again.stdout.startswith("nothing to do: ")
    assert {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*")} == before


def test_the_draw_is_verified_and_is_that_of_sample_alone(closed: tuple[Path, str], tmp_path: Path):
    folder, _ = closed
    found = verify_sample(
        folder / "out", key_file=folder / "key", nights=[folder / "out"], facilities=FACILITIES
    )
    assert found.findings == ()
    drawn = ("--month", MONTH, "--key-file", folder / "key", "--design", folder / "design.toml")
    done = _invoke(
        "sample", "--nights", folder / "out", *drawn, "--facilities", FACILITIES, "--out", tmp_path / "s"
    )
    assert done.exit_code == 0, done.stderr
    part = Path("sample") / "part-00000.parquet"
    assert (tmp_path / "s" / part).read_bytes() == (folder / "out" / part).read_bytes()


def test_the_next_month_finds_the_commitment_in_the_history(closed: tuple[Path, str], tmp_path: Path):
    folder, _ = closed
    claims = tmp_path / "claims.csv"
    head, *rows = CLAIMS.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("claim_id")
    renamed = [",".join(f"N{v}" if i == place else v for i, v in enumerate(row.split(","))) for row in rows]
    claims.write_text("\n".join([head, *renamed]) + "\n", encoding="utf-8")
    closing = ("--close-month", "2026-11", "--key-file", folder / "key", "--design", folder / "design.toml")
    arguments = ("run", claims, *SETTLED, "--as-of", "2026-11-30", "--history", folder / "out", *closing)
    done = _invoke(*arguments, "--out", tmp_path / "out")
    assert done.exit_code == 0, done.stderr
    content = read_manifest(tmp_path / "out")
    october = read_manifest(folder / "out")
    said = content["control_totals"]["sample"]["commitment"]
    assert said["committed_by"] == october["run_hash"] == content["parameters"]["previous_sample"]
    nights = [folder / "out", tmp_path / "out"]
    assert verify_sample(tmp_path / "out", key_file=folder / "key", nights=nights, facilities=FACILITIES).ok
    new_key_file(tmp_path / "other")
    other = tuple(tmp_path / "other" if argument == folder / "key" else argument for argument in arguments)
    refused = _invoke(*other, "--out", tmp_path / "refused")
    assert refused.exit_code == 1
    assert "is not the one that 2026-10 committed to" in refused.stderr
    assert not (tmp_path / "refused").exists()


def test_options_that_belong_together(tmp_path: Path):
    run = ("run", CLAIMS, *SETTLED, "--out", tmp_path / "out")
    assert "found no --key-file" in _invoke(*run, "--close-month", MONTH).stderr
    assert "are for --close-month" in _invoke(*run, "--key-file", tmp_path / "key").stderr
    new_key_file(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    refused = _invoke(*run, "--close-month", MONTH, "--key-file", tmp_path / "key")
    assert refused.exit_code == 1
    assert "others may read or change it" in refused.stderr
    assert not (tmp_path / "out").exists()


def test_a_closed_night_is_replayed(closed: tuple[Path, str]):
    folder, _ = closed
    draw = ("--design", folder / "design.toml", "--key-file", folder / "key")
    done = _invoke("replay", folder / "out", "--claims", CLAIMS, *SETTLED, *draw)
    assert done.exit_code == 0, done.stderr
    parts = len(read_manifest(folder / "out")["parts"])
    assert f"came out the same again: {parts} parts" in done.stdout
    done = _invoke("replay", folder / "out", "--claims", CLAIMS, *SETTLED, *draw[:2])
    assert "found no --key-file" in done.stderr


def test_a_night_is_replayed_and_other_inputs_are_named(tmp_path: Path):
    out = tmp_path / "out"
    assert _invoke("run", CLAIMS, *SETTLED, "--out", out, "--held-share", 900).exit_code == 0
    done = _invoke("replay", out, "--claims", CLAIMS, *SETTLED, "--json")
    assert json.loads(done.stdout)["ok"] is True
    other = tmp_path / "claims.csv"
    other.write_bytes(CLAIMS.read_bytes() + b"\n")
    done = _invoke("replay", out, "--claims", other, *SETTLED, "--insured", CLAIMS, "--json")
    findings = json.loads(done.stdout)["findings"]
    assert done.exit_code == 1
    assert findings[0] == f"insured: the run had none, found {CLAIMS}"
    assert findings[1].startswith(f"claims: {other} has sha256 ")
    assert len(findings) == 2


def test_a_replay_that_comes_out_otherwise_is_named(tmp_path: Path):
    """A ledger that no run would write, under a manifest that says so: its seal is right and its content is not."""
    from daatgal.outputs import manifest as manifests

    out = tmp_path / "out"
    assert _invoke("run", CLAIMS, *SETTLED, "--out", out).exit_code == 0
    path = out / "summary" / "part-00000.parquet"
    table = pq.read_table(path)
    pq.write_table(table.slice(1), path)
    content = read_manifest(out)
    for part in content["parts"]:
        if part["path"].startswith("summary/"):
            digest = manifests.hashlib.sha256(path.read_bytes()).hexdigest()
            part |= {"rows": table.num_rows - 1, "bytes": path.stat().st_size, "sha256": digest}
    content |= {"run_hash": manifests.run_hash(content)}
    (out / "manifest.json").write_bytes(manifests.render(manifests.sealed(content)))
    assert verify(out).ok
    done = _invoke("replay", out, "--claims", CLAIMS, *SETTLED)
    assert done.exit_code == 1
    assert "summary/part-00000.parquet: came out as sha256 " in done.stderr
    assert "manifest.json: run_hash differs" in done.stderr


def test_a_sample_of_its_own_is_not_replayed(tmp_path: Path):
    from tests.sampling_month import Month

    month = Month(tmp_path)
    month.draw()
    done = _invoke("replay", month.out, "--claims", CLAIMS, *SETTLED)
    assert done.exit_code == 1
    assert "is not the folder of a night" in done.stderr
