"""`daatgal run` on the sample claims: what the README says is what comes out, and the same again changes nothing."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from daatgal.cli.app import app
from daatgal.outputs import verify

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "data_samples"
FIRST_LOOK = SAMPLES / "first-look"
README = (ROOT / "README.md").read_text()


def _invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def _run(claims: Path, out: Path, *more: object, command: str = "run") -> Any:
    facilities = ("--facilities", FIRST_LOOK / "facilities.csv")
    return _invoke(
        command, claims, *facilities, "--tariff", SAMPLES / "tariffs" / "mn-demo", "--out", out, *more
    )


@pytest.fixture(scope="module")
def first_look(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    out = tmp_path_factory.mktemp("first-look") / "out"
    done = _run(FIRST_LOOK / "claims.csv", out)
    assert done.exit_code == 0, done.stderr
    return out, done.stdout


def _rows(out: Path) -> dict[str, dict[str, Any]]:
    rows = pq.read_table(out / "ledger").to_pylist() + pq.read_table(out / "quarantine").to_pylist()
    return {row["claim_id"]: row for row in rows}


def test_the_readme_shows_the_summary_that_is_printed(first_look: tuple[Path, str]) -> None:
    _, shown = first_look
    block = re.search(r"```\n(24 rows in.*?)```", README, re.DOTALL)
    assert block is not None
    assert block[1] in shown


def test_the_readme_explains_the_row_that_comes_out(first_look: tuple[Path, str]) -> None:
    out, _ = first_look
    row = _rows(out)["C01"]
    explained = re.findall(
        r"^\| `(\w+)` \| ([^|]+) \|", README.partition("### One row")[2].partition("###")[0], re.MULTILINE
    )
    assert len(explained) >= 9
    for column, value in explained:
        assert str(row[column]) == value.strip().replace(" ", ""), column


def test_the_readme_says_what_became_of_the_others(first_look: tuple[Path, str]) -> None:
    out, _ = first_look
    rows = _rows(out)
    told = re.findall(
        r"^\| ((?:C\d+(?:, )?)+) \| ([^|]+) \|", README.partition("### And of the others")[2], re.MULTILINE
    )
    assert len(told) >= 14
    for claims, outcomes in told:
        names, parts = claims.split(", "), outcomes.split("; ")
        for name, part in zip(names, parts if len(parts) == len(names) else parts * len(names), strict=True):
            row, reasons = rows[name], re.findall(r"`(\w+)`", part)
            if "quarantine" in part:
                assert row["error_codes"] == reasons
            else:
                assert row["decision"] == part.split(",")[0].split(" ")[0], name
                assert row["reasons"] == reasons, name


def test_the_same_again_is_nothing_to_do(first_look: tuple[Path, str]) -> None:
    out, _ = first_look
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    again = _run(FIRST_LOOK / "claims.csv", out)
    assert again.exit_code == 0
    assert again.stdout.startswith("nothing to do: ")
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before


def test_for_machines_there_is_one_object(first_look: tuple[Path, str]) -> None:
    out, _ = first_look
    done = _run(FIRST_LOOK / "claims.csv", out, "--json")
    content = json.loads(done.stdout)
    assert content["unchanged"] is True
    assert content["manifest"]["control_totals"]["rows_in"] == 24
    assert done.stderr == ""


def test_settle_alone_gives_the_same_ledger(first_look: tuple[Path, str], tmp_path: Path) -> None:
    out, _ = first_look
    assert _run(FIRST_LOOK / "claims.csv", tmp_path / "out", command="settle").exit_code == 0
    part = Path("ledger") / "part-00000.parquet"
    assert (tmp_path / "out" / part).read_bytes() == (out / part).read_bytes()


def test_the_folder_of_another_run_is_refused(first_look: tuple[Path, str]) -> None:
    out, _ = first_look
    done = _run(FIRST_LOOK / "claims.csv", out, "--held-share", 100)
    assert done.exit_code == 1
    assert "which differs in held_share_bp" in done.stderr


def test_too_many_quarantined_rows_hold_the_run(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = _run(FIRST_LOOK / "claims.csv", out, "--held-share", 400)
    assert done.exit_code == 3
    assert "HELD" in done.stdout
    assert "H2 (1)" in done.stdout
    assert verify(out).held
    assert _invoke("release", out, "--who", "Сараа").exit_code == 0
    assert _run(FIRST_LOOK / "claims.csv", out, "--held-share", 400).exit_code == 0


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = _run(tmp_path / "nowhere.csv", tmp_path / "out")
    assert done.exit_code == 1
    assert "nowhere.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "claims.parquet"
    broken.write_bytes(b"PAR1 and then nothing")
    done = _run(broken, tmp_path / "out", "--json")
    assert done.exit_code == 1
    error = json.loads(done.stdout)["error"]
    assert "claims.parquet" in error
    assert "defect" not in error
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_after_warm_up_a_night_compiles_nothing(tmp_path: Path) -> None:
    """In a process of its own: kernels that other tests have compiled must not stand in for the warm-up's."""
    program = f"""
        import sys
        from daatgal.kernel_cache import choose_cache_folder
        choose_cache_folder()
        from typer.testing import CliRunner
        from numba.core import event
        import daatgal
        from daatgal.cli.app import app
        assert "compiled" in CliRunner().invoke(app, ["warm-up"]).stdout
        samples = {str(SAMPLES)!r}
        with event.install_recorder("numba:compile") as compilations:
            for claims, facilities, insured in (
                ("claims/claims.parquet", "claims/facilities.csv", ["--insured", samples + "/claims/insured.parquet"]),
                ("first-look/claims.csv", "first-look/facilities.csv", []),
            ):
                tables = ["--facilities", f"{{samples}}/{{facilities}}", "--tariff", samples + "/tariffs/mn-demo"]
                out = ["--out", {str(tmp_path)!r} + "/" + claims.split("/")[0]]
                done = CliRunner().invoke(app, ["run", f"{{samples}}/{{claims}}", *tables, *insured, *out, "--json"])
                assert done.exit_code == 0, done.output
        kernels = {{event.data["dispatcher"].py_func.__qualname__ for _, event in compilations.buffer}}
        print("compiled again:", ", ".join(sorted(kernels)))
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "compiled again:", f"the warm-up missed these kernels\n{done.stderr}"


def test_a_generated_batch_goes_through_the_night(tmp_path: Path) -> None:
    book = SAMPLES / "tariffs" / "mn-demo"
    done = _invoke("generate", tmp_path / "batch", "--tariff", book, "--claims", 700, "--seed", 3, "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["claims"] == 700
    batch = tmp_path / "batch"
    tables = ("--facilities", batch / "facilities.parquet", "--insured", batch / "insured.parquet")
    settled = _invoke("run", batch / "claims", *tables, "--tariff", book, "--out", tmp_path / "out")
    assert settled.exit_code == 0, settled.stderr
    assert "700 rows in = " in settled.stdout
    assert verify(tmp_path / "out").ok
