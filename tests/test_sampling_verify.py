"""A sample is derived again by whoever has manifest, secret and case ids; whatever was changed is named."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.errors import InputError, OutputError
from daatgal.outputs import read_manifest, verify
from daatgal.sampling.keys import KeyFileError, new_key_file, read_secret, reveal_month
from daatgal.sampling.verify_sample import verify_sample
from tests.sampling_month import Month, toml
from tests.sampling_nights import MONTH, default_design, month_of_claims, write_night


@pytest.fixture
def drawn(tmp_path: Path) -> Month:
    month = Month(tmp_path)
    month.draw()
    return month


def test_an_honest_sample_has_no_findings(drawn: Month):
    assert drawn.findings() == ()
    assert drawn.findings(nights=True) == ()
    assert verify(drawn.out).ok


def test_the_revealed_secret_of_the_month_is_enough(drawn: Month, tmp_path: Path):
    reveal_month(drawn.key, MONTH, tmp_path / "october")
    assert drawn.findings(nights=True, key_file=tmp_path / "october") == ()


def test_pareto_and_claims_verify_too(tmp_path: Path):
    month = Month(tmp_path)
    design = default_design(size__floor=50, draw__method="pareto", unit="claim", month_of="service")
    month.design.write_text(toml(design), encoding="utf-8")
    month.draw()
    assert month.findings(nights=True) == ()


def test_the_same_again_is_nothing_to_do(drawn: Month):
    before = {path: path.stat().st_mtime_ns for path in drawn.out.rglob("*")}
    assert drawn.draw().unchanged
    assert {path: path.stat().st_mtime_ns for path in drawn.out.rglob("*")} == before


def test_another_key_or_design_is_another_run(drawn: Month, tmp_path: Path):
    new_key_file(tmp_path / "other")
    with pytest.raises(OutputError, match="which differs in secret_sha256"):
        drawn.draw(key_file=tmp_path / "other")
    drawn.design.write_text(toml(default_design(size__floor=51)), encoding="utf-8")
    with pytest.raises(OutputError, match="which differs in design"):
        drawn.draw()


def test_no_secret_and_no_key_is_in_what_is_written(drawn: Month):
    secret = read_secret(drawn.key, MONTH)
    following = read_secret(drawn.key, "2026-11")
    root = drawn.key.read_text().split()[1]
    frame = read_manifest(drawn.out)["control_totals"]["sample"]["frame_sha256"]
    hidden = [secret.value, following.value, bytes.fromhex(root), secret.key(frame)]
    for path in drawn.out.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for value in hidden:
            assert value not in content
            assert value.hex().encode() not in content
            assert value.hex().upper().encode() not in content


def test_a_wrong_secret_is_named(drawn: Month, tmp_path: Path):
    new_key_file(tmp_path / "other")
    (finding,) = drawn.findings(key_file=tmp_path / "other")
    assert finding.startswith("secret: its SHA-256 is ")
    assert "this is not the secret of this draw" in finding


def test_a_key_file_that_others_may_read_is_refused(drawn: Month):
    drawn.key.chmod(0o640)
    with pytest.raises(KeyFileError, match="others may read or change it"):
        drawn.findings()
    with pytest.raises(KeyFileError, match="others may read or change it"):
        drawn.draw(out=drawn.folder / "again")


def test_a_manifest_with_one_byte_changed_is_named(drawn: Month):
    path = drawn.out / "manifest.json"
    whole = path.read_bytes()
    for position in range(0, len(whole), 97):
        changed = bytearray(whole)
        changed[position] ^= 1
        path.write_bytes(changed)
        (finding,) = drawn.findings()
        assert "manifest.json: " in finding, position


def test_a_case_taken_out_is_named(drawn: Month):
    sample = drawn.sample()
    gone = sample["case_id"][3].as_py()
    drawn.rewrite("sample", sample.filter(pc.not_equal(sample["case_id"], gone)))
    assert drawn.findings() == (f"case {gone}: was drawn and is not in the sample",)


def test_a_case_put_in_for_another_is_named(drawn: Month):
    sample, frame = drawn.sample(), drawn.frame()
    stranger = frame.filter(
        pc.invert(pc.is_in(frame["case_id"], value_set=sample["case_id"].combine_chunks()))
    )
    rows = sample.to_pylist()
    gone = rows[0]["case_id"]
    rows[0] |= {"case_id": stranger["case_id"][0].as_py()}
    drawn.rewrite("sample", pa.Table.from_pylist(rows, sample.schema))
    assert drawn.findings() == (
        f"case {rows[0]['case_id']}: is in the sample and was not drawn",
        f"case {gone}: was drawn and is not in the sample",
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [("u", 7), ("weight", 1.5), ("inclusion_probability", 0.5), ("amount_mnt", 1), ("stratum", "random/x")],
)
def test_a_changed_value_of_a_drawn_row_is_named(drawn: Month, column: str, value: object):
    rows = drawn.sample().to_pylist()
    before = rows[5][column]
    rows[5][column] = value
    drawn.rewrite("sample", pa.Table.from_pylist(rows, drawn.sample().schema))
    (finding,) = drawn.findings()
    assert finding == f"sample, case {rows[5]['case_id']}: {column} is {value!r}, expected {before!r}"


def test_a_frame_without_a_case_is_named(drawn: Month):
    frame = drawn.frame()
    drawn.rewrite("frame", frame.slice(1))
    findings = drawn.findings()
    assert any("the SHA-256 of its case ids is" in finding for finding in findings)
    assert (
        f"manifest: cases is {frame.num_rows}, the design and the frame give {frame.num_rows - 1}" in findings
    )
    assert any(finding.startswith("stratum ") for finding in findings)


def test_a_case_moved_to_another_stratum_is_named(drawn: Month):
    rows = drawn.frame().to_pylist()
    other = next(row["stratum"] for row in rows if row["stratum"] != rows[0]["stratum"])
    rows[0]["stratum"] = other
    drawn.rewrite("frame", pa.Table.from_pylist(rows, drawn.frame().schema))
    assert any(
        f"frame, case {rows[0]['case_id']}: stratum is {other!r}" in found for found in drawn.findings()
    )


def test_a_changed_amount_needs_the_nights_or_moves_a_stratum(drawn: Month):
    rows = drawn.frame().to_pylist()
    rows[2]["amount_mnt"] += 1
    drawn.rewrite("frame", pa.Table.from_pylist(rows, drawn.frame().schema))
    name, amount = rows[2]["case_id"], rows[2]["amount_mnt"]
    assert any(finding.startswith("manifest: amount_mnt is ") for finding in drawn.findings())
    assert f"frame, case {name}: amount_mnt is {amount}, expected {amount - 1}" in drawn.findings(nights=True)


def test_fewer_drawn_from_a_stratum_than_the_design_says(drawn: Month):
    """A forger lowers n_h in the manifest, takes the row out and corrects the weights: the design gives it away."""
    content = read_manifest(drawn.out)
    facts = content["control_totals"]["sample"]
    stratum = max(facts["strata"], key=lambda stratum: stratum["drawn"])
    own = drawn.sample().filter(pc.equal(drawn.sample()["stratum"], stratum["name"]))
    last = max(own.to_pylist(), key=lambda row: row["u"])
    kept = drawn.sample().filter(pc.not_equal(drawn.sample()["case_id"], last["case_id"]))
    chance = (stratum["drawn"] - 1) / stratum["cases"]
    rows = kept.to_pylist()
    for row in rows:
        if row["stratum"] == stratum["name"]:
            row |= {"inclusion_probability": chance, "weight": 1 / chance}
    drawn.rewrite("sample", pa.Table.from_pylist(rows, kept.schema))
    content = read_manifest(drawn.out)
    for entry in content["control_totals"]["sample"]["strata"]:
        entry["drawn"] -= entry["name"] == stratum["name"]
    drawn.reseal(content)
    findings = drawn.findings()
    count = stratum["drawn"]
    assert (
        f"stratum {stratum['name']}: drawn is {count - 1}, the design and the frame give {count}" in findings
    )
    assert f"case {last['case_id']}: was drawn and is not in the sample" in findings


def test_other_nights_are_named(drawn: Month, tmp_path: Path):
    ledger, scores = month_of_claims(400, seed=3)
    alone = next(row for row in ledger if row["decision"] == "paid" and row["case_id"] == row["claim_id"])
    alone |= {"case_id": "moved"}
    write_night(tmp_path / "other", ledger, scores=scores)
    given = {"key_file": drawn.key, "nights": [tmp_path / "other"], "facilities": drawn.places}
    findings = verify_sample(drawn.out, **given).findings
    assert "case moved: is in the nights and not in the frame" in findings
    assert "nights: they are not the ones, in the order, that the manifest names" in findings


def test_the_month_after_needs_the_secret_that_was_committed_to(drawn: Month, tmp_path: Path):
    ledger, scores = month_of_claims(400, seed=4)
    for row in (*ledger, *scores):
        row["claim_id"] = f"N{row['claim_id']}"
    write_night(tmp_path / "november", ledger, as_of="2026-11-30", scores=scores, previous=drawn.night_hash)
    nights = [drawn.night, tmp_path / "november"]
    given = {"nights": nights, "month": "2026-11", "previous": drawn.out, "out": tmp_path / "s11"}
    new_key_file(tmp_path / "other")
    with pytest.raises(InputError, match="is not the one that 2026-10 committed to"):
        drawn.draw(**given, key_file=tmp_path / "other")
    assert not (tmp_path / "s11" / "manifest.json").exists()
    done = drawn.draw(**given)
    first = read_manifest(drawn.out)
    said = done.manifest["control_totals"]["sample"]["commitment"]
    assert said["committed_by"] == first["run_hash"] == done.manifest["previous_run"]
    assert said["secret_sha256"] == first["control_totals"]["sample"]["commitment"]["next_secret_sha256"]
    checked = {"key_file": drawn.key, "nights": nights, "facilities": drawn.places}
    assert verify_sample(tmp_path / "s11", **checked, previous=drawn.out).ok
    (finding,) = verify_sample(tmp_path / "s11", **checked).findings
    assert finding.startswith("commitment: run ")
    with pytest.raises(InputError, match="is the sample of 2026-10, expected that of 2026-11"):
        drawn.draw(nights=nights, month="2026-12", previous=drawn.out, out=tmp_path / "s12")


def test_the_command_line(drawn: Month):
    arguments = ["verify-sample", drawn.out, "--key-file", drawn.key]
    arguments += ["--nights", drawn.night, "--facilities", drawn.places]
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    assert "50 of " in done.stdout
    assert "its frame is that of the nights" in done.stdout
    sample = drawn.sample()
    drawn.rewrite("sample", sample.slice(1))
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 1
    assert f"case {sample['case_id'][0].as_py()}: was drawn and is not in the sample" in done.stderr
    done = CliRunner().invoke(app, [*(str(argument) for argument in arguments), "--json"])
    content = json.loads(done.stdout)
    assert done.exit_code == 1
    assert content["ok"] is False
    assert len(content["findings"]) == 1


def test_a_dry_run_prints_the_design_and_draws_nothing(drawn: Month):
    arguments = ["sample", "--nights", drawn.night, "--month", MONTH, "--design", drawn.design]
    arguments += ["--facilities", drawn.places, "--dry-run"]
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, done.stderr
    for text in (
        "max(0.4 % of the claims, 50) = 50 cases",
        "certainty",
        "expected, two-sided 90 %",
        "points",
    ):
        assert text in done.stdout
    asked = CliRunner().invoke(app, [*(str(argument) for argument in arguments), "--json"])
    facts = json.loads(asked.stdout)["sample"]
    said = read_manifest(drawn.out)["control_totals"]["sample"]
    assert {name: said[name] for name in facts} == facts
    missing = [str(argument) for argument in arguments[:-1]]
    assert "expected --key-file and --out, or --dry-run" in CliRunner().invoke(app, missing).stderr


@pytest.mark.parametrize(
    "key", ["strata", "design", "commitment", "month_claims", "frame_sha256", "cases", "nights"]
)
def test_a_manifest_that_lacks_what_it_has_to_say_is_a_finding(drawn: Month, key: str):
    content = read_manifest(drawn.out)
    del content["control_totals"]["sample"][key]
    drawn.reseal(content)
    (finding,) = drawn.findings(nights=True)
    assert finding.endswith(f"is not of the form that daatgal writes (KeyError: '{key}')")


def test_a_frame_that_lacks_a_column_is_a_finding(drawn: Month):
    drawn.rewrite("frame", drawn.frame().drop_columns(["percentile"]))
    (finding,) = drawn.findings()
    assert "is not of the form that daatgal writes" in finding


def test_a_folder_without_a_sample_is_named(drawn: Month):
    (finding,) = verify_sample(drawn.night, key_file=drawn.key).findings
    assert "speaks of no sample" in finding
