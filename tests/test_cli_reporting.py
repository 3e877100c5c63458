"""How commands end: messages, exit codes, JSON, warnings; the caches of kernels; progress."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from daatgal.cli import summary
from daatgal.cli.app import app
from daatgal.cli.progress import Progress
from daatgal.cli.reporting import reporting
from daatgal.errors import InputError
from daatgal.outputs import read_manifest
from tests.output_runs import write

ROOT = Path(__file__).parents[1]
MN_DEMO = ROOT / "data_samples" / "tariffs" / "mn-demo"


def _invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def test_verify_says_that_all_is_well(tmp_path: Path) -> None:
    content = write(tmp_path)
    assert content is not None
    done = _invoke("verify", tmp_path)
    assert done.exit_code == 0
    assert done.stdout == f"{tmp_path}: run {content['run_hash']} is whole: 3 parts, 607 rows\n"


def test_verify_names_what_is_wrong_on_stderr(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "ledger" / "part-00000.parquet").write_bytes(b"")
    done = _invoke("verify", tmp_path)
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("daatgal: ledger/part-00000.parquet: its bytes changed")


def test_verify_for_machines(tmp_path: Path) -> None:
    content = write(tmp_path, withheld=True)
    assert content is not None
    done = _invoke("verify", tmp_path, "--json")
    assert json.loads(done.stdout) == {
        "directory": str(tmp_path),
        "ok": True,
        "run_hash": content["run_hash"],
        "held": True,
        "parts": 3,
        "rows": 607,
        "findings": [],
    }


def test_release_names_who(tmp_path: Path) -> None:
    write(tmp_path, withheld=True)
    done = _invoke("release", tmp_path, "--who", "Сараа")
    assert done.exit_code == 0
    assert "released by Сараа at " in done.stdout
    assert read_manifest(tmp_path)["held"] is False


def test_release_of_a_run_that_is_not_held_is_refused(tmp_path: Path) -> None:
    write(tmp_path)
    done = _invoke("release", tmp_path)
    assert done.exit_code == 1
    assert done.stderr.endswith("is not held; there is nothing to release\n")
    as_json = _invoke("release", tmp_path, "--json")
    assert as_json.exit_code == 1
    assert "is not held" in json.loads(as_json.stdout)["error"]


def test_tariff_check_accepts_the_demonstration_book() -> None:
    done = _invoke("tariff", "check", MN_DEMO)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("mn-demo: ")
    as_json = json.loads(_invoke("tariff", "check", MN_DEMO, "--json").stdout)
    assert as_json["book"] == "mn-demo"


def test_tariff_check_says_what_a_broken_book_lacks(tmp_path: Path) -> None:
    done = _invoke("tariff", "check", tmp_path)
    assert done.exit_code == 1
    assert done.stderr.startswith("daatgal: ")
    assert "tariff.toml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["nonsense"],
        ["run"],
        ["verify"],
        ["generate", "x", "--claims", "-1", "--tariff", "t"],
    ],
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    assert _invoke(*arguments).exit_code == 2


def test_help_lists_the_commands_in_order() -> None:
    listed = [
        line.split()[0]
        for line in _invoke("--help").stdout.partition("Commands:")[2].splitlines()
        if line.strip()
    ]
    settling, scoring = ["run", "settle"], ["score", "train"]
    auditing = ["sample", "verify-sample", "sample-report", "worklist", "extrapolate"]
    rest = ["release", "verify", "replay", "generate", "warm-up", "tariff", "key", "results"]
    assert listed == settling + scoring + auditing + rest


def test_every_command_explains_itself() -> None:
    for command in ("run", "settle", "release", "verify", "generate", "warm-up", "tariff check"):
        done = _invoke(*command.split(), "--help")
        assert done.exit_code == 0
        assert "--json" in done.stdout


def test_a_defect_is_one_line_and_shows_its_place_when_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import typer

    with pytest.raises(typer.Exit) as ended, reporting(as_json=False):
        raise ZeroDivisionError("by zero")
    assert ended.value.exit_code == 1
    assert capsys.readouterr().err == (
        "daatgal: unexpected ZeroDivisionError: by zero; this is a defect of daatgal, please report it\n"
    )
    monkeypatch.setenv("DAATGAL_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError), reporting(as_json=False):
        raise ZeroDivisionError


def test_interrupting_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    import typer

    with pytest.raises(typer.Exit) as ended, reporting(as_json=False):
        raise KeyboardInterrupt
    assert ended.value.exit_code == 130
    assert capsys.readouterr().err.startswith("daatgal: interrupted")


def test_reporting_leaves_warnings_as_it_found_them() -> None:
    import warnings

    import typer

    before = warnings.showwarning
    with pytest.raises(typer.Exit), reporting(as_json=True):
        raise InputError("no")
    assert warnings.showwarning is before


def test_progress_off_a_terminal_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(silent=False) as progress:
        for done in range(1001):
            progress("writing claims", done, 1000)
        progress("settling")
    assert capsys.readouterr().err == "writing claims 0/1,000\nwriting claims 1,000/1,000\nsettling\n"


def test_progress_for_machines_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(silent=True) as progress:
        progress("settling", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_draws_bars(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with Progress(silent=False) as progress:
        progress("settling", 1, 2)
        progress("settling", 2, 2)
    assert "settling" in capsys.readouterr().err


def test_summary_shows_counts_amounts_and_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = write(tmp_path, withheld=True)
    assert content is not None
    summary.print_summary(content, tmp_path, unchanged=False)
    shown = capsys.readouterr().out
    assert "607 rows in = 600 ledger + 7 quarantine" in shown
    denied = content["control_totals"]["ledger"]["decisions"]["denied"]
    assert f"{denied['deducted_mnt']:,} ₮" in shown
    for word in ("OVER_CAP", "NO_DRG", "BAD_ICD10", "HELD", "F9 (3)", f"daatgal release {tmp_path}"):
        assert word in shown
    summary.print_summary(content, tmp_path, unchanged=True)
    assert "nothing to do" in capsys.readouterr().out
