"""How soon it starts: the help, the import, the first run ever, a run with compiled kernels."""

import json
import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.data import BOOK, Data, generated
from benchmarks.programs import daatgal
from benchmarks.programs import measure as run
from benchmarks.results import Part, Target, memory, shown
from benchmarks.settings import Settings

ROWS = 1_000
REPEATS = 7
IMPORT = (
    "from daatgal.kernel_cache import choose_cache_folder; choose_cache_folder(); import daatgal.pipeline"
)
AGAIN = """
import json, sys, time
from daatgal.kernel_cache import choose_cache_folder
choose_cache_folder()
from daatgal import settle
took = []
for _ in range(3):
    started = time.perf_counter()
    settle(sys.argv[1], facilities=sys.argv[2], insured=sys.argv[3], tariff=sys.argv[4])
    took.append(time.perf_counter() - started)
print(json.dumps(took))
"""
"""The same claims settled three times in one process: what the first takes longer is the loading of kernels."""


def measure(settings: Settings) -> Part:
    data = generated(settings.cache, ROWS)
    with tempfile.TemporaryDirectory(prefix="start-", dir=settings.cache) as folder:
        cold_cache, empty_cache = ({"NUMBA_CACHE_DIR": f"{folder}/{name}"} for name in ("cold", "import"))
        imported = run([sys.executable, "-c", IMPORT], empty_cache)
        compiled = [path for path in Path(folder, "import").rglob("*") if path.suffix in {".nbi", ".nbc"}]
        cold = daatgal(*data.night(Path(folder) / "first")[:-1], environment=cold_cache)
        kernels = len(list(Path(folder, "cold").rglob("*.nbi")))
        warm = [
            daatgal(*data.night(Path(folder) / f"warm-{k}"), environment=cold_cache) for k in range(REPEATS)
        ]
        again = [json.loads(run(_settle_again(data), cold_cache).output.splitlines()[-1]) for _ in range(3)]
    helped = [daatgal("--help") for _ in range(REPEATS)]
    help_s, warm_s = (statistics.median(one.seconds for one in runs) for runs in (helped, warm))
    loading = statistics.median(times[0] - min(times[1:]) for times in again)
    lines = [line for line in cold.output.splitlines() if "ompil" in line]
    return Part(
        title="Start",
        head=["what", "s", "peak memory"],
        table=[
            ["`daatgal --help`", shown(help_s), memory(helped[0].peak_bytes)],
            ["importing the pipeline in a new Python", shown(imported.seconds), memory(imported.peak_bytes)],
            [f"first run ever, {kernels} kernels, {ROWS:,} claims", shown(cold.seconds), memory(cold.peak_bytes)],
            [f"a later run, {ROWS:,} claims", shown(warm_s), memory(warm[0].peak_bytes)],
            ["of it: loading compiled kernels", shown(loading), ""],
        ],
        targets=[
            Target("`daatgal --help`", "≤ 0.3 s", f"{help_s:.2f} s", help_s <= 0.3),
            Target("importing compiles nothing", "0 kernels", f"{len(compiled)}", not compiled),
            Target("first run ever compiles everything", "≤ 30 s", f"{cold.seconds:.1f} s", cold.seconds <= 30),
            Target("it shows progress", "yes", "yes" if lines else "no", bool(lines)),
            Target("later runs add", "≤ 0.5 s", f"{loading:.2f} s", loading <= 0.5),
        ],
        notes=[
            (f"Medians of {REPEATS} runs, of 3 for loading, one cold run; the later run includes "
            f"{shown(imported.seconds)} s of Python and its imports."),
        ],
    )  # fmt: skip


def _settle_again(data: Data) -> list[str]:
    return [sys.executable, "-c", AGAIN, *map(str, (data.claims, data.facilities, data.insured, BOOK))]
