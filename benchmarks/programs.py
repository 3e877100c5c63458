"""Programs measured from outside: a command in, its seconds, peak memory and output out."""

import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

LAUNCHER = Path(__file__).parent / "launch.py"
ROOT = Path(__file__).parents[1]
DAATGAL = str(Path(sysconfig.get_path("scripts")) / "daatgal")
DONE, HELD = 0, 3


class Measured(NamedTuple):
    """A program that has ended."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str
    """stdout and stderr"""


def measure(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (DONE,),
) -> Measured:
    """Run a command to its end; RuntimeError with its output where it ends in another of the `codes`."""
    with tempfile.NamedTemporaryFile(mode="r", encoding="utf-8", prefix="measured-") as file:
        launched = subprocess.run(
            [sys.executable, LAUNCHER, file.name, *map(str, command)],
            env={**os.environ, **(environment or {})},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            check=True,
        )
        found = json.loads(launched.stdout)
        output = file.read()
    if found["code"] not in codes:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {found['code']}:\n{output[-4000:]}")
    return Measured(found["seconds"], found["cpu_seconds"], found["peak_bytes"], output)


def daatgal(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run `daatgal`; a run that is held has done its work too."""
    return measure([DAATGAL, *arguments], environment, (DONE, HELD))


def python(module: str, *arguments: str | Path) -> Measured:
    """Run a module of these benchmarks."""
    return measure([sys.executable, "-m", module, *arguments])
