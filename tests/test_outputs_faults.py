"""A run that is killed, or meets a full disk, at every step: whole or not at all, and the next run puts it right.

The children are forked by `output_runs.py`, which breaks every call that changes the disk, one call a child.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def _faults(mode: str, folder: Path) -> list[dict[str, Any]]:
    program = Path(__file__).with_name("output_runs.py")
    done = subprocess.run(
        [sys.executable, program, mode, folder], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _assert_recovered(faults: list[dict[str, Any]]) -> None:
    for line in faults:
        assert line["seen"] == [], f"a reader saw a half-written result: {line}"
        assert line["again"] == 0, line
        assert line["same"], f"the outputs differ from an undisturbed run's: {line}"
        assert line["verified"], line


def test_killed_at_every_call(tmp_path: Path) -> None:
    faults = _faults("kill", tmp_path)
    assert len(faults) >= 100
    assert {line["code"] for line in faults} == {-9}
    _assert_recovered(faults)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    faults = _faults("random", tmp_path)
    assert sum(line["code"] == -9 for line in faults) >= 10
    _assert_recovered(faults)


def test_full_disk_at_every_call(tmp_path: Path) -> None:
    faults = _faults("full", tmp_path)
    assert len(faults) >= 100
    _assert_recovered(faults)
    for line in faults:
        assert line["code"] == 1 or line["committed"], f"a failing call went unnoticed: {line}"
        if not line["committed"]:
            assert line["left"] == [], f"a failed run left something behind: {line}"
