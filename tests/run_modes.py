"""The tests three ways: all compiled; those of kernels interpreted, with the engine's coverage, and bounds-checked too.

In: the tests. Out: an exit code, 0 if all three pass. Each way keeps its compiled kernels in a folder of its own, since
a warm cache would run unchecked code under NUMBA_BOUNDSCHECK; that an edit in any file makes them stale is seen to by
`daatgal.kernel_cache`. Arguments are handed to pytest: ``run_modes.py -k outputs``; one way alone is named first:
``run_modes.py compiled -k outputs``.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parent
MARKED = "pytestmark = pytest.mark.kernels"
"""In a file with tests of kernels; the others need not be read twice more."""
CACHE = ROOT / ".numba-cache"
WORKERS = "2"
PYTHON = (sys.executable, "-m")
PYTEST = ("pytest", "-n", WORKERS)
KERNELS = "kernels and not slow"
COVERED = ("coverage", "run", "--parallel-mode", "-m")


@dataclass(frozen=True)
class Mode:
    """One way to run the tests: all, or those of kernels; `scale` sizes down what they draw."""

    name: str
    scale: str
    select: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()


MODES = (
    Mode("compiled", scale="1"),
    Mode(
        "interpreted",
        scale="0.05",
        select=KERNELS,
        environment={"NUMBA_DISABLE_JIT": "1"},
        before=COVERED,
    ),
    Mode(
        "bounds-checked",
        scale="0.25",
        select=KERNELS,
        environment={"NUMBA_BOUNDSCHECK": "1"},
    ),
)


def run(mode: Mode, arguments: list[str]) -> bool:
    """Run pytest in this mode, its output passed on; whether all passed.

    Kernels are compiled first, side by side: each of pytest's workers would compile them all for itself.
    """
    environment = os.environ | mode.environment
    environment |= {"NUMBA_CACHE_DIR": str(CACHE / mode.name), "DAATGAL_TEST_SCALE": mode.scale}
    if "NUMBA_DISABLE_JIT" not in mode.environment:
        subprocess.run([*PYTHON, "daatgal", "warm-up"], cwd=ROOT, env=environment, check=False)
    if mode.select and not arguments:
        arguments = [str(file) for file in sorted(TESTS.glob("test_*.py")) if MARKED in file.read_text()]
    command = [*PYTHON, *mode.before, *PYTEST, "-m", mode.select, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def report_coverage() -> None:
    """Combine what the workers and their children covered, print it, and leave no pieces behind."""
    for step in (("combine", "--quiet"), ("report", "--skip-covered", "--skip-empty"), ("erase",)):
        subprocess.run([*PYTHON, "coverage", *step], cwd=ROOT, check=False)


def main() -> int:
    """Run all modes, or the one named first, also after one has failed; the number of those that did."""
    outcomes: list[str] = []
    failures = 0
    names = [mode.name for mode in MODES]
    asked = [sys.argv.pop(1)] if sys.argv[1:2] and sys.argv[1] in names else names
    for mode in (mode for mode in MODES if mode.name in asked):
        started = time.monotonic()
        print(f"--- the tests, {mode.name} ---", flush=True)
        passed = run(mode, sys.argv[1:])
        if mode.before == COVERED:
            report_coverage()
        failures += not passed
        outcomes.append(
            f"{mode.name}: {'passed' if passed else 'FAILED'}, {time.monotonic() - started:.0f} s"
        )
    print("\n".join(outcomes), flush=True)
    return failures


if __name__ == "__main__":
    sys.exit(main())
