"""A small run to write, for the tests of the results folder; as a program, it breaks such runs at every step.

``python tests/output_runs.py MODE FOLDER`` forks one child per fault, so that a child may be killed, and prints one
JSON line per fault with what was left behind and what a second run made of it.
"""

import errno
import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from daatgal.errors import OutputError
from daatgal.outputs import InputFile, RunIdentity, open_run, parts, verify

ROWS = 600


def identity(**changes: Any) -> RunIdentity:
    """What a run is made from, with one thing changed where a test asks for it."""
    content: dict[str, Any] = {
        "inputs": (
            InputFile("claims", "claims.parquet", "c" * 64),
            InputFile("facilities", "f.csv", "f" * 64),
        ),
        "book": "mn-demo",
        "book_hash": "b" * 64,
        "parameters": {"held_share_bp": 500},
    }
    return RunIdentity(**(content | changes))


def ledger(rows: int = ROWS) -> pa.Table:
    """Paid, reduced and denied claims, in turn."""
    number = list(range(rows))
    gross = [1000 + 7 * i for i in number]
    denied = [i % 3 == 0 for i in number]
    reduced = [i % 3 == 1 for i in number]
    excess = [500 if r else 0 for r in reduced]
    copay = [0 if d else (g - e) // 10 for g, d, e in zip(gross, denied, excess, strict=True)]
    deducted = [g if d else 0 for g, d in zip(gross, denied, strict=True)]
    fund = [g - c - e - d for g, c, e, d in zip(gross, copay, excess, deducted, strict=True)]
    decision = ["denied" if d else "reduced" if r else "paid" for d, r in zip(denied, reduced, strict=True)]
    reasons = [
        ["NO_DRG"] if d else ["OVER_CAP", "IGNORED_VALUE"] if r else []
        for d, r in zip(denied, reduced, strict=True)
    ]
    return pa.table(
        {
            "claim_id": [f"C{i:06d}" for i in number],
            "insured_id": [f"P{i % 97:06d}" for i in number],
            "facility_id": [f"F{i % 5}" for i in number],
            "decision": pa.array(decision).dictionary_encode(),
            "gross_mnt": gross,
            "fund_mnt": fund,
            "copay_mnt": copay,
            "excess_mnt": excess,
            "deducted_mnt": deducted,
            "reasons": pa.array(reasons, pa.list_(pa.string())),
        }
    )


def quarantine(rows: int = 7) -> pa.Table:
    """Rows of one facility and of none, with one and with two codes."""
    return pa.table(
        {
            "row": list(range(rows)),
            "facility_id": pa.array(["F9" if i % 2 else None for i in range(rows)], pa.string()),
            "error_codes": [["BAD_ICD10"] if i % 2 else ["BAD_TYPE", "MISSING_VALUE"] for i in range(rows)],
        }
    )


def write(directory: Path, *, withheld: bool = False, **changes: Any) -> dict[str, Any] | None:
    """Write the run; None where it was there already."""
    with open_run(directory, identity(**changes)) as run:
        if run is None:
            return None
        run.write_table("ledger", ledger())
        run.write_table("quarantine", quarantine())
        run.write_table("summary", pa.table({"cases": pa.array([], pa.int64())}))
        return run.finish(
            input_rows={"claims": ROWS + 7, "facilities": 5}, timings={"decode": 0.1}, withheld=withheld
        )


def tree(directory: Path) -> dict[str, bytes]:
    """Every file but the manifest, whose timings differ; hidden ones included."""
    files = (path for path in directory.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


class Fault:
    """Counts the calls that change the disk, and breaks the one with the number `at`.

    A write is broken half way; another call before it took place or,
    where `at` is odd and the process is killed, after.
    """

    CALLS = ("open", "write", "fsync", "rename", "mkdir", "rmdir", "unlink")

    def __init__(self, at: int, mode: str) -> None:
        self.at = at
        self.mode = mode
        self.count = 0

    def install(self) -> None:
        """Patch the module `os` of this process."""
        for name in self.CALLS:
            setattr(os, name, self._wrapped(name, getattr(os, name)))

    def _wrapped(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.count += 1
            if self.count != self.at:
                return call(*arguments, **named)
            if name == "write":
                call(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
            if self.mode == "full":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if self.at % 2 and name != "write":
                call(*arguments, **named)
            os.kill(os.getpid(), signal.SIGKILL)
            return None

        return counted


def _in_child(action: Callable[[], int]) -> int:
    """Run `action` in a forked child; its exit code, or minus the signal that ended it."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            code = action()
        except OutputError:
            code = 1
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _write_faulty(directory: Path, fault: Fault) -> int:
    fault.install()
    write(directory)
    return 0


def _write_whole(directory: Path) -> int:
    write(directory)
    return 0


def _count_calls(directory: Path) -> int:
    fault = Fault(-1, "none")
    fault.install()
    write(directory)
    return fault.count


def _report(directory: Path, fault: str, code: int, reference: dict[str, bytes]) -> None:
    committed = (directory / "manifest.json").exists()
    seen = verify(directory).findings if committed else ()
    left = sorted(path.name for path in directory.iterdir()) if directory.exists() else []
    again = _in_child(lambda: _write_whole(directory))
    line = {
        "fault": fault,
        "code": code,
        "committed": committed,
        "seen": seen,
        "left": left,
        "again": again,
        "same": tree(directory) == reference,
        "verified": verify(directory).ok,
    }
    sys.stdout.write(json.dumps(line) + "\n")


def _break_every_call(folder: Path, mode: str, reference: dict[str, bytes]) -> None:
    read_end, write_end = os.pipe()

    def tell() -> int:
        os.write(write_end, str(_count_calls(folder / "count")).encode())
        return 0

    _in_child(tell)
    calls = int(os.read(read_end, 20))
    for at in range(1, calls + 1):
        directory = folder / f"{mode}-{at}"
        fault = Fault(at, mode)
        code = _in_child(lambda fault=fault, directory=directory: _write_faulty(directory, fault))
        if mode == "kill" and at % 3 == 0:
            # The run that cleans up may die as well.
            second = Fault(1 + at % 7, mode)
            _in_child(lambda fault=second, directory=directory: _write_faulty(directory, fault))
        _report(directory, f"{mode} at call {at} of {calls}", code, reference)


def _kill_at_random(folder: Path, reference: dict[str, bytes]) -> None:
    undisturbed = min(_seconds(folder / f"timed-{number}") for number in range(3))
    chance = random.Random(20190701)
    for number in range(40):
        directory = folder / f"random-{number}"
        child = os.fork()
        if child == 0:
            write(directory)
            os._exit(0)
        time.sleep(chance.uniform(0, undisturbed))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        _report(directory, f"random kill {number}", os.waitstatus_to_exitcode(status), reference)


def _seconds(directory: Path) -> float:
    started = time.perf_counter()
    _in_child(lambda: _write_whole(directory))
    return time.perf_counter() - started


def main() -> None:
    """Break runs in the way that the command line names."""
    mode, folder = sys.argv[1], Path(sys.argv[2])
    parts.BUFFER_BYTES = 256  # many small writes, so that there are many places to break
    parts.ROW_GROUP_ROWS = 128
    parts.PART_ROWS = 256
    write(folder / "reference")
    verify(folder / "reference")  # so that all is imported before the first fork
    reference = tree(folder / "reference")
    if mode == "random":
        _kill_at_random(folder, reference)
    else:
        _break_every_call(folder, mode, reference)


if __name__ == "__main__":
    main()
