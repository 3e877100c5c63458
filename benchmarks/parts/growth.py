"""How time and memory of a night grow with its claims."""

import tempfile
from pathlib import Path

from benchmarks.data import generated
from benchmarks.pairs import exponent
from benchmarks.parts.night import night
from benchmarks.results import Part, Target, memory, shown
from benchmarks.settings import Settings


def measure(settings: Settings) -> Part:
    runs = []
    for rows in settings.growth:
        data = generated(settings.cache, rows)
        with tempfile.TemporaryDirectory(prefix="growth-", dir=settings.cache) as folder:
            runs.append((rows, night(data, Path(folder) / "out")))
    power = exponent([rows for rows, _ in runs], [run.seconds for _, run in runs])
    (_, before), (_, last) = runs[-2:]
    grown = last.peak_bytes / before.peak_bytes
    sizes = " to ".join(f"{rows:,}" for rows, _ in (runs[0], runs[-1]))
    return Part(
        title="Growth",
        head=["rows", "s", "m rows/s", "cpu s", "peak memory", "bytes a row"],
        table=[
            [
                f"{rows:,}",
                shown(run.seconds),
                f"{rows / run.seconds / 1e6:.2f}",
                shown(run.cpu_seconds),
                memory(run.peak_bytes),
                f"{run.peak_bytes / rows:,.0f}",
            ]
            for rows, run in runs
        ],
        targets=[
            Target(f"time of a night, {sizes}", "exponent ≤ 1.05", f"{power:.2f}", power <= 1.05),
            Target(
                "memory of a night",
                "flat from 10 m on",
                f"× {grown:.2f} from {runs[-2][0]:,} to {runs[-1][0]:,}",
                runs[-2][0] >= 10_000_000 and grown <= 1.1,
            ),
        ],
        notes=["Whole `daatgal run`, Parquet in to Parquet out, start included; one run of each size."],
    )
