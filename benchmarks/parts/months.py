"""Twelve generated months in a row, each with all earlier ones as its history."""

import tempfile
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks.data import generated
from benchmarks.programs import Measured, daatgal
from benchmarks.results import Part, Target, memory, shown
from benchmarks.settings import Settings
from daatgal.sources import read_table

MONTHS = 12
SHARE = 10
"""A month here has this part of the rows of a month of the long history: each judges its people's whole year again."""
FLAT = 1.25
"""The last three months may take so much longer than the first three after the first."""


def measure(settings: Settings) -> Part:
    month_rows = settings.month_rows // SHARE
    data = generated(settings.cache, month_rows * MONTHS, MONTHS)
    claims = read_table(data.claims)
    chain: list[Path] = []
    months: list[Measured] = []
    judged: list[int] = []
    with tempfile.TemporaryDirectory(prefix="months-", dir=settings.cache) as folder:
        for begin, end in pairwise(np.arange(MONTHS + 1) * month_rows):
            own, out = Path(folder) / f"claims-{begin}.parquet", Path(folder) / f"out-{begin}"
            pq.write_table(claims.slice(begin, end - begin), own)
            history = [argument for earlier in chain for argument in ("--history", earlier)]
            months.append(daatgal("settle", own, *data.beside(), *history, "--out", out, "--json"))
            chain.append(out)
            judged.append(sum(pq.read_metadata(part).num_rows for part in (out / "state").glob("*.parquet")))
    early, late = (sum(one.cpu_seconds for one in some) for some in (months[1:4], months[-3:]))
    each = [one.cpu_seconds / rows for one, rows in zip(months, judged, strict=True)]
    return Part(
        title="Twelve months in a row",
        head=["month", "new claims", "judged", "s", "cpu s", "cpu µs a judged claim", "peak memory"],
        table=[
            [
                str(k + 1),
                f"{month_rows:,}",
                f"{judged[k]:,}",
                shown(one.seconds),
                shown(one.cpu_seconds),
                f"{each[k] * 1e6:.1f}",
                memory(one.peak_bytes),
            ]
            for k, one in enumerate(months)
        ],
        targets=[
            Target(
                "twelve months in a row stay flat",
                f"last three ≤ {FLAT} × months 2 to 4",
                f"{late / early:.2f} × in processor time; a judged claim {sum(each[-3:]) / sum(each[1:4]):.2f} ×",
                late <= FLAT * early,
            ),
        ],
        notes=[
            (
                "A night judges its new claims together with every earlier claim of the same people, so what a month "
                "judges grows with the year; the time for a judged claim is what the program can keep flat."
            ),
        ],
    )
